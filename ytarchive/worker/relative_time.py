"""When something was published, as lists tell it: "3 years ago", "Streamed 2 weeks ago", "Premiered Nov 3, 2026".

YouTube counts whole units, from pages that may be some hours old, with months and years of its own making. The
bounds are wide enough for all of that: what lies between them is true, which of it is not known.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from ytarchive.core.instant import DAY, HOUR, MINUTE, Instant

Bounds = tuple[Instant, Instant]

_AGO = re.compile(
    r"\b(\d{1,4})\s*(s|secs?|seconds?|mins?|minutes?|hrs?|h|hours?|days?|d|wks?|w|weeks?|months?|mo|yrs?|y|years?)\s+ago\b"
)
_DATE = re.compile(r"\b(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.? (\d{1,2}), (\d{4})\b")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
# What is still to come was not published yet, whatever date is named.
_TO_COME = re.compile(r"\b(premieres|scheduled|upcoming|waiting)\b")

# The shortest and the longest that one unit lasts, and how far off the whole may be; seconds.
_UNITS: dict[str, tuple[int, int, int]] = {
    "s": (1, 1, HOUR),
    "mi": (MINUTE, MINUTE, HOUR),
    "h": (HOUR, HOUR, 3 * HOUR),
    "d": (DAY, DAY, DAY),
    "w": (7 * DAY, 7 * DAY, 2 * DAY),
    "mo": (30 * DAY, 30 * DAY + 12 * HOUR, 3 * DAY),
    "y": (365 * DAY, 366 * DAY, 10 * DAY),
}


def published_between(text: str, now: Instant) -> Bounds | None:
    """The first and the last instant at which it may have been published; None where the text does not tell."""
    lowered = text.lower()
    if _TO_COME.search(lowered):
        return None
    if ago := _AGO.search(lowered):
        return _ago(int(ago[1]), ago[2], now)
    if named := _DATE.search(lowered):
        return _day(int(named[3]), _MONTHS.index(named[1]) + 1, int(named[2]))
    return None


def _ago(count: int, unit: str, now: Instant) -> Bounds:
    """`count` whole units and less than one more have passed."""
    shortest, longest, slack = _UNITS[unit[:2] if unit[:2] in _UNITS else unit[:1]]
    return now - (count + 1) * longest - slack, now - count * shortest + slack


def _day(year: int, month: int, day: int) -> Bounds | None:
    """A day somewhere on earth."""
    try:
        begin = int(datetime(year, month, day, tzinfo=UTC).timestamp())
    except ValueError:
        return None
    return begin - 14 * HOUR, begin + DAY + 12 * HOUR - 1
