"""How the files of one video differ from what was left on disk: by a look at them now, and the last time that they did."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace

from ytarchive.adapters.archive import Damaged
from ytarchive.core.drift import Drift, DriftKind, follows
from ytarchive.reconciler import vanishing
from ytarchive.reconciler.disk import kind_of_damage
from ytarchive.reconciler.world import World

WORST_VIEWS_TOLD = 3


def look(world: World, video: str, *, is_wanted: bool) -> Iterator[Drift]:
    """The worst first: its folder, its files, their contents, its names in the library, and the last drift that is over."""
    is_gone, let_go = world.index.tombstone(video) is not None, world.index.gone_by_decision(video)
    respects = let_go is not None or vanishing.respects(world, video)

    def drift(kind: DriftKind, told: str, at: int | None, *, was_sought: bool) -> Drift:
        comes = follows(kind, is_wanted=is_wanted, is_gone=is_gone, respects=respects, was_sought=was_sought)
        return Drift(kind, told, comes, at)

    shard, last = world.index.item_location(video), world.index.drift(video)
    now_wrong = False
    if shard is not None:
        for kind, told, at in _of_folder(world, video, shard):
            now_wrong = True
            was_sought = last is not None and (kind, told) == last[:2]
            yield drift(kind, told, last[2] if was_sought and last else at, was_sought=was_sought)
        for path in _missing_names(world, video)[:WORST_VIEWS_TOLD]:
            yield drift("view", f"library/{path} is not there", None, was_sought=False)
    if last is not None and not now_wrong:
        yield replace(drift(*last, was_sought=True), is_over=shard is not None)


def _of_folder(world: World, video: str, shard: str) -> Iterator[tuple[DriftKind, str, int | None]]:
    seen = world.archive.look(shard, video)
    if seen is None:
        yield "deleted", f"videos/{shard}/{video} is not there", None
    elif isinstance(seen, Damaged):
        yield kind_of_damage(seen), seen.why, None
    else:
        compared = world.index.verified(video)
        for why in world.index.corrupt(video).values():
            yield "corrupt", why, compared.verified_at if compared else None


def _missing_names(world: World, video: str) -> list[str]:
    library = world.archive.tree.library
    names = (f"{view.view}/{view.path}" for view in world.index.views(video))
    return [name for name in names if not os.path.lexists(library / name)]
