"""Checks of the machine: programs, folders and file systems. Each says what was found, and the cure.

Nothing of the engine is imported here: versions come from package metadata, the rest from child processes.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import Literal

from ytarchive.cli.words import size

Status = Literal["ok", "warning", "failed"]

OLDEST_PYTHON = (3, 11)
OLDEST_DENO = (2, 9, 8)
CHILD_TIMEOUT_SECONDS = 60
REINSTALL = (
    "install ytarchive again: it brings everything that it needs (`pip install --force-reinstall ytarchive`)"
)
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


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at. A `warning` is worth reading, only `failed` keeps ytarchive from working."""

    name: str
    status: Status
    found: str
    cure: str | None = None


def programs() -> Iterator[Check]:
    """Python, the engine and its challenge solver, deno, ffmpeg, PyAV."""
    yield _python()
    yield _engine()
    yield _deno()
    yield _ffmpeg()
    yield _verifier()


def _python() -> Check:
    found = ".".join(str(number) for number in sys.version_info[:3])
    if sys.version_info[:2] < OLDEST_PYTHON:
        return Check("python", "failed", found, "use Python 3.11 or newer")
    return Check("python", "ok", found)


def _engine() -> Check:
    """yt-dlp takes whatever yt-dlp-ejs it finds, and fails later when that is not the one it was made for."""
    try:
        engine, solver = version("yt-dlp"), version("yt-dlp-ejs")
    except PackageNotFoundError as missing:
        return Check("engine", "failed", f"{missing.name} is not installed", REINSTALL)
    wanted = next(
        (
            found[1]
            for line in requires("yt-dlp") or ()
            if (found := re.match(r"yt-dlp-ejs==([0-9.]+)", line))
        ),
        None,
    )
    if wanted not in (None, solver):
        return Check(
            "engine", "failed", f"yt-dlp {engine} needs yt-dlp-ejs {wanted}, found {solver}", REINSTALL
        )
    return Check("engine", "ok", f"yt-dlp {engine} with yt-dlp-ejs {solver}")


def _deno() -> Check:
    cure = "install deno 2.9.8 or newer (https://deno.com) on the PATH; the `deno` package has none for this platform"
    path = _find_deno()
    if path is None:
        return Check("deno", "failed", "not found: YouTube's challenges cannot be solved", cure)
    done = _run([path, "--version"])
    numbers = _version_in(done.stdout) if done else None
    if done is None or done.returncode or numbers is None:
        return Check("deno", "failed", f"{path} does not run", cure)
    found = f"{'.'.join(map(str, numbers))} ({path})"
    if numbers < OLDEST_DENO:
        return Check("deno", "failed", found, cure)
    return Check("deno", "ok", found)


def _find_deno() -> str | None:
    try:
        import deno

        return str(deno.find_deno_bin())
    except (ImportError, OSError):
        return shutil.which("deno")


def _ffmpeg() -> Check:
    """Ask the worker's own search, in a process of its own."""
    done = _run(
        [sys.executable, "-c", "from ytarchive.worker.ffmpeg import find_ffmpeg; print(find_ffmpeg())"]
    )
    cure = (
        "install imageio-ffmpeg, or ffmpeg 7.0.2 or newer on the PATH (older ones lose data on a full disk)"
    )
    if done is None or done.returncode:
        said = (done.stderr.strip().splitlines() or ["?"])[-1] if done else "it does not answer"
        return Check("ffmpeg", "failed", said.rpartition("Missing: ")[2], cure)
    path = done.stdout.strip()
    shown = _run([path, "-version"])
    numbers = _version_in(shown.stdout) if shown else None
    if numbers is None:
        return Check("ffmpeg", "failed", f"{path} does not run", cure)
    return Check("ffmpeg", "ok", f"{'.'.join(map(str, numbers))} ({path})")


def _verifier() -> Check:
    done = _run([sys.executable, "-c", "import av; print(av.__version__)"])
    if done is None or done.returncode:
        return Check("av", "failed", "PyAV does not load: downloads cannot be verified", REINSTALL)
    return Check("av", "ok", f"PyAV {done.stdout.strip()}")


def _run(command: list[str]) -> subprocess.CompletedProcess[str] | None:
    try:
        return subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=CHILD_TIMEOUT_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None


def _version_in(text: str) -> tuple[int, ...] | None:
    found = re.search(r"(\d+)\.(\d+)(?:\.(\d+))?", text)
    return tuple(int(number or 0) for number in found.groups()) if found else None


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
        )
    else:
        yield Check("free space", "ok", f"{size(free)} at {place}")
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


def _tried(name: str, attempt: object, otherwise: Status, cure: str) -> Check:
    assert callable(attempt)
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


def file_system_of(path: Path) -> str | None:
    """The type of the file system that holds a path (`ext4`, `nfs4`), where Linux tells it."""
    try:
        mounts = Path("/proc/self/mounts").read_text(errors="surrogateescape")
    except OSError:
        return None
    real = str(path.resolve())
    best, kind = "", None
    for line in mounts.splitlines():
        _, place, found, *_ = line.split(" ")
        place = re.sub(r"\\([0-7]{3})", lambda code: chr(int(code[1], 8)), place)
        if (real == place or real.startswith(place.rstrip("/") + "/")) and len(place) >= len(best):
            best, kind = place, found
    return kind


def _nearest_existing(path: Path) -> Path:
    """The folder itself, or the one in which it would be made."""
    for candidate in (path, *path.parents):
        if candidate.is_dir():
            return candidate
    return Path("/")
