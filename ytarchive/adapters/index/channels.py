"""Who the channels are that manifests name: an id found once stands, wherever its handle moves."""

from __future__ import annotations

from dataclasses import fields

from ytarchive.adapters.index.database import Database
from ytarchive.adapters.index.records import ChannelRecord
from ytarchive.adapters.index.texts import storable
from ytarchive.core.job import ChannelFacts

PREFIX = "channel:"

_COLUMNS = ", ".join(field.name for field in fields(ChannelRecord))


def read(db: Database, address: str) -> ChannelRecord | None:
    """By the address as it was written, with or without the `channel:` of its source."""
    row = db.one(
        f"SELECT {_COLUMNS} FROM channels WHERE address = ?",  # noqa: S608 - names of our own columns
        (address.removeprefix(PREFIX),),
    )
    return ChannelRecord(*row) if row else None


def ids(db: Database) -> dict[str, str]:
    """The id of every channel that is known, by its source."""
    return {PREFIX + address: channel for address, channel in db.all("SELECT address, id FROM channels")}


def record(db: Database, source: str, facts: ChannelFacts, now: int) -> None:
    """What its address leads to. Another id than before is noted beside it; only then are its names not of ours."""
    title, handle, description = (
        None if text is None else storable(text) for text in (facts.title, facts.handle, facts.description)
    )
    db.execute(
        """
        INSERT INTO channels (address, id, title, handle, description, resolved_at)
        VALUES (:address, :id, :title, :handle, :description, :now)
        ON CONFLICT (address) DO UPDATE SET
            moved_to = iif(excluded.id = id, NULL, excluded.id),
            title = iif(excluded.id = id, coalesce(excluded.title, title), title),
            handle = iif(excluded.id = id, coalesce(excluded.handle, handle), handle),
            description = iif(excluded.id = id, coalesce(excluded.description, description), description),
            resolved_at = excluded.resolved_at
        """,
        {
            "address": source.removeprefix(PREFIX),
            "id": storable(facts.id),
            "title": title,
            "handle": handle,
            "description": description,
            "now": now,
        },
    )
