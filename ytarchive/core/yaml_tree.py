"""YAML text as a tree of scalars, mappings and sequences that know their place; scalars stay text.

Built from the parser's event stream, never by its composer, which recurses in C and ends the process on deep
nesting. What could make a small file big or an id something else is refused: aliases, tags, duplicate keys,
more than one document. Typing is left to the schema, so `no`, `10:00`, `1e5` and 12345678901 stay as written.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple, TypeAlias

import yaml

from ytarchive.core.misread import shown
from ytarchive.errors import Problem

SIZE_CAP_BYTES = 16 * 1024 * 1024
DEPTH_CAP = 32
NODE_CAP = 1_000_000

# libyaml where PyYAML was built with it (every wheel is), else the parser in Python, which is only slower.
_Parser = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

# What YAML 1.1 calls printable (section 5.1), without the byte order mark, which nobody can see in an editor.
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})


class Scalar(NamedTuple):
    """A text as written. Lines and columns count from 1."""

    value: str
    line: int
    column: int
    quoted: bool = False

    @property
    def is_null(self) -> bool:
        """Nothing is written, or YAML's word for nothing."""
        return not self.quoted and self.value in _NULLS


class Mapping(NamedTuple):
    """Pairs in the order of the file; keys are unique."""

    pairs: tuple[tuple[Scalar, Node], ...]
    line: int
    column: int


class Sequence(NamedTuple):
    """A list."""

    items: tuple[Node, ...]
    line: int
    column: int


class Refused(NamedTuple):
    """What stood here is in the problems already; readers pass over it in silence."""

    line: int
    column: int


Node: TypeAlias = Scalar | Mapping | Sequence | Refused


class _Open:
    """A mapping or sequence whose end has not come yet. `key` is a mapping's key that waits for its value."""

    __slots__ = ("column", "is_mapping", "items", "key", "keys", "line")

    def __init__(self, *, is_mapping: bool, line: int, column: int) -> None:
        self.is_mapping = is_mapping
        self.line = line
        self.column = column
        self.items: list[Any] = []
        self.key: Node | None = None
        self.keys: dict[str, Scalar] = {}


class _Stop(Exception):
    """The file goes beyond a cap; nothing after this place is read."""


def parse(file: str, data: bytes) -> tuple[Node | None, tuple[Problem, ...]]:
    """The root (None: an empty file, or one that cannot be read at all) and every problem on the way."""
    text, problem = decode_text(file, data)
    if problem:
        return None, (problem,)
    builder = _Builder(file)
    try:
        _follow(builder, text)
    except _Stop:
        builder.root = None
    except yaml.MarkedYAMLError as error:
        builder.root = None
        builder.problems.append(_syntax_problem(file, text, error))
    except yaml.YAMLError as error:  # pragma: no cover - unprintable characters are refused before
        builder.root = None
        builder.problems.append(Problem(file, 0, 0, f"not YAML: {error}"))
    return builder.root, tuple(builder.problems)


def decode_text(file: str, data: bytes) -> tuple[str, Problem | None]:
    """UTF-8 bytes, with or without a byte order mark, as text without control characters."""
    if len(data) > SIZE_CAP_BYTES:
        return "", Problem(file, 0, 0, f"larger than {SIZE_CAP_BYTES >> 20} MiB; split it into several files")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return "", _undecodable(file, data, error)
    strange = _UNPRINTABLE.search(text)
    if strange:
        line, column = _place(text, strange.start())
        name = f"U+{ord(strange.group()):04X}"
        return "", Problem(file, line, column, f"found the invisible character {name}; remove it")
    return text, None


def _undecodable(file: str, data: bytes, error: UnicodeDecodeError) -> Problem:
    # The decoder counts after the byte order mark when there is one.
    offset = error.start + (3 if data.startswith(b"\xef\xbb\xbf") else 0)
    line, column = _place(data[:offset].decode("utf-8-sig", "replace"), None)
    return Problem(
        file,
        line,
        column,
        f"not UTF-8: found the byte 0x{data[offset]:02x} at offset {offset}; save the file as UTF-8",
    )


def _place(text: str, offset: int | None) -> tuple[int, int]:
    before = text[:offset]
    return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1


def _follow(builder: _Builder, text: str) -> None:
    parser = _Parser(text)
    try:
        while (event := parser.get_event()) is not None:
            kind = type(event)
            if kind is yaml.ScalarEvent:
                builder.scalar(event)
            elif kind is yaml.SequenceStartEvent or kind is yaml.MappingStartEvent:
                builder.open(event, is_mapping=kind is yaml.MappingStartEvent)
            elif kind is yaml.SequenceEndEvent or kind is yaml.MappingEndEvent:
                builder.close()
            elif kind is yaml.AliasEvent:
                builder.alias(event)
            elif kind is yaml.DocumentStartEvent:
                builder.document(event)
    finally:
        parser.dispose()


