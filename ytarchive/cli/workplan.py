"""`ytarchive workplan`: review what could not be had; decide about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ytarchive.cli import deciding
from ytarchive.cli.app import Group, invocation
from ytarchive.cli.arguments import VideoCommand
from ytarchive.cli.choosing import choice_of, filtering, subjects_argument

if TYPE_CHECKING:
    from ytarchive.core.work_plan import WorkPlan


@click.group(
    cls=Group, invoke_without_command=True, short_help="What could not be had: review it, decide about it"
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


for command in (deciding.retry, deciding.ignore, deciding.accept_lower, deciding.lost):
    workplan.add_command(command)


@workplan.command("list")
@filtering
def list_(**choice: Any) -> int:
    """List the open items, grouped by cause."""
    from ytarchive.cli.output import Screen
    from ytarchive.cli.work_plan_drawing import draw_items
    from ytarchive.core.work_plan_choice import narrowed
    from ytarchive.documents.deciding import items_of

    screen = Screen(invocation())
    plan, now = _read()
    chosen = choice_of(now, **choice)
    items = items_of(plan, chosen)
    if screen.json:
        screen.document(narrowed(plan, items) if chosen.is_filter else plan)
    elif not items:
        screen.say("No open item is like that." if chosen.is_filter else "Nothing is open.", "green")
    else:
        draw_items(screen, plan, items, now)
    return 0


@workplan.command("show", cls=VideoCommand)
@subjects_argument
@filtering
def show(**choice: Any) -> int:
    """Tell everything about some items: what was seen, attempts, what is next, what you can do."""
    from ytarchive.cli.output import Screen
    from ytarchive.cli.work_plan_drawing import draw_item
    from ytarchive.core.work_plan_choice import narrowed
    from ytarchive.documents.deciding import items_of

    screen = Screen(invocation())
    plan, now = _read()
    items = items_of(plan, choice_of(now, **choice))
    if screen.json:
        screen.document(narrowed(plan, items))
    else:
        for item in items:
            draw_item(screen, item, now)
    return 0


@workplan.command("diff")
def diff() -> int:
    """Tell what is new, open no more, or has another cause since the pass before the last one."""
    from ytarchive.adapters import work_plans
    from ytarchive.cli.output import Screen
    from ytarchive.cli.work_plan_drawing import draw_changes

    screen = Screen(invocation())
    plan, now = _read()
    changes = work_plans.changes(invocation().settings().state.path, plan)
    if screen.json:
        screen.document(changes)
    else:
        draw_changes(screen, changes, now)
    return 0


@workplan.command("only-copies")
def only_copies() -> int:
    """List what is on disk and gone from YouTube: you hold the only copy that is known."""
    from ytarchive.cli.output import Screen
    from ytarchive.cli.work_plan_drawing import draw_only_copies
    from ytarchive.documents.answers import OnlyCopiesAnswer

    screen = Screen(invocation())
    plan, now = _read()
    if screen.json:
        screen.document(OnlyCopiesAnswer(plan.only_copies, len(plan.only_copies)))
    else:
        draw_only_copies(screen, plan.only_copies, now)
    return 0


def _read() -> tuple[WorkPlan, int]:
    """The work plan as of now, without a lock and beside a running instance."""
    from ytarchive.cli.output import Screen
    from ytarchive.cli.progress import patience
    from ytarchive.reconciler import open_reading, work_plan

    with (
        patience(Screen(invocation()), "the work plan is read"),
        open_reading(invocation().settings()) as world,
    ):
        return work_plan(world), world.clock.now()
