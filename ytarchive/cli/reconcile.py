"""`ytarchive reconcile`: make the disk match the manifests."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ytarchive.cli.app import Command, invocation
from ytarchive.cli.arguments import DURATION, entry_option, full_option, last_copies_option
from ytarchive.errors import BusyError, UsageError

if TYPE_CHECKING:
    from ytarchive.cli.daemon_client import Daemon
    from ytarchive.cli.metrics_file import MetricsFile
    from ytarchive.cli.output import Screen
    from ytarchive.core.report import PassReport
    from ytarchive.reconciler import PlanDocument
    from ytarchive.settings import Settings

DEFAULT_MAX_WAIT = "15m"


@click.command(cls=Command, short_help="Make the disk match the manifests")
@click.option(
    "--once", is_flag=True, help="Work until only timed work is left, say when that is due, and exit."
)
@entry_option
@click.option(
    "--plan",
    "plan_file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Carry out a plan that `ytarchive plan -o FILE` saved, and nothing else; a stale one is refused.",
)
@click.option(
    "--max-wait",
    type=DURATION,
    default=DEFAULT_MAX_WAIT,
    show_default=True,
    metavar="DURATION",
    help="Sit out a limit (videos an hour, throttling) for at most this long at a time.",
)
@click.option(
    "--metrics-file",
    "metrics_path",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="With --once, leave metrics in a file for the textfile collector of Prometheus' node exporter.",
)
@full_option
@last_copies_option
def reconcile(
    once: bool,
    entry: str | None,
    plan_file: Path | None,
    max_wait: int,
    metrics_path: Path | None,
    full: bool,
    even_last_copies: bool,
) -> int:
    """Make the disk match the manifests.

    Looks at every list, downloads what is missing, brings what is here up to date, writes the work plan. It can be
    interrupted at any moment: the next run continues. Nothing is taken away but by the policies of manifests and settings,
    which keep everything by themselves.

    Without --once it goes on until it is told to stop (SIGTERM, Ctrl-C): it looks at each list when that is due, and
    at the manifests whenever they change.
    """
    if not once:
        return _for_long(limited=bool(entry or plan_file or full or metrics_path or even_last_copies))
    from ytarchive.cli.daemon_client import find_daemon
    from ytarchive.cli.output import Screen
    from ytarchive.cli.reports import draw_pass
    from ytarchive.cli.saved_plan import read_plan
    from ytarchive.documents.answers import ReconcileAnswer

    options = invocation()
    saved = read_plan(plan_file) if plan_file else None
    if saved and entry and saved.entry != entry:
        raise UsageError(
            f"{plan_file} is a plan for {saved.entry or 'all entries'}, and --entry says {entry}",
            cure="leave out --entry: a saved plan knows its own",
        )
    screen = Screen(options)
    settings = options.settings()
    daemon = find_daemon(settings)
    if daemon:
        _refuse_what_is_ours(
            daemon,
            saved=saved is not None,
            counts=metrics_path is not None,
            even_last_copies=even_last_copies,
        )
        from ytarchive.cli.following import pass_of_daemon

        report, now = pass_of_daemon(daemon, screen, settings, entry=entry, whole=full, max_wait=max_wait)
    else:
        report, now = _pass_of_our_own(
            screen, settings, entry, saved, max_wait, metrics_path, full, even_last_copies
        )
    if screen.json:
        screen.document(ReconcileAnswer(report.exit_code, report.books, report))
    else:
        if not screen.quiet:
            screen.say()
        draw_pass(screen, report, now=now)
    return report.exit_code


def _pass_of_our_own(
    screen: Screen,
    settings: Settings,
    entry: str | None,
    saved: PlanDocument | None,
    max_wait: int,
    metrics_path: Path | None,
    full: bool,
    even_last_copies: bool,
) -> tuple[PassReport, int]:
    """The report of a pass by this process, and the time it ended."""
    from ytarchive.cli.logged import logged
    from ytarchive.cli.progress import watching
    from ytarchive.reconciler import open_world, reconcile_once

    with (
        _counting(metrics_path) as counted,
        watching(screen) as drawn,
        logged(settings, counted.beside(drawn) if counted else drawn) as log,
        open_world(settings, observer=log.observer) as world,
    ):
        if counted:
            counted.look(world)
        report = reconcile_once(
            world,
            entry=saved.entry if saved else entry,
            max_wait_seconds=max_wait,
            expected_digest=saved.digest if saved else None,
            whole=full,
            even_last_copies=saved.even_last_copies if saved else even_last_copies,
        )
        log.passed(report)
        now = world.clock.now()
        if counted:
            counted.passed(world, report)
    return report, now


def _refuse_what_is_ours(daemon: Daemon, *, saved: bool, counts: bool, even_last_copies: bool) -> None:
    """What a daemon cannot do for somebody: its passes are its own."""
    if saved:
        raise BusyError(
            f"a saved plan is carried out alone, and a daemon (process {daemon.where.pid}) looks after this archive",
            cure="leave out --plan, so that the daemon does what is to be done; or stop it first",
        )
    if even_last_copies:
        raise BusyError(
            f"only a person takes the only copies away, and a daemon (process {daemon.where.pid}) does this archive's passes",
            cure="stop the daemon for that pass, or leave out --even-last-copies",
        )
    if counts:
        raise BusyError(
            f"the metrics of this archive are those of its daemon (process {daemon.where.pid})",
            cure="leave out --metrics-file: they are at /metrics of the daemon",
        )


def _counting(path: Path | None) -> AbstractContextManager[MetricsFile | None]:
    if path is None:
        return nullcontext()
    from ytarchive.cli.metrics_file import metrics_file

    return metrics_file(path)


def _for_long(*, limited: bool) -> int:
    """The daemon."""
    if limited:
        raise UsageError(
            "--entry, --plan, --full, --metrics-file and --even-last-copies are for one pass",
            cure="add --once; the daemon looks after all entries",
        )
    from ytarchive.daemon.station import run

    run(invocation().settings)
    return 0
