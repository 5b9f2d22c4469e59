"""Killed at any step of an upgrade: what was there or what took its place is whole, and the next pass finishes it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import upgrade_kills

EVERY = int(os.environ.get("YTARCHIVE_TEST_UPGRADE_KILLS_EVERY", "5"))
"""Of the steps of a remade file and of a history; they take the same steps as a download."""


@pytest.mark.parametrize(("kind", "every"), [("media", 1), ("marks", EVERY), ("title", EVERY)])
def test_an_upgrade_killed_at_any_step_loses_nothing_and_is_finished(
    tmp_path: Path, kind: str, every: int
) -> None:
    command = [sys.executable, "-W", "error", upgrade_kills.__file__, kind, str(tmp_path), str(every)]
    environment = {"PYTHONDONTWRITEBYTECODE": "1", **os.environ}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(found) > 12 / every
    assert {step["at_once"] for step in found} == {"old", "new"}
    assert [step for step in found[:-1] if step["step"] is None] == []
    assert found[-1]["step"] is None
    for step in found:
        assert step["whole"], step  # right after the kill, and at the end
        assert (step["exit_code"], step["have"], step["is_new"]) == (0, 1, True), step
        assert step["in_library"], step
        assert (step["staging"], step["unnamed"], step["done_twice"]) == ([], [], 0), step
