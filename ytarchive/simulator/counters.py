"""What has been asked of the simulator."""

from __future__ import annotations

import threading
import time
from collections import Counter, deque
from dataclasses import asdict, dataclass
from typing import Any

_LOG_LENGTH = 50_000


@dataclass(frozen=True, slots=True)
class Served:
    """One answered request; `at` is the monotonic time just before its last bytes were sent."""

    kind: str
    host: str
    path: str
    video: str | None
    status: int
    sent_bytes: int
    at: float


class Counters:
    """Counts by kind of request, bytes, TLS handshakes, foreign hosts, and a log of the latest requests."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.reset()

    def reset(self) -> None:
        """Start from zero."""
        with self._lock:
            self._requests: Counter[str] = Counter()
            self._methods: Counter[str] = Counter()
            self._bytes: Counter[str] = Counter()
            self._statuses: Counter[str] = Counter()
            self._foreign: Counter[str] = Counter()
            self._faults: Counter[str] = Counter()
            self._connections = self._handshakes = self._resumed = 0
            self._log: deque[Served] = deque(maxlen=_LOG_LENGTH)

    def served(
        self, kind: str, host: str, path: str, video: str | None, status: int, sent_bytes: int
    ) -> None:
        """Count one answer; status 0 means that the connection was broken off."""
        entry = Served(kind, host, path, video, status, sent_bytes, time.monotonic())
        with self._lock:
            self._requests[kind] += 1
            if kind == "data_api":
                self._methods[path.rpartition("/")[2]] += 1
            self._bytes[kind] += sent_bytes
            self._statuses[str(status)] += 1
            self._log.append(entry)

    def connection(self) -> None:
        """Count a TCP connection that carries anything but control requests."""
        with self._lock:
            self._connections += 1

    def handshake(self, *, resumed: bool) -> None:
        """Count a completed TLS handshake."""
        with self._lock:
            self._handshakes += 1
            self._resumed += resumed

    def foreign(self, host: str) -> None:
        """Count a host that is not simulated, and was refused."""
        with self._lock:
            self._foreign[host] += 1

    def fault(self, kind: str) -> None:
        """Count a fault that was carried out."""
        with self._lock:
            self._faults[kind] += 1

    def snapshot(self) -> dict[str, Any]:
        """Return all counts as plain values; `requests` and `bytes` are by kind, `data_api` by method."""
        with self._lock:
            return {
                "requests": dict(self._requests),
                "total_requests": sum(self._requests.values()),
                "data_api": dict(self._methods),
                "bytes": dict(self._bytes),
                "statuses": dict(self._statuses),
                "connections": self._connections,
                "tls_handshakes": self._handshakes,
                "tls_resumed": self._resumed,
                "foreign": dict(self._foreign),
                "faults": dict(self._faults),
            }

    def log(self) -> list[Served]:
        """Return the latest requests in the order of their answers."""
        with self._lock:
            return list(self._log)

    def log_as_json(self) -> list[dict[str, Any]]:
        """Return the log as plain values."""
        return [asdict(entry) for entry in self.log()]
