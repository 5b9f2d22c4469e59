"""How times and foreign text are written for people in a terminal; amounts as everywhere (`core.words`)."""

from __future__ import annotations

from datetime import datetime

from ytarchive.core.text import printable
from ytarchive.core.words import count, countdown, size, span, speed

__all__ = ["LONGEST_LINE", "clean", "count", "countdown", "moment", "size", "span", "speed", "when"]

LONGEST_LINE = 2000


def moment(instant: int) -> str:
    """A time in the zone of this machine: `2026-11-23 14:05`."""
    return datetime.fromtimestamp(instant).astimezone().strftime("%Y-%m-%d %H:%M")


def when(instant: int, now: int) -> str:
    """`now`, `in 3 min (2026-11-23 14:05)`, `2 h ago (...)`."""
    distance = instant - now
    if abs(distance) < 1:
        return "now"
    relative = f"in {span(distance)}" if distance > 0 else f"{span(-distance)} ago"
    return f"{relative} ({moment(instant)})"


def clean(text: str) -> str:
    """Lines and their indentation stay; everything else that is no visible text goes."""
    return "\n".join(_clean_line(line) for line in text.split("\n"))


def _clean_line(line: str) -> str:
    words = line.lstrip(" ")
    return " " * (len(line) - len(words)) + printable(words, LONGEST_LINE)
