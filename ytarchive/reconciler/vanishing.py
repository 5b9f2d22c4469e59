"""Items that are not on disk any more, and that nobody here took away: fetched again, or respected as deleted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ytarchive.adapters.index import MANUAL, LetGo, LetGoHow
from ytarchive.core.journal import Decision
from ytarchive.core.removal_rules import allowance_of

if TYPE_CHECKING:
    from ytarchive.reconciler.world import World

WHY = "its files were deleted from the archive"


def settle(world: World, videos: Sequence[str]) -> None:
    """What was known to be here and is not.

    Where every entry that wants it respects that, it is not fetched again; so many at once look like a disk that lost
    them, and wait for a person's word.
    """
    if not videos:
        return
    now = world.clock.now()
    respected = [video for video in videos if respects(world, video)]
    again = [video for video in videos if video not in set(respected)]
    at_once = allowance_of(world.settings.archive.guard_share, world.index.item_count())
    doubtful = len(respected) > at_once
    with world.index.transaction():
        for video in again:
            world.index.forget_item(video)
        if not doubtful:
            said = (Decision(at=now, kind="respect-deletion", video=video, why=WHY) for video in respected)
            world.archive.journal.record(*said)
        how: LetGoHow = "missing" if doubtful else "respect"
        world.index.let_go(*(LetGo(video, how, WHY, now) for video in respected))
    if again:
        world.observer.note(f"{len(again)} items are no longer on disk and will be fetched again if wanted")
    if respected and not doubtful:
        world.observer.note(
            f"{len(respected)} items were deleted from disk and are not fetched again (when_deleted_locally: respect)"
        )


def respects(world: World, video: str) -> bool:
    """Whether all who want a video leave it deleted; where nobody wants it, nothing is to be respected."""
    row = world.index.row(video, world.clock.now())
    if row is None or row.undecided or MANUAL in row.entries:
        return False
    settings = world.settings.archive.policies
    wanting = {*row.entries}
    policies = [entry.policies.over(settings) for entry in world.index.entries() if entry.name in wanting]
    return bool(policies) and all(one.when_deleted_locally == "respect" for one in policies)
