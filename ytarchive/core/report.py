"""What a pass tells afterwards: one value for the terminal, for --json, for metrics and for the page."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from ytarchive.core.failure import Failure
from ytarchive.core.forecast import Forecast
from ytarchive.core.halts import Notice
from ytarchive.core.instant import Instant
from ytarchive.core.plan import Books, Decision, Ledger
from ytarchive.core.removal import Held


@dataclass(frozen=True, slots=True)
class SourceReport:
    """How one source was looked at. `failure` holds "CODE: message" when it could not be listed, `code` the code.

    `entry` is the entry's name, with the part of a channel behind a slash. `withheld` videos were not listed any
    more, and are held to be there all the same, since so many at once are not believed. `via`: "feed", "api", "worker".
    """

    entry: str
    source: str
    completeness: str
    expected: int | None = None
    got: int = 0
    added: int = 0
    removed: int = 0
    withheld: int = 0
    via: str = "worker"
    title: str | None = None
    failure: str | None = None
    code: str | None = None


@dataclass(frozen=True, slots=True)
class AccountReport:
    """An account of the settings. `code`, `what` and `cure` are there when its cookies cannot be used."""

    name: str
    code: str | None = None
    what: str | None = None
    cure: str | None = None
    since: Instant | None = None


Outcome = Literal["fetched", "updated", "captions", "looked", "accepted", "excluded", "failed", "cancelled"]


@dataclass(frozen=True, slots=True)
class Ending:
    """A video's action ended, by `job` where one was needed; `bytes` are new. `failure` says why it did not succeed."""

    decision: Decision
    outcome: Outcome
    job: str | None = None
    bytes: int = 0
    failure: Failure | None = None


@dataclass(slots=True)
class Done:
    """What the pass did, counted. `emptied`: deleted from quarantine, since its time there was over."""

    fetched: int = 0
    updated: int = 0
    captions: int = 0
    looked: int = 0
    accepted: int = 0
    examined: int = 0
    linked: int = 0
    quarantined: int = 0
    deleted: int = 0
    emptied: int = 0
    failed: int = 0
    bytes: int = 0


@dataclass(frozen=True, slots=True)
class RemovalReport:
    """What was not taken away, by what stands against it. `waiting`: the videos that a person is asked about.
    `needs_person`: somebody must say a word, about these or about what is missing."""

    held: tuple[Held, ...] = ()
    waiting: tuple[str, ...] = ()
    digest: str = ""
    needs_person: bool = False


@dataclass(frozen=True, slots=True)
class PassReport:
    """The outcome of `reconcile --once`. `stopped` says why work was left that could have gone on, and the cure.

    `unrecognised` tells of the first videos and lists whose trouble has no code ("SUBJECT: what was seen"): UNKNOWN is
    tried again like anything that passes, and worth a report. `notices` tell what pauses downloads beyond this pass;
    `forecast` is there when videos are still to be asked about. `exit_code`: 0 converged, 1 stopped by an operational
    error, 3 a wanted video or a list is owed, or a removal waits for a person's word. `scoped`: it covered one entry, or some videos, and its
    books are theirs. `waiting` is what the next job waits for until `waiting_until`, longer than it may; `goes_on`: a
    daemon's pass was long enough, and the next one goes on at once with what is left. `open_items` counts the whole work plan by code. `removals`: what would be taken away and is not; None
    where nobody asked.
    """

    started_at: Instant
    ended_at: Instant
    ledger: Ledger
    done: Done
    sources: tuple[SourceReport, ...] = ()
    problems: tuple[str, ...] = ()
    stopped: str | None = None
    stop_cure: str | None = None
    waiting: str | None = None
    next_due_at: Instant | None = None
    work_plan: tuple[str, ...] = ()
    failures: dict[str, int] = field(default_factory=dict)
    unrecognised: tuple[str, ...] = ()
    accounts: tuple[AccountReport, ...] = ()
    notices: tuple[Notice, ...] = ()
    forecast: Forecast | None = None
    scoped: bool = False
    open_items: dict[str, int] = field(default_factory=dict)
    removals: RemovalReport | None = None
    waiting_until: Instant | None = None
    goes_on: bool = False

    @property
    def books(self) -> Books:
        return self.ledger.total

    @property
    def exit_code(self) -> int:
        if self.stopped:
            return 1
        waits = self.removals is not None and self.removals.needs_person
        return 3 if self.ledger.owed or self.ledger.sources_owed or waits else 0
