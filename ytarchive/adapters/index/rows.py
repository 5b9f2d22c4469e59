"""Rows for the core: every wanted video that is not settled, in the order of work.

SQL selects and the core decides: a video is left out only when nothing at all can follow for it now.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterator, Mapping

from ytarchive.adapters.index import stock
from ytarchive.adapters.index.claims import read_names
from ytarchive.adapters.index.database import Database, SQLRow
from ytarchive.adapters.index.items import read_facts
from ytarchive.core.identity import GUEST
from ytarchive.core.plan import LeftOut, Row

_SELECT = """
SELECT w.video, w.claim, i.got, coalesce(i.condition, 'none'),
       EXISTS (SELECT 1 FROM jobs j WHERE j.subject = w.video AND j.state = 'running'), coalesce(a.n, 0), a.code, a.kind,
       a.next_attempt_at, i.late, i.late_due_at, k.video IS NOT NULL, v.title,
       a.target IS NOT NULL AND a.target IS NOT c.target, coalesce(a.looks, 0),
       h.last, h.tried
"""

_BESIDE = """
LEFT JOIN attempts a ON a.video = w.video AND a.part = 'media'
LEFT JOIN acknowledged k ON k.video = w.video AND (k.until IS NULL OR k.until > :now)
LEFT JOIN videos v ON v.id = w.video
LEFT JOIN asked h ON h.video = w.video
LEFT JOIN memberships m ON m.source = c.lead_source AND m.video = w.video
"""

# What has no date yet counts as new: something just uploaded, or announced.
IN_ORDER = """
ORDER BY c.rank, c.dated * coalesce(v.published_from, 1 << 40), c.lead_place, m.position * c.direction, w.video
"""
OF_ENTRY = " AND c.id IN (SELECT o.id FROM claims o, json_each(o.entries) e WHERE e.value = :entry)"
OF_STOCK = " AND w.video IN (SELECT video FROM stock_videos)"
OF_VIDEOS = " AND w.video IN (SELECT value FROM json_each(:videos))"


def candidates(
    db: Database, now: int, *, entry: str | None = None, videos: Collection[str] | None = None
) -> Iterator[Row]:
    """Every wanted or undecided video that is not settled, in the order of work, as of the moment of the first one."""
    bindings = {"now": now, "entry": entry, "videos": json.dumps(list(videos or ()))}
    with db.snapshot() as reader:
        scope = (OF_ENTRY if entry is not None else "") + (OF_VIDEOS if videos is not None else "")
        if videos is None and stock.has_ids(reader, now):
            scope += OF_STOCK
        shaper = _Shaper(reader)
        for columns in reader.each(candidates_sql(scope), bindings):
            yield shaper.row(columns)


def candidates_sql(scope: str = "") -> str:
    return "\n".join((_SELECT, stock.WANTED, _BESIDE, "WHERE", stock.UNSETTLED, scope, IN_ORDER))


def row(db: Database, video: str, now: int) -> Row | None:
    """The row of any wanted or undecided video, settled or not."""
    sql = "\n".join((_SELECT, stock.WANTED, _BESIDE, "WHERE w.video = :video"))
    columns = db.one(sql, {"now": now, "video": video})
    return _Shaper(db).row(columns) if columns else None


def settled(db: Database, now: int) -> dict[str, int]:
    """Wanted videos that are no candidates, by entry, and distinct ones under ""."""
    return _by_entry(db, {count.claim: count.settled for count in stock.counts(db, now)})


def wanted_count(db: Database) -> dict[str, int]:
    """Wanted videos by entry, and distinct ones under "". What is undecided is not wanted yet."""
    return _by_entry(db, {count.claim: count.videos for count in stock.counts(db, None)})


def left_out(db: Database) -> dict[str, LeftOut]:
    """Videos of an entry's sources that it does not want, by entry; distinct ones that no entry wants under "".

    There, what is undecided for one entry and excluded by another is undecided.
    """
    videos = {count.claim: count.videos for count in stock.counts(db, None)}
    excluded, undecided = Counter[str](), Counter[str]()
    for claim, target, waits, doubtful, out in db.all(
        "SELECT id, target, undecided, doubtful, left_out FROM claims WHERE doubtful <> '[]' OR left_out <> '[]'"
    ):
        count = videos.get(claim, 0)
        for name in read_names(db, doubtful):
            undecided[name] += count
        for name in read_names(db, out):
            excluded[name] += count
        undecided[""] += count * bool(waits)
        excluded[""] += count * (target is None)
    return {name: LeftOut(excluded[name], undecided[name]) for name in ["", *_entries(db)]}


def next_due_at(db: Database, now: int) -> int | None:
    """When the rows change by time alone: the next look for what was not offered, or the end of an acknowledgement."""
    found = db.value(
        """
        SELECT min(at) FROM (
            SELECT min(late_due_at) AS at FROM items WHERE late_due_at > :now
            UNION ALL SELECT min(until) FROM acknowledged WHERE until > :now
        )
        """,
        {"now": now},
    )
    return None if found is None else int(found)


def _by_entry(db: Database, videos: Mapping[int, int]) -> dict[str, int]:
    """The wanted ones of so many videos by claim."""
    counts = dict.fromkeys(["", *_entries(db)], 0)
    for claim, names in db.all("SELECT id, entries FROM claims WHERE target IS NOT NULL AND NOT undecided"):
        count = videos.get(claim, 0)
        counts[""] += count
        for name in read_names(db, names) if count else ():
            counts[name] = counts.get(name, 0) + count
    return counts


def _entries(db: Database) -> list[str]:
    return [name for (name,) in db.all("SELECT name FROM entries ORDER BY position")]


class _Shaper:
    """Makes rows of columns. What many rows share (targets, names of entries) is read and kept once."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._claims: dict[int, tuple[int, str, int, tuple[str, ...], bool]] = {}
        self._digests: dict[int, str] = {}

    def row(self, columns: SQLRow) -> Row:
        (
            video,
            claim,
            got,
            condition,
            running,
            n,
            code,
            kind,
            due_at,
            late,
            late_due_at,
            ignored,
            title,
            moved,
            looks,
            last,
            tried,
        ) = columns
        target_id, target, priority, entries, undecided = self._claims.get(claim) or self._claim(claim)
        changed = condition in ("whole", "partial") and got != target_id
        return Row(
            video,
            target,
            None if got is None else self._digest(got),
            condition,
            running == 1,
            n,
            code,
            kind,
            due_at,
            tuple(late.split()) if late else (),
            late_due_at,
            ignored == 1,
            priority,
            entries,
            title,
            read_facts(self._db, video) if changed else None,
            moved == 1,
            undecided,
            looks,
            last or GUEST,
            tuple(json.loads(tried)) if tried else (),
        )

    def _claim(self, claim: int) -> tuple[int, str, int, tuple[str, ...], bool]:
        found = self._db.one("SELECT target, priority, entries, undecided FROM claims WHERE id = ?", (claim,))
        assert found is not None
        target, priority, entries, undecided = found
        names = read_names(self._db, entries)
        known = self._claims[claim] = (target, self._digest(target), priority, names, undecided == 1)
        return known

    def _digest(self, target: int) -> str:
        known = self._digests.get(target)
        if known is None:
            known = self._digests[target] = str(
                self._db.value("SELECT digest FROM targets WHERE id = ?", (target,))
            )
        return known
