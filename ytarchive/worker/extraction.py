"""The one extraction of a video: yt-dlp reads the pages, and its dict becomes values of our own."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ytarchive.core.instant import HOUR
from ytarchive.core.item import Metadata
from ytarchive.core.selection import Format
from ytarchive.worker.attempt import Attempt
from ytarchive.worker.details import details_of
from ytarchive.worker.engine import Downloader
from ytarchive.worker.evidence import JobFailed
from ytarchive.worker.formats import Offer, read_offers

# YouTube makes a recording of a stream for up to this long; then what is there is what there will be.
_POST_LIVE_SECONDS = 72 * HOUR


@dataclass(frozen=True, slots=True)
class Extraction:
    """What YouTube offers of one video. `info` is yt-dlp's own dict: never written anywhere as it is."""

    info: Mapping[str, Any]
    offers: tuple[Offer, ...]

    @property
    def offered(self) -> tuple[Format, ...]:
        return tuple(each.format for each in self.offers)

    @property
    def duration_seconds(self) -> float | None:
        value = self.info.get("duration")
        return float(value) if isinstance(value, int | float) and value > 0 else None

    def source_of(self, media: Format) -> Mapping[str, Any]:
        return next(each.source for each in self.offers if each.format is media)


def extract(downloader: Downloader, attempt: Attempt) -> Extraction:
    """One extraction, no more. Raise what yt-dlp raises, or `JobFailed` when the video cannot be had now."""
    extraction = look(downloader, attempt)
    require_media(attempt, extraction)
    return extraction


def look(downloader: Downloader, attempt: Attempt) -> Extraction:
    """What the page tells, also of a video that cannot be had. Raise as `extract` where it tells nothing."""
    attempt.stage = "extract"
    video = attempt.job.subject
    info = downloader.extract_info(
        f"https://www.youtube.com/watch?v={video}", download=False, ie_key="Youtube", process=False
    )
    if not isinstance(info, dict) or info.get("_type", "video") != "video":
        raise JobFailed("This video requires payment: only its trailer is offered")
    if info.get("id") != video:
        raise JobFailed("All player responses are invalid: they tell of another video", cause="WrongVideo")
    extraction = Extraction(info, read_offers(info.get("formats") or ()))
    _note(attempt, extraction)
    return extraction


def require_media(attempt: Attempt, extraction: Extraction) -> None:
    """Raise `JobFailed` when the video cannot be had now."""
    _require_recording(attempt, extraction)
    if not extraction.offers:
        raise JobFailed("No video formats found!")


def _note(attempt: Attempt, extraction: Extraction) -> None:
    info, seen = extraction.info, attempt.seen
    seen.offered = extraction.offered
    seen.metadata = _metadata(info)
    seen.details = details_of(info, extraction.offered)
    seen.live_status = info.get("live_status")
    seen.availability = info.get("availability")
    release = info.get("release_timestamp")
    seen.release_at = int(release) if isinstance(release, int | float) else None


def _metadata(info: Mapping[str, Any]) -> Metadata:
    date = str(info.get("upload_date") or "")
    return Metadata(
        title=str(info.get("title") or info.get("id")),
        channel=info.get("channel") or info.get("uploader"),
        channel_id=info.get("channel_id"),
        uploaded_on=f"{date[:4]}-{date[4:6]}-{date[6:8]}" if len(date) == 8 else None,
        duration_seconds=info.get("duration"),
        availability=info.get("availability"),
        live_status=info.get("live_status"),
    )


def _require_recording(attempt: Attempt, extraction: Extraction) -> None:
    """A stream that has not begun, runs, or is being made into a recording is not downloaded yet."""
    status = attempt.seen.live_status
    if status == "is_upcoming":
        raise JobFailed("This live event will begin in a while")
    if status == "is_live":
        raise JobFailed("The video is live now")
    if status == "post_live" and not _is_long_over(attempt, extraction):
        raise JobFailed("The live stream has ended, and its recording is not made yet")


def _is_long_over(attempt: Attempt, extraction: Extraction) -> bool:
    began = attempt.seen.release_at
    if began is None or not extraction.offers:
        return False
    return time.time() - began - (extraction.duration_seconds or 0) > _POST_LIVE_SECONDS
