"""Which engine is in force: versions as numbers, and the choice between the built-in one and others."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ytarchive.core.codec import decode, encode
from ytarchive.core.engines import (
    BUILT_IN,
    Choice,
    Installed,
    SelfTest,
    Step,
    in_force,
    is_version,
    normal,
    solver_of,
    switched,
    version_key,
)

DATES = st.dates().map(lambda day: f"{day.year}.{day.month}.{day.day}")
NAMES = st.one_of(st.just(BUILT_IN), DATES)


def test_versions_are_ordered_as_numbers() -> None:
    ordered = ["2026.10.1.101010.dev0", "2026.8.19", "2026.10.1", "2026.10.21", "2026.10.21.1"]
    assert sorted(ordered, key=version_key) == [
        "2026.8.19",
        "2026.10.1",
        "2026.10.1.101010.dev0",
        "2026.10.21",
        "2026.10.21.1",
    ]
    assert version_key("2026.08.19") == version_key("2026.8.19")
    assert version_key("2026.8.19.dev3") < version_key("2026.8.19")


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("2026.10.26", True),
        ("2026.10.26.1", True),
        ("2026.10.26.220202.dev0", True),
        ("2026", False),
        ("..", False),
        ("../2026.1.1", False),
        ("2026.1.1/x", False),
        ("built-in", False),
        ("2026.1.1\n", False),
        ("-2026.1.1", False),
    ],
)
def test_only_versions_are_names_of_folders(text: str, is_one: bool) -> None:
    assert is_version(text) is is_one


@given(DATES)
def test_the_padded_and_the_plain_version_are_one(version: str) -> None:
    padded = ".".join(part.zfill(2) for part in version.split("."))
    assert normal(padded) == version == normal(version)
    assert version_key(padded) == version_key(version)


@pytest.mark.parametrize(
    ("requirements", "solver"),
    [
        (["brotli; extra == 'default'", "yt-dlp-ejs==0.8.0; extra == 'default'"], "0.8.0"),
        (["yt-dlp-ejs==0.8.0; extra == 'default'", "yt-dlp-ejs==0.8.0; extra == 'pin'"], "0.8.0"),
        (["yt_dlp_ejs (==0.3.1) ; extra == 'default'"], "0.3.1"),
        (["yt-dlp-ejs==0.8.0", "yt-dlp-ejs==0.7.0"], None),
        (["yt-dlp-ejs>=0.8.0", "other-yt-dlp-ejs==1"], None),
        ([], None),
    ],
)
def test_the_solver_is_the_one_that_the_release_pins(requirements: list[str], solver: str | None) -> None:
    assert solver_of(requirements) == solver


def test_nothing_chosen_means_the_built_in_engine() -> None:
    assert in_force(Choice(), (), "2026.10.26") == BUILT_IN


def test_an_engine_that_is_not_there_leaves_the_built_in_one() -> None:
    choice = Choice("2026.11.1", built_in="2026.10.26")
    assert in_force(choice, (), "2026.10.26") == BUILT_IN
    assert in_force(choice, {"2026.11.1"}, "2026.10.26") == "2026.11.1"


def test_an_older_engine_gives_way_to_a_built_in_one_that_came_later_unless_it_is_pinned() -> None:
    choice = Choice("2026.11.1", built_in="2026.10.26")
    assert in_force(choice, {"2026.11.1"}, "2026.12.1") == BUILT_IN
    assert in_force(replace(choice, pinned=True), {"2026.11.1"}, "2026.12.1") == "2026.11.1"
    assert in_force(choice, {"2026.11.1"}, "2026.10.30") == "2026.11.1"


def test_an_older_engine_that_a_person_went_back_to_stays() -> None:
    choice = switched(Choice(), BUILT_IN, "2026.8.19", built_in="2026.10.26", at=1, pinned=False)
    assert in_force(choice, {"2026.8.19"}, "2026.10.26") == "2026.8.19"


@given(NAMES, NAMES, st.booleans())
def test_going_back_twice_is_where_one_was(first: str, second: str, pinned: bool) -> None:
    def go(choice: Choice, current: str, to: str) -> Choice:
        return switched(choice, current, to, built_in="2026.1.1", at=1, pinned=pinned)

    there = go(Choice(first), first, second)
    assert there.engine == second
    assert there.previous == (None if first == second else first)
    if there.previous:
        back = go(there, second, there.previous)
        assert (back.engine, back.previous) == (first, second)


@given(st.lists(NAMES, max_size=8))
def test_never_more_than_two_engines_are_kept(names: list[str]) -> None:
    choice, current = Choice(), BUILT_IN
    for name in names:
        choice = switched(choice, current, name, built_in="2026.1.1", at=1, pinned=False)
        current = name
        assert len(choice.kept) <= 2
        assert BUILT_IN not in choice.kept
        assert name == BUILT_IN or name in choice.kept
        assert choice.previous != choice.engine


@given(NAMES, st.none() | NAMES, st.booleans(), st.none() | DATES)
def test_a_choice_survives_being_written(
    engine: str, previous: str | None, pinned: bool, built: str | None
) -> None:
    choice = Choice(engine, previous, pinned, built, 1_700_000_000)
    assert decode(Choice, encode(choice)) == choice


def test_a_self_test_fails_with_its_first_failed_step_or_when_it_is_empty() -> None:
    good, skipped, bad = Step("a", "ok", ""), Step("b", "skipped", ""), Step("c", "failed", "why")
    assert SelfTest(steps=(good, skipped)).failed is None
    assert SelfTest(steps=(good, bad, Step("d", "failed", ""))).failed == bad
    assert SelfTest().failed is not None
    installed = Installed("2026.1.1", "0.8.0", 5, SelfTest(steps=(good,)))
    assert decode(Installed, encode(installed)) == installed
