"""Quarantine: where a pass puts what it takes away, as it was, until its time is over.

    .ytarchive/quarantine/2026-11-23/<id>/      what was the item's folder; <id>.2 where that day has one already
    .ytarchive/quarantine/going/<id>/           is being deleted: whatever is left of it goes with the next pass

Every way in and out is one rename of the whole folder between two of one file system, and both parents are fsynced: at
each instant the item is whole in one of both places. Nothing is deleted that is not in `going` by then.
"""

from __future__ import annotations

import errno
import os
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from typing import TYPE_CHECKING

from ytarchive.adapters.archive.durable import names_in, telling
from ytarchive.adapters.archive.items import DamagedItem, read_item
from ytarchive.adapters.archive.tree import NO_SHARD
from ytarchive.core.instant import DAY, Instant
from ytarchive.core.layout import is_id
from ytarchive.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from ytarchive.adapters.archive.durable import Disk
    from ytarchive.adapters.archive.tree import Tree
    from ytarchive.core.item import Item

GOING = "going"
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}\Z")
_COPY = re.compile(r"\.(?:[2-9]|[1-9][0-9]{1,5})\Z")


@dataclass(frozen=True, slots=True)
class Quarantined:
    """What was taken away on a day (UTC midnight `since`). `item` is None where its item.json cannot be read."""

    video: str
    since: Instant
    folder: Path
    bytes: int
    item: Item | None


@dataclass(frozen=True, slots=True)
class Quarantine:
    """Only under the lock, as everything that writes."""

    tree: Tree
    disk: Disk

    @property
    def folder(self) -> Path:
        return self.tree.own / "quarantine"

    def take(self, shard: str, video: str, now: Instant, *, going: bool = False) -> Path | None:
        """Put an item's folder aside, and say where it is now; None when it is not there. `going`: to be deleted."""
        source = self.tree.item(shard, video)
        with telling(f"Taking {video} away", self.tree.root):
            if source.is_symlink() or not source.is_dir():
                return None
            day = GOING if going else datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%d")
            target = self._free(self._made(day), video)
            self._move(source, target)
        return target

    def each(
        self, *, until: Instant | None = None, of: Callable[[str], bool] | None = None
    ) -> tuple[Quarantined, ...]:
        """What is in quarantine, the oldest first. What is being deleted is not.

        Only what came there until a time (give or take a day), and only videos `of` which it is asked, are looked into.
        """
        with telling("Reading the quarantine", self.tree.root):
            return tuple(
                _told(folder, since)
                for since, folder in self._folders()
                if (until is None or since <= until)
                and (video := video_of(folder.name)) is not None
                and (of is None or of(video))
            )

    def interrupted(self) -> tuple[Quarantined, ...]:
        """What was to be deleted when the process was killed."""
        going = self.folder / GOING
        with telling("Reading the quarantine", self.tree.root):
            names = names_in(going) if going.is_dir() and not going.is_symlink() else []
            return tuple(_told(going / name, 0) for name in names if video_of(name) is not None)

    def restore(self, one: Quarantined) -> Path:
        """Put an item back where it was. Raise `UsageError` when something of that video is there."""
        target = self.tree.item(one.item.shard if one.item else NO_SHARD, one.video)
        with telling(f"Putting {one.video} back", self.tree.root):
            if os.path.lexists(target) and (target.is_symlink() or not target.is_dir() or names_in(target)):
                raise UsageError(
                    f"{one.video} is in the archive again: what is in quarantine would replace it",
                    cure=f"keep what is there, and remove this one: ytarchive quarantine empty {one.video}",
                )
            if target.is_dir():
                target.rmdir()  # harmless: it is empty
            self.disk.make_folder(target.parent)
            self._move(one.folder, target)
            self._tidy(one.folder.parent)
        return target

    def delete(self, one: Quarantined) -> int:
        """Delete for good; the bytes that it had."""
        with telling(f"Deleting {one.video}", self.tree.root):
            if one.folder.parent.name != GOING:
                going = self._free(self._made(GOING), one.video)
                self._move(one.folder, going)
                self._tidy(one.folder.parent)
            else:
                going = one.folder
            self.finish(going)
        return one.bytes

    def finish(self, going: Path) -> None:
        """Remove what is being deleted."""
        with telling(f"Deleting {going.name}", self.tree.root):
            self.disk.remove_tree(going)
            self._tidy(going.parent)

    def _folders(self) -> Iterator[tuple[Instant, Path]]:
        if self.folder.is_symlink() or not self.folder.is_dir():
            return
        for day in names_in(self.folder):
            since = _since(day)
            if since is None or (self.folder / day).is_symlink() or not (self.folder / day).is_dir():
                continue
            for name in names_in(self.folder / day):
                folder = self.folder / day / name
                if folder.is_dir() and not folder.is_symlink():
                    yield since, folder

    def _made(self, day: str) -> Path:
        self.disk.make_folder(self.folder)
        self.disk.make_folder(self.folder / day)
        return self.folder / day

    def _free(self, parent: Path, video: str) -> Path:
        names = (video if number == 1 else f"{video}.{number}" for number in count(1))
        return next(parent / name for name in names if not os.path.lexists(parent / name))

    def _move(self, source: Path, target: Path) -> None:
        try:
            self.disk.rename(source, target)
        except OSError:
            # Over a network the answer may be lost, and the deed done: look before giving up.
            if os.path.lexists(source) or not target.is_dir():
                raise
        self.disk.fsync_folder(target.parent)
        self.disk.fsync_folder(source.parent)

    def _tidy(self, day: Path) -> None:
        """A day without anything goes."""
        try:
            day.rmdir()
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST, errno.ENOENT):
                raise


def video_of(name: str) -> str | None:
    """The video of a folder's name, `<id>` or `<id>.2`; None for a name that is not ours."""
    if is_id(name):
        return name
    copy = _COPY.search(name)
    video = name[: copy.start()] if copy else ""
    return video if is_id(video) else None


def _since(day: str) -> Instant | None:
    if not _DAY.match(day):
        return None
    try:
        return int(datetime.strptime(day, "%Y-%m-%d").replace(tzinfo=UTC).timestamp()) // DAY * DAY
    except ValueError:
        return None


def _told(folder: Path, since: Instant) -> Quarantined:
    video = video_of(folder.name) or folder.name
    try:
        item = read_item(folder, video)
    except (DamagedItem, OSError):
        item = None
    size = sum(entry.stat(follow_symlinks=False).st_size for entry in os.scandir(folder))
    return Quarantined(video, since, folder, size, item)
