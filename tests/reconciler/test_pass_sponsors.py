"""What SponsorBlock says reaches the archive: with the download, later without one, and never at a video's cost."""

from __future__ import annotations

from pathlib import Path

import pytest
from pass_looks import open_model
from reconciler_house import House, MovedClock, opened
from upgrade_kills import Upgraded

from ytarchive.core.instant import DAY, HOUR
from ytarchive.core.plan import Action, Reason
from ytarchive.reconciler import plan, reconcile_once, take_stock
from ytarchive.simulator import Simulator
from ytarchive.worker.verify import chapters_in

VIDEO = "sim_Marked0"
SPONSOR = {"segment": [2.0, 5.0], "category": "sponsor"}
OUTRO = {"segment": [8.0, 12.0], "category": "outro"}


@pytest.fixture(autouse=True)
def _video(youtube: Simulator) -> None:
    youtube.set_video(VIDEO, duration_seconds=12, description="", captions=[])
    youtube.set_segments(VIDEO, SPONSOR, OUTRO)


def media_of(house: House) -> Path:
    (file,) = [each for each in house.item(VIDEO).files if each.role == "video"]
    (folder,) = house.root.glob(f"videos/*/{VIDEO}")
    return folder / file.name


def titles(house: House) -> list[str]:
    return [each.title.removeprefix("[SponsorBlock]: ") for each in chapters_in(media_of(house))]


def test_marks_follow_sponsorblock_for_a_month_without_a_request_to_youtube(
    house: House, youtube: Simulator
) -> None:
    house.want([VIDEO], sponsorblock="{mark: [sponsor, outro]}", library="{name: tv}")
    title, clock = f"Simulated video {VIDEO}", MovedClock()
    with opened(house, clock) as world:
        report = reconcile_once(world)
        assert (report.exit_code, report.books.have) == (0, 1)
        assert titles(house) == [title, "Sponsor", title, "Endcards/Credits"]
        old = media_of(house)
        fetched_at = house.item(VIDEO).provenance.fetched_at
        assert take_stock(world).next_due_at == fetched_at + DAY

        # The same: nothing is made anew.
        clock.ahead = DAY + HOUR
        youtube.reset_counters()
        report = reconcile_once(world)
        assert (report.done.looked, report.done.updated, report.books.have) == (1, 0, 1)
        assert media_of(house) == old
        assert take_stock(world).next_due_at == fetched_at + 7 * DAY

        # Another: a file of other chapters takes the place of the old one, in the library as well.
        clock.ahead = 7 * DAY + HOUR
        youtube.set_segments(VIDEO, SPONSOR)
        report = reconcile_once(world)
        assert (report.done.updated, report.exit_code, report.books.have) == (1, 0, 1)
        assert titles(house) == [title, "Sponsor", title]
        (linked,) = house.root.glob("library/tv/*.mkv")
        assert linked.stat().st_ino == media_of(house).stat().st_ino
        assert house.item(VIDEO).provenance.fetched_at == fetched_at

        clock.ahead = 30 * DAY + HOUR
        assert reconcile_once(world).done.looked == 1
        assert {**youtube.counters()["requests"]} == {"sponsorblock": 3}
        assert world.index.late_counts() == {}
        assert list(plan(world)[1]) == []
    assert house.staging() == []


