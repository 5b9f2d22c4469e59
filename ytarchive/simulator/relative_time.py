"""Times as pages tell them: "3 years ago", rounded down.

The units are those that yt-dlp reads (`_RELATIVE_TIME_UNIT_MAP`). Days go up to 13 and weeks up to 4, as pages show;
that a month is a twelfth of a year and a year 365 days is assumed.
"""

from __future__ import annotations

from datetime import datetime

_DAY = 86_400
_UNITS = (
    ("year", 365 * _DAY, 365 * _DAY),
    ("month", 365 * _DAY // 12, 365 * _DAY // 12),
    ("week", 7 * _DAY, 14 * _DAY),
    ("day", _DAY, _DAY),
    ("hour", 3600, 3600),
    ("minute", 60, 60),
)


def ago(then: datetime, now: datetime) -> str:
    """Return how long ago something was; what lies ahead is "0 seconds ago"."""
    seconds = max(0, int((now - then).total_seconds()))
    for unit, size, smallest in _UNITS:
        if seconds >= smallest:
            return f"{counted(seconds // size, unit)} ago"
    return f"{counted(seconds, 'second')} ago"


def counted(number: int, noun: str) -> str:
    """Return "1 video" or "1,234 videos"."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
