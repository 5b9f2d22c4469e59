"""The library that people browse: each item stands in every view whose entry wants it, and in no view by mistake."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import groupby, islice
from pathlib import Path
from typing import TYPE_CHECKING

from ytarchive.adapters.index import MANUAL
from ytarchive.core.desired import LibraryView
from ytarchive.core.item import Item
from ytarchive.core.layout import LibraryName
from ytarchive.reconciler import vanishing

if TYPE_CHECKING:
    from ytarchive.reconciler.world import World

NO_SHARD = "_"
MANUAL_VIEW = LibraryView("manual")
NAMES_RECALLED = "library_names_recalled_at"
BATCH = 200
"""So many items are recorded in one transaction. Names that a crash left unrecorded are known for ours by their links."""


def link_item(world: World, item: Item, entries: Sequence[str]) -> int:
    """Make the item's names in the views of these entries; the number of names that are new."""
    return _link(world, item, _views(_library_of(world), entries), {})


def _link(world: World, item: Item, views: Sequence[LibraryView], channels: dict[str, str | None]) -> int:
    """`channels` are the names of those that were asked for: the index looks through all items of one."""
    known = _known(world, item.id)
    if item.shard not in channels:
        channels[item.shard] = None if item.shard == NO_SHARD else world.index.channel_name(item.shard)
    channel = channels[item.shard]
    title = _title_of_now(world, item) if any(view.follow_titles for view in views) else None
    arranged = world.archive.library.arrange(item, views, known, channel=channel, title=title)
    with world.index.transaction():
        _record(world, known, arranged.names, arranged.removed)
        world.index.forget_remade(item.id)
    for path in arranged.foreign:
        world.observer.note(f"library: {path} is not ours, and was left as it is")
    return len({*arranged.names} - {*known})


def _title_of_now(world: World, item: Item) -> str | None:
    """What the video is called by now; None where nobody but the item itself told it, as in an index made anew."""
    record = world.index.video(item.id)
    if record is None or record.title == item.metadata.title:
        is_told = record is not None and (record.seen_at or 0) > item.provenance.fetched_at
        return item.metadata.title if is_told else None
    return record.title


def link_all(world: World) -> int:
    """Bring the whole library up to date; the number of names that are new.

    Only what differs is touched. Names of a video that nobody wants any more stay: nothing is lost by default.
    """
    linked = 0
    channels: dict[str, str | None] = {}
    library = _library_of(world)
    names = {entry: _named(view) if view else None for entry, view in library.items()}
    following = {entry: view.key for entry, view in library.items() if view and view.follow_titles}
    pending = iter(tuple(world.index.unlinked(names, following.keys())))
    while batch := tuple(islice(pending, BATCH)):
        with world.index.transaction():
            for video, entries in batch:
                item = world.item(video)
                if item is not None:
                    linked += _link(world, item, _views(library, entries), channels)
            world.index.forget_renamed([video for video, _ in batch])
    world.index.forget_renamed_beyond({*following.values()})
    return linked


def _named(view: LibraryView) -> str:
    """A view as the index compares it: another layout of the same folder is another one."""
    return f"{view.name}|{view.key}" if view.key else view.name


def recall_names(world: World) -> int:
    """Learn from the library itself which names are ours, once for each index; how many there are.

    An index that was lost took that along, and nobody's names are ever touched.
    """
    if world.index.recall(NAMES_RECALLED) is not None:
        return 0
    count = 0
    lost = next(world.index.library_names(), None) is None
    with world.index.transaction():
        for name in world.archive.library.survey(partial(_home, world)) if lost else ():
            world.index.record_views([_row(name)])
            count += 1
        world.index.remember(NAMES_RECALLED, str(world.clock.now()))
    return count


def _home(world: World, video: str) -> Path | None:
    shard = world.index.item_location(video)
    return None if shard is None else world.archive.tree.item(shard, video)


def forget_missing(world: World) -> int:
    """Names that somebody took out of the library are forgotten, so that `link_all` makes them again.

    Not those of what is to stay deleted: they are known on, and so nobody makes them.
    """
    gone = [video for video in _missing_names(world) if not vanishing.respects(world, video)]
    with world.index.transaction():
        for video in gone:
            for name in world.index.views(video):
                world.index.forget_view(name.view, name.path)
    return len(gone)


def _missing_names(world: World) -> Iterator[str]:
    """The video of each recorded name that is not there: folders are listed, and only doubts looked up one by one.

    A name that a listing lacks may be there all the same: some file systems give it back in another Unicode form.
    """
    library = world.archive.tree.library
    for folder, names in groupby(world.index.library_names(), key=_folder_of):
        path = library / folder
        there = _listed(path)
        for _, name, video in names:
            last = name.rpartition("/")[2]
            if last not in there and not os.path.lexists(path / last):
                yield video


def _folder_of(name: tuple[str, str, str]) -> str:
    view, path, _ = name
    return f"{view}/{path.rpartition('/')[0]}"


def _listed(folder: Path) -> frozenset[str]:
    try:
        return frozenset(os.listdir(folder))  # noqa: PTH208 - plain names: there may be a million
    except OSError:
        return frozenset()


def _library_of(world: World) -> dict[str, LibraryView | None]:
    """The view of each entry; None for one that has none."""
    return {MANUAL: MANUAL_VIEW, **{entry.name: entry.library for entry in world.index.entries()}}


def _views(library: Mapping[str, LibraryView | None], entries: Sequence[str]) -> tuple[LibraryView, ...]:
    views = (library.get(name, MANUAL_VIEW) for name in entries)
    return tuple(dict.fromkeys(view for view in views if view is not None))


def _known(world: World, video: str) -> tuple[LibraryName, ...]:
    return tuple(LibraryName(*view) for view in world.index.views(video))


def _record(
    world: World,
    known: Sequence[LibraryName],
    names: Sequence[LibraryName],
    removed: Sequence[LibraryName],
) -> None:
    with world.index.transaction():
        for name in removed:
            world.index.forget_view(name.view, name.path)
        fresh = [name for name in names if name not in known]
        world.index.record_views(map(_row, fresh))


def _row(name: LibraryName) -> tuple[str, str, str, int, int, str]:
    return (name.view, name.path, name.video, name.dev, name.inode, name.layout)
