"""The files of the log: their names and order, their lines in both directions, and which are to go."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import total_ordering
from pathlib import Path
from typing import BinaryIO

_NAME = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})\.([0-9]{4,9})\.jsonl")
_BLOCK_BYTES = 256 * 1024
LINE_CAP_BYTES = 1024 * 1024
"""No line of ours is as long; what is longer is damage, and is not gathered in memory."""
_FILES = 8
_LARGEST_FILE_BYTES = 16 * 1024 * 1024
_SMALLEST_FILE_BYTES = 16 * 1024


@dataclass(frozen=True, slots=True)
class Keep:
    """How much of the log stays: `seconds` after a file's last line, `bytes` of all files together; 0: no limit."""

    seconds: int = 30 * 86_400
    bytes: int = 100_000_000

    @property
    def file_bytes(self) -> int:
        """How large one file becomes: a fraction of all, since whole files go."""
        share = self.bytes // _FILES if self.bytes else _LARGEST_FILE_BYTES
        return max(_SMALLEST_FILE_BYTES, min(share, _LARGEST_FILE_BYTES))


@total_ordering
@dataclass(frozen=True, slots=True)
class FileName:
    """The day of a file's first line (UTC), and its number on that day."""

    day: str
    number: int

    def __str__(self) -> str:
        return f"{self.day}.{self.number:04}.jsonl"

    def __lt__(self, other: FileName) -> bool:
        return (self.day, self.number) < (other.day, other.number)

    def next(self, day: str) -> FileName:
        """The name after this one. A clock that went back does not lead back."""
        return FileName(day, 1) if day > self.day else FileName(self.day, self.number + 1)


def named(text: str) -> FileName | None:
    found = _NAME.fullmatch(text)
    return FileName(found[1], int(found[2])) if found else None


def listed(folder: Path) -> list[FileName]:
    """The files in their order, the oldest first. What is not ours is not among them."""
    try:
        names = [path.name for path in folder.iterdir()]
    except (FileNotFoundError, NotADirectoryError):
        return []
    return sorted(name for text in names if (name := named(text)) is not None)


def opened(folder: Path, name: FileName) -> BinaryIO | None:
    """A file for reading; None when it is gone by now, or is no plain file."""
    try:
        descriptor = os.open(folder / str(name), os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOFOLLOW)
    except OSError:
        return None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        return None
    return os.fdopen(descriptor, "rb", buffering=0)


def size_of(folder: Path, name: FileName) -> int:
    try:
        return (folder / str(name)).stat().st_size
    except OSError:
        return 0


def lines_from(file: BinaryIO, start: int) -> Iterator[tuple[int, bytes]]:
    """Whole lines after an offset, each with the offset behind it; what has no end yet waits for the next time."""
    file.seek(start)
    at, rest = start, b""
    while block := file.read(_BLOCK_BYTES):
        *whole, rest = (rest + block).split(b"\n")
        for line in whole:
            at += len(line) + 1
            yield at, line
        if len(rest) > LINE_CAP_BYTES:
            at, rest = at + len(rest), b""


def lines_before(file: BinaryIO, end: int) -> Iterator[tuple[int, bytes]]:
    """Lines that begin before an offset, the last one first, each with the offset at which it begins."""
    at, rest = end, b""
    while at > 0:
        size = min(_BLOCK_BYTES, at)
        at -= size
        file.seek(at)
        first, *whole = (_exactly(file, size) + rest).split(b"\n")
        begins = at + len(first) + 1 + sum(len(line) + 1 for line in whole)
        for line in reversed(whole):
            begins -= len(line) + 1
            yield begins, line
        rest = first if len(first) <= LINE_CAP_BYTES else b""
    if rest:
        yield 0, rest


def remove_old(folder: Path, keep: Keep, now: float) -> None:
    """Remove what is too old, and the oldest of what is too much; never the newest, which is written."""
    names = listed(folder)
    left = sum(size_of(folder, name) for name in names)
    for name in names[:-1]:
        path = folder / str(name)
        with suppress(OSError):
            found = path.stat()
            is_old = bool(keep.seconds) and found.st_mtime < now - keep.seconds
            if is_old or (keep.bytes and left > keep.bytes):
                path.unlink()
                left -= found.st_size


def _exactly(file: BinaryIO, size: int) -> bytes:
    parts = []
    while size and (part := file.read(size)):
        parts.append(part)
        size -= len(part)
    return b"".join(parts)
