"""The order of work: priority first, entries with single videos before lists, then turns between entries.

Turns keep a backfill of 100,000 videos from delaying another entry's new upload by more than one slot.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from itertools import groupby

from ytarchive.core.failure_table import Rule, policy
from ytarchive.core.plan import Decision


def in_turns(decisions: Iterable[Decision], singles: frozenset[str]) -> Iterator[Decision]:
    """Reorder ready decisions that come priority by priority and, within one entry, in that entry's order.

    `singles` names the entries that list videos one by one. A video of several entries takes the turn of its
    first one. Within a class of equal priority the result alternates between the entries that have work.
    """
    for _, same in groupby(decisions, key=lambda decision: (-decision.priority, _is_list(decision, singles))):
        yield from _alternate(same)


def doubtful_last(decision: Decision) -> int:
    """A key to sort by: what failed by more than its own fault, as it seems, comes after all others, longest due first.

    By the first video after a rest an address, the engine or the network is judged. One that fails for ever, for
    reasons of its own, would else be that one each time.
    """
    if decision.code is None or not _is_doubtful(policy(decision.code)):
        return -1
    return decision.due_at or 0


def _is_doubtful(rule: Rule) -> bool:
    return rule.charged_to != "video" or rule.pauses is not None or rule.engine_when_common


def _is_list(decision: Decision, singles: frozenset[str]) -> bool:
    return not any(name in singles for name in decision.entries)


def _alternate(decisions: Iterable[Decision]) -> Iterator[Decision]:
    queues: dict[str, deque[Decision]] = {}
    for decision in decisions:
        queues.setdefault(decision.entries[0] if decision.entries else "", deque()).append(decision)
    turn = deque(queues.values())
    while turn:
        queue = turn.popleft()
        yield queue.popleft()
        if queue:
            turn.append(queue)
