"""Room that files take which no item names: downloads under way, what was taken away, what an update left."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from ytarchive.core.layout import suffix_of

if TYPE_CHECKING:
    from pathlib import Path

    from ytarchive.adapters.archive.tree import Tree


class Taken(NamedTuple):
    """Videos, and the bytes of their files."""

    videos: int = 0
    bytes: int = 0


class OwnUsage(NamedTuple):
    """What lies in the archive's own folder."""

    staging: Taken
    quarantine: Taken


def own_usage(tree: Tree) -> OwnUsage:
    """Nobody's files are opened, no link is followed, and what goes away meanwhile counts for nothing."""
    staged = _folders(tree.staging)
    days = _folders(tree.own / "quarantine")
    taken_away = [folder for day in days for folder in _folders(day)]
    return OwnUsage(
        Taken(len(staged), sum(map(_bytes_below, staged))),
        Taken(len(taken_away), sum(map(_bytes_below, taken_away))),
    )


def unnamed_usage(tree: Tree, items: Iterable[tuple[str, str, int]]) -> Taken:
    """Files beside the item.json of these (shard, video, bytes of what it names) that it does not name any more."""
    videos = size = 0
    for shard, video, named in items:
        more = _own_bytes(f"{tree.item(shard, video)}", video) - named
        if more > 0:
            videos += 1
            size += more
    return Taken(videos, size)


def _own_bytes(folder: str, video: str) -> int:
    """The bytes of all files with names of an item's files."""
    size = 0
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if suffix_of(entry.name, video) and entry.is_file(follow_symlinks=False):
                size += entry.stat(follow_symlinks=False).st_size
    return size


def _folders(parent: Path) -> list[Path]:
    with suppress(OSError), os.scandir(parent) as entries:
        return [parent / entry.name for entry in entries if entry.is_dir(follow_symlinks=False)]
    return []


def _bytes_below(folder: Path) -> int:
    size = 0
    for where, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                size += os.lstat(f"{where}/{name}").st_size
    return size
