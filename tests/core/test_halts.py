"""When the engine, the network or the disk is to blame, and how that is looked at again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ytarchive.core.failure_table import policy
from ytarchive.core.halts import (
    CANARY_SECONDS,
    COMMON_SECONDS,
    PROBE_SECONDS,
    UNEXPLAINED,
    Halt,
    HaltName,
    Met,
    at_once,
    begun,
    fits,
    is_common,
    is_hopeless,
    lifted,
    notice,
    probe_failed,
    why_wait,
)

NOW = 1_700_000_000


def met(code: str, *videos: str, at: int = NOW - 60) -> list[Met]:
    return [Met(code, video, at) for video in videos]


def test_three_videos_within_half_an_hour_are_no_accident() -> None:
    assert is_common(met("JS_FAIL", "a", "b", "c"), "JS_FAIL", NOW, 0)


@pytest.mark.parametrize(
    ("jobs", "code"),
    [
        (met("JS_FAIL", "a", "b", "b", "a"), "JS_FAIL"),
        ([*met("JS_FAIL", "a", "b"), *met("UNKNOWN", "c")], "JS_FAIL"),
        ([*met("JS_FAIL", "a", "b"), *met("JS_FAIL", "c", at=NOW - COMMON_SECONDS - 1)], "JS_FAIL"),
        (met("PRIVATE", "a", "b", "c"), "PRIVATE"),
        (met("BOT_CHECK", "a", "b", "c"), "BOT_CHECK"),
        (met("HTTP_5XX", "a", "b", "c"), "HTTP_5XX"),
    ],
    ids=["two videos", "two codes", "too long ago", "explained", "the address", "passes"],
)
def test_less_than_that_says_nothing_of_the_engine(jobs: list[Met], code: str) -> None:
    assert not is_common(jobs, code, NOW, 0)


def test_what_was_met_before_the_halt_was_lifted_proves_nothing_any_more() -> None:
    assert not is_common(met("JS_FAIL", "a", "b", "c"), "JS_FAIL", NOW, NOW - 60)


@given(st.sampled_from(sorted(UNEXPLAINED)), st.integers(0, 10))
def test_only_the_number_of_different_videos_counts(code: str, number: int) -> None:
    jobs = met(code, *(f"v{each}" for each in range(number))) * 2
    assert is_common(jobs, code, NOW, 0) == (number >= 3)
    assert policy(code).charged_to == "video"


def test_a_broken_engine_gets_one_video_at_once_and_then_after_longer_and_longer_waits() -> None:
    halt = begun(Halt("engine"), "JS_FAIL", "no", NOW)
    assert (halt.is_on, halt.since, halt.probe_at) == (True, NOW, NOW)
    waits = []
    for _ in range(5):
        halt = probe_failed(halt, NOW)
        waits.append(halt.probe_at - NOW)
    assert waits == [*CANARY_SECONDS, CANARY_SECONDS[-1]]
    assert not is_hopeless(halt)


def test_a_network_that_is_away_is_probed_a_few_times_in_a_pass() -> None:
    halt = begun(Halt("network"), "DNS", "no", NOW)
    waits = [halt.probe_at - NOW]
    while not is_hopeless(halt):
        halt = probe_failed(halt, NOW)
        waits.append(halt.probe_at - NOW)
    assert tuple(waits[: len(PROBE_SECONDS)]) == PROBE_SECONDS
    assert at_once(halt, NOW + 9) == Halt("network", True, NOW, "DNS", "no", 0, NOW + 9)


def test_more_of_the_same_keeps_its_beginning_and_tells_the_newest() -> None:
    halt = begun(begun(Halt("network"), "DNS", "no", NOW), "TIMEOUT", "slow", NOW + 9)
    assert (halt.since, halt.code, halt.message) == (NOW, "TIMEOUT", "slow")


def test_what_is_lifted_holds_no_more() -> None:
    assert lifted(begun(Halt("disk"), "DISK_FULL", "", NOW), NOW + 5) == Halt("disk", lifted_at=NOW + 5)


@pytest.mark.parametrize(
    ("name", "code", "words", "command"),
    [
        (
            "engine",
            "JS_FAIL",
            "engine seems to be broken: several videos met JS_FAIL",
            "ytarchive engine upgrade",
        ),
        ("network", "DNS", "YouTube cannot be reached: DNS", None),
        ("disk", "DISK_FULL", "disk is full", None),
    ],
)
def test_each_halt_is_told_with_what_can_be_done(
    name: HaltName, code: str, words: str, command: str | None
) -> None:
    halt = begun(Halt(name), code, "", NOW)
    told = notice(halt)
    assert words in told.what
    assert told.since == NOW
    assert told.actions
    assert "{" not in str([(action.command, action.edit) for action in told.actions])
    assert command is None or told.actions[0].command == command
    assert (told.next_at is not None) == (name == "engine")
    assert why_wait(halt)


def test_twice_the_size_must_fit_above_what_stays_free() -> None:
    assert fits(free_bytes=100, reserved_bytes=20, needed_bytes=20, min_free_bytes=40)
    assert not fits(free_bytes=100, reserved_bytes=21, needed_bytes=20, min_free_bytes=40)
