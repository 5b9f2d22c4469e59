"""What to do about each wanted video, and the books that add up.

One row of the index goes in, one decision comes out: wanted = have + ready + running + deferred + blocked,
each video in exactly one.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from ytarchive.core.item import Got
from ytarchive.core.selection import Format

Condition = Literal["none", "whole", "damaged"]
Bucket = Literal["have", "ready", "running", "deferred", "blocked"]
BUCKETS: tuple[Bucket, ...] = ("have", "ready", "running", "deferred", "blocked")


class Action(StrEnum):
    """What brings one video nearer to its target. `accept` costs nothing: what is on disk answers the target."""

    FETCH = "fetch"
    UPDATE = "update"
    FETCH_CAPTIONS = "fetch-captions"
    ACCEPT = "accept"


@dataclass(frozen=True, slots=True)
class ItemFacts:
    """What decides whether an item on disk answers another target, without asking YouTube again."""

    offered: tuple[Format, ...]
    got: Got
    captions: tuple[str, ...] = ()  # languages on disk
    captions_missing: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()  # roles of the files on disk


@dataclass(frozen=True, slots=True)
class Row:
    """One wanted video as the index knows it. Times are seconds since the epoch.

    `target` and `got` are digests: what is wanted, and which target the item on disk was found to answer.
    `facts` is there only when an item is whole and `got` differs from `target`. `code`, `kind`, `attempts`
    and `next_due_at` tell of the failed attempts since the last success; `captions_due_at` is the next look
    for captions that were missing. `acknowledged`: a person said "ignore", and it still holds.
    """

    video: str
    target: str
    got: str | None = None
    condition: Condition = "none"
    running: bool = False
    attempts: int = 0
    code: str | None = None
    kind: str | None = None
    next_due_at: int | None = None
    captions_due_at: int | None = None
    acknowledged: bool = False
    priority: int = 0
    entries: tuple[str, ...] = ()
    title: str | None = None
    facts: ItemFacts | None = None
