"""Every fault at every stage ends in its code, kind and next step, and nothing is lost or corrupted."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from matrix_bench import Outcome, run_all
from matrix_cells import CELLS

from ytarchive.core.backoff import longest_wait_seconds
from ytarchive.core.instant import DAY


def test_every_fault_at_every_stage_ends_as_the_table_says(tmp_path: Path) -> None:
    outcomes = run_all(tmp_path)

    assert len(outcomes) == len(CELLS) >= 60
    wrong = [f"{outcome.cell.name}: {why}" for outcome in outcomes for why in _wrong(outcome)]
    assert wrong == []


def test_every_cell_is_there_once() -> None:
    assert [name for name, count in Counter(cell.name for cell in CELLS).items() if count > 1] == []


def _wrong(outcome: Outcome) -> list[str]:
    cell = outcome.cell
    expected = (cell.code, cell.kind, cell.bucket, cell.reason, cell.stops)
    found = (outcome.code, outcome.kind, outcome.bucket, outcome.reason, outcome.stopped)
    whole = "whole" if cell.part != "list" else "complete, 250 lines"
    checks = {
        f"ended as {found}, expected {expected}": found == expected,
        f"on disk: {outcome.on_disk}": "DAMAGED" not in outcome.on_disk,
        f"afterwards: {outcome.afterwards}": outcome.afterwards in (whole, "-"),
        f"next after {outcome.waits_seconds} s": _is_within_policy(outcome),
    }
    return [why for why, holds in checks.items() if not holds]


def _is_within_policy(outcome: Outcome) -> bool:
    if outcome.code is None or outcome.waits_seconds is None:
        return outcome.code is None and outcome.waits_seconds is None
    longest = longest_wait_seconds(outcome.code, 1) if outcome.code != "UPCOMING" else DAY
    return -60 <= outcome.waits_seconds <= longest