def test_a_wish_for_marks_and_cuts_is_met_with_what_is_on_disk(house: House, youtube: Simulator) -> None:
    house.want([VIDEO])
    house.run()
    whole = media_of(house).stat().st_size
    youtube.reset_counters()

    house.want([VIDEO], sponsorblock="{mark: [sponsor], remove: [outro]}")
    with house.open() as world:
        (decision,) = plan(world)[1]
        assert (decision.action, decision.reason) == (Action.MARK, Reason.MARKS_CHANGED)
    report = house.run()
    assert (report.exit_code, report.done.updated, report.books.have) == (0, 1, 1)
    assert {**youtube.counters()["requests"]} == {"sponsorblock": 1}
    item = house.item(VIDEO)
    assert item.got.duration_seconds == pytest.approx(8, abs=0.3)
    assert media_of(house).stat().st_size < whole

    # Marks that nobody wishes any more do no harm; what is cut out comes back by a download alone.
    house.want([VIDEO], sponsorblock="{remove: [outro]}")
    assert house.run().done.accepted == 1
    house.want([VIDEO])
    with house.open() as world:
        (decision,) = plan(world)[1]
        assert (decision.action, decision.reason) == (Action.UPDATE, Reason.TARGET_CHANGED)
    assert house.run().done.updated == 1
    assert house.item(VIDEO).got.duration_seconds == pytest.approx(12, abs=0.3)
    assert house.item(VIDEO).sponsors is None


def test_nothing_is_cut_out_of_the_only_copy(house: House, youtube: Simulator) -> None:
    house.want([VIDEO])
    house.run()
    with house.open() as world:
        world.index.record_gone(VIDEO, "REMOVED", world.clock.now())
    house.want([VIDEO], sponsorblock="{remove: [outro]}")
    assert house.run().done.updated == 1
    assert titles(house) == [f"Simulated video {VIDEO}", "Endcards/Credits"]
    assert house.item(VIDEO).got.duration_seconds == pytest.approx(12, abs=0.3)
    with house.open() as world:
        assert list(plan(world)[1]) == []


def test_a_silent_sponsorblock_delays_marks_and_nothing_else(house: House, youtube: Simulator) -> None:
    fault = youtube.add_fault("status", request="sponsorblock", value=500)
    house.want([VIDEO, "sim_Marked1"], sponsorblock="{mark: [sponsor]}")
    clock = MovedClock()
    with opened(house, clock) as world:
        report = reconcile_once(world)
        assert (report.exit_code, report.books.have, report.done.failed) == (0, 2, 0)
        assert [(one.part, one.code) for one in world.index.attempts(VIDEO)] == [
            ("sponsorblock", "SPONSORBLOCK")
        ]
        clock.ahead = 2 * HOUR
        report = reconcile_once(world)
        assert (report.exit_code, report.books.have, report.done.failed) == (0, 2, 2)
        clock.ahead = DAY + HOUR
        youtube.remove_faults(fault)
        report = reconcile_once(world)
        assert (report.exit_code, report.done.updated, report.done.looked) == (0, 1, 1)
        assert titles(house)[1] == "Sponsor"
        assert world.index.attempts(VIDEO) == ()


def test_a_look_takes_back_a_cut_that_sponsorblock_took_back(house: House, youtube: Simulator) -> None:
    house.want([VIDEO], sponsorblock="{remove: [sponsor, outro]}")
    clock = MovedClock()
    with opened(house, clock) as world:
        reconcile_once(world)
        assert house.item(VIDEO).got.duration_seconds == pytest.approx(8, abs=0.3)
        youtube.set_segments(VIDEO)
        clock.ahead = DAY + HOUR
        report = reconcile_once(world)
        assert (report.exit_code, report.done.updated) == (0, 1)
        item = house.item(VIDEO)
        assert item.got.duration_seconds == pytest.approx(12, abs=0.3)
        assert item.sponsors is not None
        assert item.sponsors.cuts == ()


@pytest.mark.parametrize("silent", [False, True])
def test_over_months_sponsorblock_is_asked_a_few_times_and_the_video_is_had(
    tmp_path: Path, silent: bool
) -> None:
    model = Upgraded(tmp_path, kind="marks", silent=silent)
    with open_model(model) as world:
        for _ in range(62):
            report = reconcile_once(world, max_wait_seconds=0)
            assert (report.exit_code, report.books.have) == (0, 1)
            model.clock.wait(DAY)
        assert model.asked == [1, 7, 30] or (silent and 4 <= len(model.asked) <= 7), model.asked
        assert (model.days(), model.downloads) == ([0], 1)  # YouTube was asked once
        assert world.index.late_counts() == {}
