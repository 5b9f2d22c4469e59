"""The journal of decisions on disk: append-only, fsynced before the act, tolerant of a torn line."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING

from ytarchive.adapters.archive.durable import names_in, telling
from ytarchive.core.codec import MalformedValue, decode, encode
from ytarchive.core.journal import Decision, journal_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ytarchive.adapters.archive.durable import Disk

_FILE = re.compile(r"\d{4}-\d{2}\.jsonl\Z")
LINE_CAP_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class UnreadLine:
    """A line that is no decision: torn by a crash, damaged, or of a newer program."""

    file: str
    line: int
    why: str


@dataclass(slots=True)
class Journal:
    """`unread` lists the lines that the last `replay` had to skip."""

    folder: Path
    disk: Disk
    unread: list[UnreadLine] = field(default_factory=list)

    def record(self, *decisions: Decision) -> None:
        """Write decisions for good, in one go: when this returns, a crash does not lose them."""
        with telling("Writing down a decision", self.folder):
            for name, some in groupby(decisions, key=lambda decision: journal_file(decision.at)):
                lines = b"".join(encode(decision) + b"\n" for decision in some)
                self.disk.append(self.folder / name, lines)

    def replay(self) -> Iterator[Decision]:
        """Every decision, month by month, in the order of writing."""
        self.unread = []
        with telling("Reading the decisions", self.folder):
            names = names_in(self.folder) if self.folder.is_dir() else []
            for name in names:
                if _FILE.match(name):
                    yield from self._read(self.folder / name)

    def _read(self, path: Path) -> Iterator[Decision]:
        with path.open("rb") as file:
            for number, line in enumerate(iter(lambda: file.readline(LINE_CAP_BYTES), b""), start=1):
                if not line.strip():
                    continue
                try:
                    yield decode(Decision, line)
                except MalformedValue as error:
                    why = str(error) if line.endswith(b"\n") else "the line is torn"
                    self.unread.append(UnreadLine(path.name, number, why))
