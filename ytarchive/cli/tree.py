"""A folder as `tree` draws it, shortened so that each kind of thing is seen once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ytarchive.cli.words import LONGEST_LINE, size
from ytarchive.core.text import printable

_MOST_OF_A_FOLDER = 3
_ONE_IS_ENOUGH = frozenset({"videos"})  # below it, one item stands for all


def draw_tree(folder: Path, *, unicode: bool) -> Iterator[str]:
    """One line for each name below `folder`; hidden ones are left out."""
    return _lines(folder, "", _MOST_OF_A_FOLDER, unicode=unicode)


def _lines(folder: Path, indent: str, most: int, *, unicode: bool) -> Iterator[str]:
    visible = (path for path in folder.iterdir() if not path.name.startswith("."))
    paths = sorted(visible, key=lambda path: (path.is_file(), path.suffix == ".json", path.name))
    shown = paths if len(paths) == most + 1 else paths[:most]
    for number, path in enumerate(shown, start=1):
        ends = number == len(paths)
        branch, deeper = _ruling(unicode=unicode, ends=ends)
        name = printable(path.name, LONGEST_LINE)
        yield indent + branch + name + ("/" if path.is_dir() else f"  {size(path.stat().st_size)}")
        if path.is_dir():
            one = path.name in _ONE_IS_ENOUGH or most == 1
            holds_files = any(inner.is_file() for inner in path.iterdir())
            few = 1 if one and not holds_files else _MOST_OF_A_FOLDER * (2 if one else 1)
            yield from _lines(path, indent + deeper, few, unicode=unicode)
    if len(paths) > len(shown):
        yield f"{indent}{_ruling(unicode=unicode, ends=True)[0]}{'…' if unicode else '...'} {len(paths) - len(shown)} more"


def _ruling(*, unicode: bool, ends: bool) -> tuple[str, str]:
    if not unicode:
        return ("+-- ", "    " if ends else "|   ")
    return ("└── ", "    ") if ends else ("├── ", "│   ")
