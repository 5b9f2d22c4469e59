"""`ytarchive adopt`: take over the library of another tool, without asking YouTube and without copying a byte."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ytarchive.cli.app import Command, Invocation, invocation
from ytarchive.errors import BusyError, UsageError, YtarchiveError

if TYPE_CHECKING:
    from rich.progress import TaskID

    from ytarchive.cli.output import Screen
    from ytarchive.reconciler import World
    from ytarchive.reconciler.adoptable import OnProgress, Phase
    from ytarchive.reconciler.adopting import AdoptionReport
    from ytarchive.settings import Settings

LOST = 3
_SHOWN = 20
_LINE_EVERY_SECONDS = 10.0


@click.command(
    cls=Command, short_help="Take over the library of yt-dlp, ytdl-sub, Pinchflat, TubeSync or TubeArchivist"
)
@click.argument("path", type=click.Path(path_type=Path))
@click.option(
    "--link",
    is_flag=True,
    help="Give each file a second name in the archive; nothing is copied (the default).",
)
@click.option("--copy", is_flag=True, help="Copy, where links are not possible or not wished.")
@click.option("--move", is_flag=True, help="Remove each file from PATH once it is committed.")
@click.option("--dry-run", is_flag=True, help="Tell what would be adopted, and what not and why.")
@click.option(
    "--database",
    "databases",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="What the old tool wrote down: a database of TubeSync or Pinchflat, a backup of TubeArchivist.",
)
@click.option(
    "--download-archive",
    "download_archives",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The file of yt-dlp's --download-archive.",
)
@click.option(
    "--compare",
    is_flag=True,
    help="Compare the quality with what is wanted; otherwise what is adopted answers every wish.",
)
def adopt(
    path: Path,
    link: bool,
    copy: bool,
    move: bool,
    dry_run: bool,
    databases: tuple[Path, ...],
    download_archives: tuple[Path, ...],
    compare: bool,
) -> int:
    """Take over the videos below PATH, from another tool or a script with yt-dlp, without any request.

    A file's video is known by the records of the tool, an info.json beside it, the [id] in its name, or its tags.
    Each is looked into and hashed before it is committed; captions, pictures, descriptions and info.json come along. PATH stays
    as it is, except with --move. It can be interrupted, and run again.
    """
    from ytarchive.adapters.foreign import Inspectors
    from ytarchive.cli.output import Screen
    from ytarchive.reconciler.adoptable import on_other_file_system, survey
    from ytarchive.reconciler.adopting import Manner, foreseen, links_refused
    from ytarchive.reconciler.adopting import adopt as adopted

    if link + copy + move > 1:
        raise UsageError("--link, --copy and --move are three ways to adopt", cure="name one of them")
    options = invocation()
    screen = Screen(options)
    with _opened(options, dry_run) as world, Inspectors() as inspectors, _progress(screen) as on_progress:
        found = survey(
            world, path, inspectors, records=(*databases, *download_archives), on_progress=on_progress
        )
        far = on_other_file_system(world, found.root)
        if far and not copy and not move:
            raise links_refused(found.root, world, "they are on different file systems")
        if dry_run:
            report = foreseen(world, found)
        else:
            manner = Manner(how="copy" if copy or far else "link", move=move, compare=compare)
            report = adopted(world, found, inspectors, manner, on_progress=on_progress)
    if screen.json:
        screen.document(report)
    else:
        _tell(screen, report)
    return LOST if report.lost else 0


@contextmanager
def _opened(options: Invocation, dry_run: bool) -> Iterator[World]:
    """For writing; to try it out without the lock, also beside a daemon."""
    from ytarchive.cli.daemon_client import find_daemon
    from ytarchive.reconciler import open_world

    settings = options.settings()
    if not dry_run and find_daemon(settings) is not None:
        raise BusyError(
            "a daemon looks after this archive, and an adoption writes to it",
            cure="stop the daemon, adopt, and start it again; --dry-run works beside it",
        )
    with (_reading(settings) if dry_run else None) or open_world(settings) as world:
        yield world


def _reading(settings: Settings) -> AbstractContextManager[World] | None:
    """A world for reading; None where there is nothing to read yet: opening it for writing makes it, or says what is wrong."""
    from contextlib import closing

    from ytarchive.reconciler.world import reading_world

    try:
        return closing(reading_world(settings))
    except BusyError:
        raise
    except YtarchiveError:
        return None


def _tell(screen: Screen, report: AdoptionReport) -> None:
    from ytarchive.cli.words import count, size

    for one in report.records:
        screen.say(f"records: {one}", "dim")
    shown = report.left if screen.verbose else report.left[:_SHOWN]
    for left in shown:
        screen.say(f"left {left.file}: {left.why}", "yellow" if left.is_loss else "dim")
    if len(report.left) > len(shown):
        screen.say(f"… and {len(report.left) - len(shown):,} more (-v shows all)", "dim")
    if report.not_found:
        some = ", ".join(report.not_found[:5])
        more = f" and {len(report.not_found) - 5:,} more" if len(report.not_found) > 5 else ""
        screen.say(
            f"{count(len(report.not_found), 'video')} of the download archive without a file: {some}{more}",
            "dim",
        )
    tools = ", ".join(f"{number:,} of {tool}" for tool, number in sorted(report.by_tool.items()))
    word = "Would be adopted" if report.dry_run else "Adopted"
    told = f"{word}: {count(report.adopted, 'video')}, {size(report.bytes)}{f' ({tools})' if tools else ''}."
    screen.say(told, "green" if report.adopted else None)
    if report.here:
        screen.say(f"{count(report.here, 'video')} were here already.")
    if report.compared:
        screen.say(f"{count(report.compared, 'video')} adopted before will be compared with what is wanted.")
    if report.moved:
        screen.say(f"{count(report.moved, 'file')} removed from {report.path}.")
    if report.unmanaged:
        screen.say(
            f"{count(report.unmanaged, 'video')} unmanaged: no entry of the manifests wants them. They stay as they are."
        )
    if report.adopted and not report.dry_run:
        screen.say("Next: ytarchive plan")


@contextmanager
def _progress(screen: Screen) -> Iterator[OnProgress]:
    """A bar on a terminal; elsewhere a line now and then."""
    if screen.quiet:
        yield lambda _phase, _done, _all: None
        return
    if not screen.is_terminal:
        yield _Lines(screen)
        return
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=screen.console, transient=True) as bar:
        tasks: dict[Phase, TaskID] = {}

        def on_progress(phase: Phase, done: int, total: int) -> None:
            if phase not in tasks:
                tasks[phase] = bar.add_task(_WORDS[phase], total=total)
            bar.update(tasks[phase], completed=done, total=total)

        yield on_progress


_WORDS: dict[Phase, str] = {"looking": "looking through", "reading": "verifying", "adopting": "adopting"}


class _Lines:
    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._told_at = time.monotonic()

    def __call__(self, phase: Phase, done: int, total: int) -> None:
        now = time.monotonic()
        if now - self._told_at >= _LINE_EVERY_SECONDS and phase != "reading":
            self._told_at = now
            self._screen.say(f"{_WORDS[phase]}: {done:,} of {total:,}")
