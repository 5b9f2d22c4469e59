"""What was said once is not final, however often it is said on the same day."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ytarchive.core.confirmation import LOOKS_APART_SECONDS, Looks, is_final, looked, unconfirmed
from ytarchive.core.failure_table import CODES, RULES, policy
from ytarchive.core.instant import DAY, HOUR

NOON = 20_000 * DAY + 12 * HOUR
codes = st.sampled_from(["PRIVATE", "REMOVED", "UNAVAILABLE", "HTTP_429"])
steps = st.lists(st.tuples(codes, st.integers(0, 40 * HOUR)), min_size=1, max_size=30)


@settings(deadline=None)
@given(steps)
def test_as_many_days_agree_as_are_counted(told: list[tuple[str, int]]) -> None:
    """Counted looks lie on as many days of UTC, and at least 20 hours apart; all since the last other code."""
    now, looks, since = NOON, None, list[int]()
    for code, wait in told:
        now += wait
        if looks is not None and looks.code != code:
            since = []
        since.append(now)
        looks = looked(looks, code, now)
        assert looks.code == code
        assert looks.count <= len({at // DAY for at in since})
        assert looks.at - since[0] >= (looks.count - 1) * LOOKS_APART_SECONDS


def test_days_begin_at_midnight_in_utc_and_looks_are_twenty_hours_apart() -> None:
    evening = Looks("PRIVATE", 1, 20_000 * DAY + 23 * HOUR)

    assert looked(evening, "PRIVATE", evening.at + 2 * HOUR) == evening
    assert looked(evening, "PRIVATE", evening.at + 19 * HOUR) == evening
    assert looked(evening, "PRIVATE", evening.at + 20 * HOUR) == Looks("PRIVATE", 2, evening.at + 20 * HOUR)
    morning = Looks("PRIVATE", 1, 20_000 * DAY + HOUR)
    assert looked(morning, "PRIVATE", morning.at + 22 * HOUR) == morning


@pytest.mark.parametrize(("code", "later"), [("REMOVED", DAY), ("HTTP_429", DAY), ("PRIVATE", -1)])
def test_another_code_and_a_clock_that_went_back_start_again(code: str, later: int) -> None:
    assert looked(Looks("PRIVATE", 2, NOON), code, NOON + later) == Looks(code, 1, NOON + later)


def test_what_was_doubted_starts_again() -> None:
    assert looked(Looks("PRIVATE", 0, NOON), "PRIVATE", NOON + 1) == Looks("PRIVATE", 1, NOON + 1)


def test_no_permanent_verdict_is_final_after_one_look() -> None:
    assert [rule.code for rule in RULES if is_final(rule.code, 1)] == []
    assert {rule.code for rule in RULES if is_final(rule.code, rule.confirmations)} == {
        code for code in CODES if policy(code).kind == "permanent"
    }


@pytest.mark.parametrize(
    ("code", "looks", "told"),
    [
        ("PRIVATE", 0, "unconfirmed (1 of 3)"),
        ("PRIVATE", 2, "unconfirmed (2 of 3)"),
        ("PRIVATE", 3, None),
        ("HTTP_429", 1, None),
        (None, 0, None),
    ],
)
def test_a_verdict_that_is_not_final_says_so(code: str | None, looks: int, told: str | None) -> None:
    assert unconfirmed(code, looks) == told
