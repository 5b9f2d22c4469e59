"""What people decide about many items at once, through the command, the journal, the index and the next pass."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from reconciler_house import QUICK, House

import ytarchive.__main__ as program
from ytarchive.adapters.executor.model import ModelClock, ModelExecutor, ModelRun
from ytarchive.cli.app import Invocation
from ytarchive.cli.output import Screen
from ytarchive.cli.progress import patience
from ytarchive.core.failure import Evidence, verdict
from ytarchive.core.instant import DAY
from ytarchive.core.item import FileRecord, Got, Metadata
from ytarchive.core.job import Engine, Event, Job, Receipt
from ytarchive.core.report import PassReport
from ytarchive.core.selection import Format, choose
from ytarchive.reconciler import explain, open_reading, open_world, rebuild_index, reconcile_once, work_plan

OFFERED = (
    Format("134", "video", label=360, codec="h264"),
    Format("251", "audio", audio_codec="opus", language_preference=10),
)


@dataclass
class Upstream:
    """YouTube as far as a pass can see it: what each video fails with, and one offer for all others."""

    clock: ModelClock
    codes: dict[str, str]

    def hire(self, on_event: Callable[[Event], None]) -> ModelExecutor:
        return ModelExecutor(4, model=self.run, clock=self.clock, on_event=on_event)

    def run(self, job: Job) -> ModelRun:
        code = self.codes.get(job.subject)
        assert job.target is not None
        choice = choose(OFFERED, job.target)
        if code is None and choice is None:
            code = "POLICY_MISS"
        if code is not None:
            failure = verdict(code, Evidence(stage="extract", message=f"the model says {code}"))
            return ModelRun(1.0, Receipt(job=job.id, outcome="failed", failure=failure))
        assert choice is not None
        body = f"media of {job.subject}".encode()
        sha256 = hashlib.sha256(body).hexdigest()
        name = f"{job.subject}.{sha256[:10]}.mkv"
        (Path(job.staging) / "out" / name).write_bytes(body)
        return ModelRun(
            1.0,
            Receipt(
                job=job.id,
                outcome="done",
                files=(FileRecord(name, len(body), sha256, "video"),),
                offered=OFFERED,
                got=Got(video=choice.video, sound=choice.sound, below_wish=choice.below_wish),
                metadata=Metadata(title=f"Video {job.subject}"),
                engine=Engine("model"),
            ),
        )


@dataclass
class Bench:
    """A house, the commands in it, and passes in simulated time."""

    house: House
    upstream: Upstream
    captured: pytest.CaptureFixture[str]

    @property
    def clock(self) -> ModelClock:
        return self.upstream.clock

    def run(self) -> PassReport:
        with open_world(self.house.settings, clock=self.clock, hire=self.upstream.hire) as world:
            return reconcile_once(world, max_wait_seconds=0)

    def command(self, *arguments: str, code: int = 0) -> Any:
        """What a command of the work plan answers as JSON; standard error where it must fail."""
        ended = program.run(["workplan", *arguments, "--json"])
        told = self.captured.readouterr()
        assert ended == code, told.err
        return json.loads(told.out) if code == 0 else told.err

    def journal(self) -> list[dict[str, Any]]:
        folder = self.house.root / ".ytarchive" / "decisions"
        lines = [line for path in sorted(folder.glob("*.jsonl")) for line in path.read_text().splitlines()]
        return [json.loads(line) for line in lines]


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Bench:
    monkeypatch.chdir(tmp_path)
    for name, value in QUICK.items():
        monkeypatch.setenv(name, value)
    # The commands read the real clock, so the model's begins there too.
    return Bench(House(tmp_path, dict(QUICK)), Upstream(ModelClock(int(time.time())), {}), capsys)


def video_id(number: int) -> str:
    return f"-bulk{number:06d}"


def test_one_command_retries_300_failed_items(bench: Bench) -> None:
    videos = [video_id(number) for number in range(300)]
    bench.upstream.codes = dict.fromkeys(videos, "TERMINATED")
    bench.house.want(videos, quality="{max: 360p}")
    assert bench.run().ledger.owed == 300
    bench.upstream.codes.clear()
    assert bench.run().done.fetched == 0

    would = bench.command("retry", "--cause", "TERMINATED", "--dry-run")
    assert (would["count"], would["dry_run"]) == (300, True)
    assert bench.run().done.fetched == 0
    done = bench.command("retry", "--all")
    assert (done["count"], set(done["subjects"])) == (300, set(videos))

    report = bench.run()
    assert (report.done.fetched, report.exit_code) == (300, 0)


def test_items_are_ignored_at_once_until_a_day_and_come_back_then(bench: Bench) -> None:
    videos = [video_id(number) for number in range(20)]
    bench.upstream.codes = dict.fromkeys(videos, "GEO")
    bench.house.want(videos, quality="{max: 360p}")
    bench.run()

    bench.command("ignore", "--all", "--until", "20d", "--why", "on \x1b[2Jholiday")
    assert [line["kind"] for line in bench.journal()] == ["ignore"] * 20
    rebuild_index(bench.house.settings, clock=bench.clock)
    report = bench.run()
    assert (report.exit_code, report.ledger.acknowledged) == (0, 20)
    text = (bench.house.state / "work-plan.md").read_text()
    assert "acknowledged until" in text
    assert "on [2Jholiday" in text

    bench.clock.wait(21 * DAY)
    report = bench.run()
    assert (report.ledger.owed, report.ledger.acknowledged) == (20, 0)
    assert "acknowledged until" not in (bench.house.state / "work-plan.md").read_text()
    assert yaml.safe_load((bench.house.state / "work-plan.yaml").read_text())["acknowledged"] == 0


def test_filters_choose_by_age_cause_and_entry(bench: Bench) -> None:
    old, new = video_id(1), video_id(2)
    bench.upstream.codes = {old: "PRIVATE", new: "GEO"}
    bench.upstream.clock = ModelClock(int(time.time()) - 10 * DAY)
    bench.house.want([old])
    bench.run()
    bench.clock.wait(10 * DAY)
    bench.house.want([old, new])
    bench.run()

    def subjects(*arguments: str) -> list[str]:
        return [item["video"] for item in bench.command("list", *arguments)["items"]]

    assert subjects("--older-than", "5d") == [old]
    assert subjects("--newer-than", "5d") == [new]
    assert subjects("--newer-than", "5d", "--cause", "PRIVATE") == []
    assert subjects("--entry", "wanted", "--cause", "geo") == [new]
    assert "which items?" in bench.command("retry", code=64)
    assert "not in the work plan" in bench.command("retry", "dQw4w9WgXcQ", code=64)


def test_accept_lower_takes_what_there_is_at_once_survives_a_new_index_and_can_be_undone(
    bench: Bench,
) -> None:
    first, second = video_id(1), video_id(2)
    bench.house.want([first, second], quality="{max: 1080p, min: 720p, codecs: [av1], codecs_only: true}")
    assert bench.run().failures == {"POLICY_MISS": 2}

    assert bench.command("accept-lower", "--all", "--dry-run")["count"] == 2
    assert bench.journal() == []
    bench.command("accept-lower", first, "--why", "better than nothing")
    (line,) = bench.journal()
    assert (line["kind"], line["video"], line["why"]) == ("accept-lower", first, "better than nothing")
    report = bench.run()
    assert (report.done.fetched, report.failures) == (1, {"POLICY_MISS": 1})
    with open_reading(bench.house.settings) as world:
        told = explain(world, first)
    assert told.lowered is not None
    assert told.lowered.why == "better than nothing"
    assert {one.field: one.entries for one in told.merged}["video"] == ("wanted",)
    assert told.item is not None
    assert told.item.got.below_wish

    rebuild_index(bench.house.settings, clock=bench.clock)
    report = bench.run()
    assert (report.books.have, report.done.fetched) == (1, 0)

    bench.command("accept-lower", "--undo", first)
    assert [line["kind"] for line in bench.journal()] == ["accept-lower", "unaccept-lower"]
    report = bench.run()
    assert (report.books.have, report.failures) == (0, {"POLICY_MISS": 2})
    assert bench.house.committed() == {first}
    assert "nothing to take back" in bench.command("accept-lower", "--undo", first, code=64)


def test_what_is_gone_and_not_here_can_be_given_up_and_is_counted_apart(bench: Bench) -> None:
    gone, elsewhere, here = video_id(1), video_id(2), video_id(3)
    bench.upstream.codes = {gone: "REMOVED", elsewhere: "GEO"}
    bench.house.want([gone, elsewhere, here], quality="{max: 360p}")
    bench.run()
    bench.upstream.codes[here] = "PRIVATE"
    bench.house.want([gone, elsewhere, here], quality="{max: 720p, min: 720p}")
    bench.run()

    refused = bench.command("lost", elsewhere, code=64)
    assert "GEO" in refused
    assert bench.command("lost", "--all", "--why", "nobody kept it")["subjects"] == [gone]
    plan = bench.command("list")
    assert (plan["lost"], plan["acknowledged"], plan["owed"]) == (1, 1, 2)
    rebuild_index(bench.house.settings, clock=bench.clock)
    bench.run()
    with open_world(bench.house.settings, clock=bench.clock) as world:
        assert work_plan(world).lost == 1
    assert bench.command("ignore", "--undo", "--all")["count"] == 0
    assert bench.command("lost", "--undo", gone)["count"] == 1

    with open_world(bench.house.settings, clock=bench.clock) as world:
        captions = verdict("SUBS_429", Evidence(stage="captions", message="too many"))
        world.index.record_failure(gone, "captions:en", captions, world.clock.now(), world.clock.now() + 99)
    bench.command("lost", gone)
    del bench.upstream.codes[gone]
    bench.house.want([gone, elsewhere, here], quality="{max: 360p}")
    bench.command("retry", gone)
    assert gone in bench.house.committed() or bench.run().done.fetched == 1
    with open_reading(bench.house.settings) as world:
        assert explain(world, gone).acknowledgement is None


def test_a_decision_that_cannot_be_written_down_does_not_take_effect(bench: Bench) -> None:
    video = video_id(1)
    bench.upstream.codes = {video: "GEO"}
    bench.house.want([video])
    bench.run()
    month = time.strftime("%Y-%m", time.gmtime())
    (bench.house.root / ".ytarchive" / "decisions" / f"{month}.jsonl").mkdir()
    assert "cure:" in bench.command("ignore", video, code=1)
    with open_reading(bench.house.settings) as world:
        assert world.index.acknowledgements() == ()


def test_what_changed_since_the_pass_before_is_told_also_after_a_decision(bench: Bench) -> None:
    stays, goes, comes = video_id(1), video_id(2), video_id(3)
    bench.upstream.codes = {stays: "GEO", goes: "PRIVATE"}
    bench.house.want([stays, goes])
    bench.run()
    assert bench.command("diff")["since"] is None
    bench.upstream.codes = {stays: "GEO", comes: "MEMBERS"}
    bench.command("retry", goes)
    bench.house.want([stays, goes, comes], quality="{max: 360p}")
    bench.run()

    told = bench.command("diff")
    assert [(one["subject"], one["after"]) for one in told["new"]] == [(comes, ["MEMBERS"])]
    assert [(one["subject"], one["before"]) for one in told["gone"]] == [(goes, ["PRIVATE"])]
    assert told["changed"] == []
    bench.command("ignore", comes)
    assert bench.command("diff")["new"] == told["new"]
    assert f"- new: `{comes}`" in (bench.house.state / "work-plan.md").read_text()
    program.run(["workplan", "diff"])
    assert comes in bench.captured.readouterr().out


def test_what_is_here_and_gone_there_is_told_by_channel(bench: Bench) -> None:
    kept, alive = video_id(1), video_id(2)
    bench.house.want([kept, alive], quality="{max: 360p}")
    bench.run()
    with open_world(bench.house.settings, clock=bench.clock) as world:
        now = world.clock.now()
        hostile = Metadata(
            title="\x1b[2J\u202e| `last` <words> |", channel="A \x07channel", uploaded_on="2024-05-01"
        )
        world.index.record_metadata(kept, hostile, now)
        world.index.record_gone(kept, "REMOVED", now)
    bench.run()

    told = bench.command("only-copies")
    (copy,) = told["only_copies"]
    assert (told["count"], copy["video"], copy["code"]) == (1, kept, "REMOVED")
    assert (copy["channel"], copy["uploaded_on"], copy["confirmed_at"]) == ("A channel", "2024-05-01", None)
    assert "You hold the only copy: 1 video" in (bench.house.state / "work-plan.md").read_text()
    assert program.run(["workplan", "only-copies"]) == 0
    shown = bench.captured.readouterr().out
    assert "A channel" in shown
    assert kept in shown
    assert "not yet" in shown
    assert not {"\x1b", "\x07", "\u202e"} & set(shown)


def test_items_show_hostile_text_and_do_nothing_by_it(bench: Bench) -> None:
    video = video_id(1)
    bench.upstream.codes = {video: "GEO"}
    bench.house.want([video])
    bench.run()
    with open_world(bench.house.settings, clock=bench.clock) as world:
        failure = verdict("GEO", Evidence(stage="extract", message="\x1b]0;owned\x07 [bold]not[/] \u202egnp"))
        now = world.clock.now()
        hostile = Metadata(title="\x1b[31m\u2066[link=http://evil.example]title[/]", channel="c")
        world.index.record_metadata(video, hostile, now)
        world.index.record_failure(video, "media", failure, now, now + 99)
    bench.command("ignore", video, "--why", "\x9b2J\u202ewhy")

    for arguments in (["list"], ["show"], ["diff"], ["ignore", "--dry-run", video], ["retry", video]):
        assert program.run(["workplan", *arguments]) == 0
        shown = bench.captured.readouterr()
        assert not {"\x1b", "\x07", "\x9b", "\u202e", "\u2066"} & set(shown.out + shown.err)
    program.run(["workplan", "show"])
    shown_item = bench.captured.readouterr().out
    assert "[link=http://evil.example]title[/]" in shown_item
    assert "at the stage extract" in shown_item
    assert f"ytarchive workplan ignore --undo {video}" in shown_item


def test_retry_passes_over_what_is_ignored_unless_it_is_named(bench: Bench) -> None:
    known, other = video_id(1), video_id(2)
    bench.upstream.codes = {known: "GEO", other: "GEO"}
    bench.house.want([known, other])
    bench.run()
    bench.command("ignore", known)

    assert bench.command("retry", "--all", "--dry-run")["subjects"] == [other]
    assert bench.command("retry", "--cause", "GEO", "--dry-run")["subjects"] == [other]
    assert bench.command("retry", known, "--dry-run")["subjects"] == [known]


def test_what_takes_long_says_so_once_and_what_is_quick_says_nothing(
    capfd: pytest.CaptureFixture[str],
) -> None:
    screen = Screen(Invocation())
    with patience(screen, "it is quick", seconds=600):
        pass
    told = ""
    with patience(screen, "it is long", seconds=0):
        give_up_at = time.monotonic() + 60
        while not told and time.monotonic() < give_up_at:
            told = capfd.readouterr().err
    assert told + capfd.readouterr().err == "please wait: it is long\n"
