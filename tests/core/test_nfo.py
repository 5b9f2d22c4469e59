"""NFO files by Kodi's own rules, whatever YouTube tells: https://kodi.wiki/view/NFO_files/Episodes and NFO_files/TV_shows.

Required of an episode: title and uniqueid, of a show the same. Each element at most once but where the table says so;
season, episode and runtime (in minutes) whole numbers; dates YYYY-MM-DD; exactly one uniqueid the default. Season and
episode are read from the file's name, and must be the same there.
"""

from __future__ import annotations

import re
from collections import Counter
from datetime import date
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st
from shown_items import shown_item

from ytarchive.core.desired import LibraryView
from ytarchive.core.item import FileRecord, Item, Metadata
from ytarchive.core.views import Shown

ID = "dQw4w9WgXcQ"
EPISODE = {
    *(
        "title",
        "originaltitle",
        "showtitle",
        "season",
        "episode",
        "plot",
        "outline",
        "runtime",
        "uniqueid",
        "premiered",
    ),
    *(
        "year",
        "aired",
        "studio",
        "genre",
        "thumb",
        "trailer",
        "dateadded",
        "credits",
        "director",
        "mpaa",
        "tag",
    ),
}
SHOW = {"title", "plot", "uniqueid", "genre", "premiered", "studio", "thumb", "status", "year"}
texts = st.text(max_size=60) | st.sampled_from(
    ["<![CDATA[x]]>", "&amp;<b>", "\x00\x0b\ufffe", "]]>", "\ud83d", " "]
)


def element(text: bytes) -> ElementTree.Element:
    assert text.startswith(b'<?xml version="1.0" encoding="UTF-8"')
    return ElementTree.fromstring(text.decode("utf-8"))


def told(root: ElementTree.Element, name: str) -> str:
    return root.findtext(name) or ""


def item_of(
    title: str,
    channel: str,
    day: str | None = "2026-01-31",
    seconds: float | None = None,
    episode: int | None = 1,
) -> Item:
    metadata = Metadata(title, channel, "UCx" if episode else None, day, seconds)
    files = (FileRecord(f"{ID}.aaaaaaaaaa.mkv", 1, "", "video"),)
    return shown_item(ID, metadata, files, episode=episode, at=1_700_000_000)


@given(
    texts,
    texts,
    st.none() | texts,
    st.none() | st.floats() | st.just(1e300),
    st.none() | st.sampled_from(["2026-01-31", "20260131", "2026-13-40", "no day"]),
    st.none() | st.integers(0, 500),
    st.none() | texts,
)
def test_an_episode_is_one_that_kodi_reads(
    title: str,
    channel: str,
    plot: str | None,
    seconds: float | None,
    day: str | None,
    episode: int | None,
    show: str | None,
) -> None:
    item = item_of(title, channel, day, seconds, episode)
    shown = Shown(item, LibraryView("tv", "kodi", show), plot=plot)
    media, nfo = shown.files(shown.stem())
    assert nfo.path.removesuffix(".nfo") == media.path.removesuffix(".mkv")
    root = element(nfo.content)
    assert root.tag == "episodedetails"
    counted = Counter(child.tag for child in root)
    assert {*counted} <= EPISODE
    assert max(counted.values()) == 1
    assert told(root, "title").strip()
    numbers = re.search(r" S(\d+)E(\d+) - ", media.path)
    assert numbers
    assert (int(told(root, "season")), int(told(root, "episode"))) == (int(numbers[1]), int(numbers[2]))
    assert date.fromisoformat(told(root, "aired")).isoformat() == told(root, "premiered")
    if "runtime" in counted:
        assert int(told(root, "runtime")) >= 1
    check_unique(root, ID)

    shared = shown.shared(shown.stem())
    assert shared
    root = element(shared.content)
    assert root.tag == "tvshow"
    assert {child.tag for child in root} <= SHOW
    assert told(root, "title").strip()
    check_unique(root)


def check_unique(root: ElementTree.Element, expected: str | None = None) -> None:
    (unique,) = root.findall("uniqueid")
    assert unique.get("default") == "true"
    assert unique.get("type") in ("youtube", "ytarchive")
    assert (unique.text or "").strip()
    assert expected in (None, unique.text)


@given(texts, texts, st.none() | texts)
def test_a_video_in_no_show_is_a_movie_that_kodi_reads(title: str, channel: str, plot: str | None) -> None:
    """https://kodi.wiki/view/NFO_files/Movies: title and uniqueid are required."""
    shown = Shown(item_of(title, channel), LibraryView("tv", "{channel}/{title}", nfo=True), plot=plot)
    _, nfo = shown.files(shown.stem())
    root = element(nfo.content)
    assert root.tag == "movie"
    assert {child.tag for child in root} <= {*EPISODE, "director"}
    assert told(root, "title").strip()
    check_unique(root, ID)
    assert shown.shared(shown.stem()) is None


def test_nfo_files_are_made_where_they_are_read_or_asked_for() -> None:
    made = {
        (layout, nfo)
        for layout in ("flat", "jellyfin", "kodi", "plex", "music")
        for nfo in (False, True)
        if len(Shown(item_of("T", "C"), LibraryView("tv", layout, nfo=nfo)).files("T [x]")) == 2
    }
    always = {("jellyfin", False), ("kodi", False)}
    assert made == always | {(layout, True) for layout in ("flat", "jellyfin", "kodi", "plex", "music")}
    assert LibraryView("tv", "jellyfin", nfo=True).key == LibraryView("tv", "jellyfin").key
    assert LibraryView("tv", nfo=True).key != LibraryView("tv").key
