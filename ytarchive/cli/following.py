"""What a daemon was asked for, followed to its end; here a pass."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any, TypeVar

from ytarchive.adapters import work_plans
from ytarchive.adapters.clock import SystemClock
from ytarchive.cli.daemon_client import Daemon
from ytarchive.cli.progress import watching
from ytarchive.cli.telling_again import tell_again
from ytarchive.core.job import Job
from ytarchive.core.plan import Decision
from ytarchive.core.report import Done, Ending, Outcome, PassReport, SourceReport
from ytarchive.core.work_plan import unrecognised
from ytarchive.errors import YtarchiveError
from ytarchive.reconciler import World, forecast_of, notices, open_reading, take_stock, work_plan
from ytarchive.reconciler.observer import Chorus, Silent
from ytarchive.web.values import PassAnswer

if TYPE_CHECKING:
    from ytarchive.cli.output import Screen
    from ytarchive.reconciler import Observer
    from ytarchive.settings import Settings

T = TypeVar("T")
_TURNS = ("pass", "ended", "planned", "listed", "waiting")
"""What is told when something has come to its end."""
_ROUND_SECONDS = 2.0
_REST_SECONDS = 0.3


class Patience(Silent):
    """Hears what a daemon waits for. `worn`: that is longer than somebody wants to wait."""

    def __init__(self, seconds: int) -> None:
        self._seconds = seconds
        self._clock = SystemClock()
        self._wait: tuple[int, str] | None = None

    def waiting(self, until: int, why: str) -> None:
        self._wait = until, why

    def started(self, job: Job, decision: Decision) -> None:  # noqa: ARG002
        self._wait = None

    @property
    def worn(self) -> tuple[int, str] | None:
        """Until when it waits, and why; None: not so long."""
        return None if self._wait is None or self._lasts(self._wait[0]) else self._wait

    def is_not_over(self, report: PassReport) -> bool:
        """Whether the daemon goes on soon enough with what a pass of its left for later."""
        return report.goes_on or (report.waiting_until is not None and self._lasts(report.waiting_until))

    def _lasts(self, until: int) -> bool:
        return until - self._clock.now() <= self._seconds


@dataclass(slots=True)
class _Asked:
    """A pass that was asked for, by its number; a long one goes on in those after it."""

    daemon: Daemon
    settings: Settings
    patience: Patience
    counted: Counted
    number: int = 0
    reports: list[PassReport] = field(default_factory=list)

    def ask(self, wish: dict[str, Any]) -> Callable[[], PassReport | None]:
        self.number = self.daemon.post("/api/v1/passes", wish, PassAnswer).number
        return self.ended

    def ended(self) -> PassReport | None:
        while report := self.daemon.get(f"/api/v1/passes/{self.number}", PassAnswer).report:
            self.reports.append(report)
            if not self.patience.is_not_over(report):
                return joined(self.reports)
            self.number += 1
        if (wait := self.patience.worn) is None:
            return None
        with open_reading(self.settings) as world:
            told = report_of(world, self.counted.began_at, self.counted.done)
        return replace(told, waiting=wait[1], waiting_until=wait[0], sources=tuple(self.counted.listings))


def pass_of_daemon(
    daemon: Daemon, screen: Screen, settings: Settings, *, entry: str | None, whole: bool, max_wait: int
) -> tuple[PassReport, int]:
    """The report of a pass over one entry or over all, followed on the screen, and the time it ended.

    It is over when what is left waits for a time, or for a limit longer than `max_wait` seconds. Raise `YtarchiveError`.
    """
    wish: dict[str, Any] = {"whole": whole} | ({} if entry is None else {"entry": entry})
    asked = _Asked(daemon, settings, Patience(max_wait), Counted(SystemClock().now()))
    with watching(screen) as observer:
        hearing = Chorus(observer, asked.patience, asked.counted)
        report = follow(daemon, hearing, lambda: asked.ask(wish))
    with open_reading(settings) as world:
        now = world.clock.now()
        return (report if entry is None else narrowed_to(world, report, entry)), now


def joined(reports: Sequence[PassReport]) -> PassReport:
    """Passes that went on one after the other, as one."""
    done = Done()
    for each, counted in (
        (each, getattr(report.done, each.name)) for report in reports for each in fields(Done)
    ):
        setattr(done, each.name, getattr(done, each.name) + counted)
    looked = tuple(source for report in reports for source in report.sources)
    return replace(reports[-1], started_at=reports[0].started_at, done=done, sources=looked)


class Counted(Silent):
    """Counts what comes of videos, by video: the daemon may be busy with others too. `listings` are those it made."""

    def __init__(self, began_at: int) -> None:
        self.began_at = began_at
        self.listings: list[SourceReport] = []
        self._ends: list[tuple[str, Outcome, int]] = []

    def listed(self, report: SourceReport) -> None:
        self.listings.append(report)

    def ended(self, end: Ending) -> None:
        self._ends.append((end.decision.video, end.outcome, end.bytes))

    @property
    def done(self) -> Done:
        return self.of(None)

    def of(self, videos: Sequence[str] | None) -> Done:
        """What came of these videos; None: of all."""
        meant, done = None if videos is None else frozenset(videos), Done()
        for video, outcome, size in self._ends:
            name = "examined" if outcome == "excluded" else outcome
            if (meant is None or video in meant) and name != "cancelled":
                setattr(done, name, getattr(done, name) + 1)
                done.bytes += size
        return done


def report_of(world: World, started_at: int, done: Done, only: Sequence[str] | None = None) -> PassReport:
    """How things are now, as a pass over everything or over some videos tells it."""
    ledger, plan = take_stock(world, only=only), work_plan(world)
    state = world.settings.state.path
    return PassReport(
        started_at=started_at,
        ended_at=world.clock.now(),
        ledger=ledger,
        done=done,
        next_due_at=ledger.next_due_at,
        work_plan=tuple(str(state / name) for name in (work_plans.YAML_NAME, work_plans.MARKDOWN_NAME)),
        failures=dict(ledger.codes),
        unrecognised=unrecognised(plan),
        notices=notices(world),
        forecast=forecast_of(world, ledger),
        scoped=only is not None,
        open_items={group.code: group.count for group in plan.groups},
    )


def narrowed_to(world: World, report: PassReport, entry: str) -> PassReport:
    """The report as that of a pass over one entry: the daemon's passes are over everything."""
    ledger = take_stock(world, entry)
    return replace(
        report,
        ledger=ledger,
        sources=tuple(one for one in report.sources if one.entry.partition("/")[0] == entry),
        failures=dict(ledger.codes),
        next_due_at=ledger.next_due_at,
        forecast=forecast_of(world, ledger),
        scoped=True,
    )


def follow(daemon: Daemon, observer: Observer, ask: Callable[[], Callable[[], T | None]]) -> T:
    """Tell what happens from now on, until there is an answer; looks for it whenever there may be one.

    `ask` gives what tells the answer, or None as long as there is none. Raise `DaemonGone`.
    """
    seen = max((one.id for one in daemon.events(0, 0)), default=0)
    ended = ask()
    observer.note(f"the daemon of this archive (process {daemon.where.pid}) does it")
    while True:
        answer = None
        with closing(daemon.events(seen, _ROUND_SECONDS)) as happenings:
            for happening in happenings:
                seen = happening.id
                tell_again(observer, happening)
                if happening.kind in _TURNS and (answer := ended()) is not None:
                    break
        if answer is not None or (answer := ended()) is not None:
            _tell_the_rest(daemon, observer, seen)
            return answer


def _tell_the_rest(daemon: Daemon, observer: Observer, seen: int) -> None:
    """What the index holds is told a moment later: a video may be there before it is said to be."""
    with suppress(YtarchiveError), closing(daemon.events(seen, _REST_SECONDS)) as happenings:
        for happening in happenings:
            tell_again(observer, happening)
