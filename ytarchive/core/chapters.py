"""Chapters of a media file: the video's own, those of SponsorBlock among them, and what is cut out left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from ytarchive.core.sponsor import PARTS, TITLES, Segment, moved

_TINY_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Chapter:
    """From when to when, in seconds, and what it is called."""

    start_seconds: float
    end_seconds: float
    title: str


@dataclass(frozen=True, slots=True)
class _Piece:
    """A stretch of the whole video that becomes a chapter, and what it is one of. `whole`: it is all of that."""

    start: float
    end: float
    of: tuple[object, ...]
    title: str
    whole: bool = False


def arranged(
    own: Sequence[Chapter],
    marks: Sequence[Segment],
    cuts: Sequence[tuple[float, float]],
    lasts_seconds: float,
    title: str,
) -> tuple[Chapter, ...]:
    """The chapters of a video of which the spans `cuts` are cut out, in order and without overlaps.

    Marked parts stand over the video's own chapters; where it has none and something is marked, the rest is called
    `title`. What a mark or cut leaves of a chapter goes to its neighbour when it is shorter than a second.
    """
    chapters = tuple(own) or ((Chapter(0.0, lasts_seconds, title),) if marks else ())
    pieces = _joined(_pieces(chapters, marks, cuts, lasts_seconds))
    return tuple(
        Chapter(round(moved(each.start, cuts), 3), round(moved(each.end, cuts), 3), each.title)
        for each in _without_tiny(pieces)
    )


def _pieces(
    chapters: Sequence[Chapter], marks: Sequence[Segment], cuts: Sequence[tuple[float, float]], lasts: float
) -> list[_Piece]:
    own = ((each.start_seconds, each.end_seconds) for each in chapters)
    marked = ((each.start_seconds, each.end_seconds) for each in marks)
    every = (*own, *marked, *cuts)
    edges = sorted({0.0, lasts, *(at for span in every for at in span if 0 < at < lasts)})
    pieces = []
    for start, end in pairwise(edges):
        if any(first <= start and end <= last for first, last in cuts):
            continue
        piece = _marked(marks, start, end) or _own(chapters, start, end)
        if piece is not None:
            pieces.append(piece)
    return pieces


def _marked(marks: Sequence[Segment], start: float, end: float) -> _Piece | None:
    here = {each.part for each in marks if each.start_seconds <= start and end <= each.end_seconds}
    parts = tuple(part for part in PARTS if part in here)
    if not parts:
        return None
    return _Piece(start, end, parts, f"[SponsorBlock]: {', '.join(TITLES[part] for part in parts)}")


def _own(chapters: Sequence[Chapter], start: float, end: float) -> _Piece | None:
    """Of chapters that overlap, the later one."""
    for place in reversed(range(len(chapters))):
        chapter = chapters[place]
        if chapter.start_seconds <= start and end <= chapter.end_seconds:
            whole = (chapter.start_seconds, chapter.end_seconds) == (start, end)
            return _Piece(start, end, (place,), chapter.title, whole)
    return None


def _joined(pieces: Sequence[_Piece]) -> list[_Piece]:
    """Stretches of one chapter, on both sides of a cut, are one."""
    joined: list[_Piece] = []
    for piece in pieces:
        if joined and joined[-1].of == piece.of:
            joined[-1] = replace(joined[-1], end=piece.end)
        else:
            joined.append(piece)
    return joined


def _without_tiny(pieces: Sequence[_Piece]) -> list[_Piece]:
    kept: list[_Piece] = []
    began: float | None = None
    for piece in pieces:
        if piece.end - piece.start >= _TINY_SECONDS or piece.whole or (not kept and piece is pieces[-1]):
            kept.append(piece if began is None else replace(piece, start=began))
            began = None
        elif kept:
            kept[-1] = replace(kept[-1], end=piece.end)
        else:
            began = piece.start if began is None else began
    return kept
