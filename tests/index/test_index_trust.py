"""Which listings are believed: heads add in front, and a list that shrank too much takes nothing away for a day."""

from __future__ import annotations

from pathlib import Path

import pytest
from index_values import HD, NOW, failure, ids, lines, list_source, playlist

from ytarchive.adapters.index import Index, ListingChange
from ytarchive.core.instant import DAY
from ytarchive.core.job import Known, ListingSummary

SOURCE = "UU-a"
MANY = [f"v{number}" for number in range(40)]
FEW = MANY[:20]


def head(index: Index, *videos: str, expected: int | None = None, now: int = NOW + 60) -> ListingChange:
    index.begin_listing(SOURCE, now)
    index.add_listed(SOURCE, lines(videos), 0)
    summary = ListingSummary("head", expected, len(videos), via="api")
    return index.finish_listing(SOURCE, summary, now, now + 3600)


def completeness(index: Index) -> tuple[str | None, int | None]:
    listing = index.listing(SOURCE)
    assert listing is not None
    return listing.completeness, listing.shrunken_at


def test_head_puts_what_is_new_in_front_and_leaves_the_rest(index: Index) -> None:
    index.apply_entries([playlist("a", HD, source=SOURCE)], NOW)
    list_source(index, SOURCE, MANY)
    assert head(index, "n1", "n2", "v0", "v1") == ListingChange(added=2, kept=40)
    assert index.members(SOURCE) == ("n1", "n2", *MANY)
    assert ids(index.candidates(NOW))[:3] == ["n1", "n2", "v0"]
    assert head(index, "n3", "v5", "n4", "v6") == ListingChange(added=2, kept=42)
    assert index.members(SOURCE)[:4] == ("n3", "n4", "n1", "n2")


def test_head_describes_the_list_as_it_is_now(index: Index) -> None:
    list_source(index, SOURCE, MANY)
    head(index, "n1", "v0", "v1")
    members = ("n1", *MANY)
    assert index.known(SOURCE) == Known(members, 41, members)
    listing = index.listing(SOURCE)
    assert listing is not None
    assert (listing.completeness, listing.expected, listing.got) == ("complete", 41, 41)
    assert (listing.at, listing.full_at, listing.via) == (NOW + 60, NOW, "api")
    head(index, "n2", "n1", "v0", expected=50)
    known = index.known(SOURCE)
    assert known is not None
    assert (known.first[:3], known.count) == (("n2", "n1", "v0"), 50)


@pytest.mark.parametrize(
    ("listed", "first"),
    [((), FEW), (("n1", "n2"), ["n1", "n2"]), (("n1", "v18"), ["n1", "v18", "v19"])],
)
def test_first_lines_after_a_head_are_never_invented(
    index: Index, listed: tuple[str, ...], first: list[str]
) -> None:
    list_source(index, SOURCE, FEW)
    head(index, *listed)
    known = index.known(SOURCE)
    assert known is not None
    assert list(known.first) == first


def test_head_of_a_list_never_read_makes_it_no_more_known(index: Index) -> None:
    assert head(index, "v0", "v1") == ListingChange(added=2)
    assert index.members(SOURCE) == ("v0", "v1")
    assert completeness(index) == (None, None)
    assert index.known(SOURCE) is None
    list_source(index, SOURCE, MANY, "partial")
    head(index, "n1", "v0")
    assert completeness(index)[0] == "partial"


def test_whole_listing_after_a_head_moves_nothing_and_takes_away_what_left(index: Index) -> None:
    list_source(index, SOURCE, MANY)
    head(index, "n1", "n2", "v0")
    revision = index.revision()
    assert list_source(index, SOURCE, ["n1", "n2", *MANY]) == ListingChange(kept=42)
    assert index.revision() == revision
    assert list_source(index, SOURCE, ["n2", *MANY]) == ListingChange(removed=1, kept=41)
    assert index.members(SOURCE) == ("n2", *MANY)


def test_known_tells_the_first_two_hundred(index: Index) -> None:
    many = [f"v{number}" for number in range(300)]
    list_source(index, SOURCE, many)
    known = index.known(SOURCE)
    assert known is not None
    assert known.recent == tuple(many[:200])


def test_new_lines_anywhere_keep_the_order_of_the_list(index: Index) -> None:
    list_source(index, SOURCE, MANY)
    for order in (
        ["n1", *MANY],
        ["n1", *MANY, "n2"],
        ["n1", *MANY[:7], "n3", *MANY[7:], "n2"],
        ["n1", *MANY[9:], *MANY[:9]],
        MANY[::-1],
        [*MANY[:3], *MANY[5:]],
    ):
        list_source(index, SOURCE, order)
        assert list(index.members(SOURCE)) == order


