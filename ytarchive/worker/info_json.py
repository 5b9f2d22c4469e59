"""Our info.json: named fields alone, each of a plain type. yt-dlp's own holds cookies, addresses and the client's IP."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ytarchive.core import info_fields
from ytarchive.core.chapters import Chapter
from ytarchive.core.codec import plain
from ytarchive.worker.beside import offered_captions
from ytarchive.worker.extraction import Extraction


def info_json(extraction: Extraction) -> bytes:
    """What is public about the video, and what was offered, as JSON that people and media servers can read."""
    info = extraction.info
    return info_fields.document(
        info,
        str(info["id"]),
        offered=[plain(each) for each in extraction.offered],
        captions=[plain(each) for each in offered_captions(extraction)],
    )


def chapters_of(info: Mapping[str, Any]) -> tuple[Chapter, ...]:
    """The video's own chapters; one without an end lasts to the next."""
    return tuple(
        Chapter(each["start_time"], each["end_time"], each["title"]) for each in info_fields.chapters_of(info)
    )
