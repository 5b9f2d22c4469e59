"""The library: what people and media servers browse, made from items and always derivable.

Media are hard links (relative symbolic links where those are refused), everything else is a copy, so that a media
server may write beside and over what it finds without touching the archive. What we did not make stays: a name is
ours when it leads to our file, or when we recorded the inode that it still has. Names are not fsynced, since they
can be made again; copies are, since a torn one would be taken for somebody else's.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ytarchive.adapters.archive.durable import names_in, telling
from ytarchive.core.layout import (
    FlatFile,
    LibraryName,
    flat_files,
    flat_stem,
    folder_name_problem,
    frozen_stem,
    is_id,
    suffix_of,
)
from ytarchive.errors import ArchiveError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from ytarchive.adapters.archive.durable import Disk
    from ytarchive.adapters.archive.tree import Tree
    from ytarchive.core.desired import LibraryView
    from ytarchive.core.item import Item

TEMPORARY = ".ytarchive~"
TWINS_AT_MOST = 99
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
class Library:
    tree: Tree
    disk: Disk

    def arrange(self, item: Item, views: Iterable[LibraryView], known: Iterable[LibraryName]) -> Arranged:
        """Make the names of one item in all its views, and remove ours that are no longer wanted.

        `known` are the names recorded for this video in any view. Doing it again changes nothing.
        """
        known = tuple(known)
        result = Arranged()
        with telling(f"Arranging {item.id} in the library", self.tree.root):
            for view in dict.fromkeys(views):
                mine = {name.path: name for name in known if name.view == view.name}
                _View(self.tree, self.disk, self._folder(view), view.name, item, mine).arrange(result)
            wanted = {(name.view, name.path) for name in result.names}
            for name in known:
                if (name.view, name.path) not in wanted:
                    self._remove(name, result)
        return result

    def withdraw(self, known: Iterable[LibraryName]) -> Arranged:
        """Remove our names of a video that is no longer there or no longer wanted in any view."""
        result = Arranged()
        with telling("Removing names from the library", self.tree.root):
            for name in known:
                self._remove(name, result)
        return result

    def is_arranged(self, item: Item, views: Iterable[LibraryView], known: Iterable[LibraryName]) -> bool:
        """Whether `arrange` would change nothing, by one lstat for each name."""
        known, views = tuple(known), tuple(dict.fromkeys(views))
        if {name.view for name in known} - {view.name for view in views}:
            return False
        with telling(f"Looking for {item.id} in the library", self.tree.root):
            return all(
                _View(
                    self.tree,
                    self.disk,
                    self.tree.library / view.name,
                    view.name,
                    item,
                    {name.path: name for name in known if name.view == view.name},
                ).is_arranged()
                for view in views
            )

    def sweep(self) -> int:
        """Remove temporary names that a crash left; say how many. Only under the lock, while nothing is arranged."""
        removed = 0
        with telling("Sweeping the library", self.tree.root):
            for folder in self._view_folders():
                for name in names_in(folder):
                    if name.startswith(TEMPORARY):
                        removed += self.disk.unlink(folder / name)
        return removed

    def survey(self, folder_of: Callable[[str], Path | None]) -> Iterator[LibraryName]:
        """Names that prove by themselves that we made them, for an index that was lost.

        `folder_of` tells where a video is committed. Proof is a link to a file in there.
        """
        with telling("Reading the library", self.tree.root):
            for folder in self._view_folders():
                for name in names_in(folder):
                    found = self._proven(folder, name, folder_of)
                    if found is not None:
                        yield found

    def _proven(self, folder: Path, name: str, folder_of: Callable[[str], Path | None]) -> LibraryName | None:
        start, end = name.rfind(" ["), name.rfind("]")
        video = name[start + 2 : end] if 0 < start < end else ""
        home = folder_of(video) if is_id(video) else None
        if home is None or not home.is_dir():
            return None
        path = folder / name
        status = os.lstat(path)
        if stat.S_ISLNK(status.st_mode):
            proven = os.path.realpath(path).startswith(f"{home}/")
        else:
            files = [home / file for file in names_in(home) if suffix_of(file, video)]
            proven = any(os.lstat(file).st_ino == status.st_ino for file in files)
        return LibraryName(folder.name, name, video, status.st_dev, status.st_ino) if proven else None

    def _view_folders(self) -> list[Path]:
        library = self.tree.library
        names = names_in(library) if library.is_dir() and not library.is_symlink() else []
        return [
            library / name
            for name in names
            if (library / name).is_dir() and not (library / name).is_symlink()
        ]

    def _folder(self, view: LibraryView) -> Path:
        problem = folder_name_problem(view.name)
        if problem:
            raise ArchiveError(f"library view {view.name!r} cannot be a folder: {problem}", cure="rename it")
        if view.layout != "flat":
            raise ArchiveError(
                f"library view {view.name!r}: layout {view.layout!r} is not known", cure="use flat"
            )
        self.disk.make_folder(self.tree.library, durable=False)
        self.disk.make_folder(self.tree.library / view.name, durable=False)
        return self.tree.library / view.name

    def _remove(self, name: LibraryName, result: Arranged) -> None:
        if folder_name_problem(name.view) or "/" in name.path or name.path in ("", ".", ".."):
            return  # no name that we make
        folder = self.tree.library / name.view
        if folder.is_symlink():
            return
        status = _status(folder / name.path)
        if status is not None and status.st_ino == name.inode and not stat.S_ISDIR(status.st_mode):
            self.disk.unlink(folder / name.path)
            with suppress(OSError):
                folder.rmdir()  # an empty view goes
        result.removed.append(name)


@dataclass(frozen=True, slots=True)
class _View:
    """One item in one view: `mine` are the names recorded for it there, by path."""

    tree: Tree
    disk: Disk
    folder: Path
    view: str
    item: Item
    mine: dict[str, LibraryName]

    def arrange(self, result: Arranged) -> None:
        for file in self._free_names():
            path = self.folder / file.name
            placed = self._link(file, path) if file.is_media else self._copy(file, path)
            status = _status(path)
            if not placed or status is None:
                result.foreign.append(f"{self.view}/{file.name}")
                continue
            result.symbolic |= stat.S_ISLNK(status.st_mode)
            name = LibraryName(self.view, file.name, self.item.id, status.st_dev, status.st_ino)
            result.names.append(name)

    def is_arranged(self) -> bool:
        stem = self._frozen()
        files = flat_files(self.item, stem) if stem else ()
        if not files or set(self.mine) - {file.name for file in files}:
            return False
        return all(self._stands(file) for file in files)

    def _stands(self, file: FlatFile) -> bool:
        path = self.folder / file.name
        status = _status(path)
        if status is None:
            return False
        if file.is_media:
            return file.name in self.mine and self._leads_to(file, path, status)
        # A copy that somebody replaced is theirs, and stays.
        return not self._is_recorded(file.name, status) or status.st_size == file.record.bytes

    def _frozen(self) -> str | None:
        """The stem that the first link gave: a title that changes later moves no file."""
        stems = (frozen_stem(path, self.item.id) for path in sorted(self.mine))
        return next((stem for stem in stems if stem), None)

    def _free_names(self) -> tuple[FlatFile, ...]:
        """The item's names under the first stem of which no media name is somebody else's."""
        frozen = self._frozen()
        files = flat_files(self.item, frozen) if frozen else ()
        for twin in range(1, TWINS_AT_MOST + 1):
            if files and not any(self._is_foreign(file) for file in files if file.is_media):
                return files
            files = flat_files(self.item, flat_stem(self.item.metadata.title, self.item.id, twin=twin))
        raise ArchiveError(
            f"{self.folder} has no free name for {self.item.id}: other files have all {TWINS_AT_MOST}",
            cure="move those files away",
        )

    def _is_foreign(self, file: FlatFile) -> bool:
        path = self.folder / file.name
        status = _status(path)
        if status is None:
            return False
        return not (self._leads_to(file, path, status) or self._is_recorded(file.name, status))

    def _is_recorded(self, name: str, status: os.stat_result) -> bool:
        return (
            name in self.mine and self.mine[name].inode == status.st_ino and not stat.S_ISDIR(status.st_mode)
        )

    def _master(self, file: FlatFile) -> Path:
        return self.tree.item(self.item.shard, self.item.id) / file.record.name

    def _pointer(self, file: FlatFile) -> str:
        return os.path.relpath(self._master(file), self.folder)

    def _leads_to(self, file: FlatFile, path: Path, status: os.stat_result) -> bool:
        if stat.S_ISLNK(status.st_mode):
            return str(path.readlink()) == self._pointer(file)
        master = _status(self._master(file))
        return master is not None and (master.st_dev, master.st_ino) == (status.st_dev, status.st_ino)

    def _link(self, file: FlatFile, path: Path) -> bool:
        """Let a media name lead to our file; False when the name is not ours."""
        status = _status(path)
        if status is None:
            try:
                self._link_or_point(file, path)
            except FileExistsError:
                return False
            return True
        if self._leads_to(file, path, status):
            return True
        if not self._is_recorded(file.name, status):
            return False
        temporary = _temporary(path)
        self.disk.unlink(temporary)
        self._link_or_point(file, temporary)
        self._over(temporary, path)
        return True

    def _link_or_point(self, file: FlatFile, path: Path) -> None:
        try:
            self.disk.link(self._master(file), path)
        except OSError as error:
            if error.errno not in _LINKS_REFUSED:
                raise
            self.disk.symlink(self._pointer(file), path)

    def _copy(self, file: FlatFile, path: Path) -> bool:
        status = _status(path)
        if status is not None:
            if stat.S_ISREG(status.st_mode) and self._is_same(file, path, status):
                return True
            if not self._is_recorded(file.name, status):
                return False
        temporary = _temporary(path)
        self.disk.unlink(temporary)
        self.disk.copy_new(self._master(file), temporary)
        if status is not None:
            self._over(temporary, path)
            return True
        return self._publish(temporary, path)

    def _is_same(self, file: FlatFile, path: Path, status: os.stat_result) -> bool:
        return status.st_size == file.record.bytes and path.read_bytes() == self._master(file).read_bytes()

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


def _temporary(path: Path) -> Path:
    """One name for each target, so that the next attempt finds what a crash left."""
    return path.with_name(TEMPORARY + hashlib.sha256(path.name.encode()).hexdigest()[:16])


def _status(path: Path) -> os.stat_result | None:
    try:
        return os.lstat(path)
    except FileNotFoundError:
        return None
