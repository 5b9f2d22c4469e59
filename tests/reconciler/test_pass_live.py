"""Streams, premieres, members-only videos: waited for, archived when their time comes, better once there is better."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest
from pass_looks import LowThenHigh, open_model
from reconciler_house import SMALL, House, Listener, MovedClock, opened

from ytarchive.core.failure import Evidence, verdict
from ytarchive.core.instant import DAY, HOUR, MINUTE
from ytarchive.core.job import Event
from ytarchive.core.plan import Reason
from ytarchive.core.report import PassReport
from ytarchive.reconciler import World, explain, reconcile_once
from ytarchive.simulator import Simulator

STREAM = "sim_Streams"


class Ahead(MovedClock):
    """The clock of the archive and that of the stand-in, moved together."""

    def __init__(self, youtube: Simulator) -> None:
        super().__init__()
        self.youtube = youtube

    def move_to(self, at: int) -> None:
        step = max(0, at - self.now())
        self.ahead += step
        self.youtube.advance(step)


@pytest.fixture
def clock(youtube: Simulator) -> Iterator[Ahead]:
    clock = Ahead(youtube)
    yield clock
    youtube.clear_schedule()
    youtube.advance(-clock.ahead)


@dataclass
class Ending(Listener):
    """Ends the stream once eight seconds of it are recorded."""

    clock: Ahead | None = None

    def progressed(self, event: Event) -> None:
        if self.clock and event.data.get("recorded_seconds", 0) >= 8:
            self.clock.move_to(self.clock.now() + MINUTE)
            self.clock = None


@contextmanager
def standing(world: World, code: str | None, reason: Reason) -> Iterator[PassReport]:
    """One pass, after which the stream stands so; nothing of it is owed."""
    report = reconcile_once(world)
    assert report.exit_code == 0
    told = explain(world, STREAM).decision
    assert told is not None
    assert (told.code, told.reason) == (code, reason)
    yield report


def due(world: World, video: str = STREAM) -> int:
    (attempt,) = world.index.attempts(video)
    return attempt.next_attempt_at


def test_a_stream_is_waited_for_from_its_announcement_to_its_recording(
    house: House, youtube: Simulator, clock: Ahead
) -> None:
    begins = clock.now() + 2 * HOUR
    youtube.set_stream(STREAM, begins_in=2 * HOUR, lasts=HOUR, recorded_after=90 * MINUTE)
    house.want([STREAM], quality=SMALL)
    with opened(house, clock) as world:
        with standing(world, "UPCOMING", Reason.WAITING):
            assert abs(due(world) - begins - 2 * MINUTE) <= 30
        clock.move_to(due(world))
        with standing(world, "LIVE_NOW", Reason.WAITING):
            assert 30 * MINUTE <= due(world) - clock.now() <= 33 * MINUTE + 1
        clock.move_to(begins + HOUR + MINUTE)
        with standing(world, "POST_LIVE", Reason.WAITING):
            # The first look after an hour, though it was waited for twice before.
            assert HOUR <= due(world) - clock.now() <= 66 * MINUTE + 1
        clock.move_to(begins + 3 * HOUR)
        assert house.committed() == set()
        with standing(world, None, Reason.CONVERGED) as report:
            assert report.done.fetched == 1
    assert house.item(STREAM).metadata.live_status == "was_live"


def test_a_premiere_is_an_ordinary_video_once_it_was_shown(
    house: House, youtube: Simulator, clock: Ahead
) -> None:
    begins = clock.now() + HOUR
    youtube.set_stream("sim_Premie2", begins_in=HOUR, lasts=MINUTE, premiere=True)
    house.want(["sim_Premie2"], live="skip")
    with opened(house, clock) as world:
        report = reconcile_once(world)
        assert (report.exit_code, report.failures) == (0, {"UPCOMING": 1})
        assert abs(due(world, "sim_Premie2") - begins - 2 * MINUTE) <= 30
        clock.move_to(due(world, "sim_Premie2"))
        assert reconcile_once(world).done.fetched == 1


def test_what_can_be_had_of_a_stream_is_taken_after_three_days_and_replaced_by_its_recording(
    house: House, youtube: Simulator, clock: Ahead
) -> None:
    youtube.set_stream(STREAM, begins_in=-80 * HOUR, lasts=HOUR, recorded_after=85 * HOUR)
    house.want([STREAM], quality=SMALL)
    with opened(house, clock) as world:
        with standing(world, None, Reason.BELOW_WISH) as report:
            assert report.done.fetched == 1
        item = house.item(STREAM)
        assert item.metadata.live_status == "post_live"
        ((_, look),) = world.index.late_counts().values()
        assert look == item.provenance.fetched_at + DAY
        clock.move_to(look)
        with standing(world, None, Reason.CONVERGED) as report:
            assert report.done.updated == 1
        assert house.item(STREAM).metadata.live_status == "was_live"
        assert world.index.late_counts() == {}


def test_a_stream_that_is_recorded_counts_as_had_and_is_replaced_by_its_recording(
    house: House, youtube: Simulator, clock: Ahead
) -> None:
    youtube.set_video(STREAM, duration_seconds=60)
    youtube.set_stream(STREAM, begins_in=-9, lasts=60, recorded_after=HOUR, fragment_seconds=1)
    house.listener = Ending(clock=clock)
    house.want([STREAM], quality=SMALL, live="record")
    with opened(house, clock) as world:
        with standing(world, None, Reason.BELOW_WISH) as report:
            assert (report.done.fetched, report.books.deferred) == (1, 0)
        item = house.item(STREAM)
        assert (item.metadata.live_status, item.got.because) == ("is_live", "LIVE_NOW")
        clock.move_to(item.provenance.fetched_at + DAY)
        with standing(world, None, Reason.CONVERGED) as report:
            assert report.done.updated == 1
        item = house.item(STREAM)
        assert (item.metadata.live_status, item.got.because) == ("was_live", None)


def test_a_stream_to_be_skipped_is_left_out_by_rule_until_it_is_a_recording(
    house: House, youtube: Simulator, clock: Ahead
) -> None:
    youtube.set_stream(STREAM, begins_in=-HOUR, lasts=2 * HOUR, recorded_after=MINUTE)
    youtube.set_playlist("PLstreams0001", [STREAM])
    lines = "captions: {languages: []}, sidecars: [], live: skip"
    house.manifest(f"playlists:\n  - {{playlist: PLstreams0001, name: all, quality: {SMALL}, {lines}}}\n")
    with opened(house, clock) as world:
        report = reconcile_once(world)
        assert (report.exit_code, report.books.excluded, report.books.wanted) == (0, 1, 0)
        (standing_of,) = explain(world, STREAM).standing
        assert (standing_of.outcome, standing_of.rule, standing_of.why) == (
            "excluded",
            "live",
            "a stream that runs",
        )
        clock.move_to(clock.now() + 2 * HOUR)
        report = reconcile_once(world, whole=True)
        assert (report.books.excluded, report.done.fetched) == (0, 1)


def test_a_members_only_video_that_opens_is_fetched_at_its_next_look(
    house: House, youtube: Simulator, clock: Ahead
) -> None:
    youtube.set_video("sim_Opening", case="members")
    house.want(["sim_Opening"])
    with opened(house, clock) as world:
        report = reconcile_once(world)
        assert (report.exit_code, report.failures) == (3, {"MEMBERS": 1})
        youtube.set_video("sim_Opening", case="public")
        clock.move_to(due(world, "sim_Opening"))
        report = reconcile_once(world)
        assert (report.exit_code, report.done.fetched) == (0, 1)


def test_a_thumbnail_and_captions_that_come_later_cost_no_media(
    house: House, youtube: Simulator, clock: Ahead
) -> None:
    video = "sim_LatePic"
    youtube.set_video(video, thumbnails=False, captions=[])
    house.want([video], captions="{languages: [en]}", sidecars="[thumbnail]")
    with opened(house, clock) as world:
        assert reconcile_once(world).exit_code == 0
        (folder,) = house.root.glob(f"videos/*/{video}")
        media = {path: path.stat().st_ino for path in folder.glob("*.mkv")}
        assert set(world.index.late_counts()) == {"captions", "thumbnail"}
        youtube.set_video(video, thumbnails=True, captions=[{"language": "en", "name": "English"}])
        youtube.reset_counters()
        clock.move_to(house.item(video).provenance.fetched_at + DAY)
        report = reconcile_once(world)
        assert (report.exit_code, report.done.captions, report.done.updated) == (0, 1, 0)
        assert world.index.late_counts() == {}
    assert "media" not in youtube.counters()["requests"]
    assert {file.role for file in house.item(video).files} == {"video", "caption", "thumbnail"}
    assert {path: path.stat().st_ino for path in folder.glob("*.mkv")} == media


# Months in the model


def test_over_months_a_recording_that_never_comes_costs_three_looks(tmp_path: Path) -> None:
    model = LowThenHigh(tmp_path, high_from={0: 360}, live_status=lambda day: "post_live")
    with open_model(model) as world:
        for _ in range(80):
            assert reconcile_once(world, max_wait_seconds=0).exit_code == 0
            model.clock.wait(DAY)
    assert (model.days(), model.downloads) == ([0, 1, 7, 30], 1)


def test_over_months_what_fits_no_wish_is_blocked_after_its_steps(tmp_path: Path) -> None:
    model = LowThenHigh(tmp_path)
    model.failure = verdict("POLICY_MISS", Evidence("select", message="Requested format is not available"))
    buckets: list[str] = []
    with open_model(model) as world:
        for _ in range(8):
            report = reconcile_once(world, max_wait_seconds=0)
            assert report.exit_code == 3
            buckets += ["blocked"] * report.books.blocked + ["deferred"] * report.books.deferred
            model.clock.wait(due(world, model.video) - model.clock.now())
    assert buckets == ["deferred"] * 5 + ["blocked"] * 3
    steps = [after - before for before, after in pairwise(model.started)]
    for step, hours in zip(steps, [1, 6, 24, 72, 14 * 24, 30 * 24, 30 * 24], strict=True):
        assert hours * HOUR <= step <= hours * HOUR * 1.1 + 10
