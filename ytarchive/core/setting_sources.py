"""Settings as written in a TOML text, in the environment and on the command line; every problem with its place."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from ytarchive.core import setting_keys as table
from ytarchive.core.identity import GUEST
from ytarchive.core.kinds import NAME, Kind, ListOf
from ytarchive.core.misread import Misread, did_you_mean, near_miss, one_of, shown
from ytarchive.core.setting_keys import BY_KEY, PROXY, SETTINGS, Setting, redacted, variable
from ytarchive.errors import Problem

PREFIX = "YTARCHIVE_"
CONFIG_VARIABLE = "YTARCHIVE_CONFIG"
_NOT_YET = "not yet supported by this version"
_COOKIES = "cookies_file"
_AUTH_PREFIX = "YTARCHIVE_AUTH__"
_SECTIONS = frozenset(
    key[: match.start()] for key in BY_KEY for match in re.finditer(r"\.", key)
)  # "archive", "archive.policies" ...


class Given(NamedTuple):
    """A setting as written at one place. `quoted`: as a text, where a number may be wanted.

    `place` bears no message; `label` says the same place to people; `from_file`: paths are relative to the file.
    """

    setting: Setting
    written: str | tuple[str, ...]
    quoted: bool
    place: Problem
    label: str
    from_file: bool = False


class Sources(NamedTuple):
    """What one source says, and what is wrong with it."""

    given: tuple[Given, ...]
    problems: tuple[Problem, ...]


def value_of(given: Given) -> tuple[object, Problem | None]:
    """The value of a setting, or what is wrong with it. A path is still text."""
    setting, written = given.setting, given.written
    try:
        if isinstance(setting.kind, ListOf):
            value: object = _list(setting.kind, written)
        else:
            value = _scalar(setting.kind, written, given.quoted)
    except Misread as misread:
        return None, replace(given.place, message=f"{setting.key}: {misread}")
    if setting.now is not None and value not in setting.now:
        cure = f"use {one_of(str(word) for word in setting.now)}, or remove it"
        message = f"{setting.key}: {shown(text_of(given))} is {_NOT_YET}; {cure}"
        return None, replace(given.place, message=message)
    return value, None


def text_of(given: Given) -> str:
    """What is written, for people: never a password."""
    text = given.written if isinstance(given.written, str) else f"[{', '.join(given.written)}]"
    return redacted(text) if given.setting.kind is PROXY else text


def _scalar(kind: Kind, written: str | tuple[str, ...], quoted: bool) -> Any:
    if isinstance(written, tuple):
        raise Misread("a list", kind.expected)
    return kind.parse(written, quoted=quoted)


def _list(kind: ListOf, written: str | tuple[str, ...]) -> tuple[Any, ...]:
    if isinstance(written, str):
        raise Misread(shown(written), kind.expected)
    return tuple(dict.fromkeys(kind.item.parse(text) for text in written))


# --- the file


def from_toml(file: str, data: bytes) -> Sources:
    """The settings of a TOML file. TOML's parser gives no places: they are searched for in the text."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        byte = f"the byte 0x{error.object[error.start]:02x} at offset {error.start}"
        return Sources((), (Problem(file, 0, 0, f"not UTF-8: found {byte}; save the file as UTF-8"),))
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return Sources((), (_syntax(file, str(error)),))
    except (RecursionError, ValueError):
        return Sources(
            (), (Problem(file, 0, 0, "not TOML: a value is nested too deeply, or a number is too long"),)
        )
    return _Document(file, _places(text)).read(document)


def _syntax(file: str, text: str) -> Problem:
    found = re.search(r" \(at line ([0-9]+), column ([0-9]+)\)$", text)
    if not found:
        return Problem(
            file, 0, 0, f"not TOML: {text.removesuffix(' (at end of document)')} at the end of the file"
        )
    return Problem(file, int(found[1]), int(found[2]), f"not TOML: {text[: found.start()]}")


_HEADER = re.compile(r"\s*\[\s*([^\[\]#]+?)\s*\]\s*(?:#.*)?$")
_KEY = re.compile(r"(\s*)([A-Za-z0-9_.\"' -]+?)\s*=")


