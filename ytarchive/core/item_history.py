"""What an item was before: its former media, and what was said of the video. A file of the item keeps it, bounded.

It is there once something changed, so that an item of which nothing did is what it always was.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, TypeVar

from ytarchive.core.instant import Instant
from ytarchive.core.item import FileRecord, Got, Provenance

FORMAT = 1
SUFFIX = ".history.json"
Field = Literal["title", "description", "channel", "availability"]
Why = Literal["upgrade", "update", "marks"]
MOST_OF_A_FIELD = 40
MOST_EDITIONS = 20
MOST_CHARACTERS = 10_000
"""YouTube takes 5,000 characters for a description."""
_MEDIA = ("video", "audio")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Told:
    """What a field said from `seen_at` on, until the next one of that field; text as YouTube gave it, never trusted."""

    field: Field
    seen_at: Instant
    value: str


@dataclass(frozen=True, slots=True)
class Edition:
    """Media that the item had until others took their place: how they came to be, what they were, and why they went.

    `why` is the job that brought the others: `upgrade`, `update` (something else was wanted, or they were damaged) or
    `marks` (made anew of the same streams).
    """

    until: Instant
    why: Why
    got: Got
    files: tuple[FileRecord, ...]
    provenance: Provenance
    wanted_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ItemHistory:
    """The file's content: what was said, by field and time, and former media, the oldest first."""

    id: str
    told: tuple[Told, ...] = ()
    editions: tuple[Edition, ...] = ()
    format: int = field(default=FORMAT)


def has_changes(told: Iterable[Told]) -> bool:
    """Whether any field said two things."""
    values: dict[str, str] = {}
    return any(values.setdefault(each.field, each.value) != each.value for each in told)


def with_told(history: ItemHistory, told: Iterable[Told]) -> ItemHistory:
    """The history with what else is known to have been said; nothing twice, and of each field the first and the last ones."""
    cut = (replace(each, value=each.value[:MOST_CHARACTERS]) for each in told)
    every = sorted({*history.told, *cut}, key=lambda each: (each.field, each.seen_at, each.value))
    kept: list[Told] = []
    for name in dict.fromkeys(each.field for each in every):
        kept += _bounded(_changes([each for each in every if each.field == name]), MOST_OF_A_FIELD)
    return replace(history, told=tuple(kept))


def _changes(told: Sequence[Told]) -> list[Told]:
    """Without what says the same as the one before."""
    found: list[Told] = []
    for each in told:
        if not found or found[-1].value != each.value:
            found.append(each)
    return found


def with_edition(history: ItemHistory, edition: Edition) -> ItemHistory:
    """The history with media that were just replaced."""
    return replace(history, editions=tuple(_bounded((*history.editions, edition), MOST_EDITIONS)))


def _bounded(values: Sequence[T], most: int) -> Sequence[T]:
    return values if len(values) <= most else (values[0], *values[1 - most :])


def media_of(files: Iterable[FileRecord]) -> tuple[FileRecord, ...]:
    """The files that an edition tells of."""
    return tuple(each for each in files if each.role in _MEDIA)
