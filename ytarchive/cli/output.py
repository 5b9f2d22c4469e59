"""Where reports are written: rich tables on a terminal, plain aligned lines elsewhere, or one JSON document.

Text never carries markup: titles such as `[bold]` or `[/]` print as they are, and control characters do not
print at all.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TextIO

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ytarchive.cli.words import LONGEST_LINE, clean
from ytarchive.core.codec import plain
from ytarchive.core.text import printable

if TYPE_CHECKING:
    from ytarchive.cli.app import Invocation

BUCKET_STYLES = {"have": "green", "ready": "cyan", "running": "cyan", "deferred": "yellow", "blocked": "red"}
BUCKET_STYLES |= {"undecided": "yellow", "excluded": "dim"}
GAP = 2
NARROWEST = 6
_UNSAFE_IN_JSON = re.compile("[\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table. Only a `wide` one is shortened when the terminal is too narrow."""

    name: str
    right: bool = False
    wide: bool = False
    style: str | None = None


Cell = str | int | Text


class _Console(Console):
    """Leaves it to the program's end what a reader that went away means; rich would exit with 1."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError


def console_on(stream: TextIO, *, color: bool) -> Console:
    """A console that interprets nothing in what it prints. Away from a terminal it never breaks a line."""
    terminal = stream.isatty() and os.environ.get("TERM") != "dumb"
    return _Console(
        file=stream,
        force_terminal=terminal,
        no_color=not color or bool(os.environ.get("NO_COLOR")),
        markup=False,
        emoji=False,
        highlight=False,
        width=None if terminal else 100_000,
        legacy_windows=False,
    )


class Screen:
    """What a command writes its report to: standard output, unless a JSON document is asked for."""

    def __init__(self, invocation: Invocation) -> None:
        self.json = invocation.json
        self.quiet = invocation.quiet
        self.verbose = invocation.verbose
        stream = sys.stderr if invocation.json else sys.stdout
        self.console = console_on(stream, color=invocation.color)

    @property
    def is_narrow(self) -> bool:
        """Whether a table should leave out what is not needed."""
        return self.is_terminal and self.console.width < 100

    @property
    def is_terminal(self) -> bool:
        return self.console.is_terminal

    def say(self, text: str = "", style: str | None = None) -> None:
        """Print a paragraph; it wraps on a terminal only."""
        self.console.print(Text(clean(text), style=style or ""), soft_wrap=not self.is_terminal)

    def drawn(self, line: str, style: str | None = None) -> None:
        """Print a line whose spaces matter; the caller has cleaned what is foreign in it."""
        self.console.print(Text(line, style=style or ""), no_wrap=True, overflow="ellipsis", crop=True)

    def heading(self, text: str) -> None:
        self.console.print(Text(clean(text), style="bold"))

    def table(
        self, columns: Sequence[Column], rows: Iterable[Sequence[Cell]], *, footer: bool = False
    ) -> None:
        """Print rows under their columns; with `footer` the last row is set apart as the sum."""
        cells = [[_text(cell) for cell in row] for row in rows]
        if self.is_terminal:
            self.console.print(_drawn(columns, cells, self.console.width, footer=footer))
        else:
            for line in _aligned(columns, cells):
                self.console.print(Text(line), soft_wrap=True)

    def document(self, value: object) -> None:
        """Print one JSON document to standard output: the only thing that is written there with --json."""
        sys.stdout.write(as_json(value) + "\n")


def as_json(value: object) -> str:
    """Indented JSON of a dataclass value or of plain data; what could steer a terminal is escaped."""
    text = json.dumps(plain(value), ensure_ascii=False, indent=2)
    return _UNSAFE_IN_JSON.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def _text(cell: Cell) -> Text:
    if isinstance(cell, Text):
        return Text(printable(cell.plain, LONGEST_LINE), style=cell.style)
    return Text(f"{cell:,}" if isinstance(cell, int) else printable(cell, LONGEST_LINE))


def _drawn(columns: Sequence[Column], rows: list[list[Text]], room: int, *, footer: bool) -> Table:
    table = Table(box=None, padding=(0, GAP, 0, 0), pad_edge=False, header_style="dim")
    for column, width in zip(columns, _widths(columns, rows, room), strict=True):
        table.add_column(
            column.name,
            justify="right" if column.right else "left",
            style=column.style or "",
            no_wrap=True,
            overflow="ellipsis",
            width=width,
        )
    for number, row in enumerate(rows, start=1):
        table.add_row(*row, style="bold" if footer and number == len(rows) else None)
    return table


def _widths(columns: Sequence[Column], rows: list[list[Text]], room: int) -> list[int]:
    """What each column needs; too much of it is taken from the wide ones, always from the widest."""
    widths = [_widest(column, rows, columns) for column in columns]
    wide = [place for place, column in enumerate(columns) if column.wide]
    while wide and sum(widths) + GAP * len(widths) - GAP > room:
        widest = max(wide, key=lambda place: widths[place])
        if widths[widest] <= NARROWEST:
            break
        widths[widest] -= 1
    return widths


def _widest(column: Column, rows: list[list[Text]], columns: Sequence[Column]) -> int:
    place = list(columns).index(column)
    return max([cell_len(column.name), *(row[place].cell_len for row in rows)])


def _aligned(columns: Sequence[Column], rows: list[list[Text]]) -> Iterable[str]:
    widths = [_widest(column, rows, columns) for column in columns]
    for cells in ([column.name for column in columns], *([cell.plain for cell in row] for row in rows)):
        parts = []
        for column, width, cell in zip(columns, widths, cells, strict=True):
            gap = " " * (width - cell_len(cell))
            parts.append(gap + cell if column.right else cell + gap)
        yield "  ".join(parts).rstrip()


def bucket_cells(values: dict[str, int]) -> list[Text]:
    """Numbers of the books, each in the colour of its bucket; zeros stay in the background."""
    return [
        Text(f"{number:,}", style=BUCKET_STYLES[bucket] if number else "dim")
        for bucket, number in values.items()
    ]


def styled(text: str, style: str) -> Text:
    return Text(printable(text, LONGEST_LINE), style=style)
