"""Which videos a source holds, and since when. Rows are written only for what changed."""

from __future__ import annotations

from collections.abc import Iterable

from ytarchive.adapters.index import claims
from ytarchive.adapters.index.database import Bindings, Database
from ytarchive.adapters.index.records import ListingChange


def source_id(db: Database, name: str) -> int:
    """The number of a source, given when it is first named."""
    known = find_source(db, name)
    if known is not None:
        return known
    return int(db.value("INSERT INTO sources (name) VALUES (?) RETURNING id", (name,)))


def find_source(db: Database, name: str) -> int | None:
    found = db.value("SELECT id FROM sources WHERE name = ?", (name,))
    return None if found is None else int(found)


def members(db: Database, source: str) -> tuple[str, ...]:
    """The videos that a source is held to have, in its order."""
    sql = """
        SELECT m.video FROM memberships m JOIN sources s ON s.id = m.source
        WHERE s.name = ? AND m.last_seen_at IS NULL ORDER BY m.position
    """
    return tuple(video for (video,) in db.all(sql, (source,)))


def stage(db: Database, source: int, videos: Iterable[str], start: int) -> None:
    """Keep lines of a listing aside, at positions from `start`; nobody sees them before they are merged."""
    db.execute_many(
        "INSERT OR REPLACE INTO staged (source, position, video) VALUES (?, ?, ?)",
        ((source, position, video) for position, video in enumerate(videos, start)),
    )


def discard_staged(db: Database, source: int) -> None:
    db.execute("DELETE FROM staged WHERE source = ?", (source,))


def staged_lines(db: Database, source: int) -> int:
    return int(db.value("SELECT count(*) FROM staged WHERE source = ?", (source,)))


def first_staged(db: Database, source: int, count: int) -> list[str]:
    sql = "SELECT video FROM staged WHERE source = ? ORDER BY position LIMIT ?"
    return [video for (video,) in db.all(sql, (source, count))]


def merge_all(db: Database, source: int, now: int, *, seen_at: int) -> ListingChange:
    """What is staged is what the source holds. What it no longer holds was last seen at `seen_at`."""
    _gather(db, source)
    gone = """
        FROM memberships WHERE source = :source AND last_seen_at IS NULL
        AND NOT EXISTS (SELECT 1 FROM fresh f WHERE f.video = memberships.video)
    """
    removed = _mark_dirty(db, "SELECT video " + gone, {"source": source})
    if removed:
        db.execute(
            """
            UPDATE memberships SET last_seen_at = :seen_at WHERE source = :source AND last_seen_at IS NULL
            AND NOT EXISTS (SELECT 1 FROM fresh f WHERE f.video = memberships.video)
            """,
            {"source": source, "seen_at": seen_at},
        )
    moved = db.execute(
        """
        UPDATE memberships SET position = f.position FROM fresh f
        WHERE memberships.source = :source AND memberships.video = f.video
        AND memberships.position <> f.position AND memberships.last_seen_at IS NULL
        """,
        {"source": source},
    )
    added = _add_fresh(db, source, now)
    kept = int(db.value("SELECT count(*) FROM fresh")) - added
    _settle(db, changed=bool(added or removed or moved))
    return ListingChange(added, removed, kept)


def merge_some(db: Database, source: int, now: int) -> ListingChange:
    """What is staged is in the source; of the rest nothing is known, so nothing is taken away or moved."""
    _gather(db, source)
    added = _add_fresh(db, source, now)
    kept = held(db, source) - added
    _settle(db, changed=bool(added))
    return ListingChange(added, 0, kept)


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
    _settle(db, changed=True)


def drop(db: Database, source: int) -> None:
    """Forget a source with all that it held."""
    _mark_dirty(db, "SELECT video FROM memberships WHERE source = ? AND last_seen_at IS NULL", (source,))
    db.execute("DELETE FROM memberships WHERE source = ?", (source,))
    _settle(db, changed=True)


def _gather(db: Database, source: int) -> None:
    db.execute(
        "INSERT INTO fresh SELECT video, min(position) FROM staged WHERE source = ? GROUP BY video", (source,)
    )


def _add_fresh(db: Database, source: int, now: int) -> int:
    """Members that are new, or back again; how many."""
    added = _mark_dirty(
        db,
        """
        SELECT f.video FROM fresh f LEFT JOIN memberships m ON m.source = :source AND m.video = f.video
        WHERE m.video IS NULL OR m.last_seen_at IS NOT NULL
        """,
        {"source": source},
    )
    if added:
        db.execute(
            """
            INSERT INTO memberships (source, video, position, first_seen_at)
            SELECT :source, f.video, f.position, :now FROM fresh f JOIN dirty d ON d.video = f.video WHERE TRUE
            ON CONFLICT (source, video) DO UPDATE SET position = excluded.position, last_seen_at = NULL
            WHERE last_seen_at IS NOT NULL
            """,
            {"source": source, "now": now},
        )
    return added


def _mark_dirty(db: Database, select: str, bindings: Bindings) -> int:
    return db.execute("INSERT OR IGNORE INTO dirty " + select, bindings)


def _settle(db: Database, *, changed: bool) -> None:
    claims.reassign_dirty(db)
    db.execute("DELETE FROM fresh")
    if changed:
        db.changed()
