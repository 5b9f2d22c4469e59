"""Which videos a source holds, and since when. Rows are written only for what changed."""

from __future__ import annotations

from collections.abc import Iterable

from ytarchive.adapters.index import claims, unjudged
from ytarchive.adapters.index.database import Bindings, Database, SQLRow
from ytarchive.adapters.index.records import ListingChange, Membership


def source_id(db: Database, name: str) -> int:
    """The number of a source, given when it is first named."""
    known = find_source(db, name)
    if known is not None:
        return known
    return int(db.value("INSERT INTO sources (name) VALUES (?) RETURNING id", (name,)))


def find_source(db: Database, name: str) -> int | None:
    found = db.value("SELECT id FROM sources WHERE name = ?", (name,))
    return None if found is None else int(found)


def members(db: Database, source: str, limit: int = -1) -> tuple[str, ...]:
    """The videos that a source is held to have, in its order; the first `limit` of them, or all."""
    sql = """
        SELECT m.video FROM memberships m JOIN sources s ON s.id = m.source
        WHERE s.name = ? AND m.last_seen_at IS NULL ORDER BY m.position, m.video LIMIT ?
    """
    return tuple(video for (video,) in db.all(sql, (source, limit)))


def history(db: Database, video: str) -> tuple[Membership, ...]:
    """Every source that holds or held a video, the first one first. Positions count from 0 in what is held now."""
    rows = db.all(
        """
        SELECT s.name,
            m.position - coalesce((SELECT min(position) FROM memberships
                                   WHERE source = m.source AND last_seen_at IS NULL), m.position),
            m.added_at, m.first_seen_at, m.last_seen_at
        FROM memberships m JOIN sources s ON s.id = m.source WHERE m.video = ? ORDER BY m.first_seen_at, s.name
        """,
        (video,),
    )
    return tuple(
        Membership(source, max(0, position), added_at, first_seen_at, last_seen_at)
        for source, position, added_at, first_seen_at, last_seen_at in rows
    )


def stage(db: Database, source: int, lines: Iterable[SQLRow], start: int) -> None:
    """Keep lines of a listing aside (`videos.staged_columns`) at positions from `start`; nobody sees them before they are merged."""
    db.execute_many(
        "INSERT OR REPLACE INTO staged VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        ((source, position, *line) for position, line in enumerate(lines, start)),
    )


def stage_ids(db: Database, source: int, videos: Iterable[str]) -> None:
    """The same for ids of which nothing else is told."""
    db.execute_many(
        "INSERT INTO staged (source, position, video) VALUES (?, ?, ?)",
        ((source, position, video) for position, video in enumerate(videos)),
    )


def discard_staged(db: Database, source: int) -> None:
    db.execute("DELETE FROM staged WHERE source = ?", (source,))


def staged_lines(db: Database, source: int) -> int:
    return int(db.value("SELECT count(*) FROM staged WHERE source = ?", (source,)))


def first_staged(db: Database, source: int, count: int) -> list[str]:
    sql = "SELECT video FROM staged WHERE source = ? ORDER BY position LIMIT ?"
    return [video for (video,) in db.all(sql, (source, count))]


def gather(db: Database, source: int) -> int:
    """Prepare what is staged for a merge; how many videos that the source holds are not among it."""
    db.execute(
        "INSERT INTO fresh SELECT video, min(position), added_at FROM staged WHERE source = ? GROUP BY video",
        (source,),
    )
    return int(db.value(f"SELECT count(*) {_GONE}", {"source": source}))


def merge_all(db: Database, source: int, now: int, *, seen_at: int) -> ListingChange:
    """What was gathered is what the source holds. What it no longer holds was last seen at `seen_at`."""
    removed = _mark_dirty(db, f"SELECT video {_GONE}", {"source": source})
    if removed:
        # A clock that went back in between makes no video leave before it came.
        db.execute(
            """
            UPDATE memberships SET last_seen_at = max(:seen_at, first_seen_at)
            WHERE source = :source AND video IN (SELECT video FROM dirty)
            """,
            {"source": source, "seen_at": seen_at},
        )
    shift = _shift(db, source)
    moved = db.execute(
        """
        UPDATE memberships SET position = f.position + :shift FROM fresh f
        WHERE memberships.source = :source AND memberships.video = f.video
        AND memberships.position <> f.position + :shift AND memberships.last_seen_at IS NULL
        """,
        {"source": source, "shift": shift},
    )
    added = _add_fresh(db, source, now, shift)
    kept = int(db.value("SELECT count(*) FROM fresh")) - added
    _settle(db, source, changed=bool(added or removed or moved))
    return ListingChange(added, removed, kept)


