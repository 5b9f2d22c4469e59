"""Ask SponsorBlock about a video. Whatever it does, the video itself is none the worse for it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from urllib.parse import urlencode

from yt_dlp.networking import Request
from yt_dlp.networking.exceptions import HTTPError
from yt_dlp.utils import DownloadCancelled

from ytarchive.core.failure import Failure, verdict
from ytarchive.core.job import PartOutcome
from ytarchive.core.sponsor import NoAnswer, Segment, SponsorPart, prefix_of, read_answer
from ytarchive.worker.engine import Downloader
from ytarchive.worker.evidence import gather

API = "https://sponsor.ajay.app/api/skipSegments/"
PART = "sponsorblock"
_MOST_BYTES = 4 * 1024 * 1024
_NOTHING_KNOWN = 404


def ask(
    downloader: Downloader, parts: Sequence[SponsorPart], lasts_seconds: float
) -> tuple[tuple[Segment, ...] | None, PartOutcome]:
    """The parts of the job's video, which is so long; None when there was no answer, and the outcome says why.

    What stops the job passes on.
    """
    attempt = downloader.attempt
    since = len(attempt.http)
    stage, attempt.stage = attempt.stage, "marks"
    try:
        body = _read(downloader, parts)
        found = read_answer(attempt.job.subject, body, lasts_seconds)
    except DownloadCancelled:
        raise
    except Exception as error:
        return None, PartOutcome(PART, "failed", _failure(error, downloader, since))
    finally:
        attempt.stage = stage
    return found, PartOutcome(PART, "got")


def _failure(error: Exception, downloader: Downloader, since: int) -> Failure:
    return verdict("SPONSORBLOCK", gather(error, downloader.attempt, since=since))


def _read(downloader: Downloader, parts: Sequence[SponsorPart]) -> bytes:
    asked = urlencode(
        {"service": "YouTube", "categories": json.dumps([*parts]), "actionTypes": json.dumps(["skip"])}
    )
    address = f"{API}{prefix_of(downloader.attempt.job.subject)}?{asked}"
    with downloader.attempt.http.purpose("sponsorblock"):
        try:
            response = downloader.urlopen(Request(address))
        except HTTPError as error:
            if error.status == _NOTHING_KNOWN:  # of no video of this prefix
                return b"[]"
            raise
        try:
            body: bytes = response.read(_MOST_BYTES)
            if response.read(1):
                raise NoAnswer(f"it has more than {_MOST_BYTES} bytes")
        finally:
            response.close()
    return body
