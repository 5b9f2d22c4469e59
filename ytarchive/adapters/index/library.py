"""Which items do not stand in the library views that they should stand in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ytarchive.adapters.index.claims import read_names
from ytarchive.adapters.index.database import Database

EXPECTED = "CREATE TEMP TABLE IF NOT EXISTS expected (claim INTEGER PRIMARY KEY, views TEXT NOT NULL) STRICT"
DIFFERENT = """
SELECT w.claim, w.video
FROM wanted w
CROSS JOIN expected e ON e.claim = w.claim
CROSS JOIN items i ON i.video = w.video AND i.condition IN ('whole', 'partial')
WHERE e.views <> (
    SELECT coalesce(group_concat(DISTINCT name ORDER BY name), '')
    FROM (SELECT v.view || iif(v.layout = '', '', '|' || v.layout) AS name FROM views v WHERE v.video = w.video)
)
ORDER BY w.video
"""


def unlinked(db: Database, view_of: Mapping[str, str | None]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Whole wanted items whose recorded views differ from those of their entries, with the entries' names.

    `view_of` gives each entry's view as "name" or "name|layout", None for an entry that has none. A stream over one moment, by id.
    """
    with db.snapshot() as reader:
        entries = {
            claim: read_names(reader, names)
            for claim, names in reader.all(
                "SELECT id, entries FROM claims WHERE target IS NOT NULL AND NOT undecided"
            )
        }
        reader.execute(EXPECTED)
        reader.execute("DELETE FROM expected")
        reader.execute_many(
            "INSERT INTO expected VALUES (?, ?)",
            ((claim, _views(names, view_of)) for claim, names in entries.items()),
        )
        for claim, video in reader.each(DIFFERENT):
            yield video, entries[claim]


def _views(names: tuple[str, ...], view_of: Mapping[str, str | None]) -> str:
    """Their views as SQLite joins them: sorted by bytes, with commas."""
    views = {view for name in names if (view := view_of.get(name)) is not None}
    return ",".join(sorted(views, key=str.encode))
