"""`ytarchive doctor`: what it finds on this machine, on broken ones, and before the stand-in for YouTube."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from cli_project import Project
from engine_shop import put

from ytarchive.adapters.engines import Rack, upgrade
from ytarchive.adapters.executor import Limits, LocalExecutor
from ytarchive.adapters.index import Index, QuotaLedger
from ytarchive.cli import folders, machine, reaching
from ytarchive.cli.checks import Check, Section, bounded
from ytarchive.core.identity import GUEST
from ytarchive.core.job import Job, Network
from ytarchive.core.quota import QuotaLimits
from ytarchive.errors import WorkerError
from ytarchive.settings import load as load_settings
from ytarchive.simulator import WELL_KNOWN, Simulator, pages

ORDINARY, PRIVATE = WELL_KNOWN["ordinary"], WELL_KNOWN["private"]
# As much of a player as yt-dlp-ejs 0.8 looks for: two statements, of which the second calls a function, in which a
# function passes "alr" and "yes" on. This one turns `n` around.
SOLVABLE_PLAYER = """var _yt_player={};(function(g){
"use strict";
function Address(text){this.values=new Map();}
Address.prototype.mix=function(){this.values.set("n",[...this.values.get("n")].reverse().join(""));};
Address.prototype.set=function(name,value){this.values.set(name,value);};
Address.prototype.get=function(name){return this.values.get(name);};
var open=function(text,name,value){var it=new Address(text);it.set("alr","yes");it.set(name,value);return it;};
})(_yt_player);"""


@pytest.fixture
def youtube_with_player(monkeypatch: pytest.MonkeyPatch) -> Iterator[Simulator]:
    monkeypatch.setattr(pages, "PLAYER_JS", SOLVABLE_PLAYER)
    with Simulator() as running:
        yield running


def connect(project: Project, youtube: Simulator, **more: str) -> None:
    network = {"proxy": youtube.proxy_url, "ca_file": str(youtube.ca_path), **more}
    lines = "".join(f'{key} = "{value}"\n' for key, value in network.items())
    project.write("ytarchive.toml", f"[archive]\nmin_free = 0\n[network]\n{lines}")


def by_name(answer: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {check["name"]: check for check in answer["checks"]}


def one(checks: Iterator[Check], name: str) -> Check:
    return next(check for check in checks if check.name == name)


def test_online_a_video_is_looked_up_and_a_challenge_is_solved(
    project: Project, youtube_with_player: Simulator
) -> None:
    connect(project, youtube_with_player)
    with (project.folder / "ytarchive.toml").open("a") as file:
        file.write('[youtube]\napi_key_file = "key"\n')
    project.write("key", "known-key").chmod(0o600)
    youtube_with_player.set_api_key("known-key")
    path = project.folder / "state/index.sqlite"
    path.parent.mkdir()
    Index.open(path).close()
    checks = by_name(project.json("doctor", "--online", "--video", ORDINARY))
    assert {name: checks[name]["status"] for name in reaching.ONLINE_CHECKS} == {
        "dns": "ok",
        "tls": "ok",
        "clock online": "ok",
        "api online": "ok",
        "video": "ok",
        "challenge": "ok",
    }
    assert ORDINARY in checks["video"]["found"]
    assert "YouTube simulator" in checks["tls"]["found"]
    assert youtube_with_player.counters()["requests"]["watch"] == 1
    assert checks["api quota"]["found"].startswith("10,000 of 10,000 units left")
    with QuotaLedger(path, QuotaLimits(10_000), read_only=True) as ledger:
        assert dict(ledger.standing(int(time.time())).spent) == {"metadata": 1}
    groups = {check["group"] for check in checks.values()}
    assert groups == {"Programs", "Settings", "Folders", "Clock and address", "YouTube"}


def test_broken_things_are_told_with_their_cure_and_the_rest_is_still_checked(
    project: Project, tmp_path: Path, youtube_with_player: Simulator
) -> None:
    """A video that is private, certificates of somebody else, an ancient ffmpeg, a loose key, an engine that is gone."""
    connect(project, youtube_with_player, ca_file=str(tmp_path / "other.pem"))
    other = Simulator()
    with other:
        (tmp_path / "other.pem").write_bytes(Path(other.ca_path).read_bytes())
    ffmpeg = project.write("bin/ffmpeg", "#!/bin/sh\necho 'ffmpeg version 4.4.1 of long ago'\n")
    ffmpeg.chmod(0o755)
    key = project.write("key", "a-key-that-must-not-be-told")
    key.chmod(0o644)
    with (project.folder / "ytarchive.toml").open("a") as file:
        file.write('[youtube]\napi_key_file = "key"\n[auth.main]\ncookies_file = "nowhere.txt"\n')
    project.write(
        "state/engines/choice.json",
        '{"engine":"2099.1.1","previous":null,"pinned":false,"built_in":null,"chosen_at":"2026-01-01T00:00:00Z","format":1}',
    )
    done = project.run(
        "doctor",
        "--online",
        "--video",
        PRIVATE,
        environment={"IMAGEIO_FFMPEG_EXE": str(ffmpeg), "PATH": os.environ["PATH"]},
    )
    assert done.returncode == 1
    lines = [" ".join(line.split()) for line in done.stdout.splitlines()]

    def cure_of(beginning: str) -> str:
        place = next((n for n, line in enumerate(lines) if line.startswith(beginning)), None)
        assert place is not None, done.stdout
        return lines[place + 1].removeprefix("cure: ")

    if not machine_has_its_own_ffmpeg():
        assert "7.0.2 or newer on the PATH" in cure_of("failed ffmpeg 4.4.1")
    assert cure_of("warning api key") == f"chmod 600 {key}"
    assert cure_of("failed auth.main").startswith("export the cookies")
    assert cure_of("warning engine choice yt-dlp 2099.1.1") == (
        "install it again: `ytarchive engine upgrade 2099.1.1`"
    )
    assert "network.ca_file" in cure_of("failed tls")
    assert "ca_file" in cure_of("failed video TLS:")
    assert [line for line in lines if line.startswith("skipped challenge")]
    assert [line for line in lines if line.startswith("ok hard links")]
    assert "a-key-that-must-not-be-told" not in done.stdout + done.stderr


def machine_has_its_own_ffmpeg() -> bool:
    """A system's ffmpeg that is new enough comes before any other."""
    import shutil

    return shutil.which("ffmpeg") is not None


