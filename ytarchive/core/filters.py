"""Filters: which videos of an entry's sources are wanted, from what is known of them and without any request.

`where` looks at one video, `keep` at all that passed; a pin is wanted whatever they say. What is not known yet
makes a video undecided, never excluded.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Literal, TypeAlias

from ytarchive.core.instant import DAY, Instant
from ytarchive.core.text import printable
from ytarchive.core.title_match import Title, first_found

if TYPE_CHECKING:
    from ytarchive.core.desired import Entry

VideoKind = Literal["videos", "shorts", "live"]
"""In the words of `include`. A stream is `live` before, during and after it runs."""
Choice = Literal["want", "skip", "only"]
Outcome = Literal["wanted", "excluded", "undecided"]


@dataclass(frozen=True, slots=True)
class Where:
    """What a video must be like; every rule must hold, one that is not set always does.

    `since` is the first day (UTC) and `until` the first day that is too late. `duration` in seconds, both ends
    included. `match` and `avoid` are plain words, or `/expression/` with an `i` behind it to ignore case. `running` is
    `live: skip` of the entry: a stream is left out for as long as YouTube has no recording of it.
    """

    since: date | None = None
    until: date | None = None
    duration: tuple[int | None, int | None] = (None, None)
    match: tuple[str, ...] = ()
    avoid: tuple[str, ...] = ()
    kinds: tuple[VideoKind, ...] = ()
    members_only: Literal["want", "skip"] = "want"
    live: Choice = "want"
    languages: tuple[str, ...] = ()
    running: Literal["want", "skip"] = "want"


@dataclass(frozen=True, slots=True)
class Keep:
    """How much of what passed is wanted: the newest `last`, and none older than `max_age_seconds`; both must hold."""

    last: int | None = None
    max_age_seconds: int | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a video that filters look at; None: not known.

    It was published at some time from `published_from` to `published_to`: the same instant when it is known exactly,
    a day when only the date is, years apart when a list says "3 years ago". `examined`: its own page was read, so
    what is still unknown is told nowhere, and excludes nothing.
    """

    video: str
    title: str | None = None
    duration_seconds: float | None = None
    published_from: Instant | None = None
    published_to: Instant | None = None
    kind: VideoKind | None = None
    live_status: str | None = None
    availability: str | None = None
    language: str | None = None
    examined: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether an entry wants a video. `rule` is the key that decided (`where.since`), with what was found in `why`."""

    outcome: Outcome
    rule: str | None = None
    why: str | None = None


WANTED = Verdict("wanted")
_Rule: TypeAlias = Callable[[Facts], "Verdict | None"]
"""One rule of a filter. None: it holds."""


def judge(where: Where, facts: Facts) -> Verdict:
    """Whether a filter lets one video pass; `keep` apart.

    A rule that excludes for sure wins over one that cannot decide yet. What an examined video does not tell
    excludes nothing.
    """
    return _judged(_rules(where), facts)


def judge_all(entry: Entry, members: Iterable[Facts], now: Instant) -> Iterator[tuple[str, Verdict]]:
    """The verdict on every member of an entry's sources, one by one; they come newest first, each video once.

    An undecided video holds its place among the newest `keep.last` until more is known, so that never more than
    that many are fetched. Pins are not asked here, nor whether the entry is suspended.
    """
    rules = _rules(entry.where)
    if entry.keep.max_age_seconds is not None:
        rules += (partial(_young, now - entry.keep.max_age_seconds),)
    last = entry.keep.last
    too_many = Verdict("excluded", "keep.last", f"not among the newest {last}")
    taken = 0
    for facts in members:
        verdict = _judged(rules, facts)
        if last is not None and verdict.outcome != "excluded":
            verdict = verdict if taken < last else too_many
            taken += 1
        yield facts.video, verdict


def expires_at(keep: Keep, facts: Facts, now: Instant) -> Instant | None:
    """When time alone changes next, after `now`, what `keep.max_age` says of a video; None: never."""
    if keep.max_age_seconds is None:
        return None
    bounds = [facts.published_to] if facts.examined else [facts.published_from, facts.published_to]
    ends = [bound + keep.max_age_seconds + 1 for bound in bounds if bound is not None]
    return min((end for end in ends if end > now), default=None)


def _judged(rules: tuple[_Rule, ...], facts: Facts) -> Verdict:
    undecided: Verdict | None = None
    for rule in rules:
        verdict = rule(facts)
        if verdict is None:
            continue
        if verdict.outcome == "excluded":
            return verdict
        undecided = undecided or verdict
    return WANTED if undecided is None or facts.examined else undecided


@lru_cache(maxsize=256)
def _rules(where: Where) -> tuple[_Rule, ...]:
    """The rules that are set, cheap ones first."""
    rules: list[_Rule] = []
    if where.kinds:
        rules.append(partial(_of_kinds, frozenset(where.kinds)))
    if where.live != "want":
        rules.append(partial(_stream, where.live == "only"))
    if where.running == "skip":
        rules.append(_recorded)
    if where.members_only == "skip":
        rules.append(_for_everybody)
    if where.since is not None:
        rules.append(partial(_since, _begin_of(where.since)))
    if where.until is not None:
        rules.append(partial(_until, _begin_of(where.until)))
    if where.duration != (None, None):
        rules.append(partial(_of_length, *where.duration))
    if where.languages:
        rules.append(partial(_spoken, tuple(language.casefold() for language in where.languages)))
    if where.match or where.avoid:
        rules.append(partial(_titled, where.match, where.avoid))
    return tuple(rules)


# --- what it is

_KINDS: frozenset[VideoKind] = frozenset({"videos", "shorts", "live"})
_RECORDED: frozenset[VideoKind] = _KINDS - {"live"}
_STREAMS: frozenset[VideoKind] = frozenset({"live"})
_CALLED = {"videos": "a video, neither short nor stream", "shorts": "a short", "live": "a stream"}
# What is announced may be a stream, or a premiere of an ordinary video.
_BY_LIVE_STATUS = {"is_live": _STREAMS, "post_live": _STREAMS, "was_live": _STREAMS, "not_live": _RECORDED}


def _possible_kinds(facts: Facts) -> frozenset[VideoKind]:
    if facts.kind is not None:
        return frozenset({facts.kind})
    return _BY_LIVE_STATUS.get(facts.live_status or "", _KINDS)


def _of_kinds(kinds: frozenset[VideoKind], facts: Facts) -> Verdict | None:
    return _one_of_kinds("where.kinds", kinds, facts)


def _stream(only: bool, facts: Facts) -> Verdict | None:
    return _one_of_kinds("where.live", _STREAMS if only else _RECORDED, facts)


_RUNS = {
    "is_upcoming": "a stream that has not begun",
    "is_live": "a stream that runs",
    "post_live": "a stream whose recording is not made yet",
}


def _recorded(facts: Facts) -> Verdict | None:
    """A premiere is no stream, and what is announced may be one. Nobody is asked for what is not known: the fetch tells."""
    if facts.kind in ("videos", "shorts") or (facts.live_status == "is_upcoming" and facts.kind is None):
        return None
    found = _RUNS.get(facts.live_status or "")
    return Verdict("excluded", "live", found) if found else None


def _one_of_kinds(rule: str, kinds: frozenset[VideoKind], facts: Facts) -> Verdict | None:
    possible = _possible_kinds(facts)
    if possible <= kinds:
        return None
    if possible & kinds:
        return Verdict("undecided", rule, "not known: whether it is a video, a short or a stream")
    found = _CALLED[next(iter(possible))] if len(possible) == 1 else "no stream"
    return Verdict("excluded", rule, found)


def _for_everybody(facts: Facts) -> Verdict | None:
    """What is not told is public: lists mark what is for members."""
    if facts.availability == "subscriber_only":
        return Verdict("excluded", "where.members_only", "for members of the channel")
    return None


# --- when it was published


def _begin_of(day: date) -> Instant:
    """The first second of a day, UTC."""
    return (day.toordinal() - _EPOCH) * DAY


def _since(begin: Instant, facts: Facts) -> Verdict | None:
    return _after("where.since", begin, facts)


def _young(oldest: Instant, facts: Facts) -> Verdict | None:
    return _after("keep.max_age", oldest, facts)


def _after(rule: str, begin: Instant, facts: Facts) -> Verdict | None:
    """It was published at that time or later."""
    if facts.published_to is not None and facts.published_to < begin:
        return Verdict("excluded", rule, _when(facts))
    if facts.published_from is not None and facts.published_from >= begin:
        return None
    return Verdict("undecided", rule, _when(facts))


def _until(end: Instant, facts: Facts) -> Verdict | None:
    """It was published before that time."""
    if facts.published_from is not None and facts.published_from >= end:
        return Verdict("excluded", "where.until", _when(facts))
    if facts.published_to is not None and facts.published_to < end:
        return None
    return Verdict("undecided", "where.until", _when(facts))


def _when(facts: Facts) -> str:
    first, last = facts.published_from, facts.published_to
    if first is None and last is None:
        return "not known: when it was published"
    if last is None:
        return f"published on {_day(first)} or later"
    if first is None:
        return f"published on {_day(last)} or earlier"
    return f"published {_day(first)}" + (f" to {_day(last)}" if _day(first) != _day(last) else "")


_EPOCH = date(1970, 1, 1).toordinal()


def _day(instant: Instant | None) -> str:
    ordinal = _EPOCH + (instant or 0) // DAY
    return date.fromordinal(min(max(ordinal, 1), date.max.toordinal())).isoformat()


# --- length, language, title


def _of_length(least: int | None, most: int | None, facts: Facts) -> Verdict | None:
    """In whole seconds, as people read them. YouTube says 0 of a stream that has not ended."""
    told = facts.duration_seconds
    if told is None or not math.isfinite(told) or told <= 0:
        return Verdict("undecided", "where.duration", "not known: how long it is")
    seconds = round(told)
    if (least is None or seconds >= least) and (most is None or seconds <= most):
        return None
    return Verdict("excluded", "where.duration", f"{_length(seconds)} long")


def _length(seconds: int) -> str:
    """`12 s`, `2:05`, `1:01:40`."""
    if seconds < 60:
        return f"{seconds} s"
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def _spoken(languages: tuple[str, ...], facts: Facts) -> Verdict | None:
    """`en` stands for `en-GB` too."""
    if not facts.language:
        return Verdict("undecided", "where.languages", "not known: its language")
    spoken = facts.language.casefold()
    if any(spoken == language or spoken.startswith(f"{language}-") for language in languages):
        return None
    return Verdict("excluded", "where.languages", f"its language is {printable(facts.language, 35)}")


def _titled(match: tuple[str, ...], avoid: tuple[str, ...], facts: Facts) -> Verdict | None:
    if facts.title is None:
        rule = "where.title.match" if match else "where.title.not"
        return Verdict("undecided", rule, "not known: its title")
    title = Title(facts.title)
    if match and first_found(match, title) is None:
        return Verdict("excluded", "where.title.match", "its title has none of these words")
    unwanted = first_found(avoid, title)
    return Verdict("excluded", "where.title.not", f"its title has {unwanted}") if unwanted else None
