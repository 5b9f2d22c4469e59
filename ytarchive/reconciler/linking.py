"""The library that people browse: each item stands in every view whose entry wants it, and in no view by mistake."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from ytarchive.core.desired import LibraryView
from ytarchive.core.item import Item
from ytarchive.core.layout import LibraryName

if TYPE_CHECKING:
    from ytarchive.reconciler.world import World

MANUAL_VIEW = LibraryView("manual")


def link_item(world: World, item: Item, entries: Sequence[str]) -> int:
    """Make the item's names in the views of these entries; the number of names that are new."""
    known = _known(world, item.id)
    views = _views(world, entries)
    arranged = world.archive.library.arrange(item, views, known)
    _record(world, item.id, known, arranged.names, arranged.removed)
    for path in arranged.foreign:
        world.observer.note(f"library: {path} is not ours, and was left as it is")
    return len({*arranged.names} - {*known})


def link_all(world: World) -> int:
    """Bring the whole library up to date; the number of names that are new.

    Only what differs is touched. Names of a video that nobody wants any more stay: nothing is lost by default.
    """
    linked = 0
    for video, entries in tuple(world.index.unlinked(_view_names(world))):
        item = world.item(video)
        if item is not None:
            linked += link_item(world, item, entries)
    return linked


def forget_missing(world: World) -> int:
    """Names that somebody took out of the library are forgotten, so that `link_all` makes them again."""
    gone = list(_missing_names(world))
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


def _view_names(world: World) -> dict[str, str | None]:
    names = {entry.name: entry.library.name if entry.library else None for entry in world.index.entries()}
    return {"manual": MANUAL_VIEW.name, **names}


def _views(world: World, entries: Sequence[str]) -> tuple[LibraryView, ...]:
    by_name = {entry.name: entry.library for entry in world.index.entries()}
    views = (by_name.get(name, MANUAL_VIEW) for name in entries)
    return tuple(dict.fromkeys(view for view in views if view is not None))


def _known(world: World, video: str) -> tuple[LibraryName, ...]:
    return tuple(LibraryName(*view) for view in world.index.views(video))


def _record(
    world: World,
    video: str,
    known: Sequence[LibraryName],
    names: Sequence[LibraryName],
    removed: Sequence[LibraryName],
) -> None:
    with world.index.transaction():
        for name in removed:
            world.index.forget_view(name.view, name.path)
        fresh = [name for name in names if name not in known]
        world.index.record_views((name.view, name.path, video, name.dev, name.inode) for name in fresh)