def test_an_engine_that_does_not_load_fails_and_rollback_is_the_cure(tmp_path: Path) -> None:
    rack = Rack(tmp_path / "state")
    put(rack, "2099.1.1")
    upgrade(rack, "2099.1.1", lambda _: None)
    check = one(machine.engine_checks(rack), "engine")
    assert (check.status, check.cure) == ("failed", "go back with `ytarchive engine rollback`")
    assert f"expected {rack.folder / '2099.1.1'}" in check.found


def test_a_worker_refuses_another_engine_than_it_was_given(tmp_path: Path) -> None:
    """A folder that lost its files would leave the import to the environment's own yt-dlp."""
    rack = Rack(tmp_path / "state")
    put(rack, "2099.1.1")
    upgrade(rack, "2099.1.1", lambda _: None)
    with (
        LocalExecutor(1, on_event=print, engines=rack, limits=Limits(failed_starts=1)) as pool,
        pytest.raises(WorkerError, match=r"was loaded from .* expected .*engine rollback"),
    ):
        pool.submit(Job("job", "probe", ORDINARY)).result(60)


def test_a_choice_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    rack = Rack(tmp_path / "state")
    rack.folder.mkdir(parents=True)
    (rack.folder / "choice.json").write_text("{")
    check = one(machine.engine_checks(rack), "engine choice")
    assert (check.status, "built-in engine is used" in check.found) == ("warning", True)


