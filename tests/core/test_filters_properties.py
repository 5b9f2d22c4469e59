"""Laws of filters: no rule is before another, knowledge never unsettles, and `keep` never keeps more."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ytarchive.core.codec import decode, encode
from ytarchive.core.desired import Entry, Target
from ytarchive.core.filters import Facts, Keep, Outcome, Where, expires_at, judge, judge_all

patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

# Few values, near each other, so that rules meet what they are about.
DAYS = st.sampled_from([date(1970, 1, day) for day in range(1, 8)])
INSTANTS = st.integers(-86_400, 8 * 86_400)
TITLES = st.lists(st.sampled_from(["cat", "Dog", "猫", "part 3"]), max_size=4).map(" ".join)
TERMS = st.lists(st.sampled_from(["cat", "dog", "猫", "/part [0-9]/i", "/^C/"]), max_size=3, unique=True).map(
    tuple
)
KINDS = st.sampled_from(["videos", "shorts", "live"])
STATUSES = st.sampled_from(["is_live", "post_live", "was_live", "not_live", "is_upcoming", "strange"])
LANGUAGES = st.sampled_from(["en", "en-GB", "de", "zh-Hans"])
LENGTHS = st.floats(0.6, 400)

wheres = st.builds(
    Where,
    since=st.none() | DAYS,
    until=st.none() | DAYS,
    duration=st.tuples(st.none() | st.integers(0, 100), st.none() | st.integers(100, 300)),
    match=TERMS,
    avoid=TERMS,
    kinds=st.lists(KINDS, max_size=3, unique=True).map(tuple),
    members_only=st.sampled_from(["want", "skip"]),
    live=st.sampled_from(["want", "skip", "only"]),
    languages=st.lists(LANGUAGES, max_size=2, unique=True).map(tuple),
)
bounds = st.tuples(st.none() | INSTANTS, st.none() | INSTANTS).map(
    lambda pair: (min(pair), max(pair)) if None not in pair else pair  # type: ignore[type-var]
)


@st.composite
def facts(draw: Any) -> Facts:
    first, last = draw(bounds)
    return Facts(
        draw(st.uuids().map(str)),
        title=draw(st.none() | TITLES),
        duration_seconds=draw(st.none() | LENGTHS),
        published_from=first,
        published_to=last,
        kind=draw(st.none() | KINDS),
        live_status=draw(st.none() | STATUSES),
        availability=draw(st.none() | st.sampled_from(["public", "subscriber_only"])),
        language=draw(st.none() | LANGUAGES),
        examined=draw(st.booleans()),
    )


@st.composite
def learned(draw: Any, before: Facts) -> Facts:
    """The same video with more known of it, and nothing that denies what was known."""
    first = before.published_from if before.published_from is not None else -86_400
    last = before.published_to if before.published_to is not None else max(first, 8 * 86_400)
    low, high = sorted((draw(st.integers(min(first, last), last)), draw(st.integers(min(first, last), last))))
    narrower = draw(st.booleans())
    after = replace(
        before,
        title=before.title if before.title is not None else draw(st.none() | TITLES),
        duration_seconds=before.duration_seconds or draw(st.none() | LENGTHS),
        published_from=low if narrower else before.published_from,
        published_to=high if narrower else before.published_to,
        language=before.language or draw(st.none() | LANGUAGES),
        examined=before.examined or draw(st.booleans()),
    )
    if before.kind is None:
        is_stream = {"is_live": True, "post_live": True, "was_live": True, "not_live": False}.get(
            before.live_status or ""
        )
        kinds = {True: ["live"], False: ["videos", "shorts"], None: ["videos", "shorts", "live"]}[is_stream]
        after = replace(after, kind=draw(st.none() | st.sampled_from(kinds)))
    return after


def strongest(outcomes: list[Outcome]) -> Outcome:
    order: list[Outcome] = ["excluded", "undecided", "wanted"]
    return next((outcome for outcome in order if outcome in outcomes), "wanted")


@patient
@given(wheres, facts())
def test_the_verdict_is_the_strongest_that_any_rule_alone_would_give(where: Where, facts: Facts) -> None:
    alone = [
        judge(replace(Where(), **{field.name: getattr(where, field.name)}), facts) for field in fields(Where)
    ]
    verdict = judge(where, facts)
    assert verdict.outcome == strongest([one.outcome for one in alone])
    assert verdict.outcome == "wanted" or verdict in [one for one in alone if one.outcome == verdict.outcome]


@patient
@given(wheres, facts(), st.randoms(use_true_random=False))
def test_the_order_of_words_kinds_and_languages_does_not_matter(
    where: Where, facts: Facts, random: Any
) -> None:
    def mixed(items: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(random.sample(items, len(items)))

    other = replace(
        where,
        match=mixed(where.match),
        avoid=mixed(where.avoid),
        kinds=mixed(where.kinds),
        languages=mixed(where.languages),
    )
    one, two = judge(where, facts), judge(other, facts)
    assert (one.outcome, one.rule) == (two.outcome, two.rule)


@patient
@given(wheres, facts())
def test_with_everything_known_or_examined_nothing_is_undecided(where: Where, facts: Facts) -> None:
    told = replace(
        facts,
        title=facts.title or "",
        duration_seconds=facts.duration_seconds or 1,
        published_from=facts.published_from or 0,
        published_to=facts.published_from or 0,
        kind=facts.kind or "videos",
        language=facts.language or "en",
    )
    assert judge(where, replace(told, examined=False)).outcome != "undecided"
    assert judge(where, replace(facts, examined=True)).outcome != "undecided"


@patient
@given(st.data(), wheres, facts())
def test_what_is_decided_stays_decided_when_more_is_known(data: Any, where: Where, before: Facts) -> None:
    after = data.draw(learned(before))
    one, two = judge(where, before), judge(where, after)
    if one.outcome == "excluded":
        assert two.outcome == "excluded"
    if one.outcome == "wanted" and not before.examined:
        assert two.outcome == "wanted"


anything = st.none() | st.integers(-(10**20), 10**20)


@patient
@given(
    wheres,
    st.builds(
        Facts,
        video=st.text(max_size=5),
        title=st.none() | st.text(st.characters(exclude_categories=())),
        duration_seconds=st.none() | st.floats(),
        published_from=anything,
        published_to=anything,
        kind=st.none() | KINDS,
        live_status=st.none() | st.text(max_size=5),
        availability=st.none() | st.text(max_size=5),
        language=st.none() | st.text(max_size=5),
        examined=st.booleans(),
    ),
)
def test_every_video_has_a_verdict_whatever_is_told_of_it(where: Where, facts: Facts) -> None:
    verdict = judge(where, facts)
    assert (verdict.outcome == "wanted") == (verdict.rule is None) == (verdict.why is None)


keeps = st.builds(
    Keep, last=st.none() | st.integers(1, 5), max_age_seconds=st.none() | st.integers(1, 3 * 86_400)
)


def entry_of(where: Where, keep: Keep) -> Entry:
    return Entry("x", "playlist", "PLx", Target(), where=where, keep=keep)


@patient
@given(wheres, keeps, st.lists(facts(), max_size=12), INSTANTS)
def test_keep_takes_the_newest_and_never_more(
    where: Where, keep: Keep, members: list[Facts], now: int
) -> None:
    verdicts = list(judge_all(entry_of(where, keep), members, now))
    without_last = list(judge_all(entry_of(where, replace(keep, last=None)), members, now))
    assert [video for video, _ in verdicts] == [facts.video for facts in members]
    passed = [video for video, verdict in without_last if verdict.outcome != "excluded"]
    kept = [video for video, verdict in verdicts if verdict.outcome != "excluded"]
    assert kept == (passed if keep.last is None else passed[: keep.last])
    for (_, verdict), (_, before) in zip(verdicts, without_last, strict=True):
        assert verdict == before or (verdict.rule == "keep.last" and before.outcome != "excluded")


@patient
@given(wheres, facts(), st.integers(1, 3 * 86_400), INSTANTS, INSTANTS)
def test_between_now_and_the_time_that_is_told_nothing_changes(
    where: Where, facts: Facts, age: int, now: int, later: int
) -> None:
    keep = Keep(max_age_seconds=age)
    until = expires_at(keep, facts, now)

    def outcome(where: Where, instant: int) -> Outcome:
        ((_, verdict),) = judge_all(entry_of(where, keep), [facts], instant)
        return verdict.outcome

    if until is not None:
        assert until > now
        assert outcome(where, until - 1) == outcome(where, now)
        assert outcome(Where(), until) != outcome(Where(), now)
    elif later > now:
        assert outcome(where, later) == outcome(where, now)


@given(wheres)
def test_a_filter_survives_its_json(where: Where) -> None:
    assert decode(Where, encode(where)) == where
