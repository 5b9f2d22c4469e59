"""Channels through real parts: who they are, what they upload, their feeds, their playlists; and handles that move."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from reconciler_house import SMALL, House, MovedClock, opened

from ytarchive.core.instant import DAY, HOUR
from ytarchive.core.report import SourceReport
from ytarchive.reconciler import rebuild_index, refresh, take_stock
from ytarchive.simulator import Simulator, computed_handle
from ytarchive.simulator import computed_channel_id as of_seed

KEY = "AIza-a-key-of-the-stand-in"
UNITS = int(os.environ.get("YTARCHIVE_TEST_UNITS", "60"))
"""A day's quota where it is scarce; 300 takes five times as long and shows no more."""
NUMBERS = itertools.count(1)


def computed_channel_id(**sizes: int) -> str:
    """A channel that no other test has: the stand-in remembers what is uploaded."""
    return of_seed(seed=f"{next(NUMBERS):03d}", **sizes)


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture(params=["api", "worker"])
def either(
    request: pytest.FixtureRequest, make_house: Callable[..., House], youtube: Simulator, tmp_path: Path
) -> House:
    """With a key of the Data API, and without one."""
    youtube.remove_api_key()
    if request.param == "worker":
        return make_house()
    youtube.set_api_key(KEY)
    (tmp_path / "key").write_text(KEY)
    return make_house(YTARCHIVE_YOUTUBE__API_KEY_FILE=str(tmp_path / "key"))


def look(house: House, clock: MovedClock, **options: Any) -> dict[str, SourceReport]:
    with opened(house, clock) as world:
        return {report.entry: report for report in refresh(world, **options)}


def follow(house: House, channel: str, include: str = "[videos]", **keys: str) -> None:
    more = "".join(f", {key}: {value}" for key, value in keys.items())
    house.manifest(
        f'channels:\n  - {{channel: "{channel}", name: it, include: {include}, quality: {SMALL}{more}}}\n'
    )


def wanted(house: House, clock: MovedClock) -> int:
    with opened(house, clock) as world:
        return take_stock(world).total.wanted


@pytest.mark.parametrize(
    "form",
    ["{handle}", "{id}", "https://www.youtube.com/{handle}/videos", "https://www.youtube.com/channel/{id}"],
)
def test_a_channel_is_found_by_any_of_its_addresses(house: House, clock: MovedClock, form: str) -> None:
    channel = computed_channel_id(videos=12, shorts=3)
    follow(house, form.format(handle=computed_handle(channel), id=channel))
    reports = look(house, clock)
    assert (reports["it/videos"].got, reports["it/videos"].completeness) == (12, "complete")
    assert wanted(house, clock) == 12


def test_parts_of_a_channel_are_told_apart_without_guessing(either: House, clock: MovedClock) -> None:
    channel = computed_channel_id(videos=30, shorts=7, live=4)
    follow(either, channel, "[videos, shorts, live]")
    reports = look(either, clock)
    assert {name: report.got for name, report in reports.items() if "/" in name} == {
        "it/videos": 30,
        "it/shorts": 7,
        "it/live": 4,
    }
    with opened(either, clock) as world:
        kinds = [world.index.video(video) for video in world.index.members(f"UUSH{channel[2:]}")]
    assert {record.kind for record in kinds if record} == {"shorts"}


def test_a_channel_without_a_part_has_none_of_it(either: House, clock: MovedClock) -> None:
    follow(either, computed_channel_id(videos=5), "[videos, shorts, live, releases, playlists]")
    reports = look(either, clock)
    assert {report.code for report in reports.values()} == {None}
    assert {report.completeness for report in reports.values()} == {"complete"}
    assert wanted(either, clock) == 5


def test_without_lists_of_uploads_the_tabs_tell(either: House, clock: MovedClock, youtube: Simulator) -> None:
    channel = computed_channel_id(videos=40, shorts=3)
    youtube.set_channel(channel, upload_lists=False)
    follow(either, channel, "[videos, shorts]")
    reports = look(either, clock)
    assert (reports["it/videos"].got, reports["it/shorts"].got) == (40, 3)


def test_playlists_of_a_channel_are_sources_of_their_own(either: House, clock: MovedClock) -> None:
    channel = computed_channel_id(videos=8, playlists=3, releases=2)
    follow(either, channel, "[playlists, releases]")
    reports = look(either, clock)
    with opened(either, clock) as world:
        sources = [source for _, source in world.index.entry_sources() if source.kind == "playlist"]
    assert len(sources) == 5
    assert {report.completeness for report in reports.values()} == {"complete"}


def test_a_new_upload_is_told_by_the_feed_and_costs_the_head_of_one_list(
    either: House, clock: MovedClock, youtube: Simulator
) -> None:
    channel = computed_channel_id(videos=2000)
    follow(either, channel)
    look(either, clock)
    youtube.reset_counters()
    assert look(either, clock)["it/videos"].completeness == "unchanged"
    assert youtube.counters()["requests"] == {"feed": 1}
    (new,) = youtube.upload(channel)
    youtube.reset_counters()
    report = look(either, clock)["it/videos"]
    assert (report.completeness, report.added) == ("head", 1)
    assert youtube.counters()["total_requests"] <= 4
    with opened(either, clock) as world:
        assert world.index.members(f"UULF{channel[2:]}")[0] == new
    assert wanted(either, clock) == 2001


