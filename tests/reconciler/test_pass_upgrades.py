"""What was not offered at first is looked for later, and upgraded in place: the old item stays until the new one is whole."""

from __future__ import annotations

import hashlib
import json
import signal
import uuid
from pathlib import Path

from pass_looks import LowThenHigh, open_model
from reconciler_house import House, MovedClock, opened
from test_pass_kills import marked, start, wait_for

from ytarchive.core.failure import Evidence, verdict
from ytarchive.core.instant import DAY, HOUR
from ytarchive.core.plan import Action, Reason
from ytarchive.reconciler import explain, plan, reconcile_once, take_stock, work_plan
from ytarchive.simulator import Simulator

WISH = "{max: 360p, codecs: [h264]}"
VIDEO = "sim_Grows01"


def grown(youtube: Simulator, best: int, video: str = VIDEO) -> None:
    youtube.set_video(video, best=best, codecs=["avc1"], captions=[])


def media_of(house: House, video: str = VIDEO) -> list[str]:
    (folder,) = house.root.glob(f"videos/*/{video}")
    return sorted(path.name for path in folder.iterdir() if path.suffix == ".mkv")


def test_the_wished_quality_that_comes_later_replaces_the_first_one(house: House, youtube: Simulator) -> None:
    grown(youtube, 144)
    house.want([VIDEO], quality=WISH, library="{name: tv}")
    clock = MovedClock()
    with opened(house, clock) as world:
        report = reconcile_once(world)
        assert (report.exit_code, report.books.have) == (0, 1)
        assert house.item(VIDEO).got.below_wish
        old = media_of(house)
        fetched_at = house.item(VIDEO).provenance.fetched_at

        # Nothing else to do until a day after the fetch.
        assert reconcile_once(world).done.looked == 0
        told = explain(world, VIDEO)
        assert told.decision is not None
        assert (told.decision.bucket, told.decision.reason) == ("have", Reason.BELOW_WISH)
        assert told.decision.due_at == fetched_at + DAY
        assert take_stock(world).next_due_at == fetched_at + DAY
        assert world.index.late_counts() == {"quality": (1, fetched_at + DAY)}

        (lesser,) = work_plan(world).below_wish
        assert (lesser.video, lesser.got, lesser.wished) == (VIDEO, "144p h264", "360p")
        assert (lesser.because, lesser.next_look_at) == (None, fetched_at + DAY)

        # Still not offered: one extraction, no media, the next look is set.
        clock.ahead = DAY + HOUR
        youtube.reset_counters()
        report = reconcile_once(world)
        assert (report.done.looked, report.done.updated, report.books.have) == (1, 0, 1)
        assert "media" not in youtube.counters()["requests"]
        assert youtube.counters()["requests"]["watch"] == 1
        assert media_of(house) == old
        assert take_stock(world).next_due_at == fetched_at + 7 * DAY

        # Offered: downloaded, and put in place of what was there, in the library as well.
        clock.ahead = 7 * DAY + HOUR
        grown(youtube, 360)
        report = reconcile_once(world)
        assert (report.done.updated, report.exit_code, report.books.have) == (1, 0, 1)
        item = house.item(VIDEO)
        assert (item.got.video and item.got.video.label, item.got.below_wish) == (360, False)
        (name,) = [file.name for file in item.files if file.role == "video"]
        (linked,) = house.root.glob("library/tv/*.mkv")
        (folder,) = house.root.glob(f"videos/*/{VIDEO}")
        assert linked.stat().st_ino == (folder / name).stat().st_ino
        assert world.index.late_counts() == {}
        assert work_plan(world).below_wish == ()

        # That was the wish: nothing is looked at any more.
        clock.ahead = 60 * DAY
        assert list(plan(world)[1]) == []
    assert old != media_of(house)


def test_a_new_video_is_looked_at_again_also_where_the_wish_has_no_limit(
    house: House, youtube: Simulator
) -> None:
    video = "sim_NewDay0"
    youtube.set_video(video, published_at=youtube.now(), best=144, codecs=["avc1"], captions=[])
    house.want([video], quality="{codecs: [h264]}")
    clock = MovedClock()
    with opened(house, clock) as world:
        assert reconcile_once(world).done.fetched == 1
        assert not house.item(video).got.below_wish
        youtube.set_video(video, best=360)
        clock.ahead = DAY + HOUR
        assert reconcile_once(world).done.updated == 1
        item = house.item(video)
        assert item.got.video is not None
        assert item.got.video.label == 360


# Months in the model


