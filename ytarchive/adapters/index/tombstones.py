"""Videos that YouTube says are gone. One look is no proof: a second one on another day confirms it (`core.confirmation`).

What was known of such a video stays as it was last told.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from ytarchive.adapters.index.database import Database
from ytarchive.adapters.index.records import Tombstone
from ytarchive.adapters.index.texts import storable
from ytarchive.core.confirmation import LOOKS_OF_A_TOMBSTONE, Looks, looked
from ytarchive.core.instant import Instant
from ytarchive.core.work_plan import OnlyCopy

_COLUMNS = "video, code, first_at, last_at, confirmed_at, looks, message"


def record(db: Database, video: str, code: str | None, now: int, message: str | None = None) -> Tombstone:
    """One more look that found a video gone; a clock that went back begins the wait again.

    `code` None: it is missing where it should be listed, and nobody says why, which agrees with whatever was said.
    """
    with db.transaction():
        known = read(db, video)
        code = code or (known.code if known else "UNAVAILABLE")
        looks = looked(_looks(db, video), code, now)
        confirmed_at = known.confirmed_at if known else None
        if confirmed_at is None and looks.count >= LOOKS_OF_A_TOMBSTONE:
            confirmed_at = now
        first_at = min(known.first_at, now) if known else now
        said = storable(message) if message else known.message if known else None
        tombstone = Tombstone(video, code, first_at, now, confirmed_at, looks.count, said)
        _write(db, tombstone, looks.at)
    return tombstone


def restore(db: Database, video: str, code: str, confirmed_at: Instant) -> None:
    """What was confirmed before the index was made."""
    stone = Tombstone(video, code, confirmed_at, confirmed_at, confirmed_at, LOOKS_OF_A_TOMBSTONE)
    _write(db, stone, confirmed_at)


def doubt(db: Database, video: str) -> None:
    """Another failure came in between: what is not confirmed yet starts again."""
    if exist(db):
        db.execute("UPDATE tombstones SET looks = 0 WHERE video = ? AND confirmed_at IS NULL", (video,))


def withdraw(db: Database, videos: Sequence[str]) -> None:
    """These were seen alive again."""
    if exist(db):
        chosen = (json.dumps(list(videos)),)
        db.execute("DELETE FROM tombstones WHERE video IN (SELECT value FROM json_each(?))", chosen)


def exist(db: Database) -> bool:
    return bool(db.value("SELECT EXISTS (SELECT 1 FROM tombstones)"))


def read(db: Database, video: str) -> Tombstone | None:
    row = db.one(f"SELECT {_COLUMNS} FROM tombstones WHERE video = ?", (video,))  # noqa: S608 - no input
    return Tombstone(*row) if row else None


def _looks(db: Database, video: str) -> Looks | None:
    row = db.one("SELECT code, looks, looked_at FROM tombstones WHERE video = ?", (video,))
    return Looks(*row) if row else None


def _write(db: Database, stone: Tombstone, looked_at: Instant) -> None:
    with db.transaction():
        db.execute(
            "INSERT OR REPLACE INTO tombstones VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(stone.video, stone.code, stone.first_at, stone.last_at, stone.confirmed_at),
                *(stone.looks, looked_at, stone.message),
            ),
        )


_HELD = """
SELECT t.video, v.title, v.channel, v.channel_id, v.uploaded_on, t.code, t.first_at, t.confirmed_at, i.committed_at, i.bytes,
       i.condition = 'damaged', t.message
FROM tombstones t JOIN items i ON i.video = t.video LEFT JOIN videos v ON v.id = t.video
"""


def held(db: Database) -> Iterator[OnlyCopy]:
    """What is gone there and is here; a stream over one moment."""
    with db.snapshot() as reader:
        for (
            video,
            title,
            channel,
            channel_id,
            uploaded_on,
            code,
            gone,
            sure,
            fetched,
            size,
            damaged,
            message,
        ) in reader.each(_HELD):
            yield OnlyCopy(
                video=video,
                title=title,
                channel=channel,
                channel_id=channel_id,
                uploaded_on=uploaded_on,
                code=code,
                gone_at=gone,
                confirmed_at=sure,
                fetched_at=fetched,
                bytes=size,
                damaged=bool(damaged),
                evidence=message,
            )
