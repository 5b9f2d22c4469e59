"""What a pass tells while it runs. The command line draws it; without a listener nothing is drawn."""

from __future__ import annotations

from typing import Literal, Protocol

from ytarchive.core.failure import Failure
from ytarchive.core.job import Event, Job
from ytarchive.core.plan import Decision, Ledger
from ytarchive.core.report import SourceReport

Outcome = Literal["fetched", "updated", "captions", "looked", "accepted", "excluded", "failed", "cancelled"]


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

    def ended(
        self,
        decision: Decision,
        outcome: Outcome,
        *,
        job: str | None = None,
        bytes_: int = 0,
        failure: Failure | None = None,
    ) -> None:
        """A video's action ended; `failure` says why it did not succeed."""

    def waiting(self, until: int, why: str) -> None:
        """Nothing may begin before `until` (epoch seconds)."""


class Silent:
    """Listens and says nothing."""

    def note(self, text: str) -> None: ...
    def listing(self, entry: str, got: int, expected: int | None) -> None: ...
    def listed(self, report: SourceReport) -> None: ...
    def planned(self, ledger: Ledger) -> None: ...
    def started(self, job: Job, decision: Decision) -> None: ...
    def progressed(self, event: Event) -> None: ...
    def ended(
        self,
        decision: Decision,
        outcome: Outcome,
        *,
        job: str | None = None,
        bytes_: int = 0,
        failure: Failure | None = None,
    ) -> None: ...
    def waiting(self, until: int, why: str) -> None: ...
