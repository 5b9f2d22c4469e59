"""Disk is the truth: orphans adopted, changes on disk brought into the index, decisions replayed into a new one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from ytarchive.adapters.archive import Damaged, Found, PutBack, Vanished
from ytarchive.adapters.index import LetGo, LetGoHow
from ytarchive.core.drift import DriftKind
from ytarchive.core.instant import HOUR
from ytarchive.core.item import Item
from ytarchive.core.job import ChannelFacts, ListingSummary
from ytarchive.core.late_parts import late_of, next_look
from ytarchive.core.words import count
from ytarchive.reconciler import vanishing

if TYPE_CHECKING:
    from ytarchive.reconciler.world import World

BATCH = 1000
SIZES_ALWAYS_UP_TO_ITEMS = 20_000
"""So many are looked at in a quarter of a second."""
SIZES_EVERY_SECONDS = 20 * HOUR
"""In larger archives sizes are compared once a day, also where a daily timer is early by an hour or two."""
SIZES_LOOKED_AT = "sizes_looked_at"
MOST_SOUGHT = 10_000
"""Files of more damaged items than these are not looked for elsewhere: that is no person who moved something."""


@dataclass(frozen=True, slots=True)
class ScanReport:
    """What a look at the disk found: item folders, item.json files read, and what had changed.

    `moved` were found elsewhere in the archive, and put back; `gone` are the videos that `vanished` counts.
    """

    looked: int = 0
    read: int = 0
    found: int = 0
    damaged: int = 0
    vanished: int = 0
    foreign: int = 0
    moved: int = 0
    gone: tuple[str, ...] = ()


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
    What is missing is looked for in the rest of the archive before it counts as lost.
    """
    now = world.clock.now()
    sizes = _sizes_are_due(world, now)
    looked = world.archive.scan(world.index, sizes=sizes)
    found, damaged, missed = 0, 0, _Missed(world)
    pending = iter(looked)
    while batch := tuple(islice(pending, BATCH)):
        with world.index.transaction():
            for seen in batch:
                match seen:
                    case Found() if _is_known_corruption(world, seen):
                        continue
                    case Found():
                        _record_found(world, seen)
                        found += 1
                    case Damaged() if _is_known_damage(world, seen):
                        continue
                    case Damaged() if len(missed.damaged) >= MOST_SOUGHT:
                        _record_damaged(world, seen)
                        damaged += 1
                    case _:
                        missed.add(seen)
    moved = missed.look_for()
    with world.index.transaction():
        missed.record()
    damaged, vanished = damaged + len(missed.damaged), len(missed.gone)
    if sizes:
        world.index.remember(SIZES_LOOKED_AT, str(now))
    if damaged:
        world.observer.note(f"{count(damaged, 'item')} on disk damaged, to be fetched again if wanted")
    return ScanReport(
        looked.looked, looked.read, found, damaged, vanished, looked.foreign, moved, tuple(missed.gone)
    )


def _record_found(world: World, seen: Found) -> None:
    before = world.index.item_location(seen.video)
    record(world, seen.item, seen.dir_mtime_ns)
    if before not in (None, seen.shard):
        told = f"videos/{before}/{seen.video} is videos/{seen.shard}/{seen.video} now"
        world.index.record_drift(seen.video, "moved", told, world.clock.now())
    if seen.unnamed:
        world.archive.sweep_item(seen.shard, seen.video, world.clock.now())


@dataclass(slots=True)
class _Missed:
    """What a look at the disk missed: nothing of it is recorded before it was looked for elsewhere.

    A crash until then leaves the index as it was, and the next look misses the same. `gone` are videos whose folder is
    nowhere.
    """

    world: World
    gone: dict[str, str] = field(default_factory=dict)
    damaged: dict[str, Damaged] = field(default_factory=dict)

    def add(self, seen: Damaged | Vanished) -> None:
        if isinstance(seen, Damaged):
            self.damaged[seen.video] = seen
        else:
            self.gone[seen.video] = seen.shard

    def look_for(self) -> int:
        """Have what is found elsewhere put back; how many videos are whole by that."""
        world = self.world
        self.gone = {
            video: shard
            for video, shard in self.gone.items()
            if world.index.item_location(video) == shard and video not in self.damaged
        }
        lacking = [one for seen in self.damaged.values() for one in world.archive.lacking(seen)]
        if not self.gone and not lacking:
            return 0
        missed = len({*self.gone, *self.damaged})
        world.observer.note(f"looking through the archive for the files of {count(missed, 'item')}")
        back = defaultdict[str, list[PutBack]](list)
        for one in world.archive.put_back(self.gone, lacking):
            back[one.video].append(one)
        return sum(self._has_come_back(video, parts) for video, parts in back.items())

    def _has_come_back(self, video: str, parts: Sequence[PutBack]) -> bool:
        world = self.world
        seen = world.archive.look(parts[0].shard, video)
        told = "; ".join(f"{one.name or 'its folder'} was found as {one.path}" for one in parts)
        self.gone.pop(video, None)
        self.damaged.pop(video, None)
        if isinstance(seen, Damaged):
            self.damaged[video] = seen
        if not isinstance(seen, Found):
            return False
        with world.index.transaction():
            _record_found(world, seen)
            world.index.record_drift(video, "moved", told, world.clock.now())
        world.observer.note(f"{video}: {told}, and was put back")
        return True

    def record(self) -> None:
        """Bring the index up to date with what stays damaged, and what is gone."""
        index, now = self.world.index, self.world.clock.now()
        for seen in self.damaged.values():
            _record_damaged(self.world, seen)
        vanishing.settle(self.world, tuple(self.gone))
        for video, shard in self.gone.items():
            index.record_drift(video, "deleted", f"videos/{shard}/{video} is gone", now)


def _record_damaged(world: World, seen: Damaged) -> None:
    if seen.item is not None:
        record(world, seen.item, seen.dir_mtime_ns)
    world.index.mark_damaged(seen.video, seen.why, shard=seen.shard, dir_mtime_ns=seen.dir_mtime_ns)
    world.index.record_drift(seen.video, kind_of_damage(seen), seen.why, world.clock.now())


def kind_of_damage(seen: Damaged) -> DriftKind:
    """What a look without checksums tells of a damaged item."""
    if seen.item is None:
        return "unreadable"
    return "missing" if seen.why.endswith(" is missing") else "cut"


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


def record(world: World, item: Item, mtime_ns: int) -> None:
    """Let the index know an item that lies on disk."""
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
                case "prune":
                    how: LetGoHow = "delete" if decision.code == "delete" else "quarantine"
                    world.index.let_go(LetGo(decision.video, how, decision.why or "", decision.at))
                case "respect-deletion":
                    world.index.let_go(LetGo(decision.video, "respect", decision.why or "", decision.at))
                case "unprune":
                    world.index.want_again((decision.video,))
                case "keep":
                    world.index.want_again((decision.video,))
                    world.index.keep(decision.video, decision.at)
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
