"""Targets by number and by digest: one row for each, however many videos have it."""

from __future__ import annotations

from ytarchive.adapters.index.database import REBUILD, Database
from ytarchive.core.codec import MalformedValue, decode, encode
from ytarchive.core.desired import Target, target_digest
from ytarchive.errors import IndexDamaged


def target_id(db: Database, target: Target, digest: str | None = None) -> int:
    """The number of a target, given when it is first seen."""
    digest = digest or target_digest(target)
    known = find_target(db, digest)
    if known is not None:
        return known
    sql = "INSERT INTO targets (digest, json) VALUES (?, ?) RETURNING id"
    return int(db.value(sql, (digest, encode(target).decode())))


def find_target(db: Database, digest: str) -> int | None:
    found = db.value("SELECT id FROM targets WHERE digest = ?", (digest,))
    return None if found is None else int(found)


def read_target(db: Database, number: int) -> Target:
    return _decoded(db, db.value("SELECT json FROM targets WHERE id = ?", (number,)), str(number))


def target_of_digest(db: Database, digest: str) -> Target:
    return _decoded(db, db.value("SELECT json FROM targets WHERE digest = ?", (digest,)), digest)


def _decoded(db: Database, text: str | None, name: str) -> Target:
    if text is None:
        raise IndexDamaged(f"{db.path}: the index holds no target {name}", cure=REBUILD)
    try:
        return decode(Target, text)
    except MalformedValue as error:
        raise IndexDamaged(f"{db.path}: target {name} in the index: {error}", cure=REBUILD) from None
