"""Workers and threads seen from a pass: jobs go out, and what happens comes back in one line, on one thread."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass

from ytarchive.adapters.clock import Clock
from ytarchive.adapters.executor import Executor, OnEvent
from ytarchive.core.job import Event, Job, Receipt


@dataclass(frozen=True, slots=True)
class Ended:
    """A job's end: its receipt, or the error that kept it from running at all."""

    job: str
    receipt: Receipt | None
    error: BaseException | None = None


Message = Event | Ended


Hire = Callable[[OnEvent], Executor]
FOREVER_SECONDS = 3600.0


class Crew:
    """Executors with one inbox. They call back from their own threads; a pass reads from its own.

    `hire` makes the workers, and `ask` the threads that ask feeds and the Data API, each when first needed.
    """

    def __init__(self, hire: Hire, ask: Hire | None, clock: Clock) -> None:
        self._inbox: deque[Message] = deque()
        self._clock = clock
        self._hire = hire
        self._ask = ask
        self._workers: Executor | None = None
        self._askers: Executor | None = None

    @property
    def workers(self) -> Executor:
        if self._workers is None:
            self._workers = self._hire(self._take)
        return self._workers

    @property
    def askers(self) -> Executor:
        if self._askers is None:
            assert self._ask is not None, "nobody asks where nobody was hired for it"
            self._askers = self._ask(self._take)
        return self._askers

    @property
    def can_ask(self) -> bool:
        """Whether there are threads for feeds and the Data API; a model of workers has none."""
        return self._ask is not None

    def submit(self, job: Job) -> None:
        self._watch(job, self.workers.submit(job))

    def ask(self, job: Job) -> None:
        """Give a job to a thread instead of a worker."""
        self._watch(job, self.askers.submit(job))

    def cancel(self, job_id: str) -> None:
        for executor in (self._workers, self._askers):
            if executor is not None:
                executor.cancel(job_id)

    def free_slots(self) -> int:
        return self.workers.free_slots()

    def next(self, timeout_seconds: float | None) -> Message | None:
        """The next thing that happened; None when nothing did in time, or for no reason: ask again then."""
        if not self._inbox:
            self._clock.wait(FOREVER_SECONDS if timeout_seconds is None else timeout_seconds)
        return self._inbox.popleft() if self._inbox else None

    def close(self) -> None:
        for executor in (self._workers, self._askers):
            if executor is not None:
                executor.close()

    def _watch(self, job: Job, future: Future[Receipt]) -> None:
        future.add_done_callback(lambda done: self._take(_ended(job.id, done)))

    def _take(self, message: Message) -> None:
        self._inbox.append(message)
        self._clock.wake()


def _ended(job_id: str, done: Future[Receipt]) -> Ended:
    if done.cancelled():
        return Ended(job_id, Receipt(job=job_id, outcome="cancelled"))
    error = done.exception()
    return Ended(job_id, None if error else done.result(), error)
