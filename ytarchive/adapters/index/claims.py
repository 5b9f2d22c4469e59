"""Who claims a video: each distinct set of sources, requests and verdicts is one claim, resolved to one united target.

A manifest that changes a wish rewrites the claims it concerns, a handful; only a listing that changes who is in a
source, and a filter that says something else, touch videos.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from ytarchive.adapters.index.database import REBUILD, Database
from ytarchive.adapters.index.targets import read_target, target_id
from ytarchive.core.desired import lowered, unite
from ytarchive.core.sources import SourceKind, is_newest_first
from ytarchive.errors import IndexDamaged

MANUAL = "manual"
"""The entry that a person's requests count as."""
REQUESTS = "request:"
"""The source whose members are the requested videos."""
REQUEST_PRIORITY = 1000
"""Somebody is waiting for it."""

_LET_GO = "|let-go"
"""Behind the key of a claim whose videos only a person's request brings back."""
_LOWERED = "|lowered"
"""Behind that, where a person takes any quality."""
_PRIORITY_LIMIT = 1_000_000
_PLACES = 10_000_000
_NO_ENTRY = 0
_DATED = {"newest": -1, "oldest": 1, "listed": 0}

_RESOLVED = (
    "target",
    "undecided",
    "priority",
    "rank",
    "lead_source",
    "lead_place",
    "direction",
    "dated",
    "entries",
    "doubtful",
    "left_out",
)
"""The columns of a claim after its key."""


@dataclass(frozen=True, slots=True)
class _Claimant:
    """An entry by one of its sources. `wishes` are numbers of targets, `place` the entry's in the manifests."""

    entry: int
    name: str
    source: int
    kind: SourceKind
    priority: int
    place: int
    source_place: int
    direction: int
    dated: int
    suspended: bool
    wishes: tuple[int, ...]

    @property
    def single(self) -> bool:
        """Named one by one: these go before lists of the same priority."""
        return self.kind in ("videos", "pins")

    @property
    def order(self) -> tuple[int, bool, int, int]:
        return (-self.priority, not self.single, self.place, self.source_place)


@dataclass(slots=True)
class _Resolver:
    """Claimants by source, as far as they were asked for, and targets that were united already."""

    db: Database
    requests: int | None
    by_source: dict[int, tuple[_Claimant, ...]] = field(default_factory=dict)
    united: dict[tuple[frozenset[int], bool], int] = field(default_factory=dict)

    @classmethod
    def load(cls, db: Database) -> _Resolver:
        return cls(db, db.value("SELECT id FROM sources WHERE name = ?", (REQUESTS,)))

    def resolve(self, key: str) -> tuple[Any, ...]:
        """The columns of a claim, as `_RESOLVED` names them."""
        claim, mark, _ = key.partition(_LOWERED)
        who, let_go, _ = claim.partition(_LET_GO)
        wanting, doubtful, left_out = self._divide(who, let_go=bool(let_go))
        active = wanting or doubtful
        names = (_names(active), _names(doubtful), _names(left_out))
        if not active:
            return (None, 0, 0, 0, None, 0, 1, 0, *names)
        lead = active[0]
        single = any(claimant.single for claimant in active)
        clamped = max(-_PRIORITY_LIMIT, min(lead.priority, _PRIORITY_LIMIT))
        rank = ((_PRIORITY_LIMIT - clamped) * 2 + (not single)) * _PLACES + lead.place
        return (
            self._unite(
                frozenset(wish for claimant in active for wish in claimant.wishes), is_lowered=bool(mark)
            ),
            int(not wanting),
            lead.priority,
            rank,
            lead.source,
            lead.source_place,
            lead.direction,
            lead.dated,
            *names,
        )

    def _divide(self, key: str, *, let_go: bool) -> tuple[list[_Claimant], list[_Claimant], list[_Claimant]]:
        """Who wants such a video, who cannot say yet, and who does not want it; each the first one first.

        A pin is wanted whatever the filter of its entry says, and nothing of a suspended entry is. What was let go is
        wanted by nobody but a person.
        """
        sources, wishes, verdicts = key.split("|")
        said = {int(verdict[:-1]): verdict[-1] for verdict in verdicts.split(",") if verdict}
        claimants = sorted(self._of(sources, wishes), key=lambda claimant: claimant.order)
        pinned = {claimant.entry for claimant in claimants if claimant.kind == "pins"}
        wanting, doubtful, left_out = [], [], []
        for claimant in claimants:
            verdict = None if claimant.entry in pinned else said.get(claimant.entry)
            if claimant.suspended or verdict == "x" or (let_go and claimant.entry != _NO_ENTRY):
                left_out.append(claimant)
            elif verdict == "u":
                doubtful.append(claimant)
            else:
                wanting.append(claimant)
        return wanting, doubtful, left_out

    def _of(self, sources: str, wishes: str) -> Iterator[_Claimant]:
        for source in _numbers(sources):
            known = self.by_source.get(source)
            if known is None:
                known = self.by_source[source] = tuple(_claimants(self.db, source))
            yield from known
        if wishes and self.requests is not None:
            asked = tuple(_numbers(wishes))
            yield _Claimant(
                _NO_ENTRY, MANUAL, self.requests, "videos", REQUEST_PRIORITY, 0, 0, 1, 0, False, asked
            )

    def _unite(self, wishes: frozenset[int], *, is_lowered: bool) -> int:
        known = self.united.get((wishes, is_lowered))
        if known is None:
            target = unite(read_target(self.db, wish) for wish in sorted(wishes))
            known = target_id(self.db, lowered(target) if is_lowered else target)
            self.united[wishes, is_lowered] = known
        return known


