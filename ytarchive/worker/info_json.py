"""Our info.json: named fields alone, each of a plain type. yt-dlp's own holds cookies, addresses and the client's IP."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ytarchive.core.codec import plain
from ytarchive.worker.beside import offered_captions
from ytarchive.worker.extraction import Extraction

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


def info_json(extraction: Extraction) -> bytes:
    """What is public about the video, and what was offered, as JSON that people and media servers can read."""
    info = extraction.info
    data: dict[str, Any] = {
        "_type": "video",
        "ytarchive_format": FORMAT,
        "extractor": "youtube",
        "extractor_key": "Youtube",
        "webpage_url": f"https://www.youtube.com/watch?v={info['id']}",
        **_typed(info, _TEXTS, str),
        **_typed(info, _NUMBERS, (int, float)),
        **_typed(info, _FLAGS, bool),
        **{key: texts for key in _LISTS if (texts := [x for x in info.get(key) or () if isinstance(x, str)])},
        "chapters": chapters_of(info),
        "offered": [plain(each) for each in extraction.offered],
        "captions": [plain(each) for each in offered_captions(extraction)],
    }
    return (
        json.dumps(data, ensure_ascii=False, indent=1, sort_keys=True).encode("utf-8", errors="replace")
        + b"\n"
    )


def chapters_of(info: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Chapters with a start, an end and a title each, in seconds; a chapter without an end lasts to the next."""
    found = [each for each in info.get("chapters") or () if isinstance(each, dict)]
    starts = [float(each.get("start_time") or 0.0) for each in found]
    ends = [*starts[1:], float(info.get("duration") or 0.0)] if found else []
    return [
        {
            "start_time": start,
            "end_time": float(each.get("end_time") or end),
            "title": str(each.get("title") or ""),
        }
        for each, start, end in zip(found, starts, ends, strict=True)
        if float(each.get("end_time") or end) > start
    ]


def _typed(info: Mapping[str, Any], keys: tuple[str, ...], kind: type | tuple[type, ...]) -> dict[str, Any]:
    return {key: info[key] for key in keys if isinstance(info.get(key), kind)}
