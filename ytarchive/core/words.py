"""How amounts are told to people, in a terminal and on the page. Pure functions."""

from __future__ import annotations

_UNITS = ("kB", "MB", "GB", "TB", "PB")


def size(bytes_: float) -> str:
    """`999 B`, `1.2 kB`, `34 MB`: three significant digits at most, powers of 1000."""
    if bytes_ < 1000:
        return f"{int(bytes_)} B"
    value, power = bytes_ / 1000, 0
    while value >= 999.5 and power < len(_UNITS) - 1:
        value, power = value / 1000, power + 1
    unit = _UNITS[power]
    return f"{value:.1f} {unit}" if value < 9.95 else f"{value:,.0f} {unit}"


def speed(bytes_per_second: float) -> str:
    return f"{size(bytes_per_second)}/s"


def span(seconds: float) -> str:
    """`0.4 s`, `12 s`, `3 min`, `1 h 05 min`, `2 d 3 h`: two units at most."""
    if seconds < 10:
        return f"{seconds:.1f} s".replace(".0 s", " s")
    whole = round(seconds)
    if whole < 100:
        return f"{whole} s"
    minutes = round(whole / 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, rest = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {rest:02d} min" if rest else f"{hours} h"
    days, rest = divmod(round(minutes / 60), 24)
    return f"{days} d {rest} h" if rest and days < 10 else f"{days} d"


def countdown(seconds: float) -> str:
    """`0:07`, `12:30`, `1:02:03`: the time left, as a clock."""
    whole = max(0, round(seconds))
    hours, rest = divmod(whole, 3600)
    minutes, left = divmod(rest, 60)
    return f"{hours}:{minutes:02d}:{left:02d}" if hours else f"{minutes}:{left:02d}"


def count(number: int, singular: str, plural: str | None = None) -> str:
    """`1 video`, `2,300 videos`."""
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"
