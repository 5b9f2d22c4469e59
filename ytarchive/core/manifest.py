"""One manifest file, from its bytes to typed values; every problem with its place, none fatal to the rest.

What several files decide together (profiles, unique names, the merged values) is in `profiles`.
"""

from __future__ import annotations

from collections.abc import Mapping as ReadOnly
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ytarchive.core import manifest_keys as table
from ytarchive.core.desired import EntryKind
from ytarchive.core.kinds import Kind, ListOf
from ytarchive.core.manifest_keys import Key, Place, Section
from ytarchive.core.misread import Misread, did_you_mean, one_of, shown
from ytarchive.core.yaml_tree import Mapping, Node, Refused, Scalar, Sequence, parse
from ytarchive.errors import Problem

PROBLEM_CAP = 100
_KEPT = 100 * PROBLEM_CAP
_LISTED_KEYS = 8
_NOT_YET = "not yet supported by this version"
_ENTRIES: tuple[tuple[Place, str, EntryKind], ...] = (
    ("videos", "video", "videos"),
    ("playlists", "playlist", "playlist"),
    ("channels", "channel", "channel"),
)


class Given(NamedTuple):
    """A value as read, its text as YAML on one line, and where it stands (0: nowhere, it is built in)."""

    value: Any
    text: str
    line: int = 0
    column: int = 0


Options = ReadOnly[str, Given]
"""Values by dotted path, as far as they are written at one place."""

_NOTHING: Options = {}


@dataclass(frozen=True, slots=True)
class Profile:
    """A profile as written, and where; a built-in one has no file."""

    name: str
    options: Options
    file: str = ""
    line: int = 0
    column: int = 0


@dataclass(frozen=True, slots=True)
class EntryDraft:
    """An entry as written. `address` is the id of its video, playlist or channel."""

    name: str
    kind: EntryKind
    address: str
    file: str
    line: int
    column: int
    options: Options = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Draft:
    """One file as written. `plain` are the ids that form the file's own entry, with those of `videos_from`.

    Not `is_readable`: nothing of it is known, as it is no YAML.
    """

    file: str
    defaults: Options = field(default_factory=dict)
    profiles: tuple[Profile, ...] = ()
    entries: tuple[EntryDraft, ...] = ()
    plain: tuple[str, ...] = ()
    plain_at: tuple[int, int] = (0, 0)
    videos_from: Given | None = None
    problems: tuple[Problem, ...] = ()
    is_readable: bool = True


def read(file: str, data: bytes) -> Draft:
    """A manifest as a draft. `file` is what problems and origins call it."""
    root, problems = parse(file, data)
    if root is None and problems:
        return Draft(file, problems=problems, is_readable=False)
    return _Reader(file, Problems(file, problems)).manifest(root)


class Problems:
    """The problems of one file: as many as anybody reads, and a count of the others."""

    def __init__(self, file: str, known: tuple[Problem, ...] = ()) -> None:
        self._file = file
        self._kept = list(known)
        self._count = len(known)

    @property
    def are_many(self) -> bool:
        """Nobody reads hints any more."""
        return self._count > _KEPT // 10

    def add(self, line: int, column: int, message: str) -> None:
        self._count += 1
        if len(self._kept) < _KEPT:
            self._kept.append(Problem(self._file, line, column, message))

    def told(self) -> tuple[Problem, ...]:
        """In the order of the file."""
        ordered = sorted(self._kept, key=lambda problem: (problem.line, problem.column))
        if self._count <= PROBLEM_CAP:
            return tuple(ordered)
        rest = Problem(self._file, 0, 0, f"{self._count - PROBLEM_CAP:,} more problems in this file")
        return (*ordered[:PROBLEM_CAP], rest)


