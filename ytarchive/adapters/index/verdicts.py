"""What filters leave out: verdicts by entry and video, judged again only where something changed.

A video that came into a source is judged in the same transaction, so that no filter is ever passed by unasked. What
became known of videos, and the passing of time, wait for the next `judge`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ytarchive.adapters.index import claims
from ytarchive.adapters.index.database import REBUILD, Bindings, Database, SQLRow
from ytarchive.core.codec import MalformedValue, decode
from ytarchive.core.desired import Entry, lowered
from ytarchive.core.filters import Facts, Verdict, expires_at, judge_all
from ytarchive.core.instant import Instant
from ytarchive.core.job import Proviso
from ytarchive.core.sources import is_newest_first
from ytarchive.errors import IndexDamaged

_NEVER = 1 << 62
LET_GO = "let-go"
"""The rule that leaves out what was taken away, or was deleted and is not wanted back."""
_SUSPENDED = Verdict("excluded", "suspend", "the entry is suspended")


@dataclass(frozen=True, slots=True)
class _Filtering:
    """An entry with a filter, and when all its videos were judged."""

    number: int
    entry: Entry
    filter: str
    counted: bool
    due: bool


def judge(db: Database, now: Instant) -> int:
    """Bring the verdicts up to date; how many changed. Cheap where nothing did."""
    with db.transaction():
        changed = _drop_unasked(db)
        if _is_anything_to_judge(db, now):
            changed += _judge_what_changed(db, now)
            db.execute("DELETE FROM unjudged")
        if changed:
            claims.reassign_dirty(db)
            db.changed()
    return changed


def drop(db: Database, name: str) -> int:
    """Forget the verdicts of an entry; how many there were."""
    number = db.value("SELECT id FROM entries WHERE name = ?", (name,))
    dropped = _drop_all(db, number)
    claims.reassign_dirty(db)
    return dropped


def read(db: Database, entry: str, video: str) -> Verdict | None:
    """Why an entry does not want a video of its sources; None where nothing speaks against it."""
    row = db.one(
        """
        SELECT iif(g.video IS NULL, v.outcome, 'excluded'), iif(g.video IS NULL, v.rule, :let_go), coalesce(g.why, v.why)
        FROM wanted w JOIN claims c ON c.id = w.claim JOIN entries e ON e.name = :entry
        LEFT JOIN verdicts v ON v.entry = e.id AND v.video = w.video
        LEFT JOIN let_go g ON g.video = w.video
        WHERE w.video = :video
        AND :entry IN (SELECT value FROM json_each(c.left_out) UNION ALL SELECT value FROM json_each(c.doubtful))
        """,
        {"entry": entry, "video": video, "let_go": LET_GO},
    )
    if row is None:
        return None
    outcome, rule, why = row
    return _SUSPENDED if outcome is None else Verdict(outcome, rule, why)


def provisos(db: Database, video: str) -> tuple[Proviso, ...]:
    """What a video is to be fetched for, of each entry whose filter waits for its page."""
    specs = db.all(
        """
        SELECT e.spec FROM wanted w JOIN claims c ON c.id = w.claim, json_each(c.doubtful) d
        JOIN entries e ON e.name = d.value WHERE w.video = ? ORDER BY d.key
        """,
        (video,),
    )
    entries = (_entry(db, spec) for (spec,) in specs)
    any_quality = db.value("SELECT EXISTS (SELECT 1 FROM lowered WHERE video = ?)", (video,))
    return tuple(
        Proviso(entry.where, lowered(entry.wish) if any_quality else entry.wish) for entry in entries
    )


def lacking_details(db: Database, limit: int) -> tuple[str, ...]:
    """Undecided videos of which neither the Data API nor their own page was asked yet, in the order of work."""
    rows = db.all(
        """
        SELECT w.video
        FROM (SELECT DISTINCT video FROM verdicts INDEXED BY verdicts_undecided WHERE outcome = 'undecided') u
        JOIN wanted w ON w.video = u.video
        JOIN claims c ON c.id = w.claim AND c.doubtful <> '[]'
        LEFT JOIN videos v ON v.id = w.video
        LEFT JOIN memberships m ON m.source = c.lead_source AND m.video = w.video
        WHERE v.details_at IS NULL AND v.examined_at IS NULL
        AND NOT EXISTS (SELECT 1 FROM tombstones t WHERE t.video = w.video)
        ORDER BY c.rank, c.dated * coalesce(v.published_from, 1 << 40), c.lead_place, m.position * c.direction, w.video
        LIMIT ?
        """,
        (limit,),
    )
    return tuple(video for (video,) in rows)


def _drop_unasked(db: Database) -> int:
    """Entries that have no filter any more leave nothing out."""
    entries = db.all("SELECT id FROM entries WHERE filter IS NULL AND judged_at IS NOT NULL")
    return sum(_drop_all(db, number) for (number,) in entries)


def _drop_all(db: Database, entry: int) -> int:
    db.execute("INSERT OR IGNORE INTO dirty SELECT video FROM verdicts WHERE entry = ?", (entry,))
    dropped = db.execute("DELETE FROM verdicts WHERE entry = ?", (entry,))
    db.execute(
        "UPDATE entries SET judged_by = NULL, judged_at = NULL, judge_again_at = NULL WHERE id = ?", (entry,)
    )
    return dropped


_DUE = """
(judged_by IS NOT filter OR judge_again_at IS NOT NULL AND (judge_again_at <= :now OR judged_at > :now))
"""


def _is_anything_to_judge(db: Database, now: Instant) -> bool:
    due = f"SELECT 1 FROM entries WHERE filter IS NOT NULL AND {_DUE}"  # noqa: S608 - no input
    return bool(
        db.value(f"SELECT EXISTS (SELECT 1 FROM unjudged) OR EXISTS ({due})", {"now": now})  # noqa: S608 - no input
    )


def _judge_what_changed(db: Database, now: Instant) -> int:
    changed = _find_affected(db)
    for number, spec, digest, counted, due, touched in db.all(
        f"""
        SELECT id, spec, filter, counted, {_DUE}, EXISTS (SELECT 1 FROM affected a WHERE a.entry = entries.id)
        FROM entries WHERE filter IS NOT NULL ORDER BY position
        """,  # noqa: S608 - no input
        {"now": now},
    ):
        filtering = _Filtering(number, _entry(db, spec), digest, bool(counted), bool(due))
        if due or (counted and touched):
            changed += _judge_all(db, filtering, now)
        elif touched:
            changed += _judge_affected(db, filtering, now)
    db.execute("DELETE FROM affected")
    return changed


def _find_affected(db: Database) -> int:
    """Whose members the unjudged videos are; verdicts on those that are no members any more are dropped."""
    db.execute("DELETE FROM affected")
    db.execute(
        """
        INSERT OR IGNORE INTO affected
        SELECT e.id, u.video FROM unjudged u
        CROSS JOIN memberships m ON m.video = u.video AND m.last_seen_at IS NULL
        CROSS JOIN entry_sources t ON t.source = m.source AND t.kind <> 'pins'
        CROSS JOIN entries e ON e.id = t.entry AND e.filter IS NOT NULL
        """
    )
    gone = """
        FROM verdicts WHERE video IN (SELECT video FROM unjudged)
        AND NOT EXISTS (SELECT 1 FROM affected a WHERE a.entry = verdicts.entry AND a.video = verdicts.video)
    """
    db.execute("INSERT OR IGNORE INTO dirty SELECT video " + gone)
    return db.execute("DELETE " + gone)


_PINNED = """
SELECT p.video FROM entry_sources t JOIN memberships p ON p.source = t.source AND p.last_seen_at IS NULL
WHERE t.entry = :entry AND t.kind = 'pins'
"""
_MEMBERS = """
SELECT m.video, j.key AS place, m.position * (j.value ->> 1) AS age FROM json_each(:sources) j
CROSS JOIN memberships m ON m.source = j.value ->> 0 AND m.last_seen_at IS NULL
WHERE m.video NOT IN (SELECT video FROM pinned)
"""
_FACTS = """
SELECT h.video, v.title, v.duration_seconds, v.published_from, v.published_to, v.kind, v.live_status, v.availability,
       v.language, v.examined_at IS NOT NULL, r.outcome, r.rule, r.why
