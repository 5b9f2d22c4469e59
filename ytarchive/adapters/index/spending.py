"""What was spent, and what keeps from spending: each egress, halts, and units of the Data API's daily quota."""

from __future__ import annotations

import threading
from pathlib import Path
from types import TracebackType
from typing import Self

from ytarchive.adapters.index.database import Database
from ytarchive.core.codec import MalformedValue, decode, encode
from ytarchive.core.egress import EgressState
from ytarchive.core.halts import Halt, HaltName
from ytarchive.core.instant import Instant
from ytarchive.core.quota import (
    Purpose,
    QuotaClock,
    QuotaLimits,
    QuotaSpent,
    QuotaStanding,
    days_charged,
    may_spend,
    renews_at,
    seen,
)


def egress(db: Database, name: str) -> EgressState:
    """The state of an egress; one that was never used is trusted."""
    text = db.value("SELECT state FROM egress WHERE name = ?", (name,))
    try:
        return decode(EgressState, text) if text else EgressState(name=name)
    except MalformedValue:
        return EgressState(name=name)  # may be lost: nothing on disk depends on it


def record_egress(db: Database, state: EgressState) -> None:
    db.execute("INSERT OR REPLACE INTO egress VALUES (?, ?)", (state.name, encode(state).decode()))


def egresses(db: Database) -> tuple[EgressState, ...]:
    """Every one that was ever used, by name."""
    return tuple(egress(db, str(name)) for (name,) in db.all("SELECT name FROM egress ORDER BY name"))


def halt(db: Database, name: HaltName) -> Halt:
    text = db.value("SELECT state FROM halts WHERE name = ?", (name,))
    try:
        return decode(Halt, text) if text else Halt(name)
    except MalformedValue:
        return Halt(name)


def record_halt(db: Database, halt: Halt) -> None:
    db.execute("INSERT OR REPLACE INTO halts VALUES (?, ?)", (halt.name, encode(halt).decode()))


class QuotaLedger:
    """Units of the Data API by day (US Pacific) and purpose. Every method may be called from any thread.

    It has a connection of its own to the index, and a lock: what was spent is committed before anybody can act on it.
    Another process that spends from the same index is waited for as well. `close` it before the index.
    """

    def __init__(self, path: Path, limits: QuotaLimits, *, read_only: bool = False) -> None:
        self.limits = limits
        self._db = Database.beside(path, read_only=read_only)
        self._lock = threading.Lock()
        self._read: tuple[str, QuotaClock] = ("", QuotaClock())

    def close(self) -> None:
        with self._lock:
            self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def spend(self, purpose: Purpose, units: int, now: Instant) -> None:
        """Take units (at least 1) for one request. Raise `QuotaSpent`, and take none, when they are not to be had."""
        if units < 1:
            raise ValueError(f"a request costs at least one unit, not {units}")
        with self._lock, self._db.transaction():
            clock = self._look(now)
            days = days_charged(clock, now)
            spent = max(_total(self._db, day) for day in days)
            wait = may_spend(self.limits, clock, spent, purpose, units, now)
            if wait is None:
                for day in days:
                    _add(self._db, day, purpose, units)
        if wait is not None:
            raise QuotaSpent(wait)

    def pause(self, until: Instant) -> None:
        """YouTube says that the quota is spent: nothing may be spent before a time."""
        with self._lock, self._db.transaction():
            clock = self._clock()
            _record(self._db, QuotaClock(clock.latest, clock.behind_since, until))

    def renews_at(self, now: Instant) -> Instant:
        """When there are units again."""
        with self._lock:
            return renews_at(seen(self._clock(), now), now)

    def standing(self, now: Instant, coming: int = 0) -> QuotaStanding:
        """The day as it stands; `coming` are the units that are known to be spent in what is left of it."""
        with self._lock:
            clock = seen(self._clock(), now)
            rows = self._db.all(
                "SELECT purpose, units FROM quota WHERE day = ? ORDER BY purpose", (clock.latest,)
            )
        return QuotaStanding(
            clock.latest,
            self.limits,
            tuple(rows),
            renews_at(clock, now),
            clock.paused_until if clock.paused_until > now else None,
            coming,
        )

    def _clock(self) -> QuotaClock:
        """As it is recorded, by whichever process."""
        text = str(self._db.value("SELECT value FROM meta WHERE key = 'quota_clock'") or "")
        if text != self._read[0]:
            try:
                self._read = (text, decode(QuotaClock, text))
            except MalformedValue:
                self._read = (text, QuotaClock())
        return self._read[1] if text else QuotaClock()

    def _look(self, now: Instant) -> QuotaClock:
        before = self._clock()
        clock = seen(before, now)
        if clock != before:
            _record(self._db, clock)
        return clock


def _record(db: Database, clock: QuotaClock) -> None:
    db.execute("INSERT OR REPLACE INTO meta VALUES ('quota_clock', ?)", (encode(clock).decode(),))


def _total(db: Database, day: str) -> int:
    return int(db.value("SELECT coalesce(sum(units), 0) FROM quota WHERE day = ?", (day,)))


def _add(db: Database, day: str, purpose: Purpose, units: int) -> None:
    db.execute(
        "INSERT INTO quota VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET units = units + excluded.units",
        (day, purpose, units),
    )
