"""Where other threads meet the loop: what they may know at once, and what they ask of it."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from concurrent.futures import TimeoutError as TooLate
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TypeVar

from ytarchive.adapters.clock import Clock
from ytarchive.adapters.executor import WorkerState
from ytarchive.core.report import PassReport
from ytarchive.errors import BusyError
from ytarchive.metrics import Metrics
from ytarchive.reconciler import World
from ytarchive.reconciler.happenings import Happenings
from ytarchive.reconciler.live import Live
from ytarchive.reconciler.measuring import measure
from ytarchive.reconciler.readings import Readings
from ytarchive.settings import Settings
from ytarchive.web.office import ASK_TIMEOUT_SECONDS, Health

T = TypeVar("T")
PATIENCE_SECONDS = 120.0
"""Planning a million videos, committing a large file, an fsync on a busy disk: without a sign of life so long."""
KEPT_REPORTS = 20
LONG_STEP_SECONDS = 3600.0
"""Reading a whole archive anew, from a cold disk."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody wants of the next pass. `entries` None: all lists; `whole`: every line of them.
    Without `lists`: none that is not due."""

    why: str
    entry: str | None
    whole: bool
    lists: bool = True


class Desk:
    """The daemon as the web floor sees it (`web.office.Office`). Any thread may call what is not marked otherwise."""

    def __init__(self, settings: Settings, clock: Clock, metrics: Metrics) -> None:
        self.settings = settings
        self.archive_id = ""
        self.started_at = clock.now()
        self.live = Live(clock)
        self.happenings = Happenings(clock)
        self._clock = clock
        self._metrics = metrics
        self._lock = threading.Lock()
        self._readings = Readings(settings, clock)
        self._world: World | None = None
        self._asked: list[Asked] = []
        self._beat_at = clock.monotonic()
        self._patience_seconds = LONG_STEP_SECONDS
        self._health = Health(("starting",), 0, None, None, None, None, (), 0.0)
        self._reports: dict[int, PassReport] = {}

    def health(self) -> Health:
        with self._lock:
            return replace(self._health, quiet_seconds=self._clock.monotonic() - self._beat_at)

    def report(self, number: int) -> PassReport | None:
        with self._lock:
            return self._reports.get(number)

    @contextmanager
    def reading(self) -> Iterator[World]:
        with self._readings.one() as world:
            yield world

    def ask(self, call: Callable[[World], T], *, timeout_seconds: float = ASK_TIMEOUT_SECONDS) -> T:
        world = self._world
        if world is None:
            raise BusyError("the daemon is starting or stopping", cure="try again in a moment")
        answer: Future[T] = Future()

        def answer_it() -> None:
            if not answer.set_running_or_notify_cancel():
                return
            try:
                answer.set_result(call(world))
            except Exception as error:
                answer.set_exception(error)

        world.crew.post(answer_it)
        with contextlib.suppress(TooLate):
            return answer.result(timeout_seconds)
        if answer.cancel():
            raise BusyError("the daemon is busy with a long step", cure="try again in a moment")
        return answer.result()

    def wake(self, why: str, *, entry: str | None = None, whole: bool = False, lists: bool = True) -> int:
        with self._lock:
            self._asked.append(Asked(why, entry, whole, lists))
            number = self._health.passes + 1
        self._clock.wake()
        return number

    def workers(self) -> tuple[WorkerState, ...]:
        world = self._world
        return world.workers() if world is not None else ()

    def metrics(self) -> bytes:
        return self._metrics.text()

    # For the loop

    def open(self, world: World) -> None:
        """Calls are taken from now on."""
        world.crew  # noqa: B018 - hired by the thread that owns it, before another one posts a call
        self._world = world
        self.archive_id = world.archive.id

    def close(self) -> None:
        self._world = None
        self._readings.close()
        self.tell(not_ready=("stopping",))

    def gets_on(self) -> bool:
        """Whether the loop has shown a sign of life in time."""
        return self._clock.monotonic() - self._beat_at < self._patience_seconds

    def renew(self, settings: Settings) -> None:
        """Have other settings, for whoever looks from now on."""
        self.settings = settings
        self._readings.renew(settings)

    def measure(self, world: World) -> None:
        """On the thread that owns the world."""
        self._metrics.measured(measure(world))

    def beat(self, patience_seconds: float = PATIENCE_SECONDS) -> None:
        """The loop lives, and means to say so again before its patience is over."""
        self._beat_at = self._clock.monotonic()
        self._patience_seconds = patience_seconds

    def tell(self, **changes: object) -> None:
        """Change what `health` says."""
        with self._lock:
            self._health = replace(self._health, **changes)  # type: ignore[arg-type]

    def passed(self, report: PassReport) -> None:
        """A pass ended. It does not count when somebody asked too late for it: the next one is theirs."""
        with self._lock:
            good = report.stopped is None
            if not self._asked:
                self._reports[self._health.passes + 1] = report
                self._reports.pop(self._health.passes + 1 - KEPT_REPORTS, None)
            self._health = replace(
                self._health,
                passes=self._health.passes + (not self._asked),
                passing_since=None,
                last=report,
                last_success_at=report.ended_at if good else self._health.last_success_at,
                next_due_at=report.next_due_at,
            )

    @property
    def is_asked(self) -> bool:
        return bool(self._asked)

    def take_asked(self) -> tuple[Asked, ...]:
        """What was asked for since the last time."""
        with self._lock:
            asked, self._asked = tuple(self._asked), []
            return asked
