"""What lies in quarantine: told, put back, emptied; and what a kill interrupted on the way there."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ytarchive.adapters.archive import DamagedItem, Quarantined
from ytarchive.adapters.index import MANUAL, LetGo
from ytarchive.core.instant import Instant
from ytarchive.core.item import Item
from ytarchive.core.journal import Decision
from ytarchive.core.layout import LibraryName
from ytarchive.errors import UsageError
from ytarchive.reconciler import disk, linking

if TYPE_CHECKING:
    from ytarchive.reconciler.world import World

BATCH = 100
_UNRECORDED = "taken away by a pass that was interrupted"


@dataclass(frozen=True, slots=True)
class InQuarantine:
    """One item in quarantine: since when, why, and when a pass deletes it (`archive.quarantine_grace`)."""

    video: str
    title: str | None
    channel: str | None
    bytes: int
    since: Instant
    until: Instant
    why: str
    path: str


def in_quarantine(world: World) -> tuple[InQuarantine, ...]:
    """Everything that lies there, the oldest first."""
    return tuple(_told(world, one) for one in world.archive.quarantine.each())


def _told(world: World, one: Quarantined) -> InQuarantine:
    gone = world.index.gone_by_decision(one.video)
    metadata = one.item.metadata if one.item else None
    since = max(one.since, gone.at) if gone and gone.at - one.since < 86_400 else one.since
    return InQuarantine(
        video=one.video,
        title=metadata.title if metadata else None,
        channel=metadata.channel if metadata else None,
        bytes=one.bytes,
        since=since,
        until=since + world.settings.archive.quarantine_grace_seconds,
        why=gone.why if gone else "",
        path=str(one.folder.relative_to(world.archive.root)),
    )


def restore(world: World, videos: Sequence[str]) -> tuple[str, ...]:
    """Put items back, the newest of each video, to stay whatever policies say. Raise `UsageError` for what is not there."""
    chosen = _chosen(world, videos)
    now = world.clock.now()
    newest = {one.video: one for one in chosen}
    for video in newest:
        if world.index.item_location(video) is not None:
            raise UsageError(
                f"{video} is in the archive again: what is in quarantine would replace it",
                cure=f"keep what is there, and remove the other: ytarchive quarantine empty {video}",
            )
    world.archive.journal.record(*(Decision(at=now, kind="keep", video=video) for video in newest))
    for video, one in newest.items():
        world.index.keep(video, now)
        folder = world.archive.quarantine.restore(one)
        _know_again(world, video, folder.parent.name, folder.stat().st_mtime_ns)
    return tuple(newest)


def _know_again(world: World, video: str, shard: str, mtime_ns: int) -> None:
    try:
        item = world.archive.read_item(shard, video)
    except DamagedItem as damage:
        world.index.mark_damaged(video, damage.message, shard=shard, dir_mtime_ns=mtime_ns)
        world.index.want_again((video,))
        return
    disk.record(world, item, mtime_ns)
    _link(world, item)


def link_kept(world: World) -> None:
    """Give what came out of quarantine its names, where a kill came before that: nobody may want it, so no pass would."""
    for video in world.index.kept_without_names():
        item = world.item(video)
        if item is not None:
            _link(world, item)


def _link(world: World, item: Item) -> None:
    known = {entry.name for entry in world.index.entries()}
    entries = tuple(name for name in item.wanted_by if name in known)
    linking.link_item(world, item, entries or (MANUAL,))


def empty(world: World, videos: Sequence[str] | None = None) -> tuple[Quarantined, ...]:
    """Delete from quarantine for good: these videos, or everything. Raise `UsageError` for what is not there."""
    return _delete(world, _chosen(world, videos) if videos is not None else world.archive.quarantine.each())


def expire(world: World) -> tuple[Quarantined, ...]:
    """Delete what has been there for longer than the grace."""
    now = world.clock.now()
    over = [
        one
        for one in world.archive.quarantine.each(until=now - world.settings.archive.quarantine_grace_seconds)
        if now >= _told(world, one).until and now >= one.since  # a clock that went back deletes nothing
    ]
    return _delete(world, over) if over else ()


def _delete(world: World, some: Collection[Quarantined]) -> tuple[Quarantined, ...]:
    now = world.clock.now()
    world.archive.journal.record(
        *(Decision(at=now, kind="empty", video=one.video, why=str(one.bytes)) for one in some)
    )
    for number, one in enumerate(some, start=1):
        world.archive.quarantine.delete(one)
        if number % BATCH == 0:
            world.crew.attend(0.0)  # a sign of life
    return tuple(some)


def _chosen(world: World, videos: Sequence[str]) -> tuple[Quarantined, ...]:
    there = world.archive.quarantine.each()
    require(videos, {one.video for one in there})
    return tuple(one for one in there if one.video in videos)


def require(videos: Sequence[str], there: Collection[str]) -> None:
    """Raise `UsageError` for videos that are not in quarantine, and for none at all."""
    if not videos:
        raise UsageError("which items?", cure="name videos; see `ytarchive quarantine list`")
    if missing := sorted({*videos} - {*there}):
        raise UsageError(
            f"not in quarantine: {', '.join(missing[:5])}",
            cure="`ytarchive quarantine list` shows what is there",
        )


def recover(world: World) -> None:
    """Finish what a kill interrupted: what lies in quarantine is known as taken away, what was being deleted goes.

    The rename is what decides: an item that it reached is gone from archive and library, any other is where it was.
    """
    quarantine = world.archive.quarantine
    for one in (*quarantine.interrupted(), *quarantine.each(of=lambda video: _is_missed(world, video))):
        if not _was_reached(world, one):
            continue
        names = (LibraryName(*name) for name in world.index.views(one.video))
        world.archive.library.withdraw(names)
        world.index.let_go(LetGo(one.video, "quarantine", _UNRECORDED, world.clock.now()))
    for one in quarantine.interrupted():
        quarantine.finish(one.folder)


def _is_missed(world: World, video: str) -> bool:
    """Whether the index knows an item that is not in its place."""
    shard = world.index.item_location(video)
    return shard is not None and not (world.archive.tree.item(shard, video) / "item.json").exists()


def _was_reached(world: World, one: Quarantined) -> bool:
    """Whether this is what the index believes to be in the archive, where nothing is any more."""
    if not _is_missed(world, one.video):
        return False
    return one.item is None or one.item.provenance.fetched_at == world.index.fetched_at(one.video)
