"""What a person may ask: what is open and why (the work plan), and everything about one video (explain)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from ytarchive.adapters.index import (
    LET_GO,
    Acknowledgement,
    Attempt,
    LetGo,
    Lowered,
    Membership,
    OpenAttempt,
    Tombstone,
    VideoRecord,
)
from ytarchive.core import work_plan as plans
from ytarchive.core.desired import Entry, Target, lowered, unite
from ytarchive.core.drift import Drift
from ytarchive.core.failure_table import policy
from ytarchive.core.filters import Outcome
from ytarchive.core.identity import ACCOUNT_DECIDES
from ytarchive.core.item import Item
from ytarchive.core.plan import Decision, Reason, Row, decide
from ytarchive.core.removal import Held, Removal
from ytarchive.core.work_plan import OpenRow, WorkPlan
from ytarchive.reconciler import accounts, drifting, outlook, taking_away
from ytarchive.reconciler.places import Places
from ytarchive.reconciler.world import World


def work_plan(world: World) -> WorkPlan:
    """Every wanted video without acceptable media, and every list that cannot be read, grouped by cause.

    Beside them, what is here and nowhere else any more, and what is here in less than the wished quality.
    """
    now = world.clock.now()
    places, held = Places(world), _Held(world, now)
    rows = (
        _open_row(held.told(attempt), places, now)
        for attempt in world.index.open_attempts()
        if _concerns_person(attempt)
    )
    copies, pauses = world.index.only_copies(), outlook.notices(world)
    file = world.settings.file
    return plans.draft(
        rows,
        archive=world.archive.id,
        made_at=now,
        settings=str(file) if file else None,
        notices=pauses,
        only_copies=copies,
        below_wish=world.index.below_wish(),
    )


class _Held:
    """What waits for the cookies of an account is told by their trouble, and not by what the guest was told."""

    def __init__(self, world: World, now: int) -> None:
        self._world, self._now = world, now
        self._accounts = {report.name: report for report in accounts.reports(world)}
        self._codes = {name: report.code for name, report in self._accounts.items()}

    def told(self, attempt: OpenAttempt) -> OpenAttempt:
        if attempt.code not in ACCOUNT_DECIDES or attempt.part != "media" or not any(self._codes.values()):
            return attempt
        index = self._world.index
        row = index.row(attempt.subject, self._now)
        decision = decide(row, self._now, index.target, self._codes) if row else None
        if decision is None or decision.reason is not Reason.NEEDS_COOKIES or decision.code is None:
            return attempt
        what = self._accounts[decision.identity].what or ""
        kind = policy(decision.code).kind
        return replace(attempt, code=decision.code, kind=kind, message=what, status=None)


def _concerns_person(attempt: OpenAttempt) -> bool:
    """A part beside media that answer is no business of a person's, unless it is required."""
    return attempt.part in ("media", "listing") or not attempt.have


def _open_row(attempt: OpenAttempt, places: Places, now: int) -> OpenRow:
    said = attempt.acknowledgement
    return OpenRow(
        subject=attempt.subject,
        about="source" if attempt.part == "listing" else "video",
        title=attempt.title,
        entries=attempt.entries,
        code=attempt.code,
        attempts=attempt.n,
        first_at=attempt.first_at,
        last_at=attempt.last_at,
        next_at=attempt.next_attempt_at,
        looks=attempt.looks,
        status=attempt.status,
        message=attempt.message,
        acknowledged=plans.Acknowledged(said.why, said.until, said.is_lost)
        if said and said.holds(now)
        else None,
        on_disk=attempt.on_disk,
        stage=attempt.stage,
        tried=attempt.tried,
        places=tuple(places.of(attempt.entries)),
        named_at=() if attempt.part == "listing" else tuple(places.naming(attempt.subject, attempt.entries)),
    )


