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
from pathlib import Path
from typing import TYPE_CHECKING

from ytarchive.adapters.archive.durable import names_in, telling
from ytarchive.core.layout import LibraryName, folder_name_problem, frozen_stem, is_id, suffix_of
from ytarchive.core.nfo import is_ours
from ytarchive.core.views import SHOW_NFO, Shown, ViewFile
from ytarchive.errors import ArchiveError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from ytarchive.adapters.archive.durable import Disk
    from ytarchive.adapters.archive.tree import Tree
    from ytarchive.core.desired import LibraryView
    from ytarchive.core.item import Item

TEMPORARY = ".ytarchive~"
TWINS_AT_MOST = 99
PLOT_CAP_BYTES = 256 * 1024
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

    def arrange(
        self,
        item: Item,
        views: Iterable[LibraryView],
        known: Iterable[LibraryName],
        *,
        channel: str | None = None,
    ) -> Arranged:
        """Make the names of one item in all its views, and remove ours that are no longer wanted.

        `known` are the names recorded for this video in any view; `channel` is what its channel is called in the library.
        Doing it again changes nothing.
        """
        known = tuple(known)
        result = Arranged()
        with telling(f"Arranging {item.id} in the library", self.tree.root):
            for view in dict.fromkeys(views):
                self._folder(view)
                self._view(item, view, known, channel).arrange(result)
            wanted = {(name.view, name.path) for name in result.names}
            for name in known:
                if (name.view, name.path) not in wanted:
                    self._remove(name, result)
        return result

    def _view(
        self, item: Item, view: LibraryView, known: Iterable[LibraryName], channel: str | None
    ) -> _View:
        mine = {name.path: name for name in known if name.view == view.name}
        shown = Shown(item, view, channel, self._plot(item))
        return _View(self.tree, self.disk, self.tree.library / view.name, shown, mine)

    def _plot(self, item: Item) -> str | None:
        """The description, where the item has it as a file."""
        for record in item.files:
            if record.role == "description" and record.bytes <= PLOT_CAP_BYTES:
                with suppress(OSError):
                    path = self.tree.item(item.shard, item.id) / record.name
                    return path.read_text(encoding="utf-8", errors="replace")
        return None

    def withdraw(self, known: Iterable[LibraryName]) -> Arranged:
        """Remove our names of a video that is no longer there or no longer wanted in any view."""
        result = Arranged()
        with telling("Removing names from the library", self.tree.root):
            for name in known:
                self._remove(name, result)
        return result

    def is_arranged(
        self,
        item: Item,
        views: Iterable[LibraryView],
        known: Iterable[LibraryName],
        *,
        channel: str | None = None,
    ) -> bool:
        """Whether `arrange` would change nothing, by one lstat for each name."""
        known, views = tuple(known), tuple(dict.fromkeys(views))
        if {name.view for name in known} - {view.name for view in views}:
            return False
        with telling(f"Looking for {item.id} in the library", self.tree.root):
            return all(self._view(item, view, known, channel).is_arranged() for view in views)

    def sweep(self) -> int:
        """Remove temporary names that a crash left; say how many. Only under the lock, while nothing is arranged."""
        removed = 0
        with telling("Sweeping the library", self.tree.root):
            for folder, names in self._walk():
                for name in names:
                    if name.startswith(TEMPORARY):
                        removed += self.disk.unlink(folder / name)
        return removed

    def survey(self, folder_of: Callable[[str], Path | None]) -> Iterator[LibraryName]:
        """Names that prove by themselves that we made them, for an index that was lost.

        `folder_of` tells where a video is committed. Proof is a link to a file in there.
        """
        with telling("Reading the library", self.tree.root):
            for folder, names in self._walk():
                for name in names:
                    found = self._proven(folder, name, folder_of)
                    if found is not None:
                        yield found

    def _walk(self) -> Iterator[tuple[Path, list[str]]]:
        """Every folder of every view with the names of its files; links to folders are not followed."""
        for view in self._view_folders():
            for folder, _, names in os.walk(view, followlinks=False):
                yield Path(folder), sorted(names)

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
        view, *rest = path.relative_to(self.tree.library).parts
        return LibraryName(view, "/".join(rest), video, status.st_dev, status.st_ino) if proven else None

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
        self.disk.make_folder(self.tree.library, durable=False)
        self.disk.make_folder(self.tree.library / view.name, durable=False)
        return self.tree.library / view.name

    def _remove(self, name: LibraryName, result: Arranged) -> None:
        parts = name.path.split("/")
        if folder_name_problem(name.view) or {"", ".", ".."} & {*parts}:
            return  # no name that we make
        folders = [self.tree.library / name.view]
        for part in parts[:-1]:
            folders.append(folders[-1] / part)
        if any(folder.is_symlink() for folder in folders):
            return
        path = folders[-1] / parts[-1]
        status = _status(path)
        if status is not None and status.st_ino == name.inode and not stat.S_ISDIR(status.st_mode):
            self.disk.unlink(path)
            for folder in reversed(folders):
                self._remove_if_empty(folder)
        result.removed.append(name)

    def _remove_if_empty(self, folder: Path) -> None:
        """An empty folder goes, and so does one with nothing but what we say of its show."""
        with suppress(OSError):
            if names_in(folder) == [SHOW_NFO] and is_ours((folder / SHOW_NFO).read_bytes()):
                self.disk.unlink(folder / SHOW_NFO)
            folder.rmdir()


