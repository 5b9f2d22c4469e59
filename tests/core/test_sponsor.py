"""What SponsorBlock answers, what of it is believed, and what comes of it: chapters, spans to cut, captions that fit."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from ytarchive.core.caption_cuts import cut_captions
from ytarchive.core.chapters import Chapter, arranged
from ytarchive.core.desired import Target, unite
from ytarchive.core.sponsor import (
    PARTS,
    NoAnswer,
    Segment,
    Sponsors,
    after_cuts,
    as_cut,
    covers,
    differ,
    is_cut_otherwise,
    kept_spans,
    moved,
    prefix_of,
    read_answer,
    settled,
    spans,
    total_seconds,
)

LASTS = 100.0
VIDEO = "dQw4w9WgXcQ"
times = some.integers(0, 1000).map(lambda tenths: tenths / 10)


@some.composite
def segments(draw: some.DrawFn) -> tuple[Segment, ...]:
    found = []
    for _ in range(draw(some.integers(0, 6))):
        start, end = sorted((draw(times), draw(times)))
        if start < end:
            found.append(Segment(start, end, draw(some.sampled_from(PARTS))))
    return tuple(found)


@some.composite
def chapters(draw: some.DrawFn) -> tuple[Chapter, ...]:
    edges = sorted({0.0, LASTS, *draw(some.lists(times, max_size=5))})
    return tuple(Chapter(one, other, f"chapter {one}") for one, other in pairwise(edges))[
        : draw(some.integers(0, 6))
    ]


def answer(*told: Any, video: str = VIDEO) -> bytes:
    return json.dumps(
        [{"videoID": "other", "segments": [said(0, 50)]}, {"videoID": video, "segments": told}]
    ).encode()


def said(start: Any, end: Any, part: str = "sponsor", **more: Any) -> dict[str, Any]:
    return {"segment": [start, end], "category": part, "actionType": "skip", "videoDuration": LASTS, **more}


# Asking and reading


def test_a_question_names_four_digits_of_a_hash() -> None:
    assert prefix_of(VIDEO) == "5f6b"  # printf dQw4w9WgXcQ | sha256sum


def test_an_answer_gives_the_parts_of_its_video_by_time() -> None:
    body = answer(said(30, 40.5), said(10, 20, "intro"), said(30, 40.5))
    assert read_answer(VIDEO, body, LASTS) == (Segment(10, 20, "intro"), Segment(30, 40.5, "sponsor"))
    assert read_answer(VIDEO, b"[]", LASTS) == ()


def test_times_next_to_an_end_of_the_video_are_the_end() -> None:
    body = answer(said(0.7, 5), said(90, 99.2), said(80, 100.9))
    found = [(each.start_seconds, each.end_seconds) for each in read_answer(VIDEO, body, LASTS)]
    assert found == [(0, 5), (80, 100), (90, 100)]


@pytest.mark.parametrize(
    "odd",
    [
        said(5, 5),
        said(9, 4),
        said(-20, 5),
        said("1", 5),
        said(True, 5),
        said(1, float("nan")),
        said(1, float("inf")),
        said(1, 5, "chapter"),
        said(1, 5, actionType="mute"),
        said(1, 5, videoDuration=300),
        said(1, 5, videoDuration=96),
        {"category": "sponsor"},
        {"segment": [1, 2, 3], "category": "sponsor"},
        {"segment": 7, "category": "sponsor"},
        "segment",
        None,
    ],
)
def test_what_makes_no_sense_or_is_of_another_length_is_left_out(odd: Any) -> None:
    assert read_answer(VIDEO, answer(odd, said(50, 60)), LASTS) == (Segment(50, 60, "sponsor"),)


def test_a_length_that_nobody_told_or_that_is_a_little_off_is_believed() -> None:
    body = answer(
        said(1.5, 5, videoDuration=0), said(10, 90, videoDuration=97), said(20, 30, videoDuration=None)
    )
    assert len(read_answer(VIDEO, body, LASTS)) == 3


@pytest.mark.parametrize("body", [b"", b"<html>", b"\xff", b"{}", b"7", b"[" * 100_000])
def test_what_is_no_answer_is_refused(body: bytes) -> None:
    with pytest.raises(NoAnswer):
        read_answer(VIDEO, body, LASTS)


@pytest.mark.parametrize("body", [b"[7, null, []]", b'[{"videoID": "dQw4w9WgXcQ", "segments": 5}]'])
def test_an_answer_of_another_shape_says_nothing(body: bytes) -> None:
    assert read_answer(VIDEO, body, LASTS) == ()


def test_an_endless_answer_is_cut() -> None:
    body = answer(*(said(place / 20, place / 20 + 2) for place in range(40, 1000)))
    assert len(read_answer(VIDEO, body, LASTS)) == 300


# Settling


def test_what_one_wish_marks_and_another_removes_is_marked() -> None:
    keeps, cuts = Target(marks=("intro",)), Target(cuts=("sponsor", "intro"))
    both = unite([keeps, cuts])
    assert (both.marks, both.cuts) == (("sponsor", "intro"), ())
    assert unite([cuts, cuts]).cuts == ("sponsor", "intro")
    assert unite([Target(marks=("sponsor",), cuts=("sponsor",))]).marks == ()


def test_hardly_anything_left_means_that_nothing_is_cut() -> None:
    found = (Segment(0, 60, "filler"), Segment(55, 95, "sponsor"))
    assert settled(found, (), ("filler", "sponsor"), LASTS) == (found, ())
    assert settled(found, ("filler",), ("sponsor",), LASTS) == (found[:1], found[1:])


@given(segments())
def test_spans_are_apart_in_order_and_as_long_as_what_they_join(found: tuple[Segment, ...]) -> None:
    joined = spans(found)
    assert all(one[1] < other[0] for one, other in pairwise(joined))
    covered = {
        tenth
        for each in found
        for tenth in range(round(each.start_seconds * 10), round(each.end_seconds * 10))
    }
    assert round(total_seconds(found) * 10) == len(covered)


@given(segments(), times)
def test_what_is_kept_and_what_is_cut_make_the_whole(found: tuple[Segment, ...], at: float) -> None:
    gone = spans(found)
    left = kept_spans(gone, LASTS)
    assert round(sum(end - start for start, end in (*gone, *left)), 3) == LASTS
    before = sum(min(at, end) - start for start, end in left if start < at)
    assert round(moved(at, gone), 3) == round(before, 3)


@given(segments(), some.floats(-1.9, 1.9))
def test_times_that_are_nearly_the_same_make_no_difference(found: tuple[Segment, ...], by: float) -> None:
    shifted = tuple(Segment(each.start_seconds + by, each.end_seconds + by, each.part) for each in found)
    assert not differ(found, tuple(reversed(shifted)))


def test_other_parts_and_other_times_make_a_difference() -> None:
    one = (Segment(10, 20, "sponsor"),)
    assert differ(one, ())
    assert differ(one, (Segment(10, 20, "intro"),))
    assert differ(one, (Segment(13, 20, "sponsor"),))
    assert differ(one, (Segment(10, 25, "sponsor"),))


def test_what_was_asked_for_answers_what_it_was_asked_for() -> None:
    assert covers(("intro",), ("sponsor",), ("sponsor",), ("intro",), ("sponsor",))
    assert not covers(("intro",), (), (), (), ("intro",))
    assert not covers((), (), (), ("intro",), ())
    assert covers((), ("sponsor",), (), ("sponsor",), ())  # it was looked for, and was not there
    assert not covers((), ("sponsor",), ("sponsor",), ("sponsor",), ())


# Chapters


def test_marked_parts_stand_among_the_chapters_of_the_video() -> None:
    own = (Chapter(0, 40, "One"), Chapter(40, 100, "Two"))
    marks = (Segment(30, 50, "sponsor"), Segment(45, 50, "intro"), Segment(99.5, 100, "outro"))
    assert arranged(own, marks, (), LASTS, "Title") == (
        Chapter(0, 30, "One"),
        Chapter(30, 45, "[SponsorBlock]: Sponsor"),
        Chapter(45, 50, "[SponsorBlock]: Sponsor, Intermission/Intro Animation"),
        Chapter(50, 100, "Two"),
    )


def test_a_video_without_chapters_is_one_where_something_is_marked() -> None:
    assert arranged((), (), ((10.0, 20.0),), LASTS, "Title") == ()
    told = arranged((), (Segment(0.4, 20, "intro"),), (), LASTS, "Title")
    assert told == (Chapter(0, 20, "[SponsorBlock]: Intermission/Intro Animation"), Chapter(20, 100, "Title"))


def test_what_is_cut_is_left_out_and_the_rest_moves_up() -> None:
    own = (Chapter(0, 40, "One"), Chapter(40, 60, "Two"), Chapter(60, 100, "Three"))
    told = arranged(own, (), ((10.0, 20.0), (39.5, 60.0)), LASTS, "Title")
    assert told == (Chapter(0, 29.5, "One"), Chapter(29.5, 69.5, "Three"))


def test_a_chapter_that_is_short_by_itself_stays() -> None:
    own = (Chapter(0, 0.5, "Flash"), Chapter(0.5, 100, "Rest"))
    assert arranged(own, (), (), LASTS, "Title") == own


@given(chapters(), segments(), segments())
def test_chapters_are_in_order_apart_and_within_what_is_left(
    own: tuple[Chapter, ...], marks: tuple[Segment, ...], cuts: tuple[Segment, ...]
) -> None:
    gone = spans(cuts)
    told = arranged(own, marks, gone, LASTS, "Title")
    left = LASTS - total_seconds(cuts)
    assert all(0 <= each.start_seconds < each.end_seconds <= left + 0.001 for each in told)
    assert all(one.end_seconds <= other.start_seconds for one, other in pairwise(told))
    assert told == arranged(own, tuple(reversed(marks)), gone, LASTS, "Title")
    if not marks and not cuts:
        assert told == own


# Captions

VTT = """WEBVTT
Kind: captions