FROM held h LEFT JOIN videos v ON v.id = h.video LEFT JOIN verdicts r ON r.entry = :entry AND r.video = h.video
"""
_IN_ANY_ORDER = f"""
WITH pinned AS ({_PINNED}), held AS (SELECT DISTINCT video FROM ({_MEMBERS}))
{_FACTS}
"""  # noqa: S608 - no input
_SOME = f"""
WITH pinned AS ({_PINNED}),
held AS (SELECT video FROM affected WHERE entry = :entry AND video NOT IN (SELECT video FROM pinned))
{_FACTS}
"""  # noqa: S608 - no input
_NEWEST_FIRST = f"""
WITH pinned AS ({_PINNED}), held AS (SELECT video, min(place) AS place, age FROM ({_MEMBERS}) GROUP BY video)
{_FACTS} ORDER BY v.published_from DESC, h.place, h.age, h.video
"""  # noqa: S608 - no input
# Where no date is known, a video is as old as the next older one of its list whose date is. Finding that one takes
# twice the time.
_NEWEST_FIRST_SOME_UNDATED = f"""
WITH pinned AS ({_PINNED}),
listed AS (SELECT video, min(place) AS place, age FROM ({_MEMBERS}) GROUP BY video),
held AS (
    SELECT l.video, l.place, l.age, coalesce(v.published_from, max(v.published_from) OVER (
        PARTITION BY l.place ORDER BY l.age DESC ROWS UNBOUNDED PRECEDING)) AS published
    FROM listed l LEFT JOIN videos v ON v.id = l.video ORDER BY l.video LIMIT -1
)
{_FACTS} ORDER BY h.published DESC, h.place, h.age, h.video
"""  # noqa: S608 - no input
_UNDATED = f"""
WITH pinned AS ({_PINNED})
SELECT EXISTS (SELECT 1 FROM ({_MEMBERS}) m LEFT JOIN videos v ON v.id = m.video WHERE v.published_from IS NULL)
"""  # noqa: S608 - no input
_NOT_HELD = f"""
FROM verdicts WHERE entry = :entry
AND video NOT IN (WITH pinned AS ({_PINNED}) SELECT video FROM ({_MEMBERS}))
"""  # noqa: S608 - no input


def _judge_all(db: Database, filtering: _Filtering, now: Instant) -> int:
    """Every video of an entry."""
    bindings = {"entry": filtering.number, "sources": _sources(db, filtering.number)}
    sql = _IN_ANY_ORDER
    if filtering.counted:
        sql = _NEWEST_FIRST_SOME_UNDATED if db.value(_UNDATED, bindings) else _NEWEST_FIRST
    ruled, again_at = _rule(db, filtering.entry, sql, bindings, now)
    if db.value(f"SELECT EXISTS (SELECT 1 {_NOT_HELD})", bindings):
        db.execute("INSERT OR IGNORE INTO dirty SELECT video " + _NOT_HELD, bindings)
        ruled += db.execute("DELETE " + _NOT_HELD, bindings)
    db.execute(
        "UPDATE entries SET judged_by = ?, judged_at = ?, judge_again_at = ? WHERE id = ?",
        (filtering.filter, now, again_at, filtering.number),
    )
    return ruled


def _judge_affected(db: Database, filtering: _Filtering, now: Instant) -> int:
    """Only what changed, where a filter looks at each video alone."""
    ruled, again_at = _rule(db, filtering.entry, _SOME, {"entry": filtering.number}, now)
    if again_at is not None:
        db.execute(
            "UPDATE entries SET judge_again_at = min(judge_again_at, ?) WHERE id = ?",
            (again_at, filtering.number),
        )
    return ruled


def _rule(
    db: Database, entry: Entry, sql: str, bindings: Bindings, now: Instant
) -> tuple[int, Instant | None]:
    """Judge what a query gives, and write what changed; how many did, and when time alone changes the next."""
    rulings = _Rulings(entry, now)
    db.execute("DELETE FROM ruled")
    ruled = db.execute_many(
        "INSERT INTO ruled VALUES (?, ?, ?, ?, ?)", rulings.of(db.streamed(sql, bindings))
    )
    if ruled:
        number = {"entry": bindings["entry"]}  # type: ignore[call-overload]
        db.execute(
            "DELETE FROM verdicts WHERE entry = :entry AND video IN (SELECT video FROM ruled WHERE outcome IS NULL)",
            number,
        )
        db.execute(
            "INSERT OR REPLACE INTO verdicts SELECT :entry, video, outcome, rule, why FROM ruled WHERE outcome IS NOT NULL"
            " ORDER BY video",
            number,
        )
        db.execute("INSERT OR IGNORE INTO dirty SELECT video FROM ruled WHERE moved ORDER BY video")
    return ruled, rulings.again_at


class _Rulings:
    """The verdicts that differ from the known ones, as rows of `ruled`, while members stream by."""

    def __init__(self, entry: Entry, now: Instant) -> None:
        self._entry = entry
        self._now = now
        self._pending: dict[str, tuple[Facts, SQLRow]] = {}
        self.again_at: Instant | None = None if entry.keep.max_age_seconds is None else _NEVER

    def of(self, rows: Iterator[SQLRow]) -> Iterator[SQLRow]:
        for video, verdict in judge_all(self._entry, self._facts(rows), self._now):
            facts, known = self._pending.pop(video)
            told = _told(verdict)
            if self.again_at is not None and verdict.outcome != "excluded":
                expires = expires_at(self._entry.keep, facts, self._now)
                self.again_at = min(self.again_at, expires or _NEVER)
            if told != known:
                yield (video, *told, told[0] != known[0])

    def _facts(self, rows: Iterator[SQLRow]) -> Iterator[Facts]:
        for row in rows:
            facts = Facts(*row[:10])
            self._pending[facts.video] = (facts, row[10:])
            yield facts


def _told(verdict: Verdict) -> tuple[Any, ...]:
    """(outcome, rule, why) as rows hold them; nothing of a wanted one."""
    return (None, None, None) if verdict.outcome == "wanted" else (verdict.outcome, verdict.rule, verdict.why)


def _sources(db: Database, entry: int) -> str:
    """The sources of an entry that hold videos, each with the direction in which it gets older, as JSON."""
    rows = db.all(
        """
        SELECT t.source, s.name FROM entry_sources t JOIN sources s ON s.id = t.source
        WHERE t.entry = ? AND t.kind IN ('videos', 'playlist') ORDER BY t.place
        """,
        (entry,),
    )
    return json.dumps([(source, 1 if is_newest_first(name) else -1) for source, name in rows])


def _entry(db: Database, spec: str) -> Entry:
    try:
        return decode(Entry, spec)
    except MalformedValue as error:
        raise IndexDamaged(f"{db.path}: an entry in the index: {error}", cure=REBUILD) from None
