"""What was taken away, and what people decide about it; and what waits to be taken away for their word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ytarchive.adapters import work_plans
from ytarchive.core.removal import Held
from ytarchive.errors import UsageError
from ytarchive.reconciler import InQuarantine, World, quarantining, taking_away, work_plan


@dataclass(frozen=True, slots=True)
class QuarantineAnswer:
    """`quarantine list`: what lies there, the oldest first. `waiting` would be taken away and waits for a confirmation
    (`digest` is that set's); `held` tells what else keeps items that would go."""

    items: tuple[InQuarantine, ...]
    count: int
    bytes: int
    waiting: tuple[str, ...] = ()
    digest: str = ""
    held: tuple[Held, ...] = ()


@dataclass(frozen=True, slots=True)
class QuarantineDone:
    """`quarantine restore`, `empty` and `confirm`: the videos that were meant. `dry_run`: nothing was done."""

    videos: tuple[str, ...]
    count: int
    bytes: int = 0
    dry_run: bool = field(default=False)


def listed(world: World) -> QuarantineAnswer:
    items = quarantining.in_quarantine(world)
    removals = taking_away.plan_of(world)
    return QuarantineAnswer(
        items,
        len(items),
        sum(one.bytes for one in items),
        tuple(one.video for one in removals.waiting),
        removals.digest,
        removals.held,
    )


def restore(world: World, videos: Sequence[str], *, dry_run: bool = False) -> QuarantineDone:
    """Put items back, to stay. Raise `UsageError` for what is not in quarantine."""
    if dry_run:
        return _of(_chosen(world, videos), dry_run=True)
    done = quarantining.restore(world, videos)
    _write_again(world)
    return QuarantineDone(done, len(done))


def empty(
    world: World, videos: Sequence[str], *, everything: bool = False, dry_run: bool = False
) -> QuarantineDone:
    """Delete for good. Raise `UsageError` where it is not said what, and for what is not in quarantine."""
    if bool(videos) == everything:
        raise UsageError("which items?", cure="name videos, or say --all; see `ytarchive quarantine list`")
    there = quarantining.in_quarantine(world)
    chosen = there if everything else _chosen(world, videos)
    if not dry_run:
        quarantining.empty(world, None if everything else videos)
    return _of(chosen, dry_run=dry_run)


def confirm(world: World, digest: str | None = None, *, dry_run: bool = False) -> QuarantineDone:
    """Say that what waits may be taken away; the next pass does it. Raise `UsageError` where another set waits by now."""
    waiting = taking_away.plan_of(world).waiting if dry_run else taking_away.confirm(world, digest)
    videos = tuple(one.video for one in waiting)
    return QuarantineDone(videos, len(videos), sum(one.bytes for one in waiting), dry_run)


def _chosen(world: World, videos: Sequence[str]) -> tuple[InQuarantine, ...]:
    there = quarantining.in_quarantine(world)
    quarantining.require(videos, {one.video for one in there})
    return tuple(one for one in there if one.video in videos)


def _of(chosen: Sequence[InQuarantine], *, dry_run: bool) -> QuarantineDone:
    videos = tuple(dict.fromkeys(one.video for one in chosen))
    return QuarantineDone(videos, len(videos), sum(one.bytes for one in chosen), dry_run)


def _write_again(world: World) -> None:
    work_plans.amend(world.settings.state.path, work_plan(world))
