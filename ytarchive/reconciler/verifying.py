"""The scrub: checksums of what is on disk compared again, the oldest look first, no faster than is allowed.

Damage makes the item one that is to be fetched again into its place; the damaged copy stays until that is done.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass, field

from ytarchive.adapters.archive import DamagedItem
from ytarchive.adapters.index import ToVerify
from ytarchive.core.item import Item
from ytarchive.core.scrub import pause_seconds
from ytarchive.reconciler.world import World

PORTION = 1000


@dataclass(frozen=True, slots=True)
class Damage:
    """A file of an item that is not what its item.json says; `name` is item.json where that cannot be read itself."""

    video: str
    name: str
    why: str


@dataclass(slots=True)
class VerifyReport:
    """What was compared: items, their bytes, and the damage that was found; `is_left`: not everything."""

    items: int = 0
    bytes: int = 0
    is_left: bool = False
    damage: list[Damage] = field(default_factory=list)


OnRead = Callable[[ToVerify, int], bool]
"""(item, bytes read since the last call): whether to go on."""


class _Left(Exception):
    """Enough for now."""


def verify(
    world: World,
    *,
    videos: Collection[str] | None = None,
    only_due: bool = False,
    bytes_per_second: int | None = None,
    on_read: OnRead = lambda _item, _size: True,
) -> VerifyReport:
    """Compare the files of these videos (all, by default) with their checksums; may be left at any moment.

    `only_due`: what has its turn by now. What was compared stays known when the rest is left.
    """
    report = VerifyReport()
    skipped: set[str] = set()
    for one in _chosen(world, videos, skipped, only_due=only_due):
        try:
            damage = _verify(world, one, _Meter(world, one, bytes_per_second, on_read))
        except _Left:
            report.is_left = True
            break
        except FileNotFoundError:
            skipped.add(one.video)  # the next scan tells what became of it
            continue
        report.damage += damage
        report.items += 1
        report.bytes += one.bytes
    return report


def _chosen(
    world: World, videos: Collection[str] | None, skipped: Collection[str], *, only_due: bool
) -> Iterator[ToVerify]:
    """Asked for in portions: a look at a large archive lasts for days, and the index is written meanwhile."""
    began = world.clock.now()
    if videos is not None:
        yield from (one for video in videos if (one := world.index.verified(video)) is not None)
        return
    while True:
        portion = world.index.to_verify(
            not_since=began, due_by=began if only_due else None, limit=PORTION + len(skipped)
        )
        fresh = [one for one in portion if one.video not in skipped]
        if not fresh:
            return
        yield from fresh


@dataclass(slots=True)
class _Meter:
    """Keeps the reading of one item below the rate."""

    world: World
    item: ToVerify
    bytes_per_second: int | None
    on_read: OnRead
    started: float = field(init=False)
    done: int = 0

    def __post_init__(self) -> None:
        self.started = self.world.clock.monotonic()

    def __call__(self, size: int) -> None:
        self.done += size
        if not self.on_read(self.item, size):
            raise _Left
        elapsed = self.world.clock.monotonic() - self.started
        if pause := pause_seconds(self.done, elapsed, self.bytes_per_second):
            self.world.clock.wait(pause)


def _verify(world: World, one: ToVerify, meter: Callable[[int], None]) -> list[Damage]:
    return record(world, compare(world, one, meter))


@dataclass(frozen=True, slots=True)
class Compared:
    """What a comparison found of an item: `wrong` files by name, and the item as it was then, where it could be read."""

    video: str
    shard: str
    item: Item | None
    wrong: dict[str, str]


def compare(world: World, one: ToVerify, on_read: Callable[[int], None]) -> Compared:
    """Read an item back, in a world for reading too. Raise `FileNotFoundError` for one that is no longer there."""
    try:
        item = world.archive.read_item(one.shard, one.video)
    except DamagedItem as damage:
        return Compared(one.video, one.shard, None, {"item.json": damage.message})
    return Compared(one.video, one.shard, item, world.archive.compare(item, on_read))


def record(world: World, found: Compared) -> list[Damage]:
    """Keep what a comparison found, unless the item has changed since."""
    if found.item is not None and world.item(found.video) != found.item:
        return []
    with world.index.transaction():
        world.index.record_verified(found.video, found.wrong, world.clock.now())
        if found.wrong:
            world.index.mark_damaged(found.video, next(iter(found.wrong.values())))
    return [Damage(found.video, name, why) for name, why in found.wrong.items()]


def checksum_lines(world: World) -> Iterator[str]:
    """Lines that `sha256sum --check` takes, with paths from the archive's folder."""
    for video, shard, _ in world.index.known_items():
        with suppress(DamagedItem):
            for record in world.archive.read_item(shard, video).files:
                yield f"{record.sha256}  videos/{shard}/{video}/{record.name}"


def download_archive_lines(world: World) -> Iterator[str]:
    """Lines of the file that yt-dlp's `--download-archive` reads, so that it fetches nothing of this again."""
    for video, _, _ in world.index.known_items():
        if world.index.damage(video) is None:
            yield f"youtube {video}"
