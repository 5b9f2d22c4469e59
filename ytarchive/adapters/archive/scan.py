"""Reading the archive as it is: names, folder times and sizes, and item.json only where something changed.

Folder by folder and shard by shard, so memory follows the largest channel and not the archive.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from ytarchive.adapters.archive.durable import names_in, telling
from ytarchive.adapters.archive.items import DamagedItem, files_problem, read_committed
from ytarchive.adapters.archive.opening import NotMounted
from ytarchive.adapters.archive.sweep import unnamed_files
from ytarchive.adapters.archive.tree import NO_SHARD
from ytarchive.core.layout import is_id, suffix_of

if TYPE_CHECKING:
    from pathlib import Path

    from ytarchive.adapters.archive.tree import Tree
    from ytarchive.core.item import Item


class Known(Protocol):
    """The index as a scan asks it."""

    def known_shards(self) -> Iterable[str]:
        """Every shard that it has an item in."""

    def known_in(self, shard: str) -> Mapping[str, tuple[int, int]]:
        """The items of one shard, damaged ones too: by video id (mtime of the folder, bytes of the named files)."""


@dataclass(frozen=True, slots=True)
class Found:
    """A whole item that the index does not know so. `unnamed` files wait for `sweep_item`."""

    shard: str
    video: str
    item: Item
    dir_mtime_ns: int
    bytes: int
    unnamed: int = 0


@dataclass(frozen=True, slots=True)
class Damaged:
    """A folder of a video that is not a whole item. `item`: what its item.json says, where it can be read."""

    shard: str
    video: str
    why: str
    dir_mtime_ns: int
    item: Item | None = None


@dataclass(frozen=True, slots=True)
class Vanished:
    """The index knows an item in this shard, and there is none. (It may have been found in another one.)"""

    shard: str
    video: str


Scanned = Found | Damaged | Vanished


class NothingKnown:
    """The index of a rebuild: everything on disk is news."""

    def known_shards(self) -> Iterable[str]:
        return ()

    def known_in(self, shard: str) -> Mapping[str, tuple[int, int]]:  # noqa: ARG002
        return {}


class Scan:
    """Iterate for what differs from `known`; the counts are complete once the iteration is.

    `sizes` also compares the sizes of all files, which a folder's mtime does not tell. `looked` counts item
    folders, `read` the item.json files opened, `foreign` names in `videos/` that are not ours.
    """

    def __init__(self, tree: Tree, known: Known, *, sizes: bool = True) -> None:
        self._tree = tree
        self._known = known
        self._sizes = sizes
        self.looked = 0
        self.read = 0
        self.foreign = 0

    def __iter__(self) -> Iterator[Scanned]:
        with telling("Reading the archive", self._tree.root):
            on_disk = self._folders(self._tree.videos, lambda name: name == NO_SHARD or is_id(name))
            for shard in on_disk:
                yield from self._shard(shard)
            for shard in sorted(set(self._known.known_shards()) - set(on_disk)):
                yield from self._vanished(shard, self._known.known_in(shard))

    def _shard(self, shard: str) -> Iterator[Scanned]:
        known = self._known.known_in(shard)
        folder = self._tree.videos / shard
        names = self._folders(folder, is_id)
        for video in names:
            row = known.get(video)
            if row is None or not self._is_unchanged(f"{folder}/{video}", video, row):
                yield from self._item(shard, video, is_known=row is not None)
        self.looked += len(names)
        yield from self._vanished(shard, known.keys() - set(names))

    def _folders(self, parent: Path, is_ours: Callable[[str], bool]) -> list[str]:
        ours = []
        with os.scandir(parent) as entries:
            for entry in entries:
                if is_ours(entry.name) and entry.is_dir(follow_symlinks=False):
                    ours.append(entry.name)
                else:
                    self.foreign += 1
        return sorted(ours)

    def _is_unchanged(self, folder: str, video: str, row: tuple[int, int]) -> bool:
        # Plain strings: this runs for every item of the archive.
        try:
            if os.lstat(folder).st_mtime_ns != row[0]:
                return False
            return not self._sizes or _size(folder, video) == row[1]
        except FileNotFoundError:
            return False

    def _item(self, shard: str, video: str, *, is_known: bool) -> Iterator[Scanned]:
        folder = self._tree.item(shard, video)
        try:
            dir_mtime_ns = os.lstat(folder).st_mtime_ns
            if names_in(folder):
                self.read += 1
                yield look(folder, dir_mtime_ns)
            elif is_known:
                yield Vanished(shard, video)  # an empty folder is no item, and harms no commit
        except (FileNotFoundError, NotADirectoryError):
            # Gone since its shard was listed.
            yield from self._vanished(shard, [video] if is_known else [])

    def _vanished(self, shard: str, videos: Iterable[str]) -> Iterator[Vanished]:
        for position, video in enumerate(sorted(videos)):
            if position == 0 and not self._tree.sentinel.exists():
                # A disk that goes away during a scan looks like an archive whose items all vanished.
                raise NotMounted(
                    f"{self._tree.sentinel} is gone while the archive is read: not mounted any more?",
                    cure="mount its disk, then run again",
                )
            yield Vanished(shard, video)


def look(folder: Path, dir_mtime_ns: int) -> Found | Damaged:
    """What the folder of a video holds, whatever an index says."""
    shard, video = folder.parent.name, folder.name
    try:
        item = read_committed(folder)
    except DamagedItem as damage:
        return Damaged(shard, video, damage.message, dir_mtime_ns)
    problem = files_problem(folder, item.files)
    if problem:
        return Damaged(shard, video, problem, dir_mtime_ns, item)
    named = {record.name for record in item.files}
    size = sum(record.bytes for record in item.files)
    return Found(shard, video, item, dir_mtime_ns, size, unnamed=len(unnamed_files(folder, video, named)))


def _size(folder: str, video: str) -> int:
    """The bytes of all files with names of an item's files: the same as known while nothing was touched."""
    with os.scandir(folder) as entries:
        return sum(
            entry.stat(follow_symlinks=False).st_size for entry in entries if suffix_of(entry.name, video)
        )
