"""What is on disk, what the library shows, and what is known of videos."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from index_values import HD, MAY_1, NOW, SD, ids, item, keep, list_source, playlist, single

from ytarchive.adapters.index import Index, VideoRecord, View
from ytarchive.adapters.index.facts import decode_facts, encode_facts
from ytarchive.core.codec import MalformedValue
from ytarchive.core.instant import DAY
from ytarchive.core.item import Got, Metadata
from ytarchive.core.plan import ItemFacts
from ytarchive.core.selection import Format

TEXTS = st.none() | st.text(max_size=8)
NUMBERS = st.none() | st.floats(0, 1e7) | st.integers(0, 10**7)
FORMATS = st.builds(
    Format,
    itag=st.text(max_size=4),
    kind=st.sampled_from(("video", "audio", "muxed")),
    label=st.none() | st.integers(1, 5000),
    fps=NUMBERS,
    codec=TEXTS,
    audio_codec=TEXTS,
    hdr=st.booleans(),
    bitrate_kbps=NUMBERS,
    clen=st.none() | st.integers(0, 2**70),
    lmt=TEXTS,
    language=TEXTS,
    language_preference=st.integers(-10, 10),
    protocol=st.text(max_size=6),
    has_url=st.booleans(),
)
NAMES = st.lists(st.text(max_size=6), max_size=3).map(tuple)
FACTS = st.builds(
    ItemFacts,
    offered=st.lists(FORMATS, max_size=6).map(tuple),
    got=st.builds(
        Got,
        video=st.none() | FORMATS,
        sound=st.none() | FORMATS,
        audio=st.none() | FORMATS,
        container=st.sampled_from(("mkv", "mp4")),
        below_wish=st.booleans(),
        duration_seconds=NUMBERS,
    ),
    captions=NAMES,
    captions_missing=NAMES,
    roles=NAMES,
)


@given(FACTS)
def test_facts_come_back_as_they_went(facts: ItemFacts) -> None:
    assert decode_facts(encode_facts(facts)) == facts


@given(
    st.binary(max_size=40)
    | st.builds(lambda facts, cut: encode_facts(facts)[:cut], FACTS, st.integers(0, 40))
)
def test_garbage_is_malformed_or_facts(blob: bytes) -> None:
    try:
        facts = decode_facts(blob)
    except MalformedValue:
        return
    assert isinstance(facts, ItemFacts)


def test_facts_of_an_ordinary_video_are_small() -> None:
    picture = [
        Format(
            f"{codec}{label}",
            "video",
            label=label,
            width=label * 16 // 9,
            height=label,
            fps=30.0,
            codec=codec,
            bitrate_kbps=label * 1.937,
            clen=label * 98_765,
            lmt=f"17000000{label:08d}",
        )
        for codec in ("h264", "vp9", "av1")
        for label in (144, 240, 360, 480, 720, 1080)
    ]
    facts = ItemFacts(tuple(picture), Got(video=picture[-1]))
    assert len(encode_facts(facts)) < 500


def test_committed_item_is_known_by_place_and_time(index: Index) -> None:
    keep(index, "v2", shard="UCb")
    keep(index, "v1")
    assert list(index.known_items()) == [("v1", "_", 7), ("v2", "UCb", 7)]
    assert sorted(index.known_shards()) == ["UCb", "_"]
    assert index.known_in("_") == {"v1": (7, 1010)}
    assert index.item_location("v2") == "UCb"
    assert index.item_location("v3") is None


def test_known_items_are_of_one_moment_whatever_is_written_while_they_are_read(index: Index) -> None:
    keep(index, "v1")
    keep(index, "v3")
    items = index.known_items()
    first = next(items)
    with suppress(KeyboardInterrupt), index.transaction():
        keep(index, "v2")
        raise KeyboardInterrupt  # a rollback ends what its own connection reads
    keep(index, "v4")
    index.forget_item("v3")
    assert [video for video, _, _ in (first, *items)] == ["v1", "v3"]
    assert [video for video, _, _ in index.known_items()] == ["v1", "v4"]


def test_known_items_in_a_transaction_are_those_at_its_first_look(index: Index) -> None:
    with index.transaction():
        keep(index, "v1")
        seen = []
        for video, _, _ in index.known_items():
            seen.append(video)
            if len(seen) < 5:
                keep(index, f"{video}-more")
        assert seen == ["v1"]


def test_item_tells_what_is_known_of_its_video(index: Index) -> None:
    keep(index, "v1")
    assert index.video("v1") == VideoRecord(
        "v1",
        "Title of v1",
        "Channel",
        "UC" + "x" * 22,
        61.5,
        "2024-05-01",
        None,
        None,
        NOW,
        published_from=MAY_1,
        published_to=MAY_1 + DAY - 1,
        examined_at=NOW,
        told_by="extraction",
    )
    index.record_metadata("v1", Metadata("Renamed", availability="unlisted"), NOW + 9)
    assert index.video("v1") == VideoRecord(
        "v1",
        "Renamed",
        "Channel",
        "UC" + "x" * 22,
        61.5,
        "2024-05-01",
        "unlisted",
        None,
        NOW + 9,
        published_from=MAY_1,
        published_to=MAY_1 + DAY - 1,
        examined_at=NOW + 9,
        told_by="extraction",
    )
    assert index.video("v2") is None


def test_update_replaces_what_was_recorded(index: Index) -> None:
    index.apply_entries([single("a", "v1")], NOW)
    keep(index, "v1", SD)
    keep(index, "v1", HD, files=())
    assert list(index.candidates(NOW)) == []
    assert index.known_in("_") == {"v1": (7, 0)}


def test_views_belong_to_their_video(index: Index) -> None:
    high = 2**64 - 1
    index.record_views(
        [("tv", "b.mkv", "v1", 1, high, ""), ("tv", "a.mkv", "v1", 1, 3, ""), ("x", "c.mkv", "v2", 1, 4, "")]
    )
    assert index.views("v1") == (View("tv", "a.mkv", "v1", 1, 3, ""), View("tv", "b.mkv", "v1", 1, high, ""))
    assert len(index.views()) == 3
    index.record_views([("tv", "a.mkv", "v2", 1, 5, "")])
    assert index.views("v1") == (View("tv", "b.mkv", "v1", 1, high, ""),)
    index.forget_view("tv", "b.mkv")
    assert index.views("v1") == ()


def test_unlinked_are_whole_wanted_items_that_stand_elsewhere(index: Index) -> None:
    index.apply_entries([playlist("a"), single("b", "v1", "v3", "v4")], NOW)
    list_source(index, "PL-a", ["v1", "v2"])
    for video in ("v1", "v2", "v3"):
        keep(index, video)
    views = {"a": "tv", "b": None}
    assert list(index.unlinked(views)) == [("v1", ("b", "a")), ("v2", ("a",))]
    index.record_views(
        [("tv", "1.mkv", "v1", 1, 1, ""), ("tv", "1.vtt", "v1", 1, 2, ""), ("old", "2.mkv", "v2", 1, 3, "")]
    )
    assert list(index.unlinked(views)) == [("v2", ("a",))]
    assert list(index.unlinked({"a": "tv", "b": "films"})) == [
        ("v1", ("b", "a")),
        ("v2", ("a",)),
        ("v3", ("b",)),
    ]
    index.mark_damaged("v2", "why")
    assert list(index.unlinked(views)) == []


def test_titles_with_half_characters_are_stored(index: Index) -> None:
    index.apply_entries([single("a", "v1")], NOW)
    index.record_metadata("v1", Metadata("half \udc00 a character"), NOW)
    assert [row.title for row in index.candidates(NOW)] == ["half ? a character"]


def test_same_offer_twice_gives_equal_rows(index: Index) -> None:
    index.apply_entries([single("a", "v1")], NOW)
    made = item("v1", SD)
    index.record_item(made, dir_mtime_ns=1, late_due_at=None)
    before = list(index.candidates(NOW))
    index.record_item(made, dir_mtime_ns=1, late_due_at=None)
    assert list(index.candidates(NOW)) == before
    assert ids(before) == ["v1"]


@pytest.mark.parametrize("text", ["", None])
def test_empty_text_takes_nothing_away(index: Index, text: str | None) -> None:
    keep(index, "v1")
    index.record_metadata("v1", Metadata("", channel=text), NOW)
    video = index.video("v1")
    assert video is not None
    assert (video.title, video.channel) == ("Title of v1", "Channel")


def test_names_of_the_library_come_folder_by_folder_each_with_its_video(index: Index) -> None:
    index.record_views(
        [("tv", "b.mkv", "v1", 1, 1, ""), ("tv", "a.mkv", "v2", 1, 2, ""), ("films", "c.mkv", "v1", 1, 3, "")]
    )
    assert list(index.library_names()) == [
        ("films", "c.mkv", "v1"),
        ("tv", "a.mkv", "v2"),
        ("tv", "b.mkv", "v1"),
    ]


def test_items_are_counted_damaged_ones_too(index: Index) -> None:
    keep(index, "v1")
    keep(index, "v2")
    index.mark_damaged("v2", "cut short")
    assert index.item_count() == 2


def test_fact_is_remembered_over_a_restart_and_hides_nothing_of_the_index(index_path: Path) -> None:
    with Index.open(index_path) as index:
        index.archive_id = "archive-1"
        assert index.recall("archive_id") is None
        index.remember("archive_id", "something else")
        index.remember("looked_at", "1")
        index.remember("looked_at", "2")
    with Index.open(index_path) as index:
        assert index.recall("looked_at") == "2"
        assert index.archive_id == "archive-1"
