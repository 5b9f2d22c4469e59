"""What to think of a listing: whether it came to its own end, and whether it may take anything away.

YouTube counts videos that it hides, loses continuations, and now and then shows a list that has shrunk for an hour.
A listing is never evidence for deletion alone; what it may do is say that a source does not hold a video any more.
"""

from __future__ import annotations

from ytarchive.core.instant import DAY, HOUR, Instant

LEAST_SHARE = 0.8
"""A list that ends by itself and shows less than this share of YouTube's count was cut."""
SHRUNKEN_SHARE = 0.2
"""A list that lost more than this share at once is believed when it still says so a day later."""
SHRUNKEN_LEAST = 10
"""So many videos may leave even a short list at once."""
CONFIRMED_AFTER_SECONDS = DAY - HOUR
"""Looks are a day apart, give or take the jitter of a timer."""
KNOWN_IN_A_ROW = 50
"""A look at the head of a list ends after so many known videos in a row."""


def is_cut(got: int, expected: int | None, held: int, page: int) -> bool:
    """Whether a listing that ended without an error ended too early.

    `got` lines of `expected` (YouTube's count; None: not told, then the `held` ones of before) came in pages of `page`.
    A list that ends within a page came to its own end, unless YouTube counts much more; one that ends with a full page
    may have lost its continuation. Of a list without a count that became much shorter, `is_shrunken` decides.
    """
    goal = held if expected is None else expected
    if got >= goal:
        return False
    return got % page == 0 or (expected is not None and got < goal * LEAST_SHARE)


def is_shrunken(held: int, gone: int) -> bool:
    """Whether a complete listing lacks so many of the `held` videos that it is not believed at once."""
    return gone > SHRUNKEN_LEAST and gone > held * SHRUNKEN_SHARE


def is_confirmed(first_seen_at: Instant | None, now: Instant) -> bool:
    """Whether what was seen first at a time, and is seen again now, has been so for a day."""
    return first_seen_at is not None and now - first_seen_at >= CONFIRMED_AFTER_SECONDS
