"""What takes room: sums that agree with each other, and needs that grow with the backlog."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ytarchive.core.space import (
    Backlog,
    EntryUsage,
    Need,
    Pace,
    Room,
    Share,
    by_entry,
    expected_bytes,
    freed_without,
    need_of,
    unwanted,
)

NAMES = st.lists(st.sampled_from("abcd"), unique=True, max_size=3).map(tuple)
SHARES = st.lists(
    st.builds(Share, NAMES, st.integers(0, 10), st.integers(0, 10**12), st.booleans()), max_size=6
)
BACKLOGS = st.lists(
    st.builds(
        lambda names, target, untimed, timed, seconds: Backlog(
            names, target, untimed + timed, timed, seconds * timed
        ),
        NAMES,
        st.integers(1, 3),
        st.integers(0, 5),
        st.integers(0, 5),
        st.integers(1, 10**4),
    ),
    max_size=6,
)
PACES = st.dictionaries(
    st.integers(1, 3),
    st.builds(
        lambda items, size, share, seconds: Pace(items, size, size * share // 4, seconds * bool(share)),
        st.integers(1, 50),
        st.integers(1, 10**9),
        st.integers(0, 4),
        st.integers(1, 10**5),
    ),
)
ROOM = Room(total_bytes=10**12, free_bytes=1000, min_free_bytes=100)


@given(SHARES, BACKLOGS, PACES)
def test_what_entries_have_alone_and_what_nobody_wants_is_never_more_than_all(
    shares: list[Share], backlogs: list[Backlog], paces: dict[int, Pace]
) -> None:
    entries = by_entry(shares, backlogs, paces)
    every_item = sum(share.bytes for share in shares)
    assert sum(entry.own_bytes for entry in entries) + unwanted(shares).bytes <= every_item
    for entry in entries:
        assert entry.own_bytes <= entry.bytes <= every_item
        assert entry.own_items <= entry.items
    assert [entry.name for entry in entries] == sorted({entry.name for entry in entries})


@given(SHARES, BACKLOGS, PACES)
def test_the_order_does_not_matter(
    shares: list[Share], backlogs: list[Backlog], paces: dict[int, Pace]
) -> None:
    there, back = by_entry(shares, backlogs, paces), by_entry(shares[::-1], backlogs[::-1], paces)
    for one, other in zip(there, back, strict=True):
        assert one.backlog_bytes == pytest.approx(other.backlog_bytes, abs=1)
        assert replace(one, backlog_bytes=0) == replace(other, backlog_bytes=0)


@given(BACKLOGS, PACES)
def test_more_to_come_never_needs_less(backlogs: list[Backlog], paces: dict[int, Pace]) -> None:
    whole, part = expected_bytes(backlogs, paces), expected_bytes(backlogs[:-1], paces)
    if whole is None:
        assert not paces
    else:
        assert part is not None
        assert 0 <= part <= whole


@given(SHARES, st.sets(st.sampled_from("abcd")), st.sets(st.sampled_from("abcd")))
def test_entries_that_go_together_free_at_least_what_each_has_alone(
    shares: list[Share], some: set[str], more: set[str]
) -> None:
    alone = {entry.name: entry.own_bytes for entry in by_entry(shares, [], {})}
    freed = freed_without(shares, some).bytes
    assert freed >= sum(alone.get(name, 0) for name in some)
    assert freed <= freed_without(shares, some | more).bytes
    every = freed_without(shares, {*"abcd"}).bytes
    undecided = sum(share.bytes for share in shares if share.entries and share.is_undecided)
    assert every + unwanted(shares).bytes + undecided == sum(share.bytes for share in shares)


def test_what_is_to_come_is_as_large_as_what_is_here_for_the_same_wish() -> None:
    paces = {1: Pace(2, 1000, 1000, 10), 2: Pace(1, 90, 90, 90), 4: Pace(3, 300)}
    assert expected_bytes([Backlog(("a",), 1, videos=1, timed=1, seconds=7)], paces) == 700
    assert expected_bytes([Backlog(("a",), 1, videos=2, timed=1, seconds=7)], paces) == 700 + 500
    assert expected_bytes([Backlog(("a",), 2, videos=1, timed=1, seconds=7)], paces) == 7
    assert expected_bytes([Backlog(("a",), 3, videos=1, timed=1, seconds=100)], paces) == 1090
    assert expected_bytes([Backlog(("a",), 4, videos=3, timed=2, seconds=100)], paces) == 300


def test_where_nothing_is_here_nobody_knows() -> None:
    backlog = [Backlog(("a",), 1, videos=1, timed=1, seconds=7)]
    assert need_of(backlog, {}, ROOM) == Need(1, None, None)
    assert by_entry([], backlog, {}) == (EntryUsage("a", backlog=1, backlog_bytes=None),)
    assert need_of([], {}, ROOM) == Need(0, 0, fits=True)
    assert expected_bytes([Backlog(("a",), 1, videos=0, timed=0, seconds=0)], {}) == 0


@pytest.mark.parametrize(("reserved", "fits"), [(0, True), (201, False)])
def test_what_must_stay_free_and_what_runs_go_before(reserved: int, fits: bool) -> None:
    paces = {1: Pace(1, 100, 100, 1)}
    backlog = [Backlog(("a",), 1, videos=1, timed=1, seconds=7)]
    assert need_of(backlog, paces, replace(ROOM, reserved_bytes=reserved)) == Need(1, 700, fits)


def test_what_a_filter_has_not_decided_on_is_neither_wanted_nor_free() -> None:
    shares = [Share(("a",), 1, 10, is_undecided=True), Share((), 2, 5)]
    assert by_entry(shares, [], {}) == ()
    assert unwanted(shares).bytes == 5