class _Builder:
    """Collects events into nodes; the stack is its own, so that depth costs nothing but a count."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []
        self.root: Node | None = None
        self._stack: list[_Open] = []
        self._nodes = 0
        self._documents = 0

    def problem(self, line: int, column: int, message: str) -> None:
        self.problems.append(Problem(self.file, line, column, message))

    def document(self, event: Any) -> None:
        self._documents += 1
        if self._documents > 1:
            mark = event.start_mark
            self.problem(
                mark.line + 1,
                mark.column + 1,
                "found a second document (---), expected one; put it into a file of its own",
            )
            raise _Stop

    def scalar(self, event: Any) -> None:
        mark = event.start_mark
        if event.anchor is not None or event.tag is not None:
            self._refuse_marks(event)
        self._count(mark)
        self._attach(Scalar(event.value, mark.line + 1, mark.column + 1, bool(event.style)))

    def open(self, event: Any, *, is_mapping: bool) -> None:
        mark = event.start_mark
        if event.anchor is not None or event.tag is not None:
            self._refuse_marks(event)
        self._count(mark)
        if len(self._stack) == DEPTH_CAP:
            self.problem(mark.line + 1, mark.column + 1, f"nested more than {DEPTH_CAP} deep")
            raise _Stop
        self._stack.append(_Open(is_mapping=is_mapping, line=mark.line + 1, column=mark.column + 1))

    def close(self) -> None:
        done = self._stack.pop()
        make = Mapping if done.is_mapping else Sequence
        self._attach(make(tuple(done.items), done.line, done.column))

    def alias(self, event: Any) -> None:
        mark = event.start_mark
        self._count(mark)
        self.problem(
            mark.line + 1,
            mark.column + 1,
            f"found the alias {shown(f'*{event.anchor}')}, which is not read here; use a profile, or quote the text",
        )
        self._attach(Refused(mark.line + 1, mark.column + 1))

    def _refuse_marks(self, event: Any) -> None:
        mark = event.start_mark
        if event.anchor is not None:
            self.problem(
                mark.line + 1,
                mark.column + 1,
                f"found the anchor {shown(f'&{event.anchor}')}, which is not read here; use a profile, or quote the text",
            )
        if event.tag is not None:
            self.problem(
                mark.line + 1,
                mark.column + 1,
                f"found the tag {shown(event.tag)}, which is not read here; remove it, or quote the text",
            )

    def _count(self, mark: Any) -> None:
        self._nodes += 1
        if self._nodes > NODE_CAP:
            self.problem(
                mark.line + 1, mark.column + 1, f"more than {NODE_CAP:,} values in one file; split it"
            )
            raise _Stop

    def _attach(self, node: Node) -> None:
        if not self._stack:
            self.root = node
            return
        parent = self._stack[-1]
        if not parent.is_mapping:
            parent.items.append(node)
        elif parent.key is None:
            parent.key = self._key(parent, node)
        else:
            if isinstance(parent.key, Scalar):
                parent.items.append((parent.key, node))
            parent.key = None

    def _key(self, parent: _Open, node: Node) -> Node:
        """The key itself, or `Refused`, whose value is then dropped."""
        if isinstance(node, Scalar) and node.value == "<<" and not node.quoted:
            message = "found the merge key <<, which is not read here; use a profile"
            self.problem(node.line, node.column, message)
        elif isinstance(node, Scalar):
            first = parent.keys.setdefault(node.value, node)
            if first is node:
                return node
            self.problem(
                node.line,
                node.column,
                f"found the key {shown(node.value)} twice; the first is at line {first.line}, column {first.column}",
            )
        elif not isinstance(node, Refused):
            kind = "a mapping" if isinstance(node, Mapping) else "a list"
            self.problem(
                node.line, node.column, f"found {kind} as a key, expected a word; quote it if it is text"
            )
        return Refused(node.line, node.column)


def _syntax_problem(file: str, text: str, error: yaml.MarkedYAMLError) -> Problem:
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line, mark.column) if mark else (0, 0)
    written = _line(text, line)[column:]
    message = _plain_words(error, written)
    opened = error.context_mark
    if opened and opened.line != line:
        message += f" (it began at line {opened.line + 1}, column {opened.column + 1})"
    return Problem(file, line + 1, column + 1, message)


def _line(text: str, number: int) -> str:
    # The parser's own line breaks (YAML 1.1, section 5.4).
    lines = re.split("\r\n|[\n\r\x85\u2028\u2029]", text)
    return lines[number] if number < len(lines) else ""


def _plain_words(error: yaml.MarkedYAMLError, written: str) -> str:
    """The parser's text in a person's words, with the cure where there is one usual cause."""
    problem = (error.problem or "it cannot be read").replace("\t", "\\t")
    if "cannot start any token" in problem and written:
        if written[0] == "\t":
            return "found a tab, expected spaces: YAML is indented by spaces alone"
        word = shown(re.split(r"[\s,\]}]", written, maxsplit=1)[0])
        return f'{word} cannot stand bare, because it begins with {written[0]}: quote it: "{word[1:-1]}"'
    if "mapping values are not allowed" in problem:
        return 'found ": " where no key can stand: quote the text, or mend the indentation'
    if "unexpected end of stream" in problem:
        return "found the end of the file inside a quoted text, expected a closing quote"
    if "undefined tag handle" in problem:
        return "found a tag, which is not read here; remove it, or quote the text"
    return f"not YAML: {problem}"
