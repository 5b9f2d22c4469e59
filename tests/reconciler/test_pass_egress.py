"""Addresses that YouTube bans, engines that break, networks that go away: passes in simulated time."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from click.testing import CliRunner
from reconciler_house import QUICK, House

from ytarchive.adapters.engines import Rack
from ytarchive.adapters.executor.model import ModelClock, ModelExecutor, ModelRun
from ytarchive.cli.app import cli
from ytarchive.core.engines import Choice
from ytarchive.core.failure import Evidence, verdict
from ytarchive.core.forecast import Forecast
from ytarchive.core.instant import DAY, HOUR, MINUTE
from ytarchive.core.item import FileRecord, Got, Metadata
from ytarchive.core.job import Engine, Event, Job, Receipt
from ytarchive.core.report import PassReport
from ytarchive.core.selection import Format
from ytarchive.reconciler import forecast_of, open_world, reconcile_once, take_stock

START = 1_795_392_000
HD = Format("134", "video", label=360, codec="h264")
SOUND = Format("251", "audio", audio_codec="opus", language_preference=10)
Says = Callable[[int, str], str | None]


@dataclass
class Line:
    """A YouTube in the model: `says` tells of each extraction which code it meets, None when all goes well."""

    clock: ModelClock
    says: Says
    seconds: float = 4.0
    asked: list[tuple[int, str]] = field(default_factory=list)
    running: int = 0

    def hire(self, on_event: Callable[[Event], None]) -> ModelExecutor:
        return ModelExecutor(2, model=self.run, clock=self.clock, on_event=on_event)

    def run(self, job: Job) -> ModelRun:
        self.asked.append((self.clock.now(), job.subject))
        code = self.says(self.clock.now(), job.subject)
        if code is not None:
            failure = verdict(code, Evidence(stage="extract", message=f"the model says {code}"))
            return ModelRun(2.0, Receipt(job=job.id, outcome="failed", failure=failure))
        return ModelRun(self.seconds, _done(job))

    def most_in_an_hour(self, since: int = 0) -> int:
        times = sorted(at for at, _ in self.asked if at >= since)
        return max(sum(first <= at < first + HOUR for at in times) for first in times)


def _done(job: Job) -> Receipt:
    body = f"media of {job.subject}".encode()
    sha256 = hashlib.sha256(body).hexdigest()
    name = f"{job.subject}.{sha256[:10]}.mkv"
    (Path(job.staging) / "out" / name).write_bytes(body)
    return Receipt(
        job=job.id,
        outcome="done",
        files=(FileRecord(name, len(body), sha256, "video"),),
        offered=(HD, SOUND),
        got=Got(video=HD, sound=SOUND),
        metadata=Metadata(title=f"Video {job.subject}"),
        engine=Engine("model"),
    )


@dataclass
class Ban:
    """Bot checks for six hours to an address that asks more than `most` times in an hour, counting every question."""

    most: int
    times: list[int] = field(default_factory=list)
    began: list[int] = field(default_factory=list)

    def __call__(self, now: int, video: str) -> str | None:
        self.times = [at for at in self.times if at > now - HOUR] + [now]
        if self.began and now < self.began[-1] + 6 * HOUR:
            return "BOT_CHECK"
        if len(self.times) > self.most:
            self.began.append(now)
            return "BOT_CHECK"
        return None


def video_id(number: int) -> str:
    return f"line{number:07d}"


def house_with(folder: Path, number: int, **limits: str) -> House:
    named = {f"YTARCHIVE_{key.upper()}": value for key, value in limits.items()}
    house = House(folder, {**QUICK, **named})
    house.want([video_id(each) for each in range(number)], quality="{max: 360p, codecs: [h264]}")
    return house


def passes_until_done(
    house: House, line: Line, number: int, *, every: int = HOUR
) -> tuple[list[PassReport], int]:
    """A pass an hour, as a timer would run it, until all is there; the reports, and when the last video came."""
    reports: list[PassReport] = []
    with open_world(house.settings, clock=line.clock, hire=line.hire) as world:
        while not reports or reports[-1].books.have < number:
            assert line.clock.now() < START + 10 * DAY, "it does not converge"
            reports.append(reconcile_once(world))
            line.clock.wait(every)
    return reports, line.asked[-1][0]


def is_within_a_fifth(forecast: Forecast, at: int, ended_at: int) -> bool:
    assert forecast.ends_at is not None
    return abs(forecast.ends_at - ended_at) <= (ended_at - at) / 5


def test_two_thousand_videos_converge_with_one_ban_at_most_and_as_forecast(tmp_path: Path) -> None:
    """Somebody allows 1,000 videos an hour, and the address is good for 300."""
    ban = Ban(300)
    line = Line(ModelClock(START), ban)
    house = house_with(tmp_path, 2000, limits__videos_per_hour="1000", limits__pause="5s")
    reports, ended_at = passes_until_done(house, line, 2000)
    assert len(house.committed()) == 2000
    assert len(ban.began) == 1
    assert len(line.asked) <= 2000 + 4  # three strikes, and one that was out at the same time
    told = [(report.ended_at, report.forecast) for report in reports if report.forecast is not None]
    assert told
    assert all(is_within_a_fifth(forecast, at, ended_at) for at, forecast in told)
    assert reports[0].waiting == "YouTube throttles this address (BOT_CHECK)"


def test_the_defaults_meet_no_ban_at_all_and_end_as_forecast(tmp_path: Path) -> None:
    ban = Ban(300)
    line = Line(ModelClock(START), ban)
    house = house_with(tmp_path, 450, limits__videos_per_hour="250", limits__pause="5s")
    with open_world(house.settings, clock=line.clock, hire=line.hire) as world:
        before = forecast_of(world, take_stock(world))
        report = reconcile_once(world)
    assert before is not None
    assert is_within_a_fifth(before, START, line.asked[-1][0])
    assert report.books.have == 450
    assert ban.began == []
    assert line.most_in_an_hour() <= 250
    assert report.forecast is None


def test_after_a_ban_one_video_alone_goes_out_until_it_is_known_to_be_over(tmp_path: Path) -> None:
    line = Line(ModelClock(START), lambda now, _: "BOT_CHECK" if now < START + 10 * HOUR else None, 60.0)
    house = house_with(tmp_path, 30, limits__extractions="2", limits__pause="0")
    passes_until_done(house, line, 30)
    first = [at for at, _ in line.asked if at < START + HOUR]
    probes = [at for at, _ in line.asked if at >= START + HOUR]
    assert len(first) <= 4  # three strikes, and one that was out at the same time
    assert START + 6 * HOUR <= probes[0] < START + 8 * HOUR
    assert probes[1] >= probes[0] + DAY
    assert probes[2] >= probes[1] + 60


def test_an_index_made_anew_trusts_the_address_with_little(tmp_path: Path) -> None:
    line = Line(ModelClock(START), lambda *_: None)
    house = house_with(tmp_path, 1, limits__videos_per_hour="250")
    with open_world(house.settings, clock=line.clock, hire=line.hire) as world:
        reconcile_once(world)
    (house.state / "index.sqlite").unlink()
    house.want([video_id(each) for each in range(100)], quality="{max: 360p, codecs: [h264]}")
    with open_world(house.settings, clock=line.clock, hire=line.hire) as world:
        reconcile_once(world)
    assert len(house.committed()) == 100
    first_at = line.asked[1][0]
    assert sum(first_at <= at < first_at + HOUR for at, _ in line.asked) <= 30
    assert line.clock.now() > START + 2 * HOUR


def test_downloads_keep_to_their_times_of_day(tmp_path: Path) -> None:
    line = Line(ModelClock(START), lambda *_: None, 600.0)
    house = house_with(tmp_path, 20, schedule__windows="22:00-23:00")
    reports, _ = passes_until_done(house, line, 20)
    assert {datetime.fromtimestamp(at).astimezone().hour for at, _ in line.asked} == {22}
    waiting = [report.waiting for report in reports if report.waiting]
    assert waiting[0] == "outside the times of day that schedule.windows allows"
    assert reports[0].forecast is not None


def test_a_broken_engine_pauses_downloads_and_one_video_goes_on_until_it_is_mended(tmp_path: Path) -> None:
    mended_at = START + 5 * HOUR
    line = Line(ModelClock(START), lambda now, _: "JS_FAIL" if now < mended_at else None)
    house = house_with(tmp_path, 60)
    with open_world(house.settings, clock=line.clock, hire=line.hire) as world:
        report = reconcile_once(world)
        assert [notice.name for notice in report.notices] == ["engine"]
        assert "ytarchive engine upgrade" in (report.waiting or "")
        plan = (house.state / "work-plan.md").read_text()
        assert "Downloads pause" in plan.split("##")[0]
        assert "ytarchive engine upgrade" in plan.split("##")[0]
        while line.clock.now() < mended_at:
            line.clock.wait(10 * MINUTE)
            report = reconcile_once(world)
        assert (
            len(line.asked) <= 4 + 1 + 3
        )  # three strikes, two that were out, canaries after 30 min, 1 h, 3 h
        while report.notices:
            line.clock.wait(10 * MINUTE)
            report = reconcile_once(world)
        line.clock.wait(DAY)
        assert reconcile_once(world).books.have == 60
    assert "Downloads pause" not in (house.state / "work-plan.md").read_text()


def test_another_engine_gets_its_chance_at_once(tmp_path: Path) -> None:
    """As `ytarchive engine upgrade` leaves it, beside a pass that waits."""
    mended_at = START + 600
    line = Line(ModelClock(START), lambda now, _: "JS_FAIL" if now < mended_at else None)
    house = house_with(tmp_path, 20)
    rack = Rack(house.state)
    with open_world(house.settings, clock=line.clock, hire=line.hire) as world:
        assert [notice.name for notice in reconcile_once(world).notices] == ["engine"]
        line.clock.wait(mended_at - line.clock.now())
        asked = len(line.asked)
        assert reconcile_once(world).notices  # it waits for its next look
        assert len(line.asked) == asked
        with rack.changing():
            rack.choose(Choice(chosen_at=line.clock.now()))
        report = reconcile_once(world)
    assert not report.notices
    assert report.books.have + report.books.deferred + report.books.blocked == 20
    assert report.books.have >= 15


def test_three_odd_videos_hold_nobody_up_for_long(tmp_path: Path) -> None:
    odd = {video_id(each) for each in (3, 4, 5)}
    line = Line(ModelClock(START), lambda _, video: "JS_FAIL" if video in odd else None)
    house = house_with(tmp_path, 40)
    with open_world(house.settings, clock=line.clock, hire=line.hire) as world:
        report = reconcile_once(world)
    assert (report.books.have, report.books.blocked) == (37, 3)
    assert report.notices == ()
    assert report.ended_at - START < 10 * MINUTE


def test_the_network_goes_away_and_comes_back_within_a_pass(tmp_path: Path) -> None:
    line = Line(ModelClock(START), lambda now, _: "DNS" if START + 60 <= now < START + 80 else None)
    house = house_with(tmp_path, 60)
    with open_world(house.settings, clock=line.clock, hire=line.hire) as world:
        report = reconcile_once(world)
    failed = len(line.asked) - report.done.fetched
    assert 3 <= failed <= 6
    assert report.done.fetched == 60 - failed
    assert report.stopped is None
    assert report.notices == ()


def test_a_network_that_stays_away_ends_the_pass_and_the_next_one_asks_with_one_video(tmp_path: Path) -> None:
    line = Line(ModelClock(START), lambda now, _: "DNS" if now < START + HOUR else None)
    house = house_with(tmp_path, 60)
    with open_world(house.settings, clock=line.clock, hire=line.hire) as world:
        report = reconcile_once(world)
        assert report.exit_code == 1
        assert "could not be resolved" in (report.stopped or "")
        assert [notice.name for notice in report.notices] == ["network"]
        assert len(line.asked) <= 4 + 3
        assert report.ended_at < START + MINUTE
        before = len(line.asked)
        line.clock.wait(10 * MINUTE)
        assert reconcile_once(world, max_wait_seconds=0).exit_code == 1
        assert len(line.asked) == before + 1
        line.clock.wait(HOUR)
        report = reconcile_once(world)
    assert report.books.have == 60
    assert report.notices == ()


def test_a_full_disk_pauses_all_downloads_and_lifts_by_itself(tmp_path: Path) -> None:
    line = Line(ModelClock(START), lambda now, _: "DISK_FULL" if now < START + MINUTE else None)
    house = house_with(tmp_path, 10)
    with open_world(house.settings, clock=line.clock, hire=line.hire) as world:
        report = reconcile_once(world)
        assert report.exit_code == 1
        assert [notice.name for notice in report.notices] == ["disk"]
        assert len(line.asked) <= 2
        line.clock.wait(DAY)
        report = reconcile_once(world)
    assert (report.books.have, report.notices) == (10, ())


def test_status_tells_of_a_ban_and_of_the_end_that_is_foreseen(tmp_path: Path) -> None:
    line = Line(ModelClock(int(time.time())), lambda *_: "BOT_CHECK")
    house = house_with(tmp_path, 100, limits__videos_per_hour="250")
    with open_world(house.settings, clock=line.clock, hire=line.hire) as world:
        reconcile_once(world)
    for json_wanted in (False, True):
        done = CliRunner().invoke(
            cli, ["status", *["--json"] * json_wanted], env=flags(house), catch_exceptions=False
        )
        assert done.exit_code == 0
        if json_wanted:
            answer = json.loads(done.stdout)
            assert answer["forecast"]["backlog"] >= 96
            assert (answer["egresses"][0]["videos_per_hour"], answer["egresses"][0]["is_open"]) == (125, True)
        else:
            assert "rests until" in done.stdout
            assert "at 125 an hour, done in" in done.stdout


def flags(house: House) -> dict[str, str]:
    return {
        **house.environment,
        "YTARCHIVE_ARCHIVE__ROOT": str(house.root),
        "YTARCHIVE_STATE__PATH": str(house.state),
        "YTARCHIVE_MANIFESTS__PATH": str(house.folder / "manifests"),
    }
