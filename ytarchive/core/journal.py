"""Decisions that must survive the loss of the index: one line each in `.ytarchive/decisions/YYYY-MM.jsonl`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ytarchive.core.desired import Target
from ytarchive.core.instant import Instant, to_iso

DecisionKind = Literal[
    "ignore",
    "unignore",
    "request",
    "unrequest",
    "channel",
    "tombstone",
    "prune",
    "unprune",
    "keep",
    "empty",
    "accept-lower",
    "unaccept-lower",
    "lost",
    "unlost",
    "respect-deletion",
    "retry",
]


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided about one video. Written and fsynced before the act.

    `channel`: what an entry calls `video` (`@handle`) is the channel `why` (its id), whoever bears that handle later.
    `tombstone`: two looks a day apart found that YouTube has the video no more. `accept-lower`: whatever quality there is
    will do. `prune`: a pass takes it away (`code` is how, `why` why), and entries do not get it again until `unprune`.
    `respect-deletion`: a person deleted its files, and entries do not get it again until `unprune`. `keep`: it came out of
    quarantine, and stays. `empty`: its files are deleted from quarantine. `lost`: a person knows that YouTube has it no more and that nobody kept it. `ignore`, `accept-lower`,
    `lost` and `request` hold until the same with `un` in front. `until`: it holds until then (None: for good). `why` is for people. `code` is
    the failure that it answers (`ignore` of a PRIVATE video). `wish` is what a `request` asks for, and an `unrequest` takes back.
    """

    at: Instant
    kind: DecisionKind
    video: str
    until: Instant | None = None
    why: str | None = None
    code: str | None = None
    wish: Target | None = None


def journal_file(at: int) -> str:
    """The file that a decision of that time goes to: `2026-11.jsonl` (UTC)."""
    return f"{to_iso(at)[:7]}.jsonl"
