"""A stand-in for the Data API, a ledger, and no waits between attempts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import stamina
from api_desk import KEY, NOON, ClockByHand, Desk, Say, Scripted

from ytarchive.adapters.data_api.transport import forget_connections
from ytarchive.adapters.index import Index, QuotaLedger
from ytarchive.core.quota import QuotaLimits
from ytarchive.simulator import Simulator


@pytest.fixture(autouse=True)
def attempts_without_waits() -> Iterator[None]:
    with stamina.set_testing(True, attempts=100, cap=True):
        yield


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    with Simulator() as youtube:
        yield youtube


@pytest.fixture
def youtube(simulator: Simulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[Simulator]:
    """A stand-in that counts from zero, is reached by the proxy variables, and knows the key."""
    simulator.remove_faults()
    simulator.reset_counters()
    simulator.remove_api_key()
    simulator.set_api_key(KEY)
    for name, value in simulator.environment().items():
        monkeypatch.setenv(name, value)
    yield simulator
    forget_connections()


@pytest.fixture
def index_path(tmp_path: Path) -> Path:
    return tmp_path / "index.sqlite"


@pytest.fixture
def ledger(index_path: Path) -> Iterator[QuotaLedger]:
    with Index.open(index_path) as index, index.quota_ledger(QuotaLimits(10_000, 1_000)) as ledger:
        yield ledger


@pytest.fixture
def desk(ledger: QuotaLedger) -> Desk:
    return Desk(ledger, ClockByHand(NOON))


@pytest.fixture
def scripted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Say], Scripted]]:
    """Start a Data API that answers as a test says; reached by the proxy variables."""
    with ExitStack() as stack:

        def start(say: Say) -> Scripted:
            server = stack.enter_context(Scripted(tmp_path, say))
            for name, value in server.environment.items():
                monkeypatch.setenv(name, value)
            return server

        yield start
        forget_connections()
