"""`ytarchive history`: what happened to one video, in the order of time."""

from __future__ import annotations

import click

from ytarchive.cli.app import invocation
from ytarchive.cli.arguments import VIDEO, VideoCommand


@click.command(cls=VideoCommand, short_help="What happened to one video, in the order of time")
@click.argument("video", type=VIDEO, metavar="VIDEO")
def history(video: str) -> int:
    """Tell what happened to a video: when it was listed, renamed, tried, fetched and how, decided about, and gone.

    VIDEO is an id (also one that begins with -) or any address of it.
    """
    from ytarchive.cli.output import Column, Screen
    from ytarchive.cli.words import moment
    from ytarchive.reconciler import history as known
    from ytarchive.reconciler import open_reading

    options = invocation()
    screen = Screen(options)
    with open_reading(options.settings()) as world:
        found = known(world, video)
    if screen.json:
        screen.document(found)
        return 0
    screen.heading(f"{found.video}  {found.title or ''}".rstrip())
    if not found.moments:
        screen.say("  nothing is known to have happened to it")
        return 0
    rows = [[moment(one.at), one.kind, one.text] for one in found.moments]
    screen.table([Column("When"), Column("What"), Column("", wide=True)], rows)
    return 0
