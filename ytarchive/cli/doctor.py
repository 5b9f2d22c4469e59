"""`ytarchive doctor`: check the machine, and say what to do about what is missing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from ytarchive.cli.app import Command, Invocation, invocation
from ytarchive.errors import ArchiveError, ConfigError, YtarchiveError

if TYPE_CHECKING:
    from ytarchive.cli.machine import Check
    from ytarchive.settings import Settings

_MARKS = {"ok": ("✓", "green"), "warning": ("!", "yellow"), "failed": ("✗", "red")}


@click.command(cls=Command, short_help="Check the machine, with a cure for each problem")
def doctor() -> int:
    """Check programs, folders, settings and manifests; each problem comes with its cure.

    Exits with 1 when something that is needed is missing. Asks nothing of YouTube.
    """
    from ytarchive.cli.documents import DoctorAnswer
    from ytarchive.cli.output import Screen

    options = invocation()
    screen = Screen(options)
    checks: list[Check] = []
    for check in _checks(options):
        checks.append(check)
        if not screen.json:
            _draw(screen, check)
    failed = [check for check in checks if check.status == "failed"]
    if screen.json:
        screen.document(DoctorAnswer(not failed, tuple(checks)))
    else:
        _draw_end(screen, checks)
    return YtarchiveError.exit_code if failed else 0


def _checks(options: Invocation) -> Iterator[Check]:
    from ytarchive.cli import machine
    from ytarchive.cli.machine import Check

    yield from machine.programs()
    try:
        settings = options.settings()
    except ConfigError as error:
        for problem in error.problems:
            yield Check("settings", "failed", str(problem), error.cure)
        return
    except YtarchiveError as error:
        yield Check("settings", "failed", error.message, error.cure)
        return
    yield Check(
        "settings", "ok", str(settings.file) if settings.file else "built-in values, no settings file"
    )
    yield from _manifests(options, settings)
    yield machine.state_folder(settings.state.path)
    yield from _index(settings)
    yield from _archive(settings)


def _manifests(options: Invocation, settings: Settings) -> Iterator[Check]:
    from ytarchive.cli.machine import Check
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
    from ytarchive.cli.machine import Check
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
    from ytarchive.cli.machine import Check, archive_folder
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


def _draw(screen: object, check: Check) -> None:
    from rich.text import Text

    from ytarchive.cli.output import Screen
    from ytarchive.cli.words import clean

    assert isinstance(screen, Screen)
    mark, style = _MARKS[check.status]
    if not screen.is_terminal:
        mark = check.status.ljust(7)
    line = Text.assemble((f"{mark} ", style), (f"{check.name:<16} ", "bold"), clean(check.found))
    screen.console.print(line, soft_wrap=not screen.is_terminal)
    if check.status != "ok" and check.cure:
        screen.say(f"    cure: {check.cure}", "yellow" if check.status == "warning" else "red")


def _draw_end(screen: object, checks: list[Check]) -> None:
    from ytarchive.cli.output import Screen
    from ytarchive.cli.words import count

    assert isinstance(screen, Screen)
    failed = sum(check.status == "failed" for check in checks)
    warnings = sum(check.status == "warning" for check in checks)
    screen.say()
    if failed:
        screen.say(f"{count(failed, 'check')} failed.", "bold red")
    elif warnings:
        screen.say(f"Everything that is needed is here; {count(warnings, 'warning')}.", "yellow")
    else:
        screen.say("Everything is in order.", "bold green")
