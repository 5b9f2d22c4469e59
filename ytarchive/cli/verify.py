"""`ytarchive verify`: compare every byte on disk with the checksum that was stored for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from ytarchive.cli.app import invocation
from ytarchive.cli.arguments import SIZE, VIDEO, VideoCommand

if TYPE_CHECKING:
    from ytarchive.adapters.index import ToVerify
    from ytarchive.cli.output import Screen
    from ytarchive.reconciler import OnRead, VerifyReport

DAMAGED = 3


@click.command(cls=VideoCommand, short_help="Compare what is on disk with its checksums")
@click.argument("videos", nargs=-1, type=VIDEO, metavar="[VIDEO]...")
@click.option(
    "--due", is_flag=True, help="Only what has its turn: new items, and what was not read for 90 days."
)
@click.option("--rate", type=SIZE, metavar="SIZE", help="Read at most so much a second, such as 20MiB.")
def verify(videos: tuple[str, ...], due: bool, rate: int | None) -> int:
    """Read every file of the archive back and compare it with its SHA-256, the oldest look first.

    Damage is told, and the next reconcile fetches it again; the damaged copy stays until then. It can be interrupted:
    what was compared is remembered, and `verify --due` goes on where it was left.
    """
    from ytarchive.cli.output import Screen
    from ytarchive.errors import UsageError
    from ytarchive.reconciler import open_world
    from ytarchive.reconciler import verify as verified

    if videos and due:
        raise UsageError("--due chooses by time, and videos are named", cure="leave out one of them")
    options = invocation()
    screen = Screen(options)
    with open_world(options.settings()) as world:
        absent = [video for video in videos if world.index.verified(video) is None]
        if absent:
            raise UsageError(
                f"not in the archive: {', '.join(absent)}", cure="see what is: ytarchive status VIDEO"
            )
        ahead = [one for video in videos if (one := world.index.verified(video)) is not None]
        items, size = (
            (len(ahead), sum(one.bytes for one in ahead))
            if videos
            else world.index.verify_backlog(
                not_since=world.clock.now(), due_by=world.clock.now() if due else None
            )
        )
        with _progress(screen, items, size) as on_read:
            report = verified(
                world, videos=videos or None, only_due=due, bytes_per_second=rate, on_read=on_read
            )
    if screen.json:
        screen.document(report)
    else:
        _tell(screen, report)
    return DAMAGED if report.damage else 0


def _tell(screen: Screen, report: VerifyReport) -> None:
    from ytarchive.cli.words import count, size

    for one in report.damage:
        screen.say(f"damaged {one.video}: {one.why}", "red")
    what = f"{count(report.items, 'item')}, {size(report.bytes)}"
    if not report.items:
        screen.say("Nothing to verify.")
    elif not report.damage:
        screen.say(f"Verified: {what}. All as it was stored.", "green")
    else:
        damaged = len({one.video for one in report.damage})
        screen.say(f"Verified: {what}. {count(damaged, 'item')} damaged.", "bold red")
        screen.say(
            "They are fetched again by the next reconcile, as far as YouTube still has them; until then they stay."
        )


@contextmanager
def _progress(screen: Screen, items: int, size: int) -> Iterator[OnRead]:
    """A bar on a terminal; elsewhere nothing before the end, which tells it all."""
    from ytarchive.cli.words import count
    from ytarchive.cli.words import size as words

    if not screen.is_terminal or screen.quiet or not items:
        yield lambda _item, _size: True
        return
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    screen.say(f"{count(items, 'item')}, {words(size)} to read")
    columns = (
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeRemainingColumn(),
        TextColumn("{task.fields[video]}"),
    )
    with Progress(*columns, console=screen.console, transient=True) as bar:
        task = bar.add_task("", total=size, video="")

        def on_read(item: ToVerify, read: int) -> bool:
            bar.update(task, advance=read, video=item.video)
            return True

        yield on_read
