"""Print the matrix of faults and stages, each brought about for real: `python tests/matrix/print_matrix.py [WORDS]`."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from matrix_bench import Outcome, run_all

_ROW = "{:<15} {:<36} {:<14} {:<10} {:<24} {:<9} {:<18} {}"


def row(outcome: Outcome) -> str:
    cell = outcome.cell
    waits = "-" if outcome.waits_seconds is None else f"{outcome.waits_seconds / 60:,.0f} min"
    step = f"{outcome.bucket}, {outcome.reason}" + (", stops" if outcome.stopped else "")
    return _ROW.format(
        cell.stage,
        cell.fault,
        outcome.code or "-",
        outcome.kind,
        step,
        waits,
        outcome.on_disk,
        outcome.afterwards,
    )


if __name__ == "__main__":
    began = time.monotonic()
    print(_ROW.format("stage", "fault", "code", "kind", "next step", "within", "on disk", "afterwards"))
    with TemporaryDirectory() as folder:
        outcomes = run_all(Path(folder), lambda one: print(row(one), flush=True), only=" ".join(sys.argv[1:]))
    print(f"{len(outcomes)} cells in {time.monotonic() - began:.0f} s")
