"""Whose a file is, by all that is said of it: what agrees is a match, what contradicts is left with the reason."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ytarchive.core.adoption import (
    Claim,
    Info,
    Match,
    NoMatch,
    claims_of,
    day_of_text,
    got_of,
    identify,
    info_of,
    metadata_of,
)
from ytarchive.core.codec import encode
from ytarchive.core.foreign_names import IdInName
from ytarchive.core.inspection import Inspection, better
from ytarchive.core.item import Adoption, Metadata

ID, OTHER = "dQw4w9WgXcQ", "jNQXAC9IVRw"
CHANNEL = "UC" + "a" * 22
SURE, UNSURE = IdInName(ID, "yt-dlp", True), IdInName(ID, "youtube-dl", False)
CLAIM = Claim("TubeSync", ID, ("video", "chan", "a.mkv"), title="Claimed", channel="Chan", channel_id=CHANNEL)
INFO = Info(
    ID, "Youtube", title="Told", uploaded_on="2020-01-02", duration_seconds=9.0, live_status="not_live"
)
PICTURE = Inspection(
    10, duration_seconds=2.0, width=1920, height=1080, fps=30.0, codec="vp9", audio_codec="opus"
)
SOUND = Inspection(5, duration_seconds=3.0, audio_codec="aac", language="eng")


@pytest.mark.parametrize(
    ("claims", "info", "named", "confirmed", "expected"),
    [
        ((), None, SURE, False, Match(ID, "name", "yt-dlp")),
        ((), INFO, None, False, Match(ID, "info.json", "yt-dlp")),
        ((), INFO, SURE, False, Match(ID, "info.json", "yt-dlp")),
        ((CLAIM,), None, None, False, Match(ID, "state", "TubeSync")),
        ((CLAIM,), INFO, SURE, False, Match(ID, "state", "TubeSync")),
        ((), None, UNSURE, False, None),
        ((), None, UNSURE, True, Match(ID, "name", "youtube-dl")),
        ((), None, None, False, None),
    ],
)
def test_what_agrees_is_a_match(
    claims: tuple[Claim, ...],
    info: Info | None,
    named: IdInName | None,
    confirmed: bool,
    expected: Match | None,
) -> None:
    assert identify(claims, info, named, confirmed=confirmed) == expected


@pytest.mark.parametrize(
    ("claims", "info", "named", "why"),
    [
        ((), Info(OTHER, "youtube"), SURE, f"the info.json beside it says {OTHER}; its name says {ID}"),
        (
            (CLAIM,),
            None,
            IdInName(OTHER, "yt-dlp", True),
            f"records of TubeSync says {ID}; its name says {OTHER}",
        ),
        ((CLAIM, Claim("x", OTHER, ("a.mkv",))), None, None, "the records name 2 videos for it"),
        ((), Info("123456", "Vimeo"), SURE, "is of Vimeo, not of YouTube"),
        ((), Info("../../etc", "Youtube"), None, "'../../etc', which is no id of a video"),
    ],
)
def test_what_contradicts_is_left_with_the_reason(
    claims: tuple[Claim, ...], info: Info | None, named: IdInName | None, why: str
) -> None:
    found = identify(claims, info, named)

    assert isinstance(found, NoMatch)
    assert why in found.why


def test_records_that_are_of_two_minds_are_settled_by_another_word() -> None:
    two = (CLAIM, Claim("x", OTHER, ("a.mkv",)))

    assert identify(two, None, SURE) == Match(ID, "name", "yt-dlp")


@pytest.mark.parametrize(
    ("path", "found"),
    [
        (("mnt", "old", "video", "chan", "a.mkv"), ["TubeSync"]),
        (("mnt", "chan", "a.mkv"), ["TubeSync"]),
        (("mnt", "other", "a.mkv"), []),
        (("chan", "b.mkv"), []),
        (("anywhere", "alone.mkv"), ["flat"]),
    ],
)
def test_a_file_is_claimed_by_the_end_of_its_path_and_not_by_its_name_alone(
    path: tuple[str, ...], found: list[str]
) -> None:
    known = {"a.mkv": [CLAIM], "alone.mkv": [Claim("flat", OTHER, ("alone.mkv",))]}

    assert [claim.tool for claim in claims_of(path, known)] == found


def test_of_several_claims_the_one_that_agrees_most_counts() -> None:
    near = Claim("near", OTHER, ("video", "chan", "2020", "a.mkv"))
    far = Claim("far", ID, ("x", "2020", "a.mkv"))

    assert claims_of(("mnt", "chan", "2020", "a.mkv"), {"a.mkv": [far, near]}) == (near,)


def test_an_info_json_tells_what_the_archive_keeps() -> None:
    told = {
        "id": ID, "extractor_key": "Youtube", "title": " T ", "upload_date": "20200102", "uploader": "U",
        "channel_id": CHANNEL, "duration": 9, "availability": "public", "live_status": "not_live",
        "_version": {"version": "2024.01.01"},
    }  # fmt: skip

    assert info_of(told) == Info(
        ID, "Youtube", "T", "2020-01-02", "U", CHANNEL, 9.0, "public", "not_live", "2024.01.01"
    )


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        {"id": ID},
        {"extractor": "youtube"},
        {"_type": "playlist", "id": "PL", "extractor": "youtube:tab"},
    ],
)
def test_what_is_no_info_json_of_a_video_tells_nothing(data: Any) -> None:
    assert info_of(data) is None


@given(
    st.fixed_dictionaries(
        {"id": st.text(), "extractor": st.text()},
        optional={
            key: st.none()
            | st.integers()
            | st.text()
            | st.lists(st.text())
            | st.dictionaries(st.text(), st.text())
            for key in ("title", "upload_date", "channel_id", "duration", "_version", "live_status")
        },
    )
)
def test_any_info_json_gives_values_that_can_be_stored(data: dict[str, Any]) -> None:
    info = info_of(data)

    assert info is not None
    assert (info.title or "").encode("utf-8").isascii() in (True, False)
    assert info.channel_id is None or len(info.channel_id) == 24


@pytest.mark.parametrize(
    ("text", "day"),
    [("20261123", "2026-11-23"), ("2026-11-23 10:00", "2026-11-23"), ("soon", None), (None, None)],
)
def test_a_day_is_read_with_hyphens_and_without(text: str | None, day: str | None) -> None:
    assert day_of_text(text) == day


TAGS = {"title": "Tagged", "artist": "By", "date": "20190102"}
TAGGED = Inspection(1, duration_seconds=2.0, codec="h264", tags=TAGS)


@pytest.mark.parametrize(
    ("info", "claim", "found", "expected"),
    [
        (INFO, CLAIM, TAGGED, Metadata("Told", "Chan", CHANNEL, "2020-01-02", 9.0, None, "not_live")),
        (None, CLAIM, TAGGED, Metadata("Claimed", "Chan", CHANNEL, "2019-01-02", 2.0)),
        (None, None, TAGGED, Metadata("Tagged", "By", None, "2019-01-02", 2.0)),
        (None, None, PICTURE, Metadata("A talk", None, None, None, 2.0)),
    ],
)
def test_metadata_come_from_the_best_word_there_is(
    info: Info | None, claim: Claim | None, found: Inspection, expected: Metadata
) -> None:
    assert metadata_of(Match(ID, "name", "yt-dlp"), info, claim, found, f"A talk [{ID}]") == expected


@given(
    stem=st.binary(min_size=1, max_size=30).map(lambda name: name.decode("utf-8", "surrogateescape")),
    title=st.none() | st.text(st.characters()),
    tag=st.text(st.characters()),
)
def test_metadata_of_any_names_and_texts_can_be_written(stem: str, title: str | None, tag: str) -> None:
    claim = Claim("TubeArchivist", ID, ("a",), title=title, channel=title)
    found = Inspection(1, duration_seconds=1.0, codec="h264", tags={"title": tag, "artist": tag})

    assert encode(metadata_of(Match(ID, "name", "yt-dlp"), None, claim, found, stem))


def test_what_was_got_is_what_the_files_are() -> None:
    both = got_of(PICTURE, SOUND, "mkv", "as-is")
    alone = got_of(None, SOUND, "m4a", "compared")

    assert both.video is not None
    assert (both.video.kind, both.video.label, both.video.codec, both.duration_seconds) == (
        "muxed",
        1080,
        "vp9",
        3.0,
    )
    assert both.audio is not None
    assert (alone.video, both.audio.kind, both.audio.language, alone.adopted) == (
        None,
        "audio",
        "eng",
        "compared",
    )


def test_a_picture_without_sound_is_a_video() -> None:
    assert Inspection(1, codec="h264", width=640, height=360).as_format().kind == "video"


@pytest.mark.parametrize(
    ("tags", "anywhere", "strictly"),
    [
        ({"purl": f"https://www.youtube.com/watch?v={ID}"}, ID, ID),
        ({"comment": f"https://youtu.be/{ID}"}, ID, None),
        ({"comment": f"https://vimeo.com/{ID}"}, None, None),
        ({"purl": "https://example.org", "youtube_id": ID}, ID, None),
        ({"comment": "compilation"}, None, None),
        ({}, None, None),
    ],
)
def test_tags_name_the_video_by_its_address(
    tags: dict[str, str], anywhere: str | None, strictly: str | None
) -> None:
    inspection = Inspection(1, tags=tags)

    assert (inspection.tagged(), inspection.tagged(strictly=True)) == (anywhere, strictly)


def test_of_two_files_of_one_video_the_one_with_more_lines_is_better() -> None:
    low = Inspection(99, width=640, height=360, codec="av1", fps=60.0)
    other = Inspection(11, width=1920, height=1080, codec="hevc", fps=30.0)

    assert max((low, PICTURE, other), key=better) is PICTURE
    assert not SOUND.has_picture


@pytest.mark.parametrize(
    ("by", "words"),
    [("state", "the records of ytdl-sub"), ("info.json", "the info.json beside it"), ("name", "its name")],
)
def test_the_words_of_an_adoption_tell_from_where_and_by_what(by: str, words: str) -> None:
    assert (
        Adoption("T.mkv", "ytdl-sub", by).words == f"adopted from T.mkv, made by ytdl-sub, known by {words}"
    )