def read_names(db: Database, text: str) -> tuple[str, ...]:
    """The entries of a claim, the first one first."""
    try:
        return tuple(json.loads(text))
    except (ValueError, TypeError):
        raise IndexDamaged(f"{db.path}: the index names no entries in {text!r}", cure=REBUILD) from None


def reassign_dirty(db: Database) -> None:
    """Give every dirty video the claim of the sources, requests, verdicts and decisions that it has now, if any."""
    db.execute("DELETE FROM keyed")
    db.execute(
        """
        INSERT INTO keyed
        SELECT d.video,
            coalesce((SELECT group_concat(m.source, ',' ORDER BY m.source) FROM memberships m
                      WHERE m.video = d.video AND m.last_seen_at IS NULL), '')
            || '|' ||
            coalesce((SELECT group_concat(r.wish, ',' ORDER BY r.wish) FROM requests r
                      WHERE r.video = d.video), '')
            || '|' ||
            coalesce((SELECT group_concat(v.entry || iif(v.outcome = 'excluded', 'x', 'u'), ',' ORDER BY v.entry)
                      FROM verdicts v WHERE v.video = d.video), '')
            || iif(EXISTS (SELECT 1 FROM let_go g WHERE g.video = d.video), :let_go, '')
            || iif(EXISTS (SELECT 1 FROM lowered l WHERE l.video = d.video), :lowered, '')
        FROM dirty d
        """,
        {"lowered": _LOWERED, "let_go": _LET_GO},
    )
    db.execute("UPDATE keyed SET key = '' WHERE key LIKE '||%'")  # said of what no source holds any more
    unknown = db.all("SELECT DISTINCT key FROM keyed WHERE key <> '' AND key NOT IN (SELECT key FROM claims)")
    if unknown:
        resolver = _Resolver.load(db)
        columns, marks = ", ".join(_RESOLVED), ", ".join("?" * len(_RESOLVED))
        db.execute_many(
            f"INSERT INTO claims (key, {columns}) VALUES (?, {marks})",  # noqa: S608 - names of our own columns
            ((key, *resolver.resolve(key)) for (key,) in unknown),
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
    """Resolve every claim again, after entries or their sources changed. Claims that no video has are forgotten."""
    db.execute("DELETE FROM claims WHERE id NOT IN (SELECT claim FROM wanted)")
    resolver = _Resolver.load(db)
    assignments = ", ".join(f"{column} = ?" for column in _RESOLVED)
    for claim, key, *known in db.all(f"SELECT id, key, {', '.join(_RESOLVED)} FROM claims"):  # noqa: S608 - our own columns
        resolved = resolver.resolve(key)
        if resolved != tuple(known):
            db.execute(f"UPDATE claims SET {assignments} WHERE id = ?", (*resolved, claim))  # noqa: S608 - our own columns


def _claimants(db: Database, source: int) -> Iterator[_Claimant]:
    for (
        entry,
        name,
        source_name,
        kind,
        source_place,
        priority,
        position,
        order,
        suspended,
        wish,
    ) in db.all(
        """
        SELECT e.id, e.name, s.name, t.kind, t.place, e.priority, e.position, e.work_order, e.suspended,
               e.wish
        FROM entry_sources t JOIN entries e ON e.id = t.entry JOIN sources s ON s.id = t.source
        WHERE t.source = ? AND t.kind IN ('videos', 'pins', 'playlist')
        """,
        (source,),
    ):
        listed = kind == "playlist"
        yield _Claimant(
            entry=entry,
            name=name,
            source=source,
            kind=kind,
            priority=priority,
            place=1 + position,
            source_place=source_place,
            direction=_direction(order, source_name) if listed else 1,
            dated=_DATED[order] if listed else 0,
            suspended=bool(suspended),
            wishes=(wish,),
        )


def _direction(order: str, source: str) -> int:
    """1 when the work goes down the list, -1 when up; where a date is known, that comes first."""
    if order == "listed":
        return 1
    return 1 if (order == "newest") == is_newest_first(source) else -1


def _names(claimants: Sequence[_Claimant]) -> str:
    """Their entries, each once, the first one first."""
    return json.dumps(list(dict.fromkeys(claimant.name for claimant in claimants)))


def _numbers(text: str) -> Iterable[int]:
    return (int(number) for number in text.split(",") if number)
