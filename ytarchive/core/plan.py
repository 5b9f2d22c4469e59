"""What to do about each wanted video, and the books that add up.

One row of the index goes in, one decision comes out: wanted = have + ready + running + deferred + blocked,
each video in exactly one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Literal

from ytarchive.core.confirmation import unconfirmed
from ytarchive.core.desired import Target
from ytarchive.core.failure import settles_by_time
from ytarchive.core.failure_table import policy
from ytarchive.core.identity import ACCOUNT_DECIDES, GUEST, Accounts, Asked, Turn, next_turn
from ytarchive.core.instant import Instant
from ytarchive.core.item import Got
from ytarchive.core.selection import Format, missing_of

Condition = Literal["none", "whole", "partial", "damaged"]
Bucket = Literal["have", "ready", "running", "deferred", "blocked", "undecided"]
BUCKETS: tuple[Bucket, ...] = ("have", "ready", "running", "deferred", "blocked")


class Action(StrEnum):
    """What brings one video nearer to its target.

    `examine` reads the page of a video that a filter cannot decide on, and goes on to fetch it when it is wanted;
    `fetch-beside` leaves the media alone and adds sidecars and captions that a changed target wants;
    `look-again` asks what was not offered before (the wished quality, captions, a thumbnail) and fetches that alone;
    `mark` asks SponsorBlock, and not YouTube, and makes the media files on disk anew where it says something else;
    `accept` costs nothing: what is on disk answers.
    """

    __hash__ = str.__hash__  # that of an enumeration is Python, and counting a million decisions feels it

    FETCH = "fetch"
    EXAMINE = "examine"
    UPDATE = "update"
    FETCH_BESIDE = "fetch-beside"
    LOOK_AGAIN = "look-again"
    MARK = "mark"
    ACCEPT = "accept"


@dataclass(frozen=True, slots=True)
class ItemFacts:
    """What decides whether an item on disk answers another target, without asking YouTube again."""

    offered: tuple[Format, ...]
    got: Got
    captions: tuple[str, ...] = ()  # languages on disk
    captions_missing: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()  # roles of the files on disk
    marked: tuple[str, ...] = ()  # parts that SponsorBlock was asked for, to mark
    removed: tuple[str, ...] = ()  # and to cut out
    cut: tuple[str, ...] = ()  # those that were there, and are cut out


@dataclass(frozen=True, slots=True)
class Row:
    """One wanted video as the index knows it. Times are seconds since the epoch.

    `target` and `got` are digests: what is wanted, and which target the item on disk was found to answer.
    `partial`: the media are whole, and captions that the target requires are missing.
    `facts` is there only when an item is whole or partial and `got` differs from `target`. `code`, `kind`, `attempts`
    and `next_due_at` tell of the failed attempts since the last success; `late` is what of the item was
    not offered (`core.late_parts`) and `late_due_at` the next look for it. `acknowledged`: a person said "ignore", and it still holds. `wish_changed`: the failures were met for another
    target. `undecided`: no entry wants it yet, and a filter waits for what its page tells; `target` is then what the
    filter's entry would want. `looks` on different days agree on `code`. `asked_by` met the failure, or fetched what is
    here; `tried` are accounts that were refused as well.
    """

    video: str
    target: str
    got: str | None = None
    condition: Condition = "none"
    running: bool = False
    attempts: int = 0
    code: str | None = None
    kind: str | None = None
    next_due_at: Instant | None = None
    late: tuple[str, ...] = ()
    late_due_at: Instant | None = None
    acknowledged: bool = False
    priority: int = 0
    entries: tuple[str, ...] = ()
    title: str | None = None
    facts: ItemFacts | None = None
    wish_changed: bool = False
    undecided: bool = False
    looks: int = 0
    asked_by: str = GUEST
    tried: tuple[str, ...] = ()


class Reason(StrEnum):
    """Why a video is where it is in the books. A reason explains, and never steers."""

    __hash__ = str.__hash__

    CONVERGED = "converged"
    BELOW_WISH = "below-wish"
    MISSING = "missing"
    DAMAGED = "damaged"
    TARGET_CHANGED = "target-changed"
    ALREADY_ANSWERS = "already-answers"
    BESIDE_CHANGED = "beside-changed"
    LOOK_DUE = "look-due"
    MARKS_CHANGED = "marks-changed"
    UNDECIDED = "undecided"
    CAPTIONS_REQUIRED = "captions-required"
    IN_FLIGHT = "in-flight"
    RETRY_DUE = "retry-due"
    BACKOFF = "backoff"
    WAITING = "waiting"
    GONE = "gone"
    UNCONFIRMED = "unconfirmed"
    NEEDS_PERSON = "needs-person"
    NEEDS_COOKIES = "needs-cookies"
    NEEDS_ENGINE = "needs-engine"


@dataclass(frozen=True, slots=True)
class Decision:
    """What follows for one wanted video now. `due_at` is when it is looked at again, where that is known.

    `owed`: it has no acceptable media or is blocked, no known time settles that, and nobody acknowledged it;
    any owed video makes the exit code 3. `looks` on different days agree on `code`: a soft verdict is "unconfirmed"
    until enough do, and as long deferred, and owed. `identity` is as whom its action asks YouTube; with the reason
    "needs-cookies", the account whose cookies are lacking, and `code` is why.
    """

    video: str
    bucket: Bucket
    reason: Reason
    target: str
    action: Action | None = None
    code: str | None = None
    due_at: Instant | None = None
    owed: bool = False
    acknowledged: bool = False
    priority: int = 0
    entries: tuple[str, ...] = ()
    title: str | None = None
    looks: int = 0
    identity: str = GUEST


def decide(
    row: Row, now: int, target_of: Callable[[str], Target], accounts: Accounts = MappingProxyType({})
) -> Decision:
    """The one decision about one video.

    `target_of` gives the target behind a digest, `accounts` are those of the settings.
    """
    if row.running or (row.code not in ACCOUNT_DECIDES and row.asked_by == GUEST):
        return _decide(row, now, target_of)
    asked, named = Asked(row.code, row.asked_by, row.tried), target_of(row.target).identities
    turn = next_turn(asked, named, accounts, due=_is_due(row, now))
    if turn.identity not in (None, GUEST) and row.code in ACCOUNT_DECIDES:
        row = replace(row, next_due_at=now)  # what was refused to others is asked at once
    decision = _decide(row, now, target_of)
    if decision.action in (Action.ACCEPT, Action.MARK):
        return decision
    if turn.waits_for is not None:
        return _without_cookies(row, decision, turn)
    return replace(decision, identity=turn.identity or GUEST) if decision.action else decision


def _without_cookies(row: Row, decision: Decision, turn: Turn) -> Decision:
    """The account that would ask next has no cookies that YouTube takes: it waits, with everything that needs it."""
    if decision.bucket == "have":
        return replace(decision, action=None)
    if decision.reason is Reason.CAPTIONS_REQUIRED:
        return decision
    bucket: Bucket = "undecided" if row.undecided else "blocked"
    return replace(
        _decision(row, bucket, Reason.NEEDS_COOKIES), code=turn.trouble, identity=turn.waits_for or GUEST
    )


def _decide(row: Row, now: int, target_of: Callable[[str], Target]) -> Decision:
    """The same, whoever asks."""
    if row.undecided:
        return _decide_undecided(row, now)
    if row.running:
        return _decision(row, "running", Reason.IN_FLIGHT)
    if row.condition in ("whole", "partial"):
        return _decide_present(row, now, target_of)
    return _decide_work(row, now, *_ABSENT[row.condition])


def _decide_undecided(row: Row, now: int) -> Decision:
    """It counts as undecided whatever is done about it; what is on disk already was read, and tells no more."""
    due = row.code is None or _is_due(row, now)
    if row.condition == "none" and due and not row.running:
        return _decision(row, "undecided", Reason.UNDECIDED, action=Action.EXAMINE)
    return _decision(row, "undecided", Reason.UNDECIDED)


def _decide_present(row: Row, now: int, target_of: Callable[[str], Target]) -> Decision:
    if row.got == row.target:
        return _decide_late(row, now)
    lacking = missing_of(row.facts, target_of(row.target)) if row.facts is not None else "media"
    if lacking == "nothing":
        return _decision(row, "ready", Reason.ALREADY_ANSWERS, action=Action.ACCEPT)
    if lacking == "beside":
        return _decide_work(row, now, Action.FETCH_BESIDE, Reason.BESIDE_CHANGED)
    if lacking == "marks":
        return _decide_work(row, now, Action.MARK, Reason.MARKS_CHANGED)
    return _decide_work(row, now, Action.UPDATE, Reason.TARGET_CHANGED)


def _decide_late(row: Row, now: int) -> Decision:
    """The media answer, as far as they were offered. More may be looked for; what is required must come."""
    due = row.late_due_at is not None and row.late_due_at <= now
    if row.condition == "partial":
        if due:
            return _decision(row, "ready", Reason.LOOK_DUE, action=Action.LOOK_AGAIN)
        bucket: Bucket = "blocked" if row.late_due_at is None else "deferred"
        return _decision(row, bucket, Reason.CAPTIONS_REQUIRED)
    if due:
        action = Action.MARK if {*row.late} == {"marks"} else Action.LOOK_AGAIN
        return _decision(row, "have", Reason.LOOK_DUE, action=action)
    below = {"quality", "recording"} & {*row.late}
    return _decision(row, "have", Reason.BELOW_WISH if below else Reason.CONVERGED)


_ABSENT: dict[Condition, tuple[Action, Reason]] = {
    "none": (Action.FETCH, Reason.MISSING),
    "damaged": (Action.UPDATE, Reason.DAMAGED),
}
_HELD_BACK: dict[str | None, tuple[Bucket, Reason]] = {
    "permanent": ("blocked", Reason.GONE),
    "user": ("blocked", Reason.NEEDS_PERSON),
    "engine": ("blocked", Reason.NEEDS_ENGINE),
    "wait": ("deferred", Reason.WAITING),
}


OF_THE_WISH = frozenset({"POLICY_MISS", "SPONSORBLOCK"})
"""Verdicts on the wish and not on the video: another wish is tried at once."""


def _decide_work(row: Row, now: int, action: Action, reason: Reason) -> Decision:
    """Something must be fetched: now, or after the time that the last failure's policy set."""
    if row.code is None or (row.wish_changed and row.code in OF_THE_WISH):
        return _decision(row, "ready", reason, action=action)
    if _is_due(row, now):
        return _decision(row, "ready", Reason.RETRY_DUE, action=action)
    if unconfirmed(row.code, row.looks):
        return _decision(row, "deferred", Reason.UNCONFIRMED)
    waits = policy(row.code).waits
    if waits is not None and row.attempts > waits:
        return _decision(row, "blocked", Reason.NEEDS_PERSON)
    bucket, held = _HELD_BACK.get(row.kind, ("deferred", Reason.BACKOFF))
    return _decision(row, bucket, held)


