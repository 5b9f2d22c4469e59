"""The measurement of first listings begins well, tiny; its figures are compared by people, on a quiet machine."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from benchmarks.listing import WAYS, Way, listed
from benchmarks.measure import Cost


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.name)
def test_a_way_to_list_lists_everything_and_tells_what_it_cost(way: Way) -> None:
    one = listed(way, 20)

    assert one.failure is None
    assert one.requests > 0
    assert (one.units > 0) == (way is WAYS[2])
    assert one.cost.memory_bytes > 10 * 2**20


def test_a_way_that_lists_too_little_says_so() -> None:
    def list_(folder: Path, network: Mapping[str, str], playlist: str, _: int) -> tuple[Cost, str | None]:
        return WAYS[0].list_(folder, network, playlist, 21)

    one = listed(Way("all but one", list_), 20)

    assert one.failure
    assert one.failure.startswith("20 of 21 videos (exit 0)")
