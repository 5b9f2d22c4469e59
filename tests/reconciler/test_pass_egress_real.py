"""A real pass in front of a stand-in that takes an address for a bot, and again when it has had its rest."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from reconciler_house import House, MovedClock, opened

from ytarchive.core.halts import Halt, begun
from ytarchive.core.instant import HOUR
from ytarchive.reconciler import egress_outlooks, notices, reconcile_once, refresh
from ytarchive.simulator import Simulator, computed_playlist_id


@pytest.fixture
def limited(youtube: Simulator) -> Iterator[Simulator]:
    youtube.limit_rate(2)
    yield youtube
    youtube.limit_rate(None)


def test_a_ban_costs_three_videos_and_a_probe_and_no_video_is_to_blame(
    limited: Simulator, house: House
) -> None:
    clock = MovedClock()
    house.environment["YTARCHIVE_LIMITS__EXTRACTIONS"] = "1"
    house.want([f"simrate{number:04}" for number in range(7)])
    with opened(house, clock) as world:
        report = reconcile_once(world)
        assert report.done.fetched == 2
        assert report.waiting == "YouTube throttles this address (BOT_CHECK)"
        assert report.forecast is not None
        assert report.forecast.backlog >= 1
        assert limited.visitors()[0]["extractions"] <= 6
        asked = limited.visitors()
        clock.ahead = 5 * HOUR
        assert reconcile_once(world).done.fetched == 0
        assert limited.visitors() == asked
        clock.ahead = 8 * HOUR
        limited.limit_rate(None)
        report = reconcile_once(world)
        (egress,) = egress_outlooks(world)
    assert (report.books.have, report.exit_code) == (7, 0)
    assert (egress.name, egress.is_open) == ("guest", False)


def test_lists_that_are_throttled_count_against_the_address_and_one_that_is_read_proves_the_network(
    youtube: Simulator, house: House
) -> None:
    for request in ("playlist", "browse"):
        youtube.add_fault("status", value=429, request=request)
    lists = [computed_playlist_id(size) for size in (11, 12, 13)]
    house.manifest("playlists:\n" + "".join(f"  - {{playlist: {name}}}\n" for name in lists))
    clock = MovedClock()
    with opened(house, clock) as world:
        reports = refresh(world)
        assert {report.code for report in reports} == {"HTTP_429"}
        (egress,) = egress_outlooks(world)
        assert egress.waits_for == "YouTube throttles this address (HTTP_429)"
        youtube.remove_faults()
        world.index.record_halt(begun(Halt("network"), "DNS", "no such host", world.clock.now()))
        clock.ahead = HOUR
        refresh(world)
        assert notices(world) == ()


def test_no_page_of_a_list_is_asked_for_while_the_address_rests(youtube: Simulator, house: House) -> None:
    playlist, clock = computed_playlist_id(14), MovedClock()
    house.manifest(f"playlists: [{{playlist: {playlist}, name: all}}]\n")
    with opened(house, clock) as world:
        until = world.clock.now() + HOUR
        shut = replace(world.egress("guest"), strike_code="BOT_CHECK", openings=1, open_until=until)
        world.record_egress(shut)
        youtube.reset_counters()
        (report,) = refresh(world)
        assert youtube.counters()["total_requests"] == 0
        listing = world.index.listing(playlist)
        assert listing is not None
        assert (report.code, listing.next_due_at) == ("BOT_CHECK", until)
        clock.ahead = HOUR + 1
        (report,) = refresh(world)
        assert (report.completeness, report.got) == ("complete", 14)
