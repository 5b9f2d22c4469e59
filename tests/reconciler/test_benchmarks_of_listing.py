"""The measurement of first listings begins well, tiny; its figures are compared by people, on a quiet machine."""

from __future__ import annotations

import pytest

from benchmarks.listing import WAYS, Way, listed


@pytest.mark.parametrize("way", WAYS[:2], ids=lambda way: way.name)
def test_a_way_to_list_lists_everything_and_tells_what_it_cost(way: Way) -> None:
    one = listed(way, 20)

    assert one.failure is None
    assert one.requests > 0
    assert one.units == 0
    assert one.cost.memory_bytes > 10 * 2**20


def test_a_way_that_lists_too_little_says_so() -> None:
    one = listed(Way("nothing", lambda *given: WAYS[0].list_(*given[:3], 21)), 20)

    assert one.failure
    assert one.failure.startswith("20 of 21 videos (exit 0)")