def _places(text: str) -> dict[str, tuple[int, int]]:
    """Line and column of each section and key, by dotted path; the first one counts."""
    places: dict[str, tuple[int, int]] = {}
    section = ""
    for number, line in enumerate(text.split("\n"), 1):
        header = _HEADER.match(line)
        key = _KEY.match(line)
        if header:
            section = _dotted(header[1])
            places.setdefault(section, (number, line.index("[") + 1))
        elif key:
            path = _dotted(key[2])
            places.setdefault(f"{section}.{path}" if section else path, (number, len(key[1]) + 1))
    return places


def _dotted(written: str) -> str:
    return ".".join(word.strip().strip("\"'") for word in written.split("."))


class _Document:
    """Walks a TOML document; collects what is set and what is wrong."""

    def __init__(self, file: str, places: Mapping[str, tuple[int, int]]) -> None:
        self._file = file
        self._places = places
        self._given: list[Given] = []
        self._problems: list[Problem] = []

    def read(self, document: Mapping[str, Any]) -> Sources:
        self._section(document, "")
        return Sources(tuple(self._given), tuple(self._problems))

    def _section(self, section: Mapping[str, Any], prefix: str) -> None:
        for word, value in section.items():
            key = f"{prefix}{word}"
            if key in BY_KEY:
                self._setting(key, value)
            elif key == "auth":
                self._accounts(value)
            elif key in _SECTIONS and isinstance(value, dict):
                self._section(value, f"{key}.")
            elif key in _SECTIONS:
                self._problem(key, f"found {_described(value)}, expected the section [{key}]")
            else:
                self._unknown(key, word)

    def _unknown(self, key: str, word: str) -> None:
        where = f"{key.rpartition('.')[0]}: " if "." in key else ""
        message = f"{where}found the unknown key {shown(word)}{_hint(key)}"
        self._problems.append(replace(self._place(key), message=message))

    def _setting(self, key: str, value: object) -> None:
        self._given_for(BY_KEY[key], value)

    def _given_for(self, setting: Setting, value: object) -> None:
        key = setting.key
        if isinstance(value, dict):
            self._problem(key, f"found a section, expected {setting.kind.expected}")
            return
        written = tuple(map(_toml_text, value)) if isinstance(value, list) else _toml_text(value)
        place = self._place(key)
        label = f"file {self._file}:{place.line}" if place.line else f"file {self._file}"
        self._given.append(Given(setting, written, isinstance(value, str), place, label, from_file=True))

    def _accounts(self, value: object) -> None:
        """`auth.<name>.cookies_file`, for any number of names."""
        if not isinstance(value, dict):
            self._problem("auth", f"found {_described(value)}, expected sections such as [auth.main]")
            return
        for name, account in value.items():
            self._account(name, account)

    def _account(self, name: str, account: object) -> None:
        key = f"auth.{name}"
        try:
            _check_account(name)
        except Misread as misread:
            self._problem(key if isinstance(account, dict) else "auth", str(misread))
            return
        if not isinstance(account, dict):
            self._problem(key, f"found {_described(account)}, expected a section with {_COOKIES}")
            return
        for word, value in account.items():
            if word == _COOKIES:
                self._given_for(table.account_setting(name), value)
                continue
            hint = did_you_mean(word, [_COOKIES])
            message = f"found the unknown key {shown(word)}, expected {_COOKIES}"
            self._problem(f"{key}.{word}", message + (f"; {hint}" if hint else ""))
        if not account:
            self._problem(key, f"found nothing, expected {_COOKIES}")

    def _problem(self, key: str, message: str) -> None:
        self._problems.append(replace(self._place(key), message=f"{key}: {message}"))

    def _place(self, key: str) -> Problem:
        """The place of a key, of the first one in it, or of the section that it is in."""
        below = next((place for path, place in self._places.items() if path.startswith(f"{key}.")), None)
        if key not in self._places and below:
            return Problem(self._file, *below, "")
        words = key.split(".")
        paths = (".".join(words[:count]) for count in range(len(words), 0, -1))
        line, column = next((self._places[path] for path in paths if path in self._places), (0, 0))
        return Problem(self._file, line, column, "")


