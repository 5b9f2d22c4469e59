"""Finding a video by words of its title, and the videos of an entry in their order."""

from __future__ import annotations

import pytest
from index_values import NOW, failure, keep, playlist

from ytarchive.adapters.index import Index
from ytarchive.core.filters import Where
from ytarchive.core.job import ListedVideo, ListingSummary

LINES = (
    ListedVideo("aaaaaaaaaaa", "The Ärmelkanal, crossed", channel="Seas", published_from=10, published_to=10),
    ListedVideo("bbbbbbbbbbb", "100% of the KANAL", channel="Canals", published_from=30, published_to=30),
    ListedVideo("ccccccccccc", "Mountains_ only", channel="Canals", published_from=20, published_to=20),
)


@pytest.fixture
def shelf(index: Index) -> Index:
    index.apply_entries([playlist("a", where=Where(avoid=("only",)))], NOW)
    keep(index, "bbbbbbbbbbb")
    index.begin_listing("PL-a", NOW)
    index.add_listed("PL-a", LINES, 0)
    index.finish_listing("PL-a", ListingSummary("complete", 3, 3), NOW, NOW + 60)
    index.record_failure("aaaaaaaaaaa", "media", failure("PRIVATE", "permanent"), NOW, NOW + 60)
    return index


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("kanal", ["bbbbbbbbbbb", "aaaaaaaaaaa"]),
        ("ärmel crossed", ["aaaaaaaaaaa"]),
        ("canals", ["bbbbbbbbbbb", "ccccccccccc"]),
        ("100%", ["bbbbbbbbbbb"]),
        ("%", ["bbbbbbbbbbb"]),
        ("_", ["ccccccccccc"]),
        ("ccccccccccc", ["ccccccccccc"]),
        ("ccc", ["ccccccccccc"]),
        ("nowhere", []),
        ("  ", []),
    ],
)
def test_every_word_must_be_in_title_or_channel_or_the_id_begin_so(
    shelf: Index, text: str, found: list[str]
) -> None:
    assert [line.id for line in shelf.search(text, 10)] == found


def test_no_more_than_the_limit_is_found(shelf: Index) -> None:
    assert [line.id for line in shelf.search("a", 1)] == ["bbbbbbbbbbb"]


def test_videos_of_an_entry_come_in_its_order_with_what_is_known_of_each(shelf: Index) -> None:
    first, second, third = shelf.entry_videos("a", 10)
    assert (first.id, first.code, first.condition, first.is_wanted) == ("aaaaaaaaaaa", "PRIVATE", None, True)
    assert (second.id, second.code, second.condition, second.is_wanted) == (
        "bbbbbbbbbbb",
        None,
        "whole",
        True,
    )
    assert (third.outcome, third.is_wanted) == ("excluded", False)
    assert [line.id for line in shelf.entry_videos("a", 1, 1)] == ["bbbbbbbbbbb"]
    assert shelf.entry_videos("b", 10) == ()
