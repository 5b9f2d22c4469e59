"""Templates, and how numbers, times and foreign text stand in them. Whatever is not `Markup` is escaped."""

from __future__ import annotations

import time
from datetime import datetime
from functools import cache
from typing import NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from ytarchive import __version__
from ytarchive.core.drift import MEANINGS
from ytarchive.core.plan import BUCKETS, Books
from ytarchive.core.plan_words import REASONS, VERBS
from ytarchive.core.text import printable
from ytarchive.core.words import count, size, span, speed

LONGEST_TEXT = 300
_LEAST_WIDTH = 0.8


class Segment(NamedTuple):
    """One colour of a bar that is 100 wide."""

    bucket: str
    x: float
    width: float


def draw(template: str, **values: object) -> str:
    """The HTML of one template; `now` is there in all of them."""
    return templates().get_template(template).render({"now": int(time.time()), **values})


@cache
def templates() -> Environment:
    environment = Environment(
        loader=PackageLoader("ytarchive.web.page"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        foreign=foreign,
        foreign_lines=foreign_lines,
        plain=plain,
        size=size,
        span=span,
        speed=speed,
        number=_number,
        when=when,
        day=_day,
        segments=segments,
    )
    environment.globals.update(
        count=count, REASONS=REASONS, VERBS=VERBS, DRIFTS=MEANINGS, BUCKETS=BUCKETS, version=__version__
    )
    return environment


def foreign(text: str | None, limit: int = LONGEST_TEXT) -> Markup:
    """Text that we did not write: one line, escaped, and apart from the direction of what stands around it."""
    return Markup("<bdi>{}</bdi>").format(printable(text or "", limit))


def plain(text: str) -> str:
    """The same where no element may stand: in a title, or in an attribute."""
    return printable(text, LONGEST_TEXT)


def foreign_lines(text: str, limit: int = 5000) -> str:
    """The same of more than one line, not escaped yet."""
    return "\n".join(printable(line, LONGEST_TEXT) for line in text[:limit].splitlines())


def when(instant: int, now: int) -> Markup:
    """How far away a time is, with the time itself for machines and for the pointer."""
    distance = instant - now
    told = (
        "now" if abs(distance) < 1 else f"in {span(distance)}" if distance > 0 else f"{span(-distance)} ago"
    )
    return _time(instant, told)


def segments(books: Books) -> tuple[Segment, ...]:
    """What of all that is wanted is where; what is little is drawn wide enough to be seen."""
    parts = [(bucket, getattr(books, bucket)) for bucket in BUCKETS if getattr(books, bucket) > 0]
    total = sum(number for _, number in parts)
    widths = [max(100 * number / total, _LEAST_WIDTH) for _, number in parts]
    scale = 100 / sum(widths) if widths else 1
    x, drawn = 0.0, []
    for (bucket, _), width in zip(parts, widths, strict=True):
        drawn.append(Segment(bucket, round(x, 3), round(width * scale, 3)))
        x += width * scale
    return tuple(drawn)


def _number(number: float) -> str:
    return f"{number:,.0f}"


def _day(instant: int) -> Markup:
    return _time(instant, datetime.fromtimestamp(instant).astimezone().strftime("%Y-%m-%d"))


def _time(instant: int, told: str) -> Markup:
    moment = datetime.fromtimestamp(instant).astimezone()
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        moment.isoformat(), moment.strftime("%Y-%m-%d %H:%M %Z"), escape(told)
    )