def _is_due(row: Row, now: int) -> bool:
    return row.next_due_at is not None and row.next_due_at <= now


def _decision(row: Row, bucket: Bucket, reason: Reason, *, action: Action | None = None) -> Decision:
    return Decision(
        video=row.video,
        bucket=bucket,
        reason=reason,
        target=row.target,
        action=action,
        code=row.code,
        due_at=row.late_due_at if reason in _OF_LOOKS else row.next_due_at,
        owed=_owed(row, bucket),
        acknowledged=row.acknowledged,
        priority=row.priority,
        entries=row.entries,
        title=row.title,
        looks=row.looks,
    )


_OF_LOOKS = frozenset({Reason.CONVERGED, Reason.BELOW_WISH, Reason.LOOK_DUE, Reason.CAPTIONS_REQUIRED})


def _owed(row: Row, bucket: Bucket) -> bool:
    if row.acknowledged or row.undecided or bucket == "have":
        return False
    if bucket == "blocked":
        return True
    return row.condition != "whole" and not (row.code is not None and settles_by_time(row.code))


@dataclass(slots=True)
class Books:
    """How many wanted videos are in each bucket; every wanted video is in exactly one.

    What the sources list besides is `excluded` by a filter, or `undecided` until more is known of it.
    """

    have: int = 0
    ready: int = 0
    running: int = 0
    deferred: int = 0
    blocked: int = 0
    undecided: int = 0
    excluded: int = 0

    @property
    def wanted(self) -> int:
        return self.have + self.ready + self.running + self.deferred + self.blocked

    @property
    def listed(self) -> int:
        return self.excluded + self.undecided + self.wanted

    def enter(self, bucket: Bucket, count: int = 1) -> None:
        setattr(self, bucket, getattr(self, bucket) + count)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Videos of an entry's sources that it does not want: a filter excludes them, or cannot decide yet."""

    excluded: int = 0
    undecided: int = 0


