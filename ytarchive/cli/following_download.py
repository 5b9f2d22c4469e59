"""A download that a daemon was asked for, followed until each of its videos is here, cannot be had, or waits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ytarchive.adapters.clock import SystemClock
from ytarchive.cli.daemon_client import Daemon
from ytarchive.cli.following import Counted, Patience, follow, report_of
from ytarchive.core.report import PassReport
from ytarchive.errors import UsageError
from ytarchive.reconciler import open_reading, take_stock
from ytarchive.reconciler.observer import Chorus
from ytarchive.web.values import HealthAnswer, JobLine, PassAnswer

if TYPE_CHECKING:
    from ytarchive.reconciler import Observer, World
    from ytarchive.settings import Settings


_Why = dict[str, Any]
"""What of a report tells why something was left."""


@dataclass(slots=True)
class _Wish:
    """What was asked for, and what became of it so far."""

    daemon: Daemon
    settings: Settings
    videos: tuple[str, ...]
    patience: Patience
    jobs: tuple[JobLine, ...] = ()
    passes: int = 0

    def is_over(self) -> tuple[tuple[str, ...], _Why] | None:
        """The videos, once none of them can go on, and why some were left; None: not yet."""
        wanted = self._wanted()
        if wanted is None:
            return None
        with open_reading(self.settings) as world:
            books = take_stock(world, only=wanted).total
        if not books.running and not books.ready:
            return wanted, {}
        why = self._why_left()
        return (wanted, why) if why and not books.running else None

    def _why_left(self) -> _Why:
        """What keeps the daemon from what is ready, for longer than somebody waits."""
        ended = self._newest_pass()
        report = ended.report if ended else None
        if report is not None and report.stopped:
            return {"stopped": report.stopped, "stop_cure": report.stop_cure}
        if report is not None and report.waiting and not self.patience.is_not_over(report):
            return {"waiting": report.waiting, "waiting_until": report.waiting_until}
        if wait := self.patience.worn:
            return {"waiting": wait[1], "waiting_until": wait[0]}
        return {}

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
    max_wait: int,
) -> tuple[tuple[str, ...], Callable[[World], PassReport]]:
    """The videos that are wanted, and what makes the report of a pass over them. Raise `YtarchiveError`.

    What waits for a limit longer than `max_wait` seconds is left to the daemon.
    """
    patience = Patience(max_wait)
    wish = _Wish(daemon, settings, tuple(videos), patience)

    def ask() -> Callable[[], tuple[tuple[str, ...], _Why] | None]:
        wish.passes = daemon.get("/api/v1/health", HealthAnswer).passes
        more = {"profile": profile} if profile else {}
        subjects = [("video", one) for one in videos] + [("playlist", one) for one in playlists]
        wish.jobs = tuple(
            daemon.post("/api/v1/jobs", {"kind": kind, "subject": subject, **more}, JobLine)
            for kind, subject in subjects
        )
        return wish.is_over

    counted = Counted(SystemClock().now())
    wanted, why = follow(daemon, Chorus(observer, patience, counted), ask)

    def report(world: World) -> PassReport:
        return replace(report_of(world, counted.began_at, counted.of(wanted), wanted), **why)

    return wanted, report
