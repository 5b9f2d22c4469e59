"""The stand-in for YouTube, and one daemon for the tests that leave it as they found it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from daemons import Daemon, running_daemon

from ytarchive.simulator.process import SimulatorProcess


@pytest.fixture(scope="module")
def youtube() -> Iterator[SimulatorProcess]:
    with SimulatorProcess(catalogue={"defaults": {"best": 144}}) as running:
        yield running


@pytest.fixture(scope="module")
def daemon(youtube: SimulatorProcess, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    with running_daemon(tmp_path_factory.mktemp("daemon"), youtube) as running:
        yield running