STYLE
::cue {}

00:01.000 --> 00:02.000
before

one
00:00:11.000 --> 00:00:19.000 align:start
in the cut

00:18.000 --> 00:25.500
half <00:21.000>in it

"""
CUT = ((10.0, 20.0),)


def test_webvtt_loses_what_is_cut_and_moves_up() -> None:
    told = cut_captions(VTT, "vtt", CUT)
    assert told.startswith("WEBVTT\nKind: captions\n\nSTYLE\n::cue {}\n\n00:01.000 --> 00:02.000\nbefore\n\n")
    assert "in the cut" not in told
    assert told.endswith("00:10.000 --> 00:15.500\nhalf <00:11.000>in it\n\n")


def test_srt_keeps_hours_and_commas() -> None:
    told = cut_captions("1\r\n01:00:20,000 --> 01:00:21,250\r\nlate\r\n\r\n", "srt", CUT)
    assert "01:00:10,000 --> 01:00:11,250" in told


def test_minutes_without_hours_may_be_many() -> None:
    assert "69:50.000 --> 69:55.000" in cut_captions("70:00.000 --> 70:05.000\nx", "vtt", CUT)


def test_srv3_and_json3_count_milliseconds() -> None:
    xml = '<timedtext><body><p t="1000" d="500">a</p>\n<p t="12000" d="500">b</p><p t="30000">c</p></body></timedtext>'
    assert cut_captions(xml, "srv3", CUT) == (
        '<timedtext><body><p t="1000" d="500">a</p>\n<p t="20000">c</p></body></timedtext>'
    )
    events = [
        {"tStartMs": 0, "id": 1},
        {"tStartMs": 12000, "dDurationMs": 5},
        {"tStartMs": 19000, "dDurationMs": 2000},
    ]
    told = json.loads(cut_captions(json.dumps({"pens": [], "events": events}), "json3", CUT))
    assert told == {
        "pens": [],
        "events": [{"tStartMs": 0, "id": 1}, {"tStartMs": 10000, "dDurationMs": 1000}],
    }


@pytest.mark.parametrize(
    "text", ["", "7", "{}", '{"events": 5}', '{"events": [5]}', '{"events": [{"tStartMs": "x"}]}']
)
def test_json_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        cut_captions(text, "json3", CUT)


@settings(max_examples=30)
@given(some.text(), some.sampled_from(["vtt", "srt", "srv3"]))
def test_text_of_any_kind_is_cut_without_an_error(text: str, form: str) -> None:
    cut_captions(text, form, CUT)


# What is cut already

FIRST, SECOND = Segment(10, 20, "sponsor"), Segment(50, 52, "sponsor")


def asked_for(*cuts: Segment, marks: tuple[Segment, ...] = ()) -> Sponsors:
    return Sponsors(1, ("intro",), ("sponsor",), marks, cuts, lasts_seconds=LASTS)


def test_what_has_no_key_frame_is_marked_and_stays_so() -> None:
    known = as_cut(asked_for(FIRST, SECOND), ((10.0, 18.0),))
    assert (known.cuts, known.marks, known.spans) == ((FIRST,), (SECOND,), ((10.0, 18.0),))
    assert not is_cut_otherwise(known, asked_for(FIRST, SECOND))
    assert after_cuts(known, asked_for(FIRST, SECOND)).marks == known.marks


def test_what_is_to_be_cut_besides_or_no_more_takes_other_media() -> None:
    known = as_cut(asked_for(FIRST), ((10.0, 18.0),))
    assert is_cut_otherwise(known, asked_for(FIRST, SECOND))
    assert is_cut_otherwise(known, asked_for())
    assert not is_cut_otherwise(known, asked_for(Segment(10.5, 21, "sponsor")))
    intro = Segment(0, 5, "intro")
    told = after_cuts(known, asked_for(FIRST, SECOND, marks=(intro,)))
    assert (told.marks, told.cuts, told.spans) == ((intro, SECOND), known.cuts, known.spans)
