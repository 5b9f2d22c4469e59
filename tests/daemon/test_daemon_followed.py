"""Commands that follow a daemon: they end when what is left waits for a time, or for longer than somebody waits."""

from __future__ import annotations

import json
from pathlib import Path

from daemons import HASTY, Daemon, running_daemon

from ytarchive.simulator.process import SimulatorProcess

SLOW_BYTES_PER_SECOND = 4_000  # some seconds a video


def test_a_pass_is_over_when_nothing_is_left_though_the_daemon_tells_of_it_in_parts(
    stopped: Daemon, youtube: SimulatorProcess
) -> None:
    stopped.program = HASTY
    stopped.environment["PASS_SECONDS"] = "1"
    stopped.start()
    youtube.add_fault("throttle", value=SLOW_BYTES_PER_SECOND, request="media")
    stopped.want("longpass001")
    before = stopped.until(lambda: stopped.get("/api/v1/running").json and stopped.get("/api/v1/health").json)
    done = stopped.run("reconcile", "--once", "--json")
    answer = json.loads(done.stdout)
    assert (done.returncode, answer["books"]["have"]) == (0, 1)
    assert (answer["report"]["goes_on"], answer["report"]["done"]["fetched"]) == (False, 1)
    after = stopped.get("/api/v1/health").json
    assert after["passes"] > before["passes"] + 1, "there was more than one"
    assert stopped.stop() == 0


def test_who_will_not_wait_as_long_as_the_daemon_is_told_what_it_waits_for(
    tmp_path: Path, youtube: SimulatorProcess
) -> None:
    limits = {"limits.videos_per_hour": 3, "limits.pause": "5m"}  # it begins when less than half is left
    with running_daemon(tmp_path, youtube, limits) as daemon:
        daemon.want("longwait001", "longwait002", "longwait003")
        for command, videos in (("reconcile", ("--once",)), ("download", ("longwait004",))):
            done = daemon.run(command, *videos, "--max-wait", "5s", "--json")
            report = json.loads(done.stdout)["report"]
            assert done.returncode == 3
            assert report["waiting"]
            assert report["waiting_until"] > report["ended_at"]
        assert len(daemon.committed()) == 2
