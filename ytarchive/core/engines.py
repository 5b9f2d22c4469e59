"""Which yt-dlp new workers are started with: a choice between the built-in one and those in folders of their own.

Versions of yt-dlp are dates with dots (`2026.10.26`); the program itself pads its numbers with zeros and the package
index does not, so they are compared as numbers (`version_key`) and folders are named by `normal`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import Literal

from ytarchive.core.instant import Instant

BUILT_IN = "built-in"
Outcome = Literal["ok", "failed", "skipped"]

_VERSION = re.compile(r"[0-9]{1,8}(?:\.[0-9]{1,8}){1,4}(?:\.dev[0-9]{1,8})?")
# yt-dlp's metadata pins the challenge solver that it was made for: `yt-dlp-ejs==0.8.0; extra == 'default'`.
_SOLVER = re.compile(r"yt[-_.]dlp[-_.]ejs\s*\(?==\s*([0-9][0-9A-Za-z.]*)")


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a self-test, and what was found."""

    name: str
    outcome: Outcome
    found: str


@dataclass(frozen=True, slots=True)
class SelfTest:
    """What an engine says of itself in a process of its own. `home` is the folder that both were loaded from."""

    yt_dlp: str | None = None
    ejs: str | None = None
    home: str | None = None
    steps: tuple[Step, ...] = ()

    @property
    def failed(self) -> Step | None:
        """The first step that failed; None for an engine that can be used."""
        if not self.steps:
            return Step("start", "failed", "it did not say anything")
        return next((step for step in self.steps if step.outcome == "failed"), None)


@dataclass(frozen=True, slots=True)
class Installed:
    """`engine.json` of an engine's folder, written last: the folder is whole when it is there."""

    yt_dlp: str
    ejs: str
    installed_at: Instant
    self_test: SelfTest
    format: int = 1


@dataclass(frozen=True, slots=True)
class Choice:
    """`choice.json`: what a person chose, and what was in force before. Each is a version or "built-in".

    `built_in` is the built-in version at that time: a newer one, which comes with a newer ytarchive, takes over from
    an older engine, unless that is pinned.
    """

    engine: str = BUILT_IN
    previous: str | None = None
    pinned: bool = False
    built_in: str | None = None
    chosen_at: Instant = 0
    format: int = 1

    @property
    def kept(self) -> frozenset[str]:
        """The engines whose folders stay."""
        return frozenset(name for name in (self.engine, self.previous) if name and name != BUILT_IN)


def is_version(text: str) -> bool:
    return _VERSION.fullmatch(text) is not None


def normal(version: str) -> str:
    """`2026.08.19` as the package index writes it: `2026.8.19`."""
    return ".".join(part.lstrip("0") or "0" if part.isdigit() else part for part in version.split("."))


def version_key(version: str) -> tuple[int, ...]:
    """Orders versions: `2026.8.19` before `2026.10.1`; a development version before the release of its number."""
    release, _, development = version.partition(".dev")
    numbers = tuple(int(number) for number in re.findall(r"[0-9]+", release)[:5])
    padded = numbers + (0,) * (5 - len(numbers))
    return (*padded, 0, int(development)) if development.isdigit() else (*padded, 1, 0)


def solver_of(requirements: Iterable[str]) -> str | None:
    """The exact yt-dlp-ejs that a release of yt-dlp asks for; None when it names none, or several."""
    found = {match[1] for line in requirements if (match := _SOLVER.match(line.strip()))}
    return found.pop() if len(found) == 1 else None


def in_force(choice: Choice, installed: Collection[str], built_in: str) -> str:
    """The engine for the next worker. One that is chosen and not there leaves the built-in one, which always is."""
    if choice.engine not in installed:
        return BUILT_IN
    came_later = choice.built_in != built_in and version_key(built_in) > version_key(choice.engine)
    return BUILT_IN if came_later and not choice.pinned else choice.engine


def switched(choice: Choice, current: str, to: str, *, built_in: str, at: Instant, pinned: bool) -> Choice:
    """The choice of `to` after `current` was in force, which becomes the one to go back to."""
    previous = choice.previous if to == current else current
    return replace(
        choice,
        engine=to,
        previous=None if previous == to else previous,
        pinned=pinned,
        built_in=built_in,
        chosen_at=at,
    )
