"""`ytarchive workplan`: review what cannot be reconciled; ignore it, or try it again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ytarchive.cli.app import Group, invocation
from ytarchive.cli.arguments import SUBJECT, UNTIL, VideoCommand, entry_option
from ytarchive.errors import UsageError

if TYPE_CHECKING:
    from ytarchive.cli.output import Screen
    from ytarchive.core.work_plan import WorkPlan, WorkPlanItem

SHOWN_PER_CAUSE = 10


def _complete_cause(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    from ytarchive.core.failure_table import CODES

    return sorted(code for code in CODES if code.startswith(incomplete.upper()))


class Cause(click.ParamType[str]):
    """A code of the failure table, in any case."""

    name = "cause"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        from ytarchive.core.failure_table import CODES
        from ytarchive.core.misread import did_you_mean, shown

        code = str(value).upper().replace("-", "_")
        if code not in CODES:
            hint = did_you_mean(code, CODES)
            self.fail(f"no cause is called {shown(value)}" + (f"; {hint}" if hint else ""), param, ctx)
        return code


cause_option = click.option(
    "--cause",
    "causes",
    multiple=True,
    type=Cause(),
    metavar="CODE",
    shell_complete=_complete_cause,
    help="Only items with this cause, such as PRIVATE or GEO; may be repeated.",
)
all_option = click.option("--all", "everything", is_flag=True, help="Every open item.")
subjects_argument = click.argument("subjects", nargs=-1, type=SUBJECT, metavar="[VIDEO]...")


@click.group(
    cls=Group, invoke_without_command=True, short_help="What could not be had: review, ignore, retry"
)
@click.pass_context
def workplan(context: click.Context) -> int | None:
    """Review what cannot be reconciled: why, what happens next, what you can do.

    Without a command: `workplan list`. A VIDEO is an id or an address; a playlist that cannot be read is meant by its
    id. Ignored items are owed no more; they stay in the list and are looked at again when their time comes.
    """
    if context.invoked_subcommand is None:
        return int(context.invoke(list_) or 0)
    return None


@workplan.command("list")
@cause_option
@entry_option
def list_(causes: tuple[str, ...] = (), entry: str | None = None) -> int:
    """List the open items, grouped by cause."""
    from ytarchive.cli.output import Screen

    screen = Screen(invocation())
    plan, now = _read()
    items = _chosen(plan, causes, entry)
    if screen.json:
        screen.document(_narrowed(plan, items))
    elif not items:
        screen.say("Nothing is open." if not (causes or entry) else "No open item is like that.", "green")
    else:
        draw_items(screen, plan, items, now)
    return 0


@workplan.command("show", cls=VideoCommand)
@subjects_argument
@cause_option
@entry_option
def show(subjects: tuple[str, ...], causes: tuple[str, ...], entry: str | None) -> int:
    """Tell everything about some items: what was seen, attempts, what is next, what you can do."""
    from ytarchive.cli.output import Screen

    screen = Screen(invocation())
    plan, now = _read()
    items = _chosen(plan, causes, entry)
    if subjects:
        items = _named(items, subjects)
    if screen.json:
        screen.document(_narrowed(plan, items))
    else:
        for item in items:
            _draw_item(screen, item, now)
    return 0


@workplan.command("ignore", cls=VideoCommand)
@subjects_argument
@all_option
@cause_option
@entry_option
@click.option("--until", type=UNTIL, metavar="30d|DATE", help="Only until then; otherwise for good.")
@click.option("--why", default="", metavar="TEXT", help="A note for later.")
@click.option("--undo", is_flag=True, help="Take it back: the items are owed again.")
def ignore(
    subjects: tuple[str, ...],
    everything: bool,
    causes: tuple[str, ...],
    entry: str | None,
    until: int | None,
    why: str,
    undo: bool,
) -> int:
    """Accept that items cannot be had. They no longer make the exit code 3."""
    from ytarchive.cli.words import count, moment
    from ytarchive.reconciler import acknowledge, open_world, withdraw

    options = invocation()
    with open_world(options.settings()) as world:
        items = _selected(_plan_of(world), subjects, everything, causes, entry)
        chosen = [item for item in items if (item.acknowledged is not None) == undo or subjects]
        names = [item.subject for item in chosen]
        if undo:
            withdraw(world, names)
        else:
            acknowledge(world, names, until, why)
        _write_again(world)
    ending = f" until {moment(until)}" if until else ""
    verb = "No longer ignored" if undo else "Ignored"
    return _told(names, f"{verb}: {count(len(names), 'item')}{ending}")


@workplan.command("retry", cls=VideoCommand)
@subjects_argument
@all_option
@cause_option
@entry_option
def retry(subjects: tuple[str, ...], everything: bool, causes: tuple[str, ...], entry: str | None) -> int:
    """Make items due now, whatever their waiting time; the next `reconcile` tries them."""
    from ytarchive.cli.words import count
    from ytarchive.reconciler import open_world
    from ytarchive.reconciler import retry as retry_now

    options = invocation()
    with open_world(options.settings()) as world:
        items = _selected(_plan_of(world), subjects, everything, causes, entry)
        names = [item.subject for item in items]
        retry_now(world, names)
        _write_again(world)
    return _told(names, f"Due now: {count(len(names), 'item')}. Next: ytarchive reconcile --once")


def _told(names: list[str], line: str) -> int:
    from ytarchive.cli.documents import SubjectsAnswer
    from ytarchive.cli.output import Screen

    screen = Screen(invocation())
    if screen.json:
        screen.document(SubjectsAnswer(tuple(names)))
    else:
        screen.say(line)
    return 0


def _read() -> tuple[WorkPlan, int]:
    """The work plan as of now, without a lock and beside a running instance."""
    from ytarchive.reconciler import open_reading

    with open_reading(invocation().settings()) as world:
        return _plan_of(world), world.clock.now()


def _plan_of(world: Any) -> WorkPlan:
    from ytarchive.reconciler import work_plan

    plan: WorkPlan = work_plan(world)
    return plan


def _write_again(world: Any) -> None:
    """Let the files say at once what was decided."""
    from ytarchive.adapters import work_plans

    work_plans.write(world.settings.state.path, _plan_of(world))


def _selected(
    plan: WorkPlan, subjects: tuple[str, ...], everything: bool, causes: tuple[str, ...], entry: str | None
) -> list[WorkPlanItem]:
    """What a command acts on; nothing is never taken for everything."""
    if not (subjects or everything or causes or entry):
        raise UsageError(
            "which items?",
            cure="name videos, or choose with --cause CODE, --entry NAME or --all; see `workplan list`",
        )
    items = _chosen(plan, causes, entry)
    return _named(items, subjects) if subjects else items


def _chosen(plan: WorkPlan, causes: tuple[str, ...], entry: str | None) -> list[WorkPlanItem]:
    return [
        item
        for item in plan.items
        if (not causes or item.code in causes) and (entry is None or entry in item.entries)
    ]


def _named(items: list[WorkPlanItem], subjects: tuple[str, ...]) -> list[WorkPlanItem]:
    """The items of these videos; each must be there."""
    missing = [subject for subject in subjects if subject not in {item.subject for item in items}]
    if missing:
        raise UsageError(
            f"not in the work plan: {', '.join(missing[:5])}",
            cure="`ytarchive workplan list` shows what is; `ytarchive explain VIDEO` tells about any other video",
        )
    return [item for item in items if item.subject in subjects]


def _narrowed(plan: WorkPlan, items: list[WorkPlanItem]) -> WorkPlan:
    """The same document with these items only; its counts and groups are theirs."""
    from collections import Counter
    from dataclasses import replace

    count, owed, known = Counter[str](), Counter[str](), Counter[str]()
    for item in items:
        count[item.code] += 1
        owed[item.code] += item.owed
        known[item.code] += item.acknowledged is not None
    groups = tuple(
        replace(group, count=count[group.code], owed=owed[group.code], acknowledged=known[group.code])
        for group in plan.groups
        if count[group.code]
    )
    return replace(
        plan,
        count=len(items),
        owed=owed.total(),
        acknowledged=known.total(),
        groups=groups,
        items=tuple(items),
    )


def draw_items(screen: Screen, plan: WorkPlan, items: list[WorkPlanItem], now: int) -> None:
    from ytarchive.cli.words import count

    narrowed = _narrowed(plan, items)
    for group in narrowed.groups:
        found = [item for item in narrowed.items if item.code == group.code]
        ignored = f", {group.acknowledged} ignored" if group.acknowledged else ""
        screen.heading(f"{group.code} ({group.count}{ignored}): {group.meaning}")
        _draw_rows(screen, found, now)
        for action in group.actions:
            screen.say(f"  {_action(action)}", "dim")
        screen.say()
    owed = (
        f"{narrowed.owed:,} of them {'is' if narrowed.owed == 1 else 'are'} missed"
        if narrowed.owed
        else "nothing is missed"
    )
    screen.say(f"{count(narrowed.count, 'item')}; {owed}.", "bold yellow" if narrowed.owed else "green")


def _draw_rows(screen: Screen, items: list[WorkPlanItem], now: int) -> None:
    from ytarchive.cli.output import Column
    from ytarchive.cli.words import when

    most = len(items) if screen.verbose else SHOWN_PER_CAUSE
    titled = any(item.title for item in items)
    columns = [
        Column("Video"),
        *([Column("Title", wide=True)] if titled else []),
        Column("Entry", wide=True),
        Column("Next"),
    ]
    rows = []
    for item in items[:most]:
        if item.acknowledged:
            next_ = "ignored" + (
                f" until {when(item.acknowledged.until, now)}" if item.acknowledged.until else ""
            )
        else:
            next_ = when(item.next.at, now).partition(" (")[0] if item.next.at is not None else "-"
        rows.append([item.subject, *([item.title or ""] if titled else []), ", ".join(item.entries), next_])
    screen.table(columns, rows)
    if len(items) > most:
        screen.say(f"… and {len(items) - most:,} more (-v shows all)", "dim")


def _draw_item(screen: Screen, item: WorkPlanItem, now: int) -> None:
    from ytarchive.cli.words import count, when

    screen.heading(f"{item.subject}  {item.title or ''}".rstrip())
    status = f" (HTTP {item.evidence.status})" if item.evidence.status else ""
    screen.say(f"  {item.code}, {item.kind}{status}: {item.evidence.message}")
    if item.entries:
        screen.say(f"  wanted by {', '.join(item.entries)}")
    screen.say(
        f"  {count(item.attempts, 'attempt')}, first {when(item.first_at, now)}, last {when(item.last_at, now)}"
    )
    at = f", {when(item.next.at, now)}" if item.next.at is not None else ""
    screen.say(f"  next: {item.next.what}{at}")
    if item.acknowledged:
        until = f" until {when(item.acknowledged.until, now)}" if item.acknowledged.until else " for good"
        screen.say(
            f"  ignored{until}{f': {item.acknowledged.why}' if item.acknowledged.why else ''}", "yellow"
        )
    for action in item.actions:
        screen.say(f"  you can: {_action(action)}", "dim")
    screen.say()


def _action(action: Any) -> str:
    """`Try again now: ytarchive workplan retry ...`, or an edit of a file."""
    parts = [part for part in (action.command, action.edit) if part]
    return f"{action.what}: {'; '.join(parts)}" if parts else str(action.what)
