"""What SponsorBlock says of a video: parts that its viewers want marked or cut out, by time of the whole video.

How it is asked and what it answers is as in the API's documentation (https://wiki.sponsor.ajay.app/w/API_Docs), in
its server (`getSkipSegmentsByHash`) and in yt-dlp's `SponsorBlockPP`, whose rules for odd times are ours: of parts
that overlap the server draws one by lot, so that two answers may differ by a little.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import isfinite
from typing import Any, Literal, get_args

from ytarchive.core.instant import Instant

SponsorPart = Literal[
    "sponsor",
    "selfpromo",
    "interaction",
    "intro",
    "outro",
    "preview",
    "hook",
    "filler",
    "music_offtopic",
]
PARTS: tuple[SponsorPart, ...] = get_args(SponsorPart)
TITLES: dict[str, str] = {
    "sponsor": "Sponsor",
    "selfpromo": "Unpaid/Self Promotion",
    "interaction": "Interaction Reminder",
    "intro": "Intermission/Intro Animation",
    "outro": "Endcards/Credits",
    "preview": "Preview/Recap",
    "hook": "Hook/Greetings",
    "filler": "Filler Tangent",
    "music_offtopic": "Non-Music Section",
}
MOST_SEGMENTS = 300
"""The server gives at most 32 of each kind."""
_PREFIX = 4
_EDGE_SECONDS = 1.0
_SAME_SECONDS = 2.0
_LEAST_LEFT = 0.1


@dataclass(frozen=True, slots=True)
class Segment:
    """One part, in seconds of the video before anything was cut out of it."""

    start_seconds: float
    end_seconds: float
    part: SponsorPart


@dataclass(frozen=True, slots=True)
class Sponsors:
    """What was asked about an item and came of it: `marks` are chapters in its media files, `cuts` are gone from them.

    `marked` and `removed` are the kinds of parts that were asked for, to mark and to cut out. `spans` is what was really
    cut out, from when to when: a copy of a picture can go on at a key frame alone. `lasts_seconds` is how long the media
    were before.
    """

    asked_at: Instant
    marked: tuple[SponsorPart, ...] = ()
    removed: tuple[SponsorPart, ...] = ()
    marks: tuple[Segment, ...] = ()
    cuts: tuple[Segment, ...] = ()
    spans: tuple[tuple[float, float], ...] = ()
    lasts_seconds: float | None = None


class NoAnswer(ValueError):
    """What came is no answer of SponsorBlock; the text says why."""


def prefix_of(video: str) -> str:
    """What is told of a video when it is asked about: the beginning of its id's hash, which thousands of videos share."""
    return hashlib.sha256(video.encode()).hexdigest()[:_PREFIX]


def read_answer(video: str, body: bytes, lasts_seconds: float) -> tuple[Segment, ...]:
    """The parts of one video in an answer about all videos of its prefix, by time. Raise `NoAnswer`.

    What is told of another length of the video, or makes no sense, is left out.
    """
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        raise NoAnswer("it is no JSON") from None
    if not isinstance(told, list):
        raise NoAnswer(f"it is {type(told).__name__}, expected a list")
    mine = [one for one in told if isinstance(one, dict) and one.get("videoID") == video]
    listed = [each for one in mine for each in _list(one.get("segments"))]
    found = {segment for each in listed if (segment := _segment(each, lasts_seconds))}
    return tuple(sorted(found, key=_order)[:MOST_SEGMENTS])


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _segment(told: Any, lasts: float) -> Segment | None:
    if not isinstance(told, dict) or told.get("actionType", "skip") != "skip":
        return None
    times, part = told.get("segment"), told.get("category")
    if part not in PARTS or not isinstance(times, list) or len(times) != 2 or not all(map(_is_number, times)):
        return None
    start, end = (float(each) for each in times)
    start = 0.0 if 0 <= start <= _EDGE_SECONDS else start
    end = lasts if lasts - end <= _EDGE_SECONDS else end
    if not 0 <= start < end <= lasts or not _is_of_this_length(told.get("videoDuration"), lasts, end - start):
        return None
    return Segment(round(start, 3), round(end, 3), part)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)


def _is_of_this_length(told: Any, lasts: float, length: float) -> bool:
    """A part is worth what the video was when somebody marked it; 0: nobody said."""
    if not _is_number(told) or not told:
        return True
    difference = abs(lasts - told)
    return bool(difference < 1 or (difference < 5 and difference / length < 0.05))


