"""What may be taken away of what is on disk, by whose word, and what stands against it.

A value like a plan: `ytarchive plan` shows what `reconcile` then does. Nothing here removes anything.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from ytarchive.core.instant import Instant

How = Literal["quarantine", "delete"]
DONE_WORDS: dict[How, str] = {"quarantine": "put into quarantine", "delete": "deleted"}


class Cause(StrEnum):
    """Why an item is wanted no more."""

    REMOVED_FROM_SOURCE = "removed-from-source"
    UNAVAILABLE = "unavailable"
    UNWANTED = "unwanted"
    NO_ENTRY = "no-entry"


class Hold(StrEnum):
    """What stands against taking something away."""

    ONLY_COPY = "only-copy"
    UNASKED = "unasked"
    RUNNING = "running"
    LISTING = "listing"
    SHRUNKEN = "shrunken"
    MANIFESTS_INVALID = "manifests-invalid"
    MANIFESTS_EMPTY = "manifests-empty"
    MANIFEST_GONE = "manifest-gone"
    HALVED = "list-halved"
    GUARD = "guard"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Left:
    """A list of an entry that held the video, and the last time that it showed it."""

    entry: str
    source: str
    last_seen_at: Instant


@dataclass(frozen=True, slots=True)
class Holding:
    """One item on disk that nobody wants, or that YouTube has no more.

    `wanting` are entries that want it ("manual": a person), `doubtful` those whose filter waits, `left_out` those that
    list it and do not want it. `gone`: the last word that YouTube has it no more (`confirmed`: on two days).
    `is_listed`: a list that was read holds it now; `answered_at`: when YouTube last said that it has it, asked for this
    very reason. `is_ours`: an entry wanted it once. `is_confirmed`: a person said that it may go.
    """

    video: str
    title: str | None = None
    bytes: int = 0
    wanting: tuple[str, ...] = ()
    doubtful: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    left: tuple[Left, ...] = ()
    gone: str | None = None
    confirmed: bool = False
    running: bool = False
    is_listed: bool = False
    answered_at: Instant | None = None
    is_ours: bool = True
    is_confirmed: bool = False


@dataclass(frozen=True, slots=True)
class Removal:
    """An item that goes: into quarantine, or for good. `entries` are those by whose word; none: by the settings'."""

    video: str
    how: How
    cause: Cause
    why: str
    entries: tuple[str, ...] = ()
    title: str | None = None
    bytes: int = 0


@dataclass(frozen=True, slots=True)
class Held:
    """Items that would go, were it not for one thing; `what` tells it to people, `cure` what they can do.

    `count` may be 0: nothing would go now, and a person should know all the same. `videos` names the first of them.
    """

    code: Hold
    what: str
    cure: str | None = None
    count: int = 0
    videos: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Removals:
    """What goes now, in the order of ids, and what does not, by what stands against it.

    `waiting` is what a person is asked about (`Hold.GUARD`, `Hold.HALVED`, `Hold.MANIFEST_GONE`), and `digest` is that very set's.
    """

    now: tuple[Removal, ...] = ()
    held: tuple[Held, ...] = ()
    waiting: tuple[Removal, ...] = ()
    digest: str = ""
    unasked: tuple[str, ...] = ()

    @property
    def needs_person(self) -> bool:
        """Whether somebody must say yes before more goes."""
        return bool(self.waiting) or any(held.code is Hold.MISSING for held in self.held)


def digest_of(removals: Iterable[Removal]) -> str:
    """What tells one set of removals from another: which videos, and how they go."""
    told = hashlib.sha256()
    for removal in sorted(removals, key=lambda one: one.video):
        told.update(f"{removal.video} {removal.how}\n".encode())
    return told.hexdigest()
