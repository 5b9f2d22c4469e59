"""What runs at this moment, for whoever looks from another thread."""

from __future__ import annotations

import copy
import threading
from dataclasses import dataclass, replace

from ytarchive.adapters.clock import Clock
from ytarchive.core.instant import Instant
from ytarchive.core.job import Event, Job
from ytarchive.core.plan import Books, Bucket, Decision, Ledger
from ytarchive.core.report import Ending, Outcome
from ytarchive.reconciler.observer import Silent


@dataclass(frozen=True, slots=True)
class Running:
    """A job and how far it is. `started_at` in epoch seconds; bytes of all its files together, as far as known."""

    job: str
    kind: str
    video: str
    title: str | None
    entries: tuple[str, ...]
    egress: str
    attempt: int
    started_at: Instant
    phase: str = "starting"
    done_bytes: int = 0
    total_bytes: int | None = None
    bytes_per_second: float | None = None
    eta_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class RoundBooks:
    """The books as they were `planned_at`, with what has begun and ended since; by entry, and each video once.

    What failed counts as deferred until it is decided on anew.
    """

    planned_at: Instant
    total: Books
    entries: dict[str, Books]


_AFTER: dict[Outcome, Bucket] = {"failed": "deferred", "cancelled": "ready"}


class Live(Silent):
    """An observer whose thread writes and any thread reads."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._running: dict[str, Running] = {}
        self._books: RoundBooks | None = None

    def books(self) -> RoundBooks | None:
        """Where the round stands that is worked on; None before the first one was planned."""
        with self._lock:
            return copy.deepcopy(self._books)

    def planned(self, ledger: Ledger) -> None:
        with self._lock:
            self._books = RoundBooks(
                self._clock.now(), copy.deepcopy(ledger.total), copy.deepcopy(ledger.entries)
            )

    def running(self) -> tuple[Running, ...]:
        """What runs, the oldest first."""
        with self._lock:
            return tuple(self._running.values())

    def started(self, job: Job, decision: Decision) -> None:
        egress = job.permit.egress if job.permit else ""
        running = Running(
            job=job.id,
            kind=job.kind,
            video=decision.video,
            title=decision.title,
            entries=decision.entries,
            egress=egress,
            attempt=job.attempt,
            started_at=self._clock.now(),
        )
        with self._lock:
            self._running[job.id] = running
            self._move(decision, "ready", "running")

    def progressed(self, event: Event) -> None:
        with self._lock:
            known = self._running.get(event.job)
            if known is not None:
                self._running[event.job] = _further(known, event)

    def ended(self, end: Ending) -> None:
        with self._lock:
            was: Bucket = "running" if self._running.pop(end.job or "", None) else "ready"
            self._move(end.decision, was, _AFTER.get(end.outcome, "have"))

    def _move(self, decision: Decision, before: Bucket, after: Bucket) -> None:
        """Only what was counted as ready moves: what is had, or undecided, stays so while it is looked at."""
        if self._books is None or decision.bucket != "ready":
            return
        named = (self._books.entries.get(name) for name in decision.entries)
        for books in (self._books.total, *(one for one in named if one)):
            books.enter(before, -1)
            books.enter(after)


def _further(known: Running, event: Event) -> Running:
    told = event.data

    def number(key: str) -> float | None:
        value = told.get(key)
        return value if isinstance(value, int | float) else None

    total = number("total_bytes")
    return replace(
        known,
        phase=str(told.get("phase", known.phase)),
        done_bytes=int(number("done_bytes") or 0),
        total_bytes=known.total_bytes if total is None else int(total),
        bytes_per_second=number("bytes_per_second"),
        eta_seconds=number("eta_seconds"),
    )
