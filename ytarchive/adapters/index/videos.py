"""What is known of videos themselves: as cheap as a listing tells it, or as full as an extraction does."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields

from ytarchive.adapters.index.database import Database, SQLRow
from ytarchive.adapters.index.records import VideoRecord
from ytarchive.adapters.index.texts import storable
from ytarchive.core.item import Metadata
from ytarchive.core.job import ListedVideo

_PLACEHOLDERS = frozenset({"[Private video]", "[Deleted video]"})
"""What YouTube lists in place of the title of a video that nobody can see."""

_COLUMNS = ", ".join(field.name for field in fields(VideoRecord))

# What is not told now stays as it was; a row is written only when something in it changes.
_UPSERT = """
INSERT INTO videos VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (id) DO UPDATE SET
    title = coalesce(excluded.title, title),
    channel = coalesce(excluded.channel, channel),
    channel_id = coalesce(excluded.channel_id, channel_id),
    duration_seconds = coalesce(excluded.duration_seconds, duration_seconds),
    uploaded_on = coalesce(excluded.uploaded_on, uploaded_on),
    availability = coalesce(excluded.availability, availability),
    live_status = coalesce(excluded.live_status, live_status),
    seen_at = excluded.seen_at
WHERE coalesce(excluded.title, title) IS NOT title
   OR coalesce(excluded.channel, channel) IS NOT channel
   OR coalesce(excluded.channel_id, channel_id) IS NOT channel_id
   OR coalesce(excluded.duration_seconds, duration_seconds) IS NOT duration_seconds
   OR coalesce(excluded.uploaded_on, uploaded_on) IS NOT uploaded_on
   OR coalesce(excluded.availability, availability) IS NOT availability
   OR coalesce(excluded.live_status, live_status) IS NOT live_status
"""


def read(db: Database, video: str) -> VideoRecord | None:
    row = db.one(f"SELECT {_COLUMNS} FROM videos WHERE id = ?", (video,))  # noqa: S608 - names of our own columns
    return VideoRecord(*row) if row else None


def record_listed(db: Database, listed: Iterable[ListedVideo], now: int) -> None:
    if db.execute_many(_UPSERT, (_of_line(line, now) for line in listed)):
        db.changed()


def record(db: Database, video: str, metadata: Metadata, now: int) -> None:
    """Remember what is told; an empty title tells nothing."""
    columns = (
        video,
        _text(metadata.title),
        _text(metadata.channel),
        _text(metadata.channel_id),
        metadata.duration_seconds,
        _text(metadata.uploaded_on),
        _text(metadata.availability),
        _text(metadata.live_status),
        now,
    )
    if db.execute(_UPSERT, columns):
        db.changed()


def _of_line(line: ListedVideo, now: int) -> SQLRow:
    title = None if line.title in _PLACEHOLDERS else _text(line.title)
    channel, channel_id = _text(line.channel), _text(line.channel_id)
    return (line.video, title, channel, channel_id, line.duration_seconds, None, None, None, now)


def _text(text: str | None) -> str | None:
    return storable(text) if text else None
