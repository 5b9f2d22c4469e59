"""A daemon follows what people write."""

from __future__ import annotations

from daemons import Daemon


def test_a_manifest_that_changes_is_carried_out(daemon: Daemon) -> None:
    daemon.want("daemonvid01")
    daemon.until(lambda: daemon.committed() == {"daemonvid01"})
    daemon.want("daemonvid01", "daemonvid02")
    daemon.until(lambda: daemon.committed() == {"daemonvid01", "daemonvid02"})


def test_a_daemon_that_is_told_to_stop_leaves_nothing_behind(daemon: Daemon) -> None:
    assert daemon.stop() == 0
    assert not (daemon.state / "daemon.json").exists()
    assert "Traceback" not in daemon.log
