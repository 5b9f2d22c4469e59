"""Appending to the log and reading it, from any thread."""

from __future__ import annotations

import os
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from ytarchive.adapters.log_store import files
from ytarchive.adapters.log_store.files import FileName, Keep
from ytarchive.core.log_record import Filter, Record, line_of, record_of
from ytarchive.core.redaction import Redactor
from ytarchive.errors import UsageError

_CURSOR = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})\.([0-9]{1,9}):([0-9]{1,15})")
_MODE = 0o640
_FOLDER_MODE = 0o750
_LOOK_SECONDS = 0.25
_TEXTS = ("component", "text", "job", "video", "entry", "trace_id")


@dataclass(frozen=True, slots=True)
class Page:
    """Lines in the order that was asked for. `next` leads to the lines after these; None: there are none now.

    `end` is where the log ended when this was read: what is written later comes after it.
    """

    records: tuple[Record, ...]
    next: str | None
    end: str


class LogStore:
    """The log in a folder, which is made with the first line. Whatever is appended is redacted first.

    Writing never fails: a line that cannot be written is lost, and counted by the next one that can.
    """

    def __init__(
        self,
        folder: Path,
        *,
        keep: Keep = Keep(),  # noqa: B008 - frozen
        redactor: Callable[[], Redactor] = Redactor,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.folder = folder
        self._keep = keep
        self._redactor = redactor
        self._now = now
        self._lock = threading.Lock()
        self._name: FileName | None = None
        self._file = -1
        self._torn = False
        self._lost = 0

    def append(self, record: Record) -> bool:
        """Write one line. False when it could not be written, which is no reason for anything else to stop."""
        line = line_of(self.clean(record))
        with self._lock:
            try:
                self._ready(len(line))
                if self._lost:
                    self._write(line_of(_loss(self._lost, self._now())))
                    self._lost = 0
                self._write(line)
            except OSError:
                self._lost += 1
                return False
        return True

    def clean(self, record: Record) -> Record:
        """The record without secrets, as it would be written."""
        redactor = self._redactor()
        texts = {name: redactor.data(getattr(record, name)) for name in _TEXTS}
        return replace(record, data=redactor.data(record.data), **texts)

    def query(
        self, wanted: Filter, *, after: str | None = None, limit: int = 200, newest_first: bool = True
    ) -> Page:
        """At most `limit` lines that the filter admits, beginning behind `after` (a `Page.next` of the same order).

        Raise `UsageError` for an `after` that is no place in a log. One whose file is gone goes on with what is left.
        """
        place = _place(after) if after is not None else None
        names = files.listed(self.folder)
        end = self._end(names)
        steps = self._backwards(names, place) if newest_first else self._forwards(names, place)
        last_place = _place(end)
        look = wanted.may_admit()
        found: list[Record] = []
        last = None
        for cursor, line in steps:
            record = record_of(line) if look(line) else None
            if record is None or not wanted.admits(record):
                continue
            at = _place(cursor)
            if at >= last_place if newest_first else at > last_place:
                continue  # written since: whoever reads on from the end sees it then
            if len(found) == limit:
                return Page(tuple(found), last, end)
            found.append(record)
            last = cursor
        return Page(tuple(found), None, end)

    def follow(
        self, wanted: Filter, *, after: str, idle: Callable[[], bool] | None = None
    ) -> Iterator[Record]:
        """Lines as they are written, from a `Page.end` on. `idle` waits when nothing is new; False from it ends this."""
        place = _place(after)
        look = wanted.may_admit()
        while True:
            for cursor, line in self._forwards(files.listed(self.folder), place):
                place = _place(cursor)
                record = record_of(line) if look(line) else None
                if record is not None and wanted.admits(record):
                    yield record
            if not (idle or _pause)():
                return

    def close(self) -> None:
        with self._lock:
            self._let_go()

    # Writing

    def _ready(self, size: int) -> None:
        """Let `_file` be one that takes so many bytes more: still there, not full, and of today."""
        day = datetime.fromtimestamp(self._now(), UTC).date().isoformat()
        if self._name is not None:
            known = os.fstat(self._file)
            if known.st_nlink and known.st_size + size <= self._keep.file_bytes and self._name.day >= day:
                return
            self._let_go()
        self.folder.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
        name = max(files.listed(self.folder), default=FileName(day, 1))
        taken = files.size_of(self.folder, name)
        if name.day < day or (taken and taken + size > self._keep.file_bytes):
            name = name.next(day)
        self._take(name)
        files.remove_old(self.folder, self._keep, self._now())

    def _take(self, name: FileName) -> None:
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        self._file = os.open(self.folder / str(name), flags, _MODE)
        self._name = name
        self._torn = not self._ends_with_line(name)

    def _ends_with_line(self, name: FileName) -> bool:
        file = files.opened(self.folder, name)
        if file is None:
            return True
        with file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - 1))
            return file.read(1) in (b"", b"\n")

    def _write(self, line: bytes) -> None:
        data = b"\n" + line if self._torn else line
        written = os.write(self._file, data)
        self._torn = written < len(data)
        if self._torn:
            raise OSError("only a part of the line was written")

    def _let_go(self) -> None:
        if self._name is not None:
            with suppress(OSError):
                os.close(self._file)
            self._name, self._file = None, -1

    # Reading

    def _end(self, names: list[FileName]) -> str:
        return _cursor(names[-1], files.size_of(self.folder, names[-1])) if names else "0001-01-01.1:0"

    def _forwards(
        self, names: list[FileName], place: tuple[FileName, int] | None
    ) -> Iterator[tuple[str, bytes]]:
        for name in names:
            if place is not None and name < place[0]:
                continue
            start = place[1] if place is not None and name == place[0] else 0
            if (file := files.opened(self.folder, name)) is None:
                continue
            with file:
                if file.seek(0, os.SEEK_END) < start:
                    start = 0  # it was removed, and another one has its name
                for offset, line in files.lines_from(file, start):
                    yield _cursor(name, offset), line

    def _backwards(
        self, names: list[FileName], place: tuple[FileName, int] | None
    ) -> Iterator[tuple[str, bytes]]:
        for name in reversed(names):
            if place is not None and name > place[0]:
                continue
            if (file := files.opened(self.folder, name)) is None:
                continue
            with file:
                size = file.seek(0, os.SEEK_END)
                end = min(place[1], size) if place is not None and name == place[0] else size
                for offset, line in files.lines_before(file, end):
                    yield _cursor(name, offset), line


def _cursor(name: FileName, offset: int) -> str:
    return f"{name.day}.{name.number}:{offset}"


def _place(cursor: str) -> tuple[FileName, int]:
    found = _CURSOR.fullmatch(cursor)
    if found is None:
        raise UsageError(
            f"found {cursor[:80]!r}, expected a place in the log", cure="take it from `next` of an answer"
        )
    return FileName(found[1], int(found[2])), int(found[3])


def _loss(count: int, now: float) -> Record:
    return Record(now, "error", "daemon", f"{count} lines of the log could not be written before this one")


def _pause() -> bool:
    time.sleep(_LOOK_SECONDS)
    return True
