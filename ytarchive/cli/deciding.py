"""`ytarchive workplan retry|ignore|accept-lower|lost`: what a person decides about items, one by one or all at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from ytarchive.cli.app import invocation
from ytarchive.cli.arguments import UNTIL, VideoCommand
from ytarchive.cli.choosing import choice_of, choosing

if TYPE_CHECKING:
    from ytarchive.cli.daemon_client import Daemon
    from ytarchive.cli.output import Screen
    from ytarchive.core.work_plan import WorkPlanItem
    from ytarchive.documents.deciding import Verdict
    from ytarchive.reconciler import World

_dry_run = click.option("--dry-run", is_flag=True, help="Tell what it would be, and decide nothing.")
_undo = click.option("--undo", is_flag=True, help="Take it back.")
_why = click.option("--why", default="", metavar="TEXT", help="A note for later.")
_NEXT = "ytarchive reconcile --once"
_MOST_AT_ONCE = 5000


@click.command("retry", cls=VideoCommand)
@choosing
@_dry_run
def retry(dry_run: bool, **choice: Any) -> int:
    """Make items due now, whatever their waiting time; the next `reconcile` tries them.

    What is ignored or lost is passed over, unless it is named.
    """
    return _decide("retry", choice, dry_run, "Due now", next_=_NEXT)


@click.command("ignore", cls=VideoCommand)
@choosing
@click.option("--until", type=UNTIL, metavar="30d|DATE", help="Only until then; otherwise for good.")
@_why
@_undo
@_dry_run
def ignore(until: int | None, why: str, undo: bool, dry_run: bool, **choice: Any) -> int:
    """Accept that items cannot be had. They no longer make the exit code 3."""
    from ytarchive.cli.words import moment

    if undo:
        return _take_back("ignore", choice, dry_run, "No longer ignored")
    ending = f" until {moment(until)}" if until else ""
    return _decide("ignore", choice, dry_run, "Ignored", until=until, why=why, ending=ending)


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
    if undo:
        return _take_back("accept-lower", choice, dry_run, "Wanted as before")
    return _decide("accept-lower", choice, dry_run, "Any quality will do", why=why, next_=_NEXT)


@click.command("lost", cls=VideoCommand)
@choosing
@_why
@_undo
@_dry_run
def lost(why: str, undo: bool, dry_run: bool, **choice: Any) -> int:
    """Give up videos that YouTube has no more and that are not here. They are counted apart, and owed no more.

    They are still looked at now and then, and archived should they come back.
    """
    if undo:
        return _take_back("lost", choice, dry_run, "No longer given up")
    return _decide("lost", choice, dry_run, "Given up as lost", why=why)


def _decide(
    verdict: Verdict,
    choice: dict[str, Any],
    dry_run: bool,
    what: str,
    *,
    until: int | None = None,
    why: str = "",
    ending: str = "",
    next_: str | None = None,
) -> int:
    from ytarchive.documents.deciding import decide, names_of

    screen = _screen()
    with _opened(screen, dry_run) as (world, daemon):
        now = world.clock.now()
        chosen = choice_of(now, **choice)
        by_us = not dry_run and daemon is None
        items = decide(world, verdict, chosen, until=until, why=why, dry_run=not by_us)
        if daemon:
            _hand_over(daemon, verdict, names_of(items), until=_age(until, now), why=why)
    told = f"{_by_cause(items)}{ending}{f'. Next: {next_}' if next_ and items and not dry_run else ''}"
    return _told(screen, names_of(items), dry_run, what, told)


def _take_back(verdict: Verdict, choice: dict[str, Any], dry_run: bool, what: str) -> int:
    from ytarchive.cli.words import count
    from ytarchive.documents.deciding import take_back

    screen = _screen()
    with _opened(screen, dry_run) as (world, daemon):
        by_us = not dry_run and daemon is None
        names = take_back(world, verdict, choice_of(world.clock.now(), **choice), dry_run=not by_us)
        if daemon:
            _hand_over(daemon, verdict, names, undo=True)
    return _told(screen, names, dry_run, what, count(len(names), "item"))


def _screen() -> Screen:
    from ytarchive.cli.output import Screen

    return Screen(invocation())


@contextmanager
def _opened(screen: Screen, dry_run: bool) -> Iterator[tuple[World, Daemon | None]]:
    """For writing; to try it out without the lock. Where a daemon has the lock: for reading, and that daemon.

    What takes longer than a second says so."""
    from ytarchive.cli.daemon_client import find_daemon
    from ytarchive.cli.progress import patience
    from ytarchive.reconciler import open_reading, open_world

    settings = invocation().settings()
    with patience(screen, "the work plan is read, decided on and written"):
        daemon = None if dry_run else find_daemon(settings)
        with open_reading(settings) if dry_run or daemon else open_world(settings) as world:
            yield world, daemon


def _hand_over(daemon: Daemon, verdict: Verdict, names: Sequence[str], **more: str | bool | None) -> None:
    """Let the daemon decide about what was chosen, by name, so that it decides about nothing else."""
    from ytarchive.documents.answers import SubjectsAnswer

    said = {key: value for key, value in more.items() if value}
    for start in range(0, len(names), _MOST_AT_ONCE):
        some = list(names[start : start + _MOST_AT_ONCE])
        daemon.post(f"/api/v1/workplan/{verdict}", {"subjects": some, **said}, SubjectsAnswer)


def _age(until: int | None, now: int) -> str | None:
    """As the API takes it: numbers of at most six digits, each with its unit."""
    from ytarchive.core.instant import DAY

    if until is None:
        return None
    days, rest = divmod(max(1, until - now), DAY)
    return f"{days}d{rest}s"


def _by_cause(items: Sequence[WorkPlanItem]) -> str:
    """`301 items (300 TIMEOUT, 1 PRIVATE)`."""
    from collections import Counter

    from ytarchive.cli.words import count

    causes = Counter(item.code for item in items).most_common()
    told = ", ".join(f"{number:,} {code}" for code, number in causes)
    return count(len(items), "item") + (f" ({told})" if told else "")


def _told(screen: Screen, names: tuple[str, ...], dry_run: bool, what: str, told: str) -> int:
    from ytarchive.documents.answers import SubjectsAnswer

    if screen.json:
        screen.document(SubjectsAnswer(names, len(names), dry_run))
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
