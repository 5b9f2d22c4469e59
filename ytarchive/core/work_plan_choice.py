"""Which items of a work plan somebody means: by name, cause, entry and age."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from ytarchive.core.instant import Instant
from ytarchive.core.work_plan import WorkPlan, WorkPlanItem


@dataclass(frozen=True, slots=True)
class Choice:
    """What somebody asked for; what is empty asks for nothing in particular.

    `open_before` and `open_after` are times: an item is as old as its first failure. `everything` was said aloud.
    """

    subjects: tuple[str, ...] = ()
    causes: Collection[str] = ()
    entry: str | None = None
    open_before: Instant | None = None
    open_after: Instant | None = None
    everything: bool = False

    @property
    def is_filter(self) -> bool:
        return bool(self.causes) or (self.entry, self.open_before, self.open_after) != (None, None, None)

    @property
    def says_nothing(self) -> bool:
        """Neither names, nor a filter, nor "all": never taken for all."""
        return not (self.subjects or self.is_filter or self.everything)

    def takes(self, item: WorkPlanItem) -> bool:
        """Whether the filters let it through; names are looked up by `chosen`."""
        return (
            (not self.causes or item.code in self.causes)
            and (self.entry is None or self.entry in item.entries)
            and (self.open_before is None or item.first_at <= self.open_before)
            and (self.open_after is None or item.first_at > self.open_after)
        )


def chosen(plan: WorkPlan, choice: Choice) -> tuple[tuple[WorkPlanItem, ...], tuple[str, ...]]:
    """The items that are meant, in the order of the plan, and the names that are not in the plan at all."""
    named = frozenset(choice.subjects)
    items = tuple(item for item in plan.items if (not named or item.subject in named) and choice.takes(item))
    known = {item.subject for item in plan.items} if named else named
    return items, tuple(name for name in dict.fromkeys(choice.subjects) if name not in known)


def narrowed(plan: WorkPlan, items: Iterable[WorkPlanItem]) -> WorkPlan:
    """The same document with these items only, and nothing that is no item; its counts and groups are theirs."""
    kept = tuple(items)
    count = Counter(item.code for item in kept)
    owed = Counter(item.code for item in kept if item.owed)
    known = Counter(item.code for item in kept if item.acknowledged is not None)
    lost = Counter(item.code for item in kept if item.is_lost)
    groups = tuple(
        replace(
            group,
            count=count[group.code],
            owed=owed[group.code],
            acknowledged=known[group.code],
            lost=lost[group.code],
        )
        for group in plan.groups
        if count[group.code]
    )
    return replace(
        plan,
        count=len(kept),
        owed=owed.total(),
        acknowledged=known.total(),
        lost=lost.total(),
        groups=groups,
        items=kept,
        only_copies=(),
        below_wish=(),
    )
