"""`ytarchive engine`: which yt-dlp is used. Each lies in a folder of its own, with its exact challenge solver."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from ytarchive.cli.app import Group, invocation

if TYPE_CHECKING:
    from ytarchive.adapters.engines import Change, Rack
    from ytarchive.cli.output import Screen


@click.group(cls=Group, short_help="The yt-dlp in use: list, upgrade, rollback, pin, unpin")
def engine() -> None:
    """The yt-dlp in use: each version in a folder of its own, with its exact challenge solver.

    What runs when the engine changes ends undisturbed; the next job is given to a worker with the new one.
    """


@engine.command("list")
def list_engines() -> int:
    """List the engines that are there, and which one is in use."""
    from ytarchive.core.engines import BUILT_IN
    from ytarchive.documents.answers import EngineLine, EngineListAnswer

    screen, rack = _open()
    choice, in_force = rack.choice(), rack.in_force()
    lines = [
        EngineLine(name, each.yt_dlp, each.ejs, name == in_force, name == choice.previous, each.installed_at)
        for name, each in rack.installed().items()
    ]
    lines.append(
        EngineLine(
            BUILT_IN,
            rack.built_in,
            _built_in_solver(),
            in_force == BUILT_IN,
            choice.previous == BUILT_IN,
        )
    )
    answer = EngineListAnswer(in_force, choice.pinned, tuple(lines))
    if screen.json:
        screen.document(answer)
    else:
        _draw(screen, answer)
    return 0


@engine.command("upgrade")
@click.argument("version", required=False, metavar="[VERSION]")
def upgrade_engine(version: str | None) -> int:
    """Install the newest yt-dlp, or VERSION, from the package index; test it offline; switch to it.

    On any trouble the engine in use stays. Two engines are kept: this one, and the one before it.
    """
    from ytarchive.adapters import engines

    screen, rack = _open()
    with _progress(screen) as tell:
        change = engines.upgrade(rack, version, tell)
    return _tell(screen, rack, change)


@engine.command("rollback")
def roll_back() -> int:
    """Go back to the engine that was in use before this one."""
    from ytarchive.adapters import engines

    screen, rack = _open()
    return _tell(screen, rack, engines.go_back(rack))


@engine.command("pin")
@click.argument("version", required=False, metavar="[VERSION]")
def pin_engine(version: str | None) -> int:
    """Stay with VERSION, or with the engine in use: no upgrade is taken until `unpin`."""
    from ytarchive.adapters import engines

    screen, rack = _open()
    with _progress(screen) as tell:
        change = engines.pin(rack, version, tell)
    return _tell(screen, rack, change)


@engine.command("unpin")
def unpin_engine() -> int:
    """Allow upgrades again."""
    from ytarchive.adapters import engines

    screen, rack = _open()
    return _tell(screen, rack, engines.unpin(rack))


def _open() -> tuple[Screen, Rack]:
    from ytarchive.adapters.engines import Rack
    from ytarchive.cli.output import Screen

    options = invocation()
    return Screen(options), Rack(options.settings().state.path)


def _built_in_solver() -> str | None:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("yt-dlp-ejs")
    except PackageNotFoundError:
        return None


@contextmanager
def _progress(screen: Screen) -> Iterator[Callable[[str], None]]:
    """What is being done now: a spinner on a terminal, a line each otherwise."""
    if screen.quiet:
        yield lambda _: None
    elif screen.is_terminal:
        with screen.console.status("") as status:
            yield status.update
    else:
        yield screen.say


def _draw(screen: Screen, answer: object) -> None:
    from ytarchive.cli.output import Column, styled
    from ytarchive.cli.words import moment
    from ytarchive.core.engines import BUILT_IN
    from ytarchive.documents.answers import EngineListAnswer

    assert isinstance(answer, EngineListAnswer)
    rows = []
    for line in answer.engines:
        state = "in use" if line.in_force else "the one before" if line.previous else ""
        if line.in_force and answer.pinned:
            state += ", pinned"
        origin = f"installed {moment(line.installed_at)}" if line.installed_at else "came with ytarchive"
        name = f"{line.yt_dlp} ({BUILT_IN})" if line.name == BUILT_IN else line.yt_dlp
        rows.append((styled(name, "bold" if line.in_force else ""), line.ejs or "none", state, origin))
    columns = (Column("yt-dlp"), Column("yt-dlp-ejs"), Column("state", style="green"), Column("origin"))
    screen.table(columns, rows)


def _tell(screen: Screen, rack: Rack, change: Change) -> int:
    from ytarchive.core.engines import BUILT_IN
    from ytarchive.documents.answers import EngineChangeAnswer

    if screen.json:
        screen.document(
            EngineChangeAnswer(
                change.before, change.now, change.changed, change.pinned, change.installed, change.removed
            )
        )
        return 0

    def named(name: str) -> str:
        return f"yt-dlp {rack.version_of(name)}" + (" (built-in)" if name == BUILT_IN else "")

    pinned = ", pinned" if change.pinned else ""
    if not change.changed:
        screen.say(f"{named(change.now)} stays in use{pinned}: there is nothing to change.", "green")
    elif change.before == change.now:
        screen.say(f"{named(change.now)} stays in use{pinned or '; upgrades are allowed'}.", "green")
    else:
        screen.say(f"{named(change.now)} is in use now{pinned}; before: {named(change.before)}.", "green")
        screen.say("Jobs that run end on the engine that they began with; each next one has the new engine.")
    for name in change.removed:
        screen.say(f"Removed yt-dlp {name}.")
    return 0
