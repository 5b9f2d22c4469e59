"""A pass as it is seen: live rows on a terminal, one plain line for each event elsewhere.

Both listen as a `reconciler.observer.Observer`, and both keep the same `Tally`.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock, Timer
from types import TracebackType
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from ytarchive.cli.tally import (
    LONGEST_MESSAGE,
    LONGEST_TITLE,
    Row,
    Tally,
    failure_line,
    listing_line,
    passed_line,
    waits,
)
from ytarchive.cli.words import count, countdown, moment, size, span, speed
from ytarchive.core.removal import DONE_WORDS
from ytarchive.core.text import printable

if TYPE_CHECKING:
    from ytarchive.cli.output import Screen
    from ytarchive.core.failure import HttpExchange
    from ytarchive.core.job import Event, Job
    from ytarchive.core.plan import Decision, Ledger
    from ytarchive.core.removal import Removal
    from ytarchive.core.report import Ending, PassReport, SourceReport
    from ytarchive.reconciler.observer import Observer

_PHASES = {
    "extract": "looking up",
    "download": "downloading",
    "merge": "merging",
    "embed": "embedding",
    "verify": "verifying",
    "captions": "captions",
    "hash": "verifying",
    "commit": "storing",
}
_BUSY_WAIT_SECONDS = 20  # a shorter wait is the pause between two downloads, not worth a line
_LONGEST_LINE = 1000


class Lines:
    """One line for each event, for files, pipes and journals. Progress of a download is no event."""

    def __init__(self, screen: Screen, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._screen = screen
        self._tally = Tally(clock())

    def note(self, text: str) -> None:
        self._write(f"note: {text}")

    def listing(self, entry: str, got: int, expected: int | None) -> None:
        """Said when it has ended."""

    def listed(self, report: SourceReport) -> None:
        self._write(f"listed {listing_line(report)}")

    def planned(self, ledger: Ledger) -> None:
        self._tally.plan(ledger)
        if ledger.to_do:
            self._write(f"{count(ledger.to_do, 'video')} to do")

    def started(self, job: Job, decision: Decision) -> None:
        self._tally.begin(job, decision)
        if self._screen.verbose:
            self._write(f"started {job.subject} as {job.id}{_quoted(decision.title)}")

    def progressed(self, event: Event) -> None:
        """Not an event worth a line."""

    def ended(self, end: Ending) -> None:
        self._tally.end(end)
        place = f"[{self._tally.ended}/{max(self._tally.ready, self._tally.ended)}]"
        if end.outcome == "failed":
            word = "waits" if waits(end.failure) else "failed"
            self._write(
                f"{place} {word} {end.decision.video}{_quoted(end.decision.title)} {failure_line(end.failure)}"
            )
        else:
            amount = f" {size(end.bytes)}" if end.bytes else ""
            self._write(f"{place} {end.outcome} {end.decision.video}{_quoted(end.decision.title)}{amount}")

    def removed(self, removal: Removal) -> None:
        title = _quoted(removal.title)
        self._write(f"{DONE_WORDS[removal.how]} {removal.video}{title}: {removal.why}")

    def waiting(self, until: int, why: str) -> None:
        if (until, why) != (self._tally.waiting_until, self._tally.waiting_why):
            self._tally.waiting_until, self._tally.waiting_why = until, why
            if until - time.time() > _BUSY_WAIT_SECONDS:
                self._write(f"waiting until {moment(until)}: {why}")

    def told(self, event: Event, video: str) -> None:
        """Kept in the log, which `ytarchive logs` shows."""

    def exchanged(self, http: Sequence[HttpExchange]) -> None:
        """Counted by metrics."""

    def passed(self, report: PassReport) -> None:
        self._write(f"pass ended: {passed_line(report)}")

    def reloaded(self, problems: tuple[str, ...]) -> None:
        trouble = f": {count(len(problems), 'problem')}" if problems else ""
        self._write(f"manifests read again{trouble}")

    def _write(self, line: str) -> None:
        self._screen.console.print(Text(printable(line, _LONGEST_LINE)), soft_wrap=True)


def _quoted(title: str | None) -> str:
    return f' "{_short(title)}"' if title else ""


def _short(title: str) -> str:
    return printable(title, LONGEST_TITLE)


class Drawing:
    """Rows for running videos at the foot of the terminal; what has ended scrolls away above them."""

    def __init__(
        self, console: Console, *, verbose: bool = False, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._console = console
        self._clock = clock
        self._verbose = verbose
        self._lock = Lock()  # rich draws from a thread of its own
        self._tally = Tally(clock())
        self._marks = ("✓", "✗", "·") if _speaks_unicode(console) else ("+", "x", "-")
        self._spinner = Spinner("dots" if _speaks_unicode(console) else "line", style="cyan")
        self._live = Live(
            console=console, get_renderable=self.get_renderable, refresh_per_second=8, transient=True
        )

    def __enter__(self) -> Drawing:
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.stop()

    def note(self, text: str) -> None:
        self._above(self._marks[2], "yellow", Text(printable(text, _LONGEST_LINE)))

    def listing(self, entry: str, got: int, expected: int | None) -> None:
        with self._lock:
            self._tally.listings[entry] = Row(entry, entry, "listing", got, expected)

    def listed(self, report: SourceReport) -> None:
        with self._lock:
            self._tally.listings.pop(report.entry, None)
        mark, style = (self._marks[1], "red") if report.failure else (self._marks[0], "green")
        self._above(mark, style, Text(printable(listing_line(report), _LONGEST_LINE)))

    def planned(self, ledger: Ledger) -> None:
        with self._lock:
            self._tally.plan(ledger)

    def started(self, job: Job, decision: Decision) -> None:
        with self._lock:
            self._tally.begin(job, decision)

    def progressed(self, event: Event) -> None:
        with self._lock:
            self._tally.move(event)

    def ended(self, end: Ending) -> None:
        with self._lock:
            self._tally.end(end)
        if end.outcome == "failed" and waits(end.failure):
            self._above(
                self._marks[2],
                "yellow",
                self._facts(end.decision, failure_line(end.failure), "yellow", shared=3),
            )
        elif end.outcome == "failed":
            self._above(
                self._marks[1], "red", self._facts(end.decision, failure_line(end.failure), "red", shared=3)
            )
        elif end.outcome == "cancelled":
            self._above(self._marks[2], "yellow", self._facts(end.decision, "stopped", "yellow"))
        else:
            told = ", ".join(
                part for part in (_DONE[end.outcome], size(end.bytes) if end.bytes else "") if part
            )
            self._above(self._marks[0], "green", self._facts(end.decision, told, "dim"))

    def _facts(self, decision: Decision, told: str, style: str, *, shared: int = 1) -> Text:
        """The id, the title in what room there is (or a share of it), and what is told of the video."""
        room = (self._console.width - len(decision.video) - 6) // shared - (
            cell_len(told) if shared == 1 else 0
        )
        title = Text(_short(decision.title or ""))
        title.truncate(max(8, room), overflow="ellipsis")
        return Text.assemble((decision.video, "dim"), "  ", title, "  " if title.plain else "", (told, style))

    def removed(self, removal: Removal) -> None:
        told = f"{DONE_WORDS[removal.how]}: {removal.why}"
        title = f"  {_short(removal.title)}" if removal.title else ""
        line = Text.assemble((removal.video, "dim"), title, "  ", (printable(told, _LONGEST_LINE), "dim"))
        self._above(self._marks[2], "yellow", line)

    def waiting(self, until: int, why: str) -> None:
        with self._lock:
            self._tally.waiting_until, self._tally.waiting_why = until, why

    def told(self, event: Event, video: str) -> None:
        """Kept in the log, which `ytarchive logs` shows."""

    def exchanged(self, http: Sequence[HttpExchange]) -> None:
        """Counted by metrics."""

    def passed(self, report: PassReport) -> None:
        self._above(self._marks[0], "dim", Text(f"pass ended: {passed_line(report)}"))

    def reloaded(self, problems: tuple[str, ...]) -> None:
        self._above(
            self._marks[2 if problems else 0], "yellow" if problems else "dim", Text("manifests read again")
        )

    def _above(self, mark: str, style: str, line: Text) -> None:
        """Print one line over the live rows, cut at the edge of the terminal."""
        whole = Text.assemble((f"{mark} ", style), line)
        self._console.print(whole, no_wrap=True, overflow="ellipsis", crop=True)

    def get_renderable(self) -> RenderableType:
        """What stands at the foot of the terminal at this moment."""
        with self._lock:
            return _Rows(
                rows=[*self._tally.listings.values(), *self._tally.running.values()],
                overall=self._overall(),
                spinner=self._spinner,
            )

    def _overall(self) -> Text:
        tally, now = self._tally, self._clock()
        parts: list[tuple[str, str]] = []
        if tally.ready:
            parts.append((f"{tally.ended:,} of {tally.ready:,}", "bold"))
        if tally.failed:
            parts.append((f"{tally.failed:,} failed", "red"))
        if tally.bytes:
            parts.append((size(tally.bytes), ""))
        together = sum(row.bytes_per_second for row in tally.running.values())
        if together:
            parts.append((speed(together), ""))
        rest = tally.eta_seconds(now)
        parts.append((f"{countdown(now - tally.started_at)} elapsed", "dim"))
        if rest is not None:
            parts.append((f"about {span(max(1, round(rest)))} left", "dim"))
        wait = tally.waiting_until - time.time()
        if not tally.running and tally.waiting_until and wait > 0:
            parts.append(
                (f"waiting {countdown(wait)}: {printable(tally.waiting_why, LONGEST_MESSAGE)}", "yellow")
            )
        line = Text(no_wrap=True, overflow="ellipsis")
        for number, (text, style) in enumerate(parts):
            line.append(" · " if number else "", "dim").append(text, style)
        return line


_DONE = {
    "fetched": "",
    "updated": "updated",
    "captions": "captions added",
    "looked": "looked at again: nothing new",
    "accepted": "already good enough",
    "excluded": "left out by a filter",
    "cancelled": "",
    "failed": "",
}


@dataclass(frozen=True, slots=True)
class _Rows:
    """The foot of the screen, for the width and height that the terminal has at this moment."""

    rows: list[Row]
    overall: Text
    spinner: Spinner

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        room = max(1, console.size.height - 4)
        shown = self.rows[:room]
        table = Table.grid(padding=(0, 1), expand=True)
        table.add_column(width=1)
        table.add_column(ratio=1, no_wrap=True, overflow="ellipsis", min_width=12)
        wide = options.max_width >= 100
        for width in (28 if wide else 14, 4, 15, 9, 7):
            table.add_column(width=width, no_wrap=True, justify="left" if width in (28, 14) else "right")
        for row in shown:
            table.add_row(self.spinner, Text(row.title), *_cells(row, 28 if wide else 14))
        hidden = len(self.rows) - len(shown)
        more = [Text(f"… and {hidden} more", "dim")] if hidden else []
        yield Group(*([table] if shown else []), *more, self.overall)


def _cells(row: Row, width: int) -> tuple[RenderableType, ...]:
    """Bar, percent, bytes, speed and time left; what is not known stays empty."""
    if row.phase == "listing":
        known = f"{row.done_bytes:,}" + (f" of {row.total_bytes:,}" if row.total_bytes else "")
        return (Text("reading the list", "cyan"), "", Text(known), "", "")
    if row.phase != "download" or not row.done_bytes:
        amount = size(row.done_bytes) if row.done_bytes else ""
        return (Text(printable(_PHASES.get(row.phase, row.phase), 20), "cyan"), "", amount, "", "")
    if not row.total_bytes:
        return (
            ProgressBar(total=None, width=width),
            "",
            size(row.done_bytes),
            speed(row.bytes_per_second),
            "",
        )
    share = min(1.0, row.done_bytes / row.total_bytes)
    return (
        ProgressBar(total=row.total_bytes, completed=min(row.done_bytes, row.total_bytes), width=width),
        f"{share:.0%}",
        f"{size(row.done_bytes)}/{size(row.total_bytes)}",
        speed(row.bytes_per_second) if row.bytes_per_second else "",
        countdown(row.eta_seconds) if row.eta_seconds is not None else "",
    )


def _speaks_unicode(console: Console) -> bool:
    return console.encoding.lower().startswith("utf")


@contextmanager
def patience(screen: Screen, what: str, seconds: float = 1.0) -> Iterator[None]:
    """Say what is going on, on standard error, once it takes longer than this."""

    def tell() -> None:
        sys.stderr.write(f"please wait: {what}\n")
        sys.stderr.flush()

    timer = Timer(seconds, tell)
    timer.daemon = True
    if not screen.quiet:
        timer.start()
    try:
        yield
    finally:
        timer.cancel()


@contextmanager
def watching(screen: Screen) -> Iterator[Observer]:
    """The observer for this screen: rows on a terminal, lines elsewhere, nothing when quiet."""
    from ytarchive.reconciler.observer import Silent

    if screen.quiet:
        yield Silent()
    elif screen.is_terminal:
        with Drawing(screen.console, verbose=screen.verbose) as drawing:
            yield drawing
    else:
        yield Lines(screen)
