"""The work through the command line: real processes, the real engine, the stand-in for YouTube."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

from cli_project import Project

from ytarchive.simulator import WELL_KNOWN, numbered_video_id
from ytarchive.simulator.process import SimulatorProcess

ORDINARY, DASHED = WELL_KNOWN["ordinary"], WELL_KNOWN["leading_dash"]
OPTION_LIKE = WELL_KNOWN["option_like"]
PRIVATE, GEO, MEMBERS = WELL_KNOWN["private"], WELL_KNOWN["geo"], WELL_KNOWN["members"]
HOSTILE, RIGHT_TO_LEFT = WELL_KNOWN["title_terminal"], WELL_KNOWN["title_rtl"]
UPCOMING = WELL_KNOWN["upcoming"]
SMALL = "defaults: {quality: {max: 144p}, captions: {languages: []}, embed: []}\n"
DEADLINE_SECONDS = 300


def counters(youtube: SimulatorProcess, kind: str) -> int:
    return int(youtube.counters()["requests"].get(kind, 0))


def test_a_plan_is_saved_carried_out_once_and_then_stale(online: Project, youtube: SimulatorProcess) -> None:
    youtube.set_playlist("PLcommandLinePlan", [ORDINARY, DASHED])
    online.wish(f"version: 1\n{SMALL}playlists:\n  - {{playlist: PLcommandLinePlan, name: Two}}\n")

    planned = online.run("plan", "-o", "plan.json", "--detailed-exitcode")
    assert planned.returncode == 2
    assert planned.stdout.splitlines()[-1] == "Plan: 2 download, 0 update, 0 remove, 0 blocked"
    assert online.files("archive/videos") == []
    saved = json.loads((online.folder / "plan.json").read_text())
    assert {action["video"] for action in saved["actions"]} == {ORDINARY, DASHED}

    done = online.ok("reconcile", "--once", "--plan", "plan.json")
    assert "[2/2] fetched" in done
    assert done.splitlines()[-1] == "Converged."
    assert [name for name in online.files("archive/library/Two") if name.endswith(".mkv")]

    stale = online.run("reconcile", "--once", "--plan", "plan.json")
    assert (stale.returncode, "no longer holds" in stale.stderr) == (1, True)
    after = online.run("plan", "--no-refresh", "--detailed-exitcode")
    assert (after.returncode, after.stdout.splitlines()[-1]) == (
        0,
        "Plan: 0 download, 0 update, 0 remove, 0 blocked",
    )

    answer = online.json("status")
    assert answer["books"] == {
        "have": 2,
        "ready": 0,
        "running": 0,
        "deferred": 0,
        "blocked": 0,
        "undecided": 0,
        "excluded": 0,
    }
    (source,) = answer["sources"]
    assert (source["entry"], source["completeness"], source["got"]) == ("Two", "complete", 2)
    assert "Converged." in online.ok("status")
    room = online.json("space")
    assert room["items"] == sum(entry["items"] for entry in room["entries"])
    assert room["bytes"] == sum(codec["bytes"] for codec in room["codecs"]) > 0
    assert "must stay free" in online.ok("space")
    explained = online.json("explain", DASHED)
    assert explained["decision"]["bucket"] == "have"
    assert explained["item"]["id"] == DASHED
    assert f"{DASHED} " in online.ok("explain", DASHED)
    wrong = online.run("plan", "--entry", "Tow")
    assert (wrong.returncode, "'Tow'" in wrong.stderr) == (64, True)


def test_what_cannot_be_had_exits_3_until_it_is_ignored_also_after_a_rebuild(online: Project) -> None:
    online.wish(f"version: 1\n{SMALL}videos: [{ORDINARY}, {PRIVATE}, {GEO}, {MEMBERS}, {UPCOMING}]\n")

    first = online.run("reconcile", "--once", "--json")
    assert first.returncode == 3
    answer = json.loads(first.stdout)
    assert answer["exit_code"] == 3
    assert answer["books"] == {
        "have": 1,
        "ready": 0,
        "running": 0,
        "deferred": 2,
        "blocked": 2,
        "undecided": 0,
        "excluded": 0,
    }
    assert answer["report"]["failures"] == {"PRIVATE": 1, "GEO": 1, "MEMBERS": 1, "UPCOMING": 1}
    assert f"failed {PRIVATE} " in first.stderr
    assert f"waits {UPCOMING} " in first.stderr

    plan = online.json("workplan", "list")
    assert {(item["video"], item["code"]) for item in plan["items"]} >= {(PRIVATE, "PRIVATE"), (GEO, "GEO")}
    only = online.json("workplan", "list", "--cause", "geo", "--entry", "wishes")
    assert ([item["video"] for item in only["items"]], only["count"], only["owed"]) == ([GEO], 1, 1)
    assert "PRIVATE (1)" in online.ok("workplan")
    assert "No open item" in online.ok("workplan", "list", "--cause", "DRM")
    assert "you can:" in online.ok("workplan", "show", PRIVATE)
    nothing = online.run("workplan", "ignore")
    assert (nothing.returncode, "--all" in nothing.stderr) == (64, True)
    absent = online.run("workplan", "ignore", ORDINARY)
    assert (absent.returncode, ORDINARY in absent.stderr) == (64, True)

    online.ok("workplan", "ignore", PRIVATE, GEO, "--why", "known")
    assert online.json("status")["owed"] == 1
    online.ok("workplan", "ignore", "--cause", "MEMBERS", "--until", "30d")
    assert "Ignored on your word: 3" in online.ok("status")
    rebuilt = online.json("index", "rebuild")
    assert (rebuilt["items"], rebuilt["damaged"]) == (1, 0)
    again = online.json("reconcile", "--once")
    assert (again["report"]["done"]["fetched"], again["books"]["have"]) == (0, 1)

    online.ok("workplan", "ignore", "--undo", PRIVATE)
    assert online.json("status")["owed"] == 1
    assert online.json("workplan", "retry", "--cause", "PRIVATE") == {
        "subjects": [PRIVATE],
        "count": 1,
        "dry_run": False,
    }
    assert "1 download" in online.ok("plan", "--no-refresh")


def test_download_by_hand_ends_with_the_paths(online: Project) -> None:
    told = online.ok("download", OPTION_LIKE, f"https://youtu.be/{ORDINARY}", "--profile", "audio")
    paths = [line.strip("'") for line in told.splitlines() if line.strip("'").startswith(str(online.folder))]
    assert any(path.endswith(".opus") for path in paths)
    assert all(Path(path).is_file() for path in paths)
    assert {name for name in (OPTION_LIKE, ORDINARY) if any(name in path for path in paths)} == {
        OPTION_LIKE,
        ORDINARY,
    }
    again = online.json("download", ORDINARY, "--profile", "audio")
    assert (again["exit_code"], again["report"]["done"]["fetched"]) == (0, 0)
    assert list(again["paths"]) == [ORDINARY]
    unknown = online.run("download", ORDINARY, "--profile", "adio")
    assert (unknown.returncode, "did you mean audio?" in unknown.stderr) == (64, True)


def test_titles_cannot_steer_the_terminal(online: Project) -> None:
    online.wish(f"version: 1\n{SMALL}videos: [{HOSTILE}, {RIGHT_TO_LEFT}]\n")
    for told in (
        online.ok("reconcile", "--once"),
        online.ok("explain", HOSTILE),
        online.ok("explain", RIGHT_TO_LEFT),
        online.ok("explain", HOSTILE, "--json"),
        online.ok("explain", RIGHT_TO_LEFT, "--json"),
    ):
        assert not {"\x1b", "\x07", "\x9b", "\r", "\u202e", "\u2067"} & set(told)


def test_an_interrupted_run_is_continued_and_another_instance_is_told_to_wait(
    online: Project, youtube: SimulatorProcess
) -> None:
    videos = [numbered_video_id("interrupted", number) for number in range(3)]
    online.wish(f"version: 1\n{SMALL}videos: [{', '.join(repr(video) for video in videos)}]\n")
    stall = youtube.add_fault("stall", request="media", video=videos[0])
    try:
        running = online.start("reconcile", "--once")
        wait_until(
            lambda: online.folder.joinpath("state/index.sqlite").exists() and status(online)["running"] >= 1
        )
        second = online.run("reconcile", "--once")
        assert (second.returncode, f"process {running.pid}" in second.stderr) == (75, True)
        assert online.run("plan").returncode == 75
        assert online.ok("plan", "--no-refresh").startswith("note: another instance is at work")
        assert online.run("workplan", "list").returncode == 0
        workers = children(running.pid)
        assert workers
        running.send_signal(signal.SIGTERM)
        _, told = running.communicate(timeout=DEADLINE_SECONDS)
    finally:
        youtube.remove_faults(stall)
    assert running.returncode == 130
    assert told.startswith("interrupted")
    wait_until(lambda: not any(is_alive(worker) for worker in workers))
    assert online.json("reconcile", "--once")["books"]["have"] == 3
    assert online.files("archive/.ytarchive/staging") == []


def test_an_emptied_root_is_taken_for_an_unmounted_disk(online: Project) -> None:
    online.ok("reconcile", "--once")
    root = online.folder / "archive"
    shutil.rmtree(root)
    root.mkdir()
    for command in (["reconcile", "--once"], ["plan"], ["status"], ["doctor"], ["index", "rebuild"]):
        done = online.run(*command)
        assert done.returncode == 1, command
        assert "not mounted?" in done.stderr + done.stdout
        assert "cure:" in done.stderr + done.stdout
    assert list(root.iterdir()) == []
    online.ok("init")
    online.ok("reconcile", "--once")


def test_a_damaged_index_is_made_anew_by_itself(online: Project) -> None:
    online.ok("reconcile", "--once")
    online.write("state/index.sqlite", "SQLite format 3\0" + "garbage" * 1000)
    assert online.run("status").returncode == 1
    assert "put aside" in online.ok("reconcile", "--once")


def status(project: Project) -> dict[str, int]:
    done = project.run("status", "--json")
    found: dict[str, int] = json.loads(done.stdout)["books"] if done.returncode == 0 else {"running": 0}
    return found


def wait_until(holds: object) -> None:
    assert callable(holds)
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not holds():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.05)


def children(parent: int) -> list[int]:
    told = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(parent)], capture_output=True, text=True, check=False
    )
    return [int(pid) for pid in told.stdout.split()]


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
