"""Feeds: what they showed when they were last read, and how often they failed since."""

from __future__ import annotations

from dataclasses import fields

from ytarchive.adapters.index.database import Database
from ytarchive.adapters.index.records import FeedRecord

_COLUMNS = ", ".join(field.name for field in fields(FeedRecord))


def read(db: Database, key: str) -> FeedRecord | None:
    row = db.one(f"SELECT {_COLUMNS} FROM feeds WHERE key = ?", (key,))  # noqa: S608 - names of our own columns
    return FeedRecord(*row) if row else None


def record(db: Database, key: str, fingerprint: str, now: int, next_due_at: int) -> None:
    """It was read; failures of before are over."""
    db.execute(
        "INSERT OR REPLACE INTO feeds (key, fingerprint, at, next_due_at) VALUES (?, ?, ?, ?)",
        (key, fingerprint, now, next_due_at),
    )


def fail(db: Database, key: str, code: str, next_due_at: int) -> None:
    """It could not be read; what it showed before stays."""
    db.execute(
        """
        INSERT INTO feeds (key, attempts, code, next_due_at) VALUES (?, 1, ?, ?)
        ON CONFLICT (key) DO UPDATE SET attempts = attempts + 1, code = excluded.code,
            next_due_at = excluded.next_due_at
        """,
        (key, code, next_due_at),
    )


def retry_now(db: Database, keys: list[str]) -> None:
    db.execute_many(
        "UPDATE feeds SET next_due_at = 0 WHERE key = ? AND code IS NOT NULL", ((key,) for key in keys)
    )
