"""Who claims a video: each distinct set of sources and requests is one claim, resolved to one united target.

A manifest that changes a wish rewrites the claims it concerns, a handful; only a listing that changes who is in a
source touches videos.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from ytarchive.adapters.index.database import REBUILD, Database
from ytarchive.adapters.index.targets import read_target, target_id
from ytarchive.core.desired import unite
from ytarchive.errors import IndexDamaged

MANUAL = "manual"
"""The entry that a person's requests count as."""
REQUESTS = "request:"
"""The source whose members are the requested videos."""
REQUEST_PRIORITY = 1000
"""Somebody is waiting for it."""

_PRIORITY_LIMIT = 1_000_000
_PLACES = 10_000_000


@dataclass(frozen=True, slots=True)
class _Claimant:
    """An entry that wants the videos of a source. `wishes` are numbers of targets."""

    name: str
    source: int
    priority: int
    single: bool
    place: int
    direction: int
    wishes: tuple[int, ...]

    @property
    def order(self) -> tuple[int, bool, int]:
        return (-self.priority, not self.single, self.place)


@dataclass(slots=True)
class _Resolver:
    """Claimants by source, and targets that were united already."""

    db: Database
    by_source: dict[int, list[_Claimant]]
    requests: int | None
    united: dict[frozenset[int], int]

    @classmethod
    def load(cls, db: Database) -> _Resolver:
        by_source: dict[int, list[_Claimant]] = {}
        for claimant in _claimants(db):
            by_source.setdefault(claimant.source, []).append(claimant)
        requests = db.value("SELECT id FROM sources WHERE name = ?", (REQUESTS,))
        return cls(db, by_source, requests, {})

    def resolve(self, key: str) -> tuple[Any, ...]:
        """The columns of a claim after its key."""
        claimants = sorted(self._of(key), key=lambda claimant: claimant.order)
        if not claimants:
            return (None, 0, 0, None, 1, "[]")
        lead = claimants[0]
        single = any(claimant.single for claimant in claimants)
        clamped = max(-_PRIORITY_LIMIT, min(lead.priority, _PRIORITY_LIMIT))
        rank = ((_PRIORITY_LIMIT - clamped) * 2 + (not single)) * _PLACES + lead.place
        names = list(dict.fromkeys(claimant.name for claimant in claimants))
        target = self._unite(frozenset(wish for claimant in claimants for wish in claimant.wishes))
        return (target, lead.priority, rank, lead.source, lead.direction, json.dumps(names))

    def _of(self, key: str) -> Iterator[_Claimant]:
        sources, _, wishes = key.partition("|")
        for source in _numbers(sources):
            yield from self.by_source.get(source, ())
        if wishes and self.requests is not None:
            yield _Claimant(MANUAL, self.requests, REQUEST_PRIORITY, True, 0, 1, tuple(_numbers(wishes)))

    def _unite(self, wishes: frozenset[int]) -> int:
        known = self.united.get(wishes)
        if known is None:
            target = unite(read_target(self.db, wish) for wish in sorted(wishes))
            known = self.united[wishes] = target_id(self.db, target)
        return known


def read_names(db: Database, text: str) -> tuple[str, ...]:
    """The entries of a claim, the first one first."""
    try:
        return tuple(json.loads(text))
    except (ValueError, TypeError):
        raise IndexDamaged(f"{db.path}: the index names no entries in {text!r}", cure=REBUILD) from None


def reassign_dirty(db: Database) -> None:
    """Give every dirty video the claim of the sources and requests that it has now, and none where there are none."""
    db.execute("DELETE FROM keyed")
    db.execute(
        """
        INSERT INTO keyed
        SELECT d.video,
            coalesce((SELECT group_concat(m.source, ',' ORDER BY m.source) FROM memberships m
                      WHERE m.video = d.video AND m.last_seen_at IS NULL), '')
            || coalesce((SELECT '|' || group_concat(r.wish, ',' ORDER BY r.wish) FROM requests r
                         WHERE r.video = d.video), '')
        FROM dirty d
        """
    )
    unknown = db.all("SELECT DISTINCT key FROM keyed WHERE key <> '' AND key NOT IN (SELECT key FROM claims)")
    if unknown:
        resolver = _Resolver.load(db)
        for (key,) in unknown:
            db.execute(
                "INSERT INTO claims (key, target, priority, rank, lead_source, direction, entries)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (key, *resolver.resolve(key)),
            )
    db.execute("DELETE FROM wanted WHERE video IN (SELECT video FROM keyed WHERE key = '')")
    db.execute(
        """
        INSERT INTO wanted SELECT k.video, c.id FROM keyed k JOIN claims c ON c.key = k.key WHERE TRUE
        ON CONFLICT (video) DO UPDATE SET claim = excluded.claim WHERE claim <> excluded.claim
        """
    )
    db.execute("DELETE FROM keyed")
    db.execute("DELETE FROM dirty")


def resolve_all(db: Database) -> None:
    """Resolve every claim again, after the entries changed. Claims that no video has are forgotten."""
    db.execute("DELETE FROM claims WHERE id NOT IN (SELECT claim FROM wanted)")
    resolver = _Resolver.load(db)
    for claim, key, *known in db.all(
        "SELECT id, key, target, priority, rank, lead_source, direction, entries FROM claims"
    ):
        resolved = resolver.resolve(key)
        if resolved != tuple(known):
            db.execute(
                "UPDATE claims SET target = ?, priority = ?, rank = ?, lead_source = ?, direction = ?, entries = ?"
                " WHERE id = ?",
                (*resolved, claim),
            )


def _claimants(db: Database) -> Iterator[_Claimant]:
    for name, kind, source, source_name, priority, position, order, wish in db.all(
        """
        SELECT e.name, e.kind, e.source, s.name, e.priority, e.position, e.work_order, e.wish
        FROM entries e JOIN sources s ON s.id = e.source
        """
    ):
        single = kind == "videos"
        direction = 1 if single else _direction(order, kind, source_name)
        yield _Claimant(name, source, priority, single, 1 + position, direction, (wish,))


def _direction(order: str, kind: str, source: str) -> int:
    """1 when the work goes down the list, -1 when up.

    YouTube lists uploads newest first (channels, and their playlists UU, UULF, UUSH, UULV, UUMO), and appends to
    every other playlist. A listing gives no dates, so its order is the only sign of age.
    """
    newest_first = kind == "channel" or source.startswith("UU")
    if order == "listed":
        return 1
    return 1 if (order == "newest") == newest_first else -1


def _numbers(text: str) -> Iterable[int]:
    return (int(number) for number in text.split(",") if number)
