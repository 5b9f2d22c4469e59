"""`ytarchive metadata`: what is known of videos, playlists and channels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ytarchive.cli.app import Invocation, invocation
from ytarchive.cli.arguments import ANY_SOURCE, VideoCommand
from ytarchive.errors import BusyError, YtarchiveError

if TYPE_CHECKING:
    from ytarchive.cli.output import Cell, Screen
    from ytarchive.core.address import Address
    from ytarchive.reconciler import ChannelKnowledge, Knowledge, ListKnowledge, VideoKnowledge


@click.command(cls=VideoCommand, short_help="What is known of videos, playlists and channels")
@click.argument("sources", nargs=-1, required=True, type=ANY_SOURCE, metavar="URL...")
@click.option("--refresh", is_flag=True, help="Ask YouTube also about what is known already.")
def metadata(sources: tuple[Address, ...], refresh: bool) -> int:
    """Tell what is known of videos, playlists and channels, and how old that is.

    URL is an address or an id. What is not known yet is asked for: of the Data API where there is a key, else of
    YouTube's pages. Whatever YouTube showed once stays known after it is gone, with every title it had.
    """
    from ytarchive.cli.output import Screen
    from ytarchive.documents.answers import MetadataAnswer
    from ytarchive.reconciler import VideoKnowledge

    options = invocation()
    screen = Screen(options)
    found, now = _found(options, screen, sources, refresh=refresh)
    if screen.json:
        screen.document(MetadataAnswer(tuple(found)))
    else:
        for one in found:
            _draw(screen, one, now)
    failed = [one for one in found if isinstance(one, VideoKnowledge) and one.failure is not None]
    return 1 if failed else 0


def _found(
    options: Invocation, screen: Screen, sources: tuple[Address, ...], *, refresh: bool
) -> tuple[list[Knowledge], int]:
    """What the cache holds where that is enough; it can be read beside a running instance."""
    from ytarchive.cli.progress import watching
    from ytarchive.reconciler import ask, is_known, known, open_reading, open_world

    settings = options.settings()
    if not refresh:
        try:
            with open_reading(settings) as world:
                found = [known(world, source) for source in sources]
                if all(is_known(one) for one in found):
                    return found, world.clock.now()
        except BusyError:
            raise
        except YtarchiveError:
            pass  # there is no archive yet: opening it for writing makes one, or says what is wrong
    with watching(screen) as observer, open_world(settings, observer=observer) as world:
        found = []
        for source in sources:
            one = known(world, source)
            found.append(one if is_known(one) and not refresh else ask(world, source))
        return found, world.clock.now()


def _draw(screen: Screen, found: Knowledge, now: int) -> None:
    from ytarchive.reconciler import ListKnowledge, VideoKnowledge

    if isinstance(found, VideoKnowledge):
        _draw_video(screen, found, now)
    elif isinstance(found, ListKnowledge):
        _draw_playlist(screen, found, now)
    else:
        _draw_channel(screen, found, now)
    screen.say()


def _draw_video(screen: Screen, found: VideoKnowledge, now: int) -> None:
    from ytarchive.cli.words import moment, span, when

    record = found.record
    screen.heading(f"{found.id}  {record.title if record and record.title else ''}".rstrip())
    rows: list[tuple[str, str | None]] = []
    if record is not None:
        channel = f"{record.channel or ''} ({record.channel_id})" if record.channel_id else record.channel
        exact = record.published_from is not None and record.published_from == record.published_to
        published = (
            moment(record.published_from)
            if exact and record.published_from is not None
            else record.uploaded_on
        )
        rows = [
            ("channel", channel),
            ("published", published),
            ("duration", span(int(record.duration_seconds)) if record.duration_seconds is not None else None),
            ("kind", record.kind),
            ("language", record.language),
            ("availability", record.availability),
            ("live", record.live_status),
            (
                "told by",
                f"{record.told_by or 'listing'}, {when(record.seen_at, now)}" if record.seen_at else None,
            ),
        ]
    rows.append(("on disk", "yes" if found.on_disk else "no"))
    _pairs(screen, rows)
    if found.tombstone is not None:
        stone = found.tombstone
        sure = (
            f"confirmed {when(stone.confirmed_at, now)}"
            if stone.confirmed_at is not None
            else "to be confirmed"
        )
        screen.say(f"  gone: {stone.code}, noticed {when(stone.first_at, now)}, {sure}", "yellow")
    if found.failure is not None:
        screen.say(f"  not to be seen now: {found.failure.code}: {found.failure.evidence.message}", "red")
    titles = [one for one in found.texts if one.field == "title"]
    if len(titles) > 1:
        for one in titles:
            screen.say(f"  title {when(one.seen_at, now)}: {one.value}", "dim")


def _draw_playlist(screen: Screen, found: ListKnowledge, now: int) -> None:
    from ytarchive.cli.words import count, when

    listing = found.listing
    screen.heading(f"{found.id}  {listing.title if listing and listing.title else ''}".rstrip())
    rows: list[tuple[str, str | None]] = [("holds", count(found.held, "video"))]
    if listing is not None:
        expected = (
            f", YouTube counts {listing.expected:,}" if listing.expected not in (None, found.held) else ""
        )
        rows[0] = ("holds", f"{count(found.held, 'video')}{expected}")
        rows.append(("listing", " ".join(one for one in (listing.completeness, listing.why) if one)))
        rows.append(("looked at", when(listing.at, now) if listing.at is not None else None))
        rows.append(("trouble", f"{listing.code}: {listing.message or ''}" if listing.code else None))
    rows.append(("followed by", ", ".join(found.entries) or "no entry"))
    _pairs(screen, rows)


def _draw_channel(screen: Screen, found: ChannelKnowledge, now: int) -> None:
    from ytarchive.cli.words import when

    record, listing = found.record, found.listing
    screen.heading(f"{found.id}  {record.title if record and record.title else ''}".rstrip())
    rows: list[tuple[str, str | None]] = []
    if record is not None:
        rows = [
            ("id", record.id),
            ("handle", record.handle),
            ("looked at", when(record.resolved_at, now)),
            ("address", f"now leads to {record.moved_to}" if record.moved_to else None),
        ]
    rows.append(("trouble", f"{listing.code}: {listing.message or ''}" if listing and listing.code else None))
    rows.append(("followed as", ", ".join(found.sources) or "no entry follows it"))
    _pairs(screen, rows)


def _pairs(screen: Screen, rows: list[tuple[str, str | None]]) -> None:
    from ytarchive.cli.output import Column

    cells: list[list[Cell]] = [[f"  {name}", value] for name, value in rows if value]
    screen.table([Column("", style="dim"), Column("", wide=True)], cells)
