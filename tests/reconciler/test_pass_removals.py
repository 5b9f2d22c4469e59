"""Taking away: by whose word, in which order, what protects, and that a plan shows exactly what is then done."""

from __future__ import annotations

import json
import os
import random
from pathlib import Path

import pytest
from reconciler_house import SMALL, House
from removal_house import LIST, Bench, video_id

from ytarchive.core.instant import DAY, HOUR
from ytarchive.core.removal import Hold
from ytarchive.core.report import PassReport
from ytarchive.errors import YtarchiveError
from ytarchive.reconciler import World, explain, open_world, rebuild_index, reconcile_on, refresh, request
from ytarchive.reconciler.news import NoNews
from ytarchive.reconciler.quarantining import empty, in_quarantine, restore
from ytarchive.reconciler.taking_away import confirm, want_again
from ytarchive.reconciler.work import Work
from ytarchive.simulator import Simulator, numbered_video_id

VIDEOS = [video_id(number) for number in range(20)]


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench.at(tmp_path)


def test_keep_prunes_what_is_too_old_and_the_plan_said_so(bench: Bench) -> None:
    bench.follow(VIDEOS[2:], keep="{last: 18}", when_unwanted="quarantine")
    assert bench.run().books.have == 18
    bench.follow(VIDEOS, keep="{last: 18}", when_unwanted="quarantine")

    plan = bench.plan()
    assert [(one.video, one.how, str(one.cause)) for one in plan.removals.now] == [
        (video, "quarantine", "unwanted") for video in VIDEOS[18:]
    ]
    assert "keep.last" in plan.removals.now[0].why
    report = bench.run(expected_digest=plan.digest)
    assert (report.done.quarantined, report.done.fetched, report.exit_code) == (2, 2, 0)
    assert bench.house.committed() == set(VIDEOS[:18])
    assert bench.quarantined() == set(VIDEOS[18:])
    assert bench.library() == set(VIDEOS[:18])
    assert (report.books.have, report.books.excluded) == (18, 2)
    pruned = [line for line in bench.journal() if line["kind"] == "prune"]
    assert [(line["video"], line["code"]) for line in pruned] == [
        (video, "quarantine") for video in VIDEOS[18:]
    ]

    assert bench.plan().removals.now == ()
    assert bench.run().done.quarantined == 0


def test_what_was_taken_away_is_not_fetched_again_until_a_person_asks(bench: Bench) -> None:
    bench.follow(VIDEOS, keep="{last: 18}", when_unwanted="delete")
    bench.run()
    bench.follow(VIDEOS, keep="{last: 15}", when_unwanted="delete")
    report = bench.run()
    assert (report.done.deleted, report.books.have) == (3, 15)
    assert not list((bench.house.root / ".ytarchive" / "quarantine").glob("*/*"))

    bench.follow(VIDEOS, when_unwanted="delete")
    report = bench.run()
    assert (report.done.fetched, report.books.have, report.books.excluded) == (2, 17, 3)
    assert (report.books.listed, report.exit_code) == (20, 0)
    rebuild_index(bench.house.settings, clock=bench.clock)
    assert bench.run().books.have == 17

    with open_world(bench.house.settings, clock=bench.clock) as world:
        told = explain(world, VIDEOS[15])
        assert [(one.outcome, one.rule) for one in told.standing] == [("excluded", "let-go")]
        assert want_again(world, (VIDEOS[15], VIDEOS[0])) == 1
        request(world, [VIDEOS[16]], [], world.index.entries()[0].wish)
    assert bench.run().books.have == 19
    assert VIDEOS[17] not in bench.house.committed()
    rebuild_index(bench.house.settings, clock=bench.clock)
    assert bench.run().done.fetched == 0


