"""Workers and threads seen from a pass: jobs go out, and what happens comes back in one line, on one thread.

Whoever gives a job away names who takes what comes of it. So downloads are taken in while lists are looked at, and the
reverse; and calls from other threads are served wherever a pass waits.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, replace

from ytarchive import tracing
from ytarchive.adapters.clock import Clock
from ytarchive.adapters.executor import Executor, LocalExecutor, OnEvent, WorkerState
from ytarchive.core.job import Event, Job, Receipt


@dataclass(frozen=True, slots=True)
class Ended:
    """A job's end: its receipt, or the error that kept it from running at all."""

    job: str
    receipt: Receipt | None
    error: BaseException | None = None


Message = Event | Ended
Take = Callable[[Message], None]
Call = Callable[[], None]
Hire = Callable[[OnEvent], Executor]
FOREVER_SECONDS = 3600.0


class Crew:
    """Executors with one inbox. They call back from their own threads; a pass reads from its own.

    `hire` makes the workers, and `ask` the threads that ask feeds and the Data API, each when first needed.
    """

    def __init__(self, hire: Hire, ask: Hire | None, clock: Clock) -> None:
        self._inbox: deque[Message | Call] = deque()
        self._takers: dict[str, Take] = {}
        self._spans: dict[str, tracing.Begun] = {}
        self._clock = clock
        self._hire = hire
        self._ask = ask
        self._workers: Executor | None = None
        self._askers: Executor | None = None
        self._beat: Call | None = None
        self._longest_seconds = FOREVER_SECONDS

    def beat_by(self, beat: Call, seconds: float) -> None:
        """Have this called at least so often, on the thread that attends, while it attends."""
        self._beat, self._longest_seconds = beat, seconds

    @property
    def workers(self) -> Executor:
        if self._workers is None:
            self._workers = self._hire(self._put)
        return self._workers

    @property
    def askers(self) -> Executor:
        if self._askers is None:
            assert self._ask is not None, "nobody asks where nobody was hired for it"
            self._askers = self._ask(self._put)
        return self._askers

    @property
    def can_ask(self) -> bool:
        """Whether there are threads for feeds and the Data API; a model of workers has none."""
        return self._ask is not None

    def submit(self, job: Job, take: Take) -> None:
        """Give a job to a worker; `take` gets its events and its end, on the thread that attends."""
        self._give(job, take, self.workers)

    def ask(self, job: Job, take: Take) -> None:
        """Give a job to a thread instead of a worker."""
        self._give(job, take, self.askers)

    def cancel(self, job_id: str) -> None:
        for executor in (self._workers, self._askers):
            if executor is not None:
                executor.cancel(job_id)

    def free_slots(self) -> int:
        return self.workers.free_slots()

    def resize(self, slots: int) -> None:
        """Have so many worker processes, where they are on this machine."""
        if isinstance(self._workers, LocalExecutor):
            self._workers.resize(slots)

    def states(self) -> tuple[WorkerState, ...]:
        """The worker processes of this machine, if any were hired; for any thread."""
        return self._workers.workers() if isinstance(self._workers, LocalExecutor) else ()

    def post(self, call: Call) -> None:
        """From any thread: have this called on the thread that attends."""
        self._put(call)

    def attend(self, timeout_seconds: float | None) -> bool:
        """Wait for one thing that happens, and have it taken; False when nothing came in time, or for no reason."""
        if self._beat is not None:
            self._beat()
        if not self._inbox:
            longest = self._longest_seconds
            self._clock.wait(longest if timeout_seconds is None else min(timeout_seconds, longest))
        if not self._inbox:
            return False
        message = self._inbox.popleft()
        if not isinstance(message, Event | Ended):
            message()
            return True
        is_end = isinstance(message, Ended)
        take = self._takers.pop(message.job, None) if is_end else self._takers.get(message.job)
        if take is not None:
            self._hand(message, take)
        return True

    def _hand(self, message: Message, take: Take) -> None:
        """What comes of a job is taken in the job's span; its end is that of the span."""
        span = self._spans.get(message.job, tracing.NOTHING)
        if isinstance(message, Event) and message.kind == "span":
            _tell(span, message)
            return
        try:
            with span.current():
                take(message)
        finally:
            if isinstance(message, Ended):
                self._spans.pop(message.job, None)
                _end(span, message)

    def close(self) -> None:
        for executor in (self._workers, self._askers):
            if executor is not None:
                executor.close()

    def _give(self, job: Job, take: Take, executor: Executor) -> None:
        span = tracing.begin("job", job=job.id, kind=job.kind, subject=job.subject, attempt=job.attempt)
        job = replace(job, traceparent=span.traceparent) if span.traceparent else job
        self._takers[job.id], self._spans[job.id] = take, span
        try:
            future = executor.submit(job)
        except BaseException:
            del self._takers[job.id], self._spans[job.id]
            span.end("REFUSED")
            raise
        future.add_done_callback(lambda done: self._put(_ended(job.id, done)))

    def _put(self, message: Message | Call) -> None:
        self._inbox.append(message)
        self._clock.wake()


def _ended(job_id: str, done: Future[Receipt]) -> Ended:
    if done.cancelled():
        return Ended(job_id, Receipt(job=job_id, outcome="cancelled"))
    error = done.exception()
    return Ended(job_id, None if error else done.result(), error)


def _tell(span: tracing.Begun, event: Event) -> None:
    """A stage of a job, as its worker measured it."""
    name, began_at, ended_at = (event.data.get(key) for key in ("name", "started_at", "ended_at"))
    if isinstance(began_at, int | float) and isinstance(ended_at, int | float):
        span.tell(_STAGES.get(str(name), str(name))[:40], began_at, ended_at)


def _end(span: tracing.Begun, ended: Ended) -> None:
    receipt = ended.receipt
    if receipt is None:
        span.end(type(ended.error).__name__)
        return
    code = receipt.failure.code if receipt.failure else None
    requests, received = len(receipt.http), sum(one.bytes for one in receipt.http)
    span.end(code, outcome=receipt.outcome, requests=requests, received_bytes=received)


_STAGES = {"extract": "extraction", "list": "listing"}
