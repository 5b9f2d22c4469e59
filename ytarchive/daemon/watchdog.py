"""The service manager's watchdog is fed only while the loop gets on: a daemon that hangs is started anew."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ytarchive.daemon import notify


@contextmanager
def fed(gets_on: Callable[[], bool]) -> Iterator[None]:
    """While this is entered, tell the service manager that we live, as long as `gets_on` says so."""
    seconds = notify.watchdog_seconds()
    if seconds is None:
        yield
        return
    stop = threading.Event()

    def feed() -> None:
        while not stop.wait(seconds / 4):
            if gets_on():
                notify.alive()

    thread = threading.Thread(target=feed, name="ytarchive-watchdog", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
