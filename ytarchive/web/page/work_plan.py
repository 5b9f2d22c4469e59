"""The work plan on the page: by cause, with what a person can do about each item, and about all of a cause."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

from ytarchive.core.instant import DAY
from ytarchive.core.work_plan import BelowWish, OnlyCopy, WorkPlan, WorkPlanGroup, WorkPlanItem
from ytarchive.core.work_plan_choice import Choice, chosen
from ytarchive.documents import deciding
from ytarchive.errors import UsageError
from ytarchive.reconciler import World, can_be_lost, work_plan

FEW, MANY = 10, 100
UNTIL_SECONDS = {"": None, "30d": 30 * DAY, "180d": 180 * DAY, "365d": 365 * DAY}


class Words(NamedTuple):
    """What a button stands for, and how it is told once it is done."""

    verdict: deciding.Verdict
    told: str
    is_undone: bool = False


DEEDS = {
    "retry": Words("retry", "due now"),
    "ignore": Words("ignore", "ignored"),
    "accept-lower": Words("accept-lower", "taken in any quality"),
    "lost": Words("lost", "given up as lost"),
    "unignore": Words("ignore", "owed again", is_undone=True),
    "unlost": Words("lost", "owed again", is_undone=True),
    "restore": Words("accept-lower", "wanted as before", is_undone=True),
}


@dataclass(frozen=True, slots=True)
class Cause:
    """One cause with the items of this page. `more` are not shown."""

    group: WorkPlanGroup
    items: tuple[WorkPlanItem, ...]
    more: int
    can_be_lowered: bool
    can_be_lost: int


@dataclass(frozen=True, slots=True)
class Review:
    """The page of the work plan; `cause` and `entry` are what it is narrowed to, `page` counts from 1."""

    plan: WorkPlan
    causes: tuple[Cause, ...]
    cause: str | None
    entry: str | None
    page: int
    pages: int
    only_copies: tuple[OnlyCopy, ...]
    below_wish: tuple[BelowWish, ...]


def review(world: World, cause: str | None, entry: str | None, page: int) -> Review:
    """Some items of every cause, or many of one."""
    plan = work_plan(world)
    items, _ = chosen(plan, Choice(causes=(cause,) if cause else (), entry=entry))
    by_code: dict[str, list[WorkPlanItem]] = {}
    for item in items:
        by_code.setdefault(item.code, []).append(item)
    most = MANY if cause else FEW
    pages = max(1, -(-len(items) // most)) if cause else 1
    page = min(page, pages)
    start = (page - 1) * most
    causes = tuple(
        _cause(group, by_code[group.code], start, most) for group in plan.groups if group.code in by_code
    )
    return Review(plan, causes, cause, entry, page, pages, plan.only_copies[:MANY], plan.below_wish[:MANY])


def _cause(group: WorkPlanGroup, items: list[WorkPlanItem], start: int, most: int) -> Cause:
    shown = tuple(items[start : start + most])
    return Cause(
        group=replace(
            group,
            count=len(items),
            acknowledged=sum(item.acknowledged is not None for item in items),
            owed=sum(item.owed for item in items),
        ),
        items=shown,
        more=len(items) - start - len(shown),
        can_be_lowered=group.code == "POLICY_MISS",
        can_be_lost=sum(can_be_lost(item) and item.acknowledged is None for item in items),
    )


@dataclass(frozen=True, slots=True)
class Deed:
    """What a person decided on the page: about one `subject`, or about all of a `cause` that nobody decided on yet."""

    what: str
    subject: str | None = None
    cause: str | None = None
    entry: str | None = None
    why: str = ""
    until: str = ""


def carry_out(world: World, deed: Deed) -> int:
    """Do it, and tell how many items it was about. Raise `UsageError` when it makes no sense."""
    if deed.what not in DEEDS or deed.until not in UNTIL_SECONDS:
        raise UsageError("that is nothing the page can do", cure="go back and use its buttons")
    choice = Choice(
        subjects=(deed.subject,) if deed.subject else (),
        causes=(deed.cause,) if deed.cause else (),
        entry=deed.entry or None,
    )
    verdict, is_undone = DEEDS[deed.what].verdict, DEEDS[deed.what].is_undone
    if is_undone:
        return len(deciding.take_back(world, verdict, choice))
    seconds = UNTIL_SECONDS[deed.until]
    until = None if seconds is None else world.clock.now() + seconds
    return len(deciding.decide(world, verdict, choice, until=until, why=deed.why))
