"""`ytarchive workplan retry|ignore|accept-lower|lost`: what a person decides about items, one by one or all at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from ytarchive.cli.app import invocation
from ytarchive.cli.arguments import UNTIL, VideoCommand
from ytarchive.cli.choosing import choice_of, choosing, items_of, require_choice
from ytarchive.errors import UsageError

if TYPE_CHECKING:
    from ytarchive.cli.output import Screen
    from ytarchive.core.work_plan import WorkPlanItem
    from ytarchive.core.work_plan_choice import Choice
    from ytarchive.reconciler import World

_dry_run = click.option("--dry-run", is_flag=True, help="Tell what it would be, and decide nothing.")
_undo = click.option("--undo", is_flag=True, help="Take it back.")
_why = click.option("--why", default="", metavar="TEXT", help="A note for later.")


@click.command("retry", cls=VideoCommand)
@choosing
@_dry_run
def retry(dry_run: bool, **choice: Any) -> int:
    """Make items due now, whatever their waiting time; the next `reconcile` tries them.

    What is ignored or lost is passed over, unless it is named.
    """
    from ytarchive.reconciler import retry as retry_now

    return _decide(
        choice,
        dry_run,
        _Deed(
            "Due now",
            lambda world, items: retry_now(world, _names(items)),
            is_done=lambda item: item.acknowledged is not None,
            next_="ytarchive reconcile --once",
        ),
    )


@click.command("ignore", cls=VideoCommand)
@choosing
@click.option("--until", type=UNTIL, metavar="30d|DATE", help="Only until then; otherwise for good.")
@_why
@_undo
@_dry_run
def ignore(until: int | None, why: str, undo: bool, dry_run: bool, **choice: Any) -> int:
    """Accept that items cannot be had. They no longer make the exit code 3."""
    from ytarchive.cli.words import moment
    from ytarchive.reconciler import acknowledge, withdraw

    if undo:
        return _take_back(
            choice,
            dry_run,
            "No longer ignored",
            in_force=lambda world: [one.subject for one in world.index.acknowledgements() if not one.is_lost],
            withdraw=withdraw,
        )
    ending = f" until {moment(until)}" if until else ""
    deed = _Deed(
        "Ignored",
        lambda world, items: acknowledge(world, items, until, why),
        is_done=lambda item: item.acknowledged is not None,
        ending=ending,
    )
    return _decide(choice, dry_run, deed)


@click.command("accept-lower", cls=VideoCommand)
@choosing
@_why
@_undo
@_dry_run
def accept_lower(why: str, undo: bool, dry_run: bool, **choice: Any) -> int:
    """Take videos in whatever quality there is, when YouTube does not offer what is wanted (POLICY_MISS).

    `min` and `codecs_only` no longer hold for them, and every fallback is allowed. They are tried at the next
    `reconcile`. An index that is made anew knows it too.
    """
    from ytarchive.reconciler import accept_lower as accept
    from ytarchive.reconciler import restore_wish

    if undo:
        return _take_back(
            choice,
            dry_run,
            "Wanted as before",
            in_force=lambda world: [one.video for one in world.index.lowered()],
            withdraw=restore_wish,
        )
    deed = _Deed(
        "Any quality will do",
        lambda world, items: accept(world, items, why),
        suits=lambda item: item.video is not None and item.code == "POLICY_MISS",
        otherwise="YouTube offers what is wanted of it, as far as is known",
        next_="ytarchive reconcile --once",
    )
    return _decide(choice, dry_run, deed)


@click.command("lost", cls=VideoCommand)
@choosing
@_why
@_undo
@_dry_run
def lost(why: str, undo: bool, dry_run: bool, **choice: Any) -> int:
    """Give up videos that YouTube has no more and that are not here. They are counted apart, and owed no more.

    They are still looked at now and then, and archived should they come back.
    """
    from functools import partial

    from ytarchive.reconciler import can_be_lost, give_up, withdraw

    if undo:
        return _take_back(
            choice,
            dry_run,
            "No longer given up",
            in_force=lambda world: [one.subject for one in world.index.acknowledgements() if one.is_lost],
            withdraw=partial(withdraw, kind="unlost"),
        )
    deed = _Deed(
        "Given up as lost",
        lambda world, items: give_up(world, items, why),
        suits=can_be_lost,
        is_done=lambda item: item.is_lost,
        otherwise="YouTube does not say that it is gone, or a copy is here; `workplan ignore` takes any item",
    )
    return _decide(choice, dry_run, deed)


@dataclass(frozen=True, slots=True)
class _Deed:
    """A decision: how it is told, and done. `suits` are the items that it makes sense for; `otherwise` tells why not.

    `is_done`: it was decided before, which only a name decides again.
    """

    told: str
    do: Callable[[World, Sequence[WorkPlanItem]], object]
    suits: Callable[[WorkPlanItem], bool] = lambda _item: True
    is_done: Callable[[WorkPlanItem], bool] = lambda _item: False
    otherwise: str = ""
    ending: str = ""
    next_: str | None = None


def _decide(choice: dict[str, Any], dry_run: bool, deed: _Deed) -> int:
    from ytarchive.reconciler import work_plan

    screen = _screen()
    with _opened(screen, dry_run) as world:
        chosen = choice_of(world.clock.now(), **choice)
        require_choice(chosen)
        items = _suitable(items_of(work_plan(world), chosen), chosen, deed)
        if items and not dry_run:
            deed.do(world, items)
            _write_again(world)
    causes = _by_cause(items)
    told = f"{causes}{deed.ending}{f'. Next: {deed.next_}' if deed.next_ and items and not dry_run else ''}"
    return _told(screen, _names(items), dry_run, deed.told, told)


def _suitable(items: Sequence[WorkPlanItem], chosen: Choice, deed: _Deed) -> list[WorkPlanItem]:
    """A filter passes over what a decision makes no sense for; what was named must make sense."""
    suitable = [item for item in items if deed.suits(item)]
    if not chosen.subjects:
        return [item for item in suitable if not deed.is_done(item)]
    known = set(_names(suitable))
    for item in items:
        if item.subject not in known:
            raise UsageError(f"{item.subject} ({item.code}): {deed.otherwise}")
    return suitable


def _take_back(
    choice: dict[str, Any],
    dry_run: bool,
    told: str,
    *,
    in_force: Callable[[World], Sequence[str]],
    withdraw: Callable[[World, Sequence[str]], None],
) -> int:
    """Undo a decision, also of what is in the work plan no more."""
    from ytarchive.cli.words import count

    screen = _screen()
    with _opened(screen, dry_run) as world:
        chosen = choice_of(world.clock.now(), **choice)
        require_choice(chosen)
        names = _meant(world, chosen, in_force(world))
        if names and not dry_run:
            withdraw(world, names)
            _write_again(world)
    return _told(screen, names, dry_run, told, count(len(names), "item"))


def _meant(world: World, chosen: Choice, in_force: Sequence[str]) -> list[str]:
    from dataclasses import replace

    from ytarchive.core.work_plan_choice import chosen as chosen_of
    from ytarchive.reconciler import work_plan

    known = set(in_force)
    if missing := [name for name in chosen.subjects if name not in known]:
        raise UsageError(
            f"nothing to take back: {', '.join(missing[:5])}",
            cure="`ytarchive explain VIDEO` tells what was decided about it",
        )
    named = set(chosen.subjects)
    names = [name for name in in_force if not named or name in named]
    if not chosen.is_filter:
        return names
    items, _ = chosen_of(work_plan(world), replace(chosen, subjects=()))
    filtered = {item.subject for item in items}
    return [name for name in names if name in filtered]


def _screen() -> Screen:
    from ytarchive.cli.output import Screen

    return Screen(invocation())


@contextmanager
def _opened(screen: Screen, dry_run: bool) -> Iterator[World]:
    """For writing; to try it out without the lock. What takes longer than a second says so."""
    from ytarchive.cli.progress import patience
    from ytarchive.reconciler import open_reading, open_world

    settings = invocation().settings()
    with (
        patience(screen, "the work plan is read, decided on and written"),
        open_reading(settings) if dry_run else open_world(settings) as world,
    ):
        yield world


def _write_again(world: World) -> None:
    """Let the files say at once what was decided."""
    from ytarchive.adapters import work_plans
    from ytarchive.reconciler import work_plan

    work_plans.amend(world.settings.state.path, work_plan(world))


def _names(items: Iterable[WorkPlanItem]) -> list[str]:
    return list(dict.fromkeys(item.subject for item in items))


def _by_cause(items: Sequence[WorkPlanItem]) -> str:
    """`301 items (300 TIMEOUT, 1 PRIVATE)`."""
    from collections import Counter

    from ytarchive.cli.words import count

    causes = Counter(item.code for item in items).most_common()
    told = ", ".join(f"{number:,} {code}" for code, number in causes)
    return count(len(items), "item") + (f" ({told})" if told else "")


def _told(screen: Screen, names: list[str], dry_run: bool, what: str, told: str) -> int:
    from ytarchive.cli.documents import SubjectsAnswer

    if screen.json:
        screen.document(SubjectsAnswer(tuple(names), len(names), dry_run))
    elif not names:
        screen.say("Nothing is like that; nothing was decided.")
    elif dry_run:
        screen.say(f"Would be: {what}: {told}. Nothing was decided.")
        for name in names if screen.verbose else names[:10]:
            screen.say(f"  {name}")
        if len(names) > 10 and not screen.verbose:
            screen.say(f"  … and {len(names) - 10:,} more (-v shows all)", "dim")
    else:
        screen.say(f"{what}: {told}")
    return 0