class _Reader:
    """Walks one file and collects its problems. A method that finds one returns what can still be used."""

    def __init__(self, file: str, problems: Problems) -> None:
        self._file = file
        self._problems = problems

    def manifest(self, root: Node | None) -> Draft:
        sections = self._sections(root)
        if "version" in sections:
            self._value(sections["version"][1], table.VERSION.kind, "version")
        defaults = self._options_of(sections.get("defaults"), "defaults")
        profiles = self._profiles(sections.get("profiles"))
        plain: dict[str, Scalar] = {}
        entries: list[EntryDraft] = []
        for place, key, kind in _ENTRIES:
            self._entries(sections.get(place), place, key, kind, plain, entries)
        first = next(iter(plain.values()), None)
        return Draft(
            file=self._file,
            defaults=defaults,
            profiles=profiles,
            entries=tuple(entries),
            plain=tuple(plain),
            plain_at=(first.line, first.column) if first else (0, 0),
            videos_from=self._videos_from(sections.get("videos_from")),
            problems=self._problems.told(),
        )

    # --- the sections of a file

    def _sections(self, root: Node | None) -> dict[str, tuple[Scalar, Node]]:
        known = ("version", "videos_from", *(place for place, _, _ in table.SECTIONS))
        found: dict[str, tuple[Scalar, Node]] = {}
        for key, node in self._pairs(root, "the file", "keys such as videos and playlists"):
            if key.value in known:
                found[key.value] = (key, node)
            else:
                self._unknown(key, known, "")
        return found

    def _videos_from(self, section: tuple[Scalar, Node] | None) -> Given | None:
        if section is None or _is_null(section[1]):
            return None
        return self._value(section[1], table.VIDEOS_FROM.kind, "videos_from")

    def _options_of(self, section: tuple[Scalar, Node] | None, place: Place) -> Options:
        return self._options(section[1], table.keys_of(place), place, place) if section else _NOTHING

    def _profiles(self, section: tuple[Scalar, Node] | None) -> tuple[Profile, ...]:
        profiles = []
        for key, node in self._pairs(section[1], "profiles") if section else ():
            name = self._value(key, table.BY_PATH["name"].kind, "the name of a profile")
            if key.value in table.BUILT_IN_PROFILES:
                self._problem(key, f"the profile {shown(key.value)} is built in; give this one another name")
            options = self._options(node, table.keys_of("profiles"), "profiles", f"profiles.{key.value}")
            if name:
                profiles.append(Profile(name.value, options, self._file, key.line, key.column))
        return tuple(profiles)

    def _entries(
        self,
        section: tuple[Scalar, Node] | None,
        place: Place,
        key: str,
        kind: EntryKind,
        plain: dict[str, Scalar],
        entries: list[EntryDraft],
    ) -> None:
        """Read one of the three lists; plain ids of videos go into `plain`, all else into `entries`."""
        if section is None:
            return
        items = self._items(section[1], place, table.EXAMPLES[place])
        for item in items:
            if isinstance(item, Mapping):
                entry = self._entry(item, place, key, kind)
                if entry:
                    entries.append(entry)
                continue
            given = self._value(item, table.BY_PATH[key].kind, key)
            if given is None or not isinstance(item, Scalar):
                continue
            if place == "videos":
                plain.setdefault(given.value, item)
            else:
                name = _name_of(given.value)
                entries.append(EntryDraft(name, kind, given.value, self._file, item.line, item.column))

    def _entry(self, item: Mapping, place: Place, key: str, kind: EntryKind) -> EntryDraft | None:
        options = self._options(item, table.keys_of(place), place, "")
        address = options.get(key)
        if address is None:
            if not any(pair[0].value == key for pair in item.pairs):
                expected = table.BY_PATH[key].kind.expected
                self._problem(item, f"found an entry without the key {key}, expected {expected}")
            return None
        name = options.get("name")
        place_of_name = name or item
        own = {
            path: given for path, given in options.items() if path not in table.IDENTITY or path == "profile"
        }
        return EntryDraft(
            name.value if name else _name_of(address.value),
            kind,
            address.value,
            self._file,
            place_of_name.line,
            place_of_name.column,
            own,
        )

    # --- keys and values

    def _options(self, node: Node, keys: Section, place: Place, path: str) -> dict[str, Given]:
        """The values written in a mapping and its inner mappings, by dotted path."""
        found: dict[str, Given] = {}
        self._read_section(node, keys, place, path or "the entry", "", found)
        return found

    def _read_section(
        self, node: Node, keys: Section, place: Place, title: str, prefix: str, found: dict[str, Given]
    ) -> None:
        for key, inner in self._pairs(node, title):
            known = keys.get(key.value)
            path = f"{prefix}{key.value}"
            if known is None:
                self._unknown(key, tuple(keys), prefix, place)
                continue
            if isinstance(known, Key):
                given = self._key(inner, known)
                if given:
                    found[path] = given
            else:
                self._read_section(inner, known, place, path, f"{path}.", found)

    def _key(self, node: Node, key: Key) -> Given | None:
        if not isinstance(key.kind, ListOf):
            given = self._value(node, key.kind, key.path)
            if given and key.now and given.value not in key.now:
                self._problem(node, f"{key.path}: {given.text} is {_NOT_YET}; {_instead(key)}")
            return given
        kind = key.kind
        items = self._items(node, key.path, kind.expected)
        values = [self._value(item, kind.item, key.path) for item in items]
        if isinstance(node, Sequence) and len(items) < kind.least:
            self._problem(node, f"{key.path}: found an empty list, expected {kind.expected}")
        if not isinstance(node, Sequence) or None in values:
            return None
        once = {given.value: given.text for given in values if given}
        return Given(tuple(once), f"[{', '.join(once.values())}]", node.line, node.column)

    def _value(self, node: Node, kind: Kind | ListOf, path: str) -> Given | None:
        assert isinstance(kind, Kind)
        if isinstance(node, Refused):
            return None
        if not isinstance(node, Scalar):
            self._problem(node, f"{path}: found {_described(node)}, expected {kind.expected}")
            return None
        try:
            value = kind.parse("" if node.is_null else node.value, quoted=node.quoted)
        except Misread as misread:
            self._problem(node, f"{path}: {misread}")
            return None
        return Given(value, node.value, node.line, node.column)

    def _pairs(
        self, node: Node | None, path: str, expected: str = "keys with values"
    ) -> tuple[tuple[Scalar, Node], ...]:
        if isinstance(node, Mapping):
            return node.pairs
        if node is not None and not _is_null(node) and not isinstance(node, Refused):
            self._problem(node, f"{path}: found {_described(node)}, expected {expected}")
        return ()

    def _items(self, node: Node, path: str, expected: str) -> tuple[Node, ...]:
        if isinstance(node, Sequence):
            return node.items
        if not _is_null(node) and not isinstance(node, Refused):
            self._problem(node, f"{path}: found {_described(node)}, expected {expected}")
        return ()

    # --- problems

    def _problem(self, node: Node, message: str) -> None:
        self._problems.add(node.line, node.column, message)

    def _unknown(self, key: Scalar, known: tuple[str, ...], prefix: str, place: Place = "file") -> None:
        expected = f", expected {one_of(known)}" if len(known) <= _LISTED_KEYS else ""
        # Looking for near misses takes time.
        near = None if self._problems.are_many else did_you_mean(key.value, known)
        elsewhere = _elsewhere(key.value, prefix, place)
        hint = (near or elsewhere if place == "file" else elsewhere or near) or _inside(key.value)
        where = f"{prefix[:-1]}: " if prefix else ""
        message = f"{where}found the unknown key {shown(key.value)}{expected}"
        self._problem(key, f"{message}; {hint}" if hint else message)


