"""The rolling scrub: what is on disk is compared with its checksums, a little at a time, beside everything else.

It reads in a thread of its own and asks the loop to keep what it found; what is damaged is then fetched again.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import structlog

from ytarchive.adapters.index import ToVerify
from ytarchive.core.scrub import pause_seconds
from ytarchive.daemon.desk import Desk
from ytarchive.errors import BusyError, YtarchiveError
from ytarchive.reconciler import World
from ytarchive.reconciler.verifying import compare, record

PORTION = 50
LOOK_SECONDS = 300.0
ASK_SECONDS = 600.0


@contextmanager
def scrubbed(desk: Desk, bytes_per_second: int, look_seconds: float = LOOK_SECONDS) -> Iterator[None]:
    """While this is entered, items whose turn has come are read back, at most so fast; at a rate of 0 none is."""
    if not bytes_per_second:
        yield
        return
    scrub = _Scrub(desk, bytes_per_second, look_seconds)
    thread = threading.Thread(target=scrub.run, name="ytarchive-scrub", daemon=True)
    thread.start()
    try:
        yield
    finally:
        scrub.stop.set()
        thread.join()


class _Stopped(Exception):
    """The daemon ends."""


class _Scrub:
    def __init__(self, desk: Desk, bytes_per_second: int, look_seconds: float) -> None:
        self.stop = threading.Event()
        self._desk = desk
        self._rate = bytes_per_second
        self._look_seconds = look_seconds
        self._log = structlog.get_logger("scrub")

    def run(self) -> None:
        while not self.stop.wait(self._look_seconds):
            try:
                while self._portion():
                    pass
            except _Stopped:
                return
            except (YtarchiveError, OSError) as error:
                self._log.warning(f"the scrub rests: {error}")

    def _portion(self) -> bool:
        """Compare some items; whether there may be more to do."""
        with self._desk.reading() as world:
            now = world.clock.now()
            due = world.index.to_verify(not_since=now, due_by=now, limit=PORTION)
            compared = sum(self._compare(world, one) for one in due)
        return len(due) == PORTION and compared > 0

    def _compare(self, world: World, one: ToVerify) -> bool:
        """Whether what was found is kept now."""
        try:
            found = compare(world, one, _Pace(self.stop, self._rate).rest)
        except FileNotFoundError:
            return False  # the next look at the disk tells what became of it
        try:
            damage = self._desk.ask(partial(record, found=found), timeout_seconds=ASK_SECONDS)
        except BusyError:
            return False  # it is compared again
        for each in damage:
            self._log.error(f"damaged: {each.why}", video=each.video)
        if damage:
            self._desk.wake(f"{one.video} is damaged", lists=False)
        return True


class _Pace:
    """Rests after each chunk of one item so that no more is read in a second than is allowed."""

    def __init__(self, stop: threading.Event, rate: int) -> None:
        self._stop = stop
        self._rate = rate
        self._began = time.monotonic()
        self._done = 0

    def rest(self, size: int) -> None:
        self._done += size
        if self._stop.wait(pause_seconds(self._done, time.monotonic() - self._began, self._rate)):
            raise _Stopped