@pytest.mark.parametrize("status", [404, 500, 429])
def test_a_feed_that_fails_says_nothing_and_the_list_is_looked_at(
    either: House, clock: MovedClock, youtube: Simulator, status: int
) -> None:
    channel = computed_channel_id(videos=130)
    follow(either, channel)
    look(either, clock)
    youtube.add_fault("status", value=status, request="feed")
    youtube.upload(channel)
    report = look(either, clock)["it/videos"]
    assert (report.completeness, report.added, report.code) == ("head", 1, None)
    assert wanted(either, clock) == 131
    youtube.reset_counters()
    report = look(either, clock)["it/videos"]
    assert report.completeness == "unchanged"
    assert youtube.counters()["requests"].get("feed", 0) == 0, "a broken feed rests for a day"
    assert youtube.counters()["total_requests"] <= 2


def test_what_left_the_channel_is_noticed_by_the_weekly_reading(
    either: House, clock: MovedClock, youtube: Simulator
) -> None:
    channel = computed_channel_id(videos=60)
    follow(either, channel)
    look(either, clock)
    with opened(either, clock) as world:
        last = world.index.members(f"UULF{channel[2:]}")[-1]
    youtube.remove_uploads(channel, last)
    assert look(either, clock)["it/videos"].completeness == "unchanged"
    clock.ahead = 7 * DAY + HOUR
    report = look(either, clock)["it/videos"]
    assert (report.completeness, report.removed) == ("complete", 1)
    assert wanted(either, clock) == 59


def test_a_channel_stays_the_same_when_its_handle_goes_to_another(
    either: House, clock: MovedClock, youtube: Simulator
) -> None:
    old, other = computed_channel_id(videos=4), computed_channel_id(videos=9)
    handle = f"@the-name-{old[-3:]}"
    youtube.set_channel(old, handle=handle)
    follow(either, handle)
    look(either, clock)
    youtube.set_channel(old, handle=f"@a-new-name-{old[-3:]}")
    youtube.set_channel(other, handle=handle)
    clock.ahead = 8 * DAY
    look(either, clock)
    with opened(either, clock) as world:
        record = world.index.channel(handle)
        assert record is not None
        assert (record.id, record.moved_to) == (old, other)
    assert wanted(either, clock) == 4
    assert any(handle in note for note in either.listener.notes)
    rebuild_index(either.settings)
    look(either, clock)
    assert wanted(either, clock) == 4, "the id outlives the index"


@pytest.mark.parametrize("channel", ["@nobody-is-called-this", "UCnobodyHasThisIdAtAll99"])
def test_a_channel_that_does_not_exist_is_told_with_its_next_look(
    either: House, clock: MovedClock, channel: str
) -> None:
    follow(either, channel)
    reports = look(either, clock)
    assert reports["it"].code == "CHANNEL_404"
    with opened(either, clock) as world:
        ledger = take_stock(world)
    assert ledger.sources_owed == 1
    assert ledger.next_due_at is not None


def test_a_suspended_entry_is_left_alone(house: House, clock: MovedClock, youtube: Simulator) -> None:
    channel = computed_channel_id(videos=6)
    follow(house, channel)
    look(house, clock)
    follow(house, channel, suspend="true")
    youtube.reset_counters()
    assert look(house, clock) == {}
    assert youtube.counters()["total_requests"] == 0
    with opened(house, clock) as world:
        books = take_stock(world).total
    assert (books.listed, books.excluded, books.wanted) == (6, 6, 0)


def test_a_quota_is_never_overspent_in_ten_days_and_uploads_still_arrive(
    make_house: Callable[..., House], clock: MovedClock, youtube: Simulator, tmp_path: Path
) -> None:
    youtube.remove_api_key()
    youtube.set_api_key(KEY, UNITS)
    (tmp_path / "key").write_text(KEY)
    house = make_house(
        YTARCHIVE_YOUTUBE__API_KEY_FILE=str(tmp_path / "key"), YTARCHIVE_YOUTUBE__QUOTA=str(UNITS)
    )
    channels = [computed_channel_id(videos=13 * UNITS + number) for number in range(4)]  # too much for a day
    house.manifest(
        "defaults: {where: {languages: [en]}}\nchannels:\n"
        + "".join(f"  - {channel}\n" for channel in channels)
    )
    seen = 0
    for day in range(10):
        clock.ahead = day * DAY
        youtube.set_clock(datetime.fromtimestamp(clock.now(), UTC))
        (new,) = youtube.upload(channels[day % 4])
        with opened(house, clock) as world:
            refresh(world)
            seen += new in world.index.members(f"UULF{channels[day % 4][2:]}")
            standing = world.ledger.standing(clock.now())
        assert standing.total <= UNITS
    youtube.set_clock(datetime.now(UTC))
    told = youtube.api_keys()[KEY]
    assert told["refused"] == 0
    assert UNITS // 2 < max(told["spent"].values()) <= UNITS
    assert len(told["spent"]) >= 10
    assert seen == 10


def test_by_itself_a_list_is_looked_at_when_its_interval_is_over(
    house: House, clock: MovedClock, youtube: Simulator
) -> None:
    follow(house, computed_channel_id(videos=6), interval="1h")
    look(house, clock)
    youtube.reset_counters()
    assert look(house, clock, eager=False) == {}
    clock.ahead = HOUR - 60
    assert look(house, clock, eager=False) == {}
    assert youtube.counters()["total_requests"] == 0
    clock.ahead = HOUR + HOUR // 10 + 60
    assert look(house, clock, eager=False)["it/videos"].via == "feed"
    clock.ahead = -300 * DAY
    assert set(look(house, clock, eager=False)) >= {"it/videos"}, "a clock that jumped back hides nothing"
