"""When a file's checksum is compared again: bits rot in silence, and only a checksum that was stored tells.

A decode notices few single flipped bits in media, and a remux none; SHA-256 notices every one. What is new is read
back within a day, when it has left the memory of the machine; everything else once in 90 days, the oldest look first.
"""

from __future__ import annotations

from ytarchive.core.instant import DAY, HOUR

FIRST_LOOK_SECONDS = 12 * HOUR
"""From the commit to the first look."""
PERIOD_SECONDS = 90 * DAY
"""From one look to the next."""


def pause_seconds(done_bytes: int, elapsed_seconds: float, bytes_per_second: int | None) -> float:
    """For how long to rest after so many bytes, so that no more than a rate is read; a rate of None rests never."""
    if not bytes_per_second:
        return 0.0
    return max(0.0, done_bytes / bytes_per_second - elapsed_seconds)