def _check_account(name: str) -> None:
    """Raise `Misread` for a name that no account can have."""
    NAME.parse(name)
    if name == GUEST:
        raise Misread(shown(name), "another name: the guest is who asks without an account")


def _toml_text(value: object) -> str:
    """A TOML value as it is written: a text without its quotes."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _described(value: object) -> str:
    if isinstance(value, list):
        return "a list"
    return "a section" if isinstance(value, dict) else shown(_toml_text(value))


def _hint(key: str) -> str:
    """What was meant by an unknown key, or where it stands."""
    prefix, _, word = key.rpartition(".")
    known = (
        {
            path.removeprefix(f"{prefix}.").partition(".")[0]
            for path in BY_KEY
            if path.startswith(f"{prefix}.")
        }
        if prefix
        else set(table.SECTIONS)
    )
    elsewhere = [setting.section for setting in SETTINGS if setting.key.rpartition(".")[2] == word]
    meant = did_you_mean(word, sorted(known))
    if elsewhere and not meant:
        meant = f"it stands in {one_of(f'[{section}]' for section in dict.fromkeys(elsewhere))}"
    expected = f", expected {one_of(sorted(known))}"
    return f"{expected}; {meant}" if meant else expected


# --- the environment and the command line


def from_environment(environ: Mapping[str, str]) -> Sources:
    """`YTARCHIVE_SECTION__KEY`. An empty one is not set; in a list, commas separate."""
    given: list[Given] = []
    problems: list[Problem] = []
    by_variable = {variable(key): setting for key, setting in BY_KEY.items()}
    by_letters = {_letters(name): name for name in by_variable}
    for name in sorted(environ):
        if not name.startswith(PREFIX) or not environ[name]:
            continue
        place = Problem(f"environment variable {name}", 0, 0, "")
        if name in by_variable:
            given.append(_plain(by_variable[name], environ[name], place))
        elif name.startswith(_AUTH_PREFIX):
            account = re.fullmatch(rf"{_AUTH_PREFIX}(.+)__COOKIES_FILE", name)
            if account and account[1] != GUEST.upper():
                given.append(_plain(table.account_setting(account[1].lower()), environ[name], place))
            else:
                expected = f"{_AUTH_PREFIX}MAIN__COOKIES_FILE"
                problems.append(replace(place, message=f"auth: found no such setting, expected {expected}"))
        elif "__" in name or _letters(name) in by_letters:
            # Others that begin so, with one underscore, are none of ours to judge.
            word = name.removeprefix(PREFIX)
            near = near_miss(word, [known.removeprefix(PREFIX) for known in by_variable])
            meant = by_letters.get(_letters(name)) or (PREFIX + near if near else None)
            hint = f"did you mean {meant}?" if meant else None
            problems.append(replace(place, message="found no such setting" + (f"; {hint}" if hint else "")))
    return Sources(tuple(given), tuple(problems))


def _letters(name: str) -> str:
    return name.replace("_", "")


def from_command_line(overrides: Mapping[str, object]) -> Sources:
    """`overrides` maps keys to texts, numbers, truth values, or lists of texts; None is not set."""
    given: list[Given] = []
    problems: list[Problem] = []
    place = Problem("command line", 0, 0, "")
    for key, value in overrides.items():
        setting = BY_KEY.get(key)
        if setting is None:
            problems.append(replace(place, message=f"found the unknown setting {shown(key)}{_hint(key)}"))
        elif isinstance(value, list | tuple):
            given.append(Given(setting, tuple(map(_toml_text, value)), False, place, "command line"))
        elif value is not None:
            given.append(_plain(setting, _toml_text(value), place))
    return Sources(tuple(given), tuple(problems))


def _plain(setting: Setting, text: str, place: Problem) -> Given:
    is_list = isinstance(setting.kind, ListOf)
    written = tuple(word.strip() for word in text.split(",")) if is_list else text
    return Given(setting, written, False, place, place.file)
