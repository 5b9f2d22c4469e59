"""Whose word takes an item away, what protects it, and when a person is asked: every rule, and their laws."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ytarchive.core.instant import DAY
from ytarchive.core.removal import Cause, Held, Hold, Holding, Left, Removals, digest_of
from ytarchive.core.removal_policies import Policies, most_careful
from ytarchive.core.removal_rules import (
    ANSWER_HOLDS_SECONDS,
    MANUAL,
    Circumstances,
    plan_removals,
    removal_of,
)

NOW = 1_790_000_000
DELETE = Policies("delete", "delete", "delete", "respect")
QUARANTINE = Policies("quarantine", "quarantine", "quarantine", "restore")
KEEP = Policies("keep", "keep", "keep", "restore")
AROUND = Circumstances({"a": DELETE, "b": QUARANTINE, "c": KEEP}, KEEP, items=1000, now=NOW)
LEFT = Left("a", "PL-a", NOW - DAY)
UNWANTED = Holding("v", left_out=("a",), is_listed=True)
GONE = Holding("v", left=(LEFT,), answered_at=NOW - DAY)


def test_what_is_not_said_the_settings_say() -> None:
    settings = Policies("quarantine", "keep", "delete", "respect")
    assert Policies().over(settings) == settings
    assert Policies(when_unwanted="keep").over(settings).when_unwanted == "keep"
    assert (Policies().may_remove, KEEP.may_remove, settings.may_remove) == (False, False, True)


def test_the_most_careful_word_counts() -> None:
    assert most_careful(["delete", "quarantine"]) == "quarantine"
    assert most_careful(["delete", None]) == "keep"
    assert most_careful([]) == "keep"


@pytest.mark.parametrize(
    ("holding", "how", "cause"),
    [
        (UNWANTED, "delete", Cause.UNWANTED),
        (replace(UNWANTED, left_out=("a", "b")), "quarantine", Cause.UNWANTED),
        (replace(UNWANTED, left_out=("a", "c")), None, None),
        (replace(UNWANTED, doubtful=("b",)), None, None),
        (replace(UNWANTED, wanting=("b",)), None, None),
        (replace(UNWANTED, wanting=(MANUAL,), confirmed=True, gone="REMOVED"), None, None),
        (GONE, "delete", Cause.REMOVED_FROM_SOURCE),
        (replace(GONE, left=(LEFT, Left("b", "PL-b", NOW))), "quarantine", Cause.REMOVED_FROM_SOURCE),
        (replace(GONE, left_out=("a",), left=(Left("a", "PL-x", NOW),)), "delete", Cause.UNWANTED),
        (Holding("v", wanting=("b",), gone="PRIVATE", confirmed=True), "quarantine", Cause.UNAVAILABLE),
        (
            Holding("v", wanting=("b",), left=(LEFT,), gone="PRIVATE", confirmed=True),
            "quarantine",
            Cause.UNAVAILABLE,
        ),
        (replace(GONE, left=(Left("b", "videos:b", NOW),)), "quarantine", Cause.UNWANTED),
        (Holding("v"), None, None),
    ],
)
def test_every_entry_with_a_word_is_heard(holding: Holding, how: str | None, cause: Cause | None) -> None:
    removal = removal_of(holding, AROUND)
    assert (removal.how if removal else None, removal.cause if removal else None) == (how, cause)


def test_what_no_entry_wants_any_more_follows_the_settings_and_what_none_ever_wanted_stays() -> None:
    around = replace(AROUND, settings=DELETE)
    removal = removal_of(Holding("v"), around)
    assert removal is not None
    assert (removal.cause, removal.entries) == (Cause.NO_ENTRY, ())
    assert removal_of(Holding("v", is_ours=False), around) is None


def test_a_suspended_entry_takes_nothing_away() -> None:
    around = replace(AROUND, suspended=frozenset({"a"}))
    assert removal_of(UNWANTED, around) is None
    assert removal_of(GONE, around) is None


@pytest.mark.parametrize(
    ("holding", "changes", "hold"),
    [
        (replace(UNWANTED, running=True), {}, Hold.RUNNING),
        (replace(UNWANTED, gone="REMOVED"), {}, Hold.ONLY_COPY),
        (replace(UNWANTED, gone="REMOVED"), {"even_last_copies": True}, None),
        (replace(UNWANTED, is_listed=False), {}, Hold.UNASKED),
        (replace(UNWANTED, is_listed=False), {"even_last_copies": True}, None),
        (replace(UNWANTED, is_listed=False, is_confirmed=True), {}, Hold.UNASKED),
        (UNWANTED, {"troubles": {"a": "short"}}, None),
        (UNWANTED, {"troubles": {"b": "partial"}}, None),
        (UNWANTED, {"troubles": {"a": "partial"}}, Hold.LISTING),
        (UNWANTED, {"troubles": {"a": "shrunken"}}, Hold.LISTING),
        (UNWANTED, {"troubles": {"a": "failing"}}, None),
        (GONE, {}, None),
        (GONE, {"troubles": {"a": "short"}}, Hold.LISTING),
        (GONE, {"troubles": {"a": "failing"}}, Hold.LISTING),
        (replace(GONE, answered_at=NOW - ANSWER_HOLDS_SECONDS - 1), {}, Hold.UNASKED),
        (replace(GONE, answered_at=NOW + 1), {}, Hold.UNASKED),
        (Holding("v", is_listed=True), {"settings": DELETE, "gone_files": ("x.yaml",)}, Hold.MANIFEST_GONE),
        (
            Holding("v", is_listed=True, is_confirmed=True),
            {"settings": DELETE, "gone_files": ("x.yaml",)},
            None,
        ),
        (UNWANTED, {"gone_files": ("x.yaml",)}, None),
    ],
)
def test_what_protects_an_item(holding: Holding, changes: dict[str, object], hold: Hold | None) -> None:
    removals = plan_removals([holding], replace(AROUND, **changes))  # type: ignore[arg-type]
    assert [held.code for held in removals.held] == ([hold] if hold else [])
    assert [one.video for one in removals.now] == ([] if hold else ["v"])
    assert all("1 item" in held.what and held.videos == ("v",) for held in removals.held)
    assert removals.unasked == (("v",) if hold is Hold.UNASKED else ())
    assert removals.needs_person == (hold is Hold.MANIFEST_GONE)


def several(number: int, template: Holding = UNWANTED) -> list[Holding]:
    return [replace(template, video=f"v{one:04}") for one in range(number)]


@pytest.mark.parametrize(("items", "goes"), [(5, 3), (30, 3), (100, 10), (1000, 100)])
def test_the_guard_lets_a_share_pass_and_a_handful_in_any_case(items: int, goes: int) -> None:
    around = replace(AROUND, items=items)
    assert len(plan_removals(several(goes), around).now) == goes
    held = plan_removals(several(goes + 1), around)
    assert (held.now, len(held.waiting), held.digest) == ((), goes + 1, digest_of(held.waiting))
    assert [one.code for one in held.held] == [Hold.GUARD]
    assert "archive.guard 10%" in held.held[0].what


@pytest.mark.parametrize(
    ("number", "held", "goes"), [(2, 0, True), (3, 3, True), (3, 2, False), (4, 1, False)]
)
def test_a_list_that_lost_more_than_it_has_is_asked_about(number: int, held: int, goes: bool) -> None:
    around = replace(AROUND, held={"PL-a": held})
    leaving = several(number, replace(GONE, answered_at=None))
    leaving += [replace(one, video=f"b{one.video}", left=(Left("a", "PL-b", NOW),)) for one in leaving[:2]]
    removals = plan_removals(leaving, around)
    assert [one.code for one in removals.held] == [Hold.UNASKED] + ([] if goes else [Hold.HALVED])
    assert len(removals.waiting) == (0 if goes else number)
    assert len(removals.unasked) == 2 + (number if goes else 0)
    told = [replace(one, is_confirmed=True, answered_at=NOW) for one in leaving]
    assert len(plan_removals(told, around).now) == number + 2


def test_what_a_person_confirmed_goes_and_counts_no_more() -> None:
    around = replace(AROUND, items=10)
    confirmed = several(8, replace(UNWANTED, is_confirmed=True))
    more = [replace(UNWANTED, video=f"w{one}") for one in range(3)]
    assert len(plan_removals([*confirmed, *more], around).now) == 11
    most = plan_removals([*confirmed, *more, replace(UNWANTED, video="x")], around)
    assert (len(most.now), len(most.waiting)) == (8, 4)


def test_what_is_not_asked_about_counts_for_the_guard() -> None:
    unasked = several(4, replace(UNWANTED, is_listed=False))
    removals = plan_removals(unasked, replace(AROUND, items=10))
    assert [one.code for one in removals.held] == [Hold.GUARD]
    assert removals.unasked == ()


def test_an_obstacle_keeps_everything_and_says_so_where_it_matters() -> None:
    invalid, empty = Held(Hold.MANIFESTS_INVALID, "broken"), Held(Hold.MANIFESTS_EMPTY, "empty")
    shrunken = Held(Hold.SHRUNKEN, "shrunken")
    around = replace(AROUND, obstacles=(invalid, empty), notices=(shrunken,))
    removals = plan_removals([UNWANTED, replace(UNWANTED, video="w", running=True)], around)
    assert removals.now == removals.waiting == ()
    assert [(held.code, held.count) for held in removals.held] == [
        (Hold.MANIFESTS_INVALID, 2),
        (Hold.MANIFESTS_EMPTY, 2),
        (Hold.SHRUNKEN, 0),
    ]
    assert plan_removals([], around).held == (shrunken,)
    loud = replace(around, loud=frozenset({Hold.MANIFESTS_EMPTY}))
    assert [held.code for held in plan_removals([], loud).held] == [Hold.MANIFESTS_EMPTY, Hold.SHRUNKEN]


def test_missing_items_need_a_person() -> None:
    assert Removals(held=(Held(Hold.MISSING, "gone"),)).needs_person
    assert not Removals(held=(Held(Hold.ONLY_COPY, "kept"),)).needs_person


entries = st.lists(st.sampled_from("abc"), unique=True, max_size=3).map(tuple)
holdings = st.builds(
    Holding,
    video=st.uuids().map(str),
    wanting=entries,
    doubtful=st.lists(st.sampled_from("abc"), max_size=1).map(tuple),
    left_out=entries,
    left=st.lists(st.builds(Left, st.sampled_from("abc"), st.just("PL"), st.just(NOW)), max_size=2).map(
        tuple
    ),
    gone=st.sampled_from([None, "REMOVED"]),
    confirmed=st.booleans(),
    running=st.booleans(),
    is_listed=st.booleans(),
    answered_at=st.sampled_from([None, NOW]),
    is_ours=st.booleans(),
    is_confirmed=st.booleans(),
)
circumstances = st.builds(
    Circumstances,
    policies=st.fixed_dictionaries(dict.fromkeys("abc", st.sampled_from([DELETE, QUARANTINE, KEEP]))),
    settings=st.sampled_from([DELETE, QUARANTINE, KEEP]),
    suspended=st.frozensets(st.sampled_from("abc"), max_size=1),
    troubles=st.dictionaries(st.sampled_from("abc"), st.sampled_from(["partial", "short", "shrunken"])),
    gone_files=st.sampled_from([(), ("x.yaml",)]),
    held=st.sampled_from([{}, {"PL": 2}]),
    items=st.integers(0, 100),
    now=st.just(NOW),
)


@given(st.lists(holdings, max_size=12, unique_by=lambda one: one.video), circumstances)
def test_laws_of_taking_away(held: list[Holding], around: Circumstances) -> None:
    removals = plan_removals(held, around)
    assert plan_removals(reversed(held), around) == removals  # the order means nothing
    by_id = {one.video: one for one in held}
    unsaid = [one for one in removals.now if not by_id[one.video].is_confirmed]
    assert len(unsaid) <= around.allowance
    for one in removals.now:
        holding = by_id[one.video]
        assert holding.gone is None  # an only copy never goes by itself
        assert not holding.running
        assert not holding.doubtful
        assert MANUAL not in holding.wanting
        voices = {*holding.wanting, *holding.left_out, *(left.entry for left in holding.left)}
        assert not any(around.policies[entry] is KEEP or entry in around.suspended for entry in voices)
        assert voices or around.settings is not KEEP
    if not around.gone_files:
        confirmed = [replace(one, is_confirmed=True) for one in held]
        assert plan_removals(confirmed, around).waiting == ()
    stopped = replace(around, obstacles=(Held(Hold.MANIFESTS_INVALID, "broken"),))
    assert plan_removals(held, stopped).now == ()
