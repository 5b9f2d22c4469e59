"""A daemon follows what people write."""

from __future__ import annotations

from daemons import Daemon


def test_a_manifest_that_changes_is_carried_out(daemon: Daemon) -> None:
    daemon.want("daemonvid01")
    daemon.until(lambda: daemon.committed() == {"daemonvid01"})
    daemon.want("daemonvid01", "daemonvid02")
    daemon.until(lambda: daemon.committed() == {"daemonvid01", "daemonvid02"})


def test_a_plan_that_is_left_for_another_is_carried_out_by_that_one(daemon: Daemon) -> None:
    """Manifests are written again and again while a list is worked off: nothing of it is taken for tried."""
    videos = [f"plan_left_{number:x}" for number in range(8)]
    for count in range(1, len(videos) + 1):
        daemon.want(*videos[:count])
        daemon.until(lambda: videos[0] in daemon.committed())
    daemon.until(lambda: {*videos} <= daemon.committed())


def test_a_daemon_that_is_told_to_stop_leaves_nothing_behind(daemon: Daemon) -> None:
    assert daemon.stop() == 0
    assert not (daemon.state / "daemon.json").exists()
    assert "Traceback" not in daemon.log
