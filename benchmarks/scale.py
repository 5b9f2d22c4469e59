"""How ytarchive does with large archives: passes, plans and scans in which little or nothing is to be done."""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks import converged, rows
from benchmarks.converged import Converged
from benchmarks.measure import Cost, run
from ytarchive.adapters.index import Index
from ytarchive.reconciler.disk import SIZES_LOOKED_AT
from ytarchive.simulator.process import SimulatorProcess

PASS = (sys.executable, "-m", "ytarchive", "--quiet", "reconcile", "--once")


@dataclass(frozen=True, slots=True)
class Measured:
    """One line of a table. `wall_seconds` and `cpu_seconds` are of the whole process, unless a step was timed."""

    step: str
    wall_seconds: float
    cpu_seconds: float
    resident_bytes: int
    failure: str | None = None


@dataclass(frozen=True, slots=True)
class Scale:
    """A measurement of ytarchive alone. `measure` makes what it needs below the folder that it is given."""

    what: str
    videos: int
    measure: Callable[[Path, int], Iterator[Measured]]


def _noop(folder: Path, items: int) -> Iterator[Measured]:
    made = converged.make(folder / "ids", items, "ids")
    yield _whole("a pass; ids in a manifest", made.folder, PASS, made.environment)
    with Index.open(rows.index_of(made)) as index:
        index.remember(SIZES_LOOKED_AT, "0")
    yield _whole("the first one of a day, which compares sizes", made.folder, PASS, made.environment)
    shutil.rmtree(made.folder)
    made = converged.make(folder / "playlist", items, "playlist")
    with SimulatorProcess() as youtube:
        network = {**made.environment, **youtube.environment()}
        yield _whole("a pass; one playlist, looked at", made.folder, PASS, network)


def _plan(folder: Path, count: int) -> Iterator[Measured]:
    made = rows.make(folder, count)
    yield _step("everything is missing, row by row", "plan_once", made, expected=count)
    yield _step("everything is missing, as one value", "plan_document", made, expected=count)
    rows.put_everything(made, count)
    yield _step("everything is there", "plan_once", made)
    yield _step("nothing changed since", "plan_once", made)


def _scan(folder: Path, items: int) -> Iterator[Measured]:
    made = converged.make(folder, items, "ids")
    yield _step("folders' times", "scan_times", made)
    yield _step("files' sizes too", "scan_sizes", made)
    rebuild = (sys.executable, "-m", "ytarchive", "--quiet", "index", "rebuild")
    yield _whole("every item.json: a new index", made.folder, rebuild, made.environment)


SCALES = {
    "noop-archive": Scale("items, all on disk and wanted: nothing is to be done", 100_000, _noop),
    "plan": Scale("made-up rows of the index, decided about", 1_000_000, _plan),
    "scan": Scale("items on disk, compared with the index", 100_000, _scan),
}


def measure(console: Console, name: str, videos: int | None) -> bool:
    """Print one table; true when something failed. What was made is removed."""
    scale = SCALES[name]
    videos = videos or scale.videos
    with tempfile.TemporaryDirectory(prefix="ytarchive-bench-") as folder, console.status(f"{name} ..."):
        measured = list(scale.measure(Path(folder), videos))
    console.print(f"{name}: {videos:,} {scale.what}", style="bold")
    table = Table("", "wall clock, s", "processor, s", "memory, MiB")
    for line in measured:
        figures = (line.wall_seconds, line.cpu_seconds)
        table.add_row(
            line.step, *(f"{figure:.2f}" for figure in figures), f"{line.resident_bytes / 2**20:.0f}"
        )
    console.print(table)
    for line in measured:
        if line.failure:
            console.print(f"{line.step}: {line.failure}", style="red", markup=False)
    return any(line.failure for line in measured)


def _whole(step: str, folder: Path, command: tuple[str, ...], environment: Mapping[str, str]) -> Measured:
    cost = run(command, folder, environment)
    return Measured(step, cost.wall_seconds, cost.cpu_seconds, cost.resident_bytes, _failure(cost))


def _step(step: str, name: str, made: Converged, *, expected: int = 0) -> Measured:
    command = (sys.executable, "-m", "benchmarks.steps", name, str(made.folder))
    cost = run(command, Path.cwd(), made.environment)
    failure = _failure(cost)
    if failure:
        return Measured(step, cost.wall_seconds, cost.cpu_seconds, cost.resident_bytes, failure)
    spent = json.loads(cost.output)
    wrong = f"{spent['count']} came, not {expected}" if spent["count"] != expected else None
    return Measured(step, spent["wall_seconds"], spent["cpu_seconds"], cost.resident_bytes, wrong)


def _failure(cost: Cost) -> str | None:
    return f"exit {cost.exit_code}: {cost.output[-2000:]}" if cost.exit_code else None