@dataclass(frozen=True, slots=True)
class _View:
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
            status = _status(path) if placed else None
            if status is None:
                result.foreign.append(f"{view.name}/{file.path}")
                continue
            result.symbolic |= stat.S_ISLNK(status.st_mode)
            name = LibraryName(
                view.name, file.path, self.item.id, status.st_dev, status.st_ino, layout=view.key
            )
            result.names.append(name)
        shared = self.shown.shared(stem)
        if shared is not None and self._make_way(shared.path) and _status(self.folder / shared.path) is None:
            self._write(shared, self.folder / shared.path)

    def _make_way(self, path: str) -> bool:
        """Make the folders of a path; False where something else has a name of theirs."""
        folder = self.folder
        for part in path.split("/")[:-1]:
            folder = folder / part
            status = _status(folder)
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
        status = _status(path)
        if status is None:
            return False
        if file.is_media:
            return file.path in self.mine and self._leads_to(file, path, status)
        # A copy that somebody replaced is theirs, and stays.
        return not self._is_recorded(file.path, status) or status.st_size == self._size(file)

    def _size(self, file: ViewFile) -> int:
        return file.record.bytes if file.record else len(file.content)

    def _frozen(self) -> str | None:
        """The stem that the first link gave: a title that changes later moves no file, another layout does."""
        key = self.shown.view.key
        stems = (
            frozen_stem(path, self.item.id) for path, name in sorted(self.mine.items()) if name.layout == key
        )
        return next((stem for stem in stems if stem), None)

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
        status = _status(path)
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
        master = _status(self._master(file))
        return master is not None and (master.st_dev, master.st_ino) == (status.st_dev, status.st_ino)

    def _link(self, file: ViewFile, path: Path) -> bool:
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
        if not self._is_recorded(file.path, status):
            return False
        temporary = _temporary(path)
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
        status = _status(path)
        if status is not None:
            if stat.S_ISREG(status.st_mode) and self._is_same(file, path, status):
                return True
            if not self._is_recorded(file.path, status):
                return False
        temporary = _temporary(path)
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


def _temporary(path: Path) -> Path:
    """One name for each target, so that the next attempt finds what a crash left."""
    return path.with_name(TEMPORARY + hashlib.sha256(path.name.encode()).hexdigest()[:16])


def _status(path: Path) -> os.stat_result | None:
    try:
        return os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
