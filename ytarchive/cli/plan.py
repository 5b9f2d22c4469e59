"""`ytarchive plan`: what `reconcile` would do, and why."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ytarchive.cli.app import Command, Invocation, invocation
from ytarchive.cli.arguments import entry_option, full_option, last_copies_option
from ytarchive.errors import BusyError, UsageError

if TYPE_CHECKING:
    from ytarchive.cli.output import Screen
    from ytarchive.documents.answers import PlanAnswer
    from ytarchive.settings import Settings

CHANGES = 2


@click.command(cls=Command, short_help="What `reconcile` would do, and why")
@entry_option
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Save the plan for `reconcile --plan FILE`.",
)
@click.option(
    "--detailed-exitcode", is_flag=True, help="Exit with 2 when there is something to do, 0 when not."
)
@click.option("--no-refresh", is_flag=True, help="Do not look at the lists; plan from what is known.")
@full_option
@last_copies_option
def plan(
    entry: str | None,
    output: Path | None,
    detailed_exitcode: bool,
    no_refresh: bool,
    full: bool,
    even_last_copies: bool,
) -> int:
    """Show what `reconcile` would do, and why.

    Looks at the lists first; downloads nothing and changes nothing in the archive.
    """
    from ytarchive.cli.output import Screen
    from ytarchive.cli.saved_plan import write_plan

    options = invocation()
    screen = Screen(options)
    if full and no_refresh:
        raise UsageError("--full reads the lists, and --no-refresh does not", cure="leave one of them out")
    answer, now = _made(
        options, screen, entry, refresh=not no_refresh, full=full, even_last_copies=even_last_copies
    )
    if output:
        write_plan(output, answer.plan)
    if screen.json:
        screen.document(answer)
    else:
        _draw(screen, answer, now)
        if output:
            screen.say(f"Saved; carry it out with: ytarchive reconcile --once --plan {output}", "dim")
        screen.say(str(answer.summary), "bold")
    return CHANGES if detailed_exitcode and answer.summary.changes else 0


def _made(
    options: Invocation,
    screen: Screen,
    entry: str | None,
    *,
    refresh: bool,
    full: bool,
    even_last_copies: bool,
) -> tuple[PlanAnswer, int]:
    """The plan, and the time it was made. Beside a daemon it is that for what the daemon has recorded."""
    from ytarchive.cli.progress import watching
    from ytarchive.documents.planning import plan_answer
    from ytarchive.reconciler import open_reading, open_world
    from ytarchive.reconciler import refresh as look

    settings = options.settings()
    with watching(screen) as observer:
        try:
            with open_world(settings, observer=observer) as world:
                sources = look(world, entry, whole=full) if refresh else ()
                return plan_answer(world, entry, sources, even_last_copies), world.clock.now()
        except BusyError:
            if refresh and not _has_daemon(settings):
                raise
            if full:
                raise UsageError(
                    "--full reads the lists, which the daemon of this archive does",
                    cure="let it: ytarchive reconcile --once --full",
                ) from None
            observer.note("another instance is at work: this is the plan for what it has recorded so far")
            with open_reading(settings) as world:
                return plan_answer(world, entry, (), even_last_copies), world.clock.now()


def _has_daemon(settings: Settings) -> bool:
    """A daemon looks at lists itself, whenever one is due; whatever else has the archive does that once."""
    from ytarchive.cli.daemon_client import find_daemon

    return find_daemon(settings) is not None


def _draw(screen: Screen, answer: PlanAnswer, now: int) -> None:
    from ytarchive.cli.removing import draw_held, draw_removals
    from ytarchive.cli.reports import SHOWN_AT_ONCE, draw_books, draw_decisions, draw_need

    most = None if screen.verbose else SHOWN_AT_ONCE
    document = answer.plan
    if document.actions:
        draw_decisions(screen, document.actions, now, most=most)
        screen.say()
    held_back = [decision for decision in document.held_back if decision.bucket not in ("have", "undecided")]
    if held_back:
        draw_decisions(screen, held_back, now, most=most)
        screen.say()
    if document.removals.now:
        draw_removals(screen, document.removals.now, most=most)
        screen.say()
    if document.removals.waiting:
        draw_removals(screen, document.removals.waiting, most=most, waiting=True)
        screen.say()
    if document.removals.held:
        draw_held(screen, document.removals.held)
        screen.say()
    if answer.need.bytes and document.actions:
        draw_need(screen, answer.need)
        screen.say()
    draw_books(screen, document.books[""], {name: books for name, books in document.books.items() if name})
    screen.say()
