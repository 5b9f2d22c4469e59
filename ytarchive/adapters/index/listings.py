"""Listings of sources: staged page by page, merged when they end, and what is remembered of each."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from ytarchive.adapters.index import memberships, videos
from ytarchive.adapters.index.database import Database
from ytarchive.adapters.index.records import Listing, ListingChange
from ytarchive.adapters.index.texts import storable
from ytarchive.core.failure import Failure
from ytarchive.core.job import Known, ListedVideo, ListingSummary

KNOWN_IDS = 100
"""A page of a playlist: what one look shows."""

_COLUMNS = ", ".join(f"l.{field.name}" for field in fields(Listing) if field.name != "source")


def begin(db: Database, source: str) -> None:
    with db.transaction():
        memberships.discard_staged(db, memberships.source_id(db, source))


def add(db: Database, source: str, listed: Sequence[ListedVideo], start: int, now: int) -> None:
    """Stage one page of a listing, at positions from `start`."""
    with db.transaction():
        source_id = memberships.source_id(db, source)
        memberships.stage(db, source_id, (line.video for line in listed), start)
        videos.record_listed(db, listed, now)


def finish(db: Database, source: str, summary: ListingSummary, now: int, next_due_at: int) -> ListingChange:
    """Merge what was staged. Only a complete listing, all of whose lines came, takes anything away."""
    with db.transaction():
        source_id = memberships.source_id(db, source)
        db.execute("INSERT OR IGNORE INTO listings (source) VALUES (?)", (source_id,))
        lines = memberships.staged_lines(db, source_id)
        if summary.completeness == "unchanged":
            change = ListingChange(kept=memberships.held(db, source_id))
            held: dict[str, Any] = {}
        elif summary.completeness == "complete" and lines >= summary.got:
            last_seen_at = db.value(
                "SELECT coalesce(at, full_at) FROM listings WHERE source = ?", (source_id,)
            )
            change = memberships.merge_all(db, source_id, now, seen_at=last_seen_at or now)
            held = _held_read(db, source_id, summary, now)
        else:
            change = memberships.merge_some(db, source_id, now)
            held = (
                _held_read(db, source_id, summary, now)
                if summary.completeness == "short"
                else _held_partial(summary, lines)
            )
        memberships.discard_staged(db, source_id)
        if summary.title:
            held["title"] = storable(summary.title)
        # Trouble is over only with a listing that came to its end; until then its backoff goes on growing.
        over = {} if held.get("completeness") == "partial" else _NO_FAILURE
        _record(db, source_id, at=now, next_due_at=next_due_at, **held, **over)
    return change


def fail(db: Database, source: str, failure: Failure, now: int, next_due_at: int) -> None:
    """Note that a source could not be listed; what is held of it stays."""
    with db.transaction():
        source_id = memberships.source_id(db, source)
        memberships.discard_staged(db, source_id)
        db.execute("INSERT OR IGNORE INTO listings (source) VALUES (?)", (source_id,))
        db.execute(
            "UPDATE listings SET attempts = attempts + 1, first_failed_at = coalesce(first_failed_at, ?)"
            " WHERE source = ?",
            (now, source_id),
        )
        _record(
            db,
            source_id,
            code=failure.code,
            kind=failure.kind,
            message=storable(failure.evidence.message),
            status=failure.evidence.status,
            failed_at=now,
            next_due_at=next_due_at,
        )


def read(db: Database, source: str) -> Listing | None:
    row = db.one(
        f"SELECT {_COLUMNS} FROM listings l JOIN sources s ON s.id = l.source WHERE s.name = ?",  # noqa: S608 - as below
        (source,),
    )
    return Listing(source, *row) if row else None


def known(db: Database, source: str) -> Known | None:
    """What one look must show for the source to be unchanged; None when what is held was not read to its end."""
    row = db.one(
        """
        SELECT l.first_ids, l.length FROM listings l JOIN sources s ON s.id = l.source
        WHERE s.name = ? AND l.completeness IN ('complete', 'short')
        """,
        (source,),
    )
    try:
        return Known(tuple(json.loads(row[0])), row[1]) if row else None
    except ValueError:
        return None  # then every line is read, and it is known again


_NO_FAILURE: dict[str, Any] = {
    "attempts": 0,
    "code": None,
    "kind": None,
    "message": None,
    "status": None,
    "first_failed_at": None,
    "failed_at": None,
}


def _held_read(db: Database, source: int, summary: ListingSummary, now: int) -> dict[str, Any]:
    return {
        "completeness": summary.completeness,
        "expected": summary.expected,
        "got": summary.got,
        "why": storable(summary.why) if summary.why else None,
        "full_at": now,
        "first_ids": json.dumps(memberships.first_staged(db, source, KNOWN_IDS)),
        "length": summary.got if summary.expected is None else summary.expected,
    }


def _held_partial(summary: ListingSummary, lines: int) -> dict[str, Any]:
    why = summary.why
    if summary.completeness == "complete":
        why = f"only {lines} of {summary.got} lines arrived"
    return {
        "completeness": "partial",
        "expected": summary.expected,
        "got": summary.got,
        "why": storable(why) if why else None,
    }


def _record(db: Database, source: int, **columns: Any) -> None:
    assignments = ", ".join(f"{name} = :{name}" for name in columns)
    db.execute(f"UPDATE listings SET {assignments} WHERE source = :source", {"source": source, **columns})  # noqa: S608 - names of our own columns
