"""`ytarchive logs`: what happened, from the daemon where one runs, else from the log's files."""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import click

from ytarchive.cli.app import Command, Invocation, invocation
from ytarchive.cli.arguments import VIDEO
from ytarchive.errors import YtarchiveError

if TYPE_CHECKING:
    from ytarchive.adapters.log_store import LogStore
    from ytarchive.cli.daemon_log import DaemonLog
    from ytarchive.core.log_record import Filter, Record
    from ytarchive.settings import Settings

LEVELS = ("debug", "info", "warning", "error")
_LINES, _FOLLOWED_LINES = 200, 10
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


class Moment(click.ParamType[float]):
    """A moment in the past: so long ago (`2h`), a date, or a date and a time, by the clock on the wall here."""

    name = "moment"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        from datetime import datetime

        from ytarchive.core.amounts import DURATION
        from ytarchive.core.misread import Misread, shown

        if isinstance(value, float):
            return value
        try:
            if _DATE.match(value):
                return datetime.fromisoformat(value).astimezone().timestamp()
            return time.time() - float(DURATION.parse(value))
        except (ValueError, OverflowError, Misread):
            expected = "expected a duration such as 2h, a date such as 2026-01-31, or 2026-01-31T14:05"
            self.fail(f"found {shown(value)}, {expected}", param, ctx)


MOMENT = Moment()


@click.command(cls=Command, short_help="Show what happened, line by line")
@click.option("-f", "--follow", is_flag=True, help="Go on with what is written from now on, until Ctrl-C.")
@click.option(
    "-n",
    "--lines",
    type=click.IntRange(min=0),
    metavar="COUNT",
    help=f"The newest COUNT lines ({_LINES}; {_FOLLOWED_LINES} with --follow; all with --since).",
)
@click.option("--level", type=click.Choice(LEVELS), default="debug", help="Lines of at least this level.")
@click.option(
    "--component",
    "components",
    multiple=True,
    metavar="NAME",
    help="Only lines of this part; may be repeated.",
)
@click.option("--job", metavar="JOB", help="Only lines of this job.")
@click.option("--video", type=VIDEO, metavar="VIDEO", help="Only lines about this video: its id or address.")
@click.option("--entry", metavar="NAME", help="Only lines about this entry of the manifests.")
@click.option(
    "--pass", "pass_number", type=click.IntRange(min=1), metavar="NUMBER", help="Only lines of this pass."
)
@click.option(
    "--since", type=MOMENT, metavar="WHEN", help="Only later lines: 2h (ago), 2026-01-31, 2026-01-31T14:05."
)
@click.option("--until", type=MOMENT, metavar="WHEN", help="Only earlier lines.")
@click.option("--grep", "text", metavar="TEXT", help="Only lines that hold this text, whatever its case.")
def logs(follow: bool, lines: int | None, **wanted: Any) -> int:
    """Show what happened: passes, lists, downloads, and what yt-dlp and ffmpeg said, the newest lines last.

    All conditions must hold. With --json, one line is one JSON object as in the files.
    """
    from ytarchive.core.log_record import Filter
    from ytarchive.reconciler.logs import open_log

    options = invocation()
    settings = options.settings()
    store = _log_of(settings, open_log(settings))
    show, chosen = _shower(options), Filter(**wanted)
    if lines is None and wanted["since"] is not None and not follow:
        return _show_all(store, chosen, show)
    most = lines if lines is not None else _FOLLOWED_LINES if follow else _LINES
    page = store.query(chosen, limit=most)
    for record in reversed(page.records):
        show(record)
    if follow:
        with suppress(KeyboardInterrupt):
            for record in store.follow(chosen, after=page.end):
                show(record)
    return 0


def _log_of(settings: Settings, files: LogStore) -> LogStore | DaemonLog:
    """The daemon's, unless it works with other settings, or for another user: then what can be read of the files."""
    from ytarchive.cli.daemon_client import find_daemon
    from ytarchive.cli.daemon_log import DaemonLog

    daemon = None
    with suppress(YtarchiveError):
        daemon = find_daemon(settings)
    return DaemonLog(daemon, files) if daemon is not None else files


def _show_all(store: LogStore | DaemonLog, chosen: Filter, show: Callable[[Record], None]) -> int:
    page = store.query(chosen, newest_first=False)
    while True:
        for record in page.records:
            show(record)
        if page.next is None:
            return 0
        page = store.query(chosen, after=page.next, newest_first=False)


def _shower(options: Invocation) -> Callable[[Record], None]:
    """Prints one record: text for people, JSON for programs."""
    from ytarchive.adapters.logs import as_json, as_text

    colour = options.color and sys.stdout.isatty() and not os.environ.get("NO_COLOR")

    def show(record: Record) -> None:
        line = as_json(record) if options.json else as_text(record, colour=colour)
        sys.stdout.write(line + "\n")
        sys.stdout.flush()

    return show
