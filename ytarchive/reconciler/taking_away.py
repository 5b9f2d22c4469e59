"""Taking away what policies say: planned as a value, then done in an order that loses nothing whenever it is cut.

Journal (fsynced), rename into quarantine, names out of the library, index; what is to be deleted is deleted last.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

from ytarchive.adapters.index import LetGo, ListTrouble
from ytarchive.core import removal_rules as rules
from ytarchive.core.instant import DAY
from ytarchive.core.journal import Decision
from ytarchive.core.layout import LibraryName
from ytarchive.core.removal import Cause, Held, Hold, Holding, Removal, Removals
from ytarchive.core.removal_rules import Circumstances, plan_removals
from ytarchive.errors import UsageError
from ytarchive.reconciler import details, in_force, knowing
from ytarchive.reconciler.in_force import InForce
from ytarchive.reconciler.receiving import GONE

if TYPE_CHECKING:
    from ytarchive.reconciler.world import World

BATCH = 100
"""So many decisions are one write to the journal."""
ASKED_AT_ONCE = 100
"""Videos that are asked about one by one in a pass; the Data API tells of 50 at a time."""
ASKED_AGAIN_SECONDS = DAY
EXPLAINED = 1000
"""Of so many that wait for a person it is told which rule leaves them out."""


def plan_of(world: World, *, entry: str | None = None, even_last_copies: bool = False) -> Removals:
    """What would be taken away now: by the word of one entry, or of all."""
    around = _circumstances(world, even_last_copies=even_last_copies)
    asked = (world.index.revision(), around.settings)
    is_known = world.nothing_to_take_away == asked and not even_last_copies
    is_asked = _may_go(around) and not is_known
    holdings = world.index.holdings(GONE) if is_asked else iter(())
    around = replace(around, held=world.index.held_by_list() if is_asked else {})
    if entry is not None:
        holdings = (one for one in holdings if entry in _entries_of(one))
    removals = plan_removals(holdings, around)
    if entry is None and not even_last_copies and not removals.now and not removals.held:
        world.nothing_to_take_away = (
            asked  # a pass with nothing to do over a million items walks none of them
        )
    return replace(
        removals,
        now=tuple(_explained(world, one) for one in removals.now),
        waiting=(
            *(_explained(world, one) for one in removals.waiting[:EXPLAINED]),
            *removals.waiting[EXPLAINED:],
        ),
    )


def _may_go(around: Circumstances) -> bool:
    return around.settings.may_remove or any(one.may_remove for one in around.policies.values())


def _entries_of(holding: Holding) -> set[str]:
    return {*holding.wanting, *holding.left_out, *(left.entry for left in holding.left)}


def about(world: World, video: str) -> tuple[Removal | None, Held | None]:
    """How an item would go by the policies, and what stands against it; the guard apart, which looks at all together."""
    around = replace(_circumstances(world, even_last_copies=False), obstacles=(), notices=())
    removals = plan_removals(world.index.holdings(GONE, video), replace(around, even_last_copies=True))
    if not removals.now:
        return None, None
    held = plan_removals(world.index.holdings(GONE, video), around).held
    return _explained(world, removals.now[0]), held[0] if held else None


def carry_out(world: World, removals: Removals) -> None:
    """Do exactly that. A kill at any step leaves each item whole where it was, or in quarantine."""
    if not removals.now:
        return
    world.require_archive()
    pending = iter(removals.now)
    while some := tuple(islice(pending, BATCH)):
        now = world.clock.now()
        world.archive.journal.record(
            *(Decision(at=now, kind="prune", video=one.video, why=one.why, code=one.how) for one in some)
        )
        for one in some:
            _take(world, one, now)
            world.observer.removed(one)
        world.crew.attend(0.0)  # a sign of life, and an answer to whoever asks meanwhile


def _take(world: World, removal: Removal, now: int) -> None:
    shard = world.index.item_location(removal.video)
    if shard is None:
        return
    going = removal.how == "delete"
    folder = world.archive.quarantine.take(shard, removal.video, now, going=going)
    let_go(world, LetGo(removal.video, removal.how, removal.why, now))
    if going and folder is not None:
        world.archive.quarantine.finish(folder)


def let_go(world: World, gone: LetGo) -> None:
    """What is in the archive no more goes out of the library and the index too."""
    names = (LibraryName(*name) for name in world.index.views(gone.video))
    world.archive.library.withdraw(names)
    world.index.let_go(gone)


def ask(world: World, entry: str | None = None) -> None:
    """Have YouTube say whether it still has what would be taken away, where no list tells: a last copy stays."""
    removals = plan_of(world, entry=entry)
    asked = world.index.asked_since(world.clock.now() - ASKED_AGAIN_SECONDS)
    videos = tuple(video for video in removals.unasked if video not in asked)
    if not videos:
        return
    some = videos[: details.BATCH * details.BATCHES_A_JOB]
    if (
        world.has_api
        and world.may_ask("details", -(-len(some) // details.BATCH))
        and details.ask(world, some, "details")
    ):
        answers = {video: world.index.tombstone(video) is None for video in some}
        world.index.note_answers(answers, world.clock.now())
        return
    for video in videos[:ASKED_AT_ONCE]:
        there = knowing.is_there(world, video)
        if there is None:
            return
        world.index.note_answers({video: there}, world.clock.now())


def confirm(world: World, digest: str | None = None) -> tuple[Removal, ...]:
    """A person says that what waits for their word may go; the next pass takes it away.

    `digest`: of the very set that they were shown. Raise `UsageError` when another waits by now, or nothing does.
    """
    waiting, missing = plan_of(world), world.index.each_let_go("missing")
    if not waiting.waiting and not missing:
        raise UsageError(
            "nothing waits for a confirmation", cure="`ytarchive plan` shows what would be taken away"
        )
    if digest is not None and digest != waiting.digest:
        raise UsageError(
            "something else waits for a confirmation than what was shown",
            cure="look again: ytarchive plan",
        )
    now = world.clock.now()
    said = (Decision(at=now, kind="respect-deletion", video=one.video, why=one.why) for one in missing)
    world.archive.journal.record(*said)
    with world.index.transaction():
        world.index.let_go(*(replace(one, how="respect", at=now) for one in missing))
        world.index.confirm_removals((one.video for one in waiting.waiting), now)
        if any(one.cause is Cause.NO_ENTRY for one in waiting.waiting):
            in_force.accept(world)
    return waiting.waiting


def want_again(world: World, videos: tuple[str, ...]) -> int:
    """Let entries have these again, if they want them; how many had been let go."""
    gone = tuple(video for video in videos if world.index.gone_by_decision(video) is not None)
    now = world.clock.now()
    world.archive.journal.record(*(Decision(at=now, kind="unprune", video=video) for video in gone))
    return world.index.want_again(gone)


# What stands against it


def _circumstances(world: World, *, even_last_copies: bool) -> Circumstances:
    archive, entries = world.settings.archive, world.index.entries()
    known, troubles = in_force.read(world), world.index.list_troubles()
    items = world.index.item_count()
    obstacles = tuple(_obstacles(world, known, items, bool(entries)))
    return Circumstances(
        policies={entry.name: entry.policies.over(archive.policies) for entry in entries},
        settings=archive.policies,
        suspended=frozenset(entry.name for entry in entries if entry.suspend),
        troubles=_troubles(troubles),
        obstacles=obstacles,
        notices=(*_shrunken(troubles), *_missing(world)),
        gone_files=tuple(sorted(known.gone)),
        loud=frozenset({Hold.MANIFESTS_EMPTY} if known.gone else ()),
        even_last_copies=even_last_copies,
        guard_share=archive.guard_share,
        items=items,
        now=world.clock.now(),
    )


def _obstacles(world: World, known: InForce, items: int, has_entries: bool) -> Iterator[Held]:
    folder = world.settings.manifests.path
    if known.problems:
        yield Held(
            Hold.MANIFESTS_INVALID,
            "a manifest is not valid: as long as one is not, nothing is taken away",
            "mend it; `ytarchive validate` tells what is wrong",
        )
    if not has_entries and items:
        yield Held(
            Hold.MANIFESTS_EMPTY,
            f"no manifest in {folder} names anything: nothing is taken away because of that",
            "put the manifests back, or correct manifests.path",
        )


_WORST: tuple[rules.ListTrouble, ...] = ("unread", "partial", "shrunken", "failing", "short")


def _troubles(troubles: tuple[ListTrouble, ...]) -> dict[str, rules.ListTrouble]:
    """The worst of each entry's lists."""
    worst: dict[str, rules.ListTrouble] = {}
    for one in troubles:
        met = next(
            (word for word in _WORST if word == one.completeness),
            "unread" if one.completeness is None else "failing",
        )
        known = worst.get(one.entry, met)
        worst[one.entry] = min(known, met, key=_WORST.index)
    return worst


