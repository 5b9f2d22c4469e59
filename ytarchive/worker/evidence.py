"""From an exception of yt-dlp, and from what was seen on the way, to `Evidence` in our own words.

yt-dlp wraps what happened up to six deep, by `raise from`, by attributes of its own (`cause`, `exc_info`) and
by plain text; the chain is walked to its end, and what is typed (a status, an errno, a class) is kept apart
from what is only text.
"""

from __future__ import annotations

import re
from dataclasses import replace

from ytarchive.core.failure import Evidence, HttpExchange
from ytarchive.core.text import printable
from ytarchive.worker.attempt import Attempt
from ytarchive.worker.causes import cause_of, chain_of
from ytarchive.worker.http_log import status_of

MOST_CHARACTERS = 500
_MOST_HTTP = 50
_MOST_WARNINGS = 10
_SIGNED_OUT = "The cookies are no longer valid: they were sent, and the page is a guest's"
_WITHIN = r"/(?:parts\.\w+/|work/|out/)?"


class JobFailed(Exception):
    """A failure that we found ourselves: no exception of yt-dlp, but what we read in its results.

    `code` is its code where that is known already, else the evidence decides.
    """

    def __init__(
        self,
        message: str,
        *,
        cause: str | None = None,
        error_number: int | None = None,
        code: str | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.cause_name = cause
        self.error_number = error_number


def gather(error: BaseException, attempt: Attempt, *, since: int = 0) -> Evidence:
    """Everything that is known of why this attempt failed in the stage where it is.

    `since` is the number of requests after which the failed step began.
    """
    evidence = _from_us(error, attempt) if isinstance(error, JobFailed) else _from_exception(error, attempt)
    seen = attempt.seen
    return replace(
        evidence,
        playability=tuple(
            (client, printable(status, 60), printable(reason, 200))
            for client, status, reason in seen.playability
        ),
        http=tuple(each for each in attempt.http.exchanges()[since:] if _tells(each, attempt))[-_MOST_HTTP:],
        offered=len(seen.offered),
        real_formats=sum(each.has_url and not each.drm for each in seen.offered),
        drm_formats=sum(each.drm for each in seen.offered),
        live_status=seen.live_status,
        availability=seen.availability,
        release_at=seen.release_at,
        warnings=(
            *((_SIGNED_OUT,) if seen.signed_out else ()),
            *(_without_places(text, attempt) for text in attempt.warnings[-_MOST_WARNINGS:]),
        ),
    )


def _tells(exchange: HttpExchange, attempt: Attempt) -> bool:
    """How another service answers says nothing of YouTube."""
    return exchange.purpose != "sponsorblock" or attempt.stage == "marks"


def _from_us(error: JobFailed, attempt: Attempt) -> Evidence:
    return Evidence(
        attempt.stage,
        _without_places(str(error), attempt),
        cause=error.cause_name,
        error_number=error.error_number,
        expected=True,
    )


def _from_exception(error: BaseException, attempt: Attempt) -> Evidence:
    chain = tuple(chain_of(error))
    return Evidence(
        attempt.stage,
        _without_places(_message(chain), attempt),
        cause=cause_of(error),
        error_number=next((each.errno for each in chain if isinstance(each, OSError) and each.errno), None),
        expected=any(getattr(each, "expected", False) is True for each in chain),
        status=next((status for each in chain if (status := status_of(each))), None),
    )


def _without_places(text: str, attempt: Attempt) -> str:
    """Names of files in the staging folder without the folder: it is gone when somebody reads of it."""
    if staging := attempt.job.staging:
        text = re.sub(re.escape(staging.rstrip("/")) + _WITHIN, "", text)
    return printable(text, MOST_CHARACTERS)


def _message(chain: tuple[BaseException, ...]) -> str:
    """The extractor's own words where there are any, else the outermost exception that says something."""
    for each in chain:
        own = getattr(each, "orig_msg", None)
        if isinstance(own, str) and own:
            return own
    texts = (str(each).removeprefix("ERROR:").strip() for each in chain)
    return next((text for text in texts if text), type(chain[0]).__name__)
