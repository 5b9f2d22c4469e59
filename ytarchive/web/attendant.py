"""Looks after the jobs that people asked for: begins them, and tells how they stand when something happened."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable

from ytarchive.core.errand import Errand
from ytarchive.errors import YtarchiveError
from ytarchive.reconciler import World, errands
from ytarchive.reconciler.happenings import Happening
from ytarchive.web.office import Office

LOOK_SECONDS = 1.0
BEGIN_SECONDS = 60.0
"""How long the loop may be busy before a beginning is tried again later."""


class Attendant:
    """A thread of its own; whatever it changes, the loop does for it. Passes that it asked for are asked for again
    after a restart."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._closing = threading.Event()
        self._nudged = threading.Event()
        self._passes: dict[str, int] = {}
        self._seen = 0
        self._thread = threading.Thread(target=self._run, name="errands", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def nudge(self) -> None:
        """There is a new job, or one less."""
        self._nudged.set()

    def stop(self) -> None:
        self._closing.set()
        self._office.happenings.disturb()
        if self._thread.is_alive():
            self._thread.join(1)

    def _run(self) -> None:
        is_open = self._attended(None)
        while not self._closing.is_set():
            news = self._office.happenings.since(self._seen, LOOK_SECONDS)
            self._seen = max((one.id for one in news), default=self._seen)
            nudged = self._nudged.is_set()
            if nudged:
                self._nudged.clear()  # never what came after the look at it
            about = _videos(news)
            if nudged or self._passes or (is_open and about != set()):
                is_open = self._attended(None if nudged else about)

    def _attended(self, videos: set[str] | None) -> bool:
        """Begin what is new and compare the rest with the plan; whether anything is open. Trouble is met later."""
        try:
            for errand in self._unbegun() if videos is None else ():
                self._begin(errand)
            self._end_passes()
            return self._office.ask(lambda world: errands.settle(world, videos))
        except YtarchiveError:
            self._nudged.set()  # busy, or starting: later
            self._closing.wait(LOOK_SECONDS)
        except Exception:
            logging.getLogger(__name__).exception("looking after jobs")
        return True

    def _unbegun(self) -> list[Errand]:
        with self._office.reading() as world:
            found = world.index.open_errands()
        return [one for one in found if not one.begun or (one.kind == "entry" and one.id not in self._passes)]

    def _begin(self, errand: Errand) -> None:
        def begin(world: World) -> None:
            errands.begin(world, errand.id)

        self._office.ask(begin, timeout_seconds=BEGIN_SECONDS)
        if errand.kind == "entry":
            self._passes[errand.id] = self._office.wake("a job", entry=errand.subject)
        elif errand.kind == "playlist":
            self._office.wake("a job", lists=False)

    def _end_passes(self) -> None:
        health = self._office.health()
        ended = [errand for errand, number in self._passes.items() if health.passes >= number]
        last = health.last
        for errand in ended:
            stopped = last.stopped if last is not None else None

            def end(world: World, errand: str = errand, stopped: str | None = stopped) -> None:
                errands.end_pass(world, errand, stopped, failed=stopped is not None)

            self._office.ask(end)
            del self._passes[errand]


def _videos(news: Iterable[Happening]) -> set[str] | None:
    """The videos that something happened to; None: to any of them."""
    videos: set[str] = set()
    for one in news:
        if one.kind in ("pass", "manifests"):
            return None
        if one.kind in ("ended", "started"):
            videos.add(str(one.data.get("video")))
    return videos
