"""What filters have to look at again: videos of which something became known, and that came or went."""

from __future__ import annotations

from collections.abc import Iterable

from ytarchive.adapters.index.database import Database


def note_videos(db: Database, videos: Iterable[str]) -> None:
    """Something became known of these. Without a filter nobody asks."""
    if _filters_exist(db):
        db.execute_many("INSERT OR IGNORE INTO unjudged VALUES (?)", ((video,) for video in videos))


def note_news(db: Database) -> None:
    """The same of those whose lines in a list told something."""
    if _filters_exist(db):
        db.execute("INSERT OR IGNORE INTO unjudged SELECT video FROM news")


def note_members(db: Database, source: int) -> None:
    """The dirty videos came into a source or left it, or it has another order."""
    if db.value(
        "SELECT 1 FROM entry_sources s JOIN entries e ON e.id = s.entry"
        " WHERE s.source = ? AND e.filter IS NOT NULL LIMIT 1",
        (source,),
    ):
        db.execute("INSERT OR IGNORE INTO unjudged SELECT video FROM dirty")
        db.execute(
            "UPDATE entries SET judged_by = NULL WHERE counted AND judged_by IS NOT NULL"
            " AND id IN (SELECT entry FROM entry_sources WHERE source = ?)",
            (source,),
        )


def _filters_exist(db: Database) -> bool:
    return bool(db.value("SELECT EXISTS (SELECT 1 FROM entries WHERE filter IS NOT NULL)"))
