"""Failed attempts of parts of videos, and what is open because of them."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from typing import Any

from ytarchive.adapters.index import feeds
from ytarchive.adapters.index.claims import read_names
from ytarchive.adapters.index.database import Database
from ytarchive.adapters.index.records import Acknowledgement, Attempt, OpenAttempt
from ytarchive.adapters.index.texts import storable
from ytarchive.core.confirmation import UNLISTED, Looks, is_final, looked
from ytarchive.core.failure import Failure
from ytarchive.core.sources import feed_of
from ytarchive.core.work_plan import Tried


def record(db: Database, video: str, part: str, failure: Failure, now: int, next_attempt_at: int) -> int:
    """Count one more failure of a part; return how many there were since its last success."""
    with db.transaction():
        db.changed()
        looks = looked(_looks(db, video, part), failure.code, now)
        n = db.value(
            """
            INSERT INTO attempts
            VALUES (:video, :part, 1, :code, :kind, :message, :status,
                    (SELECT c.target FROM wanted w JOIN claims c ON c.id = w.claim WHERE w.video = :video),
                    :now, :now, :next, :looks, :looked_at, :stage)
            ON CONFLICT (video, part) DO UPDATE SET n = n + 1, code = excluded.code, kind = excluded.kind,
                message = excluded.message, status = excluded.status, target = excluded.target,
                last_at = excluded.last_at, next_attempt_at = excluded.next_attempt_at,
                looks = excluded.looks, looked_at = excluded.looked_at, stage = excluded.stage
            RETURNING n
            """,
            {
                "video": video,
                "part": part,
                "code": failure.code,
                "kind": failure.kind,
                "message": storable(failure.evidence.message),
                "status": failure.evidence.status,
                "now": now,
                "next": next_attempt_at,
                "looks": looks.count,
                "looked_at": looks.at,
                "stage": failure.evidence.stage,
            },
        )
        return int(n)


def _looks(db: Database, video: str, part: str) -> Looks | None:
    """What agreed so far. The tombstone knows it where the index was made anew."""
    row = db.one("SELECT code, looks, looked_at FROM attempts WHERE video = ? AND part = ?", (video, part))
    if row is None and part == "media":
        row = db.one("SELECT code, looks, looked_at FROM tombstones WHERE video = ?", (video,))
    return Looks(*row) if row else None


def unconfirmed(db: Database, since: int) -> tuple[str, ...]:
    """Videos of which an attempt at their media said, at `since` or later, what lasts and is not final yet."""
    rows = db.all(
        "SELECT video, code, looks FROM attempts WHERE part = 'media' AND kind = 'permanent' AND last_at >= ?",
        (since,),
    )
    return tuple(video for video, code, looks in rows if code in UNLISTED and not is_final(code, looks))


def doubt(db: Database, video: str) -> None:
    """Somebody else knows the video: what was said of it has to be said anew, as often as its policy wants."""
    codes = json.dumps(sorted(UNLISTED))
    if db.execute(
        "UPDATE attempts SET looks = 0"
        " WHERE video = ? AND part = 'media' AND code IN (SELECT value FROM json_each(?))",
        (video, codes),
    ):
        db.changed()


def clear(db: Database, video: str, part: str | None) -> None:
    """Forget the failures of a part, or of all parts."""
    with db.transaction():
        cleared = db.execute(
            "DELETE FROM attempts WHERE video = :video AND (:part IS NULL OR part = :part)",
            {"video": video, "part": part},
        )
        if cleared:
            db.changed()


def of_video(db: Database, video: str) -> tuple[Attempt, ...]:
    rows = db.all(
        """
        SELECT a.video, a.part, a.n, a.code, a.kind, a.message, a.status, t.digest, a.first_at, a.last_at,
               a.next_attempt_at, a.looks
        FROM attempts a LEFT JOIN targets t ON t.id = a.target WHERE a.video = ? ORDER BY a.part
        """,
        (video,),
    )
    return tuple(Attempt(*row) for row in rows)


def retry_now(db: Database, subjects: Collection[str]) -> int:
    """Make these videos and sources due at once; return how many were waiting for a later time."""
    chosen = (json.dumps(list(subjects)),)
    with db.transaction():
        db.changed()
        waiting = db.all(
            "UPDATE attempts SET next_attempt_at = 0 WHERE video IN (SELECT value FROM json_each(?)) RETURNING video",
            chosen,
        )
        waiting += db.all(
            """
            UPDATE listings SET next_due_at = 0
            WHERE source IN (SELECT id FROM sources WHERE name IN (SELECT value FROM json_each(?)))
            RETURNING source
            """,
            chosen,
        )
        # What lies beside the media of an item is due with the item's next look.
        db.execute(
            """
            UPDATE items SET late_due_at = 0 WHERE late IS NOT NULL AND video IN (
                SELECT video FROM attempts
                WHERE part <> 'media' AND video IN (SELECT value FROM json_each(?)))
            """,
            chosen,
        )
        feeds.retry_now(db, [feed for subject in subjects if (feed := feed_of(subject))])
    return len(set(waiting))


# What jobs ended with, as far as these are kept: [code, times, first end, last end], the first one first.
_OPEN = """
WITH tried (subject, ends) AS MATERIALIZED (
    SELECT subject, json_group_array(json_array(code, n, first_at, last_at) ORDER BY first_at, code) FROM (
        SELECT subject, code, count(*) AS n, min(ended_at) AS first_at, max(ended_at) AS last_at
        FROM jobs WHERE outcome = 'failed' AND code IS NOT NULL AND ended_at IS NOT NULL GROUP BY subject, code
    ) GROUP BY subject
)
SELECT a.video, a.part, v.title, a.n, a.code, a.kind, a.message, a.status, a.first_at, a.last_at,
       a.next_attempt_at, a.looks, c.entries, coalesce(i.got = c.target AND i.condition = 'whole', 0), i.video IS NOT NULL,
       a.stage, h.ends, k.until, k.why, k.at, k.lost
