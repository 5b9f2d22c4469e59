"""Which items do not stand in the library views that they should stand in."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from ytarchive.adapters.index.claims import read_names
from ytarchive.adapters.index.database import Database

EXPECTED = """
CREATE TEMP TABLE IF NOT EXISTS expected (claim INTEGER PRIMARY KEY, views TEXT NOT NULL, follows INTEGER NOT NULL) STRICT
"""
DIFFERENT = """
SELECT w.claim, w.video
FROM wanted w
CROSS JOIN expected e ON e.claim = w.claim
CROSS JOIN items i ON i.video = w.video AND i.condition IN ('whole', 'partial')
WHERE e.views <> (
    SELECT coalesce(group_concat(DISTINCT name ORDER BY name), '')
    FROM (SELECT v.view || iif(v.layout = '', '', '|' || v.layout) AS name FROM views v WHERE v.video = w.video)
) OR EXISTS (SELECT 1 FROM remade r WHERE r.video = w.video)
OR (e.follows AND EXISTS (SELECT 1 FROM renamed r WHERE r.video = w.video))
ORDER BY w.video
"""


def unlinked(
    db: Database, view_of: Mapping[str, str | None], following: Collection[str] = ()
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Whole wanted items whose recorded views differ from those of their entries, or show files of before, with the
    entries' names.

    `view_of` gives each entry's view as "name" or "name|layout", None for an entry that has none; views of `following`
    entries also differ where the title became another one. A stream over one moment, by id.
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
            "INSERT INTO expected VALUES (?, ?, ?)",
            (
                (claim, _views(names, view_of), not {*names}.isdisjoint(following))
                for claim, names in entries.items()
            ),
        )
        for claim, video in reader.each(DIFFERENT):
            yield video, entries[claim]


def forget_remade(db: Database, video: str) -> None:
    """The library shows the files that it has now."""
    db.execute("DELETE FROM remade WHERE video = ?", (video,))


def forget_renamed(db: Database, videos: Iterable[str]) -> None:
    """These videos stand under their titles of now."""
    db.execute_many("DELETE FROM renamed WHERE video = ?", ((video,) for video in videos))


def forget_renamed_beyond(db: Database, layouts: Collection[str]) -> None:
    """Nobody asks for titles of videos without a name of a layout that follows them."""
    if not db.value("SELECT EXISTS (SELECT 1 FROM renamed)"):
        return
    known = ", ".join("?" * len(layouts))
    db.execute(
        "DELETE FROM renamed WHERE NOT EXISTS"  # noqa: S608 - no input
        f" (SELECT 1 FROM views v WHERE v.video = renamed.video AND v.layout IN ({known}))",
        tuple(layouts),
    )


def _views(names: tuple[str, ...], view_of: Mapping[str, str | None]) -> str:
    """Their views as SQLite joins them: sorted by bytes, with commas."""
    views = {view for name in names if (view := view_of.get(name)) is not None}
    return ",".join(sorted(views, key=str.encode))
