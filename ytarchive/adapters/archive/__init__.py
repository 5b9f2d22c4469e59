"""One archive on disk: the only thing that writes below its root.

The protocols are in `commit`, `staging`, `sweep`, `scan` and `library`; this is their one front door.
Commits of different videos may run in several threads; `sweep` runs alone.
"""

from __future__ import annotations

import errno
import os
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ytarchive.adapters.archive import checksums, finding, opening, usage
from ytarchive.adapters.archive import commit as committing
from ytarchive.adapters.archive import scan as scanning
from ytarchive.adapters.archive import staging as folders
from ytarchive.adapters.archive import sweep as sweeping
from ytarchive.adapters.archive.commit import CommitConflict, Committed, NotAsPromised
from ytarchive.adapters.archive.durable import Disk, MediumFault, NoSpace, ReadOnly, names_in, telling
from ytarchive.adapters.archive.finding import Lacking, PutBack
from ytarchive.adapters.archive.items import DamagedItem, read_committed
from ytarchive.adapters.archive.journal import Journal, UnreadLine
from ytarchive.adapters.archive.library import Library
from ytarchive.adapters.archive.opening import NotInitialised, NotMounted
from ytarchive.adapters.archive.quarantine import Quarantine, Quarantined
from ytarchive.adapters.archive.scan import Damaged, Found, Known, NothingKnown, Scan, Scanned, Vanished
from ytarchive.adapters.archive.sweep import ItemSweep, SweepReport
from ytarchive.adapters.archive.taking import LinksRefused, NotTaken, Staged
from ytarchive.adapters.archive.tree import OUT, Tree
from ytarchive.adapters.archive.usage import OwnUsage, Taken
from ytarchive.adapters.archive.view import Arranged

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
    from pathlib import Path

    from ytarchive.core.item import FileRecord, Item, Role

__all__ = [
    "Archive",
    "Arranged",
    "CommitConflict",
    "Committed",
    "Damaged",
    "DamagedItem",
    "Disk",
    "Found",
    "ItemSweep",
    "Journal",
    "Known",
    "Lacking",
    "Library",
    "LinksRefused",
    "MediumFault",
    "NoSpace",
    "NotAsPromised",
    "NotInitialised",
    "NotMounted",
    "NotTaken",
    "NothingKnown",
    "PutBack",
    "Quarantine",
    "Quarantined",
    "ReadOnly",
    "Scan",
    "Scanned",
    "Staged",
    "SweepReport",
    "Taken",
    "UnreadLine",
    "Vanished",
    "free_bytes",
    "init_archive",
    "open_archive",
]


def open_archive(
    root: Path, *, known_id: str | None, umask: int = 0o022, read_only: bool = False, disk: Disk | None = None
) -> Archive:
    """The archive in `root`, made when there is nothing and nothing is known (`known_id` None).

    Raise `ArchiveError` (nothing was written then) for a root that is not mounted, not ours, of another archive, of
    a newer format, split over file systems, or read-only. With `read_only` nothing is written in any case, and
    `NotInitialised` says that there is no archive yet.
    """
    tree = Tree(opening.absolute(root))
    disk = disk or Disk(umask)
    with telling(f"Opening the archive {root}", tree.root):
        sentinel = opening.identify(tree, known_id)
    is_new = sentinel is None
    if sentinel is None and read_only:
        raise NotInitialised(
            f"there is no archive in {root} yet", cure="make one: ytarchive init, or ytarchive reconcile"
        )
    if sentinel is None:
        sentinel, is_new = opening.initialise(tree, disk)
    opening.prepare_folders(tree, disk, writable=not read_only)
    return Archive.of(tree, sentinel.id, disk, is_new=is_new)


def init_archive(root: Path, *, umask: int = 0o022, disk: Disk | None = None) -> Archive:
    """Make an archive in `root` because a person asked for it, whatever else is there; an archive stays as it is."""
    tree = Tree(opening.absolute(root))
    disk = disk or Disk(umask)
    sentinel, is_new = opening.initialise(tree, disk, replace_damaged=True)
    opening.prepare_folders(tree, disk, writable=True)
    return Archive.of(tree, sentinel.id, disk, is_new=is_new)


