"""Workers seen from a pass: jobs go out, and what happens comes back in one line, in order, on one thread."""

from __future__ import annotations

import queue
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Protocol

from ytarchive.core.job import Event, Job, Receipt


@dataclass(frozen=True, slots=True)
class Ended:
    """A job's end: its receipt, or the error that kept it from running at all."""

    job: str
    receipt: Receipt | None
    error: BaseException | None = None


Message = Event | Ended


class Executor(Protocol):
    """Runs jobs somewhere. Receipts come by future, events by the callback given at construction."""

    def submit(self, job: Job) -> Future[Receipt]: ...
    def cancel(self, job_id: str) -> None: ...
    def free_slots(self) -> int: ...
    def close(self) -> None: ...


class Crew:
    """The executor with one inbox. Executors call back from their own threads; a pass reads from its own."""

    def __init__(self, hire: Callable[[Callable[[Event], None]], Executor]) -> None:
        self._inbox: queue.Queue[Message] = queue.Queue()
        self._executor = hire(self._inbox.put)

    def submit(self, job: Job) -> None:
        future = self._executor.submit(job)
        future.add_done_callback(lambda done: self._inbox.put(_ended(job.id, done)))

    def cancel(self, job_id: str) -> None:
        self._executor.cancel(job_id)

    def free_slots(self) -> int:
        return self._executor.free_slots()

    def next(self, timeout_seconds: float | None) -> Message | None:
        """The next thing that happened, or None when nothing did in time."""
        try:
            return self._inbox.get(timeout=timeout_seconds)
        except queue.Empty:
            return None

    def close(self) -> None:
        self._executor.close()


def _ended(job_id: str, done: Future[Receipt]) -> Ended:
    if done.cancelled():
        return Ended(job_id, Receipt(job=job_id, outcome="cancelled"))
    error = done.exception()
    return Ended(job_id, None if error else done.result(), error)
