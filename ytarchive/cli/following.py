"""What a daemon was asked for, followed to its end; here a pass."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from ytarchive.cli.daemon_client import Daemon
from ytarchive.cli.progress import watching
from ytarchive.cli.telling_again import tell_again
from ytarchive.core.report import PassReport
from ytarchive.errors import YtarchiveError
from ytarchive.reconciler import World, forecast_of, open_reading, take_stock
from ytarchive.web.values import PassAnswer

if TYPE_CHECKING:
    from ytarchive.cli.output import Screen
    from ytarchive.reconciler import Observer
    from ytarchive.settings import Settings

T = TypeVar("T")
_TURNS = ("pass", "ended", "planned", "listed")
"""What is told when something has come to its end."""
_ROUND_SECONDS = 2.0
_REST_SECONDS = 0.3


def follow_pass(daemon: Daemon, observer: Observer, *, entry: str | None, whole: bool) -> PassReport:
    """Ask for a pass, tell its events to the observer, and give its report. Raise `YtarchiveError`."""
    wish: dict[str, Any] = {"whole": whole} | ({} if entry is None else {"entry": entry})

    def ask() -> Callable[[], PassReport | None]:
        number = daemon.post("/api/v1/passes", wish, PassAnswer).number
        return lambda: daemon.get(f"/api/v1/passes/{number}", PassAnswer).report

    return follow(daemon, observer, ask)


def pass_of_daemon(
    daemon: Daemon, screen: Screen, settings: Settings, *, entry: str | None, whole: bool
) -> tuple[PassReport, int]:
    """The report of a pass over one entry or over all, followed on the screen, and the time it ended."""
    with watching(screen) as observer:
        report = follow_pass(daemon, observer, entry=entry, whole=whole)
    with open_reading(settings) as world:
        now = world.clock.now()
        return (report if entry is None else narrowed_to(world, report, entry)), now


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
