"""The folders of engines and the choice between them: read by every worker's start, changed by one command at a time."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import cached_property
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from ytarchive.adapters.archive.durable import Disk, telling
from ytarchive.adapters.executor import Outfit
from ytarchive.core import engines as core
from ytarchive.core.codec import MalformedValue, decode, encode
from ytarchive.core.engines import BUILT_IN, Choice, Installed, is_version, normal
from ytarchive.errors import BusyError

CHOICE = "choice.json"
MARKER = "engine.json"
_LOCK = ".lock"
_MAKING = ".making-"
_GONE = ".gone-"
_AT_ONCE = 16


class Rack:
    """The engines below `state`. Also what the executor asks for an outfit (`adapters.executor.Engines`)."""

    def __init__(self, state: Path, disk: Disk | None = None) -> None:
        self.folder = state / "engines"
        self._disk = disk or Disk()

    @cached_property
    def built_in(self) -> str:
        """The version of the environment's own yt-dlp; "0" when there is none."""
        try:
            return normal(version("yt-dlp"))
        except PackageNotFoundError:
            return "0"

    def choice(self) -> Choice:
        """What was chosen; the built-in engine where nothing was, or nothing that can be read."""
        return self.choice_as_written() or Choice()

    def choice_as_written(self) -> Choice | None:
        """None for a file that is not ours, or damaged; `Choice()` when there is none."""
        try:
            choice = decode(Choice, (self.folder / CHOICE).read_bytes())
        except (FileNotFoundError, NotADirectoryError):
            return Choice()
        except (OSError, MalformedValue):
            return None
        names = (choice.engine, choice.previous or BUILT_IN)
        if choice.format != 1 or not all(name == BUILT_IN or is_version(name) for name in names):
            return None
        return choice

    def home(self, engine: str) -> Path | None:
        """The folder of an engine; None for the built-in one, which lies in our environment."""
        return None if engine == BUILT_IN else self.folder / engine

    def version_of(self, engine: str) -> str:
        return self.built_in if engine == BUILT_IN else engine

    def is_there(self, engine: str) -> bool:
        return engine == BUILT_IN or (self.folder / engine / MARKER).is_file()

    def installed(self) -> dict[str, Installed]:
        """Every whole engine, the newest first, by the name of its folder."""
        found: dict[str, Installed] = {}
        with suppress(OSError):
            for path in self.folder.iterdir():
                if is_version(path.name):
                    with suppress(OSError, MalformedValue):
                        found[path.name] = decode(Installed, (path / MARKER).read_bytes())
        return dict(sorted(found.items(), key=lambda each: core.version_key(each[0]), reverse=True))

    def in_force(self) -> str:
        choice = self.choice()
        there = {choice.engine} if self.is_there(choice.engine) else set()
        return core.in_force(choice, there, self.built_in)

    @contextmanager
    def lend(self) -> Iterator[Outfit]:
        """The outfit of one worker. The worker inherits the lock on its engine's folder, and so keeps it."""
        engine = self.in_force()
        with self.use(engine) as descriptor:
            if engine == BUILT_IN or descriptor is None:
                yield Outfit()
            else:
                yield Outfit(engine, ("--engine", str(self.folder / engine)), (descriptor,))

    @contextmanager
    def use(self, engine: str) -> Iterator[int | None]:
        """Keep an engine's folder from being removed. None when there is no such folder, or it is being removed."""
        try:
            descriptor = os.open(self.folder / engine, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError:
            yield None
            return
        try:
            held = _lock(descriptor, fcntl.LOCK_SH) and self.is_there(engine)
            yield descriptor if held else None
        finally:
            os.close(descriptor)

    # --- changes, each within `changing`

    @contextmanager
    def changing(self) -> Iterator[None]:
        """For one process at a time; what an interrupted change left is removed first. Raise `BusyError`."""
        with telling("the folder of engines cannot be changed", self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self.folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
            try:
                if not _lock(descriptor, fcntl.LOCK_EX):
                    raise BusyError(
                        f"another `ytarchive engine` is changing {self.folder}", cure="wait until it is done"
                    )
                self._sweep()
                yield
            finally:
                os.close(descriptor)

    def _sweep(self) -> None:
        for path in self.folder.iterdir():
            if path.name.startswith((_MAKING, _GONE)):
                shutil.rmtree(path, ignore_errors=True)

    @contextmanager
    def making(self) -> Iterator[Path]:
        """A new folder beside the others; it is gone afterwards, unless it was put in its place."""
        path = Path(tempfile.mkdtemp(prefix=_MAKING, dir=self.folder))
        path.chmod(0o755)
        try:
            yield path
        finally:
            shutil.rmtree(path, ignore_errors=True)

    def put_in_place(self, made: Path, engine: Installed) -> None:
        """Make what was made durable, mark it as whole, and give it its name: all or nothing, whenever the power goes."""
        self._disk.write_new(made / MARKER, encode(engine) + b"\n", 0o644)
        _fsync_tree(self._disk, made)
        place = self.folder / normal(engine.yt_dlp)
        if place.exists():  # without its marker, or it would be in use
            self._disk.rename(place, self._gone_name(place.name))
        self._disk.rename(made, place)
        self._disk.fsync_folder(self.folder)

    def choose(self, choice: Choice) -> tuple[str, ...]:
        """Switch for every worker that starts from now on. The engines that were removed: those neither kept nor used."""
        self._disk.replace(self.folder / CHOICE, encode(choice) + b"\n", 0o644)
        unwanted = [name for name in self.installed() if name not in choice.kept]
        return tuple(name for name in unwanted if self._remove(name))

    def _remove(self, engine: str) -> bool:
        """Whether nobody used it, so that it is gone."""
        descriptor = os.open(self.folder / engine, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            if not _lock(descriptor, fcntl.LOCK_EX):
                return False
            gone = self._gone_name(engine)
            self._disk.rename(self.folder / engine, gone)
            shutil.rmtree(gone, ignore_errors=True)
            return True
        finally:
            os.close(descriptor)

    def _gone_name(self, engine: str) -> Path:
        return self.folder / f"{_GONE}{engine}-{os.getpid()}-{os.urandom(4).hex()}"


def _lock(descriptor: int, kind: int) -> bool:
    """Whether the lock is ours now. A file system without locks refuses nobody to use, and everybody to remove."""
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return kind == fcntl.LOCK_SH
    return True


def _fsync_tree(disk: Disk, folder: Path) -> None:
    """Every file and folder. Many at once: they share the commits of the file system's journal, and 1,000 files take
    0.2 seconds instead of 5."""
    places = [(Path(place), names) for place, _, names in os.walk(folder)]
    files = [place / name for place, names in places for name in names]
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        for _ in threads.map(lambda path: _fsync(disk, path), files):
            pass
    for place, _ in places:
        disk.fsync_folder(place)


def _fsync(disk: Disk, path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        disk.step("fsync", path)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
