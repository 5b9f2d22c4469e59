"""A kill at any step of an adoption loses nothing, and adopting again finishes it.

Some steps by default; YTARCHIVE_TEST_ADOPT_KILLS=all takes every one, for links, copies and moves (some minutes).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import adopt_kills
from foreign_libraries import ID

PROGRAM = Path(adopt_kills.__file__)
ALL = os.environ.get("YTARCHIVE_TEST_ADOPT_KILLS") == "all"
SOME = ["link:12", "copy:24", "move:32"]
"""While files are staged, while the video is committed, and while its sources go."""


def test_an_adoption_killed_at_any_step_loses_nothing_and_is_finished_by_the_next(tmp_path: Path) -> None:
    told = [f"{manner}:all" for manner in adopt_kills.MANNERS] if ALL else SOME
    environment = {key: value for key, value in os.environ.items() if not key.startswith("YTARCHIVE_")}
    done = subprocess.run(
        [sys.executable, "-W", "error", str(PROGRAM), str(tmp_path / "house"), *told],
        env={**environment, "PYTHONPATH": f"{PROGRAM.parent}:{PROGRAM.parents[2]}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines()]

    assert ALL or all(step["killed"] for step in found)
    assert len(found) > 100 if ALL else len(found) == len(SOME)
    for step in found:
        assert (step["lost"], step["broken"], step["whole"]) == (0, [], [ID]), step
        assert (step["staging"], step["library"]) == ([], 1), step
        assert step["manner"] != "move" or step["left_in_source"] == [".json"], step
