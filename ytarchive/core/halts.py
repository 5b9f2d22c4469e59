"""Halts: the engine is broken, the network is down, the disk is full. Verdicts on more than one video.

Each pauses downloads, lets one job out now and then to see whether it still holds, and lifts by itself. None of
them is ever a verdict on a video.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from ytarchive.core.failure_table import RULES, Cure, policy
from ytarchive.core.instant import HOUR, MINUTE, Instant

HaltName = Literal["engine", "network", "disk"]
NAMES: tuple[HaltName, ...] = ("engine", "network", "disk")

COMMON_VIDEOS = 3
COMMON_SECONDS = 30 * MINUTE
OUTAGES_IN_A_ROW = 3
CANARY_SECONDS = (30 * MINUTE, HOUR, 3 * HOUR, 6 * HOUR)
PROBE_SECONDS = (2, 6, 18)
"""Waits before each probe of the network in one pass; once the last probe failed as well, the pass ends."""

UNEXPLAINED = frozenset(rule.code for rule in RULES if rule.engine_when_common and rule.charged_to == "video")


@dataclass(frozen=True, slots=True)
class Halt:
    """`is_on`: it holds, since `since`. `probes` of it failed so far; the next one may go out at `probe_at`.

    What was met before `lifted_at` proves nothing any more.
    """

    name: HaltName
    is_on: bool = False
    since: int = 0
    code: str | None = None
    message: str = ""
    probes: int = 0
    probe_at: int = 0
    lifted_at: int = 0


@dataclass(frozen=True, slots=True)
class Notice:
    """A halt as it is told: what holds, since when, when that is looked at next, and what a person can do."""

    name: str
    what: str
    since: Instant
    next_at: Instant | None = None
    actions: tuple[Cure, ...] = ()


@dataclass(frozen=True, slots=True)
class Met:
    """One failed job: which code its video met, and when."""

    code: str
    video: str
    at: int


def is_common(met: Iterable[Met], code: str, now: int, lifted_at: int) -> bool:
    """Whether so many different videos met the same unexplained code lately that it cannot be the videos."""
    since = max(now - COMMON_SECONDS, lifted_at + 1)
    videos = {one.video for one in met if one.code == code and since <= one.at <= now}
    return code in UNEXPLAINED and len(videos) >= COMMON_VIDEOS


def begun(halt: Halt, code: str, message: str, now: int) -> Halt:
    """It holds from now on; if it did, the newest trouble is told. The first probe of an engine goes out at once."""
    if halt.is_on:
        return replace(halt, code=code, message=message)
    wait = PROBE_SECONDS[0] if halt.name == "network" else 0
    return Halt(halt.name, True, now, code, message, 0, now + wait, halt.lifted_at)


def probe_failed(halt: Halt, now: int) -> Halt:
    """Each probe that fails is followed by a longer wait; the last one repeats."""
    waits = PROBE_SECONDS[1:] if halt.name == "network" else CANARY_SECONDS
    wait = waits[min(halt.probes, len(waits) - 1)]
    return replace(halt, probes=halt.probes + 1, probe_at=now + wait)


def is_hopeless(halt: Halt) -> bool:
    """Whether so many probes of the network failed that a pass waits no longer."""
    return halt.name == "network" and halt.is_on and halt.probes >= len(PROBE_SECONDS)


def at_once(halt: Halt, now: int) -> Halt:
    """A new pass looks at once whether it still holds."""
    return replace(halt, probes=0, probe_at=now)


def lifted(halt: Halt, now: int) -> Halt:
    return Halt(halt.name, lifted_at=now)


def notice(halt: Halt) -> Notice:
    """How a halt that holds is told."""
    rule = policy(halt.code or "UNKNOWN")
    return Notice(
        name=halt.name,
        what=_WHAT[halt.name].format(code=rule.code, meaning=rule.meaning),
        since=halt.since,
        next_at=halt.probe_at if halt.name == "engine" else None,
        actions=(UPGRADE,) if halt.name == "engine" else tuple(filter(_is_for_all, rule.cures)),
    )


def _is_for_all(cure: Cure) -> bool:
    """Whether it can be done as it stands, and is not about one video."""
    return not any(template and "{" in template for template in (cure.command, cure.edit))


def why_wait(halt: Halt) -> str:
    """The same in a phrase, for a pass that ends before its work does."""
    return _WHY[halt.name].format(code=halt.code)


UPGRADE = Cure("Upgrade the engine", command="ytarchive engine upgrade")
_WHAT: dict[HaltName, str] = {
    "engine": (
        "The engine seems to be broken: several videos met {code} within half an hour ({meaning}) "
        "Downloads pause, and one video goes on to see whether that still holds."
    ),
    "network": "YouTube cannot be reached: {code} ({meaning}) Downloads pause until one video gets through.",
    "disk": "The archive's disk is full: nothing is written until there is room.",
}
_WHY: dict[HaltName, str] = {
    "engine": "the engine seems to be broken ({code} on several videos): upgrade it with `ytarchive engine upgrade`",
    "network": "YouTube cannot be reached ({code})",
    "disk": "the archive's disk is full",
}


def fits(free_bytes: int, reserved_bytes: int, needed_bytes: int, min_free_bytes: int) -> bool:
    """Whether one more download may begin: twice its size is reserved, since parts and the merged file coexist."""
    return free_bytes - reserved_bytes - 2 * needed_bytes >= min_free_bytes
