"""Things that go wrong on purpose, at run time: which requests they hit, how often, and what happens to them."""

from __future__ import annotations

import random
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import Any


class FaultKind(StrEnum):
    """What happens to a request. `value` is explained for each."""

    LATENCY = "latency"
    """The answer waits `value` milliseconds."""
    THROTTLE = "throttle"
    """The body is sent at `value` bytes per second."""
    STATUS = "status"
    """The answer is HTTP status `value`."""
    RESET = "reset"
    """The connection is reset after `value` bytes of the answer; 0 resets before the first."""
    TRUNCATE = "truncate"
    """The connection is closed after the fraction `value` of the body (0 means half)."""
    STALL = "stall"
    """The connection goes silent for `value` seconds after half the body, then is closed; 0 means for ever."""
    MALFORMED = "malformed"
    """The JSON in the answer is broken off and followed by garbage, under a correct length."""
    EMPTY_FORMATS = "empty_formats"
    """A player response, or a watch page's, without streams."""
    EMPTY_PAGE = "empty_page"
    """A continuation that has lost its items."""
    SHORT_LIST = "short_list"
    """A page of a list without a continuation: the list seems to end there."""
    REENCODE = "reencode"
    """The video has been encoded anew before this request: other length, modification time and bytes."""
    WRONG_VIDEO = "wrong_video"
    """A player response for another video."""
    WRONG_ID = "wrong_id"
    """A Data API answer about another id than was asked for."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One rule; a field that is None matches everything.

    `request` is a kind of request as the counters name it, or one method of it, such as `data_api/videos` or `player/TVHTML5`; `host` a host name (or its end, such as `googlevideo.com`).
    The first `skip` matching requests pass, then each is hit with `probability`, at most `count` times. `reason` is
    what the Data API calls an error, such as `quotaExceeded`.
    """

    kind: FaultKind
    value: float = 0
    request: str | None = None
    host: str | None = None
    video: str | None = None
    playlist: str | None = None
    count: int | None = None
    skip: int = 0
    probability: float = 1.0
    seed: int = 0
    reason: str | None = None

    def matches(self, request: str, host: str, video: str | None, playlist: str | None) -> bool:
        """Tell whether the rule is about such a request."""
        return (
            self.request in (None, request, request.partition("/")[0])
            and (self.host is None or host.endswith(self.host))
            and self.video in (None, video)
            and self.playlist in (None, playlist)
        )


def fault_from_json(content: Mapping[str, Any]) -> Fault:
    """Return the fault a JSON object describes; ValueError names what is wrong with it."""
    unknown = set(content) - {field.name for field in fields(Fault)}
    if unknown:
        raise ValueError(f"unknown fields of a fault: {', '.join(sorted(unknown))}")
    return Fault(**{**content, "kind": FaultKind(content.get("kind", ""))})


class _Armed:
    """A fault together with how often it has matched."""

    def __init__(self, number: int, fault: Fault) -> None:
        self.number = number
        self.fault = fault
        self.seen = 0
        self.fired = 0
        self._random = random.Random(fault.seed)

    def fires(self) -> bool:
        self.seen += 1
        if self.seen <= self.fault.skip or (self.fault.count is not None and self.fired >= self.fault.count):
            return False
        if self.fault.probability < 1 and self._random.random() >= self.fault.probability:
            return False
        self.fired += 1
        return True


class Faults:
    """The rules in force."""

    def __init__(self) -> None:
        self._armed: list[_Armed] = []
        self._lock = threading.Lock()
        self._next = 1

    def add(self, fault: Fault) -> int:
        """Put a rule in force and return its number."""
        with self._lock:
            number, self._next = self._next, self._next + 1
            self._armed = [*self._armed, _Armed(number, fault)]
        return number

    def remove(self, number: int | None = None) -> None:
        """End one rule, or all of them."""
        with self._lock:
            self._armed = [armed for armed in self._armed if number is not None and armed.number != number]

    def take(self, request: str, host: str, video: str | None, playlist: str | None) -> tuple[Fault, ...]:
        """Return the faults that hit this request, and count them."""
        if not self._armed:
            return ()
        with self._lock:
            return tuple(
                armed.fault
                for armed in self._armed
                if armed.fault.matches(request, host, video, playlist) and armed.fires()
            )

    def report(self) -> list[dict[str, Any]]:
        """Return every rule with its number and how often it has hit."""
        with self._lock:
            return [
                {"number": armed.number, "fired": armed.fired, **asdict(armed.fault)} for armed in self._armed
            ]
