"""Videos that YouTube says are gone. One look is no proof: a second one a day later confirms it.

What was known of such a video stays as it was last told.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from ytarchive.adapters.index.database import Database
from ytarchive.adapters.index.records import Tombstone
from ytarchive.core.listing import is_confirmed

_COLUMNS = "video, code, first_at, last_at, confirmed_at"


def record(db: Database, video: str, code: str, now: int) -> Tombstone:
    """One more look that found a video gone; a clock that went back begins the wait again."""
    with db.transaction():
        known = read(db, video)
        first_at = min(known.first_at, now) if known else now
        confirmed_at = known.confirmed_at if known else None
        if confirmed_at is None and is_confirmed(first_at, now):
            confirmed_at = now
        tombstone = Tombstone(video, code, first_at, now, confirmed_at)
        db.execute(
            "INSERT OR REPLACE INTO tombstones VALUES (?, ?, ?, ?, ?)",
            (video, code, first_at, now, confirmed_at),
        )
    return tombstone


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
