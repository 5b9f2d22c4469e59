"""`ytarchive quarantine`: what passes took away, and what waits for a word before it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from ytarchive.cli.app import Group, invocation
from ytarchive.cli.arguments import VIDEO, VideoCommand

if TYPE_CHECKING:
    from ytarchive.cli.daemon_client import Daemon
    from ytarchive.cli.output import Screen
    from ytarchive.documents.quarantine import QuarantineAnswer, QuarantineDone
    from ytarchive.reconciler import World

_dry_run = click.option("--dry-run", is_flag=True, help="Tell what it would be, and do nothing.")
_videos = click.argument("videos", nargs=-1, type=VIDEO, metavar="VIDEO...")


@click.group(
    cls=Group, invoke_without_command=True, short_help="What was taken away: list it, put it back, delete it"
)
@click.pass_context
def quarantine(context: click.Context) -> int | None:
    """What passes took away lies in quarantine until its time there is over (archive.quarantine_grace).

    Without a command: `quarantine list`. What is put back stays, whatever the policies say.
    """
    if context.invoked_subcommand is None:
        return int(context.invoke(list_) or 0)
    return None


@quarantine.command("list")
def list_() -> int:
    """List what lies there, and what waits for a word before it is taken away."""
    from ytarchive.cli.output import Screen
    from ytarchive.documents.quarantine import listed
    from ytarchive.reconciler import open_reading

    screen = Screen(invocation())
    with open_reading(invocation().settings()) as world:
        answer, now = listed(world), world.clock.now()
    if screen.json:
        screen.document(answer)
    else:
        _draw(screen, answer, now)
    return 0


@quarantine.command("restore", cls=VideoCommand)
@_videos
@_dry_run
def restore(videos: tuple[str, ...], dry_run: bool) -> int:
    """Put items back into the archive and the library. They stay from then on, whatever the policies say."""
    from ytarchive.documents import quarantine as documents

    body = {"videos": list(videos), "dry_run": dry_run}
    done = _done("restore", body, dry_run, lambda world: documents.restore(world, videos, dry_run=dry_run))
    return _told(done, "Put back")


@quarantine.command("empty", cls=VideoCommand)
@_videos
@click.option("--all", "everything", is_flag=True, help="Everything that lies there.")
@_dry_run
def empty(videos: tuple[str, ...], everything: bool, dry_run: bool) -> int:
    """Delete items from quarantine for good, before their time there is over."""
    from ytarchive.documents import quarantine as documents

    body = {"videos": list(videos), "all": everything, "dry_run": dry_run}

    def call(world: World) -> QuarantineDone:
        return documents.empty(world, videos, everything=everything, dry_run=dry_run)

    return _told(_done("empty", body, dry_run, call), "Deleted")


@quarantine.command("confirm")
@click.option("--digest", metavar="TEXT", help="Only if this very set waits (`digest` of `plan --json`).")
@_dry_run
def confirm(digest: str | None, dry_run: bool) -> int:
    """Say that what waits may be taken away, though it is much at once; the next `reconcile` does it.

    The guard (archive.guard) asks, and so does a manifest that vanished. `ytarchive plan` shows what it is about.
    """
    from ytarchive.documents import quarantine as documents

    body: dict[str, Any] = {"dry_run": dry_run} | ({"digest": digest} if digest else {})
    done = _done("confirm", body, dry_run, lambda world: documents.confirm(world, digest, dry_run=dry_run))
    return _told(done, "Confirmed; the next `ytarchive reconcile` takes away")


def _done(
    verb: str, body: dict[str, Any], dry_run: bool, call: Callable[[World], QuarantineDone]
) -> QuarantineDone:
    """Done here, or by the daemon that has the archive."""
    from ytarchive.documents.quarantine import QuarantineDone

    with _opened(dry_run) as (world, daemon):
        if daemon is not None:
            return daemon.post(f"/api/v1/quarantine/{verb}", body, QuarantineDone)
        assert world is not None
        return call(world)


@contextmanager
def _opened(dry_run: bool) -> Iterator[tuple[World | None, Daemon | None]]:
    from ytarchive.cli.daemon_client import find_daemon
    from ytarchive.cli.output import Screen
    from ytarchive.cli.progress import patience
    from ytarchive.reconciler import open_reading, open_world

    settings = invocation().settings()
    daemon = None if dry_run else find_daemon(settings)
    if daemon is not None:
        yield None, daemon
        return
    with (
        patience(Screen(invocation()), "the archive is looked at"),
        open_reading(settings) if dry_run else open_world(settings) as world,
    ):
        yield world, None


def _told(done: QuarantineDone, what: str) -> int:
    from ytarchive.cli.output import Screen
    from ytarchive.cli.words import count, size

    screen = Screen(invocation())
    if screen.json:
        screen.document(done)
        return 0
    amount = f" ({size(done.bytes)})" if done.bytes else ""
    told = f"{what}: {count(done.count, 'item')}{amount}"
    screen.say(f"Would be: {told}. Nothing was done." if done.dry_run else told)
    for video in done.videos if screen.verbose else done.videos[:10]:
        screen.say(f"  {video}")
    if len(done.videos) > 10 and not screen.verbose:
        screen.say(f"  … and {len(done.videos) - 10:,} more (-v shows all)", "dim")
    return 0


def _draw(screen: Screen, answer: QuarantineAnswer, now: int) -> None:
    from ytarchive.cli.output import Cell, Column
    from ytarchive.cli.removing import draw_held
    from ytarchive.cli.words import count, size, when

    if answer.items:
        columns = [
            Column("Video"),
            Column("Title", wide=True),
            Column("Why", wide=True),
            Column("Deleted"),
            Column("Size", right=True),
        ]
        rows: list[list[Cell]] = [
            [one.video, one.title or "", one.why, when(one.until, now), size(one.bytes)]
            for one in answer.items
        ]
        screen.table(columns, rows)
        screen.say(f"{count(answer.count, 'item')} in quarantine, {size(answer.bytes)}")
    else:
        screen.say("Nothing is in quarantine.", "green")
    if answer.held:
        screen.say()
        draw_held(screen, answer.held)