def test_a_video_that_left_its_list_goes_once_youtube_said_that_it_still_has_it(bench: Bench) -> None:
    bench.follow(VIDEOS, when_removed_from_source="quarantine")
    bench.run()
    bench.youtube.asked.clear()
    bench.youtube.codes[VIDEOS[1]] = "REMOVED"
    bench.later()
    bench.follow(VIDEOS[2:], when_removed_from_source="quarantine")

    plan = bench.plan()
    assert [one.video for one in plan.removals.now] == [VIDEOS[0]]
    assert plan.removals.now[0].entries == ("tv",)
    assert [(one.code, one.videos) for one in plan.removals.held] == [(Hold.ONLY_COPY, (VIDEOS[1],))]
    assert bench.youtube.asked == [f"probe {VIDEOS[0]}", f"probe {VIDEOS[1]}"]
    assert bench.run().done.quarantined == 1
    assert bench.house.committed() == set(VIDEOS[1:])

    for _ in range(3):
        bench.later()
        assert bench.run().done.quarantined == 0
    report = bench.run(even_last_copies=True)
    assert report.done.quarantined == 1
    assert bench.quarantined() == set(VIDEOS[:2])


def test_a_list_that_names_a_deleted_video_is_no_word_of_its_being_there(bench: Bench) -> None:
    bench.follow(VIDEOS, when_unwanted="delete")
    bench.run()
    bench.youtube.asked.clear()
    bench.youtube.codes[VIDEOS[19]] = "REMOVED"
    bench.follow(VIDEOS, keep="{last: 18}", when_unwanted="delete")
    assert bench.run().done.deleted == 1
    assert bench.youtube.asked == [f"probe {VIDEOS[19]}"]
    assert bench.house.committed() == {*VIDEOS} - {VIDEOS[18]}


def test_an_unavailable_video_is_the_only_copy_and_stays_without_a_persons_word(bench: Bench) -> None:
    bench.house.manifest(f"defaults: {{when_unavailable: delete}}\nvideos: {json.dumps(VIDEOS[:5])}\n")
    bench.run()
    with open_world(bench.house.settings, clock=bench.clock) as world:
        for day in range(2):
            world.index.record_gone(VIDEOS[0], "PRIVATE", bench.clock.now() + 2 * day * DAY)
    bench.later(3 * DAY)
    report = bench.run()
    assert report.removals is not None
    assert [(one.code, one.count) for one in report.removals.held] == [(Hold.ONLY_COPY, 1)]
    with open_world(bench.house.settings, clock=bench.clock) as world:
        told = explain(world, VIDEOS[0])
        assert (told.removal and told.removal.how, told.held and told.held.code) == ("delete", Hold.ONLY_COPY)
        assert explain(world, VIDEOS[1]).removal is None
    assert bench.plan(even_last_copies=True).removals.now[0].why == "YouTube has it no more (PRIVATE)"
    assert bench.run(even_last_copies=True).done.deleted == 1
    assert bench.house.committed() == set(VIDEOS[1:5])
    assert bench.run().books.excluded == 1


def test_a_cautious_entry_and_a_person_keep_what_another_would_delete(bench: Bench) -> None:
    bench.youtube.lists["PLother00000000000000000000000000b"] = VIDEOS[:4]
    bench.follow(VIDEOS[:4], keep="{last: 2}", when_unwanted="delete")
    bench.house.manifest(
        "playlists:\n  - {playlist: PLother00000000000000000000000000b, name: second, when_unwanted: quarantine}\n",
        "second.yaml",
    )
    assert bench.run().books.have == 4
    with open_world(bench.house.settings, clock=bench.clock) as world:
        request(world, [VIDEOS[3]], [], world.index.entries()[0].wish)
    bench.house.manifest(
        "playlists:\n  - {playlist: PLother00000000000000000000000000b, name: second, keep: {last: 1}, when_unwanted: quarantine}\n",
        "second.yaml",
    )
    assert bench.run().done.quarantined == 1
    assert bench.quarantined() == {VIDEOS[2]}


