"""Workers seen from a pass: jobs go out, and what happens comes back in one line, in order, on one thread."""

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
    """The executor with one inbox. Executors call back from their own threads; a pass reads from its own."""

    def __init__(self, hire: Hire, clock: Clock) -> None:
        self._inbox: deque[Message] = deque()
        self._clock = clock
        self._executor = hire(self._take)

    def submit(self, job: Job) -> None:
        future = self._executor.submit(job)
        future.add_done_callback(lambda done: self._take(_ended(job.id, done)))

    def cancel(self, job_id: str) -> None:
        self._executor.cancel(job_id)

    def free_slots(self) -> int:
        return self._executor.free_slots()

    def next(self, timeout_seconds: float | None) -> Message | None:
        """The next thing that happened; None when nothing did in time, or for no reason: ask again then."""
        if not self._inbox:
            self._clock.wait(FOREVER_SECONDS if timeout_seconds is None else timeout_seconds)
        return self._inbox.popleft() if self._inbox else None

    def close(self) -> None:
        self._executor.close()

    def _take(self, message: Message) -> None:
        self._inbox.append(message)
        self._clock.wake()


def _ended(job_id: str, done: Future[Receipt]) -> Ended:
    if done.cancelled():
        return Ended(job_id, Receipt(job=job_id, outcome="cancelled"))
    error = done.exception()
    return Ended(job_id, None if error else done.result(), error)
