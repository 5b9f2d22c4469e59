"""What an item was before: nothing twice, in order, and never more than fits."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as some

from ytarchive.core.codec import decode, encode
from ytarchive.core.item import FileRecord, Got, Provenance
from ytarchive.core.item_history import (
    MOST_CHARACTERS,
    MOST_EDITIONS,
    MOST_OF_A_FIELD,
    Edition,
    ItemHistory,
    Told,
    has_changes,
    media_of,
    with_edition,
    with_told,
)

VIDEO = "dQw4w9WgXcQ"
EMPTY = ItemHistory(VIDEO)
told = some.builds(
    Told,
    some.sampled_from(["title", "description", "channel", "availability"]),
    some.integers(0, 20),
    some.sampled_from(["", "a", "b", "c"]),
)


def edition(until: int) -> Edition:
    files = (FileRecord("v.mkv", 1, "00", "video"),)
    return Edition(until, "upgrade", Got(), files, Provenance("1", None, None, until - 1, "g"))


def test_what_says_the_same_as_before_is_told_once() -> None:
    history = with_told(EMPTY, [Told("title", 3, "B"), Told("title", 1, "A"), Told("title", 2, "A")])
    assert history.told == (Told("title", 1, "A"), Told("title", 3, "B"))
    assert has_changes(history.told)
    assert not has_changes([Told("title", 1, "A"), Told("description", 2, "B"), Told("title", 3, "A")])


@given(some.lists(told), some.lists(told))
def test_it_does_not_matter_in_how_many_steps_it_is_told(first: list[Told], second: list[Told]) -> None:
    at_once = with_told(EMPTY, [*first, *second])
    assert with_told(at_once, [*first, *second]) == at_once
    assert with_told(at_once, reversed(first)) == at_once
    assert {each.value for each in at_once.told} <= {each.value for each in (*first, *second)}
    for field in {each.field for each in at_once.told}:
        said = [each for each in at_once.told if each.field == field]
        assert [each.seen_at for each in said] == sorted(each.seen_at for each in said)
    assert decode(ItemHistory, encode(at_once)) == at_once


def test_the_first_and_the_last_ones_are_kept() -> None:
    history = with_told(EMPTY, (Told("title", at, str(at)) for at in range(500)))
    assert len(history.told) == MOST_OF_A_FIELD
    assert (history.told[0].value, history.told[-1].value) == ("0", "499")
    for until in range(1, 100):
        history = with_edition(history, edition(until))
    assert [each.until for each in history.editions] == [1, *range(100 - MOST_EDITIONS + 1, 100)]


def test_what_is_endless_is_cut() -> None:
    (only,) = with_told(EMPTY, [Told("description", 1, "x" * 100_000)]).told
    assert len(only.value) == MOST_CHARACTERS
    assert replace(only, value="x") == Told("description", 1, "x")


def test_an_edition_tells_of_media_alone() -> None:
    video, sound = FileRecord("v.mkv", 1, "00", "video"), FileRecord("a.opus", 1, "11", "audio")
    assert media_of((video, FileRecord("d", 1, "22", "description"), sound)) == (video, sound)
