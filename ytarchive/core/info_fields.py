"""Our info.json: named fields alone, each of a plain type. yt-dlp's own holds cookies, addresses and the client's IP.

It is made of what yt-dlp knows of a video: from its own dict after an extraction, or from the info.json that another
tool left beside what is adopted.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

FORMAT = 1

_TEXTS = (
    "id",
    "title",
    "alt_title",
    "description",
    "channel",
    "channel_id",
    "channel_url",
    "uploader",
    "uploader_id",
    "uploader_url",
    "upload_date",
    "release_date",
    "availability",
    "live_status",
    "media_type",
    "license",
    "location",
    "language",
    "album",
    "track",
    "series",
)
_NUMBERS = (
    "timestamp",
    "release_timestamp",
    "release_year",
    "duration",
    "view_count",
    "like_count",
    "comment_count",
    "channel_follower_count",
    "average_rating",
    "age_limit",
    "season_number",
    "episode_number",
)
_FLAGS = ("playable_in_embed", "channel_is_verified")
_LISTS = ("categories", "tags", "artists", "creators")


def document(
    info: Mapping[str, Any],
    video: str,
    *,
    offered: list[Any] | None = None,
    captions: list[Any] | None = None,
) -> bytes:
    """What is public about a video, as JSON that people and media servers can read; `offered` where that is known."""
    data: dict[str, Any] = {
        "_type": "video",
        "ytarchive_format": FORMAT,
        "extractor": "youtube",
        "extractor_key": "Youtube",
        "webpage_url": f"https://www.youtube.com/watch?v={video}",
        **_typed(info, _TEXTS, str),
        **_typed(info, _NUMBERS, (int, float)),
        **_typed(info, _FLAGS, bool),
        **{key: texts for key in _LISTS if (texts := _texts(info.get(key)))},
        "id": video,
        "chapters": chapters_of(info),
        **({} if offered is None else {"offered": offered}),
        **({} if captions is None else {"captions": captions}),
    }
    return (
        json.dumps(data, ensure_ascii=False, indent=1, sort_keys=True).encode("utf-8", errors="replace")
        + b"\n"
    )


def chapters_of(info: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Chapters with a start, an end and a title each, in seconds; a chapter without an end lasts to the next."""
    told = info.get("chapters")
    found = [each for each in told if isinstance(each, dict)] if isinstance(told, list | tuple) else []
    starts = [number_of(each.get("start_time")) or 0.0 for each in found]
    ends = [*starts[1:], number_of(info.get("duration")) or 0.0] if found else []
    return [
        {"start_time": start, "end_time": own or end, "title": str(each.get("title") or "")}
        for each, start, end in zip(found, starts, ends, strict=True)
        if ((own := number_of(each.get("end_time"))) or end) > start
    ]


def number_of(value: object) -> float | None:
    """A number that makes sense as a float; None for anything else, such as NaN and what no float can hold."""
    return float(value) if isinstance(value, int | float) and _is_sane(value) else None


def _is_sane(value: float) -> bool:
    return abs(value) < 1e15  # not true of NaN either


def _texts(value: object) -> list[str]:
    return [text for text in value if isinstance(text, str)] if isinstance(value, list | tuple) else []


def _typed(info: Mapping[str, Any], keys: tuple[str, ...], kind: type | tuple[type, ...]) -> dict[str, Any]:
    """What is there of that kind. JSON has no number that is not finite, though Python reads and writes some."""
    return {
        key: value
        for key in keys
        if isinstance(value := info.get(key), kind)
        and (not isinstance(value, int | float) or _is_sane(value))
    }
