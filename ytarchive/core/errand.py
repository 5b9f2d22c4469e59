"""What people ask for as jobs, and what became of it. Pure: how a video stands in the plan tells how its job stands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal, get_args

from ytarchive.core.failure_table import policy
from ytarchive.core.instant import Instant, to_iso
from ytarchive.core.plan import Decision
from ytarchive.core.plan_words import REASONS

ErrandKind = Literal["video", "playlist", "entry", "refresh"]
ErrandState = Literal["pending", "running", "done", "failed", "cancelled"]
STATES: tuple[ErrandState, ...] = get_args(ErrandState)
OPEN: tuple[ErrandState, ...] = ("pending", "running")
WITHDRAWN = "nobody wants it any more"


@dataclass(frozen=True, slots=True)
class Errand:
    """A job that somebody asked for. `subject`: a video, a playlist, an entry's name, or (refresh) what is looked at.

    `parent` is the playlist's job that a video's job belongs to. `begun`: what must be done once for it was done.
    `message` tells what a person should know. `counts` of a playlist's job: its children by their state.
    """

    id: str
    kind: ErrandKind
    subject: str
    profile: str | None
    state: ErrandState
    created_at: Instant
    ended_at: Instant | None = None
    parent: str | None = None
    begun: bool = False
    message: str | None = None
    counts: dict[ErrandState, int] = field(default_factory=dict)

    @property
    def is_open(self) -> bool:
        return self.state in OPEN


def standing_of(decision: Decision | None) -> tuple[ErrandState, str | None]:
    """How a video's job stands, and why, from what follows for the video; None: nobody wants it.

    A failure that is tried again by itself leaves the job pending; what needs a person ends it.
    """
    if decision is None:
        return "cancelled", WITHDRAWN
    match decision.bucket:
        case "have":
            return "done", None
        case "running":
            return "running", None
        case "blocked":
            return "failed", _why(decision)
        case "deferred" | "undecided":
            again = f"; next look {to_iso(decision.due_at)}" if decision.due_at is not None else ""
            return "pending", _why(decision) + again
        case _:
            return "pending", None


def standing_together(children: Iterable[ErrandState]) -> ErrandState:
    """How a playlist's job stands: it ends with the last of its videos, and failed if one of them did."""
    states = set(children)
    if states & set(OPEN):
        return "running"
    if "failed" in states:
        return "failed"
    return "cancelled" if states == {"cancelled"} else "done"


def _why(decision: Decision) -> str:
    if decision.code is None:
        return REASONS[decision.reason]
    return f"{decision.code}: {policy(decision.code).meaning}"
