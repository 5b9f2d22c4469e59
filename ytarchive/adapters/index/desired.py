"""Desired state: the entries of the manifests, and what a person asked for by hand."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from ytarchive import __version__
from ytarchive.adapters.index import claims, entry_sources, memberships, verdicts
from ytarchive.adapters.index.database import REBUILD, Database
from ytarchive.adapters.index.targets import target_id
from ytarchive.core.codec import MalformedValue, canonical, decode, encode, plain
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
    by_another = not _resolved_by_us(db)
    if tuple(entries) == tuple(before) and not by_another:
        return False
    with db.transaction():
        _drop_ids_of(db, before, entries)
        old = {entry.name: (position, entry) for position, entry in enumerate(before)}
        for position, entry in enumerate(entries):
            known = old.pop(entry.name, None)
            if by_another or known != (position, entry):
                _write(db, entry, position)
                _write_ids(db, entry, known[1] if known else None, now)
        for name in old:
            _forget(db, name)
        entry_sources.expand(db, entries)
        claims.resolve_all(db)
        verdicts.judge(db, now)
        db.execute("INSERT OR REPLACE INTO meta VALUES ('resolved_by', ?)", (__version__,))
        db.changed()
    return True


def resolve_sources(db: Database, now: int) -> None:
    """Decide again who wants what where it became known that an entry has other sources."""
    if entry_sources.expand(db, read_entries(db)):
        claims.resolve_all(db)
        verdicts.judge(db, now)
        db.changed()


def add_request(db: Database, video: str, wish: Target, now: int) -> None:
    """Remember that a person wants this; the same wish twice is one."""
    with db.transaction():
        place = db.value(
            "INSERT INTO requests (video, wish, at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING RETURNING id",
            (video, target_id(db, wish), now),
        )
        if place is not None:
            memberships.add_one(db, memberships.source_id(db, claims.REQUESTS), video, place, now)


def remove_request(db: Database, video: str, wish: Target) -> None:
    """Forget that a person wants this; the last wish of a video takes it out of what was asked for."""
    with db.transaction():
        if db.execute("DELETE FROM requests WHERE video = ? AND wish = ?", (video, target_id(db, wish))):
            left = db.value("SELECT count(*) FROM requests WHERE video = ?", (video,))
            memberships.claim_one(db, memberships.source_id(db, claims.REQUESTS), video, stays=bool(left))


def _resolved_by_us(db: Database) -> bool:
    """Another version may unite wishes differently, or judge by other rules."""
    return bool(db.value("SELECT value FROM meta WHERE key = 'resolved_by'") == __version__)


def _ids_of(entry: Entry) -> dict[str, tuple[str, ...]]:
    """The sources of an entry whose ids stand in the manifest itself."""
    ids = {f"pins:{entry.name}": entry.pins} if entry.pins else {}
    return ids | ({entry.source: entry.videos} if entry.kind == "videos" else {})


def _drop_ids_of(db: Database, before: Sequence[Entry], entries: Sequence[Entry]) -> None:
    """Ids that stood in a manifest are known from nowhere else: with their entry they go."""
    still = {source for entry in entries for source in _ids_of(entry)}
    for entry in before:
        for source in _ids_of(entry):
            if source not in still:
                memberships.drop(db, memberships.source_id(db, source))


def _write(db: Database, entry: Entry, position: int) -> None:
    db.execute(
        """
        INSERT INTO entries
            (name, position, kind, generation, wish, priority, work_order, suspended, spec, filter, counted)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (name) DO UPDATE SET position = excluded.position, kind = excluded.kind,
            generation = excluded.generation, wish = excluded.wish, priority = excluded.priority,
            work_order = excluded.work_order, suspended = excluded.suspended, spec = excluded.spec,
            filter = excluded.filter, counted = excluded.counted
        """,
        (
            entry.name,
            position,
            entry.kind,
            entry.generation,
            target_id(db, entry.wish),
            entry.priority,
            entry.order,
            entry.suspend,
            encode(entry).decode(),
            _filter(entry),
            entry.keep.last is not None,
        ),
    )


def _filter(entry: Entry) -> str | None:
    """What verdicts are made by, as a digest. A suspended entry wants nothing, so its filter is not asked."""
    if not entry.filters or entry.suspend:
        return None
    parts = [__version__, plain(entry.where), plain(entry.keep), list(entry.pins)]
    return hashlib.sha256(canonical(parts)).hexdigest()


def _write_ids(db: Database, entry: Entry, known: Entry | None, now: int) -> None:
    """The ids of a manifest are a source that is always listed completely."""
    before = _ids_of(known) if known else {}
    for name, ids in _ids_of(entry).items():
        if before.get(name) == ids:
            continue
        source = memberships.source_id(db, name)
        memberships.discard_staged(db, source)
        memberships.stage_ids(db, source, ids)
        memberships.gather(db, source)
        memberships.merge_all(db, source, now, seen_at=now)
        memberships.discard_staged(db, source)


def _forget(db: Database, name: str) -> None:
    """An entry that is gone."""
    verdicts.drop(db, name)
    db.execute("DELETE FROM entry_sources WHERE entry = (SELECT id FROM entries WHERE name = ?)", (name,))
    db.execute("DELETE FROM entries WHERE name = ?", (name,))
