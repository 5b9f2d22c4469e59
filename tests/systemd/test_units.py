"""The units are held against systemd's own analyses, and against what the daemon and the command line do."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

from ytarchive import settings as settings_module
from ytarchive.core.setting_keys import SETTINGS

ROOT = Path(__file__).parents[2]
UNITS = ROOT / "systemd"
SERVICES = ("ytarchive.service", "ytarchive-once.service")
WORST_EXPOSURE = 1.2


def needs(tool: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(shutil.which(tool) is None, reason=f"{tool} is not installed")


def run(*command: str) -> str:
    """What a tool prints; it must succeed."""
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def keys(unit: str, section: str = "Service") -> dict[str, list[str]]:
    """The lines of a section: every key with all its values."""
    found: dict[str, list[str]] = {}
    inside = False
    for line in (UNITS / unit).read_text().splitlines():
        if line.startswith("["):
            inside = line == f"[{section}]"
        elif inside and "=" in line and not line.startswith("#"):
            key, _, value = line.partition("=")
            found.setdefault(key, []).append(value)
    return found


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """The units with the example drop-in in force for both services."""
    folder = tmp_path / "system"
    shutil.copytree(UNITS, folder)
    shutil.copytree(folder / "ytarchive.service.d", folder / "ytarchive-once.service.d")
    return folder


@needs("systemd-analyze")
@pytest.mark.parametrize("unit", [*SERVICES, "ytarchive-once.timer"])
def test_systemd_has_no_objection_to_a_unit_with_or_without_the_drop_in(unit: str, installed: Path) -> None:
    assert run("systemd-analyze", "verify", str(UNITS / unit)) == ""
    assert run("systemd-analyze", "verify", str(installed / unit)) == ""


@needs("systemd-analyze")
def test_an_objection_to_a_drop_in_would_be_seen(installed: Path) -> None:
    with (installed / "ytarchive.service.d" / "archive.conf").open("a") as drop_in:
        drop_in.write("ReadWritePath=/srv\n")
    assert "Unknown key" in run("systemd-analyze", "verify", str(installed / "ytarchive.service"))


@needs("systemd-analyze")
@pytest.mark.parametrize("unit", SERVICES)
def test_a_service_is_exposed_to_little_also_with_the_drop_in(unit: str, installed: Path) -> None:
    for path in (UNITS / unit, installed / unit):
        told = run("systemd-analyze", "security", "--offline=true", "--no-pager", str(path))
        (exposure,) = re.findall(r"Overall exposure level for \S+: ([0-9.]+)", told)
        assert float(exposure) <= WORST_EXPOSURE, told


@needs("systemd-analyze")
def test_the_timer_s_times_are_times() -> None:
    assert "Next elapse" in run(
        "systemd-analyze", "calendar", *keys("ytarchive-once.timer", "Timer")["OnCalendar"]
    )


def test_the_daemon_is_watched_reloaded_and_ended_as_it_expects() -> None:
    unit = keys("ytarchive.service")
    assert (unit["Type"], unit["WatchdogSec"], unit["KillMode"]) == (["notify"], ["60s"], ["mixed"])
    assert unit["ExecReload"] == ["/bin/kill -HUP $MAINPID"]
    assert unit["Restart"] == ["on-failure"]
    assert "78" in unit["RestartPreventExitStatus"][0].split()
    assert unit["ExecStart"] == ["/usr/bin/env ytarchive reconcile"]


def test_one_pass_ends_well_also_when_something_could_not_be_had() -> None:
    unit = keys("ytarchive-once.service")
    assert (unit["Type"], unit["SuccessExitStatus"]) == (["oneshot"], ["3"])
    assert unit["ExecStart"] == ["/usr/bin/env ytarchive reconcile --once"]
    timer = keys("ytarchive-once.timer", "Timer")
    assert timer["Persistent"] == ["yes"] or timer["Persistent"] == ["true"]
    assert "RandomizedDelaySec" in timer


def test_both_services_may_do_the_same() -> None:
    own = {
        "Type", "ExecStart", "ExecReload", "SuccessExitStatus", "WatchdogSec", "TimeoutStartSec", "Restart", "RestartSec",
        "RestartPreventExitStatus",
    }  # fmt: skip
    daemon, once = ({key: value for key, value in keys(unit).items() if key not in own} for unit in SERVICES)
    assert daemon == once


def test_deno_interprets_where_memory_is_never_both_written_and_run() -> None:
    for unit in SERVICES:
        assert keys(unit)["MemoryDenyWriteExecute"] == ["yes"]
        assert "DENO_V8_FLAGS=--jitless" in keys(unit)["Environment"]


def test_the_example_settings_keep_the_state_where_the_service_may_write(tmp_path: Path) -> None:
    loaded = settings_module.load(UNITS / "ytarchive.toml", {}, {}, tmp_path)
    unit = keys("ytarchive.service")
    assert loaded.state.path == Path("/var/lib", *unit["StateDirectory"])
    assert [str(loaded.archive.root)] == keys("ytarchive.service.d/archive.conf")["ReadWritePaths"]
    assert [str(loaded.archive.root)] == keys("ytarchive.service.d/archive.conf", "Unit")["RequiresMountsFor"]
    assert tomllib.loads((UNITS / "ytarchive.toml").read_text())
    assert "YTARCHIVE_CONFIG=/etc/ytarchive/ytarchive.toml" in unit["Environment"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give folders away")
@needs("systemd-sysusers")
@needs("systemd-tmpfiles")
def test_the_user_and_the_folders_are_made(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    run("systemd-sysusers", f"--root={tmp_path}", str(UNITS / "sysusers.d" / "ytarchive.conf"))
    users = (tmp_path / "etc" / "passwd").read_text()
    assert re.search(
        r"^ytarchive:x:\d+:\d+:YouTube archive:/var/lib/ytarchive:\S+/nologin$", users, re.MULTILINE
    )
    assert re.search(r"^media:x:\d+:ytarchive$", (tmp_path / "etc" / "group").read_text(), re.MULTILINE)
    run("systemd-tmpfiles", "--create", f"--root={tmp_path}", str(UNITS / "tmpfiles.d" / "ytarchive.conf"))
    modes = {
        path.name: oct(path.stat().st_mode & 0o7777) for path in (tmp_path / "etc" / "ytarchive").iterdir()
    }
    assert modes == {"manifests": "0o2775", "secrets": "0o700"}


def test_the_guide_names_files_and_settings_that_there_are() -> None:
    guide = (ROOT / "docs" / "deployment.md").read_text()
    named = set(re.findall(r"(?<![\w/])systemd/[\w./-]+\w", guide))
    assert named >= {f"systemd/{name}" for name in (*SERVICES, "ytarchive-once.timer", "ytarchive.toml")}
    assert {name for name in named if not (ROOT / name).is_file()} == set()
    sections = {setting.key.partition(".")[0] for setting in SETTINGS}
    settings = re.findall(r"`([a-z]+\.[a-z_]+)`", guide)
    known = {setting.key for setting in SETTINGS}
    assert {key for key in settings if key.partition(".")[0] in sections} <= known
