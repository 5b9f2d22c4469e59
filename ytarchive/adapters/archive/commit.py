"""The commit and update protocols: at every instant a complete old or a complete new item, never half of one.

Commit: check what is staged, fsync each file, write item.json last, fsync `out/`, rename it into place (never over
something), fsync both parents, then remove the staging folder.

Update: check, fsync, write update.json into `out/`, rename `out/` to `taken/`; from here on the update will happen,
if need be by the sweep after a crash: move the files in beside the old ones (their names are unique to their
content), fsync, rename update.json over item.json, fsync, remove the staging folder. Files that item.json no longer
names are swept later.
"""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ytarchive.adapters.archive.durable import MediumFault, names_in, telling, temporary_of, told
from ytarchive.adapters.archive.items import (
    DamagedItem,
    file_problem,
    files_problem,
    read_item,
    record_problem,
)
from ytarchive.adapters.archive.staging import video_of
from ytarchive.adapters.archive.tree import ITEM, OUT, TAKEN, UPDATE
from ytarchive.core.codec import encode
from ytarchive.core.layout import item_file_name, suffix_of
from ytarchive.errors import ArchiveError

if TYPE_CHECKING:
    from pathlib import Path

    from ytarchive.adapters.archive.durable import Disk
    from ytarchive.adapters.archive.tree import Tree
    from ytarchive.core.item import Item


@dataclass(frozen=True, slots=True)
class Committed:
    """An item as it now lies on disk: its folder, the folder's mtime in nanoseconds, and the bytes of the files it names."""

    item: Item
    folder: Path
    dir_mtime_ns: int
    bytes: int


class CommitConflict(ArchiveError):
    """Something is already where the item would go; a commit never replaces."""


class NotAsPromised(ArchiveError):
    """What is staged is not what the receipt names: a worker's mistake, or somebody else's hand."""


def commit(tree: Tree, disk: Disk, item: Item, staging: Path) -> Committed:
    """Make what lies in `staging/out/` a committed item. May be called again after any error but a conflict.

    Where a damaged item is in the way, this is an update: nothing of it is removed before the new one is whole.
    """
    folder = tree.item(item.shard, item.id)
    out = staging / OUT
    with telling(f"Committing {item.id}", tree.root):
        _refuse_wrong_names(item, staging)
        if _has_arrived(item, out, folder):
            return _conclude(disk, item, folder, staging)
        if _is_occupied(folder, item):
            return update(tree, disk, item, staging)
        _refuse_mismatch(item, out)
        _persist(disk, item, out, ITEM)
        return put_in_place(tree, disk, item, staging)


def put_in_place(tree: Tree, disk: Disk, item: Item, staging: Path) -> Committed:
    """The last steps of a commit, for an `out/` that already holds its fsynced item.json."""
    folder = tree.item(item.shard, item.id)
    out = staging / OUT
    disk.make_folder(folder.parent)
    disk.set_mode(out, disk.folder_mode)
    _rename_out(disk, item, out, folder)
    return _conclude(disk, item, folder, staging)


def _rename_out(disk: Disk, item: Item, out: Path, folder: Path) -> None:
    # Not every file system renames over an empty folder, and rmdir harms no other.
    with suppress(FileNotFoundError):
        try:
            folder.rmdir()
        except OSError as error:
            if error.errno in (errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR):
                raise _conflict(folder) from None
            raise
    try:
        disk.rename(out, folder)
    except OSError as error:
        # The answer of a network file system may be lost, or be that to a repeated request: look.
        if _has_arrived(item, out, folder):
            return
        if error.errno in (errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR):
            raise _conflict(folder) from None
        raise


def _conclude(disk: Disk, item: Item, folder: Path, staging: Path) -> Committed:
    disk.fsync_folder(folder.parent)
    if staging.exists():
        disk.fsync_folder(staging)
    return _done(disk, item, folder, staging)


def _done(disk: Disk, item: Item, folder: Path, staging: Path) -> Committed:
    # What cannot be removed now is swept later: the item is committed all the same.
    with suppress(OSError):
        disk.remove_tree(staging)
    return committed(item, folder)


def committed(item: Item, folder: Path) -> Committed:
    size = sum(record.bytes for record in item.files)
    return Committed(item, folder, folder.stat().st_mtime_ns, size)


def update(tree: Tree, disk: Disk, item: Item, staging: Path) -> Committed:
    """Make a committed item what `item` says, with new files from `staging/out/`. May be called again after errors.

    A file that `item` names may lie in `out/` or beside the old item.json. A damaged item is repaired the same
    way: what is staged replaces a file of the same name.
    """
    folder = tree.item(item.shard, item.id)
    with telling(f"Updating {item.id}", tree.root):
        _refuse_wrong_names(item, staging)
        if not (staging / OUT).exists() and _holds(folder, item):
            disk.fsync_folder(folder)
            return _done(disk, item, folder, staging)
        _refuse_absent(folder, item)
        source = staging / TAKEN
        if not source.is_dir():
            source = staging / OUT
            _refuse_mismatch(item, source, folder)
        _persist(disk, item, source, UPDATE)
        return finish_update(tree, disk, item, staging)


