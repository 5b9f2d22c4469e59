"""What people decide about items of the work plan, by name or all of a kind at once; the work plan then says so."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

from ytarchive.adapters import work_plans
from ytarchive.core.work_plan import Next, Seen, WorkPlan, WorkPlanItem
from ytarchive.core.work_plan_choice import Choice
from ytarchive.core.work_plan_choice import chosen as chosen_of
from ytarchive.errors import UsageError
from ytarchive.reconciler import (
    World,
    accept_lower,
    acknowledge,
    can_be_lost,
    give_up,
    restore_wish,
    retry,
    want_again,
    withdraw,
    work_plan,
)

Verdict = Literal["retry", "ignore", "accept-lower", "lost"]


@dataclass(frozen=True, slots=True)
class _Rule:
    """`suits` are the items that a verdict makes sense for; `otherwise` tells why not. `is_done`: only a name decides
    it again. `in_force` and `withdraw` take it back; a retry cannot be."""

    suits: Callable[[WorkPlanItem], bool] = lambda _item: True
    is_done: Callable[[WorkPlanItem], bool] = lambda _item: False
    otherwise: str = ""
    in_force: Callable[[World], Sequence[str]] | None = None
    withdraw: Callable[[World, Sequence[str]], None] | None = None


_RULES: dict[Verdict, _Rule] = {
    "retry": _Rule(is_done=lambda item: item.acknowledged is not None),
    "ignore": _Rule(
        is_done=lambda item: item.acknowledged is not None,
        in_force=lambda world: [one.subject for one in world.index.acknowledgements() if not one.is_lost],
        withdraw=withdraw,
    ),
    "accept-lower": _Rule(
        suits=lambda item: item.video is not None and item.code == "POLICY_MISS",
        otherwise="YouTube offers what is wanted of it, as far as is known",
        in_force=lambda world: [one.video for one in world.index.lowered()],
        withdraw=restore_wish,
    ),
    "lost": _Rule(
        suits=can_be_lost,
        is_done=lambda item: item.is_lost,
        otherwise="YouTube does not say that it is gone, or a copy is here; `workplan ignore` takes any item",
        in_force=lambda world: [one.subject for one in world.index.acknowledgements() if one.is_lost],
        withdraw=partial(withdraw, kind="unlost"),
    ),
}


def decide(
    world: World,
    verdict: Verdict,
    choice: Choice,
    *,
    until: int | None = None,
    why: str = "",
    dry_run: bool = False,
) -> tuple[WorkPlanItem, ...]:
    """The items that it was decided about. Raise `UsageError` for a name that is not open or does not suit."""
    require_choice(choice)
    gone = _let_go(world, choice) if verdict == "retry" else ()
    rest = replace(choice, subjects=tuple(name for name in choice.subjects if name not in names_of(gone)))
    items = list(gone)
    if not gone or rest.subjects:
        items += _suitable(items_of(work_plan(world), rest), rest, _RULES[verdict])
    if items and not dry_run:
        _carry_out(world, verdict, items, until, why)
        _write_again(world)
    return tuple(items)


def _let_go(world: World, choice: Choice) -> tuple[WorkPlanItem, ...]:
    """What was taken away or deleted and is meant by name: it is in no work plan, and a person wants it back."""
    gone = (world.index.gone_by_decision(name) for name in choice.subjects)
    return tuple(
        WorkPlanItem(
            video=one.video,
            code="LET_GO",
            kind="user",
            owed=False,
            evidence=Seen(one.why),
            attempts=0,
            first_at=one.at,
            last_at=one.at,
            next=Next("wanted again, if an entry wants it"),
        )
        for one in gone
        if one is not None
    )


def take_back(world: World, verdict: Verdict, choice: Choice, *, dry_run: bool = False) -> tuple[str, ...]:
    """Undo a verdict, also of what is in the work plan no more; the videos and lists that it was about."""
    rule = _RULES[verdict]
    if rule.in_force is None or rule.withdraw is None:
        raise UsageError(f"{verdict} cannot be taken back", cure="it holds for one try only")
    require_choice(choice)
    names = _meant(world, choice, rule.in_force(world))
    if names and not dry_run:
        rule.withdraw(world, names)
        _write_again(world)
    return tuple(names)


def require_choice(choice: Choice) -> None:
    """Nothing is never taken for everything."""
    if choice.says_nothing:
        raise UsageError(
            "which items?",
            cure="name videos, or choose with --cause CODE, --entry NAME, --older-than AGE or --all; "
            "see `workplan list`",
        )


def items_of(plan: WorkPlan, choice: Choice) -> tuple[WorkPlanItem, ...]:
    """The chosen items; each that is named must be in the plan."""
    items, missing = chosen_of(plan, choice)
    if missing:
        raise UsageError(
            f"not in the work plan: {', '.join(missing[:5])}",
            cure="`ytarchive workplan list` shows what is; `ytarchive explain VIDEO` tells about any other video",
        )
    return items


def names_of(items: Iterable[WorkPlanItem]) -> tuple[str, ...]:
    """The videos and lists of items, each once."""
    return tuple(dict.fromkeys(item.subject for item in items))


def _carry_out(
    world: World, verdict: Verdict, items: Sequence[WorkPlanItem], until: int | None, why: str
) -> None:
    match verdict:
        case "retry":
            retry(world, names_of(items))
            want_again(world, names_of(items))
        case "ignore":
            acknowledge(world, items, until, why)
        case "accept-lower":
            accept_lower(world, items, why)
        case "lost":
            give_up(world, items, why)


def _suitable(items: Sequence[WorkPlanItem], choice: Choice, rule: _Rule) -> list[WorkPlanItem]:
    """A filter passes over what a verdict makes no sense for; what was named must make sense."""
    suitable = [item for item in items if rule.suits(item)]
    if not choice.subjects:
        return [item for item in suitable if not rule.is_done(item)]
    known = set(names_of(suitable))
    for item in items:
        if item.subject not in known:
            raise UsageError(f"{item.subject} ({item.code}): {rule.otherwise}")
    return suitable


def _meant(world: World, choice: Choice, in_force: Sequence[str]) -> list[str]:
    known = set(in_force)
    if missing := [name for name in choice.subjects if name not in known]:
        raise UsageError(
            f"nothing to take back: {', '.join(missing[:5])}",
            cure="`ytarchive explain VIDEO` tells what was decided about it",
        )
    named = set(choice.subjects)
    names = [name for name in in_force if not named or name in named]
    if not choice.is_filter:
        return names
    items, _ = chosen_of(work_plan(world), replace(choice, subjects=()))
    filtered = {item.subject for item in items}
    return [name for name in names if name in filtered]


def _write_again(world: World) -> None:
    """Let the files say at once what was decided."""
    work_plans.amend(world.settings.state.path, work_plan(world))
