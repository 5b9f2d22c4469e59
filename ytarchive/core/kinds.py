"""The kinds of values that a person writes: how each is read, what is expected, and its JSON Schema.

The general ones stand here; amounts are in `amounts`, what only YouTube has in `media_kinds`. Manifests and
settings share them, so that a duration or a size is written in one way everywhere.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ytarchive.core.layout import folder_name_problem
from ytarchive.core.misread import Misread, near_miss, one_of, shown

Schema = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of scalar. `read` raises `ValueError` (or `Misread`) for a text that is not of this kind.

    `bare`: a number or a truth value, which quotes would make a text. `meant` proposes what was meant.
    """

    expected: str
    read: Callable[[str], Any]
    schema: Schema
    bare: bool = False
    meant: Callable[[str], str | None] = field(default=lambda _: None)

    def parse(self, text: str, *, quoted: bool = False) -> Any:
        """The value of a text. Raise `Misread` with what was found, what was expected and a near miss."""
        if self.bare and quoted:
            raise Misread(f"the quoted text {shown(text)}", self.expected, "remove the quotes")
        try:
            return self.read(text)
        except Misread:
            raise
        except ValueError:
            meant = self.meant(text)
            hint = f"did you mean {meant}?" if meant else None
            raise Misread(shown(text), self.expected, hint) from None


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list of one kind, at least `least` long; what is repeated counts once."""

    item: Kind
    least: int = 0

    @property
    def expected(self) -> str:
        return f"a list; each item {self.item.expected}"


def choice(*words: str, meant: Mapping[str, str] | None = None) -> Kind:
    """One of some words. `meant` maps other names of the same things."""

    def read(text: str) -> str:
        if text not in words:
            raise ValueError
        return text

    def propose(text: str) -> str | None:
        return (meant or {}).get(text.casefold()) or near_miss(text, words)

    return Kind(one_of(words), read, {"enum": list(words)}, meant=propose)


# --- truth and numbers


def _read_truth(text: str) -> bool:
    folded = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
    if text not in folded:
        raise ValueError
    return folded[text]


def _meant_truth(text: str) -> str | None:
    words = {"yes": "true", "on": "true", "y": "true", "1": "true"}
    words |= {"no": "false", "off": "false", "n": "false", "0": "false"}
    return words.get(text.casefold())


TRUTH = Kind("true or false", _read_truth, {"type": "boolean"}, bare=True, meant=_meant_truth)


def whole_number(least: int, most: int, expected: str | None = None) -> Kind:
    def read(text: str) -> int:
        if not re.fullmatch("-?[0-9]{1,18}", text) or not least <= int(text) <= most:
            raise ValueError
        return int(text)

    schema = {"type": "integer", "minimum": least, "maximum": most}
    return Kind(expected or f"a whole number from {least:,} to {most:,}", read, schema, bare=True)


def number_or(word: str, value: Any, number: Kind) -> Kind:
    """A number, or one word that stands for something else."""

    def read(text: str) -> Any:
        return value if text == word else number.read(text)

    schema = {"anyOf": [number.schema, {"const": word}]}
    return Kind(f"{number.expected}, or {word}", read, schema, bare=True)


# --- names and texts

NAME_CAP = 100


def _read_name(text: str) -> str:
    name = unicodedata.normalize("NFC", text)
    if (
        not name
        or len(name) > NAME_CAP
        or name != name.strip()
        or name.startswith(".")
        or not name.isprintable()
    ):
        raise ValueError
    if "/" in name or "\\" in name:
        raise ValueError
    return name


NAME = Kind(
    f"a name: at most {NAME_CAP} visible characters, without / and \\, not beginning with a dot",
    _read_name,
    {"type": ["string", "number"], "minLength": 1, "maxLength": NAME_CAP, "pattern": r"^[^./\\][^/\\]*$"},
)


def _read_folder(text: str) -> str:
    name = _read_name(text)
    problem = folder_name_problem(name)
    if problem:
        raise Misread(shown(text), "a name for a folder", problem)
    return name


FOLDER = Kind(
    f"a name for a folder: at most {NAME_CAP} visible characters, without / and \\", _read_folder, NAME.schema
)


def _read_text(text: str) -> str:
    if not text.strip() or len(text) > 1000 or not text.isprintable():
        raise ValueError
    return text


TEXT = Kind(
    "a text of one line", _read_text, {"type": ["string", "number"], "minLength": 1, "maxLength": 1000}
)


def _read_beside(text: str) -> str:
    words = text.split("/")
    if not text.isprintable() or text.startswith("/") or "\\" in text or {"", ".", ".."} & set(words):
        raise ValueError
    return text


BESIDE = Kind(
    "the path of a text file beside the manifest, such as lectures.txt",
    _read_beside,
    {"type": "string", "minLength": 1, "pattern": r"^[^/\\]"},
)
