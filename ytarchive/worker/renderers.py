"""Lines of lists in YouTube's own shapes, read for what we keep of them alone: an eighth of yt-dlp's work a line.

The keys are those of yt-dlp's entries, so that lines of shapes that only yt-dlp knows look the same. Added is
`published_text`, as it stands there. Whatever is not as expected raises, and yt-dlp reads the line instead.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

_WATCH = "https://www.youtube.com/watch?v="
_SHORT = "https://www.youtube.com/shorts/"
_MEMBERS = frozenset({"BADGE_MEMBERS_ONLY", "BADGE_STYLE_TYPE_MEMBERS_ONLY"})
_LIVE_STYLES = frozenset({"LIVE", "THUMBNAIL_OVERLAY_BADGE_STYLE_LIVE"})
_COUNT = re.compile(r"([\d,]+) (?:videos?|episodes?|songs?|lessons?|tracks?)", re.IGNORECASE)


def video_line(renderer: dict[str, Any]) -> dict[str, Any]:
    """Of a `playlistVideoRenderer`."""
    owner = (renderer.get("shortBylineText") or {}).get("runs") or [{}]
    published = published_text(renderer)
    overlays = [
        each.get("thumbnailOverlayTimeStatusRenderer") or {}
        for each in renderer.get("thumbnailOverlays") or ()
    ]
    styles = {str(each.get("style")) for each in overlays}
    badges = {
        str((each.get("metadataBadgeRenderer") or {}).get("style")) for each in renderer.get("badges") or ()
    }
    is_short = "SHORTS" in styles or leads_to_short(renderer.get("navigationEndpoint"))
    return {
        "_type": "url",
        "ie_key": "Youtube",
        "id": renderer["videoId"],
        "url": f"{_SHORT if is_short else _WATCH}{renderer['videoId']}",
        "title": plain_text(renderer["title"]),
        "duration": int(renderer["lengthSeconds"]),
        "channel": owner[0].get("text"),
        "channel_id": ((owner[0].get("navigationEndpoint") or {}).get("browseEndpoint") or {}).get(
            "browseId"
        ),
        "live_status": _live_status(
            "upcomingEventData" in renderer or "UPCOMING" in styles, styles | badges, published
        ),
        "availability": "subscriber_only" if badges & _MEMBERS else None,
        "published_text": published,
    }


def lockup_line(model: dict[str, Any]) -> dict[str, Any]:
    """Of a `lockupViewModel` of a video."""
    video = model["contentId"]
    metadata = model["metadata"]["lockupMetadataViewModel"]
    rows = ((metadata.get("metadata") or {}).get("contentMetadataViewModel") or {}).get("metadataRows") or ()
    channel, channel_id = _lockup_owner(rows)
    badges = list(_lockup_badges(model))
    texts = [str(badge.get("text", "")) for badge in badges]
    published = _lockup_published(rows)
    on_tap = ((model.get("rendererContext") or {}).get("commandContext") or {}).get("onTap") or {}
    is_short = leads_to_short(on_tap.get("innertubeCommand"))
    return {
        "_type": "url",
        "ie_key": "Youtube",
        "id": video,
        "url": f"{_SHORT if is_short else _WATCH}{video}",
        "title": metadata["title"]["content"],
        "duration": next((seconds for text in texts if (seconds := _clock_seconds(text)) is not None), None),
        "channel": channel,
        "channel_id": channel_id,
        "live_status": _live_status(
            any(text.lower() == "upcoming" for text in texts),
            {str(badge.get("badgeStyle")) for badge in badges},
            published,
        ),
        "availability": "subscriber_only" if _row_badges(rows) & _MEMBERS else None,
        "published_text": published,
    }


def published_text(renderer: dict[str, Any]) -> str | None:
    """When a video of an older shape was published, as it stands there."""
    for key in ("publishedTimeText", "videoInfo"):
        if text := plain_text(renderer.get(key)):
            return text
    return None


def videos_in(model: dict[str, Any]) -> int | None:
    """How many videos a playlist has, by the words on its picture: "1,234 videos"."""
    for text in _texts(model.get("contentImage")):
        if told := _COUNT.fullmatch(text.strip()):
            return int(told[1].replace(",", ""))
    return None


def count_in(data: dict[str, Any]) -> int | None:
    """How many videos a playlist has, by the words in its page header, where yt-dlp does not look."""
    header = ((data.get("header") or {}).get("pageHeaderRenderer") or {}).get("content") or {}
    metadata = (header.get("pageHeaderViewModel") or {}).get("metadata") or {}
    rows = (metadata.get("contentMetadataViewModel") or {}).get("metadataRows")
    told = [found[1] for text in _texts(rows) if (found := _COUNT.fullmatch(text.strip()))]
    return int(told[-1].replace(",", "")) if told else None  # the owner's name comes first


def leads_to_short(endpoint: Any) -> bool:
    """Whether a click leads to the player of short videos."""
    if not isinstance(endpoint, dict):
        return False
    url = ((endpoint.get("commandMetadata") or {}).get("webCommandMetadata") or {}).get("url")
    return "reelWatchEndpoint" in endpoint or str(url).startswith("/shorts/")


def plain_text(data: Any) -> str | None:
    """The text of YouTube's two ways to write one."""
    if not isinstance(data, dict):
        return None
    if isinstance(data.get("simpleText"), str):
        return str(data["simpleText"])
    return "".join(str(run.get("text") or "") for run in data.get("runs") or []) or None


