"""Staging folders: one per attempt, adopted by the next attempt once nobody can be writing there.

staging/<id>/            or <id>.2, <id>.3 while an older attempt may still live
    lease.json           who works here (core.job.Lease), written by the worker first
    parts.<fingerprint>/ partial downloads, kept for the next attempt
    out/                 what is ready to commit; gone once the committer has taken it
    taken/               an `out/` whose update has begun
    superseded           an empty mark: a newer attempt was made beside this one, or nobody would go on with it
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from ytarchive.adapters.archive.durable import names_in
from ytarchive.adapters.archive.tree import LEASE, OUT, SUPERSEDED, TAKEN, UPDATE
from ytarchive.core.codec import MalformedValue, decode
from ytarchive.core.item import FileRecord, Role
from ytarchive.core.job import Lease, start_of
from ytarchive.core.layout import is_id, item_file_name
from ytarchive.errors import ArchiveError

if TYPE_CHECKING:
    from ytarchive.adapters.archive.durable import Disk
from ytarchive.adapters.archive.tree import Tree

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
STATISTICS = Path("/proc/stat")
LEASE_CAP_BYTES = 64 * 1024
ATTEMPTS_AT_MOST = 20
_FOLDER = re.compile(r"([A-Za-z0-9_-]{1,64})(?:\.([1-9][0-9]?))?\Z")


def boot_id() -> str:
    """What tells one boot of this machine from the next; empty where the system does not say."""
    try:
        return BOOT_ID.read_text().strip()
    except OSError:
        return ""


def _booted_at() -> int:
    """When this machine booted, in seconds since the epoch; 0 where the system does not say."""
    try:
        lines = STATISTICS.read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("btime ")), 0)


def video_of(name: str) -> str | None:
    """The video that a staging folder belongs to, or None for a foreign name."""
    parts = _FOLDER.match(name)
    return parts[1] if parts else None


def stage(tree: Tree, disk: Disk, video: str) -> Path:
    """A folder of this video that belongs to the caller alone, with an empty `out/` and any older `parts.*`."""
    if not is_id(video):
        raise ArchiveError(f"{video!r} cannot name a staging folder: a video id can")
    for attempt in range(1, ATTEMPTS_AT_MOST + 1):
        folder = tree.staging / (video if attempt == 1 else f"{video}.{attempt}")
        if _make_or_adopt(disk, folder):
            return folder
    raise ArchiveError(
        f"{ATTEMPTS_AT_MOST} attempts at {video} still seem to be at work in {tree.staging}",
        cure="stop the workers that are left over, then run again",
    )


def add(disk: Disk, staging: Path, video: str, suffix: str, content: bytes, role: Role) -> FileRecord:
    """Write one file into `out/`; one of the same content may be there already."""
    sha256 = hashlib.sha256(content).hexdigest()
    name = item_file_name(video, sha256, suffix)
    disk.unlink(staging / OUT / name)
    disk.write_new(staging / OUT / name, content, disk.sealed_mode)
    return FileRecord(name, len(content), sha256, role)


def _make_or_adopt(disk: Disk, folder: Path) -> bool:
    try:
        is_new = disk.make_folder(folder, durable=False)
    except NotADirectoryError:
        return False  # not ours: a symbolic link is never followed
    if not is_new and is_claimed(folder):
        _supersede(disk, folder)
        return False
    _clear(disk, folder)
    disk.make_folder(folder / OUT, durable=False)
    return True


def _clear(disk: Disk, folder: Path) -> None:
    """Keep partial downloads and nothing else. Whose folder it is, the worker says anew."""
    for name in names_in(folder):
        if not (name.startswith("parts.") and _is_real_folder(folder / name)):
            disk.remove_tree(folder / name)


def _supersede(disk: Disk, folder: Path) -> None:
    with suppress(FileExistsError):
        disk.write_new(folder / SUPERSEDED, b"", disk.sealed_mode)


def mark_passing(disk: Disk, folder: Path) -> None:
    """What is in this folder is of no use to anybody once its owner is gone: the next sweep may remove it.

    Not where somebody's partial download lies there as well.
    """
    if not any(path.is_file() for path in folder.glob("parts.*/*")):
        disk.step("write", folder / SUPERSEDED)
        (folder / SUPERSEDED).touch()


def _is_real_folder(path: Path) -> bool:
    return stat.S_ISDIR(os.lstat(path).st_mode)


def is_claimed(folder: Path) -> bool:
    """Whether a process may still write here. Only what is proven dead is dead.

    No lease: nobody came, or it was released. Another boot, or no process in the group: dead. A lease that
    cannot be read (a power cut tears it) proves nothing, unless it is older than this boot.
    """
    try:
        lease = _read_lease(folder / LEASE)
    except FileNotFoundError:
        return False
    if lease is None or lease.process_group <= 1:
        return os.lstat(folder / LEASE).st_mtime >= _booted_at()
    if lease.boot_id and boot_id() and lease.boot_id != boot_id():
        return False
    if lease.started and _began(lease.process_group) not in (0, lease.started):
        return False  # the number is another process's now, and it is given away only when its group is empty
    try:
        os.killpg(lease.process_group, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return _may_write(lease.process_group)


def _may_write(group: int) -> bool:
    """Whether a process of this group still runs: one that is dead and waits to be reaped writes nothing more.

    In a container the first process often reaps nobody, so that the dead stay there.
    """
    states = []
    with suppress(OSError):
        for name in os.listdir("/proc"):  # noqa: PTH208 - plain names of every process
            if name.isdecimal():
                with suppress(OSError, ValueError, IndexError):
                    after_name = (
                        Path(f"/proc/{name}/stat").read_text(errors="replace").rpartition(")")[2].split()
                    )
                    if int(after_name[2]) == group:
                        states.append(after_name[0])
    return not states or any(state not in "ZX" for state in states)


def _began(pid: int) -> int:
    """When a process began, in ticks of the kernel's clock; 0 when there is none, or the system does not say."""
    try:
        return start_of(Path(f"/proc/{pid}/stat").read_text(errors="replace"))
    except OSError:
        return 0


def _read_lease(path: Path) -> Lease | None:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise
    except OSError:
        return None
    with os.fdopen(descriptor, "rb") as file:
        try:
            return decode(Lease, file.read(LEASE_CAP_BYTES))
        except (MalformedValue, OSError):
            return None


def release(disk: Disk, staging: Path) -> None:
    """The job that worked here has ended, whether its worker lives on or not: the next attempt may adopt.

    A folder without a partial download is of no use to it, and goes.
    """
    if (staging / TAKEN).exists() or any(path.is_file() for path in staging.glob("parts.*/*")):
        disk.unlink(staging / LEASE)
    else:
        disk.remove_tree(staging)


def is_left_over(folder: Path) -> bool:
    """Whether the committer was done with a folder, and was killed before it had removed it."""
    return not (folder / OUT).exists() and not (folder / TAKEN / UPDATE).exists()


def newest_change_at(folder: Path) -> int:
    """When something last changed in a staging folder (two levels deep), in seconds since the epoch."""
    newest = int(os.lstat(folder).st_mtime)
    for path in folder.iterdir():
        newest = max(newest, int(os.lstat(path).st_mtime))
        if _is_real_folder(path):
            newest = max(newest, *(int(os.lstat(inner).st_mtime) for inner in path.iterdir()), 0)
    return newest
