"""The library: what people and media servers browse, made from items and always derivable.

Media are hard links (relative symbolic links where those are refused), everything else is a copy, so that a media
server may write beside and over what it finds without touching the archive. What we did not make stays: a name is
ours when it leads to our file, or when we recorded the inode that it still has. Names are not fsynced, since they
can be made again; copies are, since a torn one would be taken for somebody else's.
"""

from __future__ import annotations

import json
import os
import stat
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ytarchive.adapters.archive.durable import names_in, telling
from ytarchive.adapters.archive.view import FOUND, TEMPORARY, Arranged, ItemView, status_of
from ytarchive.core.layout import LibraryName, folder_name_problem, is_id, suffix_of
from ytarchive.core.nfo import is_ours
from ytarchive.core.views import SHOW_NFO, Shown
from ytarchive.errors import ArchiveError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from ytarchive.adapters.archive.durable import Disk
    from ytarchive.adapters.archive.tree import Tree
    from ytarchive.core.desired import LibraryView
    from ytarchive.core.item import Item

PLOT_CAP_BYTES = 256 * 1024
COPY_CAP_BYTES = 16 * 1024 * 1024
"""What is larger is linked, never copied."""


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
        title: str | None = None,
    ) -> Arranged:
        """Make the names of one item in all its views, and remove ours that are no longer wanted.

        `known` are the names recorded for this video in any view; `channel` is what its channel is called in the library,
        `title` the newer title that views show which follow titles. Doing it again changes nothing.
        """
        known = tuple(known)
        result = Arranged()
        with telling(f"Arranging {item.id} in the library", self.tree.root):
            for view in dict.fromkeys(views):
                self._folder(view)
                self._view(item, view, known, channel, title).arrange(result)
            wanted = {(name.view, name.path) for name in result.names}
            for name in known:
                if (name.view, name.path) not in wanted:
                    self._remove(name, result)
        return result

    def _view(
        self,
        item: Item,
        view: LibraryView,
        known: Iterable[LibraryName],
        channel: str | None,
        title: str | None,
    ) -> ItemView:
        mine = {name.path: name for name in known if name.view == view.name}
        folder = self.tree.library / view.name
        shown = Shown(item, view, channel, self._plot(item), title, self.disk.longest_name(folder))
        return ItemView(self.tree, self.disk, folder, shown, mine)

    def _plot(self, item: Item) -> str | None:
        """The description, from the item's file of it, else from its info.json."""
        roles = {record.role: record for record in item.files if record.bytes <= PLOT_CAP_BYTES}
        folder = self.tree.item(item.shard, item.id)
        with suppress(OSError, ValueError, RecursionError):
            if "description" in roles:
                path = folder / roles["description"].name
                return path.read_text(encoding="utf-8", errors="replace")
            if "info_json" in roles:
                told = json.loads((folder / roles["info_json"].name).read_bytes())
                description = told.get("description") if isinstance(told, dict) else None
                return description if isinstance(description, str) else None
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
        title: str | None = None,
    ) -> bool:
        """Whether `arrange` would change nothing, by one lstat for each name."""
        known, views = tuple(known), tuple(dict.fromkeys(views))
        if {name.view for name in known} - {view.name for view in views}:
            return False
        with telling(f"Looking for {item.id} in the library", self.tree.root):
            return all(self._view(item, view, known, channel, title).is_arranged() for view in views)

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

        `folder_of` tells where a video is committed. Proof is a link to a file in there, or a copy of one; an NFO says
        itself that it is ours. Nobody knows any more which layout gave the name (`FOUND`).
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
        if not _is_ours(path, status, home, video):
            return None
        view, *rest = path.relative_to(self.tree.library).parts
        return LibraryName(view, "/".join(rest), video, status.st_dev, status.st_ino, layout=FOUND)

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
        status = status_of(path)
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


def _is_ours(path: Path, status: os.stat_result, home: Path, video: str) -> bool:
    if stat.S_ISLNK(status.st_mode):
        return os.path.realpath(path).startswith(f"{home}/")
    if not stat.S_ISREG(status.st_mode):
        return False
    if path.suffix == ".nfo" and status.st_size <= COPY_CAP_BYTES:
        return is_ours(path.read_bytes())
    masters = [home / file for file in names_in(home) if suffix_of(file, video)]
    for master in masters:
        found = os.lstat(master)
        if (found.st_dev, found.st_ino) == (status.st_dev, status.st_ino):
            return True
        if found.st_size == status.st_size <= COPY_CAP_BYTES and stat.S_ISREG(found.st_mode):
            return path.read_bytes() == master.read_bytes()
    return False
