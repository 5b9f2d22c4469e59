"""What to take of an extraction: never less than the wish because something was hidden that may show later."""

from __future__ import annotations

from dataclasses import replace

from ytarchive.core.failure_table import policy
from ytarchive.core.job import Job
from ytarchive.core.nearness import SETTLES_AFTER, is_nearer, why_less
from ytarchive.core.selection import Choice, choose
from ytarchive.worker.attempt import Attempt
from ytarchive.worker.evidence import JobFailed, gather
from ytarchive.worker.extraction import Extraction


def settle(attempt: Attempt, extraction: Extraction) -> tuple[Choice, str | None]:
    """The choice, and the code of what hid a better one where the time to wait for that is over.

    Raise `JobFailed` when nothing answers the wish, or what answers it better is hidden and may be waited for.
    """
    job, seen = attempt.job, attempt.seen
    choice = choose(extraction.offered, job.target)
    hidden = why_less(
        choice, extraction.offered, seen.named, job.target, gather(JobFailed("Something is hidden"), attempt)
    )
    labels = sorted({each.label for each in extraction.offered if each.label})
    offered = ", ".join(f"{label}p" for label in labels) or "no picture"
    if hidden is not None and (choice is None or not _may_settle(job, choice, hidden)):
        raise JobFailed(f"YouTube has more than it showed; offered: {offered}", code=hidden)
    if choice is None:
        raise JobFailed(f"Requested format is not available; offered: {offered}")
    if hidden is None:
        return choice, None
    return replace(choice, below_wish=True), hidden


def _may_settle(job: Job, choice: Choice, hidden: str) -> bool:
    """After some attempts. A look has something already: only trouble that passes is a reason to look once more."""
    if job.got is None:
        return job.attempt > SETTLES_AFTER
    return policy(hidden).kind != "transient" or is_nearer(choice, job.got, job.target)
