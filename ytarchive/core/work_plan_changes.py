"""What changed between two work plans: what is new, what is open no more, what has another cause."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ytarchive.core.instant import Instant
from ytarchive.core.work_plan import WorkPlan


@dataclass(frozen=True, slots=True)
class Known:
    """What an earlier plan said of a video or a source: its causes, and its title."""

    causes: tuple[str, ...]
    title: str | None = None


@dataclass(frozen=True, slots=True)
class Outline:
    """As much of an earlier plan as a comparison needs."""

    archive: str
    made_at: Instant
    known: Mapping[str, Known] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Change:
    """One video or source: its causes `before` and `after`, where there are any."""

    subject: str
    title: str | None = None
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Changes:
    """From the plan of `since` to that of `until`. `since` None: there is no earlier one of this archive."""

    until: Instant
    since: Instant | None = None
    new: tuple[Change, ...] = ()
    gone: tuple[Change, ...] = ()
    changed: tuple[Change, ...] = ()

    @property
    def any(self) -> bool:
        return bool(self.new or self.gone or self.changed)


def outlined(plan: WorkPlan) -> Outline:
    """A plan as far as comparisons go."""
    causes, titles = defaultdict[str, set[str]](set), dict[str, str | None]()
    for item in plan.items:
        causes[item.subject].add(item.code)
        titles[item.subject] = item.title or None
    known = {subject: Known(tuple(sorted(codes)), titles[subject]) for subject, codes in causes.items()}
    return Outline(plan.archive, plan.made_at, known)


def compared(before: Outline | None, plan: WorkPlan) -> Changes:
    """Everything that differs, in the order of the subjects. The plan of another archive says nothing."""
    if before is None or before.archive != plan.archive:
        return Changes(plan.made_at)
    changes = tuple(_changes(before.known, outlined(plan).known))
    return Changes(
        until=plan.made_at,
        since=before.made_at,
        new=tuple(change for change in changes if not change.before),
        gone=tuple(change for change in changes if not change.after),
        changed=tuple(change for change in changes if change.before and change.after),
    )


def _changes(before: Mapping[str, Known], after: Mapping[str, Known]) -> Iterator[Change]:
    nothing = Known(())
    for subject in sorted(before.keys() | after.keys()):
        old, new = before.get(subject, nothing), after.get(subject, nothing)
        if old.causes != new.causes:
            yield Change(subject, new.title or old.title, old.causes, new.causes)
