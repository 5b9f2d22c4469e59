"""One step of a pass in a process of its own: `python -m benchmarks.steps STEP FOLDER` prints seconds as JSON.

The process is what memory is measured of; the seconds are of the step alone, without the start of Python.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.converged import Converged
from ytarchive import reconciler
from ytarchive.adapters.archive import open_archive
from ytarchive.adapters.clock import SystemClock
from ytarchive.adapters.index import Index
from ytarchive.adapters.manifest_files import Loaded
from ytarchive.core.manifests import Manifests
from ytarchive.reconciler import World
from ytarchive.reconciler.world import index_path
from ytarchive.settings import Settings


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds on the wall and of processor time, and what the step counted."""

    wall_seconds: float
    cpu_seconds: float
    count: int


def plan_once(world: World) -> Callable[[], int]:
    """Decide about every row; counts the decisions that are no "nothing to do"."""
    return lambda: sum(1 for _ in reconciler.plan(world)[1])


def plan_document(world: World) -> Callable[[], int]:
    """The same as one value, which `plan` shows; counts its actions."""
    return lambda: len(reconciler.plan_document(world).actions)


def scan_times(world: World) -> Callable[[], int]:
    """Compare the time of every item's folder; counts what differs."""
    return lambda: sum(1 for _ in world.archive.scan(world.index, sizes=False))


def scan_sizes(world: World) -> Callable[[], int]:
    """Compare the sizes of all files too."""
    return lambda: sum(1 for _ in world.archive.scan(world.index))


STEPS = {step.__name__: step for step in (plan_once, plan_document, scan_times, scan_sizes)}


@contextmanager
def _opened(settings: Settings) -> Iterator[World]:
    """The world without a look at disk and manifests; what a plan remembers is written, as in a pass."""
    archive = open_archive(settings.archive.root, known_id=None)
    nothing = Loaded((), (), (), (), Manifests())
    with Index.open(index_path(settings)) as index:
        yield World(settings, archive, index, nothing, SystemClock())


def main(name: str, folder: Path) -> None:
    with _opened(Converged(folder, dict(os.environ)).settings) as world:
        work = STEPS[name](world)
        began, spent = time.perf_counter(), time.process_time()
        count = work()
        told = Spent(time.perf_counter() - began, time.process_time() - spent, count)
    print(json.dumps(asdict(told)))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
