"""Media that rot: one bit of them, which nothing but a checksum tells."""

from __future__ import annotations

import os
from pathlib import Path

from reconciler_house import House


def media_of(house: House, video: str) -> Path:
    (folder,) = house.root.glob(f"videos/*/{video}")
    (media,) = [file for file in house.item(video).files if file.role == "video"]
    return folder / media.name


def flip_a_bit(path: Path) -> None:
    """One bit in the middle; size and time of the file and its folder stay as they are."""
    before = path.stat()
    path.chmod(0o644)
    with path.open("r+b") as file:
        file.seek(before.st_size // 2)
        (byte,) = file.read(1)
        file.seek(-1, os.SEEK_CUR)
        file.write(bytes([byte ^ 1]))
    path.chmod(0o444)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
