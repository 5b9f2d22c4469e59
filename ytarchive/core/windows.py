"""Times of day in which to download, such as 22:00-06:00, as a person's clock on the wall shows them."""

from __future__ import annotations

from dataclasses import dataclass

from ytarchive.core.instant import DAY, HOUR, MINUTE


@dataclass(frozen=True, slots=True)
class Windows:
    """Seconds since local midnight, from and to; the end before the beginning spans midnight, and an equal one the day.

    `offset_seconds` is what local time is ahead of UTC. No span at all: always open.
    """

    spans: tuple[tuple[int, int], ...] = ()
    offset_seconds: int = 0

    def opens_at(self, now: int) -> int:
        """The first moment from `now` on that is within a window: `now` itself when one is open."""
        if not self.spans:
            return now
        today = now - (now + self.offset_seconds) % DAY
        return min(max(now, start) for start, _ in self._around(today) if self._is_open(max(now, start)))

    def closes_at(self, now: int) -> int | None:
        """When the window that is open at `now` ends (where the next one may begin); None when there are no windows."""
        if not self.spans:
            return None
        today = now - (now + self.offset_seconds) % DAY
        return max((end for start, end in self._around(today) if start <= now < end), default=now)

    def _is_open(self, at: int) -> bool:
        today = at - (at + self.offset_seconds) % DAY
        return any(start <= at < end for start, end in self._around(today))

    def _around(self, midnight: int) -> list[tuple[int, int]]:
        """Yesterday's, today's and tomorrow's windows as moments."""
        return [
            (midnight + day + start, midnight + day + end + (DAY if end <= start else 0))
            for day in (-DAY, 0, DAY)
            for start, end in self.spans
        ]


def span(text: str) -> tuple[int, int]:
    """`22:00-06:00` as seconds since midnight."""
    start, _, end = text.partition("-")
    return _seconds(start), _seconds(end)


def _seconds(text: str) -> int:
    hours, _, minutes = text.partition(":")
    return int(hours) * HOUR + int(minutes) * MINUTE
