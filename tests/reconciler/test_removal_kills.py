"""Whatever kills a pass that takes away, at whatever step: each item is whole in one place, and everybody agrees where."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
import removal_kills

PLACES = [Path(removal_kills.__file__).parent]
IN_ARCHIVE = {
    "archive": [True],
    "quarantine": [],
    "told": False,
    "index": True,
    "let_go": False,
    "library": True,
}
IN_QUARANTINE = {
    "archive": [],
    "quarantine": [True],
    "told": True,
    "index": False,
    "let_go": True,
    "library": False,
}
NOWHERE = {"archive": [], "quarantine": [], "told": False, "index": False, "let_go": True, "library": False}
ENDS = {
    "quarantine": (IN_ARCHIVE, IN_QUARANTINE),
    "delete": (IN_ARCHIVE, NOWHERE),
    "restore": (IN_QUARANTINE, IN_ARCHIVE),
    "empty": (IN_QUARANTINE, NOWHERE),
}


@pytest.fixture(scope="module")
def steps(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict[str, Any]]]:
    command = [sys.executable, "-W", "error", removal_kills.__file__, str(tmp_path_factory.mktemp("kills"))]
    environment = {
        key: value for key, value in os.environ.items() if not key.startswith(("COV", "YTARCHIVE"))
    }
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = defaultdict[str, list[dict[str, Any]]](list)
    for line in done.stdout.splitlines():
        step = json.loads(line)
        found[step["scenario"]].append(step)
    return found


@pytest.mark.parametrize("scenario", ENDS)
def test_a_kill_at_any_step_leaves_the_item_whole_where_it_was_or_where_it_goes(
    steps: dict[str, list[dict[str, Any]]], scenario: str
) -> None:
    before, after = ENDS[scenario]
    told = [{key: step[key] for key in IN_ARCHIVE} for step in steps[scenario]]
    assert len(told) > 5
    assert [step["killed"] for step in steps[scenario]] == [True] * (len(told) - 1) + [False]
    turned = next(number for number, step in enumerate(told) if step == after)
    assert turned > 0
    assert told == [before] * turned + [after] * (len(told) - turned)
    assert all(step["going"] == [] for step in steps[scenario])
