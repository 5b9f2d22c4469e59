"""Every cure of the failure table, as a person would follow it: the commands are run, the edits made."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest
from reconciler_house import QUICK, House

import ytarchive.__main__ as program
from ytarchive import settings
from ytarchive.adapters import manifest_files
from ytarchive.cli.app import cli
from ytarchive.core.failure import Evidence, verdict
from ytarchive.core.failure_table import LOST, RULES, Rule
from ytarchive.core.work_plan import WorkPlan
from ytarchive.reconciler import open_world, work_plan
from ytarchive.reconciler.receiving import GONE

VIDEO, OTHER, LIST = "-cureMe0001", "--undoMe002", "PLcures1234567"
COMMANDS = sorted({cure.command for rule in RULES for cure in rule.cures if cure.command})
EDITS = sorted({cure.edit for rule in RULES for cure in rule.cures if cure.edit})
# They work on the machine, and are tested with it.
OF_THE_MACHINE = ("ytarchive doctor", "ytarchive engine", "ytarchive reconcile")


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    for name, value in QUICK.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    house = House(tmp_path, dict(QUICK))
    house.manifest(f"videos: [{VIDEO}, {OTHER}]\nplaylists: [{LIST}]\nchannels: ['@cures']\n")
    return house


def plan_of(house: House, rule: Rule) -> WorkPlan:
    """The work plan where everything failed with one code."""
    failure = verdict(rule.code, Evidence(stage="extract", message="so it says"))
    with open_world(house.settings) as world:
        now = world.clock.now()
        for video in (VIDEO, OTHER):
            world.index.record_failure(video, "media", failure, now, now + 99)
        for source in (LIST, "channel:@cures"):
            world.index.fail_listing(source, failure, now, now + 99)
        return work_plan(world)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_does_what_it_says_as_it_stands(
    house: House, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    rule = next(rule for rule in RULES if command in [cure.command for cure in rule.cures])
    plan = plan_of(house, rule)
    actions = [action for group in plan.groups for action in group.actions]
    actions += [action for item in plan.items for action in item.actions]
    told = [action.command for action in actions if action.command]
    like_it = [one for one in told if one.startswith(command.partition(" {")[0])]
    assert like_it
    for line in dict.fromkeys(like_it):
        program_name, *arguments = shlex.split(line)
        assert program_name == "ytarchive"
        if line.startswith(OF_THE_MACHINE):
            assert known_command(arguments), line
            continue
        plan_of(house, rule)
        assert program.run(arguments) == 0, line + capsys.readouterr().err


def known_command(arguments: list[str]) -> bool:
    found: click.Command | None = cli
    for name in arguments:
        if not isinstance(found, click.Group):
            return True
        found = found.get_command(click.Context(found), name)
    return found is not None


@pytest.mark.parametrize("edit", [edit for edit in EDITS if edit.startswith("settings")])
def test_an_edit_of_the_settings_is_taken_as_it_stands(tmp_path: Path, edit: str) -> None:
    section, line = re.fullmatch(r"settings, (\[[^]]+\]): (.*)", edit).groups()  # type: ignore[union-attr]
    written = line.replace("HOST:PORT", "127.0.0.1:3128").replace("FILE", str(tmp_path / "ytarchive.toml"))
    (tmp_path / "ytarchive.toml").write_text(f"{section}\n{written}\n")

    settings.load(None, {}, {}, tmp_path)


@pytest.mark.parametrize("edit", [edit for edit in EDITS if not edit.startswith("settings")])
def test_an_edit_of_a_manifest_is_taken_as_it_stands(tmp_path: Path, edit: str) -> None:
    where, what = re.fullmatch(r"\{(place|named)\}: (.*)", edit).groups()  # type: ignore[union-attr]
    if what.startswith("remove "):
        assert (where == "named") == ("{video}" in what)
        return
    line = what.replace(": ID", ": PLcures7654321")
    channel = line.startswith("channel:")
    address = {"channel": "channel: UC" + "c" * 22}.get("channel" if channel else "", f"playlist: {LIST}")
    lines = (
        [address, line]
        if not line.startswith(("playlist:", "channel:"))
        else [line.replace("PLcures7654321", "UC" + "d" * 22) if channel else line]
    )
    entry = "\n    ".join(lines)
    defaults = "" if len(lines) == 1 else f"defaults:\n  {line}\n"
    (tmp_path / "one.yaml").write_text(f"{defaults}{'channels' if channel else 'playlists'}:\n  - {entry}\n")

    assert manifest_files.load(tmp_path).entries


def test_places_are_told_where_they_stand(house: House) -> None:
    house.manifest(
        "videos:\n  # -cureMe0001 is about cures\n  - https://youtu.be/-cureMe0001\n"
        "  - {video: cureMapping, name: mapped}\nvideos_from: ids.txt\n",
        name="more.yaml",
    )
    (house.folder / "manifests" / "ids.txt").write_text(f"# ids\n{OTHER}\n")
    plan = plan_of(house, next(rule for rule in RULES if rule.code == "PRIVATE"))

    edits = {item.subject: [action.edit for action in item.actions if action.edit] for item in plan.items}
    folder = house.folder / "manifests"
    assert edits[VIDEO] == [
        f"{folder}/more.yaml:4: remove {VIDEO}",
        f"{folder}/wanted.yaml:2: remove {VIDEO}",
    ]
    assert edits[OTHER] == [f"{folder}/ids.txt:2: remove {OTHER}", f"{folder}/wanted.yaml:2: remove {OTHER}"]
    (group,) = plan_of(house, next(rule for rule in RULES if rule.code == "LIST_PRIVATE")).groups
    assert f"{folder}/wanted.yaml:3, entry {LIST}: remove the entry" in [one.edit for one in group.actions]


def test_what_can_be_given_up_is_what_says_that_a_video_is_gone() -> None:
    assert {rule.code for rule in RULES if LOST in rule.cures} == GONE
