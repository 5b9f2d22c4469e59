"""Names of other tools' files: what they are, whose they are, and how sure an id in them is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ytarchive.core.foreign_names import (
    IdInName,
    Named,
    as_text,
    id_in_name,
    owner_of,
    read_name,
    title_in_name,
)

ID = "dQw4w9WgXcQ"
CHANNEL = "UC" + "a" * 22


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("A [x].mkv", "media"),
        ("A.MP4", "media"),
        ("A.opus", "media"),
        ("A.en.vtt", "caption"),
        ("A-thumb.jpg", "picture"),
        ("A.info.json", "info_json"),
        ("A.description", "description"),
        ("A.mkv.part", "unfinished"),
        ("A.mp4.part-Frag12", "unfinished"),
        ("A.mp4.ytdl", "unfinished"),
        ("A.temp.mp4", "unfinished"),
        ("A.f137.mp4", "unfinished"),
        ("A.f251-drc.webm", "unfinished"),
        ("A.live_chat.json", "other"),
        ("._A.mkv", "other"),
        (".mkv", "other"),
        ("A.nfo", "other"),
        ("A", "other"),
    ],
)
def test_a_file_is_of_a_kind_by_its_name(name: str, kind: str) -> None:
    assert read_name(name).kind == kind


@pytest.mark.parametrize(
    ("name", "owner"),
    [
        ("A.vtt", ("A", None)),
        ("A.en.vtt", ("A", "en")),
        ("A.pt_BR.srt", ("A", "pt-BR")),
        ("A.en-orig.vtt", ("A", "en-orig")),
        ("A.sub.en.vtt", None),
        ("A.not a language.vtt", None),
        ("A-thumb.jpg", ("A", None)),
        ("A-poster.webp", ("A", None)),
        ("B.jpg", None),
        ("A.en.description", None),
        ("A.info.json", ("A", None)),
    ],
)
def test_a_file_belongs_to_the_media_of_its_stem(name: str, owner: tuple[str, str | None] | None) -> None:
    assert owner_of(read_name(name), {"A"}) == owner


@pytest.mark.parametrize(
    ("stem", "folder", "found"),
    [
        (f"A talk [{ID}]", "x", IdInName(ID, "yt-dlp", True)),
        (f"A talk [{ID}] (2)", "x", IdInName(ID, "yt-dlp", True)),
        (f"[{ID}] A talk", "x", None),
        ("A song [compilation]", "x", IdInName("compilation", "yt-dlp", False)),
        ("A song [COMPILATION]", "x", IdInName("COMPILATION", "yt-dlp", False)),
        (ID, CHANNEL, IdInName(ID, "TubeArchivist", True)),
        ("IMG_1234567", "holidays", IdInName("IMG_1234567", "yt-dlp", False)),
        (f"2026-11-23_chan_a-talk_{ID}_1080p-vp9-opus", "x", IdInName(ID, "TubeSync", True)),
        (f"20210304_{ID}_A talk", "Channel", IdInName(ID, "TubeArchivist", False)),
        (f"A talk-{ID}", "x", IdInName(ID, "youtube-dl", False)),
        ("Cats-compilation", "x", IdInName("compilation", "youtube-dl", False)),
        ("A talk", "x", None),
    ],
)
def test_an_id_is_sure_only_where_nothing_else_can_be(stem: str, folder: str, found: IdInName | None) -> None:
    assert id_in_name(stem, folder) == found


@pytest.mark.parametrize(
    ("stem", "title"),
    [
        (f"A talk [{ID}]", "A talk"),
        (f"A talk-{ID}", "A talk"),
        (f"2026-11-23_chan_a-talk_{ID}_1080p", "2026-11-23_chan_a-talk"),
        (ID, ID),
        (f"[{ID}]", ID),
    ],
)
def test_a_title_is_what_a_name_says_besides_the_id(stem: str, title: str) -> None:
    assert title_in_name(stem, ID) == title


@given(name=st.text())
def test_any_name_is_read_and_its_stem_is_a_part_of_it(name: str) -> None:
    read = read_name(name)

    assert isinstance(read, Named)
    assert name.startswith(read.stem)


@given(name=st.binary(max_size=40))
def test_any_bytes_of_a_name_become_text_that_can_be_written(name: bytes) -> None:
    text = as_text(name.decode("utf-8", "surrogateescape"))

    assert text.encode("utf-8").decode("utf-8") == text
    assert bool(text) == bool(name)