def test_a_check_that_hangs_has_failed_after_its_time_and_what_came_before_it_stands() -> None:
    for_ever = Event()

    def look() -> Iterator[Check]:
        yield Check("first", "ok", "quick")
        for_ever.wait(60)
        yield Check("second", "ok", "never told")

    found = list(bounded(Section("Folders", "archive", look, seconds=0.2, cure="look at the disk")))
    for_ever.set()
    assert [(each.name, each.status, each.group) for each in found] == [
        ("first", "ok", "Folders"),
        ("archive", "failed", "Folders"),
    ]
    assert (found[1].found, found[1].cure) == ("no answer within 0.2 seconds", "look at the disk")


def test_a_bug_in_a_check_is_not_swallowed() -> None:
    def look() -> Iterator[Check]:
        raise ZeroDivisionError
        yield

    with pytest.raises(ZeroDivisionError):
        list(bounded(Section("Folders", "archive", look)))


@pytest.mark.parametrize(
    ("apart", "status", "said"),
    [
        (0, "ok", "0 s from YouTube's"),
        (59, "ok", "59 s from YouTube's"),
        (61, "warning", "61 s behind YouTube's"),
        (-600, "warning", "10 min ahead of YouTube's"),
        (86400, "failed", "24 h behind YouTube's"),
    ],
)
def test_a_clock_is_compared_with_youtube_s(apart: int, status: str, said: str) -> None:
    check = reaching._beside(1_800_000_000.0 + apart, 1_800_000_000.0)
    assert (check.status, check.found) == (status, said)


def test_a_clock_before_what_was_written_or_released_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rack, index = Rack(tmp_path / "state"), tmp_path / "index.sqlite"
    assert one(reaching.clock(rack, index), "clock").status == "ok"
    index.touch()
    os.utime(index, (time.time() + 200_000,) * 2)
    check = one(reaching.clock(rack, index), "clock")
    assert (check.status, "the index was written at" in check.found) == ("warning", True)
    rack.__dict__["built_in"] = "2999.1.1"
    check = one(reaching.clock(rack, index), "clock")
    assert (check.status, "before the release" in check.found) == ("failed", True)


@pytest.mark.skipif(
    not Path("/dev/shm").is_dir() or Path("/dev/shm").stat().st_dev == Path("/tmp").stat().st_dev,
    reason="needs two file systems",
)
@pytest.mark.parametrize(("part", "status"), [("library", "warning"), ("videos", "failed")])
def test_a_folder_of_the_archive_on_another_file_system_is_told(
    tmp_path: Path, part: str, status: str
) -> None:
    assert folders.one_file_system(tmp_path).status == "ok"
    (tmp_path / part).symlink_to("/dev/shm")
    check = folders.one_file_system(tmp_path)
    assert (check.status, check.cure) == (
        status,
        f"keep {part} within the file system of {tmp_path}, and mount nothing below it",
    )


def test_an_address_that_is_throttled_is_told_and_not_asked(project: Project, tmp_path: Path) -> None:
    settings = load_settings(None, {}, {}, project.folder)
    until = int(time.time()) + 3600
    with Index.open(tmp_path / "index.sqlite") as index:
        assert one(reaching.egresses(settings, index), "egress").status == "ok"
        index.record_egress(replace(index.egress(GUEST), open_until=until))
        check = one(reaching.egresses(settings, index), "egress")
        asked = list(reaching.video(settings, index, ORDINARY, Rack(tmp_path)))
    assert (check.status, check.found.startswith("YouTube throttles this address as guest")) == (
        "warning",
        True,
    )
    assert [(each.name, each.status) for each in asked] == [("video", "skipped"), ("challenge", "skipped")]


def test_a_proxy_that_is_not_there_is_told_with_its_cure() -> None:
    network = Network(proxy="http://127.0.0.1:9")
    assert one(reaching.names(network), "dns").found == "127.0.0.1 is 127.0.0.1"
    check = one(reaching.handshake(network), "tls")
    assert (check.status, "network.proxy" in str(check.cure)) == ("failed", True)


def test_a_name_that_does_not_resolve_is_told() -> None:
    check = one(reaching.names(Network(proxy="http://nowhere.invalid:3128")), "dns")
    assert (check.status, check.found.startswith("nowhere.invalid: ")) == ("failed", True)
