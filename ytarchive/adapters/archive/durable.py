"""Writing that survives a crash: every write, fsync, rename, link and removal in the archive goes through `Disk`.

`Disk.step` is called before each effect with its kind and path. It does nothing in production; tests kill the
process there, or raise the `OSError` that a full or broken disk would.
"""

from __future__ import annotations

import errno
import os
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ytarchive.core.layout import NAME_BYTES
from ytarchive.errors import ArchiveError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

CHUNK_BYTES = 1024 * 1024
LEAST_NAME_BYTES = 120
# File systems that do not know modes, or not for this user: the mode is a courtesy there, not a condition.
_NO_MODES = {errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS}
# SMB and some FUSE file systems refuse fsync of a folder: they order such changes themselves.
_NO_FOLDER_FSYNC = {errno.EINVAL, errno.EOPNOTSUPP, errno.ENOSYS, errno.EBADF}


class NoSpace(ArchiveError):
    """The disk or the quota is full: final for this pass, and every write pauses."""


class ReadOnly(ArchiveError):
    """The archive's file system or folder cannot be written."""


class MediumFault(ArchiveError):
    """The disk or the connection to it failed; what was being written cannot be trusted."""


@contextmanager
def telling(doing: str, root: Path) -> Iterator[None]:
    """Turn an `OSError` into the `ArchiveError` that says what was being done, and how to go on."""
    try:
        yield
    except OSError as error:
        raise told(error, doing, root) from error


def told(error: OSError, doing: str, root: Path) -> ArchiveError:
    where = error.filename if isinstance(error.filename, str) else str(error.filename or root)
    what = f"{doing}: {error.strerror or error} ({where})"
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT:
            return NoSpace(what, cure=f"free some space on the file system of {root}")
        case errno.EROFS:
            return ReadOnly(what, cure=f"mount the file system of {root} for writing")
        case errno.EACCES | errno.EPERM:
            return ReadOnly(what, cure=f"let the user that runs ytarchive write below {root}")
        case errno.EIO | errno.ENXIO | errno.ENODEV | errno.ESTALE | errno.ENOTCONN | errno.ETIMEDOUT:
            return MediumFault(what, cure=f"check the disk or the mount of {root} (see the system's log)")
        case errno.EFBIG:
            return ArchiveError(what, cure=f"the file system of {root} cannot hold a file of this size")
        case _:
            return ArchiveError(what, cure=f"check that {root} is mounted and whole, then run again")