def test_over_months_a_video_below_the_wish_costs_three_looks_and_no_media(tmp_path: Path) -> None:
    model = LowThenHigh(tmp_path, high_from=None)
    with open_model(model) as world:
        for _ in range(80):
            report = reconcile_once(world, max_wait_seconds=0)
            assert (report.exit_code, report.books.have) == (0, 1)
            model.clock.wait(DAY)
        assert model.days() == [0, 1, 7, 30]
        assert model.downloads == 1
        assert world.index.late_counts() == {"quality": (1, None)}
        decision = explain(world, model.video).decision
        assert decision is not None
        assert (decision.reason, decision.due_at) == (Reason.BELOW_WISH, None)


def test_over_months_each_nearer_quality_is_taken_once(tmp_path: Path) -> None:
    model = LowThenHigh(tmp_path, high_from={0: 144, 3: 240, 40: 360})
    with open_model(model) as world:
        for _ in range(120):
            reconcile_once(world, max_wait_seconds=0)
            model.clock.wait(DAY)
        # 240p is seen on day 7, and the looks begin anew: on days 8, 14 and 37, before 360p is there.
        assert model.days() == [0, 1, 7, 8, 14, 37]
        assert model.downloads == 2
    item = json.loads(next(model.house.root.glob("videos/*/*/item.json")).read_text())
    assert item["got"]["video"]["label"] == 240
    assert item["got"]["below_wish"]


def test_a_look_that_fails_is_made_up_for_and_harms_nothing(tmp_path: Path) -> None:
    model = LowThenHigh(tmp_path, high_from={0: 144, 1: 360})
    with open_model(model) as world:
        reconcile_once(world, max_wait_seconds=0)
        model.clock.wait(DAY)
        model.failure = verdict("HTTP_5XX", Evidence("extract", status=503))
        report = reconcile_once(world, max_wait_seconds=0)
        assert (report.exit_code, report.books.have, report.done.failed) == (0, 1, 1)
        assert reconcile_once(world, max_wait_seconds=0).done.failed == 0
        assert [attempt.part for attempt in world.index.attempts(model.video)] == ["look"]
        model.failure = None
        model.clock.wait(HOUR)
        assert reconcile_once(world, max_wait_seconds=0).done.updated == 1
        assert world.index.attempts(model.video) == ()


def test_a_video_that_is_gone_is_looked_at_twice_more_and_kept(tmp_path: Path) -> None:
    model = LowThenHigh(tmp_path, high_from={0: 144})
    with open_model(model) as world:
        reconcile_once(world, max_wait_seconds=0)
        model.failure = verdict(
            "REMOVED", Evidence("extract", message="This video has been removed by the uploader")
        )
        for _ in range(90):
            model.clock.wait(DAY)
            report = reconcile_once(world, max_wait_seconds=0)
            assert (report.exit_code, report.books.have) == (0, 1)
        assert len(model.days()) == 3
    assert model.house.committed() == {model.video}


def test_a_rebuilt_index_knows_the_same_looks(tmp_path: Path) -> None:
    model = LowThenHigh(tmp_path, high_from={0: 144, 5: 360})
    with open_model(model) as world:
        reconcile_once(world, max_wait_seconds=0)
        before = world.index.late_counts()
    for path in (model.house.state).glob("index.sqlite*"):
        path.unlink()
    with open_model(model) as world:
        reconcile_once(world, max_wait_seconds=0)
        assert world.index.late_counts() == before
        model.clock.wait(7 * DAY)
        _, decisions = plan(world)
        assert [decision.action for decision in decisions] == [Action.LOOK_AGAIN]
        assert reconcile_once(world, max_wait_seconds=0).done.updated == 1


# Killed


def test_killed_between_verification_and_commit_the_old_or_the_new_item_is_whole(
    house: House, youtube: Simulator
) -> None:
    grown(youtube, 144)
    house.want([VIDEO], quality=WISH)
    house.run()
    grown(youtube, 360)
    with house.open() as world:
        world.index.postpone_look(VIDEO, world.clock.now())
    mark = uuid.uuid4().hex
    process = start(house, mark)
    staged = f".ytarchive/staging/{VIDEO}/*/*.mkv"
    wait_for("a verified file", lambda: any(house.root.glob(staged)) or process.poll() is not None)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    wait_for("the end of every process", lambda: not marked(mark))

    assert_whole(house)
    house.run()
    assert_whole(house)
    item = house.item(VIDEO)
    assert item.got.video is not None
    assert (item.got.video.label, item.got.below_wish) == (360, False)
    with house.open():  # which sweeps what a worker left that died slowly
        assert house.staging() == []


def assert_whole(house: House) -> None:
    """Every file that item.json names is there, of its size and with its checksum."""
    (folder,) = house.root.glob(f"videos/*/{VIDEO}")
    for file in house.item(VIDEO).files:
        content = (folder / file.name).read_bytes()
        assert (len(content), hashlib.sha256(content).hexdigest()) == (file.bytes, file.sha256)