def finish_update(tree: Tree, disk: Disk, item: Item, staging: Path) -> Committed:
    """The steps of an update after update.json is written; each may have been taken already."""
    folder = tree.item(item.shard, item.id)
    taken = staging / TAKEN
    if not taken.exists():
        disk.rename(staging / OUT, taken)
        disk.fsync_folder(staging)
    for record in item.files:
        if os.path.lexists(taken / record.name):
            _move(disk, taken / record.name, folder / record.name)
    problem = files_problem(folder, item.files)
    if problem:
        raise NotAsPromised(f"The update of {item.id} is incomplete: {problem}", cure=_AGAIN)
    disk.fsync_folder(folder)
    _move(disk, taken / UPDATE, folder / ITEM)
    disk.fsync_folder(folder)
    return _done(disk, item, folder, staging)


def _move(disk: Disk, source: Path, target: Path) -> None:
    try:
        disk.rename(source, target)
    except OSError:
        if os.path.lexists(source) or not os.path.lexists(target):
            raise


def _persist(disk: Disk, item: Item, folder: Path, marker: str) -> None:
    """fsync every staged file, then write the marker that says they are complete."""
    adopted = item.provenance.adopted is not None
    for record in item.files:
        if os.path.lexists(folder / record.name):
            shared = adopted and os.lstat(folder / record.name).st_nlink > 1
            try:
                disk.seal(folder / record.name, keep_mode=shared)
            except OSError as error:
                raise _distrust(disk, folder, error) from error
    disk.replace(folder / marker, encode(item) + b"\n", disk.sealed_mode)


def _distrust(disk: Disk, folder: Path, error: OSError) -> OSError:
    """After a failed write-back the kernel may call the pages clean: a second fsync succeeds and data are lost.

    So what was staged goes, and the video is fetched again.
    """
    if isinstance(told(error, "", folder), MediumFault):
        with suppress(OSError):
            disk.remove_tree(folder)
    return error


_AGAIN = "run again: the video is fetched anew"


def _refuse_wrong_names(item: Item, staging: Path) -> None:
    problem = record_problem(item)
    for record in item.files:
        suffix = suffix_of(record.name, item.id) or ""
        if problem is None and record.name != item_file_name(item.id, record.sha256, suffix):
            problem = f"{record.name!r} does not carry its checksum {record.sha256[:10]}"
    if problem is None and video_of(staging.name) != item.id:
        problem = f"{staging} is no staging folder of {item.id}"
    if problem:
        raise NotAsPromised(f"The receipt for {item.id} cannot be right: {problem}", cure=_AGAIN)


def _refuse_mismatch(item: Item, out: Path, beside: Path | None = None) -> None:
    """Check that `out` holds the files that the item names, of the sizes named, and nothing else.

    With `beside`, files that are already there count too.
    """
    try:
        present = set(names_in(out))
    except (FileNotFoundError, NotADirectoryError):
        raise NotAsPromised(f"Nothing is staged for {item.id}: {out} is missing", cure=_AGAIN) from None
    for record in item.files:
        where = beside if beside is not None and record.name not in present else out
        problem = file_problem(where, record)
        if problem:
            raise NotAsPromised(f"What is staged for {item.id} is wrong: {problem} in {where}", cure=_AGAIN)
    ours = {ITEM, UPDATE, temporary_of(out / ITEM).name, temporary_of(out / UPDATE).name}
    foreign = present - {record.name for record in item.files} - ours
    if foreign:
        raise NotAsPromised(f"{out} holds {min(foreign)!r}, which the receipt does not name", cure=_AGAIN)


def _is_occupied(folder: Path, item: Item) -> bool:
    """Whether something is in the way that is no whole item, and may be made one; a whole one is a conflict."""
    if not os.path.lexists(folder):
        return False
    if folder.is_symlink() or not folder.is_dir():
        raise _conflict(folder)
    if not names_in(folder):
        return False
    _refuse_other_case(folder, item)
    if is_whole(folder, item.id):
        raise _conflict(folder)
    return True


def _refuse_absent(folder: Path, item: Item) -> None:
    if folder.is_symlink() or not folder.is_dir():
        raise DamagedItem(f"{folder} is gone, so it cannot be updated", cure="run again")
    try:
        read_item(folder, item.id)
    except DamagedItem:
        _refuse_other_case(folder, item)


def _refuse_other_case(folder: Path, item: Item) -> None:
    """Where case does not count, the folder of `abc` answers to `ABC`: an update must not mix the two."""
    if item.id not in names_in(folder.parent):
        raise _conflict(folder)


def _conflict(folder: Path) -> CommitConflict:
    return CommitConflict(
        f"{folder} is taken, and a commit never replaces",
        cure="run again: the disk is read first; if that does not help, move away what is there",
    )


def _has_arrived(item: Item, out: Path, folder: Path) -> bool:
    """Whether the rename has happened: nothing at its source, and exactly this item at its target."""
    return not os.path.lexists(out) and _holds(folder, item)


def _holds(folder: Path, item: Item) -> bool:
    try:
        return read_item(folder, item.id) == item and files_problem(folder, item.files) is None
    except (DamagedItem, OSError):
        return False


def is_whole(folder: Path, video: str) -> bool:
    """Whether a folder holds an item with all its files."""
    try:
        return files_problem(folder, read_item(folder, video).files) is None
    except DamagedItem:
        return False
