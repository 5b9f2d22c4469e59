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

from ytarchive.core.desired import LibraryView, Target
from ytarchive.core.item import FileRecord, Got, Item, Metadata, Provenance
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
    item = Item(
        id=ID,
        shard="_",
        wanted_by=(),
        wanted=Target(),
        target="",
        offered=(),
        got=Got(),
        files=(FileRecord(f"{ID}.aaaaaaaaaa.mkv", 1, "", "video"),),
        metadata=Metadata(title, channel, "UCx" if episode else None, day, seconds),
        provenance=Provenance("1", None, None, 1_700_000_000, ""),
        episode=episode,
    )
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
