"""A channel's uploads as lists, newest first: of one kind or of several, all of them in one order of time.

Computed uploads have dates that follow from their place, and their lists are computed as they are read, so that a
channel of 100,000 videos costs nothing until it is paged through. Listed uploads are ids with dates, in memory.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import overload

from ytarchive.simulator.upload_ids import KINDS, UploadKind, read_upload_id, upload_id

_LONGEST_STEP_SECONDS = 86_400
_ALL_YEARS_SECONDS = 18 * 365 * 86_400


@dataclass(frozen=True, slots=True)
class Upload:
    """One upload of a channel: its kind and when it was published."""

    kind: UploadKind
    published_at: datetime


class Spread:
    """Several lists of known length as one, each spread evenly over the whole: by arithmetic, without building it.

    Element `i` of a list of `n` lies at (2i + 1) / 2n of the way; where two meet, the earlier list is first.
    """

    def __init__(self, lengths: Sequence[int]) -> None:
        self._lengths = tuple(lengths)
        self._total = sum(lengths)

    def __len__(self) -> int:
        return self._total

    def rank(self, which: int, index: int) -> int:
        """Return the place in the whole of element `index` of list `which`."""
        return index + sum(
            self._before(which, index, other) for other in range(len(self._lengths)) if other != which
        )

    def walk(self, start: int, stop: int) -> Iterator[tuple[int, int]]:
        """Yield list and index of the elements from place `start` to `stop` (exclusive)."""
        at = self._positions(start)
        for _ in range(start, min(stop, self._total)):
            which = min(
                (each for each, length in enumerate(self._lengths) if at[each] < length),
                key=lambda each: (2 * at[each] + 1) / (2 * self._lengths[each]),
            )
            yield which, at[which]
            at[which] += 1

    def _before(self, which: int, index: int, other: int) -> int:
        """Return how many elements of another list come before an element of this."""
        mine, theirs = self._lengths[which], self._lengths[other]
        scaled = (2 * index + 1) * theirs
        # Counts m with (2m + 1) * mine < scaled, or <= where the other list is the earlier one.
        if other < which:
            return min(theirs, (scaled // mine + 1) // 2)
        return min(theirs, (-(-scaled // mine)) // 2)

    def _positions(self, rank: int) -> list[int]:
        """Return how many elements of each list come before a place."""
        if rank >= self._total:
            return list(self._lengths)
        for which, length in enumerate(self._lengths):
            low, high = 0, length - 1
            while low <= high:
                middle = (low + high) // 2
                found = self.rank(which, middle)
                if found == rank:
                    return [
                        middle if other == which else self._before(which, middle, other)
                        for other in range(len(self._lengths))
                    ]
                low, high = (middle + 1, high) if found < rank else (low, middle - 1)
        raise IndexError(rank)


@dataclass(frozen=True)
class ComputedUploads:
    """So many uploads of each kind (in the order of `KINDS`), the newest published at `newest_at`, then at most one a day."""

    key: int
    counts: tuple[int, ...]
    newest_at: datetime
    _spread: Spread = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_spread", Spread(self.counts))

    def find(self, video_id: str) -> Upload | None:
        """Return what an id is here, None if it is none of these uploads."""
        found = read_upload_id(video_id)
        if found is None or found[0] != self.key:
            return None
        _, kind, number = found
        which = KINDS.index(kind)
        if number >= self.counts[which]:
            return None
        step = max(1, min(_LONGEST_STEP_SECONDS, _ALL_YEARS_SECONDS // len(self._spread)))
        age = self._spread.rank(which, self.counts[which] - 1 - number) * step
        return Upload(kind, self.newest_at - timedelta(seconds=age))

    def listed(self, kinds: Sequence[UploadKind]) -> Sequence[str]:
        """Return the ids of uploads of some kinds, newest first."""
        return _ComputedList(self.key, tuple((kind, self.counts[KINDS.index(kind)]) for kind in kinds))

    def place(self, video_id: str, kinds: Sequence[UploadKind]) -> int | None:
        """Return where an id stands in the list of some kinds."""
        found = read_upload_id(video_id)
        if found is None or self.find(video_id) is None or found[1] not in kinds:
            return None
        lengths = [self.counts[KINDS.index(kind)] for kind in kinds]
        which = list(kinds).index(found[1])
        return Spread(lengths).rank(which, lengths[which] - 1 - found[2])


class _ComputedList(Sequence[str]):
    def __init__(self, key: int, lengths: tuple[tuple[UploadKind, int], ...]) -> None:
        self._key = key
        self._lengths = tuple(each for each in lengths if each[1])
        self._spread = Spread([length for _, length in self._lengths])

    def __len__(self) -> int:
        return len(self._spread)

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        places = range(len(self))[index]
        if isinstance(places, int):
            return next(self._walk(places, places + 1))
        if places.step == 1:
            return list(self._walk(places.start, places.stop))
        return [self[place] for place in places]

    def __iter__(self) -> Iterator[str]:
        return self._walk(0, len(self))

    def _walk(self, start: int, stop: int) -> Iterator[str]:
        for which, index in self._spread.walk(start, stop):
            kind, length = self._lengths[which]
            yield upload_id(self._key, kind, length - 1 - index)


@dataclass(frozen=True)
class ListedUploads:
    """Uploads that were named one by one; `by_id` keeps the order of equal dates."""

    by_id: dict[str, Upload]

    def find(self, video_id: str) -> Upload | None:
        """Return what an id is here."""
        return self.by_id.get(video_id)

    def listed(self, kinds: Sequence[UploadKind]) -> Sequence[str]:
        """Return the ids of uploads of some kinds, newest first."""
        found = [(each, video_id) for video_id, each in self.by_id.items() if each.kind in kinds]
        found.sort(key=lambda each: each[0].published_at, reverse=True)
        return tuple(video_id for _, video_id in found)

    def place(self, video_id: str, kinds: Sequence[UploadKind]) -> int | None:
        """Return where an id stands in the list of some kinds."""
        upload = self.by_id.get(video_id)
        return self.listed(kinds).index(video_id) if upload and upload.kind in kinds else None


Base = ComputedUploads | ListedUploads


class Chained(Sequence[str]):
    """One list after another."""

    def __init__(self, first: Sequence[str], second: Sequence[str]) -> None:
        self._first = first
        self._second = second

    def __len__(self) -> int:
        return len(self._first) + len(self._second)

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        places = range(len(self))[index]
        border = len(self._first)
        if isinstance(places, int):
            return self._first[places] if places < border else self._second[places - border]
        if places.step != 1:
            return [self[place] for place in places]
        start, stop = places.start, max(places.start, places.stop)
        return [
            *self._first[start:stop],
            *self._second[max(0, start - border) : max(0, stop - border)],
        ]


class Without(Sequence[str]):
    """A list without the elements at some places."""

    def __init__(self, whole: Sequence[str], gone: Sequence[int]) -> None:
        self._whole = whole
        self._gone = sorted(set(gone))
        # How many remaining elements come before each gap.
        self._kept = [place - number for number, place in enumerate(self._gone)]

    def __len__(self) -> int:
        return len(self._whole) - len(self._gone)

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        places = range(len(self))[index]
        if isinstance(places, int):
            return self._whole[self._place(places)]
        if places.step != 1 or not places:
            return [self[place] for place in places]
        start, stop = self._place(places.start), self._place(places.stop - 1) + 1
        gone = set(self._gone)
        return [each for place, each in enumerate(self._whole[start:stop], start) if place not in gone]

    def _place(self, kept: int) -> int:
        return kept + bisect_right(self._kept, kept)
