"""Checksums compared again: what rots is found, told, fetched again while YouTube has it, and kept where it has not."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from pass_rot import flip_a_bit, media_of
from reconciler_house import House, MovedClock, opened

from ytarchive.adapters.clock import SystemClock
from ytarchive.core.instant import DAY
from ytarchive.core.scrub import FIRST_LOOK_SECONDS, PERIOD_SECONDS
from ytarchive.reconciler import checksum_lines, download_archive_lines, reconcile_once, verify, work_plan
from ytarchive.simulator import Simulator, numbered_video_id

ROTTEN = int(os.environ.get("YTARCHIVE_TEST_FLIPS", "3"))


def test_every_flipped_bit_is_found_and_mended_or_kept(house: House, youtube: Simulator) -> None:
    videos = [numbered_video_id("verify", number) for number in range(2 * ROTTEN + 1)]
    for video in videos:
        youtube.set_video(video, case="public")
    house.want(videos)
    assert house.run().exit_code == 0
    stored = {video: media_of(house, video).read_bytes() for video in videos}
    mended, gone, whole = videos[:ROTTEN], videos[ROTTEN : 2 * ROTTEN], videos[-1]
    for video in (*mended, *gone):
        flip_a_bit(media_of(house, video))
    for video in gone:
        youtube.set_video(video, case="removed")

    with house.open() as world:
        found = verify(world)
        assert {one.video for one in found.damage} == {*mended, *gone}
        assert (found.items, found.is_left) == (len(videos), False)
        assert all("SHA-256" in one.why for one in found.damage)

    report = house.run()

    assert report.exit_code == 3
    assert report.done.updated == ROTTEN
    for video in (*mended, whole):
        assert media_of(house, video).read_bytes() == stored[video]
        shown = house.root.glob(f"library/**/*[[]{video}]*")
        assert all(path.read_bytes() == stored[video] for path in shown if path.suffix == ".mkv")
    for video in gone:
        assert len(media_of(house, video).read_bytes()) == len(stored[video])
    with house.open() as world:
        assert {item.video for item in work_plan(world).items} == {*gone}
        assert {copy.video for copy in work_plan(world).only_copies if copy.damaged} <= {*gone}
        assert {one.video for one in verify(world).damage} == {*gone}
        assert world.index.corrupt_count() == ROTTEN


def test_damage_is_remembered_until_the_file_is_put_back(house: House) -> None:
    """A scan sees sizes alone, and must not take the item for whole again."""
    video = numbered_video_id("verify", 1)
    house.want([video])
    house.run()
    media = media_of(house, video)
    flip_a_bit(media)
    with house.open() as world:
        verify(world)
    with house.open() as world:
        assert world.index.damage(video) is not None
    flip_a_bit(media)
    with house.open() as world:
        assert verify(world, videos=[video]).damage == []
    report = house.run()
    assert (report.exit_code, report.done.updated, report.done.fetched) == (0, 0, 0)


class _Waits(SystemClock):
    """Time that passes only where somebody waits."""

    def __init__(self) -> None:
        super().__init__()
        self.waited = 0.0

    def monotonic(self) -> float:
        return self.waited

    def wait(self, seconds: float) -> None:
        self.waited += seconds


def test_what_was_compared_is_not_due_again_and_what_was_left_is(house: House) -> None:
    videos = [numbered_video_id("verify", number) for number in range(3)]
    house.want(videos)
    house.run()
    clock = MovedClock()
    with opened(house, clock) as world:
        assert verify(world, only_due=True).items == 0  # nobody reads back what was just written
        clock.ahead = FIRST_LOOK_SECONDS + 60
        seen: list[str] = []

        def leave_at_the_second(item: object, _size: int) -> bool:
            seen.append(str(getattr(item, "video", "")))
            return len(set(seen)) < 2

        first = verify(world, only_due=True, on_read=leave_at_the_second)
        assert (first.items, first.is_left) == (1, True)
        rest = verify(world, only_due=True)
        assert (rest.items, rest.is_left) == (2, False)
        clock.ahead += PERIOD_SECONDS - DAY
        assert verify(world, only_due=True).items == 0
        clock.ahead += 2 * DAY
        assert verify(world, only_due=True).items == 3
        world.clock = slow = _Waits()
        size = verify(world, bytes_per_second=1000).bytes
        assert slow.waited == pytest.approx(size / 1000, rel=0.01)
        world.clock = clock
        again = reconcile_once(world)
        assert (again.exit_code, again.done.fetched, again.done.updated) == (0, 0, 0)


def test_other_programs_take_the_lists(house: House, tmp_path: Path) -> None:
    videos = [numbered_video_id("verify", number) for number in range(2)]
    house.want(videos)
    house.run()
    with house.open() as world:
        lines = list(checksum_lines(world))
        assert sorted(download_archive_lines(world)) == sorted(f"youtube {video}" for video in videos)
    sums = tmp_path / "SHA256SUMS"
    sums.write_text("\n".join(lines) + "\n")
    checked = ["sha256sum", "--check", "--quiet", str(sums)]
    assert subprocess.run(checked, cwd=house.root, check=False).returncode == 0
    flip_a_bit(media_of(house, videos[0]))
    assert subprocess.run(checked, cwd=house.root, check=False, capture_output=True).returncode == 1
