"""API keys and what was spent with each: a day's units, counted as YouTube counts them.

Every `list` method here costs one unit, invalid requests included, and a day ends at midnight US Pacific (reference).
A real quota belongs to a project, which may have several keys; here every key is a project of its own.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from ytarchive.simulator.data_api import errors

DEFAULT_UNITS = 10_000
_PACIFIC = ZoneInfo("America/Los_Angeles")


class KeyState(StrEnum):
    """What is to be said of a key."""

    VALID = "valid"
    REVOKED = "revoked"
    EXPIRED = "expired"
    NOT_ENABLED = "not_enabled"
    RESTRICTED = "restricted"


@dataclass(slots=True)
class _Key:
    """`units` is the quota of a day. `refused` counts calls beyond it, which cost nothing (assumed)."""

    units: int
    state: KeyState
    spent: Counter[date] = field(default_factory=Counter)
    refused: int = 0


class ApiKeys:
    """Every key that exists, safe to use from many threads."""

    def __init__(self) -> None:
        self._keys: dict[str, _Key] = {}
        self._ahead_seconds = 0.0
        self._lock = threading.Lock()

    def set(self, key: str, units: int | None = None, state: KeyState | str = KeyState.VALID) -> None:
        """Make a key, or change one; what was spent with it stays, and so do its units when none are given."""
        if not key or (units is not None and units < 0):
            raise ValueError("a key is not empty, and its units are not negative")
        state = KeyState(state)
        with self._lock:
            known = self._keys.setdefault(key, _Key(DEFAULT_UNITS, state))
            known.state = state
            known.units = known.units if units is None else units

    def remove(self, key: str | None = None) -> None:
        """Forget a key and what was spent with it, or all keys."""
        with self._lock:
            for name in [key] if key is not None else list(self._keys):
                self._keys.pop(name, None)

    def advance(self, seconds: float) -> None:
        """Move the clock of the quota ahead, for tests that last days."""
        with self._lock:
            self._ahead_seconds += seconds

    def today(self) -> date:
        """Return the day whose units are being spent."""
        return datetime.fromtimestamp(time.time() + self._ahead_seconds, _PACIFIC).date()

    def charge(self, key: str, units: int = 1) -> None:
        """Spend units; raise what YouTube answers when it cannot be done."""
        with self._lock:
            known = self._keys.get(key)
            if not key:
                raise errors.no_key()
            if known is None:
                raise errors.bad_key()
            _check(known.state)
            day = self.today()
            if known.spent[day] + units > known.units:
                known.refused += 1
                raise errors.quota_exceeded()
            known.spent[day] += units

    def report(self) -> dict[str, Any]:
        """Return every key with its units, its state, what was spent on each day, and how many calls were refused."""
        with self._lock:
            return {
                name: {
                    "units": key.units,
                    "state": str(key.state),
                    "spent": {day.isoformat(): units for day, units in key.spent.items() if units},
                    "spent_today": key.spent[self.today()],
                    "refused": key.refused,
                }
                for name, key in self._keys.items()
            }


def _check(state: KeyState) -> None:
    match state:
        case KeyState.REVOKED:  # assumed: a deleted key is not found
            raise errors.bad_key("API Key not found. Please pass a valid API key.")
        case KeyState.EXPIRED:
            raise errors.bad_key("API key expired. Please renew the API key.")
        case KeyState.NOT_ENABLED:
            raise errors.not_enabled()
        case KeyState.RESTRICTED:
            raise errors.restricted_key()
