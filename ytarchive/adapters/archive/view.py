"""One item in one view of the library: its names are made, replaced and found again, and nobody else's is touched."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from ytarchive.core.layout import LibraryName, frozen_stem
from ytarchive.core.views import Shown, ViewFile
from ytarchive.errors import ArchiveError

if TYPE_CHECKING:
    from ytarchive.adapters.archive.durable import Disk
    from ytarchive.adapters.archive.tree import Tree
    from ytarchive.core.item import Item

TEMPORARY = ".ytarchive~"
TWINS_AT_MOST = 99
FOUND = "?"
"""In place of the layout: the name was found again, by what it leads to."""
_LINKS_REFUSED = {
    errno.EPERM,
    errno.EXDEV,
    errno.EMLINK,
    errno.EOPNOTSUPP,
    errno.ENOSYS,
    errno.EINVAL,
    errno.EACCES,
}


@dataclass(slots=True)
class Arranged:
    """What stands in the library for one video after `arrange`: the names to record in place of the old ones.

    `foreign` are names that we would have used and that hold something else; `symbolic` says that the file system
    refused hard links.
    """

    names: list[LibraryName] = field(default_factory=list)
    removed: list[LibraryName] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    symbolic: bool = False


@dataclass(frozen=True, slots=True)
class ItemView:
    """One item in one view: `mine` are the names recorded for it there, by path."""

    tree: Tree
    disk: Disk
    folder: Path
    shown: Shown
    mine: dict[str, LibraryName]

    @property
    def item(self) -> Item:
        return self.shown.item

    def arrange(self, result: Arranged) -> None:
        stem, files = self._free_names()
        view = self.shown.view
        for file in files:
            path = self.folder / file.path
            placed = self._make_way(file.path) and self._place(file, path)
            status = status_of(path) if placed else None
            if status is None:
                result.foreign.append(f"{view.name}/{file.path}")
                continue
            result.symbolic |= stat.S_ISLNK(status.st_mode)
            name = LibraryName(
                view.name, file.path, self.item.id, status.st_dev, status.st_ino, layout=view.key
            )
            result.names.append(name)
        shared = self.shown.shared(stem)
        if (
            shared is not None
            and self._make_way(shared.path)
            and status_of(self.folder / shared.path) is None
        ):
            self._write(shared, self.folder / shared.path)

    def _make_way(self, path: str) -> bool:
        """Make the folders of a path; False where something else has a name of theirs."""
        folder = self.folder
        for part in path.split("/")[:-1]:
            folder = folder / part
            status = status_of(folder)
            if status is None:
                self.disk.make_folder(folder, durable=False)
            elif not stat.S_ISDIR(status.st_mode):
                return False
        return True

    def _place(self, file: ViewFile, path: Path) -> bool:
        return self._link(file, path) if file.is_media else self._write(file, path)

    def is_arranged(self) -> bool:
        stem = self._frozen()
        files = self.shown.files(stem) if stem else ()
        if not files or set(self.mine) - {file.path for file in files}:
            return False
        return all(self._stands(file) for file in files)

    def _stands(self, file: ViewFile) -> bool:
        path = self.folder / file.path
        status = status_of(path)
        if status is None:
            return False
        if file.is_media:
            return file.path in self.mine and self._leads_to(file, path, status)
        # A copy that somebody replaced is theirs, and stays.
        return not self._is_recorded(file.path, status) or status.st_size == self._size(file)

    def _size(self, file: ViewFile) -> int:
        return file.record.bytes if file.record else len(file.content)

    def _frozen(self) -> str | None:
        """The stem that the first link gave: a title that changes later moves no file, unless it is followed.

        Another layout moves it. Of a name that was found again nobody knows the layout; its folders tell enough.
        """
        key, home = self.shown.view.key, self.shown.stem().rpartition("/")[0]
        for path, name in sorted(self.mine.items()):
            stem = frozen_stem(path, self.item.id)
            is_of_view = name.layout == key or (name.layout == FOUND and path.rpartition("/")[0] == home)
            if stem and is_of_view and self.shown.keeps(stem):
                return stem
        return None

    def _free_names(self) -> tuple[str, tuple[ViewFile, ...]]:
        """The item's names under the first stem of which no media name is somebody else's."""
        stem = self._frozen()
        files = self.shown.files(stem) if stem else ()
        for twin in range(1, TWINS_AT_MOST + 1):
            if stem and files and not any(self._is_foreign(file) for file in files if file.is_media):
                return stem, files
            stem = self.shown.stem(twin=twin)
            files = self.shown.files(stem)
        raise ArchiveError(
            f"{self.folder} has no free name for {self.item.id}: other files have all {TWINS_AT_MOST}",
            cure="move those files away",
        )

    def _is_foreign(self, file: ViewFile) -> bool:
        path = self.folder / file.path
        status = status_of(path)
        if status is None:
            return False
        return not (self._leads_to(file, path, status) or self._is_recorded(file.path, status))

    def _is_recorded(self, name: str, status: os.stat_result) -> bool:
        return (
            name in self.mine and self.mine[name].inode == status.st_ino and not stat.S_ISDIR(status.st_mode)
        )

    def _master(self, file: ViewFile) -> Path:
        assert file.record is not None, "what is written has no master"
        return self.tree.item(self.item.shard, self.item.id) / file.record.name

    def _pointer(self, file: ViewFile) -> str:
        return os.path.relpath(self._master(file), (self.folder / file.path).parent)

    def _leads_to(self, file: ViewFile, path: Path, status: os.stat_result) -> bool:
        if stat.S_ISLNK(status.st_mode):
            return str(path.readlink()) == self._pointer(file)
        master = status_of(self._master(file))
        return master is not None and (master.st_dev, master.st_ino) == (status.st_dev, status.st_ino)

    def _link(self, file: ViewFile, path: Path) -> bool:
        """Let a media name lead to our file; False when the name is not ours."""
        status = status_of(path)
        if status is None:
            try:
                self._link_or_point(file, path)
            except FileExistsError:
                return False
            return True
        if self._leads_to(file, path, status):
            return True
        if not self._is_recorded(file.path, status):
            return False
        temporary = temporary_for(path)
        self.disk.unlink(temporary)
        self._link_or_point(file, temporary)
        self._over(temporary, path)
        return True

    def _link_or_point(self, file: ViewFile, path: Path) -> None:
        try:
            self.disk.link(self._master(file), path)
        except OSError as error:
            if error.errno not in _LINKS_REFUSED:
                raise
            self.disk.symlink(self._pointer(file), path)

    def _write(self, file: ViewFile, path: Path) -> bool:
        """Let a name hold a copy of our file, or what is told of it; False when the name is not ours."""
        status = status_of(path)
        if status is not None:
            if stat.S_ISREG(status.st_mode) and self._is_same(file, path, status):
                return True
            if not self._is_recorded(file.path, status):
                return False
        temporary = temporary_for(path)
        self.disk.unlink(temporary)
        if file.record is not None:
            self.disk.copy_new(self._master(file), temporary)
        else:
            self.disk.write_new(temporary, file.content, self.disk.copy_mode)
        if status is not None:
            self._over(temporary, path)
            return True
        return self._publish(temporary, path)

    def _is_same(self, file: ViewFile, path: Path, status: os.stat_result) -> bool:
        if status.st_size != self._size(file):
            return False
        return path.read_bytes() == (self._master(file).read_bytes() if file.record else file.content)

    def _publish(self, temporary: Path, path: Path) -> bool:
        """Give a finished copy its name, unless somebody took it meanwhile."""
        try:
            self.disk.link(temporary, path)
        except FileExistsError:
            self.disk.unlink(temporary)
            return False
        except OSError as error:
            if error.errno not in _LINKS_REFUSED:
                raise
            self.disk.rename(temporary, path)
            return True
        self.disk.unlink(temporary)
        return True

    def _over(self, temporary: Path, path: Path) -> None:
        self.disk.rename(temporary, path)
        # rename between two names of one inode does nothing, and leaves the temporary name.
        self.disk.unlink(temporary)


def temporary_for(path: Path) -> Path:
    """One name for each target, so that the next attempt finds what a crash left."""
    return path.with_name(TEMPORARY + hashlib.sha256(path.name.encode()).hexdigest()[:16])


def status_of(path: Path) -> os.stat_result | None:
    try:
        return os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
