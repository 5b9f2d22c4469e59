"""What takes room in a real archive: told as it lies on disk, whoever wants it."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import test_pass_months as months
from pass_shelf import CHANNEL, LIST, commit, listed
from reconciler_house import SMALL, House

from ytarchive.adapters.executor import OnEvent
from ytarchive.adapters.executor.model import ModelClock, ModelExecutor, ModelRun
from ytarchive.core.job import Event, Job, VideoDetails
from ytarchive.core.space import Part, Space
from ytarchive.errors import UsageError
from ytarchive.reconciler import open_reading, open_world, reconcile_once
from ytarchive.reconciler.linking import link_all
from ytarchive.reconciler.space import space
from ytarchive.simulator import numbered_video_id

videos = [numbered_video_id("space", number) for number in range(6)]
SIZE = len(videos[0])
BOTH = f"""
playlists:
  - {{playlist: {LIST}, name: All, quality: {SMALL}, library: {{name: TV}}}}
videos:
  - {{video: {videos[0]}, name: one, quality: {SMALL}, library: {{name: One}}}}
"""


@pytest.fixture
def shelf(house: House) -> House:
    """Four items of a list of five, one of which another entry wants too, and one that nobody wants."""
    house.manifest(BOTH)
    with house.open() as world:
        listed(world, videos[:5])
        details = [VideoDetails(video, duration_seconds=100.0) for video in videos]
        world.index.record_details(details, world.clock.now(), "api")
        for number, video in enumerate([*videos[:4], videos[5]]):
            commit(world, video, size=10 + number)
        link_all(world)
    return house


def measured(house: House, reserved: int = 0) -> Space:
    with open_reading(house.settings) as world:
        return space(world, reserved_bytes=reserved)


def test_room_is_told_by_entry_view_channel_and_codec(shelf: House) -> None:
    found = measured(shelf)
    sizes = [SIZE * (10 + number) for number in range(5)]
    assert (found.items, found.bytes) == (5, sum(sizes))
    every, one = found.entries
    assert (every.name, every.items, every.bytes) == ("All", 4, sum(sizes[:4]))
    assert (every.own_items, every.own_bytes) == (3, sum(sizes[1:4]))
    assert (one.name, one.items, one.bytes, one.own_bytes) == ("one", 1, sizes[0], 0)
    assert found.views == (Part("One", 1, sizes[0]), Part("TV", 4, sum(sizes[:4])))
    assert found.channels == (Part("A channel", 5, sum(sizes)),)
    assert found.codecs == (Part("vp9", 5, sum(sizes)),)
    assert found.unwanted == Part("unwanted", 1, sizes[4])
    on_disk = sum(path.stat().st_size for path in shelf.root.glob("videos/*/*/*.mkv"))
    assert found.bytes == on_disk


def test_what_would_be_free_without_entries_is_told_before_they_go(shelf: House) -> None:
    with open_reading(shelf.settings) as world:
        both, one = space(world, without=["All", "one"]).without, space(world, without=["one"]).without
        with pytest.raises(UsageError, match="'nobody'") as caught:
            space(world, without=["nobody"])
    assert both == Part("without", 4, sum(SIZE * (10 + number) for number in range(4)))
    assert one == Part("without", 0, 0)
    assert "All" in (caught.value.cure or "")


def test_the_backlog_needs_what_items_of_its_length_take(shelf: House) -> None:
    found = measured(shelf)
    mean = found.bytes / found.items
    assert found.need.videos == 1
    assert found.need.bytes == pytest.approx(mean, abs=SIZE * 2)
    assert found.entries[0].backlog == 1
    assert found.need.fits
    assert not measured(shelf, reserved=1 << 60).need.fits
    with shelf.open() as world:
        world.index.record_gone(videos[4], "REMOVED", world.clock.now())
    assert measured(shelf).need.videos == 0


def test_what_no_item_names_is_told_apart(shelf: House) -> None:
    folder = shelf.root / "videos" / CHANNEL / videos[1]
    (folder / f"{videos[1]}.0123456789.mkv").write_bytes(b"x" * 77)
    (folder / "notes.txt").write_bytes(b"mine")
    taken = shelf.root / ".ytarchive" / "quarantine" / "2026-01-01" / videos[2]
    taken.mkdir(parents=True)
    (taken / "item.json").write_bytes(b"y" * 33)
    (taken / "link").symlink_to("/")
    staged = shelf.root / ".ytarchive" / "staging" / videos[4]
    (staged / "out").mkdir(parents=True)
    (staged / "out" / "part").write_bytes(b"z" * 11)
    found = measured(shelf)
    assert found.superseded == Part("superseded", 1, 77)
    assert found.quarantine == Part("quarantine", 1, 33)
    assert found.staging == Part("staging", 1, 11)


def test_the_disk_is_told_as_the_system_does(shelf: House) -> None:
    room = measured(shelf, reserved=5).room
    status = os.statvfs(Path(shelf.root))
    assert room.total_bytes == status.f_blocks * status.f_frsize
    assert 0 < room.free_bytes <= room.total_bytes
    assert (room.min_free_bytes, room.reserved_bytes) == (0, 5)


@pytest.mark.parametrize(("share", "at_once"), [(1.5, 2), (0.75, 1)])
def test_what_runs_reserves_twice_its_size_before_another_begins(
    house: House, share: float, at_once: int
) -> None:
    """Two slots, and room above what must stay free for `share` of twice what each says that it will write."""
    clock = ModelClock(1_795_392_000)
    house.want(videos[:4], quality="{max: 360p, codecs: [h264]}")
    free = shutil.disk_usage(house.folder).free
    expected = free // 8
    house.environment["YTARCHIVE_ARCHIVE__MIN_FREE"] = f"{free - int(share * 2 * expected) >> 20}MiB"
    house.environment["YTARCHIVE_LIMITS__EXTRACTIONS"] = (
        "1"  # so that each size is known before the next begins
    )
    model = months.Model(clock, {video: [] for video in videos})

    def run(job: Job) -> ModelRun:
        told = {"phase": "download", "total_bytes": expected}
        return replace(model.run(job), events=(Event(job.id, 1, "progress", told),))

    def hire(on_event: OnEvent) -> ModelExecutor:
        return ModelExecutor(2, model=run, clock=clock, on_event=on_event)

    with open_world(house.settings, clock=clock, hire=hire) as world:
        report = reconcile_once(world)
    assert report.exit_code == 0
    starts = sorted(at for at, _ in model.started)
    assert max(starts.count(at) for at in starts) == at_once
    assert len(starts) == 4
