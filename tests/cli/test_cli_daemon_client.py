"""Whether a daemon is there: what its file says, and who answers at its socket."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from ytarchive import settings
from ytarchive.cli.daemon_client import find_daemon
from ytarchive.daemon.whereabouts import settings_digest
from ytarchive.errors import BusyError
from ytarchive.settings import Settings


def settings_in(folder: Path) -> Settings:
    (folder / "state").mkdir(parents=True, exist_ok=True)
    return settings.load(None, {"HOME": str(folder)}, {}, folder)


def say(known: Settings, **different: Any) -> Path:
    """Write daemon.json; the path of the socket that it names."""
    path = known.state.path / "daemon.sock"
    told = {
        "pid": os.getpid(),
        "started": 0,
        "archive": "a",
        "settings_digest": settings_digest(known),
        "version": "0",
        "url": None,
        "socket": str(path),
        **different,
    }
    (known.state.path / "daemon.json").write_text(json.dumps(told))
    return path


@contextmanager
def listening(path: Path) -> Iterator[None]:
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        with socket.socket(socket.AF_UNIX) as taken:
            taken.bind(f"/proc/self/fd/{folder}/{path.name}")
            taken.listen()
            yield
    finally:
        os.close(folder)


@pytest.mark.parametrize("deep", ["", "a-folder-with-a-long-name/" * 6], ids=["short", "beyond-107-bytes"])
def test_a_socket_that_answers_is_a_daemon(tmp_path: Path, deep: str) -> None:
    known = settings_in(tmp_path / deep)
    with listening(say(known)):
        daemon = find_daemon(known)
        assert daemon is not None
        assert daemon.where.pid == os.getpid()


def test_a_socket_that_was_left_behind_is_none(tmp_path: Path) -> None:
    known = settings_in(tmp_path)
    with listening(say(known)):
        pass
    assert (known.state.path / "daemon.sock").exists()
    assert find_daemon(known) is None


def test_a_file_without_a_socket_or_without_sense_is_none(tmp_path: Path) -> None:
    known = settings_in(tmp_path)
    assert find_daemon(known) is None
    say(known)
    assert find_daemon(known) is None
    (known.state.path / "daemon.json").write_text('{"pid": "?"')
    assert find_daemon(known) is None


def test_a_daemon_of_other_settings_is_refused_with_the_cure(tmp_path: Path) -> None:
    known = settings_in(tmp_path)
    with (
        listening(say(known, settings_digest="other")),
        pytest.raises(BusyError, match="other settings") as told,
    ):
        find_daemon(known)
    assert "restart the daemon" in (told.value.cure or "")
