"""Captions of a video out of which something was cut: what is said in a cut goes, what comes after it moves up.

The forms are those that YouTube serves: WebVTT and SRT with times in lines of text, srv3 (XML) and json3 with
milliseconds.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence

from ytarchive.core.sponsor import moved

Spans = Sequence[tuple[float, float]]

_TIME = r"(?:(\d+):)?(\d{2}):(\d{2})([.,])(\d{3})"
_ANY_TIME = re.compile(_TIME)
_CUE = re.compile(rf"^[ \t]*{_TIME}[ \t]+-->[ \t]+{_TIME}")
_SRV3 = re.compile(r'<p\b[^>]*?\bt="(\d+)"[^>]*?(?:/>|>.*?</p>)', re.DOTALL)
_START = re.compile(r'\bt="(\d+)"')
_LENGTH = re.compile(r'\bd="(\d+)"')


def cut_captions(text: str, form: str, cuts: Spans) -> str:
    """The same captions, in the form (`vtt`, `srt`, `srv3`, `json3`) that they are in.

    Raise `ValueError` for JSON that is none, or not of that form.
    """
    return _FORMS[form](text, cuts)


def _cut_blocks(text: str, cuts: Spans) -> str:
    blocks = re.split(r"(?:\r?\n){2,}", text)
    return "\n\n".join(kept for block in blocks if (kept := _cut_block(block, cuts)) is not None)


def _cut_block(block: str, cuts: Spans) -> str | None:
    """A block without a cue stays (a header, a style); one whose cue is wholly cut goes."""
    lines = block.split("\n")
    for place, line in enumerate(lines):
        if cue := _CUE.match(line):
            start, end = _seconds(*cue.groups()[:5]), _seconds(*cue.groups()[5:])
            if _is_gone(start, end, cuts):
                return None
            lines[place:] = [
                _ANY_TIME.sub(lambda one: _moved_time(one, cuts), each) for each in lines[place:]
            ]
            return "\n".join(lines)
    return block


def _moved_time(found: re.Match[str], cuts: Spans) -> str:
    thousandths = round(moved(_seconds(*found.groups()), cuts) * 1000)
    seconds, rest = divmod(thousandths, 1000)
    hours = f"{seconds // 3600:0{max(2, len(found[1]))}d}:" if found[1] is not None else ""
    minutes = seconds // 60 % 60 if found[1] is not None else seconds // 60
    return f"{hours}{minutes:02d}:{seconds % 60:02d}{found[4]}{rest:03d}"


def _seconds(hours: str | None, minutes: str, seconds: str, _: str, thousandths: str) -> float:
    return int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds) + int(thousandths) / 1000


def _is_gone(start: float, end: float, cuts: Spans) -> bool:
    return any(first <= start and end <= last for first, last in cuts)


def _cut_srv3(text: str, cuts: Spans) -> str:
    return _SRV3.sub(lambda found: _moved_paragraph(found, cuts), text)


def _moved_paragraph(found: re.Match[str], cuts: Spans) -> str:
    head, closing, rest = found[0].partition(">")
    length = _LENGTH.search(head)
    start = int(found[1]) / 1000
    end = start + (int(length[1]) if length else 0) / 1000
    if _is_gone(start, end, cuts):
        return ""
    at, lasts = _shifted(start, end, cuts)
    head = _LENGTH.sub(f'd="{lasts}"', _START.sub(f't="{at}"', head, count=1), count=1)
    return f"{head}{closing}{rest}"


def _cut_json3(text: str, cuts: Spans) -> str:
    told = json.loads(text)
    listed = told.get("events") if isinstance(told, dict) else None
    if not isinstance(listed, list) or not all(isinstance(each, dict) for each in listed):
        raise ValueError("no list of events")
    events = []
    for event in listed:
        start, length = event.get("tStartMs", 0), event.get("dDurationMs", 0)
        if not isinstance(start, int) or not isinstance(length, int):
            raise ValueError("an event without a time")
        if not _is_gone(start / 1000, (start + length) / 1000, cuts):
            at, lasts = _shifted(start / 1000, (start + length) / 1000, cuts)
            events.append({**event, "tStartMs": at, **({"dDurationMs": lasts} if length else {})})
    return json.dumps({**told, "events": events}, ensure_ascii=False)


def _shifted(start: float, end: float, cuts: Spans) -> tuple[int, int]:
    """Start and length in milliseconds."""
    at = round(moved(start, cuts) * 1000)
    return at, round(moved(end, cuts) * 1000) - at


_FORMS: dict[str, Callable[[str, Spans], str]] = {
    "vtt": _cut_blocks,
    "srt": _cut_blocks,
    "srv3": _cut_srv3,
    "json3": _cut_json3,
}
