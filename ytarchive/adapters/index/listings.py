"""Listings of sources: staged page by page, merged when they end, and what is remembered of each."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from ytarchive.adapters.index import catalogues, channels, desired, memberships, verdicts, videos
from ytarchive.adapters.index.database import Database
from ytarchive.adapters.index.records import Listing, ListingChange
from ytarchive.adapters.index.texts import storable
from ytarchive.core.confirmation import Looks, looked
from ytarchive.core.failure import Failure
from ytarchive.core.job import Known, ListedVideo, ListingSummary
from ytarchive.core.listing import is_confirmed, is_shrunken
from ytarchive.core.sources import kind_of

KNOWN_IDS = 100
"""A page of a playlist: what one look shows."""
RECENT_IDS = 200
"""Where a look at the head of a list may end."""

_COLUMNS = ", ".join(f"l.{field.name}" for field in fields(Listing) if field.name != "source")
_Held = dict[str, Any]
"""Columns of `listings` that tell of what is held; none where it is as before."""


def begin(db: Database, source: str) -> None:
    with db.transaction():
        memberships.discard_staged(db, memberships.source_id(db, source))


def add(db: Database, source: str, listed: Sequence[ListedVideo], start: int) -> None:
    """Stage one page of a listing, at positions from `start`."""
    with db.transaction():
        source_id = memberships.source_id(db, source)
        memberships.stage(db, source_id, (videos.staged_columns(source, line) for line in listed), start)


def finish(db: Database, source: str, summary: ListingSummary, now: int, next_due_at: int) -> ListingChange:
    """Merge what was staged. Only a complete listing, all of whose lines came, takes anything away."""
    kind = kind_of(source)
    with db.transaction():
        source_id = memberships.source_id(db, source)
        db.execute("INSERT OR IGNORE INTO listings (source) VALUES (?)", (source_id,))
        merge = _merge_catalogue if kind == "catalogue" else _merge_videos
        if kind == "channel" and summary.channel is not None:
            channels.record(db, source, summary.channel, now)
            change, held = ListingChange(), _held_read(summary, now, [], {"completeness": "complete"})
        else:
            change, held = merge(db, source_id, summary, now)
        memberships.discard_staged(db, source_id)
        if summary.title:
            held["title"] = storable(summary.title)
        # Trouble is over only with a listing that came to its end; until then its backoff goes on growing.
        over = {} if held.get("completeness") == "partial" else _NO_FAILURE
        _record(db, source_id, at=now, next_due_at=next_due_at, via=summary.via, **held, **over)
        if kind in ("channel", "catalogue"):
            desired.resolve_sources(db, now)
        else:
            verdicts.judge(db, now)
    return change


def fail(db: Database, source: str, failure: Failure, now: int, next_due_at: int) -> None:
    """Note that a source could not be listed; what is held of it stays."""
    with db.transaction():
        source_id = memberships.source_id(db, source)
        memberships.discard_staged(db, source_id)
        db.execute("INSERT OR IGNORE INTO listings (source) VALUES (?)", (source_id,))
        looks = looked(_looks(db, source_id), failure.code, now)
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
            looks=looks.count,
            looked_at=looks.at,
        )


def _looks(db: Database, source: int) -> Looks | None:
    row = db.one(
        "SELECT code, looks, looked_at FROM listings WHERE source = ? AND code IS NOT NULL", (source,)
    )
    return Looks(*row) if row else None


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
        first = tuple(json.loads(row[0])) if row else ()
    except ValueError:
        return None  # then every line is read, and it is known again
    return Known(first, row[1], memberships.members(db, source, RECENT_IDS)) if row else None


_NO_FAILURE: _Held = {
    "attempts": 0,
    "code": None,
    "kind": None,
    "message": None,
    "status": None,
    "first_failed_at": None,
    "failed_at": None,
    "looks": 0,
    "looked_at": None,
}


def _merge_videos(
    db: Database, source: int, summary: ListingSummary, now: int
) -> tuple[ListingChange, _Held]:
    if summary.completeness == "unchanged":
        return ListingChange(kept=memberships.held(db, source)), {}
    lines, gone = memberships.staged_lines(db, source), memberships.gather(db, source)
    videos.record_staged(db, source, now)
    if summary.completeness == "head":
        change = memberships.merge_some(db, source, now, in_front=True)
        return change, _held_head(db, source, summary, change.added)
    if summary.completeness == "partial" or lines < summary.got:
        return memberships.merge_some(db, source, now), _held_partial(summary, lines)
    first_ids = memberships.first_staged(db, source, KNOWN_IDS)
    before = memberships.held(db, source)
    standing = _standing(db, source, summary, now, before, gone)
    held = _held_read(summary, now, first_ids, standing)
    if standing["completeness"] != "complete":
        return _withholding(memberships.merge_some(db, source, now), standing, gone), held
    return memberships.merge_all(db, source, now, seen_at=_last_look(db, source, now)), held


def _merge_catalogue(
    db: Database, source: int, summary: ListingSummary, now: int
) -> tuple[ListingChange, _Held]:
    """A list of playlists comes whole, in its summary."""
    listed = summary.playlists
    if summary.completeness == "unchanged":
        return ListingChange(kept=catalogues.held(db, source)), {}
    if summary.completeness in ("partial", "head"):
        return catalogues.merge(db, source, listed, now, gone_at=None), _held_partial(summary, len(listed))
    before, gone = catalogues.held(db, source), catalogues.missing(db, source, listed)
    standing = _standing(db, source, summary, now, before, gone)
    held = _held_read(summary, now, [line.playlist for line in listed[:KNOWN_IDS]], standing)
    complete = standing["completeness"] == "complete"
    gone_at = _last_look(db, source, now) if complete else None
    change = catalogues.merge(db, source, listed, now, gone_at=gone_at)
    return change if complete else _withholding(change, standing, gone), held


def _standing(db: Database, source: int, summary: ListingSummary, now: int, before: int, gone: int) -> _Held:
    """What to think of a reading to the end: so much gone at once is believed when it is still so a day later."""
    shrunken = is_shrunken(before, gone)
    since = db.value("SELECT shrunken_at FROM listings WHERE source = ?", (source,))
    if not shrunken:
        since = None
    elif summary.completeness == "complete":
        since = now if since is None else min(since, now)  # a clock that went back begins the wait again
        if not is_confirmed(since, now):
            return {"completeness": "shrunken", "shrunken_at": since}
        since = None
    return {"completeness": summary.completeness, "shrunken_at": since}


def _withholding(change: ListingChange, standing: _Held, gone: int) -> ListingChange:
    withheld = gone if standing["completeness"] == "shrunken" else 0
    return ListingChange(change.added, 0, change.kept, withheld)


def _last_look(db: Database, source: int, now: int) -> int:
    """When what is gone now was last there."""
    return int(db.value("SELECT coalesce(at, full_at) FROM listings WHERE source = ?", (source,)) or now)


def _held_read(summary: ListingSummary, now: int, first_ids: list[str], standing: _Held) -> _Held:
    why = summary.why
    return {
        **standing,
        "expected": summary.expected,
        "got": summary.got,
        "why": storable(why) if why else None,
        "full_at": now,
        "first_ids": json.dumps([storable(one) for one in first_ids]),
        "length": summary.got if summary.expected is None else summary.expected,
    }


def _held_head(db: Database, source: int, summary: ListingSummary, added: int) -> _Held:
    """What is known of a list of which only the beginning was read; of one never read to its end, nothing is."""
    row = db.one(
        "SELECT completeness, first_ids, length, expected, got FROM listings WHERE source = ?", (source,)
    )
    if row is None or row[0] is None or row[0] == "partial":
        return {}
    _, first_ids, length, expected, got = row
    return {
        "expected": summary.expected
        if expected is None or summary.expected is not None
        else expected + added,
        "got": got + added,
        "first_ids": json.dumps(_joined(memberships.first_staged(db, source, KNOWN_IDS), first_ids)),
        "length": (length or 0) + added if summary.expected is None else summary.expected,
    }


def _joined(head: list[str], first_ids: str | None) -> list[str]:
    """The first lines as they are now: those of the head, and behind its last one what came behind it before."""
    try:
        before: list[str] = json.loads(first_ids or "[]")
    except ValueError:
        before = []
    if not head:
        return before
    if head[-1] not in before:
        return head
    return [*head, *before[before.index(head[-1]) + 1 :]][:KNOWN_IDS]


def _held_partial(summary: ListingSummary, lines: int) -> _Held:
    why = summary.why
    if summary.completeness in ("complete", "short"):
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
