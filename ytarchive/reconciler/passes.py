"""One pass, top to bottom: look at the lists, decide, do what can be done, tell what could not."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from operator import attrgetter

from ytarchive.adapters import work_plans
from ytarchive.core.instant import Instant
from ytarchive.core.plan import Books, Decision, Ledger, decide
from ytarchive.core.removal import Removals, digest_of
from ytarchive.core.report import PassReport, RemovalReport, SourceReport
from ytarchive.core.schedule import doubtful_last, in_turns
from ytarchive.core.work_plan import unrecognised
from ytarchive.errors import YtarchiveError
from ytarchive.reconciler import (
    accounts,
    details,
    linking,
    outlook,
    quarantining,
    remembering,
    sources,
    taking_away,
    telling,
)
from ytarchive.reconciler.news import NO_NEWS, News
from ytarchive.reconciler.work import Work, trial, unreachable
from ytarchive.reconciler.world import World, require_entry
from ytarchive.tracing import traced

DEFAULT_MAX_WAIT_SECONDS = 15 * 60
PLAN_VERSION = 1


@dataclass(frozen=True, slots=True)
class PlanDocument:
    """A plan as `plan -o` saves it. `digest` covers archive, actions and removals: one that no longer holds is refused."""

    version: int
    archive: str
    made_at: Instant
    digest: str
    entry: str | None
    books: dict[str, Books]
    actions: tuple[Decision, ...]
    held_back: tuple[Decision, ...]
    removals: Removals = field(default_factory=Removals)
    even_last_copies: bool = False


def refresh(
    world: World, entry: str | None = None, *, eager: bool = True, whole: bool = False
) -> tuple[SourceReport, ...]:
    """Look at the sources of one entry or of all, and let the filters decide.

    `eager`: also at those that are not due yet; `whole`: read every line of them.
    """
    _require(world, entry)
    looked = sources.refresh(world, entry, eager=eager, whole=whole)
    details.judge(world)
    taking_away.ask(world, entry)
    return looked


def plan(
    world: World, entry: str | None = None, videos: Collection[str] | None = None
) -> tuple[Ledger, Iterator[Decision]]:
    """The books and every decision that is not settled. The ledger is complete once the iterator is used up."""
    _require(world, entry)
    now = world.clock.now()
    settled = world.index.settled(now)
    left_out = world.index.left_out()
    if entry is not None or videos is not None:
        settled = _settled_in_scope(world, entry, videos, settled)
        left_out = dict.fromkeys(("", entry), left_out[entry]) if entry in left_out else {}
    ledger = Ledger.opened(settled, left_out)
    rows = world.index.candidates(now, entry=entry, videos=videos)
    known = accounts.look(world)
    return ledger, (ledger.enter(decide(row, now, world.index.target, known)) for row in rows)


def plan_document(world: World, entry: str | None = None, *, even_last_copies: bool = False) -> PlanDocument:
    """The same as one value that can be saved and carried out later, with what would be taken away."""
    ledger, decisions = plan(world, entry)
    made = tuple(decisions)
    removals = taking_away.plan_of(world, entry=entry, even_last_copies=even_last_copies)
    actions = tuple(decision for decision in made if decision.action)
    return PlanDocument(
        version=PLAN_VERSION,
        archive=world.archive.id,
        made_at=world.clock.now(),
        digest=_digest(world.archive.id, actions, removals),
        entry=entry,
        books={"": ledger.total, **ledger.entries},
        actions=actions,
        held_back=tuple(decision for decision in made if not decision.action),
        removals=removals,
        even_last_copies=even_last_copies,
    )


@traced("pass")
def reconcile_once(
    world: World,
    *,
    entry: str | None = None,
    only: Collection[str] | None = None,
    max_wait_seconds: int = DEFAULT_MAX_WAIT_SECONDS,
    expected_digest: str | None = None,
    whole: bool = False,
    even_last_copies: bool = False,
) -> PassReport:
    """Look, decide and do, until only timed work is left. `only` limits the pass to these videos, lists unread.

    `whole`: read every line of every list, even where the beginning looks as before. `even_last_copies`: policies hold
    for what YouTube has no more, too.

    `expected_digest`: carry out exactly the plan that was saved, lists unread; raise `YtarchiveError` when the
    world has moved on since.
    """
    started_at = world.clock.now()
    looked: tuple[SourceReport, ...] = ()
    if expected_digest is not None:
        _refuse_stale(world, entry, expected_digest, even_last_copies)
    elif only is None:
        looked = refresh(world, entry, whole=whole)
    work = Work(world, max_wait_seconds)
    work.done.linked += linking.link_all(world)
    removals = _take_away(world, work, entry, even_last_copies=even_last_copies) if only is None else None
    try:
        _work_until_rest(world, work, entry, only)
    except BaseException:
        work.cancel_all()
        raise
    return _concluded(world, work, started_at, looked, entry, only, removals)


@traced("pass")
def reconcile_on(world: World, work: Work, news: News) -> PassReport:
    """One pass of a process that lives on: lists that are due, and work that an earlier pass may have begun.

    What is left running at its end (recordings) is in `work`. Raise what a pass raises; `work` goes on all the same.
    """
    started_at = world.clock.now()
    work.renew()
    world.begin_pass()
    work.done.linked += linking.link_all(world)
    _work_until_rest(world, work, None, None, news)
    taking_away.ask(world)
    removals = _take_away(world, work, None)
    return _concluded(world, work, started_at, news.looked(), None, None, removals)


def _take_away(
    world: World, work: Work, entry: str | None, *, even_last_copies: bool = False
) -> RemovalReport:
    """Take away what the policies say, and empty from quarantine what was there long enough."""
    removals = taking_away.plan_of(world, entry=entry, even_last_copies=even_last_copies)
    taking_away.carry_out(world, removals)
    work.done.quarantined += sum(one.how == "quarantine" for one in removals.now)
    work.done.deleted += sum(one.how == "delete" for one in removals.now)
    work.done.emptied += len(quarantining.expire(world))
    waiting = tuple(one.video for one in removals.waiting)
    return RemovalReport(removals.held, waiting, removals.digest, removals.needs_person)


def _concluded(
    world: World,
    work: Work,
    started_at: int,
    looked: tuple[SourceReport, ...],
    entry: str | None,
    only: Collection[str] | None,
    removals: RemovalReport | None,
) -> PassReport:
    details.confirm(world, started_at)
    remembering.write_histories(world)
    ledger = take_stock(world, entry, only)
    scoped = entry is not None or only is not None
    return _report(world, started_at, ledger, work, looked, removals, scoped=scoped)


def take_stock(world: World, entry: str | None = None, only: Collection[str] | None = None) -> Ledger:
    """The books as they are now, with the lists that are owed."""
    ledger, decisions = plan(world, entry, only)
    for _ in decisions:
        pass
    if (look_at := world.index.next_due_at(world.clock.now())) is not None:
        ledger.wait_until(look_at)
    if only is None:
        for listing in sources.owed(world, entry):
            ledger.owe_source(listing.next_due_at)
    return ledger


def _work_until_rest(
    world: World, work: Work, entry: str | None, only: Collection[str] | None, news: News = NO_NEWS
) -> None:
    """Rounds of planning and working. Each round tries only what the one before did not, so it ends."""
    while work.stop is None and work.waiting is None and not news.is_over():
        news.catch_up(work)
        ledger, decisions = plan(world, entry, only)
        since = world.clock.now() - news.again_after_seconds
        made = [one for one in decisions if one.action and not _was_tried(work, one, since)]
        world.observer.planned(ledger)
        news.planned(ledger)
        if not made and work.is_idle and not news.is_busy() and not news.is_stale():
            return
        singles = frozenset(entry.name for entry in world.index.entries() if entry.kind == "videos")
        begun = len(work.tried)
        work.run(in_turns(sorted(made, key=doubtful_last), singles), news)
        world.index.judge(world.clock.now())  # on what was learned of videos meanwhile
        if made and len(work.tried) == begun and work.is_idle and not news.is_busy() and not news.is_stale():
            return  # there is no room for any of it: what runs on has all of that


def _was_tried(work: Work, decision: Decision, since: int) -> bool:
    at = work.tried.get(trial(decision))
    return at is not None and at > since


def _report(
    world: World,
    started_at: int,
    ledger: Ledger,
    work: Work,
    looked: tuple[SourceReport, ...],
    removals: RemovalReport | None,
    *,
    scoped: bool,
) -> PassReport:
    stop, waiting = work.stop or unreachable(looked), work.waiting
    work_plan = telling.work_plan(world)
    paths = work_plans.write(world.settings.state.path, work_plan)
    due = [at for at in (ledger.next_due_at, waiting.until if waiting else None) if at is not None]
    return PassReport(
        started_at=started_at,
        ended_at=world.clock.now(),
        ledger=ledger,
        done=work.done,
        sources=looked,
        problems=world.problems,
        stopped=stop.why if stop else None,
        stop_cure=stop.cure if stop else None,
        waiting=waiting.why if waiting else None,
        waiting_until=waiting.until if waiting else None,
        next_due_at=min(due, default=None),
        work_plan=tuple(str(path) for path in paths),
        failures=dict(ledger.codes),
        unrecognised=unrecognised(work_plan),
        accounts=tuple(account for account in accounts.reports(world) if account.code),
        notices=outlook.notices(world),
        forecast=outlook.forecast_of(world, ledger),
        scoped=scoped,
        open_items={group.code: group.count for group in work_plan.groups},
        removals=removals,
    )


def _require(world: World, entry: str | None) -> None:
    if entry is not None:
        require_entry(world, entry)


def _settled_in_scope(
    world: World, entry: str | None, videos: Collection[str] | None, settled: dict[str, int]
) -> dict[str, int]:
    if videos is not None:
        now = world.clock.now()
        rows = [row for video in videos if (row := world.index.row(video, now)) is not None]
        open_ = {row.video for row in world.index.candidates(now, videos=videos)}
        return {"": sum(row.video not in open_ for row in rows)}
    assert entry is not None
    return {entry: settled.get(entry, 0), "": settled.get(entry, 0)}


def _refuse_stale(world: World, entry: str | None, expected_digest: str, even_last_copies: bool) -> None:
    if plan_document(world, entry, even_last_copies=even_last_copies).digest != expected_digest:
        raise YtarchiveError(
            "the saved plan no longer holds: manifests, lists or the archive have changed since it was made",
            cure="make a new one: ytarchive plan -o FILE",
        )


def _digest(archive: str, actions: tuple[Decision, ...], removals: Removals) -> str:
    told = hashlib.sha256(archive.encode())
    for decision in sorted(actions, key=attrgetter("video")):
        told.update(f"\n{decision.video} {decision.action} {decision.target}".encode())
    if removals.now:
        told.update(f"\n{digest_of(removals.now)}".encode())
    return told.hexdigest()
