"""What takes how much room, what would be free if something went, and what the backlog will need."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from ytarchive.core.halts import fits


@dataclass(frozen=True, slots=True)
class Share:
    """Items that the same `entries` want, for one `target` (a number of the index); none: nobody wants them.

    `is_undecided`: no entry wants them yet, and a filter of these waits for more.
    """

    entries: tuple[str, ...]
    items: int
    bytes: int
    is_undecided: bool = False


@dataclass(frozen=True, slots=True)
class Backlog:
    """Videos that the same `entries` want and that are not here. `seconds` is the length of those `timed`."""

    entries: tuple[str, ...]
    target: int
    videos: int
    timed: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Pace:
    """How large items are: their number and bytes, and the bytes and the length of those whose length is known."""

    items: int = 0
    bytes: int = 0
    timed_bytes: int = 0
    seconds: float = 0.0

    def __add__(self, other: Pace) -> Pace:
        return Pace(
            self.items + other.items,
            self.bytes + other.bytes,
            self.timed_bytes + other.timed_bytes,
            self.seconds + other.seconds,
        )

    def expected(self, backlog: Backlog) -> float:
        """As many bytes for each second as these have, and where a length is not known, as many as one of these."""
        each = self.bytes / self.items
        timed = backlog.seconds * self.timed_bytes / self.seconds if self.seconds else backlog.timed * each
        return timed + (backlog.videos - backlog.timed) * each


@dataclass(frozen=True, slots=True)
class Part:
    """Items of one kind, by its name: an entry, a view, a channel, a codec."""

    name: str
    items: int
    bytes: int


@dataclass(slots=True)
class EntryUsage:
    """What an entry has and lacks. `own_items` and `own_bytes` are what no other entry wants: free if it went.

    `backlog` are videos that it wants and that are not here; `backlog_bytes` what they may need, None: nothing to go by.
    """

    name: str
    items: int = 0
    bytes: int = 0
    own_items: int = 0
    own_bytes: int = 0
    backlog: int = 0
    backlog_bytes: int | None = 0


@dataclass(frozen=True, slots=True)
class Need:
    """What the backlog may need: videos, bytes (None: nothing to go by), and whether they fit beside what must stay free."""

    videos: int
    bytes: int | None
    fits: bool | None


@dataclass(frozen=True, slots=True)
class Room:
    """The archive's disk. `reserved_bytes` is what running downloads may still write."""

    total_bytes: int
    free_bytes: int
    min_free_bytes: int
    reserved_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Space:
    """All of it. `unwanted` is what no entry wants: free once a policy, or a person, takes it away.

    `quarantine` was taken away, `superseded` are files that an update left, `staging` are downloads under way. What `views`
    show are links: they take no room beside the items. `without`: what would be free if the entries went that were asked
    about.
    """

    room: Room
    items: int
    bytes: int
    entries: tuple[EntryUsage, ...] = ()
    views: tuple[Part, ...] = ()
    channels: tuple[Part, ...] = ()
    codecs: tuple[Part, ...] = ()
    unwanted: Part = field(default_factory=lambda: Part("unwanted", 0, 0))
    quarantine: Part = field(default_factory=lambda: Part("quarantine", 0, 0))
    superseded: Part = field(default_factory=lambda: Part("superseded", 0, 0))
    staging: Part = field(default_factory=lambda: Part("staging", 0, 0))
    need: Need = field(default_factory=lambda: Need(0, 0, fits=True))
    without: Part | None = None


def by_entry(
    shares: Iterable[Share], backlogs: Iterable[Backlog], paces: Mapping[int, Pace]
) -> tuple[EntryUsage, ...]:
    """What each entry has and lacks, by name. What several want counts for each of them."""
    found: dict[str, EntryUsage] = {}

    def of(name: str) -> EntryUsage:
        return found.setdefault(name, EntryUsage(name))

    for share in shares:
        for name in () if share.is_undecided else share.entries:
            usage = of(name)
            usage.items += share.items
            usage.bytes += share.bytes
            if len(share.entries) == 1:
                usage.own_items += share.items
                usage.own_bytes += share.bytes
    for backlog in backlogs:
        expected = expected_bytes([backlog], paces)
        for name in backlog.entries:
            usage = of(name)
            usage.backlog += backlog.videos
            known = usage.backlog_bytes
            usage.backlog_bytes = None if expected is None or known is None else known + expected
    return tuple(found[name] for name in sorted(found))


def unwanted(shares: Iterable[Share]) -> Part:
    """What no entry wants, nor may come to want once more is known of it."""
    left = [share for share in shares if not share.entries]
    return Part("unwanted", sum(share.items for share in left), sum(share.bytes for share in left))


def freed_without(shares: Iterable[Share], names: Collection[str]) -> Part:
    """What nobody would want any more if these entries went, all of them: more than each has alone, where they overlap."""
    left = [
        share for share in shares if share.entries and not share.is_undecided and {*share.entries} <= {*names}
    ]
    return Part("without", sum(share.items for share in left), sum(share.bytes for share in left))


def expected_bytes(backlogs: Iterable[Backlog], paces: Mapping[int, Pace]) -> int | None:
    """What these videos may need, as long and as large as what is here for the same wish, else as all that is here.

    None where nothing is here that could tell.
    """
    everything = sum(paces.values(), Pace())
    backlogs = [backlog for backlog in backlogs if backlog.videos]
    if backlogs and not everything.items:
        return None
    return round(sum((paces.get(backlog.target) or everything).expected(backlog) for backlog in backlogs))


def need_of(backlogs: Iterable[Backlog], paces: Mapping[int, Pace], room: Room) -> Need:
    """What the whole backlog may need, and whether there is room for it."""
    backlogs = tuple(backlogs)
    expected = expected_bytes(backlogs, paces)
    videos = sum(backlog.videos for backlog in backlogs)
    if expected is None:
        return Need(videos, None, None)
    free = room.free_bytes - expected
    return Need(videos, expected, fits(free, room.reserved_bytes, 0, room.min_free_bytes))
