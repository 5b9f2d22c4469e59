"""Where a value that holds came from, for people."""

from __future__ import annotations

from typing import NamedTuple


class Origin(NamedTuple):
    """One effective value as text, and its origin: `file tv.yaml:12:5`, `profile tv (tv.yaml:4:7)`, `built-in` ..."""

    key: str
    value: str
    origin: str