@dataclass(slots=True)
class Ledger:
    """The books of a whole pass: overall, by entry, by action, and what is owed. Decisions go in one by one."""

    total: Books = field(default_factory=Books)
    entries: dict[str, Books] = field(default_factory=dict)
    actions: Counter[Action] = field(default_factory=Counter)
    codes: Counter[str] = field(default_factory=Counter)
    owed: int = 0
    sources_owed: int = 0
    acknowledged: int = 0
    next_due_at: Instant | None = None

    @classmethod
    def opened(cls, settled: Mapping[str, int], left_out: Mapping[str, LeftOut] | None = None) -> Ledger:
        """Begin with the videos that need no decision, and those that filters leave out: per entry, and distinct ones under ""."""
        ledger = cls(total=Books(have=settled.get("", 0)))
        ledger.entries = {name: Books(have=count) for name, count in settled.items() if name}
        for name, out in (left_out or {}).items():
            books = ledger.entries.setdefault(name, Books()) if name else ledger.total
            books.excluded, books.undecided = out.excluded, out.undecided
        return ledger

    def enter(self, decision: Decision) -> Decision:
        """Count one decision, and pass it on, so that a stream can be counted as it goes by.

        An undecided video is counted already: for one entry it may be undecided, and wanted for another.
        """
        if decision.bucket != "undecided":
            self.total.enter(decision.bucket)
            for name in decision.entries:
                books = self.entries.get(name)
                if books is None:
                    books = self.entries[name] = Books()
                books.enter(decision.bucket)
        if decision.action:
            self.actions[decision.action] += 1
        if decision.code and decision.bucket in ("deferred", "blocked"):
            self.codes[decision.code] += 1
        self.owed += decision.owed
        self.acknowledged += decision.acknowledged
        if decision.due_at is not None and decision.action is None and decision.bucket != "running":
            self.wait_until(decision.due_at)
        return decision

    @property
    def to_do(self) -> int:
        """How many videos a worker would be given now: also those that are had, and looked at again."""
        return self.actions.total() - self.actions[Action.ACCEPT]

    def owe_source(self, due_at: int | None) -> None:
        """Count a list that could not be read, which nobody acknowledged; `due_at` is its next reading."""
        self.sources_owed += 1
        if due_at is not None:
            self.wait_until(due_at)

    def wait_until(self, due_at: int) -> None:
        self.next_due_at = min(due_at, self.next_due_at or due_at)
