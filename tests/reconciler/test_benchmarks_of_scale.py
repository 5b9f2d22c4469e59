"""The measurements of large archives run, tiny; what they measure is compared by people, on a quiet machine."""

from __future__ import annotations

from pathlib import Path

import pytest
from benchmarks.scale import SCALES


@pytest.mark.parametrize("name", SCALES)
def test_measurement_runs_to_its_end_and_tells_time_and_memory(name: str, tmp_path: Path) -> None:
    for measured in SCALES[name].measure(tmp_path, 20):
        assert measured.failure is None, measured
        assert measured.wall_seconds > 0
        assert measured.resident_bytes > 10 * 2**20
