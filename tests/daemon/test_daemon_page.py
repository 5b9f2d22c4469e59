"""The page of a real daemon: an edit of a manifest is on it, and what came of it."""

from __future__ import annotations

from pathlib import Path

from daemons import Daemon, running_daemon

from ytarchive.simulator.process import SimulatorProcess


def shown(daemon: Daemon) -> str:
    return daemon.get("/", token=False).body.decode()


def test_edit_is_on_the_page_and_so_is_what_is_wrong_with_the_next(
    tmp_path: Path, youtube: SimulatorProcess
) -> None:
    with running_daemon(tmp_path / "daemon", youtube) as daemon:
        assert "Nothing is wanted yet" in shown(daemon)
        daemon.want("pagevideo01")
        daemon.until(lambda: 'href="/entries/wanted"' in shown(daemon))
        daemon.until(lambda: "Everything wanted is here" in shown(daemon))
        daemon.manifest("videos: [", "broken.yaml")
        daemon.until(lambda: "A manifest needs you" in shown(daemon))
        assert "broken.yaml:3:1: not YAML" in shown(daemon)
        assert "pagevideo01" in daemon.get("/entries/wanted", token=False).body.decode()