def test_the_guard_waits_for_a_word_about_that_very_set(bench: Bench) -> None:
    bench.follow(VIDEOS, when_unwanted="quarantine")
    bench.run()
    bench.follow(VIDEOS, keep="{last: 15}", when_unwanted="quarantine")
    report = bench.run()
    assert (report.done.quarantined, report.exit_code) == (0, 3)
    assert report.removals is not None
    assert [(one.code, one.count) for one in report.removals.held] == [(Hold.GUARD, 5)]
    assert set(report.removals.waiting) == set(VIDEOS[15:])

    with open_world(bench.house.settings, clock=bench.clock) as world:
        with pytest.raises(YtarchiveError, match="something else waits"):
            confirm(world, "another")
        assert len(confirm(world, report.removals.digest)) == 5
    bench.follow(VIDEOS, keep="{last: 10}", when_unwanted="quarantine")
    report = bench.run()
    assert report.done.quarantined == 5
    assert report.removals is not None
    assert set(report.removals.waiting) == set(VIDEOS[10:15])


def test_lists_manifests_and_disks_in_trouble_take_nothing_away_each_in_its_own_words(
    bench: Bench,
) -> None:
    policies = {"when_removed_from_source": "delete", "when_unwanted": "delete"}
    settings = {f"YTARCHIVE_ARCHIVE__POLICIES__{key.upper()}": word for key, word in policies.items()}
    bench.house.environment |= {**settings, "YTARCHIVE_ARCHIVE__GUARD": "100%"}
    bench.follow(VIDEOS, **policies)
    bench.run()
    told: dict[str, set[str]] = {}

    def nothing_goes(what: str) -> None:
        bench.later(HOUR)
        report = bench.run()
        assert report.done.deleted == report.done.quarantined == 0, what
        assert bench.house.committed() == set(VIDEOS), what
        assert report.removals is not None
        told[what] = {str(one.code) for one in report.removals.held}

    bench.follow(VIDEOS[12:], **policies)
    nothing_goes("shrunken")
    bench.follow(VIDEOS, **policies)
    bench.run()
    bench.youtube.counts[LIST] = 50
    bench.follow(VIDEOS[2:], **policies)
    nothing_goes("partial")
    bench.youtube.counts.clear()
    bench.house.manifest("playlists: [nonsense: {\n")
    nothing_goes("invalid")
    manifest = bench.house.folder / "manifests" / "wanted.yaml"
    manifest.unlink()
    nothing_goes("emptied")
    bench.house.manifest("videos: [aaaaaaaaaaa]\n", "other.yaml")
    bench.youtube.codes["aaaaaaaaaaa"] = "GEO"
    nothing_goes("one gone")
    assert told == {
        "shrunken": {"shrunken"},
        "partial": set(),
        "invalid": {"manifests-invalid"},
        "emptied": {"manifests-empty"},
        "one gone": {"manifest-gone"},
    }
    bench.house.root.rename(bench.house.folder / "elsewhere")  # the archive's disk is gone
    bench.house.root.mkdir()
    with pytest.raises(YtarchiveError, match="not mounted"):
        bench.run()
    bench.house.root.rmdir()
    (bench.house.folder / "elsewhere").rename(bench.house.root)
    with open_world(bench.house.settings, clock=bench.clock) as world:
        assert len(confirm(world)) == 20
    assert bench.run().done.deleted == 20


def test_a_short_list_that_lost_more_than_it_has_waits_for_a_word(bench: Bench) -> None:
    bench.follow(VIDEOS[:5], when_removed_from_source="delete")
    bench.run()
    bench.follow(VIDEOS[:2], when_removed_from_source="delete")
    report = bench.run()
    assert (report.done.deleted, report.exit_code) == (0, 3)
    assert report.removals is not None
    assert [(one.code, one.count) for one in report.removals.held] == [(Hold.HALVED, 3)]
    with open_world(bench.house.settings, clock=bench.clock) as world:
        confirm(world, report.removals.digest)
    assert bench.run().done.deleted == 3


