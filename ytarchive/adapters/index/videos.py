"""What is known of videos themselves: as cheap as a listing tells it, or as full as an extraction does."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields
from datetime import UTC, datetime
from typing import Literal

from ytarchive.adapters.index import text_history, tombstones, unjudged
from ytarchive.adapters.index.database import Database, SQLRow
from ytarchive.adapters.index.records import VideoRecord
from ytarchive.adapters.index.texts import storable
from ytarchive.core.instant import DAY, Instant
from ytarchive.core.item import Metadata
from ytarchive.core.job import ListedVideo, VideoDetails
from ytarchive.core.sources import upload_kind

Via = Literal["listing", "feed", "api", "extraction"]

_PLACEHOLDERS = frozenset({"[Private video]", "[Deleted video]"})
"""What YouTube lists in place of the title of a video that nobody can see."""

_COLUMNS = ", ".join(field.name for field in fields(VideoRecord))
_LISTED_TEXTS = ("title", "channel", "channel_id", "availability", "live_status", "kind")
_LISTED = (*_LISTED_TEXTS, "duration_seconds", "published_from", "published_to")
"""What a line of a list may tell; `staged` has these columns too."""
_STORED = (
    "id",
    *_LISTED,
    "uploaded_on",
    "language",
    "examined_at",
    "details_at",
    "told_by",
    "seen_at",
    "titled_at",
)


def _width(row: str) -> str:
    """How long the span is in which a video was published; an open one is longer than any other."""
    return f"(ifnull({row}published_to, 1 << 40) - ifnull({row}published_from, -(1 << 40)))"


def _statement(rows: str, *, rounded: bool = False, fill: bool = False) -> str:
    """What is not told now stays as it was; a row is written only when something changes.

    `rounded`: a length that differs by a second is the same one, told less exactly. `fill`: what is told is older
    than what is known, so it only fills gaps. Of two spans of time the narrower one says when a video was published,
    and of two exact times the later told one.
    """
    told = {
        column: f"coalesce({column}, excluded.{column})" if fill else f"coalesce(excluded.{column}, {column})"
        for column in _STORED[1:-3]
    }
    if rounded:
        told["duration_seconds"] = (
            "CASE WHEN abs(excluded.duration_seconds - duration_seconds) <= 1 THEN duration_seconds"
            " ELSE coalesce(excluded.duration_seconds, duration_seconds) END"
        )
    exact = "FALSE" if fill else f"{_width('excluded.')} = 0"
    for column in ("published_from", "published_to"):
        told[column] = (
            f"CASE WHEN {exact} OR {_width('excluded.')} < {_width('')} THEN excluded.{column} ELSE {column} END"
        )
    changes = " OR ".join(f"{value} IS NOT {column}" for column, value in told.items())
    assignments = ", ".join(f"{column} = {value}" for column, value in told.items())
    return f"""
        INSERT INTO videos ({", ".join(_STORED)}) {rows}
        ON CONFLICT (id) DO UPDATE SET {assignments}, told_by = excluded.told_by,
            seen_at = max(ifnull(seen_at, excluded.seen_at), excluded.seen_at),
            titled_at = CASE WHEN {told["title"]} IS NOT title THEN excluded.seen_at ELSE titled_at END
        WHERE {changes}
    """


_ONE_ROW = f"VALUES ({', '.join('?' * len(_STORED))})"
_TOLD = _statement(_ONE_ROW) + "RETURNING id"
_TOLD_ROUNDED = _statement(_ONE_ROW, rounded=True) + "RETURNING id"
_FILLED = _statement(_ONE_ROW, fill=True) + "RETURNING id"

# Lines that may tell something new: most tell nothing, and are found so ten times faster than by trying to write them.
_FIND_NEWS = f"""
INSERT INTO news SELECT f.video, f.position FROM fresh f
CROSS JOIN staged s ON s.source = :source AND s.position = f.position
LEFT JOIN videos v ON v.id = f.video
WHERE v.id IS NULL
OR {" OR ".join(f"(s.{column} IS NOT NULL AND s.{column} IS NOT v.{column})" for column in _LISTED_TEXTS)}
OR (s.duration_seconds IS NOT NULL AND ifnull(abs(s.duration_seconds - v.duration_seconds) > 1, TRUE))
OR {_width("s.")} < {_width("v.")} OR ({_width("s.")} = 0 AND s.published_from IS NOT v.published_from)
"""  # noqa: S608 - names of our own columns
_RECORD_NEWS = _statement(
    f"""
    SELECT s.video, {", ".join(f"s.{column}" for column in _LISTED)}, NULL, NULL, NULL, NULL, 'listing', :now,
           iif(s.title IS NULL, NULL, :now)
    FROM news n CROSS JOIN staged s ON s.source = :source AND s.position = n.position WHERE TRUE
    """,  # noqa: S608 - names of our own columns
    rounded=True,
)


def read(db: Database, video: str) -> VideoRecord | None:
    row = db.one(f"SELECT {_COLUMNS} FROM videos WHERE id = ?", (video,))  # noqa: S608 - names of our own columns
    return VideoRecord(*row) if row else None


def staged_columns(source: str, line: ListedVideo) -> SQLRow:
    """What a line tells, as `staged` holds it. A list of one kind of uploads tells what its videos are."""
    return (
        line.video,
        line.added_at,
        None if line.title in _PLACEHOLDERS else _text(line.title),
        _text(line.channel),
        _text(line.channel_id),
        _text(line.availability),
        _text(line.live_status),
        upload_kind(source) or line.kind,
        line.duration_seconds,
        line.published_from,
        line.published_to,
    )


def record_staged(db: Database, source: int, now: int) -> None:
    """What the gathered lines of a listing tell of their videos; of a double one the first line counts."""
    bindings = {"source": source, "now": now}
    if db.execute(_FIND_NEWS, {"source": source}):
        if db.execute(_RECORD_NEWS, bindings):
            unjudged.note_news(db)
            db.changed()
        db.execute("DELETE FROM news")
    _note_unshown(db, source)
    if tombstones.exist(db):  # a list goes on naming videos that are gone, without their titles
        shown = "SELECT video FROM staged WHERE source = ? AND title IS NOT NULL AND availability IS NOT 'private'"
        db.execute(f"DELETE FROM tombstones WHERE video IN ({shown})", (source,))  # noqa: S608 - no input


def _note_unshown(db: Database, source: int) -> None:
    """That a list names a video is no word of its being there: one that is gone stands in it without a title."""
    hidden = "SELECT video FROM staged WHERE source = ? AND (title IS NULL OR availability IS 'private')"
    if db.value("SELECT EXISTS (SELECT 1 FROM unshown)"):
        db.execute(
            "DELETE FROM unshown WHERE video IN (SELECT video FROM staged WHERE source = ?)", (source,)
        )
    db.execute(f"INSERT OR IGNORE INTO unshown {hidden}", (source,))


def record_details(db: Database, details: Sequence[VideoDetails], now: int, via: Via) -> None:
    """What was asked of videos one by one. An extraction has read their own pages."""
    statement = _TOLD if via == "extraction" else _TOLD_ROUNDED
    _write(db, statement, (_of_details(one, now, via) for one in details))
    text_history.note_descriptions(db, ((one.video, one.description) for one in details), now)
    tombstones.withdraw(db, [one.video for one in details])


def record(db: Database, video: str, metadata: Metadata, at: int) -> None:
    """What an extraction told at a time; where something is known since, it only fills gaps. An empty title tells nothing."""
    seen_at = db.value("SELECT seen_at FROM videos WHERE id = ?", (video,))
    is_older = seen_at is not None and seen_at > at
    _write(db, _FILLED if is_older else _TOLD, (_of_metadata(video, metadata, at),))


def fill(db: Database, video: str, metadata: Metadata, at: int) -> None:
    """What an item keeps of its first fetch fills gaps, and never takes the place of what was told since."""
    _write(db, _FILLED, (_of_metadata(video, metadata, at),))


def _of_metadata(video: str, metadata: Metadata, at: int) -> SQLRow:
    first, last = _day(metadata.uploaded_on)
    title = _text(metadata.title)
    return (
        video,
        title,
        _text(metadata.channel),
        _text(metadata.channel_id),
        _text(metadata.availability),
        _text(metadata.live_status),
        None,
        metadata.duration_seconds,
        first,
        last,
        _text(metadata.uploaded_on),
        None,
        at,
        None,
        "extraction",
        at,
        at if title else None,
    )


def _write(db: Database, statement: str, rows: Iterable[SQLRow]) -> None:
    changed = db.told_many(statement, rows)
    if changed:
        unjudged.note_videos(db, (video for (video,) in changed))
        db.changed()


def _of_details(details: VideoDetails, now: int, via: Via) -> SQLRow:
    title = None if details.title in _PLACEHOLDERS else _text(details.title)
    return (
        details.video,
        title,
        _text(details.channel),
        _text(details.channel_id),
        _text(details.availability),
        _text(details.live_status),
        details.kind,
        details.duration_seconds,
        details.published_at,
        details.published_at,
        None,
        _text(details.language),
        now if via == "extraction" else None,
        now if via == "api" else None,
        via,
        now,
        now if title else None,
    )


def _day(date: str | None) -> tuple[Instant | None, Instant | None]:
    """The first and the last second of a day (UTC) as metadata tell it: `2024-05-01`."""
    try:
        begin = int(datetime.strptime(date or "", "%Y-%m-%d").replace(tzinfo=UTC).timestamp())
    except ValueError:
        return None, None
    return begin, begin + DAY - 1


def _text(text: str | None) -> str | None:
    return storable(text) if text else None
