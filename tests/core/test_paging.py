"""Lists that are read page by page."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ytarchive.core.paging import NoSuchPlace, window

LISTS = st.dictionaries(
    st.sampled_from(["first", "second", "third"]),
    st.lists(st.text("ab:c", min_size=1, max_size=4), max_size=6, unique=True).map(tuple),
    min_size=1,
)


@settings(max_examples=50)
@given(LISTS, st.integers(1, 5))
def test_pages_together_are_the_lists_each_once_and_in_order(
    lists: dict[str, tuple[str, ...]], limit: int
) -> None:
    joined: dict[str, tuple[str, ...]] = dict.fromkeys(lists, ())
    after, pages = None, 0
    while True:
        page = window(lists, str, after, limit)
        size = sum(map(len, page.parts.values()))
        assert size == limit if page.next is not None else size <= limit
        joined = {name: joined[name] + page.parts[name] for name in joined}
        pages += 1
        if (after := page.next) is None:
            break
    assert joined == lists
    assert pages == max(1, -(-sum(map(len, lists.values())) // limit))


@settings(max_examples=20)
@given(LISTS)
def test_a_place_that_is_not_there_is_refused(lists: dict[str, tuple[str, ...]]) -> None:
    for place in ("first:gone", "nowhere:a", "", "second"):
        with pytest.raises(NoSuchPlace):
            window(lists, str, place, 1)
