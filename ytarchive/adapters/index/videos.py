"""What is known of videos themselves: as cheap as a listing tells it, or as full as an extraction does."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
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
_PLAIN = (
    "title",
    "channel",
    "channel_id",
    "uploaded_on",
    "availability",
    "live_status",
    "kind",
    "language",
)
_STORED = (
    "id",
    *_PLAIN,
    "duration_seconds",
    "published_from",
    "published_to",
    "examined_at",
    "details_at",
    "told_by",
    "seen_at",
    "titled_at",
)


def _statement(*, rounded: bool = False, fill: bool = False) -> str:
    """What is not told now stays as it was; a row is written, and its id returned, only when something changes.

    `rounded`: a length that differs by a second is the same one, told less exactly. `fill`: what is told is older
    than what is known, so it only fills gaps. Of two spans of time the narrower one says when a video was published,
    and of two exact times the later told one.
    """
    told = {
        column: f"coalesce({column}, excluded.{column})" if fill else f"coalesce(excluded.{column}, {column})"
        for column in (*_PLAIN, "duration_seconds", "examined_at", "details_at")
    }
    if rounded:
        told["duration_seconds"] = (
            "CASE WHEN abs(excluded.duration_seconds - duration_seconds) <= 1 THEN duration_seconds"
            " ELSE coalesce(excluded.duration_seconds, duration_seconds) END"
        )
    width, new_width = (
        f"ifnull({row}published_to, 1 << 40) - ifnull({row}published_from, -(1 << 40))"
        for row in ("", "excluded.")
    )
    exact = "FALSE" if fill else f"{new_width} = 0"
    for column in ("published_from", "published_to"):
        told[column] = f"CASE WHEN {exact} OR {new_width} < {width} THEN excluded.{column} ELSE {column} END"
    changes = " OR ".join(f"{value} IS NOT {column}" for column, value in told.items())
    assignments = ", ".join(f"{column} = {value}" for column, value in told.items())
    return f"""
        INSERT INTO videos ({", ".join(_STORED)}) VALUES ({", ".join("?" * len(_STORED))})
        ON CONFLICT (id) DO UPDATE SET {assignments}, told_by = excluded.told_by,
            seen_at = max(ifnull(seen_at, excluded.seen_at), excluded.seen_at),
            titled_at = CASE WHEN {told["title"]} IS NOT title THEN excluded.seen_at ELSE titled_at END
        WHERE {changes}
        RETURNING id
    """  # noqa: S608 - names of our own columns


_LISTED = _statement(rounded=True)
_TOLD = _statement()
_FILLED = _statement(fill=True)


def read(db: Database, video: str) -> VideoRecord | None:
    row = db.one(f"SELECT {_COLUMNS} FROM videos WHERE id = ?", (video,))  # noqa: S608 - names of our own columns
    return VideoRecord(*row) if row else None


def record_listed(db: Database, source: str, listed: Sequence[ListedVideo], now: int) -> None:
    """One page of a listing. A list of one kind of uploads tells what its videos are."""
    kind = upload_kind(source)
    told = [_of_line(line, kind, now) for line in listed]
    _write(db, _LISTED, _news(told, _held(db, [row[0] for row in told])))
    tombstones.withdraw(db, [line.video for line in listed if _shows(line)])


def record_details(db: Database, details: Sequence[VideoDetails], now: int, via: Via) -> None:
    """What was asked of videos one by one. An extraction has read their own pages."""
    _write(db, _TOLD if via == "extraction" else _LISTED, (_of_details(one, now, via) for one in details))
    text_history.note_descriptions(db, ((one.video, one.description) for one in details), now)
    tombstones.withdraw(db, [one.video for one in details])


def record(db: Database, video: str, metadata: Metadata, at: int) -> None:
    """What an extraction told at a time; where something is known since, it only fills gaps. An empty title tells nothing."""
    seen_at = db.value("SELECT seen_at FROM videos WHERE id = ?", (video,))
    first, last = _day(metadata.uploaded_on)
    title = _text(metadata.title)
    row = (
        video,
        title,
        _text(metadata.channel),
        _text(metadata.channel_id),
        _text(metadata.uploaded_on),
        _text(metadata.availability),
        _text(metadata.live_status),
        None,
        None,
        metadata.duration_seconds,
        first,
        last,
        at,
        None,
        "extraction",
        at,
        at if title else None,
    )
    _write(db, _FILLED if seen_at is not None and seen_at > at else _TOLD, (row,))


_COMPARED = _STORED.index("examined_at")
_PLAIN_COUNT = 1 + len(_PLAIN)


def _held(db: Database, videos: Sequence[str]) -> dict[str, SQLRow]:
    """What is known of videos, as far as a line of a list may tell it."""
    columns = ", ".join(_STORED[:_COMPARED])
    rows = db.all(
        f"SELECT {columns} FROM videos WHERE id IN (SELECT value FROM json_each(?))",  # noqa: S608 - our own columns
        (json.dumps(videos),),
    )
    return {row[0]: row for row in rows}


def _news(told: Iterable[SQLRow], held: dict[str, SQLRow]) -> Iterator[SQLRow]:
    """The lines that may tell something new; once one does, another one of the same video may as well."""
    for row in told:
        if not _is_known(row, held.get(row[0])):
            held.pop(row[0], None)
            yield row


def _is_known(told: SQLRow, held: SQLRow | None) -> bool:
    """Whether a line tells nothing new for sure: most lines do, and the statement that writes would take ten times longer to find it out."""
    if held is None:
        return False
    for new, old in zip(told[:_PLAIN_COUNT], held, strict=False):
        if new != old and new is not None:
            return False
    duration, first, last = told[_PLAIN_COUNT:_COMPARED]
    old_duration, old_first, old_last = held[_PLAIN_COUNT:]
    if duration is not None and duration != old_duration:
        return False
    return (first, last) in ((None, None), (old_first, old_last)) or _is_wider(
        first, last, old_first, old_last
    )


def _is_wider(
    first: Instant | None, last: Instant | None, old_first: Instant | None, old_last: Instant | None
) -> bool:
    """Whether a span says no better than another one when a video was published: "3 years ago" moves every day."""
    if first is None or last is None or old_first is None or old_last is None:
        return False
    return last > first and last - first >= old_last - old_first


def _write(db: Database, statement: str, rows: Iterable[SQLRow]) -> None:
    changed = db.told_many(statement, rows)
    if changed:
        unjudged.note_videos(db, (video for (video,) in changed))
        db.changed()


def _of_line(line: ListedVideo, kind: str | None, now: int) -> SQLRow:
    title = None if line.title in _PLACEHOLDERS else _text(line.title)
    return (
        line.video,
        title,
        _text(line.channel),
        _text(line.channel_id),
        None,
        _text(line.availability),
        _text(line.live_status),
        kind or line.kind,
        None,
        line.duration_seconds,
        line.published_from,
        line.published_to,
        None,
        None,
        "listing",
        now,
        now if title else None,
    )


def _of_details(details: VideoDetails, now: int, via: Via) -> SQLRow:
    title = None if details.title in _PLACEHOLDERS else _text(details.title)
    return (
        details.video,
        title,
        _text(details.channel),
        _text(details.channel_id),
        None,
        _text(details.availability),
        _text(details.live_status),
        details.kind,
        _text(details.language),
        details.duration_seconds,
        details.published_at,
        details.published_at,
        now if via == "extraction" else None,
        now if via == "api" else None,
        via,
        now,
        now if title else None,
    )


def _shows(line: ListedVideo) -> bool:
    """Whether a line is of a video that can be seen: a list goes on naming those that are gone."""
    return bool(line.title) and line.title not in _PLACEHOLDERS and line.availability != "private"


def _day(date: str | None) -> tuple[Instant | None, Instant | None]:
    """The first and the last second of a day (UTC) as metadata tell it: `2024-05-01`."""
    try:
        begin = int(datetime.strptime(date or "", "%Y-%m-%d").replace(tzinfo=UTC).timestamp())
    except ValueError:
        return None, None
    return begin, begin + DAY - 1


def _text(text: str | None) -> str | None:
    return storable(text) if text else None
