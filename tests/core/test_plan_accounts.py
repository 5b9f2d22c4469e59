"""Decisions where an account may ask: who asks next, and what waits for cookies."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ytarchive.core.desired import Quality, Target, unite
from ytarchive.core.failure_table import CODES, policy
from ytarchive.core.identity import ACCOUNT_DECIDES, GUEST
from ytarchive.core.item import Got
from ytarchive.core.plan import Action, Decision, ItemFacts, Reason, Row, decide
from ytarchive.core.selection import Format

NOW, LATER = 1000, 9000
NAMED = unite([Target(video=Quality(max=720), identities=("main",))])
NOBODY = unite([Target(video=Quality(max=720))])
FINE: dict[str, str | None] = {"main": None}
ROTATED: dict[str, str | None] = {"main": "COOKIES_ROTATED"}
REFUSED = {"code": "AGE", "kind": "user", "attempts": 1, "next_due_at": LATER}
HD = Format("136", "video", label=720, codec="h264", fps=30)


def decided(accounts: dict[str, str | None], **row: Any) -> Decision:
    return decide(Row("v", "T", **row), NOW, lambda digest: NAMED, accounts)


def told(decision: Decision) -> tuple[Any, ...]:
    return (decision.bucket, decision.reason, decision.action, decision.identity, decision.owed)


@pytest.mark.parametrize(
    ("what", "accounts", "row", "expected"),
    [
        ("never tried", FINE, {}, ("ready", "missing", "fetch", GUEST, True)),
        (
            "the guest was refused a moment ago",
            FINE,
            REFUSED,
            ("ready", "retry-due", "fetch", "main", True),
        ),
        (
            "the account was refused too",
            FINE,
            {**REFUSED, "asked_by": "main", "tried": ("main",)},
            ("blocked", "needs-person", None, GUEST, True),
        ),
        (
            "the account was refused, and its time has come",
            FINE,
            {**REFUSED, "asked_by": "main", "tried": ("main",), "next_due_at": NOW},
            ("ready", "retry-due", "fetch", GUEST, True),
        ),
        (
            "the account met trouble that passes",
            FINE,
            {"code": "TIMEOUT", "kind": "transient", "asked_by": "main", "next_due_at": NOW},
            ("ready", "retry-due", "fetch", "main", True),
        ),
        (
            "and it is not over",
            FINE,
            {"code": "TIMEOUT", "kind": "transient", "asked_by": "main", "next_due_at": LATER},
            ("deferred", "backoff", None, GUEST, True),
        ),
        ("its cookies are bad", ROTATED, REFUSED, ("blocked", "needs-cookies", None, "main", True)),
        (
            "a person knows",
            ROTATED,
            {**REFUSED, "acknowledged": True},
            ("blocked", "needs-cookies", None, "main", False),
        ),
        (
            "a filter waits for its page, which only the account may see",
            FINE,
            {**REFUSED, "undecided": True},
            ("undecided", "undecided", "examine", "main", False),
        ),
        (
            "the same with bad cookies",
            ROTATED,
            {**REFUSED, "undecided": True},
            ("undecided", "needs-cookies", None, "main", False),
        ),
        (
            "it runs",
            ROTATED,
            {**REFUSED, "running": True},
            ("running", "in-flight", None, GUEST, True),
        ),
        (
            "fetched by the account, and time to look for more",
            FINE,
            {
                "condition": "whole",
                "got": "T",
                "late": ("captions",),
                "late_due_at": NOW,
                "asked_by": "main",
            },
            ("have", "look-due", "look-again", "main", False),
        ),
        (
            "the same with bad cookies",
            ROTATED,
            {
                "condition": "whole",
                "got": "T",
                "late": ("captions",),
                "late_due_at": NOW,
                "asked_by": "main",
            },
            ("have", "look-due", None, GUEST, False),
        ),
        (
            "required captions that have time",
            ROTATED,
            {"condition": "partial", "got": "T", "late_due_at": LATER, "asked_by": "main"},
            ("deferred", "captions-required", None, GUEST, True),
        ),
        (
            "required captions that are due",
            ROTATED,
            {"condition": "partial", "got": "T", "late_due_at": NOW, "asked_by": "main"},
            ("blocked", "needs-cookies", None, "main", True),
        ),
        (
            "what is here answers, whoever fetched it",
            ROTATED,
            {
                "condition": "whole",
                "got": "OLD",
                "asked_by": "main",
                "facts": ItemFacts((HD,), Got(video=HD)),
            },
            ("ready", "already-answers", "accept", GUEST, False),
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_whoever_may_asks(
    what: str, accounts: dict[str, str | None], row: dict[str, Any], expected: tuple[Any, ...]
) -> None:
    assert told(decided(accounts, **row)) == expected, what


def test_what_waits_for_cookies_tells_their_trouble() -> None:
    assert decided(ROTATED, **REFUSED).code == "COOKIES_ROTATED"


rows = st.builds(
    Row,
    video=st.just("v"),
    target=st.just("T"),
    got=st.sampled_from([None, "T", "OLD"]),
    condition=st.sampled_from(["none", "whole", "partial", "damaged"]),
    running=st.booleans(),
    code=st.sampled_from([None, *CODES]),
    next_due_at=st.sampled_from([None, NOW - 1, NOW, LATER]),
    late_due_at=st.sampled_from([None, NOW, LATER]),
    acknowledged=st.booleans(),
    undecided=st.booleans(),
    asked_by=st.sampled_from([GUEST, "main", "gone"]),
    tried=st.sampled_from([(), ("main",)]),
)


def with_kind(row: Row) -> Row:
    return replace(row, kind=policy(row.code).kind if row.code else None)


@given(rows.map(with_kind), st.sampled_from([{}, FINE, ROTATED]))
def test_where_no_entry_names_an_account_the_guest_does_all(
    row: Row, accounts: dict[str, str | None]
) -> None:
    alone = decide(row, NOW, lambda digest: NOBODY)
    assert decide(row, NOW, lambda digest: NOBODY, accounts) == alone
    assert alone.identity == GUEST


@given(rows.map(with_kind))
def test_bad_cookies_let_no_account_ask_and_nothing_that_the_guest_may_do_wait(row: Row) -> None:
    decision = decide(row, NOW, lambda digest: NAMED, ROTATED)
    if decision.action is not None and decision.action is not Action.ACCEPT:
        assert decision.identity == GUEST
    if decision.reason is Reason.NEEDS_COOKIES:
        assert row.code in ACCOUNT_DECIDES or row.asked_by == "main"
        assert decision.owed == (not row.acknowledged and not row.undecided)
