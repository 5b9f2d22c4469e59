"""How often an address may ask before YouTube takes it for a bot.

Where the facts come from: yt-dlp's wiki (Extractors, "This content isn't available, try again later") tells of about 300
videos an hour for guests and 2,000 for accounts; that bot checks meet every video of an address for hours, good ones
too, while pages of lists are answered, is what its users report. That the count goes over the last hour, and that
questions during a ban do not lengthen it, is assumed.
"""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass, field

ONE_EXTRACTION_SECONDS = 30.0
"""Page and player requests for one video, this close to the first one, are one extraction."""

Visitor = tuple[str, str | None]
"""An address, and the account that asks from it; None: a guest."""


@dataclass(frozen=True, slots=True)
class RateLimit:
    """More than `most` extractions within `seconds` are followed by bot checks for `ban_seconds`."""

    most: int
    seconds: float = 3600.0
    ban_seconds: float = 6 * 3600.0


@dataclass(slots=True)
class _Record:
    began: deque[tuple[float, str]] = field(default_factory=deque)
    banned_until: float = 0.0
    bans: int = 0
    extractions: int = 0


class RateLimits:
    """What every visitor asked lately, and the limit for each of them; none at first."""

    def __init__(self) -> None:
        self._limit: RateLimit | None = None
        self._records: dict[Visitor, _Record] = {}
        self._lock = threading.Lock()

    def set(self, limit: RateLimit | None) -> None:
        """Put a limit in the place of the one before, and forget what was asked."""
        with self._lock:
            self._limit = limit
            self._records = {}

    def refuses(self, visitor: Visitor, video: str, now: float) -> bool:
        """Count a question about a video, and tell whether it meets a bot check. `now` is in seconds."""
        with self._lock:
            limit = self._limit
            if limit is None:
                return False
            record = self._records.setdefault(visitor, _Record())
            while record.began and record.began[0][0] <= now - limit.seconds:
                record.began.popleft()
            is_known = any(known == video and at > now - ONE_EXTRACTION_SECONDS for at, known in record.began)
            if not is_known:
                record.began.append((now, video))
                record.extractions += 1
            if now >= record.banned_until and len(record.began) > limit.most:
                record.banned_until = now + limit.ban_seconds
                record.bans += 1
            return now < record.banned_until

    def report(self) -> list[dict[str, object]]:
        """Return what each visitor asked and how often it was banned."""
        with self._lock:
            return [
                {
                    "address": address,
                    "account": account,
                    "extractions": record.extractions,
                    "bans": record.bans,
                }
                for (address, account), record in self._records.items()
            ]
