"""What an item was before is kept in a file of the item: with each update, and when something else is said of the video."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ytarchive.core.codec import MalformedValue, decode, encode
from ytarchive.core.item import Item
from ytarchive.core.item_history import (
    SUFFIX,
    Edition,
    ItemHistory,
    Told,
    Why,
    has_changes,
    media_of,
    with_edition,
    with_told,
)
from ytarchive.core.late_parts import late_of
from ytarchive.errors import ArchiveError
from ytarchive.reconciler.world import World

AT_ONCE = 200
"""So many histories a pass writes of videos that nothing else is done about; the others follow."""


def read_history(world: World, item: Item) -> ItemHistory:
    """What the item's own file tells; an empty history where there is none, or none that can be read."""
    empty = ItemHistory(item.id)
    record = next((each for each in item.files if each.role == "history"), None)
    if record is None:
        return empty
    try:
        return decode(ItemHistory, (world.archive.folder(item) / record.name).read_bytes())
    except (OSError, MalformedValue):
        return empty  # the next scrub tells that it is damaged


def told_by_now(world: World, history: ItemHistory) -> ItemHistory:
    """The history with all that the index knows to have been said."""
    texts = world.index.texts(history.id)
    return with_told(history, (Told(each.field, each.seen_at, each.value) for each in texts))


def with_history(world: World, item: Item, old: Item, staging: Path) -> Item:
    """The item of an update with a history that knows what it was before; its file is put into `staging`.

    Nothing is written of an item of which nothing changed.
    """
    before = read_history(world, old)
    after = told_by_now(world, before)
    if (edition := _edition(world, item, old)) is not None:
        after = with_edition(after, edition)
    if after.editions == before.editions and (after.told == before.told or not has_changes(after.told)):
        return item
    record = world.archive.add(staging, item.id, SUFFIX, encode(after) + b"\n", "history")
    others = (each for each in item.files if each.role != "history")
    return replace(item, files=(*others, record))


def write_histories(world: World) -> None:
    """Bring histories up to date of which nothing else made anybody write."""
    for video in world.index.retold(AT_ONCE):
        item = world.item(video)
        if item is not None and not _is_begun(world, video):
            _write(world, item)


def _is_begun(world: World, video: str) -> bool:
    """Whether half of an upgrade lies in staging, which a commit would take along."""
    return any((world.archive.tree.staging / video).glob("parts.*"))


def _write(world: World, item: Item) -> None:
    staging = world.archive.stage(item.id)
    try:
        remembered = with_history(world, item, item, staging)
        if remembered == item:
            world.archive.discard(staging)
        else:
            _commit(world, remembered, staging)
    except ArchiveError as error:
        world.observer.note(f"{item.id}: its history could not be written: {error.message}")
        return
    world.index.forget_retold(item.id)


def _commit(world: World, item: Item, staging: Path) -> None:
    committed = world.archive.update(item, staging)
    with world.index.transaction():
        world.index.record_folder(item, dir_mtime_ns=committed.dir_mtime_ns)


def _why(item: Item, old: Item) -> Why:
    if item.provenance == old.provenance:
        return "marks"
    return "upgrade" if item.target == old.target and late_of(old) else "update"


def _edition(world: World, item: Item, old: Item) -> Edition | None:
    """The media of before, where others took their place."""
    if {each.name for each in media_of(item.files)} == {each.name for each in media_of(old.files)}:
        return None
    files, now = media_of(old.files), world.clock.now()
    return Edition(now, _why(item, old), old.got, files, old.provenance, old.wanted_by)