def test_what_is_put_back_stays_and_is_linked_again(bench: Bench) -> None:
    bench.follow(VIDEOS, when_unwanted="quarantine")
    bench.run()
    before = {path.relative_to(bench.house.root) for path in bench.house.root.glob("library/*/*")}
    bench.follow(VIDEOS, keep="{last: 18}", when_unwanted="quarantine")
    assert bench.run().done.quarantined == 2
    with open_world(bench.house.settings, clock=bench.clock) as world:
        assert restore(world, [VIDEOS[19]]) == (VIDEOS[19],)
    assert bench.house.item(VIDEOS[19]).id == VIDEOS[19]
    for _ in range(2):
        assert bench.run().done.quarantined == 0
        assert bench.quarantined() == {VIDEOS[18]}
        assert bench.library() == {*VIDEOS} - {VIDEOS[18]}
        rebuild_index(bench.house.settings, clock=bench.clock)
    now = {path.relative_to(bench.house.root) for path in bench.house.root.glob("library/*/*")}
    assert now <= before


def test_quarantine_is_emptied_after_its_grace_or_by_a_word(bench: Bench) -> None:
    bench.follow(VIDEOS, when_unwanted="quarantine")
    bench.run()
    bench.follow(VIDEOS, keep="{last: 18}", when_unwanted="quarantine")
    bench.run()
    with open_world(bench.house.settings, clock=bench.clock) as world:
        (first, second) = in_quarantine(world)
        assert first.until - first.since == 30 * DAY
        assert "keep.last" in first.why
        empty(world, [first.video])
    assert bench.quarantined() == {second.video}
    bench.later(29 * DAY)
    assert bench.run().done.emptied == 0
    bench.later(2 * DAY)
    assert bench.run().done.emptied == 1
    assert bench.quarantined() == set()
    assert [line["video"] for line in bench.journal() if line["kind"] == "empty"] == [
        first.video,
        second.video,
    ]


def test_a_persons_deletion_is_respected_where_that_is_said_and_never_that_of_a_whole_disk(
    bench: Bench,
) -> None:
    def delete(*videos: str) -> None:
        for video in videos:
            (folder,) = bench.house.root.glob(f"videos/*/{video}")
            for file in folder.iterdir():
                file.unlink()
            folder.rmdir()

    bench.follow(VIDEOS)
    bench.run()
    delete(VIDEOS[0])
    assert bench.run().done.fetched == 1

    bench.follow(VIDEOS, when_deleted_locally="respect")
    delete(VIDEOS[0], VIDEOS[1])
    report = bench.run()
    assert (report.done.fetched, report.books.excluded, report.exit_code) == (0, 2, 0)
    rebuild_index(bench.house.settings, clock=bench.clock)
    assert bench.run().done.fetched == 0
    with open_world(bench.house.settings, clock=bench.clock) as world:
        want_again(world, (VIDEOS[0],))
    assert bench.run().done.fetched == 1

    delete(*VIDEOS[5:12])
    report = bench.run()
    assert (report.done.fetched, report.exit_code) == (0, 3)
    assert report.removals is not None
    assert [(one.code, one.count) for one in report.removals.held] == [(Hold.MISSING, 7)]
    assert not [line for line in bench.journal() if line["video"] == VIDEOS[5]]
    with open_world(bench.house.settings, clock=bench.clock) as world:
        confirm(world)
    assert bench.run().exit_code == 0
    assert len([line for line in bench.journal() if line["kind"] == "respect-deletion"]) == 9


