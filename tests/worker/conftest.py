"""A real worker process in front of the simulator: what every test of this folder works with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from worker_desk import Desk, WorkerProcess, start_worker

from ytarchive.simulator import Simulator


@pytest.fixture(scope="session")
def youtube(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    with Simulator() as simulator:
        yield simulator


@pytest.fixture(autouse=True)
def _healthy(youtube: Simulator) -> Iterator[None]:
    youtube.reset_counters()
    yield
    youtube.remove_faults()


@pytest.fixture(scope="session")
def _kept(youtube: Simulator) -> Iterator[list[WorkerProcess]]:
    kept: list[WorkerProcess] = []
    yield kept
    for each in kept:
        each.close()


@pytest.fixture
def worker(youtube: Simulator, _kept: list[WorkerProcess]) -> WorkerProcess:
    """A worker that lives through the tests of a session, as it does in production."""
    if not _kept or _kept[-1].process.poll() is not None:
        _kept.append(start_worker(youtube.environment()))
    _kept[-1].events.clear()
    return _kept[-1]


@pytest.fixture
def own_worker(youtube: Simulator) -> Iterator[Callable[..., WorkerProcess]]:
    """Workers that a test may kill, or start with an environment of its own."""
    started: list[WorkerProcess] = []

    def start(*arguments: str, **environment: str) -> WorkerProcess:
        started.append(start_worker(youtube.environment() | environment, *arguments))
        return started[-1]

    yield start
    for each in started:
        each.close()


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)
