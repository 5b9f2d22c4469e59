"""A daemon follows what people write."""

from __future__ import annotations

import signal
from typing import Any

import pytest
from daemons import Daemon


def had(daemon: Daemon) -> list[int | None]:
    """How many videos each entry has; None before the first pass has ended."""
    return [(one["books"] or {}).get("have") for one in daemon.get("/api/v1/entries").json]


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


def test_an_invalid_edit_leaves_the_last_good_version_in_force_and_is_told(daemon: Daemon) -> None:
    daemon.want("daemonvid01")
    daemon.until(lambda: daemon.committed() >= {"daemonvid01"})
    daemon.manifest("videos: [daemonvid01]\nplaylist: []\n")
    daemon.until(lambda: "wanted.yaml:3:1" in daemon.log)
    assert daemon.get("/readyz").status == 200
    daemon.want("daemonvid01", "daemonvid03")
    daemon.until(lambda: "daemonvid03" in daemon.committed())


def test_a_swap_of_links_as_kubernetes_and_git_do_is_followed(daemon: Daemon) -> None:
    """`wanted.yaml -> ..data/wanted.yaml`, and `..data` is renamed over to another version of the whole folder."""
    folder = daemon.folder / "manifests"
    for number, videos in enumerate((["linkedvid01"], ["linkedvid01", "linkedvid02"])):
        daemon.want(*videos)
        version = folder / f"..version{number}"
        version.mkdir()
        (folder / "wanted.yaml").rename(version / "wanted.yaml")
        (folder / "..swapped").symlink_to(version.name)
        (folder / "..swapped").rename(folder / "..data")
        (folder / "wanted.yaml").symlink_to("..data/wanted.yaml")
        daemon.until(lambda wanted={*videos}: wanted <= daemon.committed())  # type: ignore[misc]
    (folder / "..swapped").symlink_to("..version0")
    (folder / "..swapped").rename(folder / "..data")
    daemon.until(lambda: had(daemon) == [1])


def test_an_archive_that_is_unmounted_is_waited_for_and_loses_nothing(daemon: Daemon) -> None:
    daemon.want("daemonvid01")
    daemon.until(lambda: daemon.committed() >= {"daemonvid01"})
    away = daemon.root.rename(daemon.root.with_name("elsewhere"))
    daemon.root.mkdir()  # the empty mount point
    daemon.want("daemonvid01", "daemonvid04")
    daemon.until(lambda: daemon.get("/readyz").status == 503)
    assert not list(daemon.root.iterdir())
    daemon.root.rmdir()
    away.rename(daemon.root)
    daemon.signal(signal.SIGHUP)
    daemon.until(lambda: "daemonvid04" in daemon.committed())
    daemon.until(lambda: daemon.get("/readyz").status == 200)


@pytest.mark.parametrize("what", ["archive", "index"])
def test_a_daemon_whose_ground_vanishes_says_so_and_waits_until_it_is_back(daemon: Daemon, what: str) -> None:
    folder = daemon.root if what == "archive" else daemon.state

    def stopped(number: int) -> str:
        report = daemon.get(f"/api/v1/passes/{number}").json["report"]
        return str(report["stopped"]) if report else ""

    with daemon.without(folder):
        if what == "index":
            daemon.signal(signal.SIGHUP)  # else it notices by itself, a moment later
        condition = daemon.until(lambda: daemon.get("/api/v1/health").json["not_ready"])
        assert condition[0].startswith(f"{what}: {folder}")
        daemon.until(lambda: daemon.get("/api/v1/health").json["passing_since"] is None)
        passes, used = daemon.get("/api/v1/health").json["passes"], daemon.cpu_seconds
        daemon.signal(signal.SIGHUP)  # about which nothing can be done now
        daemon.until(lambda: stopped(passes + 1))
        asked = daemon.ask("POST", "/api/v1/passes", {}).json["number"]
        assert str(folder) in daemon.until(lambda: stopped(asked))
        for _ in range(20):
            assert daemon.get("/", token=False).status == 503
        assert daemon.get("/api/v1/health").json["passes"] <= passes + 3, "it does not try again and again"
        assert daemon.cpu_seconds - used < 5
    if what == "archive":
        daemon.signal(signal.SIGHUP)
    daemon.until(lambda: daemon.get("/readyz").status == 200)


def test_a_manifests_folder_that_vanishes_takes_nothing_away(daemon: Daemon) -> None:
    daemon.want("daemonvid01")

    def bucket() -> str | None:
        found = daemon.get("/api/v1/videos/daemonvid01").json["decision"]
        return str(found["bucket"]) if found else None

    daemon.until(lambda: bucket() == "have")
    with daemon.without(daemon.folder / "manifests"):
        (problem,) = daemon.until(lambda: daemon.get("/api/v1/health").json["problems"])
        assert "there is no such folder" in problem
        assert [one["name"] for one in daemon.get("/api/v1/entries").json] == ["wanted"]
        assert bucket() == "have"
    daemon.until(lambda: not daemon.get("/api/v1/health").json["problems"])


def test_settings_that_are_read_again_hold_or_are_said_to_need_a_restart(daemon: Daemon) -> None:
    file = daemon.folder / "ytarchive.toml"
    before, digest = file.read_text(), daemon.whereabouts["settings_digest"]

    def free() -> int:
        return int(daemon.get("/api/v1/storage/check/daemonvid01").json["min_free_bytes"])

    def health() -> dict[str, Any]:
        return dict(daemon.get("/api/v1/health").json)

    changed = before.replace("archive.min_free = 0", 'archive.min_free = "5MB"')
    file.write_text(changed.replace("127.0.0.1:0", "127.0.0.1:1"))
    daemon.signal(signal.SIGHUP)
    daemon.until(lambda: health()["needs_restart"] == ["server.listen"])
    assert free() == 5_000_000
    assert "hold from now on: archive.min_free" in daemon.log
    assert "hold after a restart of the daemon: server.listen" in daemon.log
    assert "<code>server.listen</code> changed" in daemon.get("/").body.decode()
    taken = daemon.whereabouts["settings_digest"]
    assert taken != digest

    file.write_text(f"{changed}limits.download = 4\n")
    daemon.signal(signal.SIGHUP)
    place = f"ytarchive.toml:{len(changed.splitlines()) + 1}:"
    (problem,) = daemon.until(lambda: health()["problems"])
    assert place in problem
    assert place in daemon.log
    metric = b"ytarchive_config_last_reload_successful"
    daemon.until(lambda: metric + b" 0.0" in daemon.get("/metrics").body.splitlines())
    assert (free(), daemon.whereabouts["settings_digest"]) == (5_000_000, taken)

    file.write_text(before)
    daemon.signal(signal.SIGHUP)
    daemon.until(lambda: not health()["problems"])
    assert (free(), health()["needs_restart"]) == (0, [])
    assert daemon.whereabouts["settings_digest"] == digest
    daemon.until(lambda: metric + b" 1.0" in daemon.get("/metrics").body.splitlines())


def test_a_daemon_that_is_told_to_stop_leaves_nothing_behind(daemon: Daemon) -> None:
    assert daemon.stop() == 0
    assert not (daemon.state / "daemon.json").exists()
    assert "Traceback" not in daemon.log
