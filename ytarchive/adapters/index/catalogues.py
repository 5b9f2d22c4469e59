"""Lists of playlists: the playlists and the releases of a channel, each of which is a source of its own."""

from __future__ import annotations

import json
from collections.abc import Sequence

from ytarchive.adapters.index.database import Database
from ytarchive.adapters.index.records import ListingChange
from ytarchive.adapters.index.texts import storable
from ytarchive.core.job import ListedPlaylist


def read_all(db: Database) -> dict[str, tuple[str, ...]]:
    """The playlists that each list of playlists is held to have, in its order, by its source."""
    found: dict[str, list[str]] = {}
    for source, playlist in db.all(
        """
        SELECT s.name, c.playlist FROM catalogues c JOIN sources s ON s.id = c.source
        WHERE c.last_seen_at IS NULL ORDER BY c.source, c.position, c.playlist
        """
    ):
        found.setdefault(source, []).append(playlist)
    return {source: tuple(playlists) for source, playlists in found.items()}


def held(db: Database, source: int) -> int:
    return int(
        db.value("SELECT count(*) FROM catalogues WHERE source = ? AND last_seen_at IS NULL", (source,))
    )


def missing(db: Database, source: int, listed: Sequence[ListedPlaylist]) -> int:
    """How many playlists that are held are not among the listed ones."""
    return int(
        db.value(
            """
            SELECT count(*) FROM catalogues WHERE source = ? AND last_seen_at IS NULL
            AND playlist NOT IN (SELECT value FROM json_each(?))
            """,
            (source, _ids(listed)),
        )
    )


def merge(
    db: Database, source: int, listed: Sequence[ListedPlaylist], now: int, *, gone_at: int | None
) -> ListingChange:
    """These are there. With `gone_at` all others are not, and were last seen then; without, nothing is known of them."""
    before = held(db, source)
    removed = 0
    if gone_at is not None:
        removed = db.execute(
            """
            UPDATE catalogues SET last_seen_at = max(?, first_seen_at) WHERE source = ? AND last_seen_at IS NULL
            AND playlist NOT IN (SELECT value FROM json_each(?))
            """,
            (gone_at, source, _ids(listed)),
        )
    once = {line.playlist: (place, line) for place, line in reversed(list(enumerate(listed)))}
    db.execute_many(
        """
        INSERT INTO catalogues (source, playlist, position, title, count, first_seen_at)
        VALUES (?, ?, ?, ?, ?, ?)
        ON CONFLICT (source, playlist) DO UPDATE SET position = excluded.position,
            title = coalesce(excluded.title, title), count = coalesce(excluded.count, count), last_seen_at = NULL
        """,
        (
            (
                source,
                storable(line.playlist),
                place,
                storable(line.title) if line.title else None,
                line.count,
                now,
            )
            for place, line in once.values()
        ),
    )
    kept = before - removed
    return ListingChange(added=held(db, source) - kept, removed=removed, kept=kept)


def _ids(listed: Sequence[ListedPlaylist]) -> str:
    return json.dumps([storable(line.playlist) for line in listed])
