"""As whom YouTube is asked: the guest first, an account only where the entry names it and a sign-in is what lacks.

An account may be locked for what is fetched with it, so it is never used for what the guest can have.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

GUEST = "guest"
"""Who signs in nowhere; the other identities are the names of `auth.<name>` in the settings, which cannot be this one."""

ACCOUNT_DECIDES = frozenset({"AGE", "MEMBERS", "PREMIUM", "PAID", "PRIVATE", "SIGN_IN"})
"""What YouTube says of a video to some, and to others not. A bot check is none of these: it is the address's."""

ACCOUNT_DECIDES_LISTS = frozenset({"LIST_PRIVATE", "LIST_MISSING", "LIST_UNVIEWABLE"})
"""To everybody but its owner, a private list is one that does not exist."""

COOKIES_CODES = frozenset({"COOKIES_ROTATED", "COOKIES_BAD"})


@dataclass(frozen=True, slots=True)
class Turn:
    """Who asks next. `identity` None: nobody can now. `waits_for` is an account that would be asked but for `trouble`.

    `trouble` is a code of `COOKIES_CODES`.
    """

    identity: str | None
    waits_for: str | None = None
    trouble: str | None = None


Accounts = Mapping[str, str | None]
"""Every account of the settings, and what is wrong with its cookies: a code, or None."""


def next_turn(
    code: str | None, tried: Collection[str], named: Collection[str], accounts: Accounts, *, last: str = GUEST
) -> Turn:
    """Who asks for a video next.

    `code` is that of the last failure (None: there is none), `last` who met it, and `tried` all to whom YouTube said
    no since the last success. `named` are the accounts that the video's entries name. What an account was asked for
    is not asked of the guest again because of trouble that passes.
    """
    known = [name for name in sorted(set(named)) if name in accounts]
    usable = [name for name in known if accounts[name] is None]
    if code is None or (code not in ACCOUNT_DECIDES and last not in known):
        return Turn(GUEST)
    if code not in ACCOUNT_DECIDES:
        return Turn(last) if last in usable else _waiting(known, tried, accounts, last)
    if GUEST not in tried:
        return Turn(GUEST)
    fresh = [name for name in usable if name not in tried]
    return Turn(fresh[0]) if fresh else _waiting(known, tried, accounts)


def _waiting(known: list[str], tried: Collection[str], accounts: Accounts, *first: str) -> Turn:
    untried = [name for name in (*first, *known) if accounts[name] is not None and name not in tried]
    return Turn(None, untried[0], accounts[untried[0]]) if untried else Turn(None)


def next_for_list(
    code: str | None, tried: Collection[str], named: Collection[str], accounts: Accounts
) -> Turn:
    """Who asks for a list after this failure of the guest's, in the same look."""
    if code not in ACCOUNT_DECIDES_LISTS:
        return Turn(None)
    known = [name for name in sorted(set(named)) if name in accounts]
    fresh = [name for name in known if accounts[name] is None and name not in tried]
    return Turn(fresh[0]) if fresh else _waiting(known, tried, accounts)
