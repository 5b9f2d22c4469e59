"""A daemon takes away what an edit makes unwanted, and hands back what a person wants back."""

from __future__ import annotations

import json

from daemons import SMALL, Daemon

FIRST, SECOND, THIRD = "removedvid1", "removedvid2", "removedvid3"


def want(daemon: Daemon, *videos: str) -> None:
    keys = f"quality: {SMALL}, captions: {{languages: []}}, sidecars: [], when_unwanted: quarantine"
    daemon.manifest(f"defaults: {{{keys}}}\nvideos: {json.dumps(videos)}\n")


def test_an_edit_takes_away_and_a_person_brings_it_back_beside_the_daemon(daemon: Daemon) -> None:
    want(daemon, FIRST, SECOND, THIRD)
    daemon.until(lambda: daemon.committed() == {FIRST, SECOND, THIRD})
    want(daemon, FIRST, SECOND)
    daemon.until(lambda: daemon.committed() == {FIRST, SECOND})
    told = daemon.until(lambda: daemon.get("/api/v1/quarantine").json["items"])
    assert [one["video"] for one in told] == [THIRD]
    assert not list(daemon.root.glob(f"library/**/*{THIRD}*"))
    metrics = daemon.until(
        lambda: (
            text
            if 'removals_total{how="quarantine"} 1.0' in (text := daemon.get("/metrics").body.decode())
            else None
        )
    )
    assert "ytarchive_removals_waiting 0.0" in metrics

    done = daemon.run("quarantine", "restore", THIRD, "--json")
    assert (done.returncode, json.loads(done.stdout)["videos"]) == (0, [THIRD])
    assert daemon.committed() == {FIRST, SECOND, THIRD}
    assert list(daemon.root.glob(f"library/**/*{THIRD}*"))
    daemon.manifest("videos: [\n")
    daemon.until(lambda: daemon.get("/api/v1/health").json["problems"])
    assert daemon.committed() == {FIRST, SECOND, THIRD}
