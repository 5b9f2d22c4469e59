"""Manifests from disk: every `*.yaml` and `*.yml` below a folder, and the last good copy where one is broken.

Hidden files and folders are passed over. Nothing that is not a plain file is ever opened for reading, so that a
FIFO cannot hold the program up.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from ytarchive.core.codec import MalformedValue, decode, encode
from ytarchive.core.desired import Entry, Target
from ytarchive.core.id_list import read_ids
from ytarchive.core.manifest import Draft, read
from ytarchive.core.manifests import INTERVAL_SECONDS, Manifests, assemble
from ytarchive.core.misread import near_miss, shown
from ytarchive.core.origin import Origin
from ytarchive.core.yaml_tree import SIZE_CAP_BYTES
from ytarchive.errors import ConfigError, Problem, UsageError

SUFFIXES = (".yaml", ".yml")
COPIES_NAME = "last-good.json"
_CURE = "mend what is named above; `ytarchive validate` checks it again"


@dataclass(frozen=True, slots=True)
class Loaded:
    """What the manifests want. `problems` are those of files whose last good copy is in force (`fell_back`)."""

    entries: tuple[Entry, ...]
    problems: tuple[Problem, ...]
    fell_back: tuple[str, ...]
    warnings: tuple[str, ...]
    manifests: Manifests

    @property
    def profiles(self) -> tuple[str, ...]:
        """The names of all profiles, built-in ones too."""
        return tuple(sorted(self.manifests.profiles))

    def origins(self, entry_name: str) -> tuple[Origin, ...]:
        """Every effective value of an entry, and where it came from. Raise `UsageError` for an unknown entry."""
        if entry_name not in self.manifests.layers:
            raise _unknown("entry", entry_name, tuple(self.manifests.layers))
        return self.manifests.origins(entry_name)

    def wish(self, profile: str | None = None) -> Target:
        """What a profile (None: what is built in) asks of a video. Raise `UsageError` for an unknown one."""
        if profile is not None and profile not in self.manifests.profiles:
            raise _unknown("profile", profile, self.profiles)
        return self.manifests.wish(profile)


@dataclass(frozen=True, slots=True)
class _Copy:
    """A manifest and its list of videos, as they were when both were good."""

    file: str
    text: str
    list_file: str | None = None
    list_text: str | None = None


@dataclass(frozen=True, slots=True)
class _Copies:
    """What `last-good.json` holds: the whole set that was in force, so that its files fit together."""

    copies: tuple[_Copy, ...] = ()
    format: int = 1


@dataclass(frozen=True, slots=True)
class _Unit:
    """A manifest with its list of videos, read. `copy` is there when both are good."""

    draft: Draft
    ids: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    copy: _Copy | None = None


Units = dict[str, _Unit]


def load(
    folder: Path,
    last_good: Path | None = None,
    *,
    interval_seconds: int = INTERVAL_SECONDS,
    interval_origin: str = "built-in",
    accounts: Collection[str] | None = None,
) -> Loaded:
    """Read all manifests below `folder`.

    `last_good` is the folder of the last good copies: they stand in for broken files, and what is in force
    afterwards is written there. None: nothing stands in, nothing is written. `interval_seconds` holds for lists
    that name none, `accounts` are those of the settings. Raise `ConfigError` with every problem of every file when no
    complete set can be in force.
    """
    units, lost_folders = _read_units(folder)
    warnings: list[str] = []
    copies = _read_copies(last_good, warnings) if last_good else {}
    loading = _Loading(folder, units, lost_folders, copies, interval_seconds, interval_origin, accounts)
    loaded, in_force = loading.settle()
    if not in_force:
        warnings.append(f"no manifest (*.yaml, *.yml) in {folder}")
    elif last_good:
        _write_copies(last_good, in_force, copies, warnings)
    return replace(loaded, warnings=tuple(warnings))


@dataclass(frozen=True, slots=True)
class _Loading:
    """Chooses, file by file, between what is on disk and the last good copy."""

    folder: Path
    units: Units
    lost_folders: tuple[Problem, ...]
    copies: Mapping[str, _Copy]
    interval_seconds: int
    interval_origin: str
    accounts: Collection[str] | None

    def settle(self) -> tuple[Loaded, Units]:
        """The first set that is whole: all files; broken ones from their copies; all changed ones from theirs."""
        problems = [problem for unit in self.units.values() for problem in unit.problems]
        problems.extend(self.lost_folders)
        stand_ins = self._stand_ins(self._broken())
        if stand_ins is None:
            raise self._error([*problems, *self._between()])
        in_force = self.units | stand_ins
        manifests = self._assemble(in_force)
        if manifests.problems:
            # A file that is good by itself does not fit the others: back to the set that did.
            problems.extend(manifests.problems)
            stand_ins = self._stand_ins(self._changed()) if self.copies else None
            in_force = self.units | (stand_ins or {})
            manifests = self._assemble(in_force)
        if stand_ins is None or manifests.problems:
            raise self._error(problems)
        loaded = Loaded(
            entries=manifests.entries,
            problems=self._located(problems),
            fell_back=tuple(sorted(stand_ins)),
            warnings=(),
            manifests=manifests,
        )
        return loaded, in_force

    def _broken(self) -> list[str]:
        broken = [file for file, unit in self.units.items() if unit.problems]
        for problem in self.lost_folders:
            below = [file for file in self.copies if file.startswith(f"{problem.file}/")]
            broken.extend(below or [problem.file])  # a folder has no copy itself: nothing stands in for it
        return broken

    def _changed(self) -> list[str]:
        """Files with a copy that says something else, and files that are gone; new ones stay."""
        broken = self._broken()
        changed = [
            file
            for file in self.copies
            if file not in self.units or self.units[file].copy != self.copies[file]
        ]
        return list(dict.fromkeys([*broken, *changed]))

    def _stand_ins(self, files: list[str]) -> Units | None:
        """The last good copies of some files; None when one has none, or one that is good no more."""
        units = {}
        for file in files:
            copy = self.copies.get(file)
            unit = _unit_of(copy) if copy else None
            if unit is None or unit.problems:
                return None
            units[file] = unit
        return units

    def _assemble(self, units: Units) -> Manifests:
        return assemble(
            [unit.draft for unit in units.values()],
            {file: unit.ids for file, unit in units.items()},
            interval_seconds=self.interval_seconds,
            interval_origin=self.interval_origin,
            accounts=self.accounts,
        )

    def _between(self) -> tuple[Problem, ...]:
        """What is wrong between the files, as far as all of them are known."""
        if self.lost_folders or not all(unit.draft.is_readable for unit in self.units.values()):
            return ()
        return self._assemble(self.units).problems

    def _error(self, problems: list[Problem]) -> ConfigError:
        return ConfigError(self._located(problems), cure=_CURE)

    def _located(self, problems: list[Problem]) -> tuple[Problem, ...]:
        ordered = sorted(problems, key=lambda problem: (problem.file, problem.line, problem.column))
        return tuple(replace(problem, file=str(self.folder / problem.file)) for problem in ordered)


def _unknown(what: str, name: str, known: tuple[str, ...]) -> UsageError:
    meant = near_miss(name, known)
    return UsageError(
        f"no {what} is called {shown(name)}",
        cure=f"did you mean {meant}?" if meant else f"see the {what}s of your manifests",
    )


# --- reading


def _read_units(folder: Path) -> tuple[Units, tuple[Problem, ...]]:
    """Every manifest below the folder by its path with `/`, and the folders in it that cannot be read."""
    units: Units = {}
    lost: list[Problem] = []
    waiting = [""]
    seen: set[tuple[int, int]] = set()
    while waiting:
        below = waiting.pop()
        try:
            names = _listed(folder / below, seen)
        except OSError as error:
            problem = Problem(below, 0, 0, f"this folder cannot be read: {_reason(error)}")
            if not below:
                raise _no_folder(folder, error) from None
            lost.append(problem)
            continue
        for name in names:
            file = f"{below}/{name}" if below else name
            if not name.isprintable():
                unit = _nameless(file)
                units[unit.draft.file] = unit
            elif name.lower().endswith(SUFFIXES):
                units[file] = _read_unit(folder, file)
            else:
                waiting.append(file)
    return dict(sorted(units.items())), tuple(lost)


def _listed(folder: Path, seen: set[tuple[int, int]]) -> list[str]:
    """The names of manifests and folders in a folder; nothing where symbolic links led here before."""
    status = folder.stat()
    if (status.st_dev, status.st_ino) in seen:
        return []
    seen.add((status.st_dev, status.st_ino))
    with os.scandir(folder) as found:
        names = [(each.name, _is_folder(each)) for each in found if not each.name.startswith(".")]
    return sorted(name for name, is_folder in names if is_folder or name.lower().endswith(SUFFIXES))


def _is_folder(each: os.DirEntry[str]) -> bool:
    try:
        return each.is_dir()
    except OSError:  # a symbolic link that leads back to itself
        return False


def _no_folder(folder: Path, error: OSError) -> ConfigError:
    missing = isinstance(error, FileNotFoundError)
    what = "there is no such folder" if missing else f"this folder cannot be read: {_reason(error)}"
    return ConfigError(
        (Problem(str(folder), 0, 0, f"{what}, expected the folder of the manifests"),),
        cure="create it, or name another one with --manifests or manifests.path",
    )


def _nameless(file: str) -> _Unit:
    label = "".join(
        c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode() for c in file
    )
    problem = Problem(label, 0, 0, "found a file name with unprintable characters; rename the file")
    return _Unit(Draft(label, is_readable=False), problems=(problem,))


def _read_unit(folder: Path, file: str) -> _Unit:
    try:
        data = _read_plain_file(folder / file)
    except OSError as error:
        problem = Problem(file, 0, 0, f"this manifest cannot be read: {_reason(error)}")
        return _Unit(Draft(file, is_readable=False), problems=(problem,))
    draft = read(file, data)
    if draft.videos_from is None:
        return _joined(draft, data)
    list_file = str(PurePosixPath(file).parent / draft.videos_from.text)
    try:
        list_data = _read_list(folder, list_file)
    except OSError as error:
        given = draft.videos_from
        message = f"videos_from: {given.text} cannot be read: {_reason(error)}, expected a text file beside the manifest"
        problem = Problem(file, given.line, given.column, message)
        return _Unit(draft, problems=(*draft.problems, problem))
    return _joined(draft, data, list_file, list_data)


def _joined(draft: Draft, data: bytes, list_file: str | None = None, list_data: bytes = b"") -> _Unit:
    ids, list_problems = read_ids(list_file, list_data) if list_file else ((), ())
    problems = (*draft.problems, *list_problems)
    if problems:
        return _Unit(draft, ids, problems)
    copy = _Copy(draft.file, data.decode(), list_file, list_data.decode() if list_file else None)
    return _Unit(draft, ids, (), copy)


def _unit_of(copy: _Copy) -> _Unit:
    data = copy.text.encode()
    draft = read(copy.file, data)
    return _joined(draft, data, copy.list_file, (copy.list_text or "").encode())


def _read_list(folder: Path, file: str) -> bytes:
    """A list beside its manifest. Raise `OSError` also where a symbolic link leads out of the manifests folder."""
    path = (folder / file).resolve(strict=True)
    if not path.is_relative_to(folder.resolve()):
        raise OSError(f"it lies outside of {folder}")
    return _read_plain_file(path)


def _read_plain_file(path: Path) -> bytes:
    """At most one byte more than the cap. Raise `OSError` for anything that is not a plain file; never block."""
    _require_plain(path.stat().st_mode)
    opened = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    with os.fdopen(opened, "rb") as file:
        _require_plain(os.fstat(opened).st_mode)
        return file.read(SIZE_CAP_BYTES + 1)


def _require_plain(mode: int) -> None:
    if stat.S_ISREG(mode):
        return
    names = {stat.S_IFDIR: "a folder", stat.S_IFIFO: "a FIFO", stat.S_IFSOCK: "a socket"}
    raise OSError(f"it is {names.get(stat.S_IFMT(mode), 'a device')}, expected a file")


def _reason(error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return "there is no such file, or it is a symbolic link to nothing"
    if isinstance(error, PermissionError):
        return "the user who runs ytarchive may not read it"
    return error.strerror or str(error)


# --- the last good copies


def _read_copies(last_good: Path, warnings: list[str]) -> dict[str, _Copy]:
    path = last_good / COPIES_NAME
    try:
        copies = decode(_Copies, path.read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, MalformedValue) as error:
        warnings.append(f"the last good copies of the manifests cannot be read: {error} ({path})")
        return {}
    return {copy.file: copy for copy in copies.copies}


def _write_copies(last_good: Path, in_force: Units, known: Mapping[str, _Copy], warnings: list[str]) -> None:
    """Keep what is in force, as one file, so that a crash leaves the old set or the new one."""
    copies = {unit.copy.file: unit.copy for unit in in_force.values() if unit.copy}
    if copies == known:
        return
    path = last_good / COPIES_NAME
    ordered = tuple(copies[file] for file in sorted(copies))
    try:
        last_good.mkdir(parents=True, exist_ok=True)
        _replace(path, encode(_Copies(ordered)))
    except OSError as error:
        warnings.append(f"the last good copies of the manifests cannot be written: {_reason(error)} ({path})")


def _replace(path: Path, data: bytes) -> None:
    temporary = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