def _name_of(address: str) -> str:
    """How an entry without a name is called: by its id or handle; `c/Name` and `user/Name` by the name."""
    return address.rpartition("/")[2]


def _elsewhere(word: str, prefix: str, place: Place) -> str | None:
    """Where a known key stands that cannot stand at this place of a file."""
    if not prefix and (
        word in {"version", "videos_from"} or any(word == name for name, _, _ in table.SECTIONS)
    ):
        return "it stands at the top of the file"
    paths = [
        path for path in table.BY_PATH if path == f"{prefix}{word}" or path.startswith(f"{prefix}{word}.")
    ]
    places = dict.fromkeys(place for path in paths for place in table.BY_PATH[path].where)
    return f"it stands in {one_of(places)}" if places and place not in places else None


def _inside(word: str) -> str | None:
    """The mappings that have a key of this name."""
    sections = [path.rpartition(".")[0] for path in table.BY_PATH if path.endswith(f".{word}")]
    return f"it stands in {one_of(sections)}" if sections else None


def _instead(key: Key) -> str:
    words = [str(word).lower() if isinstance(word, bool) else str(word) for word in key.now or ()]
    return f"use {one_of(words)}, or remove it" if len(words) > 1 else f"use {words[0]}, or remove it"


def _is_null(node: Node) -> bool:
    return isinstance(node, Scalar) and node.is_null


def _described(node: Node) -> str:
    if isinstance(node, Mapping):
        return "keys with values"
    if isinstance(node, Sequence):
        return "a list"
    assert isinstance(node, Scalar)
    return "nothing" if node.is_null else shown(node.value)
