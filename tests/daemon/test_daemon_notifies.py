"""What systemd is told, over a real socket: ready, alive, reloading, stopping."""

from __future__ import annotations

import signal
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from daemons import Daemon, make_daemon

from ytarchive.simulator.process import SimulatorProcess

WATCHDOG_SECONDS = 2


@dataclass
class Service:
    """A daemon as systemd starts it, and the socket on which it tells how it is."""

    daemon: Daemon
    socket: socket.socket

    def until(self, key: str) -> str:
        """The value of the next message's line that has this key."""
        return self.daemon.until(lambda: self._next().get(key, ""))

    def _next(self) -> dict[str, str]:
        with suppress(TimeoutError):
            lines = self.socket.recv(4096).decode().splitlines()
            return dict(line.split("=", 1) for line in lines)
        assert self.daemon.process.poll() is None, f"it ended:\n{self.daemon.log}"
        return {}


@pytest.fixture
def service(tmp_path: Path, youtube: SimulatorProcess) -> Iterator[Service]:
    """With what the unit's type and its watchdog put into the environment, a shorter one."""
    daemon = make_daemon(tmp_path / "house", youtube)
    daemon.environment["NOTIFY_SOCKET"] = str(tmp_path / "notify")
    daemon.environment["WATCHDOG_USEC"] = str(WATCHDOG_SECONDS * 1_000_000)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        listening.settimeout(1)
        daemon.start(wait=False)
        yield Service(daemon, listening)
        if daemon.process.poll() is None:
            daemon.kill()


def test_systemd_is_told_what_a_unit_of_type_notify_waits_for(service: Service) -> None:
    assert service.until("READY") == "1"
    assert service.daemon.get("/readyz").status == 200
    assert service.until("WATCHDOG") == "1"

    before = time.monotonic_ns() // 1000
    service.daemon.signal(signal.SIGHUP)
    assert before <= int(service.until("MONOTONIC_USEC")) <= time.monotonic_ns() // 1000
    assert service.until("READY") == "1"

    service.daemon.signal(signal.SIGTERM)
    assert service.until("STOPPING") == "1"
    assert service.daemon.ended() == 0
