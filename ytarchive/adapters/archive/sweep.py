"""What a crash left behind: finished work is adopted, the rest is removed once nobody can miss it."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ytarchive.adapters.archive import staging as folders
from ytarchive.adapters.archive.commit import (
    CommitConflict,
    NotAsPromised,
    finish_update,
    is_whole,
    put_in_place,
)
from ytarchive.adapters.archive.durable import names_in, telling
from ytarchive.adapters.archive.items import DamagedItem, files_problem, read_item
from ytarchive.adapters.archive.tree import ITEM, OUT, SUPERSEDED, TAKEN, UPDATE
from ytarchive.core.instant import DAY, HOUR
from ytarchive.core.layout import suffix_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ytarchive.adapters.archive.commit import Committed
    from ytarchive.adapters.archive.durable import Disk
    from ytarchive.adapters.archive.tree import Tree
    from ytarchive.core.item import Item

STALE_STAGING_SECONDS = 7 * DAY
UNNAMED_GRACE_SECONDS = HOUR


@dataclass(slots=True)
class SweepReport:
    """What a sweep did: items that it finished committing or updating, names of staging folders that it removed or
    left alone with the reason, and how many names in staging are not ours."""

    adopted: list[Committed] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    kept: list[tuple[str, str]] = field(default_factory=list)
    foreign: int = 0


def sweep(
    tree: Tree, disk: Disk, now: int, *, stale_after_seconds: int = STALE_STAGING_SECONDS
) -> SweepReport:
    """Settle every staging folder that nobody works in. Only the holder of the lock may sweep."""
    report = SweepReport()
    with telling("Sweeping what was left in staging", tree.root):
        for name in names_in(tree.staging):
            folder = tree.staging / name
            if folders.video_of(name) is None or not stat.S_ISDIR(os.lstat(folder).st_mode):
                report.foreign += 1
            else:
                _settle(tree, disk, folder, now - stale_after_seconds, report)
    return report


def _settle(tree: Tree, disk: Disk, folder: Path, stale_at: int, report: SweepReport) -> None:
    if folders.is_claimed(folder) and folders.newest_change_at(folder) > stale_at:
        report.kept.append((folder.name, "its worker may still be at work"))
        return
    try:
        adopted = _finish_update(tree, disk, folder) or _finish_commit(tree, disk, folder)
    except (CommitConflict, DamagedItem, NotAsPromised) as error:
        report.kept.append((folder.name, error.message))
        return
    if adopted:
        report.adopted.append(adopted)
    elif (
        folders.is_left_over(folder)
        or (folder / SUPERSEDED).exists()
        or folder.name
        != folders.video_of(folder.name)  # made beside an attempt that lived then; <id>/ is adopted
        or folders.newest_change_at(folder) <= stale_at
    ):
        disk.remove_tree(folder)
        report.removed.append(folder.name)
    else:
        report.kept.append((folder.name, "its partial download can be resumed"))


def _finish_commit(tree: Tree, disk: Disk, folder: Path) -> Committed | None:
    """Commit an `out/` that was complete when the committer died; discard it when the video is already there."""
    out = folder / OUT
    item = _complete(out, ITEM, folders.video_of(folder.name))
    if item is None or files_problem(out, item.files):
        return None
    place = next(_places(tree, item.id), None)
    disk.fsync_folder(out)  # the committer may have died before it did
    if place is None:
        return put_in_place(tree, disk, item, folder)
    if place == tree.item(item.shard, item.id) and place.is_dir() and not is_whole(place, item.id):
        disk.rename(out / ITEM, out / UPDATE)
        return finish_update(tree, disk, item, folder)
    disk.remove_tree(out)
    return None


def _places(tree: Tree, video: str) -> Iterator[Path]:
    """Where a video is committed: in any shard, since its channel may have been unknown at the time."""
    for shard in names_in(tree.videos):
        folder = tree.videos / shard / video
        if os.path.lexists(folder) and (folder.is_symlink() or not folder.is_dir() or names_in(folder)):
            yield folder


def _finish_update(tree: Tree, disk: Disk, folder: Path) -> Committed | None:
    """Go on with an update whose intent was written; drop it when the item has become newer meanwhile."""
    source = folder / TAKEN if (folder / TAKEN).is_dir() else folder / OUT
    item = _complete(source, UPDATE, folders.video_of(folder.name))
    if item is None:
        return None
    target = tree.item(item.shard, item.id)
    if target.is_dir() and not target.is_symlink() and not _is_newer(target, item):
        held = [record for record in item.files if os.path.lexists(source / record.name)]
        rest = [record for record in item.files if record not in held]
        if not files_problem(source, held) and not files_problem(target, rest):
            disk.fsync_folder(source)
            return finish_update(tree, disk, item, folder)
    disk.unlink(source / UPDATE)
    return None


def _is_newer(target: Path, than: Item) -> bool:
    try:
        return read_item(target, than.id).provenance.fetched_at > than.provenance.fetched_at
    except DamagedItem:
        return False


def _complete(folder: Path, marker: str, video: str | None) -> Item | None:
    if video is None or not (folder / marker).is_file():
        return None
    try:
        return read_item(folder, video, marker)
    except DamagedItem:
        return None


@dataclass(frozen=True, slots=True)
class ItemSweep:
    """Files removed from an item's folder (names), the bytes that they had, and the folder's mtime now."""

    removed: tuple[str, ...]
    bytes: int
    dir_mtime_ns: int


def sweep_item(
    tree: Tree, disk: Disk, shard: str, video: str, now: int, *, grace_seconds: int = UNNAMED_GRACE_SECONDS
) -> ItemSweep:
    """Remove files of a video that its item.json does not name, once they have been so for the grace.

    Only names of our own form go; where item.json cannot be read, nothing does.
    """
    folder = tree.item(shard, video)
    with telling(f"Sweeping {video}", tree.root):
        item = read_item(folder, video)
        named = {record.name for record in item.files}
        removed, size = [], 0
        for name in unnamed_files(folder, video, named):
            status = os.lstat(folder / name)
            if max(status.st_mtime, status.st_ctime) <= now - grace_seconds:
                disk.unlink(folder / name)
                removed.append(name)
                size += status.st_size
        return ItemSweep(tuple(removed), size, folder.stat().st_mtime_ns)


def unnamed_files(folder: Path, video: str, named: set[str]) -> list[str]:
    """Regular files whose names have our form and are not named; anything else there is foreign."""
    return sorted(
        entry.name
        for entry in os.scandir(folder)
        if entry.name not in named
        and suffix_of(entry.name, video) is not None
        and entry.is_file(follow_symlinks=False)
    )
