"""What a person sees and says of what is taken away: the commands, beside a pass in a model of YouTube."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from reconciler_house import QUICK
from removal_house import Bench, video_id

import ytarchive.__main__ as program
from ytarchive.core.item import Metadata
from ytarchive.reconciler import open_world

VIDEOS = [video_id(number) for number in range(20)]
Command = Callable[..., Any]


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    monkeypatch.chdir(tmp_path)
    for name, value in QUICK.items():
        monkeypatch.setenv(name, value)
    return Bench.at(tmp_path, start=int(time.time()))  # the commands read the real clock


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Command:
    def run(*arguments: str, code: int = 0) -> Any:
        """What a command answers: a document where it is asked for JSON, its text else, its error where it must fail."""
        ended = program.run([*arguments])
        told = capsys.readouterr()
        assert ended == code, told.err
        if code in (1, 64):
            return told.err
        return json.loads(told.out) if "--json" in arguments else told.out

    return run


def test_a_person_confirms_puts_back_and_empties(bench: Bench, command: Command) -> None:
    bench.follow(VIDEOS, when_unwanted="quarantine")
    bench.run()
    assert "Nothing is in quarantine" in command("quarantine")
    assert "nothing waits" in command("quarantine", "confirm", code=64)
    bench.follow(VIDEOS, keep="{last: 15}", when_unwanted="quarantine")

    shown = command("plan", "--no-refresh")
    assert "Plan: 0 download, 0 update, 0 remove, 0 blocked" in shown
    assert "wait for your word" in shown
    assert "tv leaves it out by keep.last" in shown.replace("\n", " ")
    assert "5 items would be taken away at once, more than the guard lets pass" in shown.replace("\n", " ")
    answer = command("quarantine", "list", "--json")
    assert (answer["count"], set(answer["waiting"])) == (0, set(VIDEOS[15:]))
    would = command("quarantine", "confirm", "--dry-run", "--json")
    assert (would["count"], would["dry_run"]) == (5, True)
    assert bench.run().exit_code == 3
    assert "would put it into quarantine: tv leaves it out by keep.last" in command("explain", VIDEOS[15])
    assert "something else waits" in command("quarantine", "confirm", "--digest", "other", code=64)
    assert command("quarantine", "confirm", "--digest", answer["digest"], "--json")["count"] == 5

    plan = command("plan", "--no-refresh", "--json")
    assert (plan["summary"]["remove"], len(plan["plan"]["removals"]["now"])) == (5, 5)
    shown = command("plan", "--no-refresh", "-v")
    assert "Plan: 0 download, 0 update, 5 remove, 0 blocked" in shown
    assert "keep.last" in shown
    assert bench.run().done.quarantined == 5
    assert f"{VIDEOS[15]}" in command("quarantine")
    assert "quarantine restore" in command("explain", VIDEOS[15])

    assert command("quarantine", "restore", VIDEOS[15], "--dry-run", "--json")["videos"] == [VIDEOS[15]]
    assert command("quarantine", "restore", VIDEOS[15], "--json")["videos"] == [VIDEOS[15]]
    assert "stays whatever the policies say" in command("explain", VIDEOS[15])
    assert "not in quarantine" in command("quarantine", "restore", VIDEOS[15], code=64)
    assert "which items?" in command("quarantine", "restore", code=64)
    assert "which items?" in command("quarantine", "empty", code=64)
    assert command("quarantine", "empty", VIDEOS[16], "--json")["count"] == 1
    assert "4 items" not in command("quarantine", "empty", "--all", "--dry-run")
    assert "Deleted: 3 items" in command("quarantine", "empty", "--all")
    assert bench.run().done.fetched == 0

    assert command("workplan", "retry", VIDEOS[17], "--dry-run", "--json")["subjects"] == [VIDEOS[17]]
    assert command("workplan", "retry", VIDEOS[17], "--json")["subjects"] == [VIDEOS[17]]
    bench.follow(VIDEOS, when_unwanted="quarantine")
    assert bench.run().done.fetched == 1
    kinds = [line["kind"] for line in bench.journal() if line["video"] == VIDEOS[17]]
    assert kinds == ["prune", "empty", "unprune"]
    told = command("history", VIDEOS[17], "--json")
    assert {"prune", "empty", "unprune"} <= {one["text"].split(" ")[0].rstrip(":") for one in told["moments"]}


def test_hostile_titles_of_what_is_taken_away_do_nothing(bench: Bench, command: Command) -> None:
    bench.follow(VIDEOS, when_unwanted="quarantine")
    bench.run()
    with open_world(bench.house.settings, clock=bench.clock) as world:
        hostile = Metadata(title="\x1b[31m\u2066[link=http://evil.example]title[/]", channel="\x07")
        world.index.record_metadata(VIDEOS[19], hostile, bench.clock.now() + 1)
    bench.follow(VIDEOS, keep="{last: 19}", when_unwanted="quarantine")
    shown = command("plan", "--no-refresh")
    bench.run()
    shown += command("quarantine") + command("explain", VIDEOS[19])
    assert "[link=http://evil.example]title[/]" in shown
    assert not {"\x1b", "\x07", "\u2066"} & set(shown)
