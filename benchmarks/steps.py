"""One step of a pass in a process of its own: `python -m benchmarks.steps STEP FOLDER` prints seconds as JSON.

The process is what memory is measured of; the seconds are of the step alone, without the start of Python.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.converged import Converged
from ytarchive.reconciler import World, open_reading, plan


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds on the wall and of processor time, and what the step counted."""

    wall_seconds: float
    cpu_seconds: float
    count: int


def plan_once(world: World) -> Callable[[], int]:
    """Decide about every row; counts the decisions that are no "nothing to do"."""
    return lambda: sum(1 for _ in plan(world)[1])


def plan_again(world: World) -> Callable[[], int]:
    """The same, after a plan of the same rows."""
    plan_once(world)()
    return plan_once(world)


def scan_times(world: World) -> Callable[[], int]:
    """Compare the time of every item's folder; counts what differs."""
    return lambda: sum(1 for _ in world.archive.scan(world.index, sizes=False))


def scan_sizes(world: World) -> Callable[[], int]:
    """Compare the sizes of all files too."""
    return lambda: sum(1 for _ in world.archive.scan(world.index))


STEPS = {step.__name__: step for step in (plan_once, plan_again, scan_times, scan_sizes)}


def main(name: str, folder: Path) -> None:
    with open_reading(Converged(folder, dict(os.environ)).settings) as world:
        work = STEPS[name](world)
        began, spent = time.perf_counter(), time.process_time()
        count = work()
        told = Spent(time.perf_counter() - began, time.process_time() - spent, count)
    print(json.dumps(asdict(told)))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
