"""The contract of every executor, held by one suite of tests for all of them."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import Literal, Protocol

from ytarchive.core.failure import Evidence, verdict
from ytarchive.core.instant import Instant
from ytarchive.core.job import Event, Job, Receipt

OnEvent = Callable[[Event], None]
Stop = Literal["cancelled", "deadline"]


@dataclass(frozen=True, slots=True)
class WorkerState:
    """One slot of a pool, seen from outside. Without a process (`pid` None) it is "idle": the next job starts one.

    `last_heard_at` in epoch seconds; `jobs_done` of this process; `rss_bytes` its memory, 0 where nobody tells.
    """

    slot: int
    state: Literal["idle", "busy", "starting", "dead"]
    pid: int | None = None
    job: str | None = None
    jobs_done: int = 0
    last_heard_at: Instant | None = None
    rss_bytes: int = 0


class Executor(Protocol):
    """Runs jobs, so many at a time as it has slots."""

    def submit(self, job: Job) -> Future[Receipt]:
        """Start a job, or queue it. Raise `ValueError` for an id that runs already, `WorkerError` once closed."""
        ...

    def cancel(self, job_id: str) -> None:
        """Stop a job soon: its receipt says `cancelled`, or `done` if it was. Unknown ids are ignored."""
        ...

    def free_slots(self) -> int:
        """How many more jobs would start at once."""
        ...

    def close(self) -> None:
        """Cancel what runs, and end everything. May be called again."""
        ...


def failed(job: Job, code: str, cause: str, message: str) -> Receipt:
    """The receipt of a job whose worker did not write one."""
    evidence = Evidence(stage="worker", cause=cause, message=message)
    return Receipt(job.id, "failed", failure=verdict(code, evidence))


def stopped(job: Job, reason: Stop) -> Receipt:
    """The receipt of a job that was stopped from here."""
    if reason == "cancelled":
        return Receipt(job.id, "cancelled")
    return failed(job, "DEADLINE", "Deadline", "The job was not done at its deadline, and was stopped.")


def as_stopped(receipt: Receipt, job: Job, reason: Stop | None) -> Receipt:
    """What a job answered after it was told to stop: only that it was done already changes the verdict."""
    if reason is None or receipt.outcome == "done":
        return receipt
    verdict = stopped(job, reason)
    return replace(receipt, outcome=verdict.outcome, failure=verdict.failure)
