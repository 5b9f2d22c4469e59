"""The watchdog of the service manager, over a real socket: it starves when the loop hangs."""

from __future__ import annotations

import queue
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from ytarchive import settings
from ytarchive.adapters.clock import SystemClock
from ytarchive.daemon.desk import PATIENCE_SECONDS, Desk
from ytarchive.daemon.watchdog import fed
from ytarchive.metrics import Metrics

PATIENT = 60.0
WATCHDOG_MICROSECONDS = 20_000


class HeldClock(SystemClock):
    """Time passes when the test says so."""

    def __init__(self) -> None:
        super().__init__()
        self.at = 0.0

    def monotonic(self) -> float:
        return self.at


@pytest.fixture
def manager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """What a service manager listens with."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        listening.settimeout(PATIENT)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        monkeypatch.setenv("WATCHDOG_USEC", str(WATCHDOG_MICROSECONDS))
        monkeypatch.delenv("WATCHDOG_PID", raising=False)
        yield listening


def test_a_loop_that_hangs_is_told_of_no_more_until_it_gets_on(
    manager: socket.socket, tmp_path: Path
) -> None:
    clock = HeldClock()
    desk = Desk(settings.load(None, {}, {}, tmp_path), clock, Metrics("0", lambda: 0.0))
    looks: queue.SimpleQueue[bool] = queue.SimpleQueue()

    def gets_on() -> bool:
        looks.put(answer := desk.gets_on())
        return answer

    with fed(gets_on):
        desk.beat()
        assert manager.recv(100) == b"WATCHDOG=1"
        clock.at += PATIENCE_SECONDS  # and no beat
        while looks.get(timeout=PATIENT):
            pass
        heard_until_now(manager)
        assert [looks.get(timeout=PATIENT) for _ in range(3)] == [False] * 3
        assert not heard_until_now(manager), "it starves"
        desk.beat()
        assert manager.recv(100) == b"WATCHDOG=1"
    desk.close()


def heard_until_now(manager: socket.socket) -> list[bytes]:
    heard = []
    manager.setblocking(False)
    try:
        while True:
            heard.append(manager.recv(100))
    except BlockingIOError:
        return heard
    finally:
        manager.settimeout(PATIENT)
