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
"""To everybody but its owner, a private list may as well not exist."""

COOKIES_CODES = frozenset({"COOKIES_ROTATED", "COOKIES_BAD"})
"""Trouble of an account, which says nothing of the videos that it was asked for."""

Accounts = Mapping[str, str | None]
"""Every account of the settings, and what is wrong with its cookies: a code of `COOKIES_CODES`, or None."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of asking for a video so far.

    `code` is that of the last failure since the last success, if there is one, and `last` who met it, or who fetched
    what is here. `tried` are the accounts to whom YouTube said no since it last said so to the guest.
    """

    code: str | None = None
    last: str = GUEST
    tried: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Turn:
    """Who asks next. `identity` None: nobody can now. `waits_for` is the account that would but for its `trouble`."""

    identity: str | None
    waits_for: str | None = None
    trouble: str | None = None


def next_turn(asked: Asked, named: Collection[str], accounts: Accounts, *, due: bool) -> Turn:
    """Who asks for a video next. `named` are the accounts that its entries name; `due`: its wait is over.

    After a refusal that an account may lift, these are asked at once, one after the other; when all of them were
    refused as well, the guest begins anew once that is due. Whatever else an account met, it meets again: to ask the
    guest first would be one request more for the same refusal.
    """
    known = [name for name in sorted(set(named)) if name in accounts]
    if asked.code not in ACCOUNT_DECIDES:
        if asked.last not in known:
            return Turn(GUEST)
        return _waiting([asked.last], accounts) if accounts[asked.last] else Turn(asked.last)
    untried = [name for name in known if name not in asked.tried]
    usable = [name for name in untried if accounts[name] is None]
    if usable or due:
        return Turn(usable[0] if usable else GUEST)
    return _waiting(untried, accounts)


def next_for_list(code: str, tried: Collection[str], named: Collection[str], accounts: Accounts) -> Turn:
    """Who asks for a list after this failure, within the same look: nobody, or an account that was not asked yet."""
    if code not in ACCOUNT_DECIDES_LISTS:
        return Turn(None)
    untried = [name for name in sorted(set(named)) if name in accounts and name not in tried]
    usable = [name for name in untried if accounts[name] is None]
    return Turn(usable[0]) if usable else _waiting(untried, accounts)


def _waiting(names: list[str], accounts: Accounts) -> Turn:
    return Turn(None, names[0], accounts[names[0]]) if names else Turn(None)
