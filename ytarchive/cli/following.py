"""What a daemon was asked for, followed to its end: a pass, or the jobs of a download."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from ytarchive.cli.daemon_client import Daemon, DaemonGone
from ytarchive.cli.progress import watching
from ytarchive.cli.telling_again import tell_again
from ytarchive.core.report import PassReport
from ytarchive.reconciler import World, forecast_of, open_reading, take_stock
from ytarchive.web.values import PassAnswer

if TYPE_CHECKING:
    from ytarchive.cli.output import Screen
    from ytarchive.reconciler import Observer
    from ytarchive.settings import Settings

T = TypeVar("T")
_TURNS = ("pass", "ended")
"""What is told when something has come to its end."""


def follow_pass(daemon: Daemon, observer: Observer, *, entry: str | None, whole: bool) -> PassReport:
    """Ask for a pass, tell its events to the observer, and give its report. Raise `YtarchiveError`."""
    wish: dict[str, Any] = {"whole": whole} | ({} if entry is None else {"entry": entry})

    def ask() -> Callable[[], PassReport | None]:
        number = daemon.post("/api/v1/passes", wish, PassAnswer).number
        return lambda: daemon.get(f"/api/v1/passes/{number}", PassAnswer).report

    return _follow(daemon, observer, ask)


def pass_of_daemon(
    daemon: Daemon, screen: Screen, settings: Settings, *, entry: str | None, whole: bool
) -> tuple[PassReport, int]:
    """The report of a pass over one entry or over all, followed on the screen, and the time it ended."""
    with watching(screen) as observer:
        report = follow_pass(daemon, observer, entry=entry, whole=whole)
    with open_reading(settings) as world:
        now = world.clock.now()
        return (report if entry is None else narrowed_to(world, report, entry=entry)), now


def narrowed_to(
    world: World, report: PassReport, *, entry: str | None = None, only: Collection[str] | None = None
) -> PassReport:
    """The report as that of a pass over one entry, or over some videos: the daemon's passes are over everything."""
    ledger = take_stock(world, entry, only)
    sources = tuple(one for one in report.sources if entry and one.entry.partition("/")[0] == entry)
    return replace(
        report,
        ledger=ledger,
        sources=sources,
        failures=dict(ledger.codes),
        next_due_at=ledger.next_due_at,
        forecast=forecast_of(world, ledger),
        scoped=True,
    )


def _follow(daemon: Daemon, observer: Observer, ask: Callable[[], Callable[[], T | None]]) -> T:
    """Listen first and ask then, so that nothing is missed; look whether it has ended whenever that may be."""
    with daemon.events() as happenings:
        ended = ask()
        observer.note(f"the daemon of this archive (process {daemon.where.pid}) does it")
        for happening in happenings:
            if happening is not None:
                tell_again(observer, happening)
            if (happening is None or happening.kind in _TURNS) and (answer := ended()) is not None:
                return answer
    raise DaemonGone(
        f"the daemon (process {daemon.where.pid}) ended before it was done",
        cure="what was begun goes on at its next start; run the command again",
    )
