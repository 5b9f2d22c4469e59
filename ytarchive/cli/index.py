"""`ytarchive index`: the cache of what is on disk."""

from __future__ import annotations

import click

from ytarchive.cli.app import Group, invocation


@click.group(cls=Group, short_help="The cache of what is on disk: rebuild it")
def index() -> None:
    """The index: a cache that can be made anew from the archive at any time."""


@index.command("rebuild")
def rebuild() -> int:
    """Make the index anew from the archive and its journal.

    Nothing is downloaded, and decisions such as `workplan ignore` stay. The old index is kept beside the new one.
    """
    from ytarchive.cli.output import Screen
    from ytarchive.cli.progress import watching
    from ytarchive.cli.words import count
    from ytarchive.reconciler import rebuild_index

    options = invocation()
    screen = Screen(options)
    with watching(screen) as observer:
        report = rebuild_index(options.settings(), observer=observer)
    if screen.json:
        screen.document(report)
        return 0
    screen.say(
        f"The index is made anew: {count(report.items, 'item')}, {count(report.decisions, 'decision')} of the journal.",
        "green",
    )
    if report.damaged:
        screen.say(
            f"{count(report.damaged, 'item')} damaged: the next reconcile fetches them again.", "yellow"
        )
    if report.foreign:
        screen.say(f"{count(report.foreign, 'foreign file')} in the archive, left alone.", "yellow")
    return 0
