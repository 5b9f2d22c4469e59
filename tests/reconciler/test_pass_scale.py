"""Passes over archives in which nothing is left to do: cheap, and blind to nothing that happened on disk."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from reconciler_house import Listener

from benchmarks.converged import ENTRY, Converged, make
from ytarchive.adapters.executor.model import ModelClock
from ytarchive.core.instant import DAY, HOUR
from ytarchive.core.plan import Action
from ytarchive.reconciler import World, disk, linking, open_world, plan, rebuild_index, reconcile_once
from ytarchive.simulator import computed_playlist_id, numbered_video_id

START = 1_795_392_000
ITEMS = 30


def video_id(number: int) -> str:
    return numbered_video_id(computed_playlist_id(ITEMS), number)


class Place:
    """A converged archive under a clock of its own; nothing in it can reach a network."""

    def __init__(self, made: Converged, clock: ModelClock) -> None:
        self.made = made
        self.clock = clock
        self.listener = Listener()

    @property
    def root(self) -> Path:
        return self.made.folder / "archive"

    def media(self, number: int) -> Path:
        (path,) = self.root.glob(f"videos/*/{video_id(number)}/*.mkv")
        return path

    @contextmanager
    def open(self) -> Iterator[World]:
        with open_world(self.made.settings, clock=self.clock, observer=self.listener) as world:
            yield world

    def wanted_again(self) -> set[str]:
        """What the next pass would fetch."""
        with self.open() as world:
            return {decision.video for decision in plan(world)[1] if decision.action is Action.UPDATE} | {
                decision.video for decision in plan(world)[1] if decision.action is Action.FETCH
            }

    def files(self) -> dict[str, tuple[int, int]]:
        paths = (path for path in self.root.rglob("*") if path.is_file() and path.name != "lock")
        return {str(path): (path.stat().st_ino, path.stat().st_mtime_ns) for path in paths}


@pytest.fixture
def place(tmp_path: Path) -> Place:
    clock = ModelClock(START)
    return Place(make(tmp_path, ITEMS, "ids", clock=clock), clock)


@pytest.fixture
def large(place: Place, monkeypatch: pytest.MonkeyPatch) -> Place:
    """The same, called a large one; all its sizes were just looked at."""
    monkeypatch.setattr(disk, "SIZES_ALWAYS_UP_TO_ITEMS", ITEMS - 1)
    assert place.wanted_again() == set()
    return place


def cut(path: Path) -> bytes:
    whole = path.read_bytes()
    path.chmod(0o644)
    os.truncate(path, 3)
    return whole


def mend(path: Path, whole: bytes) -> None:
    """Write the lost bytes back in place, as no folder's time tells."""
    path.write_bytes(whole)


def test_a_pass_over_a_converged_archive_changes_no_file_and_no_row(place: Place) -> None:
    before = place.files()
    with place.open() as world:
        revision = world.index.revision()
        report = reconcile_once(world)
        assert world.index.revision() == revision
        assert world.index.jobs() == ()
    assert (report.books.wanted, report.books.have, report.exit_code) == (ITEMS, ITEMS, 0)
    assert place.files() == before


def test_a_file_that_was_cut_is_seen_by_the_next_pass_in_a_small_archive(place: Place) -> None:
    cut(place.media(3))
    assert place.wanted_again() == {video_id(3)}


def test_a_file_that_was_cut_is_seen_within_a_day_in_a_large_archive(large: Place) -> None:
    cut(large.media(3))
    large.clock.wait(HOUR)
    assert large.wanted_again() == set()
    large.clock.wait(DAY - HOUR)
    assert large.wanted_again() == {video_id(3)}


def test_a_daily_timer_that_is_early_misses_no_day(large: Place) -> None:
    large.clock.wait(DAY - HOUR)
    cut(large.media(3))
    assert large.wanted_again() == {video_id(3)}


def test_sizes_are_looked_at_when_the_clock_went_back(large: Place) -> None:
    cut(large.media(3))
    large.clock = ModelClock(START - DAY)
    assert large.wanted_again() == {video_id(3)}


def test_sizes_are_looked_at_when_the_index_is_made_anew(large: Place) -> None:
    cut(large.media(3))
    assert rebuild_index(large.made.settings, clock=large.clock).damaged == 1
    assert large.wanted_again() == {video_id(3)}


@pytest.mark.parametrize(
    "loss",
    [
        lambda media: media.unlink(),
        lambda media: shutil.rmtree(media.parent),
        lambda media: shutil.rmtree(media.parent.parent),
    ],
    ids=["file", "folder", "shard"],
)
def test_what_is_gone_from_disk_is_seen_at_once_in_a_large_archive(
    large: Place, loss: Callable[[Path], None]
) -> None:
    for name in large.made.settings.archive.root.rglob(f"library/*/*{video_id(3)}*"):
        name.unlink()  # what is left of it there would be taken
    loss(large.media(3))
    assert video_id(3) in large.wanted_again()


def test_a_cut_file_that_touched_its_folder_is_seen_at_once_in_a_large_archive(large: Place) -> None:
    media = large.media(3)
    cut(media)
    os.utime(media.parent)
    assert large.wanted_again() == {video_id(3)}


def test_damage_that_a_person_mended_in_place_is_seen_at_once(large: Place) -> None:
    media = large.media(3)
    whole = cut(media)
    large.clock.wait(DAY)
    assert large.wanted_again() == {video_id(3)}
    mend(media, whole)
    assert large.wanted_again() == set()


def test_known_damage_is_told_and_written_once(place: Place) -> None:
    cut(place.media(3))
    with place.open() as world:
        revision = world.index.revision()
    place.listener.notes.clear()
    with place.open() as world:
        assert world.index.revision() == revision
    assert place.listener.notes == []


def test_damage_that_changed_is_told_again(place: Place) -> None:
    cut(place.media(3))
    place.wanted_again()
    place.media(3).unlink()
    with place.open() as world:
        assert "is missing" in (world.index.damage(video_id(3)) or "")


@pytest.mark.parametrize("gone", ["name", "view", "library"])
def test_names_that_somebody_took_out_of_the_library_come_back(
    place: Place, gone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(linking, "BATCH", 7)
    view = place.root / "library" / ENTRY
    before = {path.name: path.stat().st_ino for path in view.iterdir()}
    match gone:
        case "name":
            sorted(view.iterdir())[4].unlink()
        case "view":
            shutil.rmtree(view)
        case _:
            shutil.rmtree(view.parent)
    with place.open() as world:
        assert reconcile_once(world).done.linked == (1 if gone == "name" else ITEMS)
    assert {path.name: path.stat().st_ino for path in view.iterdir()} == before


def test_a_foreign_file_in_the_library_is_no_reason_to_link_again(place: Place) -> None:
    (place.root / "library" / ENTRY / "mine.txt").write_text("mine")
    with place.open() as world:
        assert reconcile_once(world).done.linked == 0
