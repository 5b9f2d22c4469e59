"""Reading small files of strangers whole: regular ones, up to a limit, and never what a symbolic link leads to."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import Any


class Unreadable(Exception):
    """A file is not what it should be; the text goes on from its name: "is larger than ..."."""


def open_regular(path: Path) -> int:
    """A descriptor of a regular file, for reading. Raise `Unreadable`."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise Unreadable(f"cannot be opened: {error.strerror}") from None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise Unreadable("is not a regular file")
    return descriptor


def read_capped(path: Path, most_bytes: int) -> bytes:
    """All of a file. Raise `Unreadable`, also for one that is larger."""
    with os.fdopen(open_regular(path), "rb") as file:
        try:
            data = file.read(most_bytes + 1)
        except OSError as error:
            raise Unreadable(f"cannot be read: {error.strerror}") from None
    if len(data) > most_bytes:
        raise Unreadable(f"is larger than {most_bytes // 2**20} MiB")
    return data


def read_json(path: Path, most_bytes: int) -> Any:
    """Raise `Unreadable`, also for what is no JSON or is nested too deep."""
    try:
        return json.loads(read_capped(path, most_bytes))
    except (ValueError, RecursionError):
        raise Unreadable("is no JSON") from None
