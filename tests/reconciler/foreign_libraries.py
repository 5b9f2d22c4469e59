"""Small libraries as other tools leave them, with real media; importable by the subprocesses that get killed."""

from __future__ import annotations

import atexit
import hashlib
import json
import os
from collections.abc import Sequence
from contextlib import nullcontext
from functools import cache
from pathlib import Path
from typing import Any

from benchmarks.adopt import stamped, tiny_media
from ytarchive.adapters.foreign import Inspectors
from ytarchive.reconciler import World
from ytarchive.reconciler.adoptable import survey
from ytarchive.reconciler.adopting import AdoptionReport, Manner, adopt, foreseen

ID, OTHER, THIRD = "dQw4w9WgXcQ", "jNQXAC9IVRw", "9bZkp7q19f0"
CHANNEL = "UC" + "a" * 22
CAPTION = b"WEBVTT\n\n00:00.000 --> 00:01.000\nHello\n"
PICTURE = b"\xff\xd8\xff" + b"picture" * 40


@cache
def media() -> bytes:
    """64x36, one second, h264 and aac in mp4."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        return tiny_media(Path(folder))


def put(folder: Path, name: str, content: bytes | None = None, video: str = ID) -> Path:
    """A file of a library; media of their own for each video by default."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(stamped(media(), video) if content is None else content)
    return path


def put_info(folder: Path, stem: str, **told: Any) -> Path:
    data = {"id": ID, "extractor_key": "Youtube", "title": "A talk", "upload_date": "20200102", **told}
    return put(folder, f"{stem}.info.json", json.dumps(data).encode())


def put_whole(folder: Path, video: str = ID) -> str:
    """A video as yt-dlp leaves it with all that lies beside; the stem of its names."""
    stem = f"A talk [{video}]"
    put(folder, f"{stem}.mp4", video=video)
    put(folder, f"{stem}.en.vtt", CAPTION)
    put(folder, f"{stem}.jpg", PICTURE)
    put(folder, f"{stem}.description", b"Words")
    put_info(folder, stem, id=video, channel="A channel", channel_id=CHANNEL, cookies="SID=canary")
    return stem


def state_of(folder: Path) -> dict[str, tuple[int, int, int, str]]:
    """Every file below a folder: inode, mode, time of its last change, and content."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            status = path.stat()
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            found[str(path.relative_to(folder))] = (status.st_ino, status.st_mode, status.st_mtime_ns, digest)
    return found


@cache
def inspectors() -> Inspectors:
    """For all tests of a process: their start is most of what an adoption of a few files costs."""
    made = Inspectors()
    atexit.register(made.close)
    return made


def run_adoption(
    world: World,
    folder: Path,
    *,
    records: Sequence[Path] = (),
    dry_run: bool = False,
    own: bool = False,
    **manner: Any,
) -> AdoptionReport:
    """`own`: with inspectors of its own, which a failure or a kill takes along."""
    with Inspectors() if own else nullcontext(inspectors()) as using:
        found = survey(world, folder, using, records=records)
        return foreseen(world, found) if dry_run else adopt(world, found, using, Manner(**manner))


def why_left(report: AdoptionReport) -> dict[str, str]:
    return {os.path.basename(one.file): one.why for one in report.left}  # noqa: PTH119
