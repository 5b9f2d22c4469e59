"""The main promise: whatever kills the process, at whatever step, leaves a complete old or a complete new item."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import archive_kills
import archive_making as making
import pytest

from ytarchive.adapters.archive import open_archive

PROGRAM = Path(archive_kills.__file__)


def environment() -> dict[str, str]:
    return {"PYTHONDONTWRITEBYTECODE": "1", **os.environ}


def kill_at_every_step(scenario: str, root: Path, *, torn: bool = False) -> list[dict[str, Any]]:
    command = [sys.executable, "-W", "error", str(PROGRAM), scenario, str(root), *(["torn"] if torn else [])]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert not found[-1]["killed"]
    assert all(step["killed"] for step in found[:-1])
    assert len(found) > 3
    return found


@pytest.mark.parametrize("torn", [False, True], ids=["killed", "power-cut"])
def test_a_commit_killed_at_any_step_leaves_nothing_or_all_of_it(root: Path, torn: bool) -> None:
    found = kill_at_every_step("commit", root, torn=torn)
    assert {step["at_once"] for step in found} == {"none", "old"}
    assert {step["after_sweep"] for step in found} == {"none", "old"}
    for step in found:
        assert step["leftovers"] == []
        assert step["again"] == []  # nothing is committed twice


@pytest.mark.parametrize("torn", [False, True], ids=["killed", "power-cut"])
def test_an_update_killed_at_any_step_leaves_the_old_or_the_new_item_whole(root: Path, torn: bool) -> None:
    found = kill_at_every_step("update", root, torn=torn)
    assert {step["at_once"] for step in found} == {"old", "new"}
    assert {step["after_sweep"] for step in found} == {"old", "new"}
    for step in found:
        assert step["leftovers"] == []
        assert step["again"] == []


@pytest.mark.parametrize("torn", [False, True], ids=["killed", "power-cut"])
def test_a_relink_killed_at_any_step_is_made_good_by_the_next(root: Path, torn: bool) -> None:
    names = [f"A title [{making.VIDEO}]{suffix}" for suffix in (".en.vtt", ".jpg", ".mkv")]
    for step in kill_at_every_step("arrange", root, torn=torn):
        assert step["library"] == names
        assert step["after_sweep"] == "new"
        assert step["leftovers"] == []


@pytest.mark.parametrize(("scenario", "outcome"), [("sweep-commit", "old"), ("sweep-update", "new")])
def test_a_sweep_killed_while_it_adopts_is_finished_by_the_next(
    root: Path, scenario: str, outcome: str
) -> None:
    for step in kill_at_every_step(scenario, root):
        assert step["at_once"] in ("none", "old", "new")
        assert step["after_sweep"] == outcome
        assert step["leftovers"] == []


@pytest.mark.parametrize("torn", [False, True], ids=["killed", "power-cut"])
def test_an_initialisation_killed_at_any_step_is_finished_by_the_next(root: Path, torn: bool) -> None:
    assert all(step["whole"] for step in kill_at_every_step("init", root, torn=torn))


@pytest.mark.parametrize("torn", [False, True], ids=["killed", "power-cut"])
def test_a_decision_killed_while_it_is_written_is_there_or_not(root: Path, torn: bool) -> None:
    found = kill_at_every_step("decide", root, torn=torn)
    assert [step["decisions"] for step in found] == sorted(step["decisions"] for step in found)
    assert found[-1]["decisions"] == 1
    assert all(step["unread"] == 0 or torn for step in found)


def test_another_layout_killed_at_any_step_is_made_good_by_the_next(root: Path) -> None:
    stem = f"Shows/Season 1970/Shows S1970E010101 - A newer title [{making.VIDEO}]"
    names = [f"{stem}{suffix}" for suffix in ("-thumb.jpg", ".en.vtt", ".mkv", ".nfo")]
    for step in kill_at_every_step("relayout", root):
        assert step["library"] == [*names, "Shows/tvshow.nfo"]
        assert step["after_sweep"] == "new"
        assert step["leftovers"] == []


@pytest.mark.parametrize("torn", [False, True], ids=["killed", "power-cut"])
@pytest.mark.parametrize("scenario", ["put-back-folder", "put-back-file"])
def test_what_is_put_back_is_there_after_a_kill_at_any_step(root: Path, scenario: str, torn: bool) -> None:
    found = kill_at_every_step(scenario, root, torn=torn)
    assert found[-1]["at_once"] == "old"
    for step in found:
        assert step["after_sweep"] == "old"
        assert step["leftovers"] == []


def strace_works() -> str | None:
    """Why system calls cannot be made to kill here; None when they can."""
    strace = shutil.which("strace")
    if strace is None:
        return "strace is not installed"
    program = "import os; os.fsync(0)"
    command = [strace, "-f", "-o", os.devnull, "-e", "inject=fsync:signal=SIGKILL:when=1"]
    done = subprocess.run([*command, sys.executable, "-c", program], capture_output=True, check=False)
    return None if done.returncode == -signal.SIGKILL else "strace cannot inject here"


@pytest.mark.parametrize("scenario", ["commit", "update"])
@pytest.mark.parametrize("call", ["fsync", "/^rename", "/^unlink|^rmdir"], ids=["fsync", "rename", "remove"])
def test_a_system_call_that_kills_leaves_the_old_or_the_new_item_whole(
    root: Path, scenario: str, call: str
) -> None:
    reason = strace_works()
    if reason:
        pytest.skip(reason)
    prepare, _ = archive_kills.SCENARIOS[scenario]
    ends = set()
    for when in range(1, 20):
        archive = prepare(root)
        code = act_under_strace(
            archive.root, archive.id, scenario, f"inject={call}:signal=SIGKILL:when={when}"
        )
        at_once = making.condition(archive)
        archive = open_archive(root, known_id=archive.id)
        making.tidy(archive)
        ends.add(making.condition(archive))
        assert at_once in ("none", "old", "new")
        assert making.condition(archive) in ("none", "old", "new")
        assert making.unexpected(archive, archive_kills.FINAL[scenario]) == []
        if code == 0:
            break
    assert when > 1, "no such call was made: the test would prove nothing"
    assert ends <= {"none", "old"} if scenario == "commit" else ends <= {"old", "new"}


def act_under_strace(root: Path, archive_id: str, scenario: str, injection: str) -> int:
    command = ["strace", "-f", "--seccomp-bpf", "-o", os.devnull, "-e", injection]
    act = [sys.executable, str(PROGRAM), "act", scenario, str(root), archive_id]
    without_coverage = {key: value for key, value in environment().items() if not key.startswith("COV")}
    done = subprocess.run([*command, *act], env=without_coverage, capture_output=True, text=True, check=False)
    assert done.returncode in (0, -signal.SIGKILL), done.stderr
    return done.returncode
