"""A kill at any step of an adoption loses nothing, and adopting again finishes it.

Some steps by default; YTARCHIVE_TEST_ADOPT_KILLS=all takes every one, for links, copies and moves (a few minutes).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import adopt_kills
import pytest

PROGRAM = Path(adopt_kills.__file__)
ALL = os.environ.get("YTARCHIVE_TEST_ADOPT_KILLS") == "all"
SOME = {"link": ["15", "40"], "copy": ["30"], "move": ["60", "97"]}
"""While files are staged, while a video is committed, while the library is linked and sources go."""


@pytest.mark.parametrize("manner", ["link", "copy", "move"])
def test_an_adoption_killed_at_any_step_loses_nothing_and_is_finished_by_the_next(
    tmp_path: Path, manner: str
) -> None:
    told = ["all"] if ALL else SOME[manner]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("YTARCHIVE_")}
    done = subprocess.run(
        [sys.executable, "-W", "error", str(PROGRAM), str(tmp_path / "house"), manner, *told],
        env={**environment, "PYTHONPATH": f"{PROGRAM.parent}:{PROGRAM.parents[2]}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines()]

    assert len(found) == len(told) if not ALL else len(found) > 40
    for step in found:
        assert step["killed"] or step is found[-1]
        assert (step["lost"], step["broken"], step["broken_after"]) == (0, [], [])
        assert step["whole"] == sorted(adopt_kills.VIDEOS)
        assert (step["staging"], step["library"]) == ([], 2)
        if manner == "move":
            assert step["left_in_source"] == [".json"]