def _live_status(upcoming: bool, styles: set[str], published: str | None) -> str | None:
    if upcoming:
        return "is_upcoming"
    if styles & _LIVE_STYLES or "BADGE_STYLE_TYPE_LIVE_NOW" in styles:
        return "is_live"
    return "was_live" if published and "streamed" in published.lower() else None


def _lockup_owner(rows: Any) -> tuple[str | None, str | None]:
    """The part of the rows that leads to a channel."""
    for row in rows:
        for part in row.get("metadataParts") or ():
            text = part.get("text") or {}
            for run in text.get("commandRuns") or ():
                browse = run.get("onTap", {}).get("innertubeCommand", {}).get("browseEndpoint", {})
                if str(browse.get("browseId", "")).startswith("UC"):
                    return text.get("content"), browse["browseId"]
    return None, None


def _lockup_published(rows: Any) -> str | None:
    """The last part of a row that is read aloud: views, then the time."""
    for row in rows:
        parts = row.get("metadataParts") or ()
        if parts and "accessibilityLabel" in parts[-1]:
            return str((parts[-1].get("text") or {}).get("content") or "") or None
    return None


def _row_badges(rows: Any) -> set[str]:
    return {
        str((badge.get("badgeViewModel") or {}).get("badgeStyle"))
        for row in rows
        for badge in row.get("badges") or ()
    }


def _lockup_badges(model: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """What is written on the picture: "12:34", or words such as LIVE."""
    for overlay in model.get("contentImage", {}).get("thumbnailViewModel", {}).get("overlays") or ():
        for holder, key in (
            ("thumbnailBottomOverlayViewModel", "badges"),
            ("thumbnailOverlayBadgeViewModel", "thumbnailBadges"),
        ):
            for badge in (overlay.get(holder) or {}).get(key) or ():
                yield badge.get("thumbnailBadgeViewModel") or {}


def _clock_seconds(text: str) -> int | None:
    steps = text.split(":")
    if len(steps) < 2 or not all(step.isdecimal() for step in steps):
        return None
    return int(sum(int(step) * 60**place for place, step in enumerate(reversed(steps))))


def _texts(data: Any) -> Iterator[str]:
    """Every text in a small piece of an answer."""
    if isinstance(data, str):
        yield data
    for value in data.values() if isinstance(data, dict) else data if isinstance(data, list) else ():
        yield from _texts(value)
