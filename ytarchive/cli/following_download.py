"""A download that a daemon was asked for, followed until each of its videos is here, cannot be had, or waits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ytarchive.adapters import work_plans
from ytarchive.cli.daemon_client import Daemon
from ytarchive.cli.following import follow
from ytarchive.core.report import Done, Ending, Outcome, PassReport
from ytarchive.core.work_plan import unrecognised
from ytarchive.errors import UsageError
from ytarchive.reconciler import forecast_of, notices, open_reading, take_stock, work_plan
from ytarchive.reconciler.observer import Chorus, Silent
from ytarchive.web.values import HealthAnswer, JobLine, PassAnswer

if TYPE_CHECKING:
    from ytarchive.reconciler import Observer, World
    from ytarchive.settings import Settings


@dataclass(slots=True)
class _Wish:
    """What was asked for, and what became of it so far."""

    daemon: Daemon
    settings: Settings
    videos: tuple[str, ...]
    jobs: tuple[JobLine, ...] = ()
    passes: int = 0
    done: Done = field(default_factory=Done)

    def is_over(self) -> tuple[tuple[str, ...], PassAnswer | None] | None:
        """The videos, once none of them can go on, and the pass that stopped before them; None: not yet."""
        wanted = self._wanted()
        if wanted is None:
            return None
        with open_reading(self.settings) as world:
            books = take_stock(world, only=wanted).total
        if not books.running and not books.ready:
            return wanted, None
        ended = self._newest_pass()
        stopped = ended is not None and ended.report and (ended.report.stopped or ended.report.waiting)
        return (wanted, ended) if stopped and not books.running else None

    def _wanted(self) -> tuple[str, ...] | None:
        """All videos, those of the playlists too; None while one of those is still to be read."""
        wanted = dict.fromkeys(self.videos)
        for job in self.jobs:
            if job.kind != "playlist":
                continue
            now = self.daemon.get(f"/api/v1/jobs/{job.id}", JobLine)
            if now.state == "failed" and not now.counts:
                raise UsageError(now.message or f"the playlist {now.subject} cannot be read")
            if now.state == "pending":
                return None
            with open_reading(self.settings) as world:
                wanted.update(dict.fromkeys(world.index.members(now.subject)))
        return tuple(wanted)

    def _newest_pass(self) -> PassAnswer | None:
        """The newest pass that began after the wish."""
        passes = self.daemon.get("/api/v1/health", HealthAnswer).passes
        return self.daemon.get(f"/api/v1/passes/{passes}", PassAnswer) if passes > self.passes else None


def download_of_daemon(
    daemon: Daemon,
    observer: Observer,
    settings: Settings,
    videos: Sequence[str],
    playlists: Sequence[str],
    profile: str | None,
) -> tuple[tuple[str, ...], Callable[[World], PassReport]]:
    """The videos that are wanted, and what makes the report of a pass over them. Raise `YtarchiveError`."""
    wish = _Wish(daemon, settings, tuple(videos))
    with open_reading(settings) as world:
        started_at = world.clock.now()

    def ask() -> Callable[[], tuple[tuple[str, ...], PassAnswer | None] | None]:
        wish.passes = daemon.get("/api/v1/health", HealthAnswer).passes
        more = {"profile": profile} if profile else {}
        subjects = [("video", one) for one in videos] + [("playlist", one) for one in playlists]
        wish.jobs = tuple(
            daemon.post("/api/v1/jobs", {"kind": kind, "subject": subject, **more}, JobLine)
            for kind, subject in subjects
        )
        return wish.is_over

    counted = _Counted(wish.done)
    wanted, stopped = follow(daemon, Chorus(observer, counted), ask)

    def report(world: World) -> PassReport:
        return _report(world, started_at, wanted, counted.of(wanted), stopped)

    return wanted, report


def _report(
    world: World, started_at: int, wanted: Sequence[str], done: Done, stopped: PassAnswer | None
) -> PassReport:
    """As a pass over these videos alone tells it."""
    ledger, plan = take_stock(world, only=wanted), work_plan(world)
    last = stopped.report if stopped else None
    state = world.settings.state.path
    return PassReport(
        started_at=started_at,
        ended_at=world.clock.now(),
        ledger=ledger,
        done=done,
        stopped=last.stopped if last else None,
        stop_cure=last.stop_cure if last else None,
        waiting=last.waiting if last else None,
        next_due_at=ledger.next_due_at,
        work_plan=tuple(str(state / name) for name in (work_plans.YAML_NAME, work_plans.MARKDOWN_NAME)),
        failures=dict(ledger.codes),
        unrecognised=unrecognised(plan),
        notices=notices(world),
        forecast=forecast_of(world, ledger),
        scoped=True,
        open_items={group.code: group.count for group in plan.groups},
    )


class _Counted(Silent):
    """Counts what comes of videos, by video: the daemon may be busy with others too."""

    def __init__(self, done: Done) -> None:
        self._done = done
        self._ends: list[tuple[str, Outcome, int]] = []

    def ended(self, end: Ending) -> None:
        self._ends.append((end.decision.video, end.outcome, end.bytes))

    def of(self, videos: Sequence[str]) -> Done:
        meant = frozenset(videos)
        for video, outcome, size in self._ends:
            name = "examined" if outcome == "excluded" else outcome
            if video in meant and name != "cancelled":
                setattr(self._done, name, getattr(self._done, name) + 1)
                self._done.bytes += size
        return self._done
