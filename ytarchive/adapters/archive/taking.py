"""Taking a file of somebody else into staging, by a second name for it or by a copy; the source stays as it is."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from ytarchive.adapters.archive.durable import Disk

How = Literal["link", "copy"]
CHUNK_BYTES = 64 * 1024 * 1024
_NO_QUICK_COPY = {
    errno.EXDEV,
    errno.ENOSYS,
    errno.EOPNOTSUPP,
    errno.EINVAL,
    errno.EPERM,
    errno.ETXTBSY,
    errno.EIO,
}


class NotTaken(Exception):
    """This file cannot be had; the text says why."""


class LinksRefused(Exception):
    """No file can have a second name there: another file system, or one that knows no hard links."""


@dataclass(frozen=True, slots=True)
class Staged:
    """A file in staging, and the source as it was then: device, inode, size and mtime in nanoseconds."""

    path: Path
    source: Path
    identity: tuple[int, int, int, int]


def take(disk: Disk, source: Path, target: Path, how: How) -> Staged:
    """Make `target` (which must not exist) the same file as `source`, or one with the same content.

    Raise `NotTaken`, `LinksRefused`, or the `OSError` of the archive's own disk.
    """
    try:
        before = os.lstat(source)
    except OSError as error:
        raise NotTaken(f"it cannot be read: {error.strerror}") from None
    if not stat.S_ISREG(before.st_mode):
        raise NotTaken("it is not a regular file")
    if how == "link":
        _link(disk, source, target)
    else:
        _copy(disk, source, target)
    made = os.lstat(target)
    if not stat.S_ISREG(made.st_mode) or (how == "link" and _same(made) != _same(before)):
        disk.unlink(target)
        raise NotTaken("it was replaced meanwhile")
    return Staged(target, source, (before.st_dev, before.st_ino, before.st_size, before.st_mtime_ns))


def let_go(disk: Disk, taken: Staged) -> bool:
    """Remove the source of what is committed, unless it is another file by now; whether it is gone."""
    try:
        now = os.lstat(taken.source)
        if (now.st_dev, now.st_ino, now.st_size, now.st_mtime_ns) != taken.identity:
            return False
        return disk.unlink(taken.source)
    except OSError:
        return False


def _same(status: os.stat_result) -> tuple[int, int]:
    return status.st_dev, status.st_ino


def _link(disk: Disk, source: Path, target: Path) -> None:
    try:
        disk.link(source, target)
    except OSError as error:
        if error.errno in (errno.EXDEV, errno.EOPNOTSUPP, errno.ENOSYS):
            raise LinksRefused(error.strerror) from None
        if error.errno in (errno.EPERM, errno.EACCES):
            # Linux refuses links to files of others that one may not write (fs.protected_hardlinks), and FAT all.
            raise NotTaken(
                "the system refuses a link to it: it is another user's, or the file system knows none"
            ) from None
        if error.errno in (errno.EMLINK, errno.ENOENT):
            raise NotTaken(f"it cannot be linked: {error.strerror}") from None
        raise


def _copy(disk: Disk, source: Path, target: Path) -> None:
    try:
        reading = os.open(source, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise NotTaken(f"it cannot be read: {error.strerror}") from None
    try:
        disk.step("write", target)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        writing = os.open(target, flags, 0o600)
        try:
            _pour(reading, writing)
        finally:
            os.close(writing)
    except (OSError, NotTaken):
        with suppress(OSError):
            target.unlink()
        raise
    finally:
        os.close(reading)


def _pour(reading: int, writing: int) -> None:
    """All bytes; where the file systems can, without reading them (the kernel clones or copies)."""
    try:
        while os.copy_file_range(reading, writing, CHUNK_BYTES):
            pass
    except OSError as error:
        if error.errno not in _NO_QUICK_COPY:
            raise
    # Some file systems say 0 at once (of /proc, or FUSE): what is left is read.
    while chunk := _read(reading):
        rest = memoryview(chunk)
        while rest:
            rest = rest[os.write(writing, rest) :]


def _read(reading: int) -> bytes:
    try:
        return os.read(reading, 1024 * 1024)
    except OSError as error:
        raise NotTaken(f"it cannot be read: {error.strerror}") from None
