"""Upgrade, go back, pin: each is one change of the choice, after which new workers have another engine.

Running jobs end on the engine that they began with: a worker takes the new one before its next job.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from ytarchive.adapters.engines.index import find_release, install
from ytarchive.adapters.engines.rack import Rack
from ytarchive.adapters.engines.self_test import self_test
from ytarchive.core.engines import (
    BUILT_IN,
    Choice,
    Installed,
    SelfTest,
    Step,
    is_version,
    normal,
    switched,
    version_key,
)
from ytarchive.errors import UsageError, YtarchiveError

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Change:
    """What became of a command: the engine before and now (a version or "built-in"), and what was removed."""

    before: str
    now: str
    changed: bool
    pinned: bool
    installed: bool = False
    removed: tuple[str, ...] = ()


def upgrade(rack: Rack, version: str | None, tell: Tell, *, pinned: bool = False) -> Change:
    """Take a version, or the newest; install it where it is not there. Raise what says why nothing was changed."""
    wanted = None if version is None else _asked(version)
    with rack.changing():
        choice, before = rack.choice(), rack.in_force()
        if choice.pinned and not pinned:
            raise YtarchiveError(
                f"the engine is pinned to {choice.engine}", cure="allow another with `ytarchive engine unpin`"
            )
        engine, made = _obtain(rack, wanted, before, tell)
        if engine == before == choice.engine and choice.pinned == pinned:
            return Change(before, before, changed=False, pinned=choice.pinned)
        return _switch(rack, choice, before, engine, pinned=pinned, installed=made)


def go_back(rack: Rack) -> Change:
    """Take the engine that was in force before the last switch."""
    with rack.changing():
        choice, before = rack.choice(), rack.in_force()
        if choice.pinned:
            raise YtarchiveError(
                f"the engine is pinned to {choice.engine}", cure="allow another with `ytarchive engine unpin`"
            )
        previous = choice.previous
        if previous is None or previous == before:
            raise YtarchiveError(
                "there is no engine to go back to",
                cure="`ytarchive engine list` shows what there is; `ytarchive engine upgrade VERSION` takes any",
            )
        if not rack.is_there(previous):
            raise YtarchiveError(
                f"the engine {previous} is not there any more",
                cure=f"install it again: `ytarchive engine upgrade {previous}`",
            )
        return _switch(rack, choice, before, previous, pinned=False)


def pin(rack: Rack, version: str | None, tell: Tell) -> Change:
    """Stay with a version, or with the one in force, whatever comes."""
    return upgrade(rack, version or rack.version_of(rack.in_force()), tell, pinned=True)


def unpin(rack: Rack) -> Change:
    with rack.changing():
        choice, before = rack.choice(), rack.in_force()
        if choice.pinned:
            rack.choose(replace(choice, pinned=False))
        return Change(before, rack.in_force(), changed=choice.pinned, pinned=False)


def _asked(version: str) -> str:
    if not is_version(version):
        raise UsageError(
            f"found the version {version!r}, expected one of yt-dlp such as 2026.10.26",
            cure="`python -m pip index versions yt-dlp` lists them",
        )
    return normal(version)


def _switch(
    rack: Rack, choice: Choice, before: str, to: str, *, pinned: bool, installed: bool = False
) -> Change:
    new = switched(choice, before, to, built_in=rack.built_in, at=int(time.time()), pinned=pinned)
    removed = rack.choose(new)
    return Change(before, to, changed=True, pinned=pinned, installed=installed, removed=removed)


def _obtain(rack: Rack, wanted: str | None, before: str, tell: Tell) -> tuple[str, bool]:
    """The name of the engine to take, and whether it had to be installed."""
    if wanted is not None and (name := _here(rack, wanted)):
        return name, False
    tell(f"Asking the package index for yt-dlp {wanted or '(newest)'} ...")
    release = find_release(wanted)
    if wanted is None:
        if version_key(release.version) <= version_key(rack.version_of(before)):
            return before, False
        if name := _here(rack, release.version):
            return name, False
    tell(f"Installing yt-dlp {release.version} with yt-dlp-ejs {release.solver} ...")
    with rack.making() as folder:
        install(release, folder)
        tell("Testing it offline ...")
        test = self_test(folder)
        _accept(test, release.version, release.solver)
        home = str(rack.home(release.version))
        made = Installed(release.version, release.solver, int(time.time()), replace(test, home=home))
        rack.put_in_place(folder, made)
    return release.version, True


def _here(rack: Rack, version: str) -> str | None:
    """The engine of that version, when it is here and may still be used."""
    if version == rack.built_in:
        return BUILT_IN
    return version if rack.is_there(version) else None


def _accept(test: SelfTest, version: str, solver: str) -> None:
    """Raise `YtarchiveError` for an engine that cannot be used."""
    wrong = test.failed
    if wrong is None and (normal(test.yt_dlp or "0"), normal(test.ejs or "0")) != (version, normal(solver)):
        found = f"it says that it is yt-dlp {test.yt_dlp} with yt-dlp-ejs {test.ejs}"
        wrong = Step("versions", "failed", found)
    if wrong is not None:
        raise YtarchiveError(
            f"yt-dlp {version} fails its self-test ({wrong.name}): {wrong.found}; the engine in use stays as it is",
            cure="run `ytarchive doctor`, or wait for the next release; nothing was changed",
        )
