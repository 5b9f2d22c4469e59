"""What a filter says of a video, rule by rule, with what was found."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import count, islice

import pytest

from ytarchive.core.desired import Entry, Target
from ytarchive.core.filters import Facts, Keep, Outcome, Verdict, Where, expires_at, judge, judge_all
from ytarchive.core.instant import DAY, HOUR


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def published(first: str | None, last: str | None = None) -> Facts:
    """Published on a day, or some time between two."""
    last = last or first
    return Facts(
        "v",
        published_from=at(first) if first else None,
        published_to=at(f"{last}T23:59:59") if last else None,
    )


SINCE = Where(since=date(2020, 1, 1))
UNTIL = Where(until=date(2020, 1, 1))
LENGTH = Where(duration=(120, 3600))

SCENARIOS: list[tuple[Where, Facts, Outcome, str | None, str | None]] = [
    (Where(), Facts("v"), "wanted", None, None),
    # --- days; the first one is in, the one behind the last is out
    (SINCE, published("2020-01-01"), "wanted", None, None),
    (SINCE, published("2019-12-31"), "excluded", "where.since", "published 2019-12-31"),
    (
        SINCE,
        published("2018-06-01", "2019-06-01"),
        "excluded",
        "where.since",
        "published 2018-06-01 to 2019-06-01",
    ),
    (
        SINCE,
        published("2019-06-01", "2020-06-01"),
        "undecided",
        "where.since",
        "published 2019-06-01 to 2020-06-01",
    ),
    (SINCE, published(None), "undecided", "where.since", "not known: when it was published"),
    (
        SINCE,
        Facts("v", published_from=at("2019-01-01")),
        "undecided",
        "where.since",
        "published on 2019-01-01 or later",
    ),
    (
        SINCE,
        Facts("v", published_to=at("2021-01-01")),
        "undecided",
        "where.since",
        "published on 2021-01-01 or earlier",
    ),
    (SINCE, Facts("v", published_from=at("2020-01-01")), "wanted", None, None),
    (SINCE, Facts("v", published_to=at("2019-01-01")), "excluded", "where.since", None),
    (UNTIL, published("2019-12-31"), "wanted", None, None),
    (UNTIL, published("2020-01-01"), "excluded", "where.until", "published 2020-01-01"),
    (UNTIL, published("2019-12-31", "2020-01-01"), "undecided", "where.until", None),
    (UNTIL, Facts("v", published_to=at("2020-01-01")), "undecided", "where.until", None),
    (UNTIL, Facts("v", published_from=at("2020-01-01")), "excluded", "where.until", None),
    (UNTIL, Facts("v", published_to=at("2019-12-31")), "wanted", None, None),
    (UNTIL, Facts("v"), "undecided", "where.until", None),
    # --- length; both ends are in, in whole seconds
    (LENGTH, Facts("v", duration_seconds=12), "excluded", "where.duration", "12 s long"),
    (LENGTH, Facts("v", duration_seconds=119.4), "excluded", "where.duration", "1:59 long"),
    (LENGTH, Facts("v", duration_seconds=119.6), "wanted", None, None),
    (LENGTH, Facts("v", duration_seconds=120), "wanted", None, None),
    (LENGTH, Facts("v", duration_seconds=3600), "wanted", None, None),
    (LENGTH, Facts("v", duration_seconds=3700), "excluded", "where.duration", "1:01:40 long"),
    (Where(duration=(None, 60)), Facts("v", duration_seconds=61), "excluded", "where.duration", "1:01 long"),
    (Where(duration=(60, None)), Facts("v", duration_seconds=1e9), "wanted", None, None),
    (LENGTH, Facts("v"), "undecided", "where.duration", "not known: how long it is"),
    (LENGTH, Facts("v", duration_seconds=0), "undecided", "where.duration", None),
    (LENGTH, Facts("v", duration_seconds=float("nan")), "undecided", "where.duration", None),
    (LENGTH, Facts("v", duration_seconds=float("inf")), "undecided", "where.duration", None),
    # --- kinds and streams
    (Where(kinds=("videos",)), Facts("v", kind="shorts"), "excluded", "where.kinds", "a short"),
    (Where(kinds=("videos", "shorts")), Facts("v", kind="shorts"), "wanted", None, None),
    (Where(kinds=("videos", "shorts")), Facts("v", live_status="not_live"), "wanted", None, None),
    (Where(kinds=("videos",)), Facts("v", live_status="not_live"), "undecided", "where.kinds", None),
    (Where(kinds=("live",)), Facts("v", live_status="not_live"), "excluded", "where.kinds", "no stream"),
    (
        Where(kinds=("live",)),
        Facts("v", kind="videos"),
        "excluded",
        "where.kinds",
        "a video, neither short nor stream",
    ),
    (Where(kinds=("shorts",)), Facts("v", live_status="was_live"), "excluded", "where.kinds", "a stream"),
    (
        Where(kinds=("shorts",)),
        Facts("v"),
        "undecided",
        "where.kinds",
        "not known: whether it is a video, a short or a stream",
    ),
    (Where(kinds=("videos", "shorts", "live")), Facts("v"), "wanted", None, None),
    (Where(live="skip"), Facts("v", kind="live"), "excluded", "where.live", "a stream"),
    (Where(live="skip"), Facts("v", live_status="is_live"), "excluded", "where.live", "a stream"),
    (Where(live="skip"), Facts("v", live_status="not_live"), "wanted", None, None),
    (Where(live="skip"), Facts("v", kind="videos", live_status="is_upcoming"), "wanted", None, None),
    (Where(live="skip"), Facts("v", live_status="is_upcoming"), "undecided", "where.live", None),
    (Where(live="only"), Facts("v", live_status="post_live"), "wanted", None, None),
    (Where(live="only"), Facts("v", live_status="not_live"), "excluded", "where.live", "no stream"),
    (Where(live="only"), Facts("v", kind="shorts"), "excluded", "where.live", "a short"),
    (Where(live="only"), Facts("v"), "undecided", "where.live", None),
    (Where(running="skip"), Facts("v"), "wanted", None, None),
    (Where(running="skip"), Facts("v", live_status="is_live"), "excluded", "live", "a stream that runs"),
    (
        Where(running="skip"),
        Facts("v", kind="live", live_status="is_upcoming"),
        "excluded",
        "live",
        "a stream that has not begun",
    ),
    (
        Where(running="skip"),
        Facts("v", live_status="post_live"),
        "excluded",
        "live",
        "a stream whose recording is not made yet",
    ),
    (Where(running="skip"), Facts("v", live_status="is_upcoming"), "wanted", None, None),
    (Where(running="skip"), Facts("v", kind="videos", live_status="is_live"), "wanted", None, None),
    (Where(running="skip"), Facts("v", kind="live", live_status="was_live"), "wanted", None, None),
    (Where(running="skip"), Facts("v", kind="live"), "wanted", None, None),
    # --- members; what is not told is public
    (
        Where(members_only="skip"),
        Facts("v", availability="subscriber_only"),
        "excluded",
        "where.members_only",
        "for members of the channel",
    ),
    (Where(members_only="skip"), Facts("v", availability="unlisted"), "wanted", None, None),
    (Where(members_only="skip"), Facts("v"), "wanted", None, None),
    (Where(), Facts("v", availability="subscriber_only"), "wanted", None, None),
    # --- languages
    (Where(languages=("en",)), Facts("v", language="en-GB"), "wanted", None, None),
    (Where(languages=("en", "zh-Hans")), Facts("v", language="ZH-hans-CN"), "wanted", None, None),
    (
        Where(languages=("en",)),
        Facts("v", language="eng"),
        "excluded",
        "where.languages",
        "its language is eng",
    ),
    (Where(languages=("en-GB",)), Facts("v", language="en"), "excluded", "where.languages", None),
    (Where(languages=("en",)), Facts("v"), "undecided", "where.languages", "not known: its language"),
    (Where(languages=("en",)), Facts("v", language=""), "undecided", "where.languages", None),
    # --- titles
    (Where(match=("physics", "maths")), Facts("v", title="Physics!"), "wanted", None, None),
    (
        Where(match=("physics",)),
        Facts("v", title="Cats"),
        "excluded",
        "where.title.match",
        "its title has none of these words",
    ),
    (
        Where(avoid=("trailer", "/part [0-9]/i")),
        Facts("v", title="Film PART 3"),
        "excluded",
        "where.title.not",
        "its title has /part [0-9]/i",
    ),
    (Where(match=("a",), avoid=("b",)), Facts("v", title="a b"), "excluded", "where.title.not", None),
    (Where(match=("a",), avoid=("b",)), Facts("v", title="a c"), "wanted", None, None),
    (Where(match=("a",), avoid=("b",)), Facts("v"), "undecided", "where.title.match", "not known: its title"),
    (Where(avoid=("b",)), Facts("v"), "undecided", "where.title.not", None),
    # --- together: what excludes for sure wins, wherever it stands
    (replace(SINCE, match=("a",)), Facts("v", title="b"), "excluded", "where.title.match", None),
    (replace(LENGTH, since=date(2020, 1, 1)), published("2019-01-01"), "excluded", "where.since", None),
    (
        replace(LENGTH, since=date(2020, 1, 1)),
        Facts("v", duration_seconds=1),
        "excluded",
        "where.duration",
        None,
    ),
    (replace(LENGTH, since=date(2020, 1, 1)), Facts("v"), "undecided", "where.since", None),
    # --- a page that was read and does not say it
    (LENGTH, Facts("v", examined=True), "wanted", None, None),
    (LENGTH, Facts("v", duration_seconds=1, examined=True), "excluded", "where.duration", None),
]


@pytest.mark.parametrize(("where", "facts", "outcome", "rule", "why"), SCENARIOS)
def test_a_video_is_judged_by_what_is_known_of_it(
    where: Where, facts: Facts, outcome: Outcome, rule: str | None, why: str | None
) -> None:
    verdict = judge(where, facts)
    assert (verdict.outcome, verdict.rule) == (outcome, rule)
    assert why is None or verdict.why == why
    assert (verdict.why is None) == (outcome == "wanted")


@pytest.mark.parametrize("instant", [-(10**18), 10**18])
def test_a_time_beyond_the_calendar_has_a_last_day(instant: int) -> None:
    verdict = judge(
        Where(since=date.max, until=date.min), Facts("v", published_from=instant, published_to=instant)
    )
    assert verdict.why in {"published 0001-01-01", "published 9999-12-31"}


def test_the_days_of_a_filter_are_those_of_utc() -> None:
    assert judge(SINCE, Facts("v", published_from=1577836800, published_to=1577836800)).outcome == "wanted"
    assert judge(SINCE, Facts("v", published_from=1577836799, published_to=1577836799)).outcome == "excluded"


# --- keep


def entry(where: Where | None = None, **keep: int) -> Entry:
    return Entry("x", "playlist", "PLx", Target(), where=where or Where(), keep=Keep(**keep))


def outcomes(entry: Entry, members: list[Facts], now: int = 0) -> str:
    """One letter a member: wanted, excluded, undecided."""
    return "".join(verdict.outcome[0] for _, verdict in judge_all(entry, members, now))


LONG, SHORT, UNKNOWN = Facts("l", duration_seconds=300), Facts("s", duration_seconds=3), Facts("u")


def test_without_keep_every_member_is_judged_alone_in_its_order() -> None:
    verdicts = list(judge_all(entry(LENGTH), [UNKNOWN, SHORT, LONG], 0))
    assert verdicts == [(facts.video, judge(LENGTH, facts)) for facts in (UNKNOWN, SHORT, LONG)]


def test_the_newest_of_what_passed_are_kept() -> None:
    members = [SHORT, LONG, SHORT, LONG, LONG, SHORT]
    assert outcomes(entry(LENGTH, last=2), members) == "ewewee"
    rules = [verdict.rule for _, verdict in judge_all(entry(LENGTH, last=2), members, 0)]
    assert rules == ["where.duration", None, "where.duration", None, "keep.last", "where.duration"]
    *_, (_, last) = judge_all(entry(last=3), [LONG] * 4, 0)
    assert last == Verdict("excluded", "keep.last", "not among the newest 3")


def test_an_undecided_video_holds_its_place_until_more_is_known() -> None:
    assert outcomes(entry(LENGTH, last=2), [UNKNOWN, LONG, LONG, UNKNOWN]) == "uwee"
    assert outcomes(entry(LENGTH, last=2), [SHORT, LONG, LONG, UNKNOWN]) == "ewwe"
    assert outcomes(entry(LENGTH, last=2), [LONG, LONG, LONG, UNKNOWN]) == "wwee"


def test_what_is_too_old_takes_no_place() -> None:
    old, young, vague = (
        Facts(name, published_from=first, published_to=last)
        for name, first, last in (("o", 0, 0), ("y", DAY, DAY), ("v", 0, 2 * DAY))
    )
    kept = entry(last=1, max_age_seconds=DAY)
    assert outcomes(kept, [old, young, young], now=2 * DAY) == "ewe"
    assert outcomes(kept, [vague, young], now=2 * DAY) == "ue"
    (verdict,) = (verdict for _, verdict in judge_all(kept, [old], 2 * DAY))
    assert verdict == Verdict("excluded", "keep.max_age", "published 1970-01-01")
    assert outcomes(kept, [replace(vague, examined=True), young], now=2 * DAY) == "we"


def test_a_million_members_are_judged_one_by_one() -> None:
    endless = (Facts(str(number)) for number in count())
    found = list(islice(judge_all(entry(last=2), endless, 0), 4))
    assert [verdict.outcome for _, verdict in found] == ["wanted", "wanted", "excluded", "excluded"]
    assert next(endless).video == "4"


def test_pins_and_suspension_are_not_asked_here() -> None:
    pinned = replace(entry(LENGTH), pins=("s",), suspend=True)
    assert outcomes(pinned, [SHORT, LONG]) == "ew"


@pytest.mark.parametrize(
    ("facts", "now", "expected"),
    [
        (Facts("v", published_from=100, published_to=100), 0, 100 + HOUR + 1),
        (Facts("v", published_from=100, published_to=100), 100 + HOUR, 100 + HOUR + 1),
        (Facts("v", published_from=100, published_to=100), 100 + HOUR + 1, None),
        (Facts("v", published_from=100, published_to=900), 0, 100 + HOUR + 1),
        (Facts("v", published_from=100, published_to=900), 200 + HOUR, 900 + HOUR + 1),
        (Facts("v", published_from=100, published_to=900, examined=True), 0, 900 + HOUR + 1),
        (Facts("v", published_from=100, examined=True), 0, None),
        (Facts("v"), 0, None),
    ],
)
def test_a_video_grows_too_old_at_a_known_time(facts: Facts, now: int, expected: int | None) -> None:
    assert expires_at(Keep(max_age_seconds=HOUR), facts, now) == expected
    assert expires_at(Keep(last=3), facts, now) is None
