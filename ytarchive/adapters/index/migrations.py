"""Formats of the index file: what makes each from the one before, and what is refused.

SQLite's `user_version` names the format, `application_id` says that the file is ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import apsw

from ytarchive import errors

APPLICATION_ID = int.from_bytes(b"ytar")
STEPS = (Path(__file__).with_name("schema.sql").read_text(),)
"""`STEPS[n]` makes format n + 1 from format n. A step that was released is never edited."""

_REBUILD = "run `ytarchive index rebuild`"
_COLUMNS = """
SELECT m.name, c.name FROM sqlite_schema m JOIN pragma_table_info(m.name) c
WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' ORDER BY 1, 2
"""


def refuse_foreign(connection: apsw.Connection, path: Path) -> None:
    """Raise `IndexDamaged` for another program's database, and for a format that this program does not know."""
    tables = connection.execute("SELECT count(*) FROM sqlite_schema").get
    if tables and connection.pragma("application_id") != APPLICATION_ID:
        raise errors.IndexDamaged(f"{path}: a database, but not an index of ytarchive", cure=_REBUILD)
    if (found := _format(connection)) > len(STEPS):
        raise errors.IndexDamaged(
            f"{path}: the index has format {found}, this program knows up to {len(STEPS)}",
            cure=f"use the newer ytarchive that wrote it, or {_REBUILD}",
        )


def refuse_outdated(connection: apsw.Connection, path: Path) -> None:
    """For readers, which cannot migrate."""
    if (found := _format(connection)) < len(STEPS):
        raise errors.IndexDamaged(
            f"{path}: the index has format {found}, expected {len(STEPS)}",
            cure="run `ytarchive reconcile --once`: it brings the index up to date",
        )


def refuse_misshapen(connection: apsw.Connection, path: Path) -> None:
    """Raise `IndexDamaged` when the tables are not those of the format that the file claims to have."""
    if wrong := expected_columns() ^ set(connection.execute(_COLUMNS)):
        table, column = min(wrong, key=str)
        raise errors.IndexDamaged(
            f"{path}: the index has a wrong schema (first difference: {table}.{column})", cure=_REBUILD
        )


def migrate(connection: apsw.Connection, steps: Sequence[str] = STEPS) -> None:
    """Bring the file to the last format, each step in one transaction: killed between, the next open goes on."""
    while _format(connection) < len(steps):
        connection.execute("BEGIN IMMEDIATE")
        try:
            # Read again under the lock: another process may have made this step meanwhile.
            if (found := _format(connection)) < len(steps):
                connection.execute(steps[found])
                connection.pragma("user_version", found + 1)
            connection.execute("COMMIT")
        except BaseException:
            connection.execute("ROLLBACK")
            raise


@cache
def expected_columns() -> frozenset[tuple[str, str]]:
    connection = apsw.Connection(":memory:")
    try:
        migrate(connection)
        return frozenset(connection.execute(_COLUMNS))
    finally:
        connection.close()


def _format(connection: apsw.Connection) -> int:
    return int(connection.pragma("user_version"))
