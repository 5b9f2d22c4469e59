"""Signing in as a person does it: the work plan's words, an account, one command; and nobody learns the cookies."""

from __future__ import annotations

from pathlib import Path

from cli_project import Project

from ytarchive.simulator import WELL_KNOWN
from ytarchive.simulator.process import SimulatorProcess

AGE, MEMBERS = WELL_KNOWN["age"], WELL_KNOWN["members"]
SMALL = "quality: {max: 144p}, captions: {languages: []}, embed: [], sidecars: [info_json]"


def wish(project: Project, more: str = "") -> None:
    project.wish(f"version: 1\ndefaults: {{{SMALL}{more}}}\nvideos: [{AGE}, {MEMBERS}]\n")


def values(cookies: str) -> list[str]:
    return [line.split("\t")[6] for line in cookies.splitlines() if line.count("\t") == 6]


def everything_written(project: Project, *but: Path) -> bytes:
    """All that is in the folder, with the folder for temporary files, other than settings and cookies."""
    files = [path for path in project.folder.rglob("*") if path.is_file() and path not in but]
    assert len(files) > 10
    return b"\n".join(path.read_bytes() for path in files)


def test_one_command_archives_what_needed_cookies_and_nobody_learns_them(
    online: Project, youtube: SimulatorProcess
) -> None:
    settings = online.folder / "ytarchive.toml"
    (online.folder / "temporary").mkdir()
    private = {"TMPDIR": str(online.folder / "temporary")}
    wish(online)
    refused = online.run("reconcile", "--once")
    assert refused.returncode == 3

    plan = online.json("workplan", "list")
    actions = {group["code"]: group["actions"] for group in plan["groups"]}
    assert {"AGE", "MEMBERS"} == set(actions)
    give, name, *_ = actions["AGE"]
    assert give["edit"].endswith('ytarchive.toml, [auth.main]: cookies_file = "FILE"')
    assert name["edit"].endswith("wishes.yaml:1, under defaults: auth: main")
    assert name["command"] == "ytarchive reconcile --once"

    wish(online, ", auth: mian")
    cookies = youtube.set_account("person")
    file = online.write("main.txt", f"{cookies}.youtube.com\tbroken with\t{values(cookies)[0]}\n")
    file.chmod(0o600)
    settings.write_text(f'{settings.read_text()}[auth.main]\ncookies_file = "main.txt"\n')
    wrong = online.run("validate")
    assert wrong.returncode == 78
    assert "wishes.yaml:2:" in wrong.stderr
    assert "did you mean main?" in wrong.stderr

    wish(online, ", auth: main")
    done = online.run("-v", "reconcile", "--once", environment=private)
    assert "1 downloaded" in done.stdout, done.stdout + done.stderr
    assert done.returncode == 3  # nobody made it a member
    assert [path for path in online.files("archive/videos") if path.endswith(".info.json")]

    told = done.stdout + done.stderr
    written = everything_written(online, file) + told.encode()
    for value in values(cookies):
        assert value.encode() not in written
    assert b"cookies_file" in written  # the search sees what is there
