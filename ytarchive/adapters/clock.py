"""Time as something that is handed over: months pass in a test without waiting for them."""

from __future__ import annotations

import threading
import time
from typing import Protocol


class Clock(Protocol):
    """`now` in whole seconds since the epoch, `monotonic` in seconds from anywhere, never going back.

    `wait` returns after so many seconds, or as soon as somebody calls `wake`, also when that was before.
    One thread waits; any thread wakes.
    """

    def now(self) -> int: ...

    def monotonic(self) -> float: ...

    def wait(self, seconds: float) -> None: ...

    def wake(self) -> None: ...


class SystemClock:
    """The clock of this machine."""

    def __init__(self) -> None:
        self._woken = threading.Event()

    def now(self) -> int:
        return int(time.time())

    def monotonic(self) -> float:
        return time.monotonic()

    def wait(self, seconds: float) -> None:
        self._woken.wait(max(0.0, min(seconds, threading.TIMEOUT_MAX)))
        self._woken.clear()

    def wake(self) -> None:
        self._woken.set()
