"""Every file below a folder, by its name, kind and size; nothing is opened, and nothing leads out of the folder."""

from __future__ import annotations

import os
import stat
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

from ytarchive.core.foreign_names import Named, read_name

DEEPEST = 64
LINK = "a symbolic link is not followed"


@dataclass(frozen=True, slots=True)
class Seen:
    """A regular file: its folder below the root of the walk ("" for that itself), its name, and what that tells."""

    folder: str
    name: str
    bytes: int
    named: Named

    @property
    def path(self) -> str:
        return f"{self.folder}/{self.name}" if self.folder else self.name


@dataclass(frozen=True, slots=True)
class Passed:
    """What was passed by, and why: a path below the root of the walk."""

    path: str
    why: str


@dataclass(slots=True)
class Walk:
    """What a walk found; `others` are files of kinds that nobody asked for."""

    files: list[Seen] = field(default_factory=list)
    passed: list[Passed] = field(default_factory=list)
    others: list[Seen] = field(default_factory=list)


def walk(root: Path, *, without: Collection[Path] = ()) -> Walk:
    """All files below `root`, in the order of their paths; folders in `without` are passed by.

    Raise `OSError` when the root cannot be read; what cannot be read below it is passed by.
    """
    avoided = {_identity(path) for path in without if path.exists()}
    found = Walk()
    os.scandir(root).close()  # the root itself must be there
    folders = [("", 0)]
    while folders:
        folder, depth = folders.pop()
        inner = _look(root, folder, found, avoided)
        if depth < DEEPEST:
            folders += [(name, depth + 1) for name in reversed(inner)]
        else:
            found.passed += [Passed(name, "it lies too deep") for name in inner]
    return found


def _look(root: Path, folder: str, found: Walk, avoided: Collection[tuple[int, int]]) -> list[str]:
    """Take in the files of one folder; the folders in it."""
    inner = []
    try:
        with os.scandir(root / folder) as entries:
            ordered = sorted(entries, key=lambda entry: entry.name)
        for entry in ordered:
            path = f"{folder}/{entry.name}" if folder else entry.name
            status = entry.stat(follow_symlinks=False)
            if stat.S_ISDIR(status.st_mode):
                if (status.st_dev, status.st_ino) in avoided:
                    found.passed.append(Passed(path, "it is a folder of this archive"))
                else:
                    inner.append(path)
            else:
                _take(found, folder, entry.name, status)
    except OSError as error:
        found.passed.append(Passed(folder or ".", f"it cannot be read: {error.strerror}"))
    return inner


def _take(found: Walk, folder: str, name: str, status: os.stat_result) -> None:
    named = read_name(name)
    seen = Seen(folder, name, status.st_size, named)
    if stat.S_ISLNK(status.st_mode):
        found.passed.append(Passed(seen.path, LINK))
    elif not stat.S_ISREG(status.st_mode):
        found.passed.append(Passed(seen.path, "it is not a regular file"))
    elif named.kind == "unfinished":
        found.passed.append(Passed(seen.path, "it was never finished, by its name"))
    elif named.kind == "other":
        found.others.append(seen)
    else:
        found.files.append(seen)


def _identity(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_dev, status.st_ino