FROM attempts a
CROSS JOIN wanted w ON w.video = a.video
CROSS JOIN claims c ON c.id = w.claim AND c.target IS NOT NULL AND NOT c.undecided
LEFT JOIN items i ON i.video = a.video
LEFT JOIN videos v ON v.id = a.video
LEFT JOIN acknowledged k ON k.video = a.video
LEFT JOIN tried h ON h.subject = a.video
WHERE NOT (a.part = 'media' AND coalesce(i.got = c.target AND i.condition = 'whole', 0))
UNION ALL
SELECT s.name, 'listing', l.title, l.attempts, l.code, l.kind, l.message, l.status, l.first_failed_at,
       l.failed_at, l.next_due_at, l.looks,
       (SELECT json_group_array(e.name ORDER BY e.position) FROM entry_sources t JOIN entries e ON e.id = t.entry
        WHERE t.source = s.id AND NOT e.suspended),
       l.completeness IS NOT NULL, 0, 'list', h.ends, k.until, k.why, k.at, k.lost
FROM listings l
JOIN sources s ON s.id = l.source
LEFT JOIN acknowledged k ON k.video = s.name
LEFT JOIN tried h ON h.subject = s.name
WHERE l.code IS NOT NULL
AND EXISTS (SELECT 1 FROM entry_sources t JOIN entries e ON e.id = t.entry WHERE t.source = s.id AND NOT e.suspended)
ORDER BY 1, 2
"""


def open_ones(db: Database) -> Iterator[OpenAttempt]:
    """Failures that still matter: of wanted videos, unless their media answer by now, and of entries' sources."""
    with db.snapshot() as reader:
        for columns in reader.each(_OPEN):
            told, (entries, have, on_disk, stage, ends, until, why, at, lost) = columns[:-9], columns[-9:]
            ignored = None if why is None else Acknowledgement(told[0], until, why, at, bool(lost))
            names = read_names(reader, entries)
            values: list[Any] = [*told, names, bool(have), bool(on_disk), ignored, stage, _tried(ends)]
            yield OpenAttempt(*values)


def _tried(ends: str | None) -> tuple[Tried, ...]:
    return tuple(Tried(*end) for end in json.loads(ends)) if ends else ()
