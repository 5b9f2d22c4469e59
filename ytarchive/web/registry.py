"""Workers elsewhere that say that they live. Kept in memory: whoever lives says so again after a restart."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from ytarchive.core.instant import HOUR
from ytarchive.web.problems import Refusal
from ytarchive.web.values import Heartbeat, Registered, Service

MOST = 256
SILENT_AFTER = 3
"""Heartbeats that may fail to come before a worker is called silent."""


@dataclass(frozen=True, slots=True)
class _Known:
    told: Heartbeat
    at: int

    def silent_at(self) -> int:
        return self.at + SILENT_AFTER * self.told.every_seconds


class Registry:
    """Called from any thread; times come in as arguments."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[str, _Known] = {}

    def beat(self, told: Heartbeat, now: int) -> Registered:
        """Hear of a worker. Raise `Refusal` when there are too many of them."""
        with self._lock:
            self._forget(now)
            if told.name not in self._known and len(self._known) >= MOST:
                raise Refusal(409, f"{MOST} workers are registered already", "end some of them")
            known = self._known[told.name] = _Known(told, now)
        return Registered(told.name, now + told.every_seconds, known.silent_at())

    def services(self, now: int) -> tuple[Service, ...]:
        """Every worker that was heard of lately, by name."""
        with self._lock:
            self._forget(now)
            known = sorted(self._known.items())
        return tuple(
            Service(
                name=name,
                where="remote",
                state=one.told.state,
                health="healthy" if now <= one.silent_at() else "silent",
                last_heard_at=one.at,
                job=one.told.job,
                jobs_done=one.told.jobs_done,
                slots=one.told.slots,
                version=one.told.version,
            )
            for name, one in known
        )

    def _forget(self, now: int) -> None:
        for name in [name for name, one in self._known.items() if now > one.silent_at() + HOUR]:
            del self._known[name]
