"""Opening an archive: whose root this is, whether its disk is mounted, and who works on it.

Nothing is written before these questions are answered: an unmounted disk looks like an empty archive.
"""

from __future__ import annotations

import errno
import os
import secrets
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from ytarchive.adapters.archive.durable import Disk, ReadOnly, names_in, telling, temporary_of
from ytarchive.adapters.archive.tree import Tree
from ytarchive.core.codec import MalformedValue, decode, encode
from ytarchive.errors import ArchiveError, BusyError

if TYPE_CHECKING:
    from collections.abc import Iterator

FORMAT = 1
# What a new or foreign disk holds before anybody put something there.
_EMPTY_ENOUGH = frozenset({"lost+found", ".Trash-1000", ".DS_Store", "@eaDir", "System Volume Information"})


@dataclass(frozen=True, slots=True)
class Sentinel:
    """`.ytarchive/archive.json`: which archive this is, and in which format."""

    id: str
    format: int = FORMAT


class NotMounted(ArchiveError):
    """The root does not hold the archive that is known here: nothing was written, and nothing is lost."""


class DamagedSentinel(ArchiveError):
    """archive.json is there and makes no sense."""


class NotInitialised(ArchiveError):
    """There is no archive yet, and the caller wants to read only."""


def absolute(root: Path) -> Path:
    with telling("Looking for the archive", root):
        return Path(os.path.realpath(root))


def read_sentinel(tree: Tree) -> Sentinel | None:
    """The sentinel, or None when there is none. Raise `ArchiveError` for one that cannot be used."""
    try:
        data = tree.sentinel.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    try:
        sentinel = decode(Sentinel, data)
    except MalformedValue as error:
        raise DamagedSentinel(
            f"{tree.sentinel} is damaged: {error}",
            cure="restore that file, or give the archive a new identity: ytarchive init",
        ) from None
    if sentinel.format > FORMAT:
        raise ArchiveError(
            f"{tree.root} is an archive of format {sentinel.format}, and this ytarchive knows {FORMAT}",
            cure="use a newer ytarchive",
        )
    return sentinel


def identify(tree: Tree, known_id: str | None) -> Sentinel | None:
    """Whose root it is; None: nobody's, and it may be initialised. Anything else is an `ArchiveError`."""
    sentinel = read_sentinel(tree)
    if sentinel is not None:
        if known_id not in (None, sentinel.id):
            raise NotMounted(
                f"{tree.root} holds archive {sentinel.id}, and the state here belongs to archive {known_id}",
                cure="mount the right disk, correct archive.root, or use another state folder for this archive",
            )
        return sentinel
    contents = _contents(tree)
    if known_id is not None:
        found = (
            "does not exist" if contents is None else "is empty" if not contents else "has no archive.json"
        )
        raise NotMounted(
            f"{tree.root} {found}, but archive {known_id} was there: not mounted?",
            cure="mount its disk; or, to begin anew there: ytarchive init",
        )
    if contents:
        raise ArchiveError(
            f"{tree.root} is not an archive of ours and not empty (it holds {contents[0]!r})",
            cure="choose another archive.root, or make an archive beside what is there: ytarchive init",
        )
    return None


def _contents(tree: Tree) -> list[str] | None:
    """What is in the root apart from what a file system puts there and an init that was cut short."""
    if not os.path.lexists(tree.root):
        return None
    if not tree.root.is_dir():
        raise ArchiveError(f"{tree.root} is not a folder", cure="correct archive.root")
    names = sorted(set(names_in(tree.root)) - _EMPTY_ENOUGH)
    if names == [tree.own.name] and tree.own.is_dir() and not tree.own.is_symlink():
        left = {tree.lock.name, temporary_of(tree.sentinel).name}
        return names if set(names_in(tree.own)) - left else []
    return names


def initialise(tree: Tree, disk: Disk, *, replace_damaged: bool = False) -> tuple[Sentinel, bool]:
    """Make the root and its sentinel, and say whether it is new; two processes at once agree on one archive."""
    with telling(f"Making an archive in {tree.root}", tree.root):
        _make_with_parents(disk, tree.root)
        disk.make_folder(tree.own)
        with lock(tree):
            try:
                sentinel = read_sentinel(tree)
            except DamagedSentinel:
                if not replace_damaged:
                    raise
                sentinel = None
            if sentinel is not None:
                return sentinel, False
            sentinel = Sentinel(id=secrets.token_hex(8))
            disk.replace(tree.sentinel, encode(sentinel) + b"\n", disk.sealed_mode)
            return sentinel, True


def _make_with_parents(disk: Disk, path: Path) -> None:
    if not path.is_dir():
        _make_with_parents(disk, path.parent)
        disk.make_folder(path)


def prepare_folders(tree: Tree, disk: Disk, *, writable: bool) -> None:
    """Check that every folder is a real one on one file system, and make those that are missing."""
    with telling(f"Opening the archive {tree.root}", tree.root):
        device = tree.own.stat().st_dev
        for folder in tree.folders:
            if folder.is_symlink():
                raise ArchiveError(f"{folder} is a symbolic link", cure="put a real folder there")
            if not folder.exists():
                if not writable:
                    continue
                disk.make_folder(folder)
            if not folder.is_dir():
                raise ArchiveError(f"{folder} is not a folder", cure="move away what is there")
            if folder != tree.library and folder.stat().st_dev != device:
                raise ArchiveError(
                    f"{folder} is on another file system than {tree.own}: a commit could not be one rename",
                    cure=f"let {tree.own} and {tree.videos} be on one file system",
                )
        if writable:
            _prove_writable(tree)


def _prove_writable(tree: Tree) -> None:
    """Root passes every permission check, and a read-only mount shows only in the attempt: so attempt it."""
    probe = tree.own / f".probe-{os.getpid()}"
    try:
        os.close(os.open(probe, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600))
        probe.unlink()
    except OSError as error:
        if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
            raise ReadOnly(
                f"{tree.root} cannot be written: {error.strerror}",
                cure="mount it for writing, and let the user that runs ytarchive own it",
            ) from None
        raise


@contextmanager
def lock(tree: Tree) -> Iterator[None]:
    """Be the only writer of this archive; `BusyError` at once when another process is."""
    with telling(f"Locking {tree.root}", tree.root):
        holder = FileLock(tree.lock, timeout=0, thread_local=False, on_acquired=_sign)
        try:
            holder.acquire()
        except Timeout:
            raise BusyError(
                f"another ytarchive{_signed(tree.lock)} works on {tree.root}",
                cure="wait for it to end, or stop it",
            ) from None
    try:
        yield
    finally:
        holder.release()


def _sign(descriptor: int) -> None:
    """Leave our process id in the lock's file, for the message that another instance prints."""
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)


def _signed(path: Path) -> str:
    try:
        text = path.read_text(errors="replace").split("\n", 1)[0]
    except OSError:
        return ""
    return f" (process {text})" if text.isdigit() else ""
