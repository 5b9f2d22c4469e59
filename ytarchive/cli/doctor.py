"""`ytarchive doctor`: check the machine, and say what to do about what is missing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING

import click

from ytarchive.cli.app import Command, Invocation, invocation
from ytarchive.cli.arguments import VIDEO
from ytarchive.errors import ArchiveError, ConfigError, YtarchiveError

if TYPE_CHECKING:
    from ytarchive.adapters.index import Index
    from ytarchive.cli.checks import Check, Section
    from ytarchive.cli.output import Screen
    from ytarchive.settings import Settings

_MARKS = {"ok": ("✓", "green"), "warning": ("!", "yellow"), "failed": ("✗", "red"), "skipped": ("-", "dim")}
_SLOW_SECONDS = 200.0
_NAME_WIDTH = 16
_NETWORK_CURE = "check the network, network.proxy and the proxy variables of the environment"


@click.command(cls=Command, short_help="Check the machine, with a cure for each problem")
@click.option("--online", is_flag=True, help="Ask YouTube too: names, TLS, the time, one video, a challenge.")
@click.option(
    "--video",
    type=VIDEO,
    metavar="VIDEO",
    help="The video to ask for with --online, instead of a well-known one.",
)
def doctor(online: bool, video: str | None) -> int:
    """Check programs, folders, settings, manifests and accounts; each problem comes with its cure.

    Exits with 1 when something that is needed is missing. Without --online nobody is asked; with it, one video is
    looked up, and one unit of the Data API is spent where there is a key.
    """
    from ytarchive.cli.checks import DoctorAnswer
    from ytarchive.cli.output import Screen
    from ytarchive.cli.reaching import CANARY

    options = invocation()
    screen = Screen(options)
    checks: list[Check] = []
    for check in _checks(options, (video or CANARY) if online else None):
        if not screen.json:
            _draw(screen, check, new_group=not checks or checks[-1].group != check.group)
        checks.append(check)
    failed = [check for check in checks if check.status == "failed"]
    if screen.json:
        screen.document(DoctorAnswer(not failed, tuple(checks)))
    else:
        _draw_end(screen, checks, online=online)
    return YtarchiveError.exit_code if failed else 0


def _checks(options: Invocation, subject: str | None) -> Iterator[Check]:
    """Every check, each within its time. `subject` is the video to ask for; None: nobody is asked."""
    from ytarchive.cli import machine
    from ytarchive.cli.checks import Check, Section, bounded

    group = "Settings"
    try:
        settings = options.settings()
    except YtarchiveError as error:
        found = [str(each) for each in error.problems] if isinstance(error, ConfigError) else [error.message]
        yield from bounded(Section("Programs", "programs", machine.programs, _SLOW_SECONDS))
        for problem in found:
            yield Check("settings", "failed", problem, error.cure, group=group)
        return
    for section in _offline(options, settings):
        yield from bounded(section)
    if subject is not None:
        for section in _online(settings, subject):
            yield from bounded(section)
        return
    from ytarchive.cli.reaching import ONLINE_CHECKS

    for name in ONLINE_CHECKS:
        yield Check(name, "skipped", "asks the network", "ytarchive doctor --online", group="YouTube")


def _offline(options: Invocation, settings: Settings) -> Iterator[Section]:
    from ytarchive.adapters.engines import Rack
    from ytarchive.cli import folders, machine, reaching
    from ytarchive.cli.checks import Section
    from ytarchive.reconciler.world import index_path

    rack = Rack(settings.state.path)
    path = index_path(settings)
    yield Section("Programs", "programs", machine.programs, _SLOW_SECONDS)
    yield Section("Programs", "engine", partial(machine.engine_checks, rack), _SLOW_SECONDS)
    yield Section("Settings", "settings", partial(_settings, settings))
    yield Section("Settings", "manifests", partial(_manifests, options, settings))
    yield Section("Settings", "accounts", partial(reaching.accounts, settings))
    yield Section("Settings", "api key", partial(_with_index, settings, reaching.api))
    yield Section("Folders", "state folder", lambda: iter([folders.state_folder(settings.state.path)]))
    yield Section("Folders", "index", partial(_index, settings))
    yield Section("Folders", "archive", partial(_archive, settings))
    yield Section("Clock and address", "clock", partial(reaching.clock, rack, path))
    yield Section("Clock and address", "egress", partial(_with_index, settings, reaching.egresses))


def _online(settings: Settings, subject: str) -> Iterator[Section]:
    from ytarchive.adapters.engines import Rack
    from ytarchive.cli import reaching
    from ytarchive.cli.checks import Section

    network = reaching.network_of(settings)
    rack = Rack(settings.state.path)

    def ask_api(settings: Settings, index: Index | None) -> Iterator[Check]:
        return reaching.api_online(settings, index, subject, network)

    def ask_video(settings: Settings, index: Index | None) -> Iterator[Check]:
        return reaching.video(settings, index, subject, rack)

    for name, look, seconds in (
        ("dns", partial(reaching.names, network), 30.0),
        ("tls", partial(reaching.handshake, network), 60.0),
        ("api online", partial(_with_index, settings, ask_api), 120.0),
        ("video", partial(_with_index, settings, ask_video), _SLOW_SECONDS),
    ):
        yield Section("YouTube", name, look, seconds, _NETWORK_CURE)


def _settings(settings: Settings) -> Iterator[Check]:
    from ytarchive.cli.checks import Check

    found = str(settings.file) if settings.file else "built-in values, no settings file"
    yield Check("settings", "ok", found)


def _with_index(
    settings: Settings, look: Callable[[Settings, Index | None], Iterator[Check]]
) -> Iterator[Check]:
    """Let a check read the index, where there is one that can be read; `_index` tells what is wrong with it."""
    from ytarchive.adapters.index import Index
    from ytarchive.reconciler.world import index_path

    path = index_path(settings)
    try:
        index = Index.open(path, read_only=True) if path.exists() else None
    except YtarchiveError:
        index = None
    try:
        yield from look(settings, index)
    finally:
        if index is not None:
            index.close()


def _manifests(options: Invocation, settings: Settings) -> Iterator[Check]:
    from ytarchive.cli.checks import Check
    from ytarchive.cli.words import count

    try:
        loaded = options.manifests(settings)
    except ConfigError as error:
        for problem in error.problems:
            yield Check("manifests", "failed", str(problem), error.cure)
        return
    for warning in loaded.warnings:
        yield Check("manifests", "warning", warning, "`ytarchive init` writes a commented one to begin with")
    if not loaded.warnings:
        found = f"{count(len(loaded.entries), 'entry', 'entries')} in {settings.manifests.path}"
        yield Check("manifests", "ok", found)


def _index(settings: Settings) -> Iterator[Check]:
    from ytarchive.adapters.index import Index
    from ytarchive.cli.checks import Check
    from ytarchive.reconciler.world import index_path

    path = index_path(settings)
    if not path.exists():
        yield Check("index", "ok", "none yet: the first run makes it")
        return
    try:
        Index.open(path, read_only=True).close()
    except YtarchiveError as error:
        yield Check("index", "failed", error.message, error.cure)
    else:
        yield Check("index", "ok", str(path))


def _archive(settings: Settings) -> Iterator[Check]:
    """Who the archive is; what its file system can do is tried only where an archive may be written."""
    from ytarchive.adapters.archive import NotInitialised, open_archive
    from ytarchive.cli.checks import Check
    from ytarchive.cli.folders import archive_folder
    from ytarchive.reconciler.world import read_known_id

    root = settings.archive.root
    try:
        archive = open_archive(root, known_id=read_known_id(settings), read_only=True)
    except NotInitialised:
        yield Check("archive", "ok", f"none in {root} yet: the first run makes it")
    except ArchiveError as error:
        yield Check("archive", "failed", error.message, error.cure)
        return
    else:
        yield Check("archive", "ok", f"{archive.id} in {root}")
    yield from archive_folder(root, settings.archive.min_free_bytes)


def _draw(screen: Screen, check: Check, *, new_group: bool) -> None:
    """A line for each check under its group; what was not asked is told at the end, in one."""
    from rich.table import Table
    from rich.text import Text

    from ytarchive.cli.words import clean

    if check.status == "skipped" and check.cure:
        return
    if new_group:
        screen.heading(check.group)
    mark, style = _MARKS[check.status]
    found = clean(check.found)
    if check.expected and check.status in ("warning", "failed"):
        found += f"; expected {clean(check.expected)}"
    cure = f"cure: {clean(check.cure)}" if check.cure and check.status in ("warning", "failed") else None
    if not screen.is_terminal:
        line = Text(f"  {check.status:<7} {check.name:<{_NAME_WIDTH}} {found}")
        screen.console.print(line, soft_wrap=True)
        if cure:
            screen.say(f"      {cure}")
        return
    row = Table.grid(padding=(0, 1, 0, 0))
    row.add_column(width=3, justify="right", style=style)
    row.add_column(width=_NAME_WIDTH, style="bold")
    row.add_column(overflow="fold")
    row.add_row(mark, check.name, Text(found))
    if cure:
        row.add_row("", "", Text(cure, style="yellow" if check.status == "warning" else "red"))
    screen.console.print(row)


def _draw_end(screen: Screen, checks: list[Check], *, online: bool) -> None:
    from ytarchive.cli.words import count

    failed = sum(check.status == "failed" for check in checks)
    warnings = sum(check.status == "warning" for check in checks)
    screen.say()
    if not online and any(check.status == "skipped" and check.cure for check in checks):
        screen.say("Nobody was asked: `ytarchive doctor --online` also tries YouTube.", "dim")
    if failed:
        screen.say(f"{count(failed, 'check')} failed.", "bold red")
    elif warnings:
        screen.say(f"Everything that is needed is here; {count(warnings, 'warning')}.", "yellow")
    else:
        screen.say("Everything is in order.", "bold green")
