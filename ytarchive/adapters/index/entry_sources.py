"""Where each entry's videos come from, as far as it is known: channels are found, and playlists of channels come and go."""

from __future__ import annotations

from collections.abc import Sequence

from ytarchive.adapters.index import catalogues, channels, memberships
from ytarchive.adapters.index.database import Database
from ytarchive.core.desired import Entry
from ytarchive.core.sources import EntrySource, sources_of

_Row = tuple[int, int, str, str | None]
"""(source, place, kind, part)."""


def read(db: Database) -> tuple[tuple[str, EntrySource], ...]:
    """(entry, source) in the order of the manifests."""
    rows = db.all(
        """
        SELECT e.name, s.name, t.kind, t.part FROM entry_sources t
        JOIN entries e ON e.id = t.entry JOIN sources s ON s.id = t.source ORDER BY e.position, t.place
        """
    )
    return tuple((entry, EntrySource(source, kind, part)) for entry, source, kind, part in rows)


def expand(db: Database, entries: Sequence[Entry]) -> bool:
    """Write the sources that these entries have by now; True when any entry has others than before.

    An entry with other sources is judged anew as a whole.
    """
    found, listed = channels.ids(db), catalogues.read_all(db)
    held: dict[int, list[_Row]] = {}
    for entry, *row in db.all(
        "SELECT entry, source, place, kind, part FROM entry_sources ORDER BY entry, place"
    ):
        held.setdefault(entry, []).append(tuple(row))
    numbers: dict[str, int] = dict(db.all("SELECT name, id FROM entries"))
    changed = False
    for entry in entries:
        number = numbers[entry.name]
        rows: list[_Row] = [
            (memberships.source_id(db, one.source), place, one.kind, one.part)
            for place, one in enumerate(sources_of(entry, found.get(entry.source), listed))
        ]
        if rows != held.get(number):
            _replace(db, number, rows)
            changed = True
    return changed


def _replace(db: Database, entry: int, rows: list[_Row]) -> None:
    db.execute("DELETE FROM entry_sources WHERE entry = ?", (entry,))
    db.execute_many(
        "INSERT OR IGNORE INTO entry_sources VALUES (?, ?, ?, ?, ?)", ((entry, *row) for row in rows)
    )
    db.execute("UPDATE entries SET judged_by = NULL WHERE id = ? AND filter IS NOT NULL", (entry,))
