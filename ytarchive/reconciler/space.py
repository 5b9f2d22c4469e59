"""How the room on the archive's disk is used, and what may be needed: from the index, and from what lies in our own folder."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from ytarchive.adapters.index import MANUAL
from ytarchive.core import space as spaces
from ytarchive.core.instant import DAY
from ytarchive.core.space import Need, Part, Room, Space
from ytarchive.reconciler.live import Running
from ytarchive.reconciler.world import World, require_entry

SUPERSEDED_SECONDS = 2 * DAY
"""What an update replaced is swept by a look at the disk an hour later, and in large archives once a day."""


def space(world: World, *, reserved_bytes: int = 0, without: Collection[str] = ()) -> Space:
    """`reserved_bytes` is what running downloads may still write, as only the daemon knows.

    `without` are entries that may go. Raise `UsageError` where there is none of such a name.
    """
    for name in without:
        if name != MANUAL:
            require_entry(world, name)
    with world.index.usage() as usage:
        shares, backlogs, paces = usage.shares(), usage.backlogs(), usage.paces()
        views, channels, codecs = usage.views(), usage.channels(), usage.codecs()
        recent = usage.fetched_since(world.clock.now() - SUPERSEDED_SECONDS)
    room = room_of(world, reserved_bytes)
    own = world.archive.own_usage()
    return Space(
        room=room,
        items=sum(share.items for share in shares),
        bytes=sum(share.bytes for share in shares),
        entries=spaces.by_entry(shares, backlogs, paces),
        views=views,
        channels=channels,
        codecs=codecs,
        unwanted=spaces.unwanted(shares),
        quarantine=Part("quarantine", *own.quarantine),
        superseded=Part("superseded", *world.archive.unnamed_usage(recent)),
        staging=Part("staging", *own.staging),
        need=spaces.need_of(backlogs, paces, room),
        without=spaces.freed_without(shares, without) if without else None,
    )


def need(world: World, entry: str | None = None) -> Need:
    """What the videos that an entry wants, or any, and that are not here may need."""
    with world.index.usage() as usage:
        backlogs, paces = usage.backlogs(), usage.paces()
    if entry is not None:
        backlogs = tuple(one for one in backlogs if entry in one.entries)
    return spaces.need_of(backlogs, paces, room_of(world))


def reserved_by(running: Iterable[Running]) -> int:
    """What downloads may still write: twice their size, since parts and the merged file coexist."""
    return sum(2 * (one.total_bytes or 0) for one in running)


def room_of(world: World, reserved_bytes: int = 0) -> Room:
    """The archive's disk as it is now."""
    free, total = world.archive.disk_bytes()
    return Room(total, free, world.settings.archive.min_free_bytes, reserved_bytes)
