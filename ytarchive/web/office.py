"""What the web floor needs of the daemon that it serves; the daemon implements it (`ytarchive.daemon`)."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol, TypeVar

from ytarchive.adapters.executor import WorkerState
from ytarchive.core.instant import Instant
from ytarchive.core.report import PassReport
from ytarchive.reconciler import World
from ytarchive.reconciler.happenings import Happenings
from ytarchive.reconciler.live import Live
from ytarchive.settings import Settings

T = TypeVar("T")
ASK_TIMEOUT_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Health:
    """How the daemon is. `not_ready` tells in words what is missing; empty: ready.

    `passes` counts passes that ended; `last` is the report of the newest of them. `passing_since` is None while the
    daemon sleeps; `next_due_at` is when it wakes by itself. `problems` are those of manifests and
    settings ("file:line:column: ..."); `needs_restart` are settings with another value now, which holds after a restart.
    `quiet_seconds`: for how long the loop has not shown progress (the watchdog's measure).
    """

    not_ready: tuple[str, ...]
    passes: int
    passing_since: Instant | None
    last: PassReport | None
    last_success_at: Instant | None
    next_due_at: Instant | None
    problems: tuple[str, ...]
    quiet_seconds: float
    needs_restart: tuple[str, ...] = ()


class Office(Protocol):
    """Called from any thread."""

    settings: Settings
    archive_id: str
    started_at: int
    live: Live
    happenings: Happenings

    def health(self) -> Health:
        """From memory alone: answers at once, whatever the daemon does."""
        ...

    def report(self, number: int) -> PassReport | None:
        """The report of one of the last passes that ended, by its number; None: it is kept no more."""
        ...

    def reading(self) -> AbstractContextManager[World]:
        """Archive and index for reading, for the thread that enters it."""
        ...

    def ask(self, call: Callable[[World], T], *, timeout_seconds: float = ASK_TIMEOUT_SECONDS) -> T:
        """Run on the thread that owns the index, between two steps of a pass.

        Raise what `call` raises, and `BusyError` when it was not taken up in time (it is then never run).
        """
        ...

    def wake(self, why: str, *, entry: str | None = None, whole: bool = False, lists: bool = True) -> int:
        """Ask for a pass over all, or over one entry; the number that `Health.passes` has reached when it is done.

        Without `lists` none is read that is not due: only what is known is planned anew.
        """
        ...

    def workers(self) -> tuple[WorkerState, ...]:
        """What the worker processes of this machine do at this moment."""
        ...

    def metrics(self) -> bytes:
        """The metrics in Prometheus' text format."""
        ...
