"""Reading committed items: item.json, and whether the files that it names are there and whole."""

from __future__ import annotations

import os
import stat
from dataclasses import replace
from typing import TYPE_CHECKING

from ytarchive.adapters.archive.tree import ITEM
from ytarchive.core.codec import MalformedValue, decode
from ytarchive.core.item import FORMAT, Item
from ytarchive.core.layout import suffix_of
from ytarchive.errors import ArchiveError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from ytarchive.core.item import FileRecord

ITEM_CAP_BYTES = 16 * 1024 * 1024


class DamagedItem(ArchiveError):
    """A committed video that is not whole: its item.json or a file that it names is missing or wrong."""


def read_item(folder: Path, video: str, name: str = ITEM) -> Item:
    """The item that a folder's item.json tells of. Raise `DamagedItem` when it is missing or makes no sense.

    A file name in it is trusted only after this: every one is a plain name of a file of this video.
    """
    path = folder / name
    try:
        item = decode(Item, _read_capped(path))
    except FileNotFoundError:
        raise DamagedItem(f"{path} is missing") from None
    except MalformedValue as error:
        raise DamagedItem(f"{path} is not an item of format {FORMAT}: {error}") from None
    if item.format > FORMAT:
        raise ArchiveError(
            f"{path} is of format {item.format}, and this ytarchive knows {FORMAT}",
            cure="use the newer ytarchive that wrote it",
        )
    if item.id != video:
        raise DamagedItem(f"{path} tells of video {item.id!r}, not of {video!r}")
    problem = record_problem(item)
    if problem:
        raise DamagedItem(f"{path}: {problem}")
    return item


def read_committed(folder: Path) -> Item:
    """The item in a folder of `videos/`; the shard is the folder's, where a person moved it."""
    item = read_item(folder, folder.name)
    shard = folder.parent.name
    return item if item.shard == shard else replace(item, shard=shard)


def id_told_in(folder: Path) -> str | None:
    """Which video the item.json of any folder tells of; None where it makes no sense."""
    try:
        return decode(Item, _read_capped(folder / ITEM)).id
    except (MalformedValue, DamagedItem, OSError):
        return None


def _read_capped(path: Path) -> bytes:
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise DamagedItem(f"{path} is not a regular file")
        if status.st_size > ITEM_CAP_BYTES:
            raise DamagedItem(f"{path} is larger than {ITEM_CAP_BYTES} bytes")
        return file.read()


def record_problem(item: Item) -> str | None:
    """What is wrong with the files that an item names, seen from the names alone."""
    names = [record.name for record in item.files]
    for name in names:
        if suffix_of(name, item.id) is None:
            return f"{name!r} is not a name for a file of {item.id}"
    if len({name.casefold() for name in names}) < len(names):
        return "it names a file twice"
    return "it names no file" if not names else None


def file_problem(folder: Path, record: FileRecord) -> str | None:
    """Why one named file is not what item.json says, by a look at its kind and size; None when it is."""
    try:
        status = os.lstat(f"{folder}/{record.name}")  # a rebuild comes here for every file
    except FileNotFoundError:
        return f"{record.name} is missing"
    if not stat.S_ISREG(status.st_mode):
        return f"{record.name} is not a regular file"
    if status.st_size != record.bytes:
        return f"{record.name} has {status.st_size} bytes, not {record.bytes}"
    return None


def files_problem(folder: Path, records: Iterable[FileRecord]) -> str | None:
    return next((problem for record in records if (problem := file_problem(folder, record))), None)
