"""A plan as a document."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from ytarchive.core.plan import Action, Books, Reason
from ytarchive.core.removal import Removal
from ytarchive.core.report import SourceReport
from ytarchive.core.space import Need
from ytarchive.documents.answers import PlanAnswer, Summary
from ytarchive.reconciler import World, plan_document
from ytarchive.reconciler.space import need


def plan_answer(
    world: World,
    entry: str | None,
    sources: tuple[SourceReport, ...] = (),
    even_last_copies: bool = False,
) -> PlanAnswer:
    """What a pass would do now, over one entry or over all; `sources` were looked at for it."""
    document = plan_document(world, entry, even_last_copies=even_last_copies)
    actions = Counter(_counted_as(one.action, one.reason) for one in document.actions if one.action)
    summary = summary_of(actions, document.books[""], document.removals.now)
    fetches = summary.download or summary.examine
    return PlanAnswer(summary, sources, document, need(world, entry) if fetches else Need(0, 0, fits=True))


def _counted_as(action: Action, reason: Reason) -> Action:
    """To ask SponsorBlock again of what is here is a look; to mark what nobody wanted marked before is an update."""
    return Action.LOOK_AGAIN if action is Action.MARK and reason is Reason.LOOK_DUE else action


def summary_of(actions: Mapping[Action, int], books: Books, removals: Sequence[Removal] = ()) -> Summary:
    downloads, examine = actions.get(Action.FETCH, 0), actions.get(Action.EXAMINE, 0)
    looks = actions.get(Action.LOOK_AGAIN, 0)
    updates = sum(actions.values()) - downloads - examine - looks
    return Summary(
        download=downloads,
        update=updates,
        remove=len(removals),
        blocked=books.blocked,
        deferred=books.deferred,
        examine=examine,
        look=looks,
        remove_bytes=sum(one.bytes for one in removals),
    )
