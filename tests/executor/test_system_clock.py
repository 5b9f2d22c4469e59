"""The machine's clock, with time frozen where time is what is tested."""

from __future__ import annotations

from freezegun import freeze_time

from ytarchive.adapters.clock import SystemClock


def test_now_is_in_whole_seconds_of_utc_whatever_the_zone() -> None:
    with freeze_time("2026-11-23 12:00:00.9", tz_offset=5):
        assert SystemClock().now() == 1_795_435_200
