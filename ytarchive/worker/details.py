"""What one extraction tells of a video, besides its formats: for the index, and for filters that had to wait for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from ytarchive.core.failure import Failure
from ytarchive.core.failure_table import policy
from ytarchive.core.filters import Facts, VideoKind
from ytarchive.core.instant import DAY, Instant
from ytarchive.core.job import VideoDetails
from ytarchive.core.selection import Format

_KINDS: dict[str, VideoKind] = {"livestream": "live", "short": "shorts", "video": "videos"}
_RESTRICTED = {"MEMBERS": "subscriber_only", "PREMIUM": "premium_only", "AGE": "needs_auth"}
_ORIGINAL = 10  # yt-dlp's `language_preference` of the track that is named "original"


def details_of(info: Mapping[str, Any], offered: Iterable[Format]) -> VideoDetails | None:
    """None when the page does not even tell a title: that is no answer about the video.

    A date without a time is the beginning of that day.
    """
    title = info.get("title")
    if not isinstance(title, str) or not title:
        return None
    duration = info.get("duration")
    return VideoDetails(
        video=str(info["id"]),
        title=title,
        description=_text(info, "description"),
        channel=_text(info, "channel") or _text(info, "uploader"),
        channel_id=_text(info, "channel_id"),
        published_at=_moment(info) or _day(info),
        duration_seconds=duration if isinstance(duration, int | float) and duration > 0 else None,
        kind=_kind(info),
        availability=_text(info, "availability"),
        live_status=_text(info, "live_status"),
        language=_language(offered),
    )


def facts_of(details: VideoDetails, info: Mapping[str, Any]) -> Facts:
    """The same for a filter. What is still unknown is told nowhere."""
    published, lasts = details.published_at, 0 if _moment(info) is not None else DAY - 1
    return Facts(
        video=details.video,
        title=details.title,
        duration_seconds=details.duration_seconds,
        published_from=published,
        published_to=None if published is None else published + lasts,
        kind=details.kind,
        live_status=details.live_status,
        availability=details.availability,
        language=details.language,
        examined=True,
    )


def still_true(details: VideoDetails | None, failure: Failure | None) -> VideoDetails | None:
    """What holds although the job failed: of an address that is distrusted, or a page that came broken, nothing does.

    A refusal tells who may see the video where the page does not.
    """
    if details is None or failure is None:
        return details
    if failure.evidence.stage == "extract" and (
        failure.kind == "transient" or policy(failure.code).charged_to == "egress"
    ):
        return None
    restricted = _RESTRICTED.get(failure.code)
    if restricted is None:
        return details
    return replace(details, availability=restricted)


def _moment(info: Mapping[str, Any]) -> Instant | None:
    value = info.get("timestamp")
    return int(value) if isinstance(value, int | float) else None


def _day(info: Mapping[str, Any]) -> Instant | None:
    try:
        return int(datetime.strptime(f"{info.get('upload_date')}+0000", "%Y%m%d%z").timestamp())
    except ValueError:
        return None


def _kind(info: Mapping[str, Any]) -> VideoKind | None:
    """yt-dlp says "video" also where no page told whether it is a short one: then nobody knows."""
    kind = _KINDS.get(str(info.get("media_type")))
    told = _moment(info) is not None or bool(info.get("categories"))
    return kind if kind != "videos" or told else None


def _language(offered: Iterable[Format]) -> str | None:
    """The language that is spoken: of the original track, or of all when there is one language only."""
    spoken = {each.language: each.language_preference for each in offered if each.language}
    original = [language for language, preference in spoken.items() if preference >= _ORIGINAL]
    found = original or list(spoken)
    return found[0] if len(found) == 1 else None


def _text(info: Mapping[str, Any], key: str) -> str | None:
    value = info.get(key)
    return value if isinstance(value, str) and value else None
