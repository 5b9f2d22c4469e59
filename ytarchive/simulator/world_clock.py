"""The time it is on the simulated YouTube, which tests move, and what is to happen at a time.

The clock runs as the real one does, from wherever it was set. What is due takes effect before the next request is
answered, so no thread has to wait for it.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any


class WorldClock:
    """Real time and an offset."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    def now(self) -> datetime:
        """Return the simulated time."""
        return datetime.now(UTC) + self._ahead

    def advance(self, seconds: float) -> None:
        """Move ahead; back for negative seconds."""
        self._ahead += timedelta(seconds=seconds)


@dataclass(frozen=True, slots=True)
class Planned:
    """A change, as the control URL takes it, and when it takes effect."""

    at: datetime
    number: int
    change: str
    facts: Mapping[str, Any]

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {
            "number": self.number,
            "at": self.at.isoformat(),
            "change": self.change,
            "facts": dict(self.facts),
        }


@dataclass(slots=True)
class Schedule:
    """What will change, in the order of time; what was planned first comes first. `failed` tells what could not be done."""

    failed: list[str] = field(default_factory=list)
    _planned: list[Planned] = field(default_factory=list)
    _next: int = 1
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def plan(self, at: datetime, change: str, facts: Mapping[str, Any]) -> int:
        """Remember a change; return its number."""
        with self._lock:
            number, self._next = self._next, self._next + 1
            planned = [*self._planned, Planned(at, number, change, facts)]
            self._planned = sorted(planned, key=lambda each: (each.at, each.number))
        return number

    def take_due(self, now: datetime) -> list[Planned]:
        """Return and forget what has to take effect by now."""
        if not self._planned or self._planned[0].at > now:
            return []
        with self._lock:
            due = [each for each in self._planned if each.at <= now]
            self._planned = [each for each in self._planned if each.at > now]
        return due

    def clear(self) -> None:
        """Forget all of it."""
        with self._lock:
            self._planned = []

    def report(self) -> list[dict[str, Any]]:
        """Return what is still to come, as plain values."""
        with self._lock:
            return [each.as_json() for each in self._planned]