def test_real_workers_ask_a_real_stand_in_before_anything_goes(house: House, youtube: Simulator) -> None:
    stays, leaves, gone = (numbered_video_id("removal", number) for number in range(3))
    for video in (stays, leaves, gone):
        youtube.set_video(video, case="public")
    youtube.set_playlist("PLsimRemovals01", [stays, leaves, gone])
    house.manifest(
        f"playlists:\n  - {{playlist: PLsimRemovals01, name: list, quality: {SMALL}, captions: {{languages: []}},"
        " sidecars: [], when_removed_from_source: quarantine}\n"
    )
    assert house.run().exit_code == 0
    youtube.set_video(gone, case="removed")
    youtube.set_playlist("PLsimRemovals01", [stays])
    report = house.run()
    assert (report.done.quarantined, report.exit_code) == (1, 0)
    assert report.removals is not None
    assert [(held.code, held.videos) for held in report.removals.held] == [(Hold.ONLY_COPY, (gone,))]
    assert house.committed() == {stays, gone}
    with house.open() as world:
        (one,) = in_quarantine(world)
        assert (one.video, world.index.corrupt_count()) == (leaves, 0)
        restore(world, [leaves])
    assert house.run().done.quarantined == 0
    assert house.committed() == {stays, leaves, gone}


def test_names_that_a_person_deleted_from_the_library_stay_away_where_that_is_respected(
    bench: Bench,
) -> None:
    bench.follow(VIDEOS[:2], when_deleted_locally="respect")
    bench.run()
    (name,) = bench.house.root.glob(f"library/**/*{VIDEOS[0]}*.mkv")
    name.unlink()
    bench.run()
    assert bench.library() == {VIDEOS[1]}
    bench.follow(VIDEOS[:2])
    bench.run()
    assert bench.library() == set(VIDEOS[:2])


def test_a_process_that_lives_on_takes_away_by_what_its_pass_read(bench: Bench) -> None:
    bench.follow(VIDEOS, when_unwanted="quarantine", when_removed_from_source="delete")
    bench.run()

    def daemon_pass() -> PassReport:
        with open_world(bench.house.settings, clock=bench.clock, hire=bench.youtube.hire) as world:
            return reconcile_on(world, Work(world, 0), _Reading(world))

    bench.follow(VIDEOS[1:], keep="{last: 18}", when_unwanted="quarantine", when_removed_from_source="delete")
    report = daemon_pass()
    assert (report.done.quarantined, report.done.deleted) == (1, 1)
    assert bench.house.committed() == set(VIDEOS[1:19])
    assert daemon_pass().done.deleted == 0


class _Reading(NoNews):
    """Reads the lists in the first round, as the daemon does while it works."""

    def __init__(self, world: World) -> None:
        self._world, self._has_read = world, False

    def catch_up(self, work: Work) -> None:
        if not self._has_read:
            self._has_read = True
            refresh(self._world, whole=True)


@pytest.mark.parametrize("seed", range(int(os.environ.get("YTARCHIVE_TEST_REMOVALS", "2"))))
def test_a_dry_run_is_the_deed(tmp_path: Path, seed: int) -> None:
    """Lists, filters, policies and what YouTube has change at random; a pass does what the plan before it showed."""
    chance = random.Random(seed)
    bench = Bench.at(tmp_path)
    words = ["keep", "quarantine", "delete"]
    bench.follow(VIDEOS)
    bench.run()
    for _ in range(3):
        bench.later(chance.randrange(3) * DAY)
        listed = [video for video in VIDEOS if chance.random() < 0.92]
        bench.youtube.codes = {video: "REMOVED" for video in VIDEOS if chance.random() < 0.1}
        bench.follow(
            listed,
            keep=f"{{last: {chance.randrange(15, 20)}}}",
            when_unwanted=chance.choice(words),
            when_removed_from_source=chance.choice(words),
        )
        plan = bench.plan()
        before = len([line for line in bench.journal() if line["kind"] == "prune"])
        here = bench.house.committed()
        report = bench.run(expected_digest=plan.digest)
        pruned = [line for line in bench.journal() if line["kind"] == "prune"][before:]
        assert [(one["video"], one["code"], one["why"]) for one in pruned] == [
            (one.video, one.how, one.why) for one in plan.removals.now
        ]
        gone = {one.video for one in plan.removals.now}
        assert bench.house.committed() & here == here - gone
        assert report.removals is not None
        assert report.removals.held == plan.removals.held
        assert report.books.listed == len(listed)
        assert bench.plan().removals.now == ()
