"""What happens to a daemon, and how it goes on: workers that hang, a kill while ffmpeg runs, files that became invalid."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import pytest
from daemons import HASTY, Daemon, alive, descendants, downloading

from ytarchive.simulator import WELL_KNOWN
from ytarchive.simulator.process import SimulatorProcess

LARGE = WELL_KNOWN["large"]


def busy_worker(daemon: Daemon) -> int | None:
    """The process that has a job."""
    services = daemon.get("/api/v1/registry/services").json
    return next((int(one["pid"]) for one in services if one["job"] and one["pid"]), None)


def failure(daemon: Daemon, video: str) -> dict[str, Any] | None:
    attempts = daemon.get(f"/api/v1/videos/{video}").json["attempts"]
    return next((dict(one) for one in attempts if one["part"] == "media" and one["code"]), None)


def test_a_worker_that_hangs_is_replaced_and_its_job_is_told_as_that(
    stopped: Daemon, youtube: SimulatorProcess
) -> None:
    stopped.program = HASTY
    youtube.add_fault("throttle", value=50_000, request="media")
    stopped.want(LARGE)
    stopped.start()
    stopped.until(lambda: downloading(stopped))
    hung = stopped.until(lambda: busy_worker(stopped))
    os.kill(hung, signal.SIGSTOP)
    told = stopped.until(lambda: failure(stopped, LARGE))
    assert (told["code"], told["kind"]) == ("WORKER_DIED", "transient")
    assert "said nothing for 8 seconds" in told["message"]
    assert told["next_attempt_at"]
    stopped.until(lambda: not alive({hung}))
    assert downloading(stopped), "what had come is kept"
    youtube.remove_faults()
    assert stopped.ask("POST", "/api/v1/workplan/retry", {"subjects": [LARGE]}).status == 200
    stopped.until(lambda: stopped.committed() == {LARGE})
    assert stopped.stop() == 0


@pytest.fixture
def endless_ffmpeg(tmp_path: Path) -> Path:
    """A folder for PATH whose ffmpeg is the real one, and repeats what it merges for ever."""
    program = tmp_path / "endless" / "ffmpeg"
    program.parent.mkdir()
    program.write_text(
        f'#!/bin/sh\nexec "{imageio_ffmpeg.get_ffmpeg_exe()}" -stream_loop -1 -readrate 1 "$@"\n'
    )
    program.chmod(0o755)
    return program.parent


def merging(daemon: Daemon) -> bool:
    """Whether an ffmpeg that makes a file runs below it."""
    for pid in descendants(daemon.pid):
        try:
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if b"-stream_loop" in words and b"-i" in words:
            return True
    return False


def test_a_daemon_killed_while_ffmpeg_merges_leaves_none_and_the_next_merges_though_the_manifest_is_invalid(
    stopped: Daemon, youtube: SimulatorProcess, endless_ffmpeg: Path
) -> None:
    path = stopped.environment["PATH"]
    stopped.environment["PATH"] = f"{endless_ffmpeg}:{path}"
    stopped.want("mergemerge1")
    stopped.start()
    stopped.until(lambda: merging(stopped))
    below = descendants(stopped.pid)
    asked = youtube.counters()["requests"]["media"]
    stopped.kill()
    stopped.until(lambda: not alive(below))
    before = len(stopped.log)
    stopped.environment["PATH"] = path
    stopped.manifest("videos: [mergemerge2]\nplaylist: []\n")  # there is no such key
    stopped.start()
    stopped.until(lambda: stopped.committed() == {"mergemerge1"})
    assert youtube.counters()["requests"]["media"] == asked, "nothing is downloaded again"
    says_that_the_last_good_version_is_in_force(stopped, before)
    assert stopped.stop() == 0
    assert not (stopped.state / "daemon.json").exists()


def says_that_the_last_good_version_is_in_force(daemon: Daemon, since: int) -> None:
    """In its log, as a condition, and as a metric."""
    daemon.until(lambda: "wanted.yaml:3:1: " in daemon.log[since:])
    health = daemon.get("/api/v1/health").json
    assert [":3:1: " in problem for problem in health["problems"]] == [True]
    bad = b"ytarchive_config_last_reload_successful 0.0"
    daemon.until(lambda: bad in daemon.get("/metrics").body.splitlines())
    assert daemon.get("/readyz").status == 200
    assert daemon.get("/api/v1/videos/mergemerge2").json["decision"] is None