def merge_some(db: Database, source: int, now: int, *, in_front: bool = False) -> ListingChange:
    """What was gathered is in the source; of the rest nothing is known, so nothing is taken away or moved.

    `in_front`: what is new comes before everything that is held.
    """
    before = held(db, source)
    shift = _shift_in_front(db, source) if in_front else _shift(db, source)
    added = _add_fresh(db, source, now, shift)
    _settle(db, source, changed=bool(added))
    return ListingChange(added, 0, before)


def held(db: Database, source: int) -> int:
    """How many videos the source holds as far as is known."""
    sql = "SELECT count(*) FROM memberships WHERE source = ? AND last_seen_at IS NULL"
    return int(db.value(sql, (source,)))


def add_one(db: Database, source: int, video: str, position: int, now: int) -> None:
    """Put a video into a source, unless it is there, and decide again who claims it."""
    db.execute(
        "INSERT OR IGNORE INTO memberships (source, video, position, first_seen_at) VALUES (?, ?, ?, ?)",
        (source, video, position, now),
    )
    _mark_dirty(db, "SELECT ?", (video,))
    _settle(db, source, changed=True)


def claim_one(db: Database, source: int, video: str, *, stays: bool) -> None:
    """Decide again who claims a video of a source; unless it `stays` there, it is taken out of it."""
    if not stays:
        db.execute("DELETE FROM memberships WHERE source = ? AND video = ?", (source, video))
    _mark_dirty(db, "SELECT ?", (video,))
    _settle(db, source, changed=True)


def drop(db: Database, source: int) -> None:
    """Forget a source with all that it held."""
    _mark_dirty(db, "SELECT video FROM memberships WHERE source = ? AND last_seen_at IS NULL", (source,))
    db.execute("DELETE FROM memberships WHERE source = ?", (source,))
    _settle(db, source, changed=True)


_GONE = """
FROM memberships m WHERE m.source = :source AND m.last_seen_at IS NULL
AND NOT EXISTS (SELECT 1 FROM fresh f WHERE f.video = m.video)
"""


def _shift(db: Database, source: int) -> int:
    """How far held positions are from listed ones, for most videos: so few are moved by what is new in front of them."""
    shift = db.value(
        """
        SELECT m.position - f.position FROM fresh f
        JOIN memberships m ON m.source = ? AND m.video = f.video AND m.last_seen_at IS NULL
        GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1
        """,
        (source,),
    )
    return int(shift or 0)


def _shift_in_front(db: Database, source: int) -> int:
    """What puts every new line before all that is held."""
    first = db.value(
        "SELECT min(position) FROM memberships WHERE source = ? AND last_seen_at IS NULL", (source,)
    )
    if first is None:
        return 0
    last_new = db.value(
        """
        SELECT max(f.position) FROM fresh f LEFT JOIN memberships m ON m.source = ? AND m.video = f.video
        WHERE m.video IS NULL OR m.last_seen_at IS NOT NULL
        """,
        (source,),
    )
    return int(first) - 1 - int(last_new or 0)


def _add_fresh(db: Database, source: int, now: int, shift: int) -> int:
    """Members that are new, or back again; how many."""
    bindings = {"source": source, "now": now, "shift": shift}
    added = db.execute(
        """
        INSERT OR IGNORE INTO arrived
        SELECT f.video FROM fresh f LEFT JOIN memberships m ON m.source = :source AND m.video = f.video
        WHERE m.video IS NULL OR m.last_seen_at IS NOT NULL
        """,
        {"source": source},
    )
    if added:
        _mark_dirty(db, "SELECT video FROM arrived", ())
        db.execute(
            """
            INSERT INTO memberships (source, video, position, added_at, first_seen_at)
            SELECT :source, f.video, f.position + :shift, f.added_at, :now
            FROM arrived a CROSS JOIN fresh f ON f.video = a.video WHERE TRUE
            ON CONFLICT (source, video) DO UPDATE SET position = excluded.position,
                added_at = coalesce(excluded.added_at, added_at), last_seen_at = NULL
            """,
            bindings,
        )
        db.execute("DELETE FROM arrived")
    return added


def _mark_dirty(db: Database, select: str, bindings: Bindings) -> int:
    return db.execute("INSERT OR IGNORE INTO dirty " + select, bindings)


def _note_added(db: Database, source: int) -> None:
    """When the list's owner put videos there, as far as it was told now."""
    if db.value("SELECT EXISTS (SELECT 1 FROM fresh WHERE added_at IS NOT NULL)"):
        db.execute(
            """
            UPDATE memberships SET added_at = f.added_at FROM fresh f
            WHERE memberships.source = ? AND memberships.video = f.video
            AND f.added_at IS NOT NULL AND memberships.added_at IS NOT f.added_at
            """,
            (source,),
        )


def _settle(db: Database, source: int, *, changed: bool) -> None:
    _note_added(db, source)
    if changed:
        unjudged.note_members(db, source)
        db.changed()
    claims.reassign_dirty(db)
    db.execute("DELETE FROM fresh")
