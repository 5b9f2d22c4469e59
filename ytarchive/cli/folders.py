"""Checks of the folders: what their file systems can do, and whether they are on the same one."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from ytarchive.cli.checks import Check, Status
from ytarchive.cli.words import size

NETWORK_FILE_SYSTEMS = frozenset(
    {
        "nfs",
        "nfs4",
        "cifs",
        "smb3",
        "smbfs",
        "9p",
        "afs",
        "ceph",
        "glusterfs",
        "lustre",
        "fuse.sshfs",
        "fuse.rclone",
    }
    | {"fuse.s3fs", "fuse.glusterfs", "fuse.davfs", "davfs", "ncpfs", "vboxsf", "fuse.vmhgfs-fuse"}
)


def archive_folder(root: Path, min_free_bytes: int) -> Iterator[Check]:
    """What the file system under the archive can do, tried out in a folder that is removed at once."""
    place = _nearest_existing(root)
    free = shutil.disk_usage(place).free
    if free < min_free_bytes:
        yield Check(
            "free space",
            "failed",
            f"{size(free)} free at {place}, {size(min_free_bytes)} must stay free",
            "free some space, or lower archive.min_free",
            f"more than {size(min_free_bytes)}",
        )
    else:
        yield Check(
            "free space", "ok", f"{size(free)} at {place}", expected=f"more than {size(min_free_bytes)}"
        )
    yield one_file_system(place)
    try:
        with tempfile.TemporaryDirectory(prefix=".ytarchive-doctor-", dir=place) as folder:
            yield Check("archive writable", "ok", str(place))
            yield from _file_system(Path(folder))
    except OSError as error:
        yield Check(
            "archive writable",
            "failed",
            f"{place}: {error.strerror}",
            "let the user that runs ytarchive own the folder, and mount it for writing",
        )


def _file_system(folder: Path) -> Iterator[Check]:
    yield _tried("rename", lambda: _rename(folder), "failed", "use a file system that can rename folders")
    yield _tried(
        "long names",
        lambda: (folder / ("n" * 255)).touch(),
        "warning",
        "names of 255 bytes do not fit here (eCryptfs?): long titles are cut shorter in the library",
    )
    yield _tried(
        "hard links",
        lambda: _link(folder),
        "warning",
        "the library is made of symbolic links instead; a media server needs access to both folders",
    )


def _rename(folder: Path) -> None:
    (folder / "out").mkdir()
    (folder / "out" / "file").touch()
    (folder / "out").rename(folder / "in")


def _link(folder: Path) -> None:
    (folder / "master").touch()
    (folder / "view").hardlink_to(folder / "master")


def _tried(name: str, attempt: Callable[[], None], otherwise: Status, cure: str) -> Check:
    try:
        attempt()
    except OSError as error:
        return Check(name, otherwise, f"refused: {error.strerror}", cure)
    return Check(name, "ok", "possible")


def state_folder(state: Path) -> Check:
    """SQLite's locks and shared memory do not work on network file systems."""
    place = _nearest_existing(state)
    kind = file_system_of(place)
    if kind in NETWORK_FILE_SYSTEMS:
        return Check(
            "state folder",
            "failed",
            f"{place} is on a network file system ({kind})",
            "set state.path to a folder on a local disk; only the archive may be on the network",
        )
    if not os.access(place, os.W_OK | os.X_OK):
        return Check(
            "state folder", "failed", f"{place} cannot be written", "let the user that runs ytarchive own it"
        )
    return Check("state folder", "ok", f"{state}" + (f" on {kind}" if kind else ""))


def one_file_system(root: Path) -> Check:
    """What is downloaded is put in place by a rename, and shown by hard links: both stay within one file system.

    A bind mount is another one to both, though its number is the same; so the mount points are compared, too.
    """
    name, expected = "same file system", "archive, staging and library on one"
    parts = [root / ".ytarchive" / "staging", root / "videos", root / "library"]
    there = [root, *(part for part in parts if part.is_dir())]
    elsewhere = [part for part in there if _place_of(part) != _place_of(there[0])]
    if not elsewhere:
        return Check(name, "ok", f"{there[0]}" if len(there) > 1 else "one folder", expected=expected)
    place = elsewhere[0]
    cure = f"keep {place.name} within the file system of {root}, and mount nothing below it"
    fatal = any(part != root / "library" for part in elsewhere)
    found = f"{place} is on another file system than {root}"
    return Check(name, "failed" if fatal else "warning", found, cure, expected)


def _place_of(path: Path) -> tuple[int, str]:
    return path.stat().st_dev, _mount_of(path)[0]


def file_system_of(path: Path) -> str | None:
    """The type of the file system that holds a path (`ext4`, `nfs4`), where Linux tells it."""
    return _mount_of(path)[1]


def _mount_of(path: Path) -> tuple[str, str | None]:
    """The mount point and the type of the file system that hold a path; "" and None where Linux does not tell."""
    try:
        mounts = Path("/proc/self/mounts").read_text(errors="surrogateescape")
    except OSError:
        return "", None
    real = str(path.resolve())
    best, kind = "", None
    for line in mounts.splitlines():
        _, place, found, *_ = line.split(" ")
        place = re.sub(r"\\([0-7]{3})", lambda code: chr(int(code[1], 8)), place)
        if (real == place or real.startswith(place.rstrip("/") + "/")) and len(place) >= len(best):
            best, kind = place, found
    return best, kind


def _nearest_existing(path: Path) -> Path:
    """The folder itself, or the one in which it would be made."""
    for candidate in (path, *path.parents):
        if candidate.is_dir():
            return candidate
    return Path("/")
