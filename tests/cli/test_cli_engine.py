"""`ytarchive engine` with a real yt-dlp and real pip: from an index in a folder, and from the package index."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cli_project import Project
from engine_shop import CURRENT, SOLVER, index_environment, make_wheel

from ytarchive import settings as settings_module
from ytarchive.adapters.engines import self_test
from ytarchive.core.engines import normal, version_key
from ytarchive.core.job import Event, Job
from ytarchive.core.plan import Decision
from ytarchive.reconciler import Silent, open_world, reconcile_once
from ytarchive.simulator import numbered_video_id

NEXT, FAULTY = "2099.1.1", "2099.2.1"


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A package index: the installed engine as a later release, and a later one that does not work."""
    folder = tmp_path_factory.mktemp("index")
    make_wheel(folder, "yt-dlp-ejs", SOLVER)
    make_wheel(folder, "yt-dlp", NEXT)
    return folder


@pytest.fixture
def shop(online: Project, shelf: Path) -> Project:
    """A folder whose pip looks nowhere else."""
    return Project(online.folder, {**online.environment, **index_environment(shelf)})


def choice(project: Project) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((project.folder / "state/engines/choice.json").read_text())
    return found


def left_over(project: Project) -> list[str]:
    folder = project.folder / "state/engines"
    return sorted(path.name for path in folder.iterdir() if path.name[0] == "." and path.name != ".lock")


def killed_while(project: Project, line: str) -> None:
    """Upgrade, and kill the process when it says that it begins with something."""
    with project.start("engine", "upgrade") as process:
        assert process.stdout
        assert next((each for each in process.stdout if each.startswith(line)), None)
        process.send_signal(signal.SIGKILL)
        process.communicate()


def test_an_upgrade_that_is_killed_leaves_the_old_engine_and_the_next_one_does_it_all(shop: Project) -> None:
    killed_while(shop, "Testing")
    assert left_over(shop)
    assert not (shop.folder / "state/engines/choice.json").exists()
    assert not (shop.folder / "state/engines" / NEXT).exists()

    change = shop.json("engine", "upgrade")
    assert change == {
        "before": "built-in",
        "now": NEXT,
        "changed": True,
        "pinned": False,
        "installed": True,
        "removed": [],
    }
    home = shop.folder / "state/engines" / NEXT
    assert {"yt_dlp", "yt_dlp_ejs", "engine.json"} <= {path.name for path in home.iterdir()}
    told = json.loads((home / "engine.json").read_text())
    assert (told["yt_dlp"], told["ejs"]) == (NEXT, SOLVER)
    assert {step["name"]: step["outcome"] for step in told["self_test"]["steps"]} == {
        "load": "ok",
        "solver": "ok",
        "deno": "ok",
        "extraction": "ok",
    }
    assert choice(shop)["previous"] == "built-in"
    assert left_over(shop) == []

    videos = [numbered_video_id("another engine", 1)]
    wish_for(shop, videos)
    shop.ok("reconcile", "--once")
    assert engines_of(shop, videos) == [NEXT]
    assert f"yt-dlp {normal(CURRENT)} (built-in) is in use now" in shop.ok("engine", "rollback")


