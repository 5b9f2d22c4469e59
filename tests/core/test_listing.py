"""When a listing is believed: cut, shrunken, or confirmed by a second look."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ytarchive.core.instant import DAY, HOUR
from ytarchive.core.listing import SHRUNKEN_LEAST, is_confirmed, is_cut, is_shrunken


@pytest.mark.parametrize(
    ("got", "expected", "held", "page", "cut"),
    [
        (5000, 5000, 0, 100, False),  # all of it
        (5003, 5000, 0, 100, False),  # YouTube counted too few
        (4950, 5000, 0, 100, False),  # it ended within a page: hidden videos
        (4900, 5000, 0, 100, True),  # it ended with a full page: a lost continuation
        (100, 5000, 0, 100, True),  # the first page of many
        (130, 5000, 0, 100, True),  # within a page, and most of it is missing
        (0, 0, 40, 100, False),  # an empty list that says so
        (0, 3, 0, 100, True),  # nothing where there is something
        (80, 100, 0, 100, False),  # a fifth may be hidden
        (79, 100, 0, 100, True),  # more than a fifth is missing
        (50, None, 40, 100, False),  # not counted: more than before
        (100, None, 130, 100, True),  # not counted: a full page, and fewer than before
        (120, None, 130, 100, False),
        (
            40,
            None,
            130,
            100,
            False,
        ),  # much fewer, and nobody counted: whether to believe it is another question
        (0, None, 0, 100, False),
    ],
)
def test_a_listing_that_ends_without_an_error_may_have_been_cut(
    got: int, expected: int | None, held: int, page: int, cut: bool
) -> None:
    assert is_cut(got, expected, held, page) is cut


counts = st.integers(0, 10_000)


@given(counts, st.none() | counts, counts, st.integers(1, 100))
def test_a_listing_that_shows_all_that_is_expected_was_not_cut(
    got: int, expected: int | None, held: int, page: int
) -> None:
    goal = held if expected is None else expected
    if got >= goal:
        assert not is_cut(got, expected, held, page)
    elif got % page == 0 or (expected is not None and got < goal * 0.8):
        assert is_cut(got, expected, held, page)


@pytest.mark.parametrize(
    ("held", "gone", "shrunken"),
    [
        (5000, 4900, True),
        (5000, 1001, True),
        (5000, 1000, False),
        (30, SHRUNKEN_LEAST, False),
        (30, SHRUNKEN_LEAST + 1, True),
        (10, 10, False),
        (0, 0, False),
    ],
)
def test_a_list_that_lost_much_at_once_is_not_believed(held: int, gone: int, shrunken: bool) -> None:
    assert is_shrunken(held, gone) is shrunken


@given(counts, counts, counts)
def test_losing_more_is_never_believed_sooner(held: int, gone: int, more: int) -> None:
    if is_shrunken(held, gone):
        assert is_shrunken(held, gone + more)


def test_what_was_so_a_day_ago_is_confirmed_give_or_take_an_hour() -> None:
    assert not is_confirmed(None, 10 * DAY)
    assert not is_confirmed(DAY, DAY + 23 * HOUR - 1)
    assert is_confirmed(DAY, DAY + 23 * HOUR)
    assert not is_confirmed(DAY, 0)  # the clock went back
