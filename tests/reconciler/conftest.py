"""The stand-in, and archives in temporary folders in front of it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from reconciler_house import QUICK, House

from ytarchive.simulator import Simulator


@pytest.fixture(scope="session")
def simulator() -> Iterator[Simulator]:
    with Simulator() as youtube:
        yield youtube


@pytest.fixture
def youtube(simulator: Simulator, monkeypatch: pytest.MonkeyPatch) -> Simulator:
    """The stand-in, without faults, behind the ordinary proxy variables."""
    simulator.remove_faults()
    simulator.reset_counters()
    for name, value in simulator.environment().items():
        monkeypatch.setenv(name, value)
    return simulator


@pytest.fixture
def make_house(tmp_path: Path, youtube: Simulator) -> Callable[..., House]:
    def make(name: str = "house", **environment: str) -> House:
        folder = tmp_path / name
        folder.mkdir()
        kept = {key: value for key, value in os.environ.items() if not key.startswith("YTARCHIVE_")}
        return House(folder, {**kept, **QUICK, **environment})

    return make


@pytest.fixture
def house(make_house: Callable[..., House]) -> House:
    return make_house()