@dataclass(frozen=True, slots=True)
class Merged:
    """One field of the target, and the entries whose wish has that very value."""

    field: str
    value: object
    entries: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """Why an entry that lists a video wants it or not. `rule` and `why` tell what leaves it out; None: nothing."""

    entry: str
    source: str
    outcome: Outcome
    rule: str | None = None
    why: str | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything about one video. `decision` is None when nobody wants it; `item` when nothing is on disk.

    `drifts`: how its files differ from what was left on disk, by a look at them now, and the last time that they did.

    `let_go`: it was taken away, or deleted by a person, and is not fetched again for entries. `kept`: it came out of
    quarantine, and stays whatever policies say. `removal`: how it goes by the policies, unless something (`held`) stands
    against it.
    `lowered`: a person takes it in any quality. `standing` is there for every entry whose sources list it, `history` for every source that does or did.
    """

    video: str
    record: VideoRecord | None
    row: Row | None
    decision: Decision | None
    entries: tuple[Entry, ...]
    target: Target | None
    merged: tuple[Merged, ...]
    attempts: tuple[Attempt, ...]
    acknowledgement: Acknowledgement | None
    lowered: Lowered | None
    item: Item | None
    library: tuple[str, ...]
    standing: tuple[Standing, ...] = ()
    history: tuple[Membership, ...] = ()
    tombstone: Tombstone | None = None
    drifts: tuple[Drift, ...] = ()
    let_go: LetGo | None = None
    kept: bool = False
    removal: Removal | None = None
    held: Held | None = None


def explain(world: World, video: str) -> Explanation:
    """Which entries want it, which rule holds, what was tried and what comes next."""
    now = world.clock.now()
    row = world.index.row(video, now)
    names = row.entries if row else ()
    entries = tuple(entry for entry in world.index.entries() if entry.name in names)
    target = world.index.target(row.target) if row else None
    said = next((one for one in world.index.acknowledgements() if one.subject == video), None)
    less = next((one for one in world.index.lowered() if one.video == video), None)
    removal, held = taking_away.about(world, video)
    return Explanation(
        video=video,
        record=world.index.video(video),
        row=row,
        decision=decide(row, now, world.index.target, accounts.look(world)) if row else None,
        entries=entries,
        target=target,
        merged=tuple(_merged(target, entries, any_quality=less is not None)) if target else (),
        attempts=world.index.attempts(video),
        acknowledgement=said,
        lowered=less,
        item=world.item(video),
        library=tuple(f"{view.view}/{view.path}" for view in world.index.views(video)),
        standing=tuple(_standings(world, video)),
        history=world.index.history(video),
        tombstone=world.index.tombstone(video),
        removal=removal,
        held=held,
        let_go=world.index.gone_by_decision(video),
        kept=world.index.is_kept(video),
        drifts=tuple(drifting.look(world, video, is_wanted=row is not None)),
    )


def _standings(world: World, video: str) -> Iterator[Standing]:
    listed = {member.source for member in world.index.history(video) if member.last_seen_at is None}
    suspended = {entry.name for entry in world.index.entries() if entry.suspend}
    pinned = {
        name
        for name, source in world.index.entry_sources()
        if source.kind == "pins" and source.source in listed
    }
    told: set[str] = set()
    for name, source in world.index.entry_sources():
        if source.source not in listed or name in told:
            continue
        told.add(name)
        verdict = world.index.verdict(name, video)
        if name in suspended:
            yield Standing(name, source.source, "excluded", "suspend", "the entry is suspended")
        elif verdict is None or (name in pinned and verdict.rule != LET_GO):
            yield Standing(name, source.source, "wanted", "pin" if name in pinned else None)
        else:
            yield Standing(name, source.source, verdict.outcome, verdict.rule, verdict.why)


def _merged(target: Target, entries: tuple[Entry, ...], *, any_quality: bool) -> Iterator[Merged]:
    wishes = {entry.name: unite([entry.wish]) for entry in entries}
    if any_quality:
        wishes = {name: lowered(wish) for name, wish in wishes.items()}
    for name in Target.__dataclass_fields__:
        value = getattr(target, name)
        yield Merged(name, value, tuple(who for who, wish in wishes.items() if getattr(wish, name) == value))