def _no_step(_kind: str, _path: Path) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Disk:
    """The effects on a file system. `umask` decides the modes of folders, sealed files and copies.

    `name_bytes` is the longest name that it takes; None: it is asked.
    """

    umask: int = 0o022
    step: Callable[[str, Path], None] = _no_step
    name_bytes: int | None = None

    @property
    def folder_mode(self) -> int:
        return 0o777 & ~self.umask

    @property
    def sealed_mode(self) -> int:
        return 0o444 & ~self.umask

    @property
    def copy_mode(self) -> int:
        return 0o666 & ~self.umask

    def longest_name(self, folder: Path) -> int:
        """Bytes of the longest name in a folder: 255 nearly everywhere, 143 on eCryptfs. What is odd is not believed."""
        told = self.name_bytes
        with suppress(OSError, ValueError):
            told = told or os.pathconf(folder, "PC_NAME_MAX")
        return min(max(told or NAME_BYTES, LEAST_NAME_BYTES), NAME_BYTES)

    def make_folder(self, path: Path, *, durable: bool = True) -> bool:
        """Make a folder whose parent exists; say whether it is new. A symbolic link is not a folder."""
        try:
            self.step("mkdir", path)
            path.mkdir(self.folder_mode)
        except FileExistsError:
            if path.is_symlink() or not path.is_dir():
                raise NotADirectoryError(errno.ENOTDIR, "not a folder", str(path)) from None
            return False
        try:
            self.set_mode(path, self.folder_mode)
            if durable:
                self.fsync_folder(path.parent)
        except OSError:
            # Else the next attempt would find it there, and take it for durable.
            with suppress(OSError):
                path.rmdir()
            raise
        return True

    def write_new(self, path: Path, data: bytes, mode: int) -> None:
        """Write and fsync a file that must not exist; nothing is left of it after an error."""
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            try:
                self._write(descriptor, data, path)
                _set_mode(descriptor, mode)
                self.step("fsync", path)
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        except OSError:
            with suppress(OSError):
                path.unlink()
            raise

    def append(self, path: Path, line: bytes) -> None:
        """Append to a file and fsync it; after an error the file is as it was."""
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
        descriptor = os.open(path, flags, self.copy_mode)
        try:
            size = os.fstat(descriptor).st_size
            torn = size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"
            try:
                self._write(descriptor, b"\n" + line if torn else line, path)
                self.step("fsync", path)
                os.fsync(descriptor)
            except OSError:
                with suppress(OSError):
                    os.ftruncate(descriptor, size)
                raise
        finally:
            os.close(descriptor)
        if size == 0:
            self.fsync_folder(path.parent)

    def _write(self, descriptor: int, data: bytes, path: Path) -> None:
        self.step("write", path)
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(descriptor, rest[:CHUNK_BYTES]) :]

    def replace(self, path: Path, data: bytes, mode: int) -> None:
        """Put a whole file in the place of another, atomically and durably."""
        temporary = temporary_of(path)
        self.unlink(temporary)
        self.write_new(temporary, data, mode)
        self.rename(temporary, path)
        self.fsync_folder(path.parent)

    def seal(self, path: Path, *, keep_mode: bool = False) -> None:
        """fsync a file that another process wrote, and take write permission from it.

        `keep_mode`: it is somebody else's file too, by another name, and keeps the mode that it has.
        """
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            if not keep_mode:
                _set_mode(descriptor, self.sealed_mode)
            self.step("fsync", path)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def fsync_folder(self, path: Path) -> None:
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            self.step("fsync-folder", path)
            os.fsync(descriptor)
        except OSError as error:
            if error.errno not in _NO_FOLDER_FSYNC:
                raise
        finally:
            os.close(descriptor)

    def rename(self, source: Path, target: Path) -> None:
        self.step("rename", target)
        source.rename(target)

    def link(self, source: Path, target: Path) -> None:
        """A second name for a file; `FileExistsError` when the name is taken, by whatever."""
        self.step("link", target)
        os.link(source, target, follow_symlinks=False)

    def symlink(self, content: str, target: Path) -> None:
        self.step("symlink", target)
        target.symlink_to(content)

    def copy_new(self, source: Path, target: Path) -> None:
        """A copy that must not exist, fsynced; for small files."""
        self.write_new(target, source.read_bytes(), self.copy_mode)

    def unlink(self, path: Path) -> bool:
        """Remove a file or a symbolic link; say whether there was one."""
        if not os.path.lexists(path):
            return False
        self.step("unlink", path)
        path.unlink(missing_ok=True)
        return True

    def remove_tree(self, path: Path) -> None:
        """Remove a folder and all below it, never following a symbolic link."""
        if path.is_symlink() or not path.is_dir():
            self.unlink(path)
            return
        for name in names_in(path):
            self.remove_tree(path / name)
        self.step("rmdir", path)
        with suppress(FileNotFoundError):
            path.rmdir()

    def set_mode(self, path: Path, mode: int) -> None:
        """Set the permissions of a folder; a set-group-id bit that it inherited stays."""
        now = path.stat().st_mode
        if now & 0o777 != mode:
            with _modes_may_lack():
                path.chmod(now & 0o7000 | mode)


def names_in(folder: Path) -> list[str]:
    return sorted(os.listdir(folder))  # noqa: PTH208


def temporary_of(path: Path) -> Path:
    """Where `Disk.replace` prepares a file: a leftover of a crash is found again, and removed."""
    return path.with_name(f".{path.name}.new")


def _set_mode(descriptor: int, mode: int) -> None:
    with _modes_may_lack():
        os.fchmod(descriptor, mode)


@contextmanager
def _modes_may_lack() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno not in _NO_MODES:
            raise