def test_partial_listing_puts_what_is_new_beside_its_neighbours(index: Index) -> None:
    list_source(index, SOURCE, MANY)
    list_source(index, SOURCE, ["n1", "v0", "v1", "v2"], "partial")
    assert index.members(SOURCE)[:3] == ("n1", "v0", "v1")


def test_list_that_shrinks_too_much_takes_nothing_away(index: Index) -> None:
    index.apply_entries([playlist("a", source=SOURCE)], NOW)
    list_source(index, SOURCE, MANY)
    change = list_source(index, SOURCE, ["new", *FEW], now=NOW + DAY)
    assert change == ListingChange(added=1, kept=40, withheld=20)
    assert completeness(index) == ("shrunken", NOW + DAY)
    assert index.known(SOURCE) is None
    assert index.wanted_count()["a"] == 41


def test_list_that_stays_short_for_a_day_is_believed(index: Index) -> None:
    list_source(index, SOURCE, MANY)
    list_source(index, SOURCE, FEW, now=NOW + DAY)
    assert list_source(index, SOURCE, FEW, now=NOW + DAY + 3600) == ListingChange(kept=40, withheld=20)
    assert completeness(index) == ("shrunken", NOW + DAY)
    assert list_source(index, SOURCE, FEW, now=NOW + 2 * DAY) == ListingChange(removed=20, kept=20)
    assert completeness(index) == ("complete", None)
    assert index.members(SOURCE) == tuple(FEW)
    assert index.history("v39")[0].last_seen_at == NOW + DAY + 3600


def test_list_that_recovers_is_complete_and_the_wait_is_forgotten(index: Index) -> None:
    list_source(index, SOURCE, MANY)
    list_source(index, SOURCE, FEW, now=NOW + DAY)
    list_source(index, SOURCE, MANY[1:], now=NOW + 2 * DAY)
    assert completeness(index) == ("complete", None)
    assert len(index.members(SOURCE)) == 39
    list_source(index, SOURCE, FEW[1:], now=NOW + 3 * DAY)
    assert completeness(index) == ("shrunken", NOW + 3 * DAY)


@pytest.mark.parametrize("between", ["partial", "unchanged", "head", "short"])
def test_look_that_tells_less_does_not_end_the_wait(index: Index, between: str) -> None:
    list_source(index, SOURCE, MANY)
    list_source(index, SOURCE, FEW, now=NOW + DAY)
    list_source(index, SOURCE, FEW[:3], between, now=NOW + DAY + 60)
    index.fail_listing(SOURCE, failure(), NOW + DAY + 90, NOW)
    assert completeness(index)[1] == NOW + DAY
    list_source(index, SOURCE, FEW, now=NOW + 2 * DAY)
    assert completeness(index) == ("complete", None)


def test_clock_that_went_back_begins_the_wait_again(index: Index) -> None:
    list_source(index, SOURCE, MANY)
    list_source(index, SOURCE, FEW, now=NOW + 400 * DAY)
    list_source(index, SOURCE, FEW, now=NOW)
    assert completeness(index) == ("shrunken", NOW)
    list_source(index, SOURCE, FEW, now=NOW + DAY)
    assert completeness(index) == ("complete", None)


def test_list_that_became_empty_is_not_believed_at_once(index: Index) -> None:
    list_source(index, SOURCE, MANY)
    assert list_source(index, SOURCE, []) == ListingChange(kept=40, withheld=40)
    assert index.members(SOURCE) == tuple(MANY)


def test_short_listing_whose_lines_did_not_all_come_is_partial(index: Index) -> None:
    index.begin_listing(SOURCE, NOW)
    index.add_listed(SOURCE, lines(["v1"]), 0)
    index.finish_listing(SOURCE, ListingSummary("short", 9, 5), NOW, NOW)
    assert completeness(index) == ("partial", None)


def test_shrunken_list_is_remembered_across_an_opening(index_path: Path) -> None:
    with Index.open(index_path) as index:
        list_source(index, SOURCE, MANY)
        list_source(index, SOURCE, FEW, now=NOW + DAY)
    with Index.open(index_path) as index:
        list_source(index, SOURCE, FEW, now=NOW + 2 * DAY)
        assert index.members(SOURCE) == tuple(FEW)
