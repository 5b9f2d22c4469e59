"""What a person sees instead of a page that cannot be shown: what is wrong, and what to do about it."""

from __future__ import annotations

from ytarchive.errors import ArchiveError, BusyError, IndexDamaged, UsageError, YtarchiveError


class NotThere(UsageError):
    """What the address names does not exist."""


def status_of(error: YtarchiveError) -> int:
    if isinstance(error, NotThere):
        return 404
    if isinstance(error, UsageError):
        return 400
    return 503 if isinstance(error, BusyError | ArchiveError | IndexDamaged) else 500


HEADLINES = {
    400: "That makes no sense",
    401: "Please sign in",
    403: "That was not sent from this page",
    404: "There is no such page",
    405: "There is no such page",
    413: "That is too much",
    422: "That makes no sense",
    429: "Too many requests",
    500: "Something is wrong",
    503: "Not now",
}