@dataclass(frozen=True, slots=True)
class Archive:
    """`id` tells this archive from every other one: state keeps it, to know an empty mount point when it sees one.

    `is_new`: it was made by this opening, and holds nothing yet (unless a person made it among other files).
    """

    tree: Tree
    id: str
    disk: Disk
    journal: Journal
    library: Library
    quarantine: Quarantine
    is_new: bool

    @classmethod
    def of(cls, tree: Tree, archive_id: str, disk: Disk, *, is_new: bool = False) -> Archive:
        journal, library, quarantine = (
            Journal(tree.decisions, disk),
            Library(tree, disk),
            Quarantine(tree, disk),
        )
        return cls(tree, archive_id, disk, journal, library, quarantine, is_new)

    @property
    def root(self) -> Path:
        return self.tree.root

    def lock(self) -> AbstractContextManager[None]:
        """Be the only writer; `BusyError` at once when another process is."""
        return opening.lock(self.tree)

    def free_bytes(self) -> int:
        """Bytes that this user may still write on the archive's file system."""
        return free_bytes(self.root)

    def disk_bytes(self) -> tuple[int, int]:
        """Bytes that this user may still write on the archive's file system, and all that it has."""
        with telling("Asking for the free space", self.root):
            status = os.statvfs(self.root)
        return status.f_bavail * status.f_frsize, status.f_blocks * status.f_frsize

    def own_usage(self) -> OwnUsage:
        """Room that downloads under way take, and what was taken away."""
        return usage.own_usage(self.tree)

    def unnamed_usage(self, items: Iterable[tuple[str, str, int]]) -> Taken:
        """Room that files take beside these items (shard, video, bytes) which their item.json does not name any more."""
        return usage.unnamed_usage(self.tree, items)

    def stage(self, video: str, *, passing: bool = False) -> Path:
        """A staging folder that belongs to the caller alone, with an empty `out/` and any older `parts.*`.

        `passing`: what a crash leaves in it goes with the next sweep, unless it is complete.
        """
        with telling(f"Making room for {video} in staging", self.root):
            staging = folders.stage(self.tree, self.disk, video)
            if passing:
                folders.mark_passing(self.disk, staging)
            return staging

    def release(self, staging: Path) -> None:
        """A job has ended without a commit, and its downloads may be resumed by the next attempt."""
        with telling(f"Releasing {staging.name}", self.root):
            folders.release(self.disk, staging)

    def clear(self, staging: Path) -> None:
        """What was staged is not committed; a partial download that was there before stays."""
        with telling(f"Clearing {staging.name}", self.root):
            self.disk.remove_tree(staging / OUT)
            self.disk.make_folder(
                staging / OUT, durable=False
            )  # without it, the sweep takes it for committed
            folders.release(self.disk, staging)

    def discard(self, staging: Path) -> None:
        """A job has ended, and nothing of it is of use."""
        with telling(f"Removing {staging.name} from staging", self.root):
            self.disk.remove_tree(staging)

    def add(self, staging: Path, video: str, suffix: str, content: bytes, role: Role) -> FileRecord:
        """Put one more file to those that are ready to commit, under the name of its content."""
        with telling(f"Adding to {staging.name} in staging", self.root):
            return folders.add(self.disk, staging, video, suffix, content, role)

    def commit(self, item: Item, staging: Path) -> Committed:
        """Make what lies in `staging/out/` the item; `CommitConflict` when something is there already."""
        return committing.commit(self.tree, self.disk, item, staging)

    def update(self, item: Item, staging: Path) -> Committed:
        """Put new files beside those of a committed (or damaged) item, and let item.json name `item.files`."""
        return committing.update(self.tree, self.disk, item, staging)

    def read_item(self, shard: str, video: str) -> Item:
        """The committed item; `DamagedItem` when it is missing or makes no sense."""
        with telling(f"Reading {video}", self.root):
            return read_committed(self.tree.item(shard, video))

    def compare(self, item: Item, on_read: Callable[[int], None]) -> dict[str, str]:
        """Read every byte of an item: why files are not what item.json says, by name (`checksums.compare`)."""
        folder = self.tree.item(item.shard, item.id)
        if not folder.exists():
            raise FileNotFoundError(errno.ENOENT, "No such item", str(folder))
        with telling(f"Verifying {item.id}", self.root):
            return checksums.compare(folder, item, on_read)

    def folder(self, item: Item) -> Path:
        return self.tree.item(item.shard, item.id)

    def scan(self, known: Known, *, sizes: bool = True) -> Scan:
        """Iterate over what on disk differs from `known`."""
        return Scan(self.tree, known, sizes=sizes)

    def look(self, shard: str, video: str) -> Found | Damaged | None:
        """What the folder of one video holds now; None where there is none, or an empty one."""
        folder = self.tree.item(shard, video)
        with telling(f"Looking at {video}", self.root):
            if folder.is_symlink() or not folder.is_dir() or not names_in(folder):
                return None
            return scanning.look(folder, folder.stat().st_mtime_ns)

    def lacking(self, damaged: Damaged) -> list[Lacking]:
        """The files that a damaged item lacks; none where its item.json cannot be read."""
        if damaged.item is None:
            return []
        folder = self.tree.item(damaged.shard, damaged.video)
        return finding.lacking_of(damaged.shard, damaged.video, damaged.item.files, folder)

    def put_back(self, gone: Collection[str], lacking: Sequence[Lacking]) -> Iterator[PutBack]:
        """Look through the whole archive for folders of videos that are gone, and for files that items lack.

        What is found by its id or its checksum is put where it belongs.
        """
        with telling("Looking for what is missing", self.root):
            yield from finding.put_back(self.tree, self.disk, gone, lacking)

    def sweep(self, now: int, *, stale_after_seconds: int = sweeping.STALE_STAGING_SECONDS) -> SweepReport:
        """Finish or remove what a crash left in staging and in the library; only under the lock, between jobs."""
        report = sweeping.sweep(self.tree, self.disk, now, stale_after_seconds=stale_after_seconds)
        self.library.sweep()
        return report

    def sweep_item(
        self, shard: str, video: str, now: int, *, grace_seconds: int = sweeping.UNNAMED_GRACE_SECONDS
    ) -> ItemSweep:
        """Remove files in an item's folder that its item.json has not named for so long."""
        return sweeping.sweep_item(self.tree, self.disk, shard, video, now, grace_seconds=grace_seconds)


def free_bytes(root: Path) -> int:
    with telling("Asking for the free space", root):
        status = os.statvfs(root)
    return status.f_bavail * status.f_frsize
