"""Reading every byte of an item back, and comparing it with what was stored when it was committed."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Callable
from pathlib import Path

from ytarchive.adapters.archive.items import file_problem
from ytarchive.core.item import FileRecord, Item

CHUNK_BYTES = 4 * 1024 * 1024
_ROTTEN = (errno.EIO, errno.EUCLEAN, errno.EILSEQ) if hasattr(errno, "EUCLEAN") else (errno.EIO,)


def compare(folder: Path, item: Item, on_read: Callable[[int], None]) -> dict[str, str]:
    """Why files of an item are not what its item.json says, by name; empty when every byte is.

    `on_read` is called with the bytes of each chunk: it may wait, and may raise to leave. What the medium cannot read
    is damage; any other trouble of the disk is raised as `OSError`.
    """
    wrong = {}
    for record in item.files:
        why = file_problem(folder, record) or _content_problem(folder / record.name, record, on_read)
        if why:
            wrong[record.name] = why
    return wrong


def _content_problem(path: Path, record: FileRecord, on_read: Callable[[int], None]) -> str | None:
    found = hashlib.sha256()
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        _leave_memory(descriptor)
        while chunk := os.read(descriptor, CHUNK_BYTES):
            found.update(chunk)
            on_read(len(chunk))
        _leave_memory(descriptor)
    except OSError as error:
        if error.errno not in _ROTTEN:
            raise
        return f"{record.name} cannot be read: {error.strerror}"
    finally:
        os.close(descriptor)
    if found.hexdigest() != record.sha256:
        return f"{record.name} is not what was stored: SHA-256 {found.hexdigest()[:10]}, not {record.sha256[:10]}"
    return None


def _leave_memory(descriptor: int) -> None:
    """The disk is to be read, not the machine's memory, and what others need there is to stay."""
    if hasattr(os, "posix_fadvise"):
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
