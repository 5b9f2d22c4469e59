"""What `doctor` looks at: one value for each check, and a time limit for every one of them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Literal

Status = Literal["ok", "warning", "failed", "skipped"]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at. A `warning` is worth reading, only `failed` keeps ytarchive from working."""

    name: str
    status: Status
    found: str
    cure: str | None = None
    expected: str | None = None
    group: str = ""


@dataclass(frozen=True, slots=True)
class DoctorAnswer:
    """`doctor`: `ok` is false when a check has failed; warnings do not count."""

    ok: bool
    checks: tuple[Check, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """Checks of one group that are made one after the other, each within `seconds`."""

    group: str
    name: str
    look: Callable[[], Iterable[Check]]
    seconds: float = 30.0
    cure: str = "see whether a disk or a mount hangs (`df`, the system's log), then try again"


def bounded(section: Section) -> Iterator[Check]:
    """The checks of a section as they come. One that does not end in time has failed, and ends its section.

    A call into a dead mount cannot be ended: it is left behind in a thread that keeps no process alive.
    """
    told: SimpleQueue[Check | BaseException | None] = SimpleQueue()

    def look() -> None:
        try:
            for check in section.look():
                told.put(check)
        except BaseException as error:  # told on the other side
            told.put(error)
        told.put(None)

    threading.Thread(target=look, name=f"ytarchive-{section.name}", daemon=True).start()
    while True:
        try:
            check = told.get(timeout=section.seconds)
        except Empty:
            found = f"no answer within {section.seconds:g} seconds"
            yield Check(section.name, "failed", found, section.cure, "an answer", section.group)
            return
        if check is None:
            return
        if isinstance(check, BaseException):
            raise check
        yield Check(
            check.name, check.status, check.found, check.cure, check.expected, check.group or section.group
        )