def _order(segment: Segment) -> tuple[float, float, int]:
    return segment.start_seconds, segment.end_seconds, PARTS.index(segment.part)


def settled(
    segments: Iterable[Segment],
    mark: Iterable[SponsorPart],
    remove: Iterable[SponsorPart],
    lasts_seconds: float,
) -> tuple[tuple[Segment, ...], tuple[Segment, ...]]:
    """What of them to mark, and what to cut out.

    Where hardly anything would be left (a tenth), nothing is cut: it is marked instead.
    """
    known, marked, removed = tuple(segments), {*mark}, {*remove}
    cuts = tuple(each for each in known if each.part in removed)
    if lasts_seconds - total_seconds(cuts) < _LEAST_LEFT * lasts_seconds:
        marked, cuts = marked | removed, ()
    return tuple(each for each in known if each.part in marked and each not in cuts), cuts


def spans(cuts: Iterable[Segment]) -> tuple[tuple[float, float], ...]:
    """From when to when something is cut out: in order, none touching another."""
    joined: list[tuple[float, float]] = []
    for cut in sorted(cuts, key=_order):
        if joined and cut.start_seconds <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], cut.end_seconds))
        else:
            joined.append((cut.start_seconds, cut.end_seconds))
    return tuple(joined)


def total_seconds(cuts: Iterable[Segment]) -> float:
    """How much shorter the cuts make a video."""
    return sum(end - start for start, end in spans(cuts))


def kept_spans(cuts: Sequence[tuple[float, float]], lasts_seconds: float) -> tuple[tuple[float, float], ...]:
    """What is left between spans that are cut out, up to the end."""
    edges = ((0.0, 0.0), *cuts, (lasts_seconds, lasts_seconds))
    left = ((before[1], after[0]) for before, after in pairwise(edges))
    return tuple((start, end) for start, end in left if end > start)


def moved(at_seconds: float, cuts: Sequence[tuple[float, float]]) -> float:
    """Where a moment of the whole video is once the spans are cut out; one inside a span is where that was."""
    return at_seconds - sum(min(at_seconds, end) - start for start, end in cuts if start < at_seconds)


def differ(before: Sequence[Segment], after: Sequence[Segment]) -> bool:
    """Whether it is worth making files anew: other parts, or times that are seconds apart."""
    if len(before) != len(after):
        return True
    return any(
        one.part != other.part
        or abs(one.start_seconds - other.start_seconds) > _SAME_SECONDS
        or abs(one.end_seconds - other.end_seconds) > _SAME_SECONDS
        for one, other in zip(sorted(before, key=_order), sorted(after, key=_order), strict=True)
    )


def as_cut(told: Sponsors, gone: Sequence[tuple[float, float]]) -> Sponsors:
    """What was asked for as it came out: a part of which nothing could be cut out is marked instead."""
    cuts = tuple(each for each in told.cuts if any(_overlaps(each, span) for span in gone))
    marks = (*told.marks, *(each for each in told.cuts if each not in cuts))
    return replace(told, cuts=cuts, marks=tuple(sorted(marks, key=_order)), spans=tuple(gone))


def _overlaps(segment: Segment, span: tuple[float, float]) -> bool:
    return segment.start_seconds < span[1] and span[0] < segment.end_seconds


def after_cuts(known: Sponsors, told: Sponsors) -> Sponsors:
    """What was asked for of media that something is cut out of already: that is gone, and nothing else is cut out.

    What is to be cut out besides is marked; what is cut out cannot be.
    """
    marks = (
        each for each in (*told.marks, *told.cuts) if all(differ((each,), (gone,)) for gone in known.cuts)
    )
    marks_in_order = tuple(sorted(marks, key=_order))
    return replace(told, marks=marks_in_order, cuts=known.cuts, spans=known.spans)


def is_cut_otherwise(known: Sponsors, told: Sponsors) -> bool:
    """Whether other parts are to be cut out by now than those that are; what could not be cut out still cannot."""
    marked = {each for each in told.cuts if any(not differ((each,), (mark,)) for mark in known.marks)}
    return differ(known.cuts, tuple(each for each in told.cuts if each not in marked))


def covers(
    marked: Iterable[str],
    removed: Iterable[str],
    cut: Iterable[str],
    mark: Iterable[str],
    remove: Iterable[str],
) -> bool:
    """Whether what was asked for an item (`marked`, `removed`; `cut` of them was there) answers another wish.

    What was to be cut out and was not there would not have been marked either.
    """
    return {*remove} <= {*removed} and {*mark} <= {*marked} | ({*removed} - {*cut})
