"""Ask the filters that could not decide without the video's own page, now that it was read."""

from __future__ import annotations

from dataclasses import replace

from ytarchive.core import filters
from ytarchive.core.desired import unite
from ytarchive.core.job import VideoDetails
from ytarchive.worker.attempt import Attempt
from ytarchive.worker.details import facts_of
from ytarchive.worker.extraction import Extraction


def is_wanted(attempt: Attempt, extraction: Extraction) -> bool:
    """Whether any filter wants the video. The job then has the united target of those that do, and no provisos.

    What the page does not tell excludes nothing.
    """
    job = attempt.job
    if not job.provisos:
        return True
    facts = facts_of(attempt.seen.details or VideoDetails(job.subject), extraction.info)
    accepted = [
        each.target for each in job.provisos if filters.judge(each.where, facts).outcome != "excluded"
    ]
    if not accepted:
        return False
    target = attempt.seen.target = unite(accepted)
    attempt.job = replace(job, target=target, provisos=())
    return True
