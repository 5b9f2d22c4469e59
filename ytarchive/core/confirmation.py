"""Soft verdicts: what YouTube says of a video once is believed when it says so again on other days.

YouTube calls videos private, removed or unavailable for minutes or hours that are none of it: while it throttles,
while servers disagree, while an upload is edited. So a permanent verdict counts the days that agree on it. A
second look on the same day proves nothing, however often a person asks for one.
"""

from __future__ import annotations

from dataclasses import dataclass

from ytarchive.core.failure_table import policy
from ytarchive.core.instant import DAY, HOUR, Instant

UNLISTED = frozenset({"REMOVED", "PRIVATE", "UNAVAILABLE", "TERMINATED", "COPYRIGHT", "POLICY"})
"""Verdicts on videos that the Data API leaves out (`videos.list`). One that it still has is not final."""
LOOKS_APART_SECONDS = 20 * HOUR
"""Days of UTC begin where they begin: two looks around midnight are not of two days."""
LOOKS_OF_A_TOMBSTONE = 2
"""What confirms that a video is gone, whatever YouTube calls it; what is done about it may take more."""


@dataclass(frozen=True, slots=True)
class Looks:
    """How many looks on different days agree on a code, without another one in between; `at` is the last that counts."""

    code: str
    count: int
    at: Instant


def looked(before: Looks | None, code: str, now: Instant) -> Looks:
    """One more look. Another code starts again, and so does a clock that went back."""
    if before is None or before.code != code or before.count < 1 or now < before.at:
        return Looks(code, 1, now)
    if now - before.at >= LOOKS_APART_SECONDS and now // DAY > before.at // DAY:
        return Looks(code, before.count + 1, now)
    return before


def is_final(code: str, looks: int) -> bool:
    """Whether a permanent verdict has been confirmed as often as its policy wants."""
    rule = policy(code)
    return rule.kind == "permanent" and looks >= rule.confirmations


def unconfirmed(code: str | None, looks: int) -> str | None:
    """ "unconfirmed (1 of 3)" while a soft verdict is not final, else None. `looks` 0 counts as the first one."""
    if code is None or policy(code).kind != "permanent" or is_final(code, looks):
        return None
    return f"unconfirmed ({max(looks, 1)} of {policy(code).confirmations})"
