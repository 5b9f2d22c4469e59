"""What a pass tells while it runs. The command line draws it; without a listener nothing is drawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from ytarchive.core.failure import HttpExchange
from ytarchive.core.job import Event, Job
from ytarchive.core.plan import Decision, Ledger
from ytarchive.core.removal import Removal
from ytarchive.core.report import Ending, PassReport, SourceReport


class Observer(Protocol):
    """Called from the thread that runs the pass, never from two threads at once."""

    def note(self, text: str) -> None:
        """A line worth reading: an index rebuilt, an orphan adopted, a manifest whose last good copy is in force."""

    def listing(self, entry: str, got: int, expected: int | None) -> None:
        """A playlist is being read; `got` lines so far."""

    def listed(self, report: SourceReport) -> None:
        """A playlist was read, or could not be."""

    def planned(self, ledger: Ledger) -> None:
        """What there is to do, once a round, before work begins."""

    def started(self, job: Job, decision: Decision) -> None:
        """A job went to a worker."""

    def progressed(self, event: Event) -> None:
        """A job's `progress` event: {phase, done_bytes, total_bytes?, bytes_per_second?, eta_seconds?}."""

    def ended(self, end: Ending) -> None:
        """A video's action ended; `end.failure` says why it did not succeed."""

    def removed(self, removal: Removal) -> None:
        """An item was taken away."""

    def waiting(self, until: int, why: str) -> None:
        """Nothing may begin before `until` (epoch seconds)."""

    def told(self, event: Event, video: str) -> None:
        """A line that a worker wrote (an event of the kind `log`), and the video or list that its job is about."""

    def exchanged(self, http: Sequence[HttpExchange]) -> None:
        """The requests that a job made."""

    def passed(self, report: PassReport) -> None:
        """A pass of the daemon ended."""

    def reloaded(self, problems: tuple[str, ...]) -> None:
        """The daemon read the manifests again; `problems` are those of files whose last good copy is in force."""


class Silent:
    """Listens and says nothing."""

    def note(self, text: str) -> None: ...
    def listing(self, entry: str, got: int, expected: int | None) -> None: ...
    def listed(self, report: SourceReport) -> None: ...
    def planned(self, ledger: Ledger) -> None: ...
    def started(self, job: Job, decision: Decision) -> None: ...
    def progressed(self, event: Event) -> None: ...
    def ended(self, end: Ending) -> None: ...
    def removed(self, removal: Removal) -> None: ...
    def waiting(self, until: int, why: str) -> None: ...
    def told(self, event: Event, video: str) -> None: ...
    def exchanged(self, http: Sequence[HttpExchange]) -> None: ...
    def passed(self, report: PassReport) -> None: ...
    def reloaded(self, problems: tuple[str, ...]) -> None: ...


class Chorus:
    """Tells every listener. One that fails is told of to the others, and is told nothing more: it breaks no pass."""

    def __init__(self, *listeners: Observer) -> None:
        self._listeners = list(listeners)

    def note(self, text: str) -> None:
        self._tell(lambda one: one.note(text))

    def listing(self, entry: str, got: int, expected: int | None) -> None:
        self._tell(lambda one: one.listing(entry, got, expected))

    def listed(self, report: SourceReport) -> None:
        self._tell(lambda one: one.listed(report))

    def planned(self, ledger: Ledger) -> None:
        self._tell(lambda one: one.planned(ledger))

    def started(self, job: Job, decision: Decision) -> None:
        self._tell(lambda one: one.started(job, decision))

    def progressed(self, event: Event) -> None:
        self._tell(lambda one: one.progressed(event))

    def ended(self, end: Ending) -> None:
        self._tell(lambda one: one.ended(end))

    def removed(self, removal: Removal) -> None:
        self._tell(lambda one: one.removed(removal))

    def waiting(self, until: int, why: str) -> None:
        self._tell(lambda one: one.waiting(until, why))

    def told(self, event: Event, video: str) -> None:
        self._tell(lambda one: one.told(event, video))

    def exchanged(self, http: Sequence[HttpExchange]) -> None:
        self._tell(lambda one: one.exchanged(http))

    def passed(self, report: PassReport) -> None:
        self._tell(lambda one: one.passed(report))

    def reloaded(self, problems: tuple[str, ...]) -> None:
        self._tell(lambda one: one.reloaded(problems))

    def _tell(self, tell: Callable[[Observer], None]) -> None:
        for one in tuple(self._listeners):
            try:
                tell(one)
            except Exception as error:
                self._listeners.remove(one)
                self.note(
                    f"{type(one).__name__} failed and is told nothing more: {type(error).__name__}: {error}"
                )
