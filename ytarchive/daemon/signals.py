"""Signals, heard by a thread: a handler that runs between two steps of the loop must not touch its locks."""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

HEARD = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


@contextmanager
def heard(tell: Callable[[int], None]) -> Iterator[None]:
    """While this is entered, `tell` is called for each of these signals, on a thread of its own."""
    ear, mouth = socket.socketpair()
    mouth.setblocking(False)
    before = signal.set_wakeup_fd(mouth.fileno(), warn_on_full_buffer=False)
    handlers = {number: signal.signal(number, lambda *_: None) for number in HEARD}

    def listen() -> None:
        while numbers := ear.recv(64):
            for number in numbers:
                if number in handlers:
                    tell(number)

    thread = threading.Thread(target=listen, name="ytarchive-signals", daemon=True)
    thread.start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(before)
        for number, handler in handlers.items():
            signal.signal(number, handler)
        mouth.close()
        thread.join()
        ear.close()


def at_once() -> None:
    """Leave without another step; workers end themselves, since their standard input closes."""
    os._exit(130)
