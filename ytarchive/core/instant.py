"""Time as a value: whole seconds since the epoch inside, ISO 8601 in UTC in every file and answer."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer

MINUTE = 60
HOUR = 60 * MINUTE
DAY = 24 * HOUR


def to_iso(instant: int) -> str:
    """`0` gives `1970-01-01T00:00:00Z`."""
    return datetime.fromtimestamp(instant, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def from_iso(value: object) -> object:
    """Read what `to_iso` wrote; a number passes as it is, anything else is left for pydantic to refuse."""
    if isinstance(value, str):
        moment = datetime.fromisoformat(value)
        return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
    return value


Instant = Annotated[
    int, BeforeValidator(from_iso), PlainSerializer(to_iso, return_type=str, when_used="json")
]
