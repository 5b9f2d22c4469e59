"""`<state>/daemon.json`: where a running daemon is found, for the command line."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from ytarchive.settings import Settings

FILE_NAME = "daemon.json"
SOCKET_NAME = "daemon.sock"


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """`started` in epoch seconds; `archive` is the archive's id; `settings_digest` tells settings apart; `url` is None where no TCP port is served."""

    pid: int
    started: int
    archive: str
    settings_digest: str
    version: str
    url: str | None
    socket: str


def settings_digest(settings: Settings) -> str:
    """The same for settings with the same values, wherever they came from."""
    return hashlib.sha256(repr(replace(settings, origins=(), file=None)).encode()).hexdigest()


@contextmanager
def told(state: Path, whereabouts: Whereabouts) -> Iterator[Callable[[Whereabouts], None]]:
    """The file is there while this is entered, for its owner alone; gives what writes it anew."""
    path = state / FILE_NAME
    _write(path, whereabouts)
    try:
        yield lambda now: _write(path, now)
    finally:
        path.unlink(missing_ok=True)


def _write(path: Path, whereabouts: Whereabouts) -> None:
    temporary = path.with_name(f"{FILE_NAME}.new")
    temporary.unlink(missing_ok=True)
    opened = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(opened, "w") as file:
        json.dump(asdict(whereabouts), file)
    temporary.replace(path)
