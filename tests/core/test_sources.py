"""Where an entry's videos come from: every source once, named so that nothing can be mistaken for another."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ytarchive.core.desired import Entry, EntryKind, Part, Target
from ytarchive.core.filters import VideoKind
from ytarchive.core.sources import (
    EntrySource,
    SourceKind,
    feed_of,
    is_newest_first,
    kind_of,
    sources_of,
    upload_kind,
    upload_list,
    upload_tab,
)

CHANNEL = "UC-lHJZR3Gqxm24_Vd_AJ5Yw"
TAIL = CHANNEL[2:]
LIST = "PLrAXtmErZgOeiKm4sgNOknGvNjby9efdf"


def entry(kind: EntryKind, source: str, include: tuple[Part, ...] = ("videos",), *pins: str) -> Entry:
    return Entry("x", kind, source, Target(), include=include, pins=pins)


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("videos:tv", "videos"),
        ("request:dQw4w9WgXcQ", "videos"),
        ("pins:@veritasium", "pins"),
        ("channel:@veritasium", "channel"),
        ("channel:c/Name", "channel"),
        (f"playlists:{CHANNEL}", "catalogue"),
        (f"releases:{CHANNEL}", "catalogue"),
        (LIST, "playlist"),
        (f"UULF{TAIL}", "playlist"),
        ("OLAK5uy_mExampleAlbum01", "playlist"),
    ],
)
def test_a_source_tells_by_its_name_what_it_is(source: str, kind: SourceKind) -> None:
    assert kind_of(source) == kind


def test_single_videos_and_a_playlist_are_their_own_source() -> None:
    assert list(sources_of(entry("videos", "videos:x"), None, {})) == [EntrySource("videos:x", "videos")]
    assert list(sources_of(entry("playlist", LIST), None, {})) == [EntrySource(LIST, "playlist")]


def test_pins_come_first_and_are_a_source_of_their_own() -> None:
    found = list(sources_of(entry("playlist", LIST, ("videos",), "dQw4w9WgXcQ"), None, {}))
    assert found == [EntrySource("pins:x", "pins"), EntrySource(LIST, "playlist")]


def test_a_channel_whose_id_is_not_known_has_itself_alone() -> None:
    every: tuple[Part, ...] = get_args(Part)
    assert list(sources_of(entry("channel", "channel:@a", every), None, {})) == [
        EntrySource("channel:@a", "channel")
    ]


def test_a_channel_has_the_lists_of_its_parts_and_every_playlist_that_they_name() -> None:
    catalogues = {
        f"playlists:{CHANNEL}": (LIST, "PLother"),
        f"releases:{CHANNEL}": ("OLAK5uy_a",),
        "x": ("PLno",),
    }
    parts: tuple[Part, ...] = ("videos", "live", "releases", "playlists")
    assert list(sources_of(entry("channel", "channel:@a", parts), CHANNEL, catalogues)) == [
        EntrySource("channel:@a", "channel"),
        EntrySource(f"UULF{TAIL}", "playlist", "videos"),
        EntrySource(f"UULV{TAIL}", "playlist", "live"),
        EntrySource(f"releases:{CHANNEL}", "catalogue", "releases"),
        EntrySource("OLAK5uy_a", "playlist", "releases"),
        EntrySource(f"playlists:{CHANNEL}", "catalogue", "playlists"),
        EntrySource(LIST, "playlist", "playlists"),
        EntrySource("PLother", "playlist", "playlists"),
    ]


def test_a_playlist_that_two_parts_name_is_of_the_first_of_them() -> None:
    catalogues = {f"playlists:{CHANNEL}": ("OLAK5uy_a", LIST, LIST), f"releases:{CHANNEL}": ("OLAK5uy_a",)}
    found = sources_of(entry("channel", "channel:@a", ("releases", "playlists")), CHANNEL, catalogues)
    playlists = [each for each in found if each.kind == "playlist"]
    assert playlists == [
        EntrySource("OLAK5uy_a", "playlist", "releases"),
        EntrySource(LIST, "playlist", "playlists"),
    ]


@pytest.mark.parametrize(
    ("part", "playlist", "kind", "tab"),
    [
        ("videos", f"UULF{TAIL}", "videos", "videos"),
        ("shorts", f"UUSH{TAIL}", "shorts", "shorts"),
        ("live", f"UULV{TAIL}", "live", "streams"),
    ],
)
def test_uploads_are_playlists_that_tell_their_kind_and_their_tab(
    part: Part, playlist: str, kind: VideoKind, tab: str
) -> None:
    assert upload_list(CHANNEL, part) == playlist
    assert upload_kind(playlist) == kind
    assert upload_tab(playlist) == f"{CHANNEL}/{tab}"


@pytest.mark.parametrize("part", ["releases", "playlists"])
def test_other_parts_are_no_list_of_uploads(part: Part) -> None:
    with pytest.raises(KeyError):
        upload_list(CHANNEL, part)


@pytest.mark.parametrize(
    "source", [LIST, f"UU{TAIL}", f"UUMO{TAIL}", f"UULF{TAIL}x", "UULF", "videos:UULF", "", CHANNEL]
)
def test_what_is_no_list_of_one_kind_says_nothing_of_kinds(source: str) -> None:
    assert upload_kind(source) is None
    assert upload_tab(source) is None


def test_what_is_new_comes_first_in_uploads_alone_and_only_that_has_a_feed() -> None:
    assert is_newest_first(f"UULF{TAIL}")
    assert feed_of(f"UU{TAIL}") == f"playlist_id=UU{TAIL}"
    for source in (LIST, "channel:UUx", f"playlists:{CHANNEL}", "videos:UU"):
        assert not is_newest_first(source)
        assert feed_of(source) is None


IDS = st.text("ABCxyz019_-", min_size=22, max_size=22)
PLAYLISTS = st.lists(st.sampled_from(["PL1", "PL2", "PL3", "OLAK5uy_4"]), max_size=4).map(tuple)


@given(
    st.sampled_from([*get_args(EntryKind)]),
    st.none() | IDS.map("UC{}".format),
    st.lists(st.sampled_from([*get_args(Part)]), unique=True, min_size=1).map(tuple),
    PLAYLISTS,
    PLAYLISTS,
    st.lists(st.just("dQw4w9WgXcQ"), max_size=1),
)
def test_every_source_is_given_once_and_is_what_its_name_says(
    kind: EntryKind,
    channel: str | None,
    include: tuple[Part, ...],
    playlists: tuple[str, ...],
    releases: tuple[str, ...],
    pins: list[str],
) -> None:
    catalogues = {f"playlists:{channel}": playlists, f"releases:{channel}": releases}
    source = {"videos": "videos:x", "playlist": LIST, "channel": "channel:@a"}[kind]
    found = list(sources_of(entry(kind, source, include, *pins), channel, catalogues))
    names = [each.source for each in found]
    assert len(set(names)) == len(names)
    assert source in names
    for each in found:
        assert kind_of(each.source) == each.kind
        assert each.part is None or each.part in include
    if kind == "channel" and channel is not None:
        wanted = {
            *(playlists if "playlists" in include else ()),
            *(releases if "releases" in include else ()),
        }
        assert wanted <= set(names)
        assert {each.part for each in found if each.part} == set(include)
        for name in names:
            assert upload_kind(name) is None or upload_kind(name) in include
