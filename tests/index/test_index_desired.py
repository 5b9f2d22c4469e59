"""Entries and requests become wanted videos, in the order of work."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from index_values import ENGLISH, HD, NOW, SD, digest, ids, keep, list_source, playlist, single

from ytarchive.adapters.index import Index
from ytarchive.core.desired import Audio, Target, unite


def test_same_entries_again_change_nothing(index: Index) -> None:
    entries = (playlist("a"), single("b", "v1"))
    assert index.apply_entries(entries, NOW)
    revision = index.revision()
    assert not index.apply_entries(list(entries), NOW + 1)
    assert index.revision() == revision
    assert index.entries() == entries


def test_ids_of_a_manifest_are_wanted_at_once(index: Index) -> None:
    index.apply_entries([single("b", "v2", "v1", "v2", wish=SD)], NOW)
    rows = list(index.candidates(NOW))
    assert ids(rows) == ["v2", "v1"]
    assert {row.target for row in rows} == {digest(SD)}
    assert rows[0].entries == ("b",)
    assert index.wanted_count() == {"": 2, "b": 2}


def test_two_entries_want_one_video_with_one_united_target(index: Index) -> None:
    index.apply_entries([playlist("a", ENGLISH), single("b", "v1", wish=HD)], NOW)
    list_source(index, "PL-a", ["v1", "v2"])
    both = index.row("v1", NOW)
    assert both is not None
    assert both.target == digest(ENGLISH, HD)
    assert both.entries == ("b", "a")
    assert index.target(both.target) == unite([HD, ENGLISH])
    assert index.wanted_count() == {"": 2, "a": 2, "b": 1}


def test_entry_without_a_listing_wants_nothing_yet(index: Index) -> None:
    index.apply_entries([playlist("a")], NOW)
    assert index.wanted_count() == {"": 0, "a": 0}
    assert index.settled(NOW) == {"": 0, "a": 0}


def test_removed_entry_wants_nothing_and_its_listing_serves_when_it_returns(index: Index) -> None:
    index.apply_entries([playlist("a")], NOW)
    list_source(index, "PL-a", ["v1"])
    index.apply_entries([], NOW)
    assert list(index.candidates(NOW)) == []
    assert index.row("v1", NOW) is None
    index.apply_entries([playlist("again", source="PL-a")], NOW)
    assert [row.entries for row in index.candidates(NOW)] == [("again",)]


def test_ids_taken_out_of_a_manifest_are_no_longer_wanted(index: Index) -> None:
    index.apply_entries([single("a", "v1", "v2"), single("b", "v2")], NOW)
    index.apply_entries([single("a", "v1")], NOW)
    assert ids(index.candidates(NOW)) == ["v1"]
    assert index.members("videos:b") == ()
    index.apply_entries([single("a", "v3", "v1")], NOW)
    assert ids(index.candidates(NOW)) == ["v3", "v1"]


def test_changed_wish_changes_the_target_of_every_member(index: Index) -> None:
    index.apply_entries([playlist("a", SD)], NOW)
    list_source(index, "PL-a", ["v1", "v2"])
    keep(index, "v1", SD)
    assert ids(index.candidates(NOW)) == ["v2"]
    index.apply_entries([playlist("a", HD)], NOW)
    assert {row.video: row.target for row in index.candidates(NOW)} == {"v1": digest(HD), "v2": digest(HD)}


def test_entry_that_becomes_a_playlist_loses_its_ids(index: Index) -> None:
    index.apply_entries([single("a", "v1")], NOW)
    index.apply_entries([playlist("a")], NOW)
    assert index.wanted_count() == {"": 0, "a": 0}


def test_moved_line_in_a_manifest_is_remembered(index: Index) -> None:
    index.apply_entries([playlist("a", file="m.yaml", line=3)], NOW)
    assert index.apply_entries([playlist("a", file="m.yaml", line=4)], NOW)
    assert index.entries()[0].line == 4


def test_work_goes_by_priority_then_singles_then_place(index: Index) -> None:
    entries = [playlist("low"), single("one", "s1"), playlist("high", priority=5), playlist("last")]
    index.apply_entries(entries, NOW)
    for name in ("last", "low", "high"):
        list_source(index, f"PL-{name}", [f"{name}1"])
    assert ids(index.candidates(NOW)) == ["high1", "s1", "low1", "last1"]
    index.apply_entries([entries[3], *entries[:3]], NOW)
    assert ids(index.candidates(NOW)) == ["high1", "s1", "last1", "low1"]


@pytest.mark.parametrize(
    ("source", "order", "expected"),
    [
        ("PLabc", "newest", ["v3", "v2", "v1"]),
        ("PLabc", "oldest", ["v1", "v2", "v3"]),
        ("PLabc", "listed", ["v1", "v2", "v3"]),
        ("UUabc", "newest", ["v1", "v2", "v3"]),
        ("UUabc", "oldest", ["v3", "v2", "v1"]),
        ("UUabc", "listed", ["v1", "v2", "v3"]),
    ],
)
def test_order_within_a_list_follows_how_youtube_lists(
    index: Index, source: str, order: str, expected: list[str]
) -> None:
    index.apply_entries([playlist("a", source=source, order=order)], NOW)
    list_source(index, source, ["v1", "v2", "v3"])
    assert ids(index.candidates(NOW)) == expected


def test_video_of_two_entries_takes_the_place_of_the_one_that_goes_first(index: Index) -> None:
    index.apply_entries([playlist("a", order="listed"), playlist("b", order="listed", priority=1)], NOW)
    list_source(index, "PL-a", ["x", "y", "z"])
    list_source(index, "PL-b", ["q", "z"])
    rows = list(index.candidates(NOW))
    assert ids(rows) == ["q", "z", "x", "y"]
    assert rows[1].entries == ("b", "a")
    assert [row.priority for row in rows] == [1, 1, 0, 0]


def test_request_is_united_with_the_entries_and_goes_first(index: Index) -> None:
    audio = Target(audio=Audio(codec="opus"))
    index.apply_entries([playlist("a", SD, priority=9)], NOW)
    list_source(index, "PL-a", ["v1", "v2"])
    index.add_request("v1", audio, NOW)
    index.add_request("new", HD, NOW)
    index.add_request("new", ENGLISH, NOW)
    rows = {row.video: row for row in index.candidates(NOW)}
    assert list(rows) == ["v1", "new", "v2"]
    assert rows["v1"].target == digest(SD, audio)
    assert rows["v1"].entries == ("manual", "a")
    assert rows["new"].target == digest(HD, ENGLISH)
    assert rows["new"].entries == ("manual",)
    assert index.wanted_count() == {"": 3, "a": 2, "manual": 2}


def test_same_request_twice_is_one(index: Index) -> None:
    index.add_request("v1", HD, NOW)
    revision = index.revision()
    index.add_request("v1", HD, NOW + 5)
    assert index.revision() == revision
    assert ids(index.candidates(NOW)) == ["v1"]


def test_many_entries_of_one_source_are_claimed_together(index: Index) -> None:
    index.apply_entries([playlist("a", SD, source="PLx"), playlist("b", ENGLISH, source="PLx")], NOW)
    list_source(index, "PLx", ["v1"])
    (row,) = index.candidates(NOW)
    assert row.entries == ("a", "b")
    assert row.target == digest(SD, ENGLISH)


def test_wishes_are_united_anew_by_another_version(index_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    entries = [single("a", "v1")]
    with Index.open(index_path) as index:
        index.apply_entries(entries, NOW)
        assert not index.apply_entries(entries, NOW)
        monkeypatch.setattr("ytarchive.adapters.index.desired.__version__", "9.9")
        assert index.apply_entries(entries, NOW)
        assert not index.apply_entries(entries, NOW)


def test_rolled_back_entries_are_forgotten_everywhere(index: Index) -> None:
    index.apply_entries([single("a", "v1")], NOW)

    def fail_half_way() -> None:
        with index.transaction():
            index.apply_entries([single("b", "v2")], NOW)
            assert ids(index.candidates(NOW)) == ["v2"]
            assert [entry.name for entry in index.entries()] == ["b"]
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_half_way()
    index.acknowledge("v1", None, "", NOW)  # takes the revision that was undone
    assert [entry.name for entry in index.entries()] == ["a"]
    index.apply_entries([replace(single("a", "v1"), priority=3)], NOW)
    assert index.entries()[0].priority == 3
    assert ids(index.candidates(NOW)) == ["v1"]
