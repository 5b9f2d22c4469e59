"""The command line beside a daemon of its archive: what it asks it for, and what it prints all the same."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import requests
from cli_project import Project, plain_environment
from nursery import Started, the_nursery

from ytarchive.simulator import WELL_KNOWN, numbered_video_id
from ytarchive.simulator.process import SimulatorProcess

FIRST, SECOND, BY_HAND, LISTED = (numbered_video_id("clidaemon", number) for number in range(1, 5))
PRIVATE, GEO = WELL_KNOWN["private"], WELL_KNOWN["geo"]
SMALL = "defaults: {quality: {max: 144p}, captions: {languages: []}, sidecars: [], embed: []}\n"
PATIENCE_SECONDS = 120.0


@pytest.fixture(scope="module")
def beside(youtube: SimulatorProcess, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """A project with a daemon that has had its first pass."""
    folder = tmp_path_factory.mktemp("beside")
    youtube.set_playlist("PLcliBesideDaemon", [LISTED])
    project = Project(folder, plain_environment(folder))
    project.write(
        "ytarchive.toml",
        "[limits]\nvideos_per_hour = 0\npause = 0\ndownloads = 2\nextractions = 2\n"
        '[archive]\nmin_free = 0\n[server]\nlisten = "127.0.0.1:0"\n'
        f'[network]\nproxy = "{youtube.proxy_url}"\nca_file = "{youtube.ca_path}"\n',
    )
    project.wish(f"version: 1\n{SMALL}videos: [{FIRST}, {PRIVATE}, {GEO}]\n")
    with daemon_of(project):
        until(lambda: (folder / "state" / "work-plan.md").exists() and standing(project)["owed"] == 2)
        yield project


@contextmanager
def daemon_of(project: Project) -> Iterator[Started]:
    """`ytarchive reconcile` in a project, ended when it is left."""
    with (project.folder / "daemon.log").open("ab") as log:
        process = the_nursery().start(["reconcile"], project.folder, project.environment, log, log)
    try:
        until(lambda: process.poll() is not None or whereabouts(project).get("pid") == process.pid)
        assert process.poll() is None, (project.folder / "daemon.log").read_text(errors="replace")
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE_SECONDS)


def whereabouts(project: Project) -> dict[str, Any]:
    path = project.folder / "state" / "daemon.json"
    with suppress(FileNotFoundError):
        return dict(json.loads(path.read_text()))
    return {}


def asked(project: Project, what: str) -> Any:
    """What the API of a daemon answers, without a command."""
    answer = requests.get(f"{whereabouts(project)['url']}/api/v1/{what}", timeout=PATIENCE_SECONDS)
    answer.raise_for_status()
    return answer.json()


def standing(project: Project) -> dict[str, Any]:
    return dict(asked(project, "status"))


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not true():
        assert time.monotonic() < end, "it never was so"
        time.sleep(0.05)


def test_a_pass_is_asked_for_followed_and_told_as_if_it_were_our_own(beside: Project) -> None:
    told = beside.run("reconcile", "--once", "--json")

    answer = json.loads(told.stdout)
    assert (told.returncode, answer["exit_code"]) == (3, 3)
    assert answer["report"]["failures"] == {"PRIVATE": 1, "GEO": 1}
    assert (answer["books"]["have"], answer["books"]["blocked"] + answer["books"]["deferred"]) == (1, 2)


def test_a_pass_over_one_entry_has_the_books_of_that_entry(beside: Project) -> None:
    beside.write(
        "manifests/list.yaml",
        f"version: 1\n{SMALL}playlists:\n  - {{playlist: PLcliBesideDaemon, name: List}}\n",
    )
    until(lambda: "List" in standing(beside)["entries"])

    told = beside.run("reconcile", "--once", "--entry", "List", "--json")

    answer = json.loads(told.stdout)
    assert (told.returncode, list(answer["report"]["ledger"]["entries"])) == (0, ["List"])
    assert (answer["books"]["have"], answer["report"]["scoped"]) == (1, True)
    assert beside.run("reconcile", "--once", "--entry", "Lost").returncode == 64


def test_a_download_is_handed_over_and_ends_with_its_files(beside: Project) -> None:
    told = beside.json("download", BY_HAND, "--profile", "720p")

    assert (told["exit_code"], list(told["paths"])) == (0, [BY_HAND])
    assert told["paths"][BY_HAND]
    assert all(Path(path).is_file() for path in told["paths"][BY_HAND])
    assert told["report"]["done"]["fetched"] == 1
    (job,) = (one for one in asked(beside, "jobs")["jobs"] if one["subject"] == BY_HAND)
    assert f"video {BY_HAND}" in beside.ok("status", job["id"])

    assert beside.run("download", PRIVATE).returncode == 3
    assert beside.run("download", BY_HAND, "--profile", "none-such").returncode == 64
    assert beside.json("download", "PLcliBesideDaemon", code=0)["paths"][LISTED]


def test_decisions_are_handed_over_and_taken_back(beside: Project) -> None:
    dry = beside.json("workplan", "ignore", "--cause", "GEO", "--dry-run")
    assert (dry["subjects"], dry["dry_run"]) == ([GEO], True)
    assert standing(beside)["owed"] == 2

    assert "Ignored: 1 item (1 GEO)" in beside.ok("workplan", "ignore", "--cause", "GEO", "--why", "not here")
    assert standing(beside)["owed"] == 1
    assert asked(beside, f"videos/{GEO}")["acknowledgement"]["why"] == "not here"
    decided = [path.read_text() for path in (beside.folder / "archive/.ytarchive/decisions").iterdir()]
    assert "not here" in "".join(decided)

    assert beside.json("workplan", "ignore", GEO, "--undo")["subjects"] == [GEO]
    assert standing(beside)["owed"] == 2
    absent = beside.run("workplan", "ignore", FIRST)
    assert (absent.returncode, FIRST in absent.stderr) == (64, True)


def test_a_daemon_with_other_settings_is_not_asked(beside: Project) -> None:
    other = {"YTARCHIVE_LIMITS__DOWNLOADS": "7"}
    for command in (("reconcile", "--once"), ("workplan", "retry", GEO)):
        refused = beside.run(*command, environment=other)
        assert (refused.returncode, "other settings" in refused.stderr) == (75, True)
        assert "cure: " in refused.stderr

    assert beside.run("status", environment=other).returncode == 0


def test_the_socket_alone_proves_who_asks(beside: Project) -> None:
    token = beside.folder / "state" / "token"
    kept = token.read_bytes()
    token.unlink()
    try:
        assert beside.json("workplan", "retry", GEO)["subjects"] == [GEO]
    finally:
        token.write_bytes(kept)


def test_a_saved_plan_needs_the_daemon_stopped(beside: Project) -> None:
    beside.run("plan", "-o", "plan.json")
    refused = beside.run("reconcile", "--once", "--plan", "plan.json")
    assert (refused.returncode, "daemon" in refused.stderr) == (75, True)


def test_a_plan_beside_a_daemon_is_for_what_it_has_recorded(beside: Project) -> None:
    told = beside.run("plan", "--json")
    assert told.returncode == 0
    assert "another instance is at work" in told.stderr
    assert json.loads(told.stdout)["sources"] == []
    assert beside.run("plan", "--full").returncode == 64


def test_reading_prints_the_same_with_and_without_a_daemon(online: Project) -> None:
    online.write(
        "ytarchive.toml",
        (online.folder / "ytarchive.toml").read_text() + '[server]\nlisten = "127.0.0.1:0"\n',
    )
    online.wish(f"version: 1\n{SMALL}videos: [{PRIVATE}]\n")
    assert online.run("reconcile", "--once").returncode == 3
    commands = (("status",), ("workplan", "show", PRIVATE))

    def told() -> list[dict[str, Any]]:
        return [{**online.json(*command), "made_at": None} for command in commands]

    alone = told()
    with daemon_of(online) as process:
        assert told() == alone
        process.kill()  # leaves daemon.json and the socket behind
        process.wait()
        assert whereabouts(online)["pid"] == process.pid
        assert told() == alone
        assert online.run("reconcile", "--once").returncode == 3


def test_a_daemon_that_ends_while_it_is_followed_is_told(online: Project, youtube: SimulatorProcess) -> None:
    youtube.set_video(SECOND, media_bytes=60_000_000)
    settings = online.folder / "ytarchive.toml"
    online.write(
        "ytarchive.toml",
        settings.read_text().replace(
            "[limits]", '[server]\nlisten = "127.0.0.1:0"\n[limits]\nbandwidth = "1MiB"'
        ),
    )
    online.wish(f"version: 1\n{SMALL}videos: [{SECOND}]\n")
    with daemon_of(online) as process:
        until(lambda: bool(asked(online, "running")))
        assert SECOND in online.ok("status")
        following = online.start("reconcile", "--once")
        assert following.stdout is not None
        first = following.stdout.readline()
        process.kill()
        _, told = following.communicate(timeout=PATIENCE_SECONDS)

    assert f"process {process.pid}" in first

    assert following.returncode == 1
    assert "ended before" in told
    assert "cure: " in told
    assert "Traceback" not in told


def test_an_adoption_waits_for_the_daemon_to_be_stopped_and_can_be_tried_out_beside_it(
    beside: Project, tmp_path: Path
) -> None:
    refused = beside.run("adopt", str(tmp_path))

    assert refused.returncode == 75
    assert "stop the daemon, adopt, and start it again" in refused.stderr
    assert beside.json("adopt", str(tmp_path), "--dry-run")["seen"] == 0
