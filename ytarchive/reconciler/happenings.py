"""The newest things that happened, numbered, for the page and for `events`: a listener that missed some sees it."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass, field
from operator import attrgetter

from ytarchive.adapters.clock import Clock
from ytarchive.core.codec import plain
from ytarchive.core.instant import Instant
from ytarchive.core.job import Event, Job
from ytarchive.core.plan import Decision, Ledger
from ytarchive.core.removal import DONE_WORDS, Removal
from ytarchive.core.report import Ending, PassReport, SourceReport
from ytarchive.core.text import printable
from ytarchive.reconciler.observer import Silent

KEPT = 1000
PASSING_KEPT = 200
"""Progress of downloads, which would else push out what happened besides."""
LONGEST_MESSAGE = 500


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened. `id` counts from 1 since the daemon started.

    `kind`: started, progress, ended, removed (an item was taken away), listed, planned, note, waiting, pass (a pass ended), manifests (they were read
    again). `data` is JSON: what the kind tells, with `job`, `video` and `entry` where they apply. It holds all that the
    command line draws of a pass: `listed` the `report`, `planned` counts, `ended` a `title` and the `message` of a failure.
    """

    id: int
    at: Instant
    kind: str
    text: str
    data: dict[str, object] = field(default_factory=dict)


class Happenings(Silent):
    """An observer whose thread writes and any thread reads or waits."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._news = threading.Condition()
        self._kept: deque[Happening] = deque(maxlen=KEPT)
        self._passing: deque[Happening] = deque(maxlen=PASSING_KEPT)
        self._count = 0

    def tell(self, kind: str, text: str, **data: object) -> None:
        with self._news:
            self._count += 1
            kept = self._passing if kind == "progress" else self._kept
            kept.append(Happening(self._count, self._clock.now(), kind, text, data))
            self._news.notify_all()

    def since(self, id_: int, timeout_seconds: float = 0.0) -> tuple[Happening, ...]:
        """What happened after number `id_`, the oldest first; waits for something at most so long."""
        with self._news:
            if self._count <= id_ and timeout_seconds > 0:
                self._news.wait(timeout_seconds)
            new = [one for one in (*self._kept, *self._passing) if one.id > id_]
            return tuple(sorted(new, key=attrgetter("id")))

    def disturb(self) -> None:
        """Have whoever waits wait no longer, though nothing happened."""
        with self._news:
            self._news.notify_all()

    def note(self, text: str) -> None:
        self.tell("note", text)

    def listed(self, report: SourceReport) -> None:
        text = (
            f"{report.entry}: {report.got} listed" if not report.code else f"{report.entry}: {report.failure}"
        )
        told = plain(report)
        self.tell("listed", text, entry=report.entry, source=report.source, code=report.code, report=told)

    def planned(self, ledger: Ledger) -> None:
        self.tell("planned", f"{ledger.to_do:,} to do", to_do=ledger.to_do, running=ledger.total.running)

    def started(self, job: Job, decision: Decision) -> None:
        self.tell(
            "started", decision.title or decision.video, job=job.id, video=decision.video, what=job.kind
        )

    def progressed(self, event: Event) -> None:
        self.tell("progress", str(event.data.get("phase", "")), job=event.job, **event.data)

    def ended(self, end: Ending) -> None:
        text = (
            f"{end.decision.title or end.decision.video}: {end.failure.code if end.failure else end.outcome}"
        )
        self.tell(
            "ended",
            text,
            job=end.job,
            video=end.decision.video,
            title=end.decision.title,
            outcome=end.outcome,
            bytes=end.bytes,
            code=end.failure.code if end.failure else None,
            message=printable(end.failure.evidence.message, LONGEST_MESSAGE) if end.failure else None,
        )

    def removed(self, removal: Removal) -> None:
        told = plain(removal)
        self.tell(
            "removed",
            f"{removal.title or removal.video}: {DONE_WORDS[removal.how]}",
            video=removal.video,
            removal=told,
        )

    def waiting(self, until: int, why: str) -> None:
        self.tell("waiting", why, until=until)

    def passed(self, report: PassReport) -> None:
        books = report.books
        text = f"stopped: {report.stopped}" if report.stopped else f"{books.have:,} of {books.wanted:,} here"
        self.tell(
            "pass",
            text,
            exit_code=report.exit_code,
            have=books.have,
            wanted=books.wanted,
            owed=report.ledger.owed,
            next_due_at=report.next_due_at,
        )

    def reloaded(self, problems: tuple[str, ...]) -> None:
        text = f"manifests read again: {len(problems)} problems" if problems else "manifests read again"
        self.tell("manifests", text, problems=list(problems))