def _shrunken(troubles: tuple[ListTrouble, ...]) -> Iterator[Held]:
    for one in troubles:
        if one.completeness == "shrunken":
            name = f"{one.title} ({one.source})" if one.title else one.source
            yield Held(
                Hold.SHRUNKEN,
                f"{name} shows {one.got:,} videos where {one.held:,} are held to be: so much at once is not believed"
                " before the list says the same a day later, and nothing is taken away",
                "nothing: it is read again by itself",
            )


def _missing(world: World) -> Iterator[Held]:
    missing = world.index.each_let_go("missing")
    if missing:
        number = len(missing)
        yield Held(
            Hold.MISSING,
            f"{number:,} items are gone from the archive's disk at once: they are neither fetched again nor given up",
            "put the files back; or, if they were deleted on purpose: ytarchive quarantine confirm;"
            " to fetch them again: ytarchive workplan retry VIDEO",
            number,
            tuple(one.video for one in missing[: rules.NAMED_AT_MOST]),
        )


def _explained(world: World, removal: Removal) -> Removal:
    """With the rule that leaves it out."""
    if removal.cause is not Cause.UNWANTED:
        return removal
    for entry in removal.entries:
        verdict = world.index.verdict(entry, removal.video)
        if verdict is not None and verdict.outcome == "excluded":
            why = f": {verdict.why}" if verdict.why else ""
            return replace(removal, why=f"{entry} leaves it out by {verdict.rule}{why}")
    return removal
