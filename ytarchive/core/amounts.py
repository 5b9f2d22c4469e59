"""Amounts as a person writes them: durations (seconds), dates, times of day, sizes (bytes) and shares."""

from __future__ import annotations

import re
from datetime import date

from ytarchive.core.kinds import Kind
from ytarchive.core.misread import Misread, near_miss, shown

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 7 * 86_400}
_DURATION = "(?:[0-9]{1,6}[smhdw]){1,5}"
LONGEST_SECONDS = 36_525 * 86_400
_UNIT_WORDS = {"sec": "s", "secs": "s", "second": "s", "seconds": "s", "min": "m", "mins": "m", "minute": "m"}
_UNIT_WORDS |= {"minutes": "m", "hour": "h", "hours": "h", "hr": "h", "hrs": "h", "day": "d", "days": "d"}
_UNIT_WORDS |= {"week": "w", "weeks": "w"}


def _seconds(text: str) -> int:
    if not re.fullmatch(_DURATION, text):
        raise ValueError
    total = sum(int(count) * _UNITS[unit] for count, unit in re.findall("([0-9]+)([smhdw])", text))
    if total > LONGEST_SECONDS:
        raise Misread(shown(text), "a duration of at most 100 years")
    return total


def _some_seconds(text: str) -> int:
    seconds = _seconds(text)
    if seconds == 0:
        raise ValueError
    return seconds


def _meant_duration(text: str) -> str | None:
    found = re.fullmatch("([0-9]{1,6}) ?([a-z]*)", text.strip().casefold())
    if not found:
        return None
    count = int(found[1])
    if not count:
        return None
    if not found[2]:
        return f"{count}s, {count}m, {count}h or {count}d"
    unit = _UNIT_WORDS.get(found[2], found[2])
    return f"{count}{unit}" if unit in _UNITS else None


DURATION = Kind(
    "a duration such as 90s, 6h, 30d or 1h30m",
    _some_seconds,
    {"type": "string", "pattern": f"^{_DURATION}$"},
    meant=_meant_duration,
)
DURATION_OR_0 = Kind(
    "a duration such as 5s, or 0",
    lambda text: 0 if text == "0" else _seconds(text),
    {"anyOf": [{"type": "string", "pattern": f"^{_DURATION}$"}, {"const": 0}]},
    meant=_meant_duration,
)


def _read_range(text: str) -> tuple[int | None, int | None]:
    least, dots, most = text.partition("..")
    if not dots or not (least or most):
        raise ValueError
    bounds = (_seconds(least) if least else None, _seconds(most) if most else None)
    if bounds[0] is not None and bounds[1] is not None and bounds[0] > bounds[1]:
        raise Misread(shown(text), "a range whose first duration is the shorter one")
    if bounds[1] == 0:
        raise Misread(shown(text), "a range that ends with some time", "nothing is that short")
    return bounds


def _meant_range(text: str) -> str | None:
    """Two durations with something else between."""
    found = re.fullmatch(rf"({_DURATION}) ?(?:-|–|…|\.{{3}}|to) ?({_DURATION})", text.strip())
    return f"{found[1]}..{found[2]}" if found else None


DURATION_RANGE = Kind(
    "a range of durations such as 2m..3h, 2m.. or ..3h",
    _read_range,
    {"type": "string", "pattern": rf"^({_DURATION})?\.\.({_DURATION})?$"},
    meant=_meant_range,
)


def _read_date(text: str) -> date:
    if not re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        raise ValueError
    return date.fromisoformat(text)


def _meant_date(text: str) -> str | None:
    """Of a year, a month, or a day with other marks between."""
    found = re.fullmatch("([0-9]{4})(?:[-/.]([0-9]{1,2})(?:[-/.]([0-9]{1,2}))?)?", text.strip())
    if not found:
        return None
    year, month, day = (int(number or 1) for number in found.groups())
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None


DATE = Kind(
    "a date such as 2020-01-31",
    _read_date,
    {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"},
    meant=_meant_date,
)

_CLOCK = "(?:[01][0-9]|2[0-3]):[0-5][0-9]"


def _read_window(text: str) -> str:
    if not re.fullmatch(f"{_CLOCK}-{_CLOCK}", text):
        raise ValueError
    return text


WINDOW = Kind(
    "a time of day such as 22:00-06:00",
    _read_window,
    {"type": "string", "pattern": f"^{_CLOCK}-{_CLOCK}$"},
)


_SIZES = {"B": 1, "kB": 1000, "KB": 1000, "MB": 1000**2, "GB": 1000**3, "TB": 1000**4}
_SIZES |= {"KiB": 1024, "MiB": 1024**2, "GiB": 1024**3, "TiB": 1024**4}
_SIZE = r"[0-9]{1,9}(?:\.[0-9]{1,3})? ?(?:[kKMGT]i?)?B"


def _read_size(text: str) -> int:
    if text == "0":
        return 0
    found = re.fullmatch(r"([0-9]{1,9}(?:\.[0-9]{1,3})?) ?([A-Za-z]+)", text)
    if not found or found[2] not in _SIZES:
        raise ValueError
    return int(float(found[1]) * _SIZES[found[2]])


def _meant_size(text: str) -> str | None:
    found = re.fullmatch(r"([0-9]{1,9}(?:\.[0-9]{1,3})?) ?([A-Za-z]*?)(?:/s|ps)?", text)
    if not found:
        return None
    unit = {"": "B", "k": "KiB", "m": "MiB", "g": "GiB", "t": "TiB"}.get(found[2].casefold())
    unit = unit or near_miss(found[2], _SIZES)
    return f"{found[1]}{unit}" if unit else None


SIZE = Kind(
    "a size such as 1GiB, 500MB, or 0",
    _read_size,
    {"anyOf": [{"type": "string", "pattern": f"^{_SIZE}$"}, {"const": 0}]},
    meant=_meant_size,
)


def _read_share(text: str) -> float:
    found = re.fullmatch(r"([0-9]{1,3}(?:\.[0-9]{1,3})?) ?%", text)
    if not found or float(found[1]) > 100:
        raise ValueError
    return float(found[1]) / 100


SHARE = Kind(
    "a share such as 10%", _read_share, {"type": "string", "pattern": r"^[0-9]{1,3}(\.[0-9]{1,3})? ?%$"}
)


def duration_text(seconds: int) -> str:
    """The shortest way to write a duration: `21600` gives `6h`, `5400` gives `1h30m`."""
    words = []
    for unit, length in reversed(_UNITS.items()):
        count, seconds = divmod(seconds, length)
        if count:
            words.append(f"{count}{unit}")
    return "".join(words) or "0s"
