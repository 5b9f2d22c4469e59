"""The cookies file of an account as it lies on disk: whether it can be used, and whether it is another one than before.

What is in it stays in the worker that signs in with it; here it is only looked at.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from ytarchive.core.cookie_file import SIZE_CAP_BYTES, read
from ytarchive.core.instant import Instant

_OTHERS = stat.S_IRWXO
_EXPORT = "export the cookies of a signed-in browser there, as docs/signing-in.md says"


@dataclass(frozen=True, slots=True)
class Examined:
    """`stamp` tells this file from another one (None: there is none). `trouble` says why it cannot be used."""

    stamp: str | None
    trouble: str | None = None
    cure: str | None = None


def examine(path: Path, now: Instant) -> Examined:
    """Look at a cookies file. Nothing is raised, and nothing of what it holds is told."""
    try:
        opened = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except FileNotFoundError:
        return Examined(None, f"found no file {path}, expected cookies", _EXPORT)
    except OSError as error:
        why = f"{path} cannot be read: {error.strerror}"
        return Examined(None, why, "let the user who runs ytarchive read it, and nobody else")
    status = os.fstat(opened)
    if not stat.S_ISREG(status.st_mode):
        os.close(opened)
        return Examined(None, f"{path} is no plain file, expected cookies", _EXPORT)
    stamp = f"{status.st_mtime_ns}.{status.st_size}.{status.st_ino}"
    with os.fdopen(opened, "rb") as file:
        if status.st_mode & _OTHERS:
            mode = stat.S_IMODE(status.st_mode)
            why = f"found {path} open to everybody (mode {mode:04o}), expected cookies that only their owner may read"
            return Examined(stamp, why, f"chmod 600 {path}")
        try:
            found = read(file.read(SIZE_CAP_BYTES + 1), now)
        except OSError as error:
            return Examined(stamp, f"{path} cannot be read: {error.strerror}", _EXPORT)
    return Examined(stamp, found.trouble and f"{path}: {found.trouble}", found.trouble and _EXPORT)
