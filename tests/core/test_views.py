"""Names in the library's layouts: valid everywhere, their own, and never moved by anything but another layout."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from pathlib import PurePosixPath
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shown_items import shown_item

from ytarchive.core.desired import LibraryView
from ytarchive.core.item import FileRecord, Item, Metadata, Role
from ytarchive.core.layout import NAME_BYTES, flat_name, flat_stem, frozen_stem
from ytarchive.core.media_kinds import LAYOUT, SHOW
from ytarchive.core.misread import Misread
from ytarchive.core.nfo import is_ours, show_nfo
from ytarchive.core.views import FIELDS, KEYWORDS, SHOWS, Shown, day_of, twin_of

ID = "dQw4w9WgXcQ"
RESERVED = set('<>:"/\\|?*')


def item_of(*files: tuple[str, Role], **facts: object) -> Item:
    metadata = Metadata(
        **{"title": "T", "channel": "Chan", "channel_id": "UCx", "uploaded_on": "2026-01-31", **facts}  # type: ignore[arg-type]
    )
    return shown_item(ID, metadata, (FileRecord(name, 1, "", role) for name, role in files), episode=2)


MEDIA: tuple[str, Role] = (f"{ID}.aaaaaaaaaa.mkv", "video")
PARTS: tuple[tuple[str, Role], ...] = (
    MEDIA,
    (f"{ID}.bbbbbbbbbb.en.vtt", "caption"),
    (f"{ID}.cccccccccc.jpg", "thumbnail"),
    (f"{ID}.dddddddddd.info.json", "info_json"),
)
views = st.builds(
    LibraryView,
    st.just("tv"),
    st.sampled_from(
        [*(word for word in KEYWORDS if word != "none"), *(f"{{{one}}}/{{title}}" for one in FIELDS)]
    ),
    st.sampled_from([None, "Kids", "{channel} on YouTube", "..", "CON"]),
)


def paths(shown: Shown) -> list[str]:
    return [file.path for file in shown.files(shown.stem())]


@given(views, st.text(max_size=400), st.text(max_size=200), st.sampled_from(["2026-01-31", None, "x"]))
def test_every_path_can_be_made_on_every_file_system(
    view: LibraryView, title: str, channel: str, day: str | None
) -> None:
    shown = Shown(item_of(*PARTS, title=title, channel=channel, uploaded_on=day), view, plot=title)
    found = paths(shown)
    assert len({path.casefold() for path in found}) == len(found) >= len(PARTS)
    for path in found:
        assert f"[{ID}]" in PurePosixPath(path).name
        for part in path.split("/"):
            assert part not in ("", ".", "..")
            assert len(part.encode()) <= NAME_BYTES
            assert unicodedata.normalize("NFC", part) == part
            assert not RESERVED & {*part}
            assert not part.endswith((".", " "))
            assert all(unicodedata.category(char) != "Cc" for char in part)
            assert part.split(".")[0].casefold() not in ("con", "nul", "aux", "prn")


@given(views, st.text(max_size=400), st.text(max_size=400))
def test_what_a_title_was_first_is_read_back_from_every_path(
    view: LibraryView, first: str, later: str
) -> None:
    shown = Shown(item_of(*PARTS, title=first), view)
    stem = shown.stem()
    for path in paths(shown):
        assert frozen_stem(path, ID) == stem
    renamed = replace(shown, item=item_of(*PARTS, title=later))
    assert [file.path for file in renamed.files(stem)] == paths(shown)


@given(
    st.sampled_from(SHOWS), st.text(max_size=400), st.text(max_size=400), st.none() | st.text(max_size=300)
)
def test_season_and_episode_stand_in_every_name_of_a_show_however_long_the_rest_is(
    layout: str, title: str, channel: str, show: str | None
) -> None:
    shown = Shown(item_of(*PARTS, title=title, channel=channel), LibraryView("tv", layout, show))
    for path in paths(shown):
        assert " S2026E013102" in PurePosixPath(path).name


@given(views, st.text(max_size=400), st.sampled_from([120, 143, 255]))
def test_names_are_as_short_as_the_file_system_needs(view: LibraryView, title: str, most: int) -> None:
    """143 bytes is what eCryptfs takes."""
    for path in paths(Shown(item_of(*PARTS, title=title), view, name_bytes=most)):
        assert len(PurePosixPath(path).name.encode()) <= most
        assert f"[{ID}]" in path


@given(st.text(max_size=400))
def test_the_flat_layout_is_a_title_and_an_id(title: str) -> None:
    shown = Shown(item_of(MEDIA, title=title), LibraryView("tv"))
    assert shown.stem() == flat_stem(title, ID)
    assert shown.stem(twin=3) == flat_stem(title, ID, twin=3)


def test_shows_have_seasons_episodes_and_what_a_media_server_reads() -> None:
    shown = Shown(
        item_of(*PARTS, title="A/B", duration_seconds=90.0), LibraryView("tv", "jellyfin"), plot="<b>\x00&"
    )
    stem = f"Chan/Season 2026/Chan S2026E013102 - A⧸B [{ID}]"
    assert paths(shown) == [
        f"{stem}.mkv",
        f"{stem}.en.vtt",
        f"{stem}-thumb.jpg",
        f"{stem}.info.json",
        f"{stem}.nfo",
    ]
    episode = ElementTree.fromstring(shown.files(stem)[-1].content)
    assert {one.tag: one.text for one in episode} == {
        "title": "A/B",
        "showtitle": "Chan",
        "season": "2026",
        "episode": "13102",
        "uniqueid": ID,
        "aired": "2026-01-31",
        "premiered": "2026-01-31",
        "year": "2026",
        "studio": "Chan",
        "runtime": "2",
        "plot": "<b>&",
    }
    shared = shown.shared(stem)
    assert shared is not None
    assert shared.path == "Chan/tvshow.nfo"
    show = ElementTree.fromstring(shared.content)
    assert (show.tag, show.findtext("title"), show.findtext("uniqueid")) == ("tvshow", "Chan", "UCx")
    assert is_ours(shared.content)
    assert not is_ours(b"<tvshow/>")
    assert Shown(item_of(MEDIA), LibraryView("tv", "plex")).shared(stem) is None
    assert b'type="ytarchive" default="true">Nobody' in show_nfo("Nobody's", None)


@pytest.mark.parametrize(
    ("view", "channel", "path"),
    [
        (LibraryView("m", "music"), None, f"Chan/T [{ID}].mkv"),
        (LibraryView("m", "music"), "First name", f"First name/T [{ID}].mkv"),
        (
            LibraryView("t", "plex", "{channel}: all"),
            None,
            f"Chan： all/Season 2026/Chan： all S2026E013102 - T [{ID}].mkv",
        ),
        (LibraryView("t", "{year}/{month}-{day} {title} [{id}]"), None, f"2026/01-31 T [{ID}].mkv"),
        (LibraryView("t", "{channel_id}/{id}"), None, f"UCx/_ [{ID}].mkv"),
        (LibraryView("t", "{date}{id}"), None, f"2026-01-31 [{ID}].mkv"),
    ],
)
def test_templates_are_filled(view: LibraryView, channel: str | None, path: str) -> None:
    assert paths(Shown(item_of(MEDIA), view, channel)) == [path]


def test_nobody_told_the_day_nor_the_channel() -> None:
    item = item_of(MEDIA, uploaded_on=None, channel=None, channel_id=None)
    assert day_of(item) == "1970-01-01"
    for told in ("2026-02-30", "20269999", "٢٠٢٦-01-01", "soon"):
        assert day_of(item_of(MEDIA, uploaded_on=told)) == "1970-01-01"
    shown = Shown(replace(item, episode=None), LibraryView("t", "{channel}/{channel_id} {episode}"))
    assert paths(shown) == [f"Unknown channel/_ 010101 [{ID}].mkv"]


def test_files_that_would_share_a_name_are_told_apart_and_the_picture_keeps_the_plain_one() -> None:
    item = item_of(
        (f"{ID}.aaaaaaaaaa.webm", "audio"),
        (f"{ID}.bbbbbbbbbb.webm", "video"),
        (f"{ID}.cccccccccc.en.vtt", "caption"),
        (f"{ID}.dddddddddd.EN.vtt", "caption"),
        (f"{ID}.eeeeeeeeee.en.vtt", "caption"),
        ("foreign", "caption"),
    )
    shown = Shown(item, LibraryView("tv"))
    names = {
        file.record.name[12:22]: (file.path, file.is_media)
        for file in shown.files(f"T [{ID}]")
        if file.record
    }
    assert names == {
        "aaaaaaaaaa": (f"T [{ID}].audio.webm", True),
        "bbbbbbbbbb": (f"T [{ID}].webm", True),
        "cccccccccc": (f"T [{ID}].en.vtt", False),
        "dddddddddd": (f"T [{ID}].caption.EN.vtt", False),
        "eeeeeeeeee": (f"T [{ID}].eeeeeeeeee.en.vtt", False),
    }


def test_a_title_that_is_followed_gives_other_names_and_any_other_one_does_not() -> None:
    follows = Shown(item_of(MEDIA, title="First"), LibraryView("tv", follow_titles=True), title="Second")
    assert (follows.called, follows.stem(twin=2)) == ("Second", f"Second [{ID}] (2)")
    assert [follows.keeps(stem) for stem in (follows.stem(), follows.stem(twin=2), f"First [{ID}]")] == [
        True,
        True,
        False,
    ]
    for other in (replace(follows, title=None), replace(follows, view=LibraryView("tv"))):
        assert other.called == "First"
        assert other.keeps(f"Whatever [{ID}]")
    assert [twin_of(stem) for stem in ("T [x]", "T [x] (2)", "T (3) [x]", "T [x] (99)")] == [1, 2, 1, 99]


def test_what_a_title_is_now_is_no_matter_of_the_layout_but_of_its_key() -> None:
    keys = {
        LibraryView("tv", layout, follow_titles=follow).key
        for layout in ("flat", "jellyfin")
        for follow in (False, True)
    }
    assert len(keys) == 4
    assert LibraryView("tv").key == ""


def test_a_suffix_too_long_for_a_frozen_stem_cuts_the_title_anew() -> None:
    suffix = "." + "x" * 60
    shown = Shown(item_of((f"{ID}.aaaaaaaaaa{suffix}", "caption"), title="t" * 300), LibraryView("tv"))
    (file,) = shown.files(shown.stem())
    assert file.path == flat_name("t" * 300, ID, suffix)
    assert len(file.path.encode()) == NAME_BYTES


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{chanel}/{title}", "channel"),
        ("../{title}", "without . and .."),
        ("{title", "every { closed"),
        ("a/b/c/d/e/f/{title}", "at most"),
        ("shows", "jellyfin"),
    ],
)
def test_a_wrong_template_is_told(text: str, told: str) -> None:
    with pytest.raises(Misread, match=re.escape(told)):
        LAYOUT.parse(text)


def test_a_show_may_name_its_channel_and_nothing_else_of_a_video() -> None:
    assert SHOW.parse("{channel}") == "{channel}"
    for text in ("{title}", " ", "x" * 201):
        with pytest.raises(Misread):
            SHOW.parse(text)
