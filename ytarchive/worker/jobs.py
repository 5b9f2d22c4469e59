"""One job in, one receipt out, whatever happens in between."""

from __future__ import annotations

import sys
import traceback
from dataclasses import replace
from pathlib import Path

from yt_dlp.utils import YoutubeDLError

from ytarchive.core.failure import classify, verdict
from ytarchive.core.failure_table import policy
from ytarchive.core.job import Engine, Job, Receipt
from ytarchive.worker.attempt import Attempt, Cancelled
from ytarchive.worker.details import still_true
from ytarchive.worker.engine import Downloader, EnginePool
from ytarchive.worker.evidence import JobFailed, gather
from ytarchive.worker.extraction import extract
from ytarchive.worker.fetch import Fetched, fetch, fetch_beside
from ytarchive.worker.listing import read_listing
from ytarchive.worker.marking import mark
from ytarchive.worker.staging import Staging
from ytarchive.worker.verify import NotWhole

# Anything else is a bug, of ours or of yt-dlp: the log tells where.
_FORESEEN = (YoutubeDLError, JobFailed, NotWhole, OSError)


def run_job(attempt: Attempt, pool: EnginePool, engine: Engine) -> Receipt:
    """The receipt of a job. Only what ends the process (a signal, memory) is not turned into one."""
    job = attempt.job
    try:
        attempt.check()
        receipt = _run(job, pool.open(attempt))
    except Cancelled:
        receipt = Receipt(job.id, "cancelled")
    except Exception as error:
        if not isinstance(error, _FORESEEN):
            traceback.print_exception(error, file=sys.stderr)
        evidence = gather(error, attempt)
        known = error.code if isinstance(error, JobFailed) else None
        failure = verdict(known, evidence) if known else classify(evidence)
        if job.staging and policy(failure.code).discards_parts:
            Staging(Path(job.staging), job.subject).discard_parts()
        receipt = Receipt(job.id, "failed", failure)
    finally:
        attempt.end_stage()
        attempt.http.close()
        pool.release(attempt)
    seen = attempt.seen
    return replace(
        receipt,
        offered=seen.offered,
        metadata=seen.metadata,
        details=still_true(seen.details, receipt.failure),
        target=seen.target,
        http=attempt.http.exchanges(),
        engine=replace(engine, client=seen.client),
    )


def _run(job: Job, downloader: Downloader) -> Receipt:
    if job.kind == "list":
        listed = read_listing(downloader)
        return Receipt(job.id, "done", listed.failure, listing=listed.summary)
    if job.kind == "probe":
        extract(downloader, downloader.attempt)
        return Receipt(job.id, "done")
    staging = Staging(Path(job.staging), job.subject)
    if job.kind == "mark":
        marked = mark(downloader, staging)
        parts = (marked.outcome,) if marked.outcome else ()
        return Receipt(job.id, "done", files=tuple(marked.files), parts=parts, sponsors=marked.sponsors)
    work = fetch if job.kind == "fetch" else fetch_beside
    fetched: Fetched = work(downloader, staging)
    return Receipt(
        job.id,
        "done",
        files=tuple(fetched.files),
        got=fetched.got,
        parts=tuple(fetched.parts),
        chapters=fetched.chapters,
        sponsors=fetched.sponsors,
    )
