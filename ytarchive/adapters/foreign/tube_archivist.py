"""A backup of TubeArchivist: a zip of Elasticsearch's documents, two lines of JSON each, which hold what it knows.

`cache/backup/ta_backup-<date>-<reason>.zip` with `es_video-<date>-<n>.json`: {"index": {"_index": "ta_video", "_id": id}},
then {"youtube_id", "media_url": "<channel id>/<id>.mp4", "title", "published", "channel": {"channel_id", "channel_name"}}
(tubearchivist/backend/appsettings/src/backup.py, filesystem.py).
"""

from __future__ import annotations

import json
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from ytarchive.adapters.foreign.reading import Unreadable
from ytarchive.core.adoption import VIDEO_ID, Claim, channel_id_of, day_of_text
from ytarchive.core.instant import to_iso

LINE_BYTES = 4 * 1024 * 1024
MOST_BYTES = 4 * 1024**3


def read(path: Path) -> Iterator[Claim]:
    """Raise `Unreadable` for a zip that is no such backup."""
    try:
        with zipfile.ZipFile(path) as backup:
            members = [name for name in backup.namelist() if name.startswith("es_video-")]
            if not members:
                raise Unreadable("is a zip, and no backup of TubeArchivist")
            left = MOST_BYTES
            for name in members:
                with backup.open(name) as file:
                    for line in _lines(file):
                        left -= len(line)
                        if left < 0:
                            raise Unreadable(f"unpacks to more than {MOST_BYTES // 2**30} GiB")
                        yield from _claim(line)
    except (
        zipfile.BadZipFile,
        OSError,
        EOFError,
        NotImplementedError,
        RuntimeError,
        zlib.error,
    ) as error:
        raise Unreadable(f"cannot be read as a backup of TubeArchivist: {error}") from None


def _lines(file: IO[bytes]) -> Iterator[bytes]:
    """Lines up to a limit; of a longer one nothing."""
    while line := file.readline(LINE_BYTES):
        if len(line) < LINE_BYTES or line.endswith(b"\n"):
            yield line
            continue
        while (rest := file.readline(LINE_BYTES)) and not rest.endswith(b"\n"):
            pass


def _claim(line: bytes) -> Iterator[Claim]:
    try:
        data: Any = json.loads(line)
    except (ValueError, RecursionError):
        return
    if not isinstance(data, dict) or not isinstance(data.get("youtube_id"), str):
        return
    channel = data.get("channel")
    channel = channel if isinstance(channel, dict) else {}
    place = tuple(part for part in _text(data, "media_url").split("/") if part not in ("", ".", ".."))
    if VIDEO_ID.match(data["youtube_id"]) and place:
        yield Claim(
            tool="TubeArchivist",
            video=data["youtube_id"],
            place=place,
            title=_text(data, "title") or None,
            uploaded_on=_day(data.get("published")),
            channel=_text(channel, "channel_name") or None,
            channel_id=channel_id_of(_text(channel, "channel_id")),
        )


def _text(data: dict[str, Any], key: str) -> str:
    value = data.get(key)
    return value if isinstance(value, str) else ""


def _day(published: Any) -> str | None:
    """A day, or seconds since the epoch, by the version."""
    if isinstance(published, int) and 0 <= published < 10**11:
        return to_iso(published)[:10]
    return day_of_text(published) if isinstance(published, str) else None
