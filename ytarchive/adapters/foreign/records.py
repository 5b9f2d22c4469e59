"""What other tools wrote down of the files they fetched: recognised by content, wherever the file lies."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ytarchive.adapters.foreign import databases, tube_archivist
from ytarchive.adapters.foreign.reading import Unreadable, open_regular, read_capped, read_json
from ytarchive.core.adoption import VIDEO_ID, Claim, day_of_text

MOST_BYTES = 256 * 1024 * 1024
_SQLITE = b"SQLite format 3\0"
_ZIP = b"PK\x03\x04"
_LINE = re.compile(rb"[a-z0-9:_-]+ +(\S+)\s*\Z", re.IGNORECASE)
# Where tools keep their records beside the media, or in a folder above them.
_NAMES = re.compile(
    r"\..*download-(?:archive|mapping)\.json|pinchflat.*\.db|db\.sqlite3|tubesync.*\.sqlite3?"
    r"|ta_backup.*\.zip|.*archive.*\.txt|.*\.archive",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Records:
    """What one file of records says: which tool's it is, claims to files, and ids that were fetched once.

    `ids` are those that yt-dlp's download archive lists, which names no files.
    """

    tool: str
    claims: tuple[Claim, ...] = ()
    ids: frozenset[str] = frozenset()


NO_RECORDS = Records("")


def may_be_records(name: str) -> bool:
    """Whether a file in a library may hold records, by its name."""
    return _NAMES.fullmatch(name) is not None


def read_records(path: Path) -> Records:
    """Raise `Unreadable` for what is none of the known records."""
    with open(open_regular(path), "rb") as file:  # noqa: PTH123 - a descriptor
        head = file.read(4096)
    if head.startswith(_SQLITE):
        return _read("", databases.read(path))
    if head.startswith(_ZIP):
        return _read("TubeArchivist", tube_archivist.read(path))
    if head.lstrip().startswith(b"{"):
        return _ytdl_sub(path, read_json(path, MOST_BYTES))
    return _download_archive(read_capped(path, MOST_BYTES))


def _read(tool: str, claims: Iterable[Claim]) -> Records:
    made = tuple(claims)
    return Records(tool or next((claim.tool for claim in made), "a database"), made)


def _ytdl_sub(path: Path, data: Any) -> Records:
    """ytdl-sub's `.ytdl-sub-<subscription>-download-archive.json`, in the folder that its names are relative to.

    {id: {"upload_date": "2026-11-23", "extractor": "youtube", "file_names": ["Season 2026/s2026.e112301 - T.mp4"]}}
    (ytdl_sub/ytdl_additions/enhanced_download_archive.py, `DownloadMapping`).
    """
    if not isinstance(data, dict):
        raise Unreadable("is none of the records that are known")
    claims = [
        Claim("ytdl-sub", video, (*path.parent.parts, *name.split("/")), uploaded_on=_day(one))
        for video, one in data.items()
        if isinstance(one, dict) and VIDEO_ID.match(video) and _is_youtube(one.get("extractor"))
        for name in _names(one.get("file_names"))
    ]
    if not claims and data:
        raise Unreadable("is none of the records that are known")
    return Records("ytdl-sub", tuple(claims))


def _names(value: Any) -> list[str]:
    return [name for name in value if isinstance(name, str) and name] if isinstance(value, list) else []


def _day(mapping: dict[str, Any]) -> str | None:
    told = mapping.get("upload_date")
    return day_of_text(told) if isinstance(told, str) else None


def _is_youtube(extractor: Any) -> bool:
    return not isinstance(extractor, str) or extractor.lower().startswith("youtube")


def _download_archive(data: bytes) -> Records:
    """yt-dlp's --download-archive: lines of an extractor's name and an id (README, "--download-archive FILE")."""
    lines = [line for line in data.splitlines() if line.strip()]
    read = [_LINE.match(line) for line in lines]
    if not lines or not all(read):
        raise Unreadable("is none of the records that are known")
    youtube = (found[1].decode() for found in read if found and found[0].lower().startswith(b"youtube "))
    return Records("yt-dlp", ids=frozenset(video for video in youtube if VIDEO_ID.match(video)))
