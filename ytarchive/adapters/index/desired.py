"""Desired state: the entries of the manifests, and what a person asked for by hand."""

from __future__ import annotations

from collections.abc import Sequence

from ytarchive import __version__
from ytarchive.adapters.index import claims, memberships
from ytarchive.adapters.index.database import REBUILD, Database
from ytarchive.adapters.index.targets import target_id
from ytarchive.core.codec import MalformedValue, decode, encode
from ytarchive.core.desired import Entry, Target
from ytarchive.errors import IndexDamaged


def read_entries(db: Database) -> tuple[Entry, ...]:
    try:
        return tuple(decode(Entry, spec) for (spec,) in db.all("SELECT spec FROM entries ORDER BY position"))
    except MalformedValue as error:
        raise IndexDamaged(f"{db.path}: an entry in the index: {error}", cure=REBUILD) from None


def apply(db: Database, entries: Sequence[Entry], before: Sequence[Entry], now: int) -> bool:
    """Replace all entries; True when anything changed. `before` is what `read_entries` gives.

    What a removed playlist held stays, so that taking it up again needs no request.
    """
    if tuple(entries) == tuple(before) and _resolved_by_us(db):
        return False
    with db.transaction():
        _drop_videos_of(db, before, entries)
        old = {entry.name: (position, entry) for position, entry in enumerate(before)}
        for position, entry in enumerate(entries):
            known = old.pop(entry.name, None)
            if known != (position, entry):
                _write(db, entry, position)
                _write_videos(db, entry, known[1] if known else None, now)
        db.execute_many("DELETE FROM entries WHERE name = ?", ((name,) for name in old))
        claims.resolve_all(db)
        db.execute("INSERT OR REPLACE INTO meta VALUES ('resolved_by', ?)", (__version__,))
        db.changed()
    return True


def add_request(db: Database, video: str, wish: Target, now: int) -> None:
    """Remember that a person wants this; the same wish twice is one."""
    with db.transaction():
        place = db.value(
            "INSERT INTO requests (video, wish, at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING RETURNING id",
            (video, target_id(db, wish), now),
        )
        if place is not None:
            memberships.add_one(db, memberships.source_id(db, claims.REQUESTS), video, place, now)


def _resolved_by_us(db: Database) -> bool:
    """Another version may unite wishes differently."""
    return bool(db.value("SELECT value FROM meta WHERE key = 'resolved_by'") == __version__)


def _drop_videos_of(db: Database, before: Sequence[Entry], entries: Sequence[Entry]) -> None:
    """Ids that stood in a manifest are known from nowhere else: with their entry they go."""
    still = {entry.source for entry in entries if entry.kind == "videos"}
    for entry in before:
        if entry.kind == "videos" and entry.source not in still:
            memberships.drop(db, memberships.source_id(db, entry.source))


def _write(db: Database, entry: Entry, position: int) -> None:
    db.execute(
        "INSERT OR REPLACE INTO entries VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            entry.name,
            position,
            entry.kind,
            memberships.source_id(db, entry.source),
            entry.generation,
            target_id(db, entry.wish),
            entry.priority,
            entry.order,
            encode(entry).decode(),
        ),
    )


def _write_videos(db: Database, entry: Entry, known: Entry | None, now: int) -> None:
    """The ids of a manifest are a source that is always listed completely."""
    if entry.kind != "videos" or (known and (known.source, known.videos) == (entry.source, entry.videos)):
        return
    source = memberships.source_id(db, entry.source)
    memberships.discard_staged(db, source)
    memberships.stage(db, source, entry.videos, 0)
    memberships.merge_all(db, source, now, seen_at=now)
    memberships.discard_staged(db, source)
