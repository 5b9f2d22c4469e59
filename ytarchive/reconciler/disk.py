"""Disk is the truth: orphans adopted, changes on disk brought into the index, decisions replayed into a new one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ytarchive.adapters.archive import Damaged, Found, Vanished
from ytarchive.core.instant import HOUR
from ytarchive.core.item import Item
from ytarchive.core.job import ChannelFacts, ListingSummary
from ytarchive.core.late_parts import late_of, next_look

if TYPE_CHECKING:
    from ytarchive.reconciler.world import World

BATCH = 1000
SIZES_ALWAYS_UP_TO_ITEMS = 20_000
"""So many are looked at in a quarter of a second."""
SIZES_EVERY_SECONDS = 20 * HOUR
"""In larger archives sizes are compared once a day, also where a daily timer is early by an hour or two."""
SIZES_LOOKED_AT = "sizes_looked_at"


@dataclass(frozen=True, slots=True)
class ScanReport:
    """What a look at the disk found: item folders, item.json files read, and what had changed."""

    looked: int = 0
    read: int = 0
    found: int = 0
    damaged: int = 0
    vanished: int = 0
    foreign: int = 0


@dataclass(frozen=True, slots=True)
class RebuildReport:
    """What a new index was made of."""

    items: int
    damaged: int
    decisions: int
    foreign: int


def sweep(world: World) -> None:
    """Finish what a crash interrupted: complete items in staging are committed, garbage goes."""
    report = world.archive.sweep(world.clock.now())
    for committed in report.adopted:
        world.observer.note(f"{committed.item.id}: a finished download was found in staging and committed")


def scan(world: World) -> ScanReport:
    """Bring the index up to date with the items on disk; only folders that changed are read.

    What a folder's time tells (files that came or went, a folder that is gone) is seen at once. A file that was cut
    under its name shows only in its size. Sizes cost three times as much: large archives compare them once a day.
    """
    now = world.clock.now()
    sizes = _sizes_are_due(world, now)
    looked = world.archive.scan(world.index, sizes=sizes)
    found = damaged = vanished = 0
    pending = iter(looked)
    more = True
    while more:
        more = False
        with world.index.transaction():
            for _, seen in zip(range(BATCH), pending, strict=False):
                more = True
                match seen:
                    case Found() if _is_known_corruption(world, seen):
                        continue
                    case Found():
                        _record(world, seen.item, seen.dir_mtime_ns)
                        found += 1
                        if seen.unnamed:
                            world.archive.sweep_item(seen.shard, seen.video, world.clock.now())
                    case Damaged() if _is_known_damage(world, seen):
                        continue
                    case Damaged():
                        if seen.item is not None:
                            _record(world, seen.item, seen.dir_mtime_ns)
                        world.index.mark_damaged(
                            seen.video, seen.why, shard=seen.shard, dir_mtime_ns=seen.dir_mtime_ns
                        )
                        damaged += 1
                    case Vanished() if world.index.item_location(seen.video) == seen.shard:
                        world.index.forget_item(seen.video)
                        vanished += 1
    if sizes:
        world.index.remember(SIZES_LOOKED_AT, str(now))
    if damaged:
        world.observer.note(f"{damaged} items on disk are damaged and will be fetched again")
    if vanished:
        world.observer.note(f"{vanished} items are no longer on disk and will be fetched again if wanted")
    return ScanReport(looked.looked, looked.read, found, damaged, vanished, looked.foreign)


def _sizes_are_due(world: World, now: int) -> bool:
    """Always in small archives, else a day after the last look; a clock that went back leaves that unknown."""
    if world.index.item_count() <= SIZES_ALWAYS_UP_TO_ITEMS:
        return True
    told = world.index.recall(SIZES_LOOKED_AT) or ""
    return not (told.isdecimal() and 0 <= now - int(told) < SIZES_EVERY_SECONDS)


def _is_known_damage(world: World, seen: Damaged) -> bool:
    return world.index.damage(seen.video) == seen.why and world.index.item_location(seen.video) == seen.shard


def _is_known_corruption(world: World, seen: Found) -> bool:
    """A file of the right size whose content is known to be wrong does not become whole by a look at its size."""
    wrong = world.index.corrupt(seen.video)
    return world.index.damage(seen.video) is not None and any(file.name in wrong for file in seen.item.files)


def _record(world: World, item: Item, mtime_ns: int) -> None:
    fetched_at = item.provenance.fetched_at
    due_at = next_look(late_of(item), item.wanted, item.captions_missing, fetched_at, world.clock.now())
    world.index.record_item(item, dir_mtime_ns=mtime_ns, late_due_at=due_at)


def replay(world: World) -> int:
    """Put what people decided into a new index; the number of decisions."""
    count = 0
    with world.index.transaction():
        for decision in world.archive.journal.replay():
            count += 1
            match decision.kind:
                case "ignore":
                    world.index.acknowledge(decision.video, decision.until, decision.why or "", decision.at)
                case "lost":
                    world.index.acknowledge(
                        decision.video, None, decision.why or "", decision.at, is_lost=True
                    )
                case "unignore" | "unlost":
                    world.index.withdraw(decision.video)
                case "accept-lower":
                    world.index.lower(decision.video, decision.why or "", decision.at)
                case "unaccept-lower":
                    world.index.restore_wish(decision.video)
                case "channel" if decision.why is not None:
                    _replay_channel(world, decision.video, decision.why, decision.at)
                case "tombstone":
                    code = decision.code or "UNAVAILABLE"
                    world.index.restore_gone(decision.video, code, decision.at)
                case "request" if decision.wish is not None:
                    world.index.add_request(decision.video, decision.wish, decision.at)
                case "unrequest" if decision.wish is not None:
                    world.index.remove_request(decision.video, decision.wish)
    for unread in world.archive.journal.unread:
        world.observer.note(f"decisions/{unread.file}:{unread.line} was skipped: {unread.why}")
    return count


def _replay_channel(world: World, address: str, channel_id: str, at: int) -> None:
    """The address stands for this channel; what it leads to now is asked when it is looked at."""
    facts = ChannelFacts(channel_id)
    world.index.finish_listing(
        f"channel:{address}", ListingSummary("complete", None, 0, channel=facts), at, at
    )


def remember_id(path: Path, archive_id: str) -> None:
    """Keep the archive's id beside the index, so that an empty mount point is known for what it is without it."""
    if path.exists() and path.read_text().strip() == archive_id:
        return
    temporary = path.with_suffix(".new")
    temporary.write_text(archive_id + "\n")
    temporary.replace(path)


def put_aside(path: Path, now: int) -> None:
    """A damaged index is kept for a look, with its journal files, and makes room for a new one."""
    for name in (path.name, f"{path.name}-wal", f"{path.name}-shm"):
        damaged = path.with_name(name)
        if damaged.exists():
            damaged.rename(path.with_name(f"{name}.damaged-{now}"))
