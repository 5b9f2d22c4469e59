"""Items of which only matters what the library shows: names, files, and the day."""

from __future__ import annotations

from collections.abc import Iterable

from ytarchive.core.desired import Target
from ytarchive.core.item import FileRecord, Got, Item, Metadata, Provenance


def shown_item(
    video: str, metadata: Metadata, files: Iterable[FileRecord], *, episode: int | None, at: int = 0
) -> Item:
    """An item that was fetched at `at` (epoch seconds)."""
    return Item(
        id=video,
        shard="_",
        wanted_by=(),
        wanted=Target(),
        target="",
        offered=(),
        got=Got(),
        files=tuple(files),
        metadata=metadata,
        provenance=Provenance("1", None, None, at, ""),
        episode=episode,
    )