def test_an_engine_whose_solver_would_come_from_elsewhere_is_refused(shelf: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(shelf / f"yt_dlp-{NEXT}-py3-none-any.whl") as wheel:
        wheel.extractall(tmp_path)
    failed = self_test(tmp_path).failed
    assert failed is not None
    assert failed.found.startswith("yt-dlp and yt-dlp-ejs come from two places: ")


def test_a_release_that_fails_its_self_test_is_not_taken(shop: Project, shelf: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    make_wheel(other, "yt-dlp", FAULTY, broken="yt_dlp/extractor/youtube/_video.py")
    done = shop.run("engine", "upgrade", environment={"PIP_FIND_LINKS": f"{shelf} {other}"})
    assert done.returncode == 1
    assert f"yt-dlp {FAULTY} fails its self-test" in done.stderr
    assert "a release with a fault" in done.stderr
    assert shop.json("engine", "list")["in_force"] == "built-in"
    assert not (shop.folder / "state/engines" / FAULTY).exists()
    assert left_over(shop) == []


@pytest.mark.parametrize(
    ("arguments", "environment", "said", "cure"),
    [
        (
            ("upgrade", "2098.1.1"),
            {},
            f"has no yt-dlp==2098.1.1 for this Python; the newest that it has is {NEXT}",
            "name a version that exists",
        ),
        (
            ("upgrade",),
            {"PIP_NO_INDEX": "0", "PIP_FIND_LINKS": "", "PIP_INDEX_URL": "http://127.0.0.1:9/simple"},
            "the package index gave no yt-dlp: no connection",
            "check the network and pip's configuration",
        ),
    ],
)
def test_what_cannot_be_done_is_said_with_its_cure_and_changes_nothing(
    shop: Project, arguments: tuple[str, ...], environment: dict[str, str], said: str, cure: str
) -> None:
    done = shop.run("engine", *arguments, environment=environment)
    assert (done.returncode, said in done.stderr, cure in done.stderr) == (1, True, True), done.stderr
    assert "127.0.0.1" not in done.stderr
    assert not (shop.folder / "state/engines/choice.json").exists()


def published() -> list[str]:
    """The releases of yt-dlp that pip finds, the newest first; none without an index."""
    done = subprocess.run(
        [sys.executable, "-m", "pip", "--retries", "0", "index", "versions", "yt-dlp"],
        capture_output=True,
        text=True,
        env={**os.environ, "PIP_DEFAULT_TIMEOUT": "15"},
        check=False,
    )
    line = next((line for line in done.stdout.splitlines() if line.startswith("Available versions:")), "")
    return [each.strip() for each in line.partition(":")[2].split(",") if each.strip()]


@pytest.fixture
def releases() -> tuple[str, str]:
    """The release before the newest, and the newest."""
    found = sorted(published(), key=version_key, reverse=True)
    if len(found) < 2:
        pytest.skip("no package index is reachable, which this upgrade needs")
    return found[1], found[0]


class Switching(Silent):
    """Does something else in the middle of each job: when its download has begun, and its worker is at it."""

    def __init__(self, *acts: Callable[[], object]) -> None:
        self.acts = list(acts)
        self.seen: set[str] = set()
        self.order: list[str] = []

    def started(self, job: Job, decision: Decision) -> None:
        self.order.append(decision.video)

    def progressed(self, event: Event) -> None:
        if event.job not in self.seen:
            self.seen.add(event.job)
            if self.acts:
                self.acts.pop(0)()


def wish_for(project: Project, videos: list[str]) -> None:
    listed = "".join(f"  - {video}\n" for video in videos)
    project.wish(
        "version: 1\ndefaults: {quality: {max: 144p}, captions: {languages: []}, embed: [], sidecars: []}\n"
        f"videos:\n{listed}"
    )
    text = (project.folder / "ytarchive.toml").read_text()
    project.write("ytarchive.toml", text.replace("downloads = 2", "downloads = 1"))


def engines_of(project: Project, videos: list[str]) -> list[str]:
    """The version that fetched each video, as its item.json tells it."""
    found = []
    for video in videos:
        (path,) = (project.folder / "archive/videos").glob(f"*/{video}/item.json")
        provenance = json.loads(path.read_text())["provenance"]
        assert provenance["ejs"]
        found.append(normal(provenance["engine"]))
    return found


def run_pass(project: Project, listener: Switching) -> list[str]:
    """One pass in this process; the videos in the order in which they were begun."""
    settings = settings_module.load(None, project.environment, {}, project.folder)
    with open_world(settings, observer=listener) as world:
        reconcile_once(world)
    return listener.order


def test_from_the_previous_release_to_the_current_one_and_back_with_workers_running(
    online: Project, releases: tuple[str, str]
) -> None:
    """One pass goes on all the while; other processes change the engine in the middle of its downloads."""
    previous, newest = releases
    videos = [numbered_video_id("engines", number) for number in range(3)]
    wish_for(online, videos)
    assert online.json("engine", "upgrade", previous)["now"] == previous

    there = {"built-in": normal(CURRENT)}
    forth = Switching(
        lambda: there.update(now=online.json("engine", "upgrade")["now"]),
        lambda: online.ok("engine", "rollback"),
    )
    began = run_pass(online, forth)

    assert sorted(began) == sorted(videos)
    assert there.get(there["now"], there["now"]) == normal(newest)
    assert engines_of(online, began) == [previous, normal(newest), previous]
    assert online.json("engine", "list")["in_force"] == previous
