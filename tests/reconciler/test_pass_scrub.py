"""The daemon's scrub: what has its turn is read back beside everything else, and damage is fetched again."""

from __future__ import annotations

import time

from pass_rot import flip_a_bit, media_of
from reconciler_house import House, MovedClock, opened

from ytarchive.core.scrub import FIRST_LOOK_SECONDS
from ytarchive.daemon.desk import Desk
from ytarchive.daemon.scrubbing import scrubbed
from ytarchive.metrics import Metrics
from ytarchive.reconciler import reconcile_once
from ytarchive.simulator import numbered_video_id

PATIENCE_SECONDS = 60.0


def test_what_rots_is_found_while_the_daemon_lives_and_mended_by_its_next_pass(house: House) -> None:
    videos = [numbered_video_id("scrub", number) for number in range(3)]
    house.want(videos)
    house.run()
    stored = media_of(house, videos[1]).read_bytes()
    flip_a_bit(media_of(house, videos[1]))
    clock = MovedClock()
    clock.ahead = FIRST_LOOK_SECONDS + 60
    with opened(house, clock) as world:
        desk = Desk(house.settings, clock, Metrics("0", time.time, last_success_at=0))
        desk.open(world)
        with scrubbed(desk, 1 << 30, look_seconds=0.05):
            end = time.monotonic() + PATIENCE_SECONDS
            while not (desk.is_asked and world.index.to_verify(not_since=clock.now() - 60) == ()):
                assert time.monotonic() < end
                world.crew.attend(0.1)
        assert list(world.index.corrupt(videos[1])) == [media_of(house, videos[1]).name]
        assert world.index.corrupt_count() == 1
        report = reconcile_once(world)
        desk.close()
    assert (report.exit_code, report.done.updated) == (0, 1)
    assert media_of(house, videos[1]).read_bytes() == stored


def test_at_a_rate_of_nothing_nobody_reads(house: House) -> None:
    house.want([])
    with house.open() as world:
        desk = Desk(house.settings, world.clock, Metrics("0", time.time, last_success_at=0))
        with scrubbed(desk, 0):
            assert not desk.is_asked
