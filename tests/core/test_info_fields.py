"""Our info.json of what anybody's info.json says: named fields of plain types, and nothing else."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ytarchive.core.file_kinds import CAPTION_FORMS, caption_problem, picture_suffix
from ytarchive.core.info_fields import chapters_of, document, number_of

ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=5,
)
KEYS = st.sampled_from(["title", "duration", "tags", "chapters", "channel_is_verified", "cookies", "id"])
CHAPTERS = st.lists(
    st.dictionaries(st.sampled_from(["start_time", "end_time", "title"]), ANY_JSON, max_size=3), max_size=3
)


def test_secrets_and_addresses_of_another_info_json_do_not_come_along() -> None:
    info = {"title": "T", "cookies": "SID=canary", "http_headers": {"X": "canary"}, "url": "https://canary"}

    assert b"canary" not in document({**info, "formats": [{"url": "canary"}]}, "aaaaaaaaaaa")


def test_what_was_offered_is_told_only_where_it_is_known() -> None:
    known = json.loads(document({}, "aaaaaaaaaaa", offered=[{"itag": "18"}], captions=[]))

    assert (known["offered"], known["captions"]) == ([{"itag": "18"}], [])
    assert {"offered", "captions"} & json.loads(document({}, "aaaaaaaaaaa")).keys() == set()


@settings(max_examples=50)
@given(info=st.dictionaries(KEYS, ANY_JSON | CHAPTERS))
def test_any_info_json_becomes_strict_json_of_that_video(info: dict[str, Any]) -> None:
    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    data = json.loads(document(info, "aaaaaaaaaaa"), parse_constant=refuse)

    assert data["id"] == "aaaaaaaaaaa"
    assert "cookies" not in data
    assert all(one["end_time"] > one["start_time"] for one in data["chapters"])


def test_chapters_that_are_none_are_left_out() -> None:
    assert chapters_of({"chapters": 7}) == []
    assert chapters_of({"chapters": [3, {"start_time": "x"}], "duration": 5}) == [
        {"start_time": 0.0, "end_time": 5.0, "title": ""}
    ]


@pytest.mark.parametrize("value", [None, "3", float("nan"), float("inf"), 10**400])
def test_what_is_no_sane_number_is_none(value: object) -> None:
    assert number_of(value) is None


PICTURES = [
    (b"\xff\xd8\xff" + b"\0" * 100, ".jpg"),
    (b"\x89PNG\r\n\x1a\n", ".png"),
    (b"RIFF0000WEBP", ".webp"),
    (b"<html>", None),
]


@pytest.mark.parametrize(("content", "suffix"), PICTURES, ids=["jpg", "png", "webp", "page"])
def test_a_picture_is_known_by_its_content(content: bytes, suffix: str | None) -> None:
    assert picture_suffix(content) == suffix


WHOLE = {
    "vtt": b"WEBVTT\n",
    "srt": b"1\n00:00:01,000 --> 00:00:02,000\nHi",
    "srv3": b"<timedtext></timedtext>",
    "json3": b'{"events": []}',
}


@pytest.mark.parametrize("form", CAPTION_FORMS)
def test_captions_are_known_by_their_content(form: str) -> None:
    assert caption_problem(WHOLE[form], form) is None
    assert caption_problem(b" ", form) == f"The {form} captions are empty"
    assert "begins with 'nothing'" in str(caption_problem(b"nothing", form))
