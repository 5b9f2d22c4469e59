"""Jobs that people ask a daemon for: carried out, told of, taken back, and there again after a restart."""

from __future__ import annotations

from typing import Any

import pytest
from daemons import Daemon

from ytarchive.simulator.process import SimulatorProcess

JOBS = "/api/v1/jobs"


@pytest.fixture(scope="module", autouse=True)
def lists(youtube: SimulatorProcess) -> None:
    youtube.set_playlist("PLgonegonegone00", None)
    youtube.set_playlist("PLdaemonjobs00000", ["daemonlst01", "daemonlst02", "daemonlst03"])
    youtube.add_fault("throttle", value=2000, request="media", video="slowslowslo")


def job(daemon: Daemon, id_: str) -> dict[str, Any]:
    answer = daemon.get(f"{JOBS}/{id_}")
    assert answer.status == 200, answer.body
    told: dict[str, Any] = answer.json
    return told


def asked(daemon: Daemon, status: int = 201, **wish: object) -> dict[str, Any]:
    answer = daemon.ask("POST", JOBS, wish)
    assert answer.status == status, answer.body
    told: dict[str, Any] = answer.json
    return told


def test_a_video_that_is_asked_for_is_had(daemon: Daemon) -> None:
    one = asked(daemon, kind="video", subject="https://youtu.be/daemonjob01", profile=None)
    assert (one["kind"], one["subject"], one["state"]) == ("video", "daemonjob01", "pending")
    daemon.until(lambda: job(daemon, one["id"])["state"] == "done")
    assert "daemonjob01" in daemon.committed()
    assert job(daemon, one["id"])["ended_at"]
    assert daemon.get("/api/v1/storage/path/daemonjob01").json["files"]
    assert [line["id"] for line in daemon.get(f"{JOBS}?state=done&limit=1").json["jobs"]] == [one["id"]]


def test_a_playlist_that_cannot_be_read_is_a_job_that_failed(daemon: Daemon) -> None:
    one = asked(daemon, kind="playlist", subject="PLgonegonegone00")
    told = daemon.until(lambda: (found := job(daemon, one["id"]))["ended_at"] and found)
    assert told["state"] == "failed"
    assert "cannot be read" in told["message"]


def test_a_playlist_is_one_job_with_its_videos_as_children(daemon: Daemon) -> None:
    one = asked(daemon, kind="playlist", subject="PLdaemonjobs00000")
    told = daemon.until(lambda: (found := job(daemon, one["id"]))["ended_at"] and found)
    assert (told["state"], told["counts"]) == ("done", {"done": 3})
    children = daemon.get(f"{JOBS}?parent={one['id']}").json["jobs"]
    assert {child["subject"] for child in children} <= daemon.committed()
    assert {child["parent"] for child in children} == {one["id"]}


def test_a_look_and_a_pass_are_jobs_too(daemon: Daemon) -> None:
    daemon.want("daemonjob02")
    daemon.until(lambda: "daemonjob02" in daemon.committed())
    look = asked(daemon, kind="refresh", subject="daemonjob02")
    run = asked(daemon, kind="entry", subject="wanted")
    for one in (look, run):
        told = daemon.until(lambda one=one: (found := job(daemon, one["id"]))["ended_at"] and found)  # type: ignore[misc]
        assert told["state"] == "done"
    assert daemon.get("/api/v1/metadata/video/daemonjob02").json["record"]["title"]


def test_asking_youtube_for_what_is_known_is_one_request(daemon: Daemon, youtube: SimulatorProcess) -> None:
    youtube.set_playlist("PLdaemonmeta00000", ["daemonlst01"], title="Of one")
    path = "/api/v1/metadata/playlist/PLdaemonmeta00000"
    assert daemon.get(path).status == 404
    told = daemon.get(f"{path}?refresh=true")
    assert (told.status, told.json["held"], told.json["listing"]["title"]) == (200, 1, "Of one")
    assert daemon.get(path).json == told.json


def test_what_names_nothing_is_refused(daemon: Daemon) -> None:
    for kind, subject, status in [
        ("video", "PLdaemonjobs00000", 422),
        ("video", "https://example.org/", 422),
        ("entry", "nobody", 404),
        ("refresh", "nonsense nonsense", 422),
        ("nothing", "daemonjob01", 422),
    ]:
        asked(daemon, status, kind=kind, subject=subject)
    asked(daemon, 404, kind="video", subject="daemonjob01", profile="nobodys")
    assert daemon.get(f"{JOBS}/job-0").status == 404
    assert daemon.ask("DELETE", f"{JOBS}/job-0").status == 404


def test_what_another_job_wants_too_stays_wanted(daemon: Daemon, youtube: SimulatorProcess) -> None:
    youtube.set_playlist("PLdaemonboth00000", ["slowslowtoo"])
    youtube.add_fault("throttle", value=2000, request="media", video="slowslowtoo")
    one = asked(daemon, kind="video", subject="slowslowtoo")
    batch = asked(daemon, kind="playlist", subject="PLdaemonboth00000")
    daemon.until(lambda: job(daemon, batch["id"])["counts"] or None)
    assert daemon.ask("DELETE", f"{JOBS}/{batch['id']}").status == 200
    assert daemon.get(f"{JOBS}?parent={batch['id']}").json["jobs"][0]["state"] == "cancelled"
    assert daemon.get("/api/v1/videos/slowslowtoo").json["decision"]
    assert daemon.ask("DELETE", f"{JOBS}/{one['id']}").status == 200
    assert daemon.get("/api/v1/videos/slowslowtoo").json["decision"] is None


def test_a_wish_that_is_taken_back_is_wanted_no_more_also_after_a_restart(daemon: Daemon) -> None:
    kept = asked(daemon, kind="video", subject="daemonjob03")
    one = asked(daemon, kind="video", subject="slowslowslo")
    assert asked(daemon, 200, kind="video", subject="slowslowslo")["id"] == one["id"]
    daemon.until(lambda: job(daemon, one["id"])["state"] == "running")
    daemon.kill()
    daemon.start()
    told = daemon.until(lambda: (found := job(daemon, one["id"]))["progress"] and found)
    assert (told["state"], told["progress"]["video"]) == ("running", "slowslowslo")
    cancelled = daemon.ask("DELETE", f"{JOBS}/{one['id']}")
    assert (cancelled.status, cancelled.json["state"]) == (200, "cancelled")
    assert daemon.ask("DELETE", f"{JOBS}/{one['id']}").status == 409
    daemon.until(lambda: daemon.get("/api/v1/running").json == [])
    daemon.until(lambda: job(daemon, kept["id"])["state"] == "done")
    assert daemon.get("/api/v1/videos/slowslowslo").json["decision"] is None
    assert daemon.stop() == 0
    (daemon.state / "index.sqlite").unlink()
    daemon.start()
    assert daemon.get("/api/v1/videos/slowslowslo").json["decision"] is None
    assert "Traceback" not in daemon.log
