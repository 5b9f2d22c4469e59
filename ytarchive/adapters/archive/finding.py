"""What was moved within the archive is found again: an item's folder by its id, a file by its checksum.

Somebody renamed a folder, or dragged a file away; or the file is gone, and its hard link in the library is not. One
walk over names looks for everything at once. Nothing is believed by its name: a folder's item.json must tell of the
video, and a file must have the very bytes.
"""

from __future__ import annotations

import hashlib
import os
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from ytarchive.adapters.archive.durable import temporary_of
from ytarchive.adapters.archive.items import DamagedItem, file_problem, id_told_in, read_item
from ytarchive.adapters.archive.tree import ITEM
from ytarchive.core.layout import is_id, suffix_of
from ytarchive.errors import ArchiveError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from ytarchive.adapters.archive.durable import Disk
    from ytarchive.adapters.archive.tree import Tree
    from ytarchive.core.item import FileRecord


@dataclass(frozen=True, slots=True)
class Lacking:
    """A file that an item in this shard should have, and that is missing or of another size."""

    shard: str
    video: str
    record: FileRecord


@dataclass(frozen=True, slots=True)
class PutBack:
    """What is in its place again: the folder of a video, or (`name`) a file of one. `path` is where it lay, below the root."""

    shard: str
    video: str
    path: str
    name: str | None = None


def put_back(tree: Tree, disk: Disk, gone: Collection[str], lacking: Sequence[Lacking]) -> Iterator[PutBack]:
    """Look below the root, our own folder apart, and put back what is found. Each is put back once."""
    search = _Search(tree, disk, {*gone})
    for one in lacking:
        search.files[one.record.bytes].append(one)
    for folder, names in _folders(tree):
        if ITEM in names and (found := search.folder(folder)):
            yield found
            continue
        for name in sorted(names):
            if found := search.file(folder, name):
                yield found
        if not search.is_on:
            return


@dataclass(slots=True)
class _Search:
    tree: Tree
    disk: Disk
    gone: set[str]
    files: dict[int, list[Lacking]] = field(default_factory=lambda: defaultdict(list))

    @property
    def is_on(self) -> bool:
        """Whether anything is still missing."""
        return bool(self.gone or any(self.files.values()))

    def folder(self, folder: Path) -> PutBack | None:
        """Put the folder of an item that is gone from its place back into it."""
        if not self.gone or (self._is_regular(folder) and folder.name not in self.gone):
            return None
        video = id_told_in(folder)
        if video is None or video not in self.gone:
            return None
        try:
            item = read_item(folder, video)
            home = self.tree.item(item.shard, video)
        except (DamagedItem, ArchiveError):
            return None
        if home == folder or not _make_room(home):
            return None
        self.disk.make_folder(home.parent)
        self.disk.rename(folder, home)
        self.disk.fsync_folder(home.parent)
        self.disk.fsync_folder(folder.parent)
        self.gone.discard(video)
        return PutBack(item.shard, video, self._told(folder))

    def file(self, folder: Path, name: str) -> PutBack | None:
        """Put a file back where it is missing, if it has the bytes of one."""
        if not self.files or self._is_in_place(folder, name):
            return None
        path = folder / name
        try:
            status = path.lstat()
        except OSError:
            return None
        waiting = self.files.get(status.st_size)
        if not waiting or not path.is_file() or path.is_symlink():
            return None
        sha256 = _sha256(path)
        for one in waiting:
            if one.record.sha256 == sha256 and self._restore(path, one):
                waiting.remove(one)
                return PutBack(one.shard, one.video, self._told(path), one.record.name)
        return None

    def _restore(self, path: Path, lacking: Lacking) -> bool:
        """A second name for the file; where links are refused, our own file is moved back, and any other one left."""
        home = self.tree.item(lacking.shard, lacking.video)
        target = home / lacking.record.name
        if not home.is_dir() or home.is_symlink():
            return False
        temporary = temporary_of(target)
        self.disk.unlink(temporary)
        try:
            self.disk.link(path, temporary)
        except OSError:
            if path.name != lacking.record.name:
                return False
            self.disk.rename(path, temporary)
        self.disk.seal(temporary)
        self.disk.rename(temporary, target)
        self.disk.unlink(temporary)  # rename between two names of one file does nothing
        self.disk.fsync_folder(home)
        return True

    def _is_in_place(self, folder: Path, name: str) -> bool:
        """A file under its own name in its own folder, or one of the library whose id nobody misses, is not asked for."""
        if self._is_regular(folder):
            return suffix_of(name, folder.name) is not None
        start, end = name.rfind(" ["), name.rfind("]")
        video = name[start + 2 : end] if 0 < start < end else ""
        if not is_id(video):
            return False
        return all(one.video != video for waiting in self.files.values() for one in waiting)

    def _is_regular(self, folder: Path) -> bool:
        return folder.parent.parent == self.tree.videos and is_id(folder.name)

    def _told(self, path: Path) -> str:
        return path.relative_to(self.tree.root).as_posix()


def _folders(tree: Tree) -> Iterator[tuple[Path, list[str]]]:
    """Every folder below the root with the names of what is no folder in it. What cannot be read is left out."""
    waiting = [tree.root]
    while waiting:
        folder = waiting.pop()
        names, below = [], []
        with suppress(OSError), os.scandir(folder) as entries:
            for entry in entries:
                if not entry.is_dir(follow_symlinks=False):
                    names.append(entry.name)
                elif Path(entry.path) != tree.own:
                    below.append(folder / entry.name)
        waiting += sorted(below, reverse=True)
        yield folder, names


def _make_room(home: Path) -> bool:
    """Whether nothing is in the way of a folder; an empty one is taken away."""
    if not os.path.lexists(home):
        return True
    with suppress(OSError):
        home.rmdir()
    return not os.path.lexists(home)


def _sha256(path: Path) -> str | None:
    """None where it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None


def lacking_of(shard: str, video: str, records: Iterable[FileRecord], folder: Path) -> list[Lacking]:
    """The files of an item that are not there as its item.json names them."""
    return [Lacking(shard, video, record) for record in records if file_problem(folder, record)]
