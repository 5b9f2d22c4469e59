"""Accounts: whose cookies can be used now, and what follows when YouTube takes them no more.

A cookies file is looked at whenever something is decided, so that trouble lifts by itself once it changes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ytarchive.adapters import cookies
from ytarchive.core.failure_table import policy
from ytarchive.core.identity import ACCOUNT_DECIDES, COOKIES_CODES, GUEST, Accounts, Asked, next_turn
from ytarchive.core.report import AccountReport

if TYPE_CHECKING:
    from ytarchive.core.failure import Failure
    from ytarchive.core.plan import Decision
    from ytarchive.reconciler.world import World


def look(world: World) -> Accounts:
    """Every account of the settings, and the code of its trouble, or None."""
    return {report.name: report.code for report in reports(world)}


def reports(world: World) -> tuple[AccountReport, ...]:
    """The same with what is wrong and what helps. A changed file is a fresh start."""
    if not world.settings.auth:
        return ()
    now = world.clock.now()
    known = {record.name: record for record in world.index.accounts()}
    found = []
    for account in world.settings.auth:
        file = cookies.examine(account.cookies_file, now)
        record = known.get(account.name)
        if file.stamp is not None and (record is None or record.stamp != file.stamp):
            world.index.renew_account(account.name, file.stamp)
            record = None
        if file.trouble:
            what = f"auth.{account.name}.cookies_file: {file.trouble}"
            report = AccountReport(account.name, "COOKIES_BAD", what, file.cure)
        elif record is not None and record.code is not None:
            what = f"auth.{account.name}: {policy(record.code).meaning} {record.message or ''}".rstrip()
            cure = f"export them again into {account.cookies_file}, as docs/signing-in.md says; what waits then goes on"
            report = AccountReport(account.name, record.code, what, cure, record.at)
        else:
            report = AccountReport(account.name)
        found.append(report)
    return tuple(found)


def distrust(world: World, name: str, failure: Failure) -> None:
    """YouTube takes the cookies no more. The videos that they were sent for are as they were.

    A file that was changed since is another one.
    """
    record = next((record for record in world.index.accounts() if record.name == name), None)
    account = next((account for account in world.settings.auth if account.name == name), None)
    now = world.clock.now()
    if record is None or account is None or record.code is not None:
        return
    if cookies.examine(account.cookies_file, now).stamp == record.stamp:
        world.index.distrust_account(name, failure.code, failure.evidence.message, now)


def is_suspended(world: World, decision: Decision, identity: str, failure: Failure | None) -> bool:
    """Whether a failure says nothing of the video yet: an account may still see what this one was refused."""
    if failure is None or failure.code in COOKIES_CODES:
        return failure is not None
    if failure.code not in ACCOUNT_DECIDES:
        return False
    tried = () if identity == GUEST else (*world.index.accounts_tried(decision.video), identity)
    named = world.index.target(decision.target).identities
    turn = next_turn(Asked(failure.code, identity, tried), named, look(world), due=False)
    return turn.identity is not None or turn.waits_for is not None
