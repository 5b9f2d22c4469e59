"""One job in, one receipt out, whatever happens in between."""

from __future__ import annotations

import sys
import traceback
from dataclasses import replace
from pathlib import Path

from ytarchive.core.failure import Evidence, classify
from ytarchive.core.job import Engine, Job, Receipt
from ytarchive.worker.attempt import Attempt, Cancelled
from ytarchive.worker.engine import Downloader, EnginePool
from ytarchive.worker.evidence import gather
from ytarchive.worker.extraction import extract
from ytarchive.worker.fetch import Fetched, fetch, fetch_missing_captions
from ytarchive.worker.listing import read_listing
from ytarchive.worker.staging import Staging


def run_job(attempt: Attempt, pool: EnginePool, engine: Engine) -> Receipt:
    """The receipt of a job. Only what ends the process (a signal, memory) is not turned into one."""
    job = attempt.job
    try:
        attempt.check()
        receipt = _run(job, pool.open(attempt))
    except Cancelled:
        receipt = Receipt(job.id, "cancelled")
    except Exception as error:
        receipt = Receipt(job.id, "failed", classify(_evidence(error, attempt)))
    finally:
        pool.release(attempt)
    seen = attempt.seen
    return replace(
        receipt,
        offered=seen.offered,
        metadata=seen.metadata,
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
    work = fetch if job.kind == "fetch" else fetch_missing_captions
    fetched: Fetched = work(downloader, staging)
    return Receipt(job.id, "done", files=tuple(fetched.files), got=fetched.got, parts=tuple(fetched.parts))


def _evidence(error: Exception, attempt: Attempt) -> Evidence:
    evidence = gather(error, attempt)
    if evidence.cause not in _EXPECTED and not evidence.expected and not evidence.error_number:
        # For whoever reads the log; the receipt names the cause in one line.
        traceback.print_exception(error, file=sys.stderr)
    return evidence


_EXPECTED = frozenset({"Cancelled", "Deadline"})
