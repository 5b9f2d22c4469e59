"""What titles, descriptions, channels and availabilities of videos were: a row each time that one changed."""

from __future__ import annotations

import zlib
from collections.abc import Iterable

from ytarchive.adapters.index.database import REBUILD, Database
from ytarchive.adapters.index.records import TextRecord
from ytarchive.adapters.index.texts import storable
from ytarchive.errors import IndexDamaged

_OF_VIDEO = """
SELECT field, seen_at, value FROM (
    SELECT field, n, seen_at, value FROM texts WHERE video = :video
    UNION ALL
    SELECT 'title', 1 << 40, coalesce(titled_at, seen_at, 0), title FROM videos
    WHERE id = :video AND title IS NOT NULL
    UNION ALL
    SELECT 'channel', 1 << 40, coalesce(seen_at, 0), channel FROM videos
    WHERE id = :video AND EXISTS (SELECT 1 FROM texts WHERE video = :video AND field = 'channel')
    UNION ALL
    SELECT 'availability', 1 << 40, coalesce(seen_at, 0), availability FROM videos
    WHERE id = :video AND EXISTS (SELECT 1 FROM texts WHERE video = :video AND field = 'availability')
)
ORDER BY seen_at, field, n
"""
_LATEST = "SELECT n, value FROM texts WHERE video = ? AND field = 'description' ORDER BY n DESC LIMIT 1"


def of_video(db: Database, video: str) -> tuple[TextRecord, ...]:
    """Every title and description that was seen, oldest first; channel and availability where they changed."""
    rows = db.all(_OF_VIDEO, {"video": video})
    return tuple(TextRecord(field, at, _read(db, video, value)) for field, at, value in rows)


def note_descriptions(db: Database, told: Iterable[tuple[str, str | None]], now: int) -> None:
    """Remember descriptions that differ from the last one; None tells nothing, and an empty one only that it was removed."""
    for video, description in told:
        if description is None:
            continue
        text = storable(description)
        n, latest = db.one(_LATEST, (video,)) or (0, None)
        if text == ("" if latest is None else _read(db, video, latest)):
            continue
        db.execute(
            "INSERT INTO texts VALUES (?, 'description', ?, ?, ?)",
            (video, n + 1, now, zlib.compress(text.encode())),
        )


def _read(db: Database, video: str, value: str | bytes) -> str:
    try:
        return value if isinstance(value, str) else zlib.decompress(value).decode()
    except (zlib.error, UnicodeDecodeError, TypeError) as error:
        raise IndexDamaged(f"{db.path}: a description of {video}: {error}", cure=REBUILD) from None


def retold(db: Database, limit: int) -> tuple[str, ...]:
    """Videos that are here, with no job, of which something else is said than before; by id."""
    rows = db.all(
        "SELECT r.video FROM retold r CROSS JOIN items i ON i.video = r.video AND i.condition <> 'damaged'"
        " WHERE NOT EXISTS (SELECT 1 FROM jobs j WHERE j.subject = r.video AND j.state = 'running')"
        " ORDER BY r.video LIMIT ?",
        (limit,),
    )
    return tuple(str(video) for (video,) in rows)


def forget_retold(db: Database, video: str) -> None:
    """What is said of it is in its item's history."""
    db.execute("DELETE FROM retold WHERE video = ?", (video,))
