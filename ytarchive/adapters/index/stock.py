"""How many videos each claim has, and which ones are not settled: remembered as long as nothing changed.

A pass with nothing to do over a million videos then walks none of them.
"""

from __future__ import annotations

from typing import NamedTuple

from ytarchive.adapters.index.database import Database
from ytarchive.core.instant import Instant

KEPT_IDS = 10_000
"""More unsettled videos than this are found again each time: going through them costs more than finding them."""

_NEVER = 1 << 62
_RUNNING = "EXISTS (SELECT 1 FROM jobs j WHERE j.subject = w.video AND j.state = 'running')"

# Terms in the order of their cost: most settled videos are found so by the first three.
UNSETTLED = f"""
(c.undecided OR i.got IS NOT c.target OR i.condition IS NOT 'whole' OR ifnull(i.late_due_at <= :now, 0)
 OR {_RUNNING})
"""

# CROSS JOIN keeps this order: one walk over `wanted`, with look-ups that follow the same order of ids.
WANTED = """
FROM wanted w
CROSS JOIN claims c ON c.id = w.claim AND c.target IS NOT NULL
LEFT JOIN items i ON i.video = w.video
"""


class ClaimCount(NamedTuple):
    """How many videos have a claim, and how many of them are settled: of a claim with a target, for no other one is asked."""

    claim: int
    videos: int
    settled: int


def counts(db: Database, now: Instant | None) -> list[ClaimCount]:
    """Of every claim that videos have. With `now` None nobody asks what is settled at a time."""
    if not _holds(db, now) and not _take(db, now):
        return _count(db, now)
    return [ClaimCount(*row) for row in db.all("SELECT claim, videos, settled FROM stock_claims")]


def has_ids(db: Database, now: Instant) -> bool:
    """Whether `stock_videos` holds every video that is not settled now."""
    return _holds(db, now) and bool(db.value("SELECT complete FROM stock"))


def _holds(db: Database, now: Instant | None) -> bool:
    row = db.one("SELECT revision, taken_at, good_until FROM stock")
    if row is None or row[0] != db.revision():
        return False
    return now is None or row[1] <= now < row[2]


def _take(db: Database, now: Instant | None) -> bool:
    """Remember what holds now, where that may be written; False where it may not."""
    if now is None or db.read_only or db.in_transaction:
        return False
    with db.transaction():
        db.execute("DELETE FROM stock_videos")
        kept = db.execute(
            f"INSERT INTO stock_videos SELECT w.video {WANTED} WHERE {UNSETTLED} LIMIT :limit",
            {"now": now, "limit": KEPT_IDS + 1},
        )
        complete = kept <= KEPT_IDS
        if not complete:
            db.execute("DELETE FROM stock_videos")
        db.execute("DELETE FROM stock_claims")
        db.execute_many(
            "INSERT INTO stock_claims VALUES (?, ?, ?)", _count_by_ids(db) if complete else _count(db, now)
        )
        good_until = db.value("SELECT min(late_due_at) FROM items WHERE late_due_at > ?", (now,))
        db.execute(
            "INSERT OR REPLACE INTO stock VALUES (1, ?, ?, ?, ?)",
            (db.revision(), now, good_until or _NEVER, complete),
        )
    return True


def _count(db: Database, now: Instant | None) -> list[ClaimCount]:
    settled = dict[int, int]()
    if now is not None:
        sql = f"SELECT w.claim, count(*) {WANTED} WHERE NOT {UNSETTLED} GROUP BY w.claim"
        settled = dict(db.all(sql, {"now": now}))
    return [ClaimCount(claim, videos, settled.get(claim, 0)) for claim, videos in _videos_of_claims(db)]


def _count_by_ids(db: Database) -> list[ClaimCount]:
    """What is settled is the rest: the few that are not are known by now."""
    open_: dict[int, int] = dict(
        db.all(
            "SELECT w.claim, count(*) FROM stock_videos s CROSS JOIN wanted w ON w.video = s.video GROUP BY 1"
        )
    )
    return [
        ClaimCount(claim, videos, videos - open_.get(claim, 0)) for claim, videos in _videos_of_claims(db)
    ]


def _videos_of_claims(db: Database) -> list[tuple[int, int]]:
    return [(claim, videos) for claim, videos in db.all("SELECT claim, count(*) FROM wanted GROUP BY claim")]
