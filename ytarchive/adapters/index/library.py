"""Which items do not stand in the library views that they should stand in."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from ytarchive.adapters.index.database import Database


def unlinked(db: Database, view_of: Mapping[str, str | None]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Whole wanted items whose recorded views differ from those of their entries, with the entries' names.

    `view_of` gives each entry's view, None for an entry that has none. A stream over one moment.
    """
    claims = {
        claim: tuple(json.loads(entries))
        for claim, entries in db.all("SELECT id, entries FROM claims WHERE target IS NOT NULL")
    }
    for claim, entries in claims.items():
        views = sorted({view for name in entries if (view := view_of.get(name)) is not None})
        with db.snapshot() as reader:
            found = reader.each(
                """
                SELECT w.video FROM wanted w
                JOIN items i ON i.video = w.video AND i.condition = 'whole'
                WHERE w.claim = :claim AND (
                    SELECT count(DISTINCT v.view) FROM views v WHERE v.video = w.video
                ) IS NOT :count
                OR w.claim = :claim AND i.condition = 'whole' AND EXISTS (
                    SELECT 1 FROM views v WHERE v.video = w.video
                    AND v.view NOT IN (SELECT value FROM json_each(:views))
                )
                """,
                {"claim": claim, "count": len(views), "views": json.dumps(views)},
            )
            for (video,) in found:
                yield video, entries
