"""The measurements of large archives begin well, tiny; what they measure is compared by people, on a quiet machine."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from benchmarks.scale import SCALES


@pytest.mark.parametrize("name", SCALES)
def test_first_step_of_a_measurement_runs_and_tells_time_and_memory(name: str, tmp_path: Path) -> None:
    steps: Any = SCALES[name].measure(tmp_path, 20)
    with closing(steps):
        measured = next(steps)
    assert measured.failure is None, measured
    assert measured.wall_seconds > 0
    assert measured.resident_bytes > 10 * 2**20
