"""As whom YouTube is asked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ytarchive.core.failure_table import CODES
from ytarchive.core.identity import (
    ACCOUNT_DECIDES,
    ACCOUNT_DECIDES_LISTS,
    COOKIES_CODES,
    GUEST,
    Asked,
    Turn,
    next_for_list,
    next_turn,
)

FINE: dict[str, str | None] = {"main": None, "other": None}
BAD: dict[str, str | None] = {"main": "COOKIES_ROTATED", "other": None}


@pytest.mark.parametrize(
    ("asked", "named", "accounts", "due", "turn"),
    [
        (Asked(), ("main",), FINE, False, Turn(GUEST)),
        (Asked("AGE"), (), FINE, False, Turn(None)),
        (Asked("AGE"), (), FINE, True, Turn(GUEST)),
        (Asked("AGE"), ("main",), {}, False, Turn(None)),
        (Asked("AGE"), ("main",), FINE, False, Turn("main")),
        (Asked("GEO"), ("main",), FINE, True, Turn(GUEST)),
        (Asked("BOT_CHECK"), ("main",), FINE, True, Turn(GUEST)),
        (Asked("AGE", "main", ("main",)), ("other", "main"), FINE, False, Turn("other")),
        (Asked("AGE", "other", ("main", "other")), ("other", "main"), FINE, False, Turn(None)),
        (Asked("AGE", "other", ("main", "other")), ("other", "main"), FINE, True, Turn(GUEST)),
        (Asked("TIMEOUT", "main"), ("main",), FINE, True, Turn("main")),
        (Asked("TIMEOUT", "main"), (), FINE, True, Turn(GUEST)),
        (Asked(None, "main"), ("main",), FINE, False, Turn("main")),
        (Asked("TIMEOUT", "main"), ("main",), BAD, True, Turn(None, "main", "COOKIES_ROTATED")),
        (Asked("AGE"), ("main",), BAD, False, Turn(None, "main", "COOKIES_ROTATED")),
        (Asked("AGE"), ("main", "other"), BAD, False, Turn("other")),
        (
            Asked("AGE", "other", ("other",)),
            ("main", "other"),
            BAD,
            False,
            Turn(None, "main", "COOKIES_ROTATED"),
        ),
        (Asked("AGE"), ("main",), BAD, True, Turn(GUEST)),
    ],
)
def test_whose_turn_it_is(
    asked: Asked, named: tuple[str, ...], accounts: dict[str, str | None], due: bool, turn: Turn
) -> None:
    assert next_turn(asked, named, accounts, due=due) == turn


def test_a_list_is_asked_for_by_accounts_in_the_same_look() -> None:
    assert next_for_list("LIST_PRIVATE", (), ("main",), FINE) == Turn("main")
    assert next_for_list("LIST_MISSING", ("main",), ("main", "other"), FINE) == Turn("other")
    assert next_for_list("LIST_MISSING", ("main",), ("main",), FINE) == Turn(None)
    assert next_for_list("LIST_PRIVATE", (), ("main",), BAD) == Turn(None, "main", "COOKIES_ROTATED")
    assert next_for_list("TIMEOUT", (), ("main",), FINE) == Turn(None)


def test_every_code_named_here_is_one_of_the_table() -> None:
    assert set(CODES) >= ACCOUNT_DECIDES | ACCOUNT_DECIDES_LISTS | COOKIES_CODES


NAMES = st.sampled_from(["a", "b", "c"])
TROUBLES = st.sampled_from([None, *sorted(COOKIES_CODES)])


@given(
    st.sampled_from([None, *CODES]),
    st.sampled_from([GUEST, "a", "b", "c"]),
    st.lists(NAMES, unique=True).map(tuple),
    st.lists(NAMES).map(tuple),
    st.dictionaries(NAMES, TROUBLES),
    st.booleans(),
)
def test_an_account_asks_only_where_it_is_named_sound_and_a_sign_in_lacked(
    code: str | None,
    last: str,
    tried: tuple[str, ...],
    named: tuple[str, ...],
    accounts: dict[str, str | None],
    due: bool,
) -> None:
    turn = next_turn(Asked(code, last, tried), named, accounts, due=due)

    if turn.identity not in (None, GUEST):
        assert turn.identity in named
        assert accounts[turn.identity] is None
        assert turn.identity == last if code not in ACCOUNT_DECIDES else turn.identity not in tried
    assert (turn.waits_for is None) == (turn.trouble is None)
    if turn.waits_for is not None:
        assert turn.identity is None
        assert accounts[turn.waits_for] == turn.trouble


@given(st.lists(NAMES).map(tuple), st.dictionaries(NAMES, TROUBLES))
def test_refusals_end(named: tuple[str, ...], accounts: dict[str, str | None]) -> None:
    """However many accounts there are, each is refused once, and then nobody asks before it is due."""
    tried: tuple[str, ...] = ()
    while (turn := next_turn(Asked("MEMBERS", "x", tried), named, accounts, due=False)).identity is not None:
        assert turn.identity not in tried
        tried += (turn.identity,)
    assert set(tried) == {name for name in named if name in accounts and accounts[name] is None}
