"""Checks of the programs: Python, the engine with its solver and deno, ffmpeg, PyAV.

Nothing of the engine is imported here: it is asked in a process of its own.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ytarchive.cli.checks import Check

if TYPE_CHECKING:
    from ytarchive.adapters.child import Ended
    from ytarchive.adapters.engines import Rack
    from ytarchive.core.engines import Step

OLDEST_PYTHON = (3, 11)
# Before 7.0.2, ffmpeg exits 0 when the disk is full while it writes MKV.
OLDEST_FFMPEG = (7, 0, 2)
CHILD_SECONDS = 60.0
REINSTALL = (
    "install ytarchive again: it brings everything that it needs (`pip install --force-reinstall ytarchive`)"
)


def programs() -> Iterator[Check]:
    """Python, ffmpeg, PyAV; the engine, its challenge solver and deno are `engine_checks`."""
    yield _python()
    yield _ffmpeg()
    yield _verifier()


def _python() -> Check:
    found = ".".join(str(number) for number in sys.version_info[:3])
    if sys.version_info[:2] < OLDEST_PYTHON:
        return Check("python", "failed", found, "use Python 3.11 or newer", "3.11 or newer")
    return Check("python", "ok", found, expected="3.11 or newer")


def _ffmpeg() -> Check:
    """Ask the worker's own search, in a process of its own."""
    expected = f"{'.'.join(map(str, OLDEST_FFMPEG))} or newer"
    cure = f"install imageio-ffmpeg, or ffmpeg {expected} on the PATH (older ones lose data on a full disk)"
    done = _run(
        [sys.executable, "-P", "-c", "from ytarchive.worker.ffmpeg import find_ffmpeg; print(find_ffmpeg())"]
    )
    if done.code != 0:
        said = done.last_words.rpartition("Missing: ")[2] or "it does not answer"
        return Check("ffmpeg", "failed", said, cure, expected)
    path = done.out.strip()
    shown = _run([path, "-version"])
    numbers = _version_in(shown.out) if shown.code == 0 else None
    if numbers is None:
        return Check("ffmpeg", "failed", f"{path} does not run", cure, expected)
    found = f"{'.'.join(map(str, numbers))} ({path})"
    if numbers < OLDEST_FFMPEG:
        return Check("ffmpeg", "failed", found, cure, expected)
    return Check("ffmpeg", "ok", found, expected=expected)


def _verifier() -> Check:
    done = _run([sys.executable, "-P", "-c", "import av; print(av.__version__)"])
    if done.code != 0:
        return Check("av", "failed", "PyAV does not load: downloads cannot be verified", REINSTALL)
    return Check("av", "ok", f"PyAV {done.out.strip()}")


def _run(command: list[str]) -> Ended:
    from ytarchive.adapters.child import run_child

    return run_child(command, seconds=CHILD_SECONDS)


def _version_in(text: str) -> tuple[int, ...] | None:
    found = re.search(r"(\d+)\.(\d+)(?:\.(\d+))?", text)
    return tuple(int(number or 0) for number in found.groups()) if found else None


# --- the engine

_STEPS = {
    "load": "engine",
    "start": "engine",
    "solver": "challenge solver",
    "deno": "deno",
    "extraction": "extraction",
}
_DENO_CURE = "install deno 2.9.8 or newer (https://deno.com) on the PATH; the `deno` package has none for this platform"


def engine_checks(rack: Rack) -> Iterator[Check]:
    """Which engine is in force, and its self-test: what an upgrade must pass as well. Offline."""
    from ytarchive.adapters.engines import self_test
    from ytarchive.core.engines import BUILT_IN

    yield from _choice(rack)
    engine = rack.in_force()
    cure = REINSTALL if engine == BUILT_IN else "go back with `ytarchive engine rollback`"
    with rack.use(engine):
        test = self_test(rack.home(engine))
    origin = "built-in" if engine == BUILT_IN else "installed"
    if test.failed and test.failed.name == "start":
        yield Check("engine", "failed", test.failed.found, cure)
    for step in test.steps:
        yield _step(step, origin, cure)


def _step(step: Step, origin: str, cure: str) -> Check:
    name = _STEPS.get(step.name, step.name)
    found = f"{step.found} ({origin})" if step.name == "load" else step.found
    if step.outcome == "ok":
        return Check(name, "ok", found)
    missing = step.name == "deno" and "deno" in step.found and "not found" in step.found
    return Check(name, step.outcome, found, _DENO_CURE if missing else cure)


def _choice(rack: Rack) -> Iterator[Check]:
    """What was chosen and does not hold is worth knowing: the work goes on with the built-in engine."""
    choice = rack.choice_as_written()
    if choice is None:
        yield Check(
            "engine choice",
            "warning",
            f"{rack.folder / 'choice.json'} cannot be read: the built-in engine is used",
            "choose again: `ytarchive engine upgrade`, or `ytarchive engine pin` to stay with it",
        )
    elif not rack.is_there(choice.engine):
        yield Check(
            "engine choice",
            "warning",
            f"yt-dlp {choice.engine} was chosen and is not there: the built-in engine is used",
            f"install it again: `ytarchive engine upgrade {choice.engine}`",
        )
