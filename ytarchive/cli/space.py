"""`ytarchive space`: what takes how much room, what could be free, and what the backlog will need."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ytarchive.cli.app import Command, invocation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ytarchive.cli.output import Cell, Screen
    from ytarchive.core.space import EntryUsage, Part, Room, Space
    from ytarchive.settings import Settings

SHOWN = 20


@click.command(cls=Command, short_help="What takes how much room, and what the backlog will need")
@click.option("--all", "everything", is_flag=True, help=f"Every channel, not only the {SHOWN} largest.")
@click.option(
    "--without",
    multiple=True,
    metavar="ENTRY",
    help="What would be free without this entry; may be repeated.",
)
def space(everything: bool, without: tuple[str, ...]) -> int:
    """Show how much room entries, views, channels and codecs take, what would be free without them, and the backlog's need.

    What several entries want counts for each of them; "Alone" is what no other entry wants: free if that entry went.
    Names in the library are links, and take no room.
    """
    from ytarchive.cli.output import Screen
    from ytarchive.reconciler import open_reading
    from ytarchive.reconciler.space import space as measured

    options = invocation()
    screen = Screen(options)
    settings = options.settings()
    with open_reading(settings) as world:
        found = measured(world, reserved_bytes=_reserved(settings), without=without)
    if screen.json:
        screen.document(found)
    else:
        _draw(screen, found, everything=everything)
        if found.without is not None:
            _draw_without(screen, found.without, without)
    return 0


def _reserved(settings: Settings) -> int:
    """What a daemon's running downloads may still write; nothing where none runs, or none answers."""
    from ytarchive.cli.daemon_client import find_daemon
    from ytarchive.errors import YtarchiveError
    from ytarchive.reconciler.live import Running
    from ytarchive.reconciler.space import reserved_by

    try:
        daemon = find_daemon(settings)
        return reserved_by(daemon.get("/api/v1/running", tuple[Running, ...])) if daemon else 0
    except YtarchiveError:
        return 0


def _draw(screen: Screen, found: Space, *, everything: bool) -> None:
    from ytarchive.cli.output import Column

    if found.entries:
        columns = [Column("Entry", wide=True)]
        columns += [Column(name, right=True) for name in ("Items", "Size", "Alone", "To come", "May need")]
        screen.table(columns, [_entry_row(entry) for entry in found.entries])
        screen.say()
    for name, parts in (("View", found.views), ("Channel", found.channels), ("Codec", found.codecs)):
        if parts:
            _draw_parts(screen, name, parts if everything else parts[:SHOWN])
            if not everything and len(parts) > SHOWN:
                screen.say(f"and {len(parts) - SHOWN:,} more: --all", "dim")
            screen.say()
    _draw_sum(screen, found)


def _draw_without(screen: Screen, part: Part, names: Sequence[str]) -> None:
    from ytarchive.cli.words import count, size

    told = f"{count(part.items, 'item')}, {size(part.bytes)}, are wanted by no other entry than {', '.join(names)}"
    screen.say(f"{told}: free once they go and their files are taken away", "bold")


def _entry_row(entry: EntryUsage) -> Sequence[Cell]:
    from ytarchive.cli.words import size

    need = "unknown" if entry.backlog_bytes is None else size(entry.backlog_bytes) if entry.backlog else ""
    return [
        entry.name,
        entry.items,
        size(entry.bytes),
        size(entry.own_bytes),
        entry.backlog,
        need,
    ]


def _draw_parts(screen: Screen, name: str, parts: Sequence[Part]) -> None:
    from ytarchive.cli.output import Column
    from ytarchive.cli.words import size

    columns = [Column(name, wide=True), Column("Items", right=True), Column("Size", right=True)]
    screen.table(columns, [[part.name, part.items, size(part.bytes)] for part in parts])


def _draw_sum(screen: Screen, found: Space) -> None:
    from ytarchive.cli.reports import draw_need
    from ytarchive.cli.words import count, size

    screen.say(f"{count(found.items, 'item')}, {size(found.bytes)}; {_room_line(found.room)}")
    for part, told in (
        (
            found.unwanted,
            "that no entry wants: free if they are taken away (when_unwanted, when_removed_from_source)",
        ),
        (found.quarantine, "in quarantine"),
        (found.superseded, "with files that an update replaced: swept by a later look at the disk"),
        (found.staging, "in staging: downloads under way, or to be resumed"),
    ):
        if part.items:
            screen.say(f"{count(part.items, 'video')}, {size(part.bytes)}, {told}", "dim")
    need = found.need
    if need.videos and need.bytes is None:
        screen.say(
            f"{count(need.videos, 'video')} to come; nothing is here yet that tells how large they may be",
            "dim",
        )
    elif need.videos:
        draw_need(screen, need)


def _room_line(room: Room) -> str:
    """`1.2 TB of 4.0 TB free, of which 1.0 GB must stay free and 300 MB are reserved`."""
    from ytarchive.cli.words import size

    reserved = (
        f" and {size(room.reserved_bytes)} are reserved by running downloads" if room.reserved_bytes else ""
    )
    return (
        f"{size(room.free_bytes)} of {size(room.total_bytes)} free,"
        f" of which {size(room.min_free_bytes)} must stay free{reserved}"
    )
