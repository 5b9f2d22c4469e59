"""The stand-in for YouTube, and one daemon for the tests that leave it as they found it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from daemons import Daemon, make_daemon, running_daemon

from ytarchive.simulator.process import SimulatorProcess


@pytest.fixture(scope="module")
def youtube() -> Iterator[SimulatorProcess]:
    with SimulatorProcess(catalogue={"defaults": {"best": 144}}) as running:
        yield running


@pytest.fixture(scope="module")
def daemon(youtube: SimulatorProcess, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    with running_daemon(tmp_path_factory.mktemp("daemon"), youtube) as running:
        yield running


@pytest.fixture
def stopped(youtube: SimulatorProcess, tmp_path: Path) -> Iterator[Daemon]:
    """A daemon that was not started, and gives running downloads all the time they need."""
    daemon = make_daemon(tmp_path, youtube, {"executor.grace": "60s"})
    try:
        yield daemon
    finally:
        youtube.remove_faults()
        with suppress(AttributeError, ProcessLookupError):
            if daemon.process.poll() is None:
                daemon.kill()
