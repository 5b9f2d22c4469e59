"""Our info.json: named fields alone, each of a plain type. yt-dlp's own holds cookies, addresses and the client's IP."""

from __future__ import annotations

from ytarchive.core.codec import plain
from ytarchive.core.info_fields import chapters_of as chapters_of
from ytarchive.core.info_fields import document
from ytarchive.worker.beside import offered_captions
from ytarchive.worker.extraction import Extraction


def info_json(extraction: Extraction) -> bytes:
    """What is public about the video, and what was offered, as JSON that people and media servers can read."""
    info = extraction.info
    return document(
        info,
        str(info["id"]),
        offered=[plain(each) for each in extraction.offered],
        captions=[plain(each) for each in offered_captions(extraction)],
    )
