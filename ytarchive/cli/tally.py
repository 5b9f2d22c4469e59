"""What has happened since a pass began, and how its events read; the same for lines and for live rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ytarchive.cli.words import count
from ytarchive.core.failure_table import policy
from ytarchive.core.text import printable

if TYPE_CHECKING:
    from ytarchive.core.failure import Failure
    from ytarchive.core.job import Event, Job
    from ytarchive.core.plan import Decision, Ledger
    from ytarchive.core.report import Ending, PassReport, SourceReport

LONGEST_TITLE = 60
LONGEST_MESSAGE = 200
_ENOUGH_FOR_A_PACE = 3


@dataclass(slots=True)
class Row:
    """One video that a worker has, or one playlist that is being read."""

    name: str
    title: str
    phase: str = "extract"
    done_bytes: int = 0
    total_bytes: int | None = None
    bytes_per_second: float = 0.0
    eta_seconds: float | None = None


@dataclass(slots=True)
class Tally:
    """What has happened since the pass began; `started_at` and all times are monotonic seconds."""

    started_at: float
    ready: int = 0
    finished: int = 0
    failed: int = 0
    bytes: int = 0
    waiting_until: int = 0
    waiting_why: str = ""
    running: dict[str, Row] = field(default_factory=dict)
    listings: dict[str, Row] = field(default_factory=dict)

    @property
    def ended(self) -> int:
        return self.finished + self.failed

    def plan(self, ledger: Ledger) -> None:
        """A round is planned: what has ended is no longer counted in its books."""
        self.ready = self.ended + ledger.to_do + ledger.total.running

    def begin(self, job: Job, decision: Decision) -> None:
        self.waiting_until = 0
        self.running[job.id] = Row(job.subject, printable(decision.title or "", LONGEST_TITLE) or job.subject)

    def move(self, event: Event) -> Row | None:
        row = self.running.get(event.job)
        if row is None or event.kind != "progress":
            return None
        data = event.data
        row.phase = str(data.get("phase") or row.phase)
        row.done_bytes = _number(data.get("done_bytes"), row.done_bytes)
        row.total_bytes = _number(data.get("total_bytes"), row.total_bytes)
        row.bytes_per_second = _number(data.get("bytes_per_second"), 0)
        row.eta_seconds = _number(data.get("eta_seconds"), None)
        return row

    def end(self, end: Ending) -> None:
        if end.job is not None:
            self.running.pop(end.job, None)
        if end.outcome == "failed" and not waits(end.failure):
            self.failed += 1
        elif end.outcome != "cancelled":
            self.finished += 1
        self.bytes += end.bytes

    def eta_seconds(self, now: float) -> float | None:
        """The rest at the pace so far; unknown until some have ended."""
        if self.ended < _ENOUGH_FOR_A_PACE or self.ready <= self.ended:
            return None
        return (now - self.started_at) / self.ended * (self.ready - self.ended)


def _number(value: Any, otherwise: Any) -> Any:
    """Progress numbers come from the engine: anything else is no news."""
    return (
        value if isinstance(value, int | float) and not isinstance(value, bool) and value >= 0 else otherwise
    )


def waits(failure: Failure | None) -> bool:
    """A premiere or a live stream is no failure: its time has not come."""
    return failure is not None and failure.kind == "wait"


def failure_line(failure: Failure | None) -> str:
    """`PRIVATE: The uploader made the video private.` Where our words cannot tell more, those of the engine."""
    if failure is None:
        return "failed"
    message = printable(failure.evidence.message, LONGEST_MESSAGE)
    known = failure.kind in ("permanent", "user", "wait")
    return f"{failure.code}: {policy(failure.code).meaning if known or not message else message}"


def named(entry: str, title: str | None) -> str:
    """`@handle/playlists "Cosmos"`: of a channel's many playlists the title tells which one it is."""
    return f'{entry} "{title}"' if title and entry.endswith(("/playlists", "/releases")) else entry


def listing_line(report: SourceReport) -> str:
    """`Cosmos: 120 of 120 listed, 3 new` · `Cosmos: could not be listed: TIMEOUT: ...`"""
    name = named(report.entry, report.title)
    if report.failure:
        return f"{name}: could not be listed: {report.failure}"
    if report.source.startswith("channel:"):
        return f"{report.entry}: {report.title or report.source.removeprefix('channel:')} was found"
    if report.source.startswith(("playlists:", "releases:")):
        return f"{report.entry}: {count(report.got, 'playlist')}"
    if report.completeness == "unchanged":
        return f"{name}: unchanged, {count(report.got, 'video')}"
    expected = (
        f" of {report.expected:,}" if report.expected is not None and report.expected != report.got else ""
    )
    newest = report.completeness == "head"
    parts = [f"looked at the newest {report.got:,}" if newest else f"{report.got:,}{expected} listed"]
    if report.completeness == "shrunken":
        gone = count(report.withheld, "video")
        parts.append(f"{gone} gone at once: not believed before another look a day later")
    elif report.completeness not in ("complete", "head"):
        parts.append("incomplete: nothing is taken away on its word")
    if report.added:
        parts.append(f"{report.added:,} new")
    if report.removed:
        parts.append(f"{report.removed:,} gone from the list")
    return f"{name}: {', '.join(parts)}"


def passed_line(report: PassReport) -> str:
    """`120 of 130 here, 3 running, 7 owed` · `stopped: the disk is full`"""
    if report.stopped:
        return f"stopped: {printable(report.stopped, LONGEST_MESSAGE)}"
    books = report.books
    running = f", {books.running:,} running" if books.running else ""
    owed = f", {report.ledger.owed:,} owed" if report.ledger.owed else ""
    return f"{books.have:,} of {books.wanted:,} here{running}{owed}"
