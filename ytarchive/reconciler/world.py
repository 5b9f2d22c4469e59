"""What a pass works on: settings, manifests, the archive, the index, and the workers, opened in the safe order.

Manifests are read before anything is touched; the archive proves that it is mounted and ours before anything is
written; a damaged index is put aside and made anew from disk.
"""

from __future__ import annotations

import random
import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from ytarchive.adapters import data_api
from ytarchive.adapters.archive import Archive, open_archive
from ytarchive.adapters.clock import Clock, SystemClock
from ytarchive.adapters.engines import Rack
from ytarchive.adapters.executor import LocalExecutor, WorkerState
from ytarchive.adapters.index import Index, QuotaLedger
from ytarchive.adapters.manifest_files import Loaded, load
from ytarchive.core.codec import digest
from ytarchive.core.desired import Entry
from ytarchive.core.egress import EgressState, Limits, distrusted
from ytarchive.core.failure import Failure
from ytarchive.core.failure_table import policy
from ytarchive.core.halts import Halt, HaltName, lifted
from ytarchive.core.instant import DAY, HOUR
from ytarchive.core.item import Item
from ytarchive.core.job import GUEST, LOG_VARIABLE, Event, Network, Permit
from ytarchive.core.manifests import Manifests
from ytarchive.core.quota import Purpose
from ytarchive.core.removal_policies import Policies
from ytarchive.core.windows import Windows, span
from ytarchive.errors import ArchiveError, IndexDamaged, UsageError
from ytarchive.reconciler import asking, disk, in_force, linking, quarantining
from ytarchive.reconciler.crew import Crew, Hire
from ytarchive.reconciler.disk import RebuildReport
from ytarchive.reconciler.observer import Observer, Silent
from ytarchive.settings import Settings

SLOTS_WITHOUT_LIMIT = 4
JOBS_KEPT_SECONDS = 30 * DAY


@dataclass(slots=True)
class World:
    """Everything a pass needs, and the small facts that only make sense together."""

    settings: Settings
    archive: Archive
    index: Index
    loaded: Loaded
    clock: Clock
    observer: Observer = field(default_factory=Silent)
    hire: Hire | None = None
    api_key: str | None = field(default=None, repr=False)
    setting_problems: tuple[str, ...] = ()
    index_file: tuple[int, int] | None = None
    nothing_to_take_away: tuple[int, Policies] | None = None
    _crew: Crew | None = None
    _ledger: QuotaLedger | None = None
    _api_is_off: bool = False

    @property
    def crew(self) -> Crew:
        """Workers, and threads that ask; hired when they are first needed. Where a model works, nobody asks."""
        if self._crew is None:
            ask = None if self.hire else partial(asking.hire, self)
            self._crew = Crew(self.hire or self._hire_here, ask, self.clock)
        return self._crew

    @property
    def ledger(self) -> QuotaLedger:
        """What the Data API has cost today, and may still cost."""
        if self._ledger is None:
            self._ledger = self.index.quota_ledger(self.settings.youtube.limits)
        return self._ledger

    @property
    def has_api(self) -> bool:
        """Whether the Data API may be asked in this pass: there is a key, and it was not refused."""
        return self.api_key is not None and not self._api_is_off and self.crew.can_ask

    def may_ask(self, purpose: Purpose, units: int) -> bool:
        """Whether the quota suffices for all of something, so that it is not left half done."""
        return self.has_api and self.ledger.standing(self.clock.now()).left(purpose) >= units

    def api_trouble(self, failure: Failure) -> None:
        """What the Data API could not do, a worker does; a key that is refused is used no more in this pass."""
        rule = policy(failure.code)
        if not failure.code.startswith("API_") or rule.kind == "transient" or self._api_is_off:
            return
        self._api_is_off = True
        self.observer.note(f"Data API: {rule.meaning} ({failure.code}) Lists are read without it.")

    def begin_pass(self) -> None:
        """Believe nothing of what an earlier pass found out about the Data API."""
        self._api_is_off = False

    def require_archive(self) -> None:
        """Raise `ArchiveError` when the archive is not there any more: a disk that was unmounted lost nothing."""
        root, umask = self.settings.archive.root, self.settings.archive.umask
        open_archive(root, known_id=self.archive.id, umask=umask, read_only=True)

    def require_index(self) -> None:
        """Raise `IndexDamaged` when the file that was opened is not in its place any more: what is written is lost."""
        if self.index_file is not None and file_of_index(self.settings) != self.index_file:
            raise IndexDamaged(
                f"{index_path(self.settings)}: the index is gone, or another one is in its place",
                cure="put the state folder back as it was; or restart: a new index is made from the archive",
            )

    @property
    def problems(self) -> tuple[str, ...]:
        """What is wrong with settings and manifests as they are written now; what held before it is in force."""
        return (*self.setting_problems, *(str(problem) for problem in self.loaded.problems))

    def renew(self, settings: Settings) -> None:
        """Have other settings from now on; folders, and what listens, are as they were (`core.setting_keys.FIXED`)."""
        self.settings = settings
        if self._crew is not None:
            self._crew.resize(self.slots + 1)
        if self._ledger is not None:
            self._ledger.limits = settings.youtube.limits

    def renew_key(self) -> None:
        """Read the key of the Data API again. Raise `ConfigError` where it cannot be."""
        file = self.settings.youtube.api_key_file
        self.api_key = data_api.read_key(file) if file else None

    @property
    def slots(self) -> int:
        """Downloads at once."""
        return self.settings.limits.downloads or SLOTS_WITHOUT_LIMIT

    def workers(self) -> tuple[WorkerState, ...]:
        """What the worker processes of this machine do; for any thread."""
        return self._crew.states() if self._crew is not None else ()

    def _hire_here(self, on_event: Callable[[Event], None]) -> LocalExecutor:
        engines = Rack(self.settings.state.path)
        if not engines.is_there(missing := engines.choice().engine):
            self.observer.note(f"yt-dlp {missing} was chosen and is not there: the built-in one is used")
        # One more than downloads: a list does not wait behind downloads of days.
        return LocalExecutor(
            self.slots + 1,
            on_event=on_event,
            clock=self.clock,
            engines=engines,
            environment={LOG_VARIABLE: self.settings.log.level},
        )

    def close(self) -> None:
        if self._crew is not None:
            self._crew.close()
            self._crew = None
        if self._ledger is not None:
            self._ledger.close()
            self._ledger = None
        self.index.close()

    def limits(self) -> Limits:
        """What the settings allow, by the clock on the wall here."""
        limits = self.settings.limits
        windows = Windows(
            tuple(span(text) for text in self.settings.schedule.windows),
            time.localtime(self.clock.now()).tm_gmtoff,
        )
        return Limits(limits.videos_per_hour, limits.per_day, limits.pause_seconds, windows)

    def egress(self, name: str) -> EgressState:
        """What is spent and known of this address as an identity: `GUEST`, or the name of an `auth.<name>`."""
        return self.index.egress(name)

    def record_egress(self, state: EgressState) -> None:
        self.index.record_egress(state)

    def halt(self, name: HaltName) -> Halt:
        """Whether trouble with the engine, the network or the disk pauses downloads."""
        return self.index.halt(name)

    def lift(self, name: HaltName) -> None:
        """The trouble is over, if there was any."""
        halt = self.index.halt(name)
        if halt.is_on:
            self.index.record_halt(lifted(halt, self.clock.now()))

    def permit(self, egress: str, now: int) -> Permit:
        return Permit(egress=egress, extractions=1, expires_at=now + HOUR)

    def network(self, identity: str = GUEST) -> Network:
        """How a worker reaches YouTube as an identity."""
        network, limits = self.settings.network, self.settings.limits
        bandwidth = limits.bandwidth_bytes_per_second
        return Network(
            proxy=network.proxy,
            ca_file=str(network.ca_file) if network.ca_file else None,
            source_address=network.source_address,
            cookies_file=next(
                (str(one.cookies_file) for one in self.settings.auth if one.name == identity), None
            ),
            bytes_per_second=bandwidth // self.slots if bandwidth else None,
        )

    def new_job_id(self) -> str:
        return f"job-{secrets.token_hex(6)}"

    def jitter(self) -> float:
        """From 0 to 1: spreads retries, and guards nothing."""
        return random.random()  # noqa: S311

    def item(self, video: str) -> Item | None:
        """The committed item as disk tells it; None when there is none, or none that can be read."""
        shard = self.index.item_location(video)
        if shard is None:
            return None
        try:
            return self.archive.read_item(shard, video)
        except ArchiveError:
            return None

    def generation(self, entries: Sequence[str]) -> str:
        """One digest of the manifests' generations that want a video, for its provenance."""
        generations = {entry.name: entry.generation for entry in self.index.entries()}
        return digest([generations.get(name, "request") for name in entries])


@contextmanager
def open_world(
    settings: Settings,
    *,
    observer: Observer | None = None,
    clock: Clock | None = None,
    hire: Hire | None = None,
    settled: bool = True,
) -> Iterator[World]:
    """The archive for writing, by this process alone; `hire` makes the executor, by default one of local processes.

    `settled`: disk and manifests are in the index; without, the caller has `settle` do it. Raise `BusyError`, `ConfigError` or `ArchiveError`."""
    loaded = load_manifests(settings)
    key_file = settings.youtube.api_key_file
    api_key = data_api.read_key(key_file) if key_file else None
    known_id = read_known_id(settings)
    archive = open_archive(settings.archive.root, known_id=known_id, umask=settings.archive.umask)
    with archive.lock():
        world = _opened(settings, archive, loaded, clock or SystemClock(), observer or Silent())
        world.hire, world.api_key = hire, api_key
        try:
            if settled:
                settle(world)
            yield world
        finally:
            world.close()


@contextmanager
def open_reading(settings: Settings, *, clock: Clock | None = None) -> Iterator[World]:
    """The same for reading: no lock, no network, nothing written; another instance may be at work.

    What is wanted is what the last pass recorded; the manifests are not read.
    """
    world = reading_world(settings, clock=clock)
    try:
        yield world
    finally:
        world.close()


def reading_world(settings: Settings, *, clock: Clock | None = None) -> World:
    """What `open_reading` gives, for who closes it."""
    archive = reading_archive(settings)
    index = Index.open(index_path(settings), read_only=True)
    nothing = Loaded(entries=(), problems=(), fell_back=(), warnings=(), manifests=Manifests())
    return World(settings, archive, index, nothing, clock or SystemClock())


def reading_archive(settings: Settings) -> Archive:
    """Raise `ArchiveError` when it is not there now."""
    return open_archive(
        settings.archive.root, known_id=read_known_id(settings), umask=settings.archive.umask, read_only=True
    )


def rebuild_index(
    settings: Settings, *, observer: Observer | None = None, clock: Clock | None = None
) -> RebuildReport:
    """Put the index aside, whatever its condition, and make a new one from disk and the decisions journal."""
    clock, observer = clock or SystemClock(), observer or Silent()
    archive = open_archive(
        settings.archive.root, known_id=read_known_id(settings), umask=settings.archive.umask
    )
    with archive.lock():
        disk.put_aside(index_path(settings), clock.now())
        loaded = load_manifests(settings)
        settings.state.path.mkdir(parents=True, exist_ok=True)
        index = Index.open(index_path(settings))
        world = World(settings, archive, index, loaded, clock, observer)
        try:
            _distrust(world)
            index.archive_id = archive.id
            disk.remember_id(known_id_path(settings), archive.id)
            decisions = disk.replay(world)
            scanned = disk.scan(world)
            apply_manifests(world)
        finally:
            world.close()
    return RebuildReport(scanned.found, scanned.damaged, decisions, scanned.foreign)


def load_manifests(settings: Settings) -> Loaded:
    """The manifests in force; the last good copy of each stands in for one that became invalid."""
    schedule = settings.schedule
    return load(
        settings.manifests.path,
        settings.state.path / "manifests",
        interval_seconds=schedule.interval_seconds,
        accounts=[account.name for account in settings.auth],
    )


def index_path(settings: Settings) -> Path:
    return settings.state.path / "index.sqlite"


def file_of_index(settings: Settings) -> tuple[int, int]:
    """Which file the index is at this moment, by device and number; zeros: there is none."""
    try:
        found = index_path(settings).stat()
    except OSError:
        return (0, 0)
    return (found.st_dev, found.st_ino)


def known_id_path(settings: Settings) -> Path:
    return settings.state.path / "archive-id"


def read_known_id(settings: Settings) -> str | None:
    """The archive that this state belongs to. It lies beside the index, so that it survives the index's loss."""
    try:
        return known_id_path(settings).read_text().strip() or None
    except FileNotFoundError:
        return None


def _opened(settings: Settings, archive: Archive, loaded: Loaded, clock: Clock, observer: Observer) -> World:
    settings.state.path.mkdir(parents=True, exist_ok=True)
    path = index_path(settings)
    new = not path.exists()
    try:
        index = Index.open(path)
    except IndexDamaged as error:
        observer.note(f"{error.message}; it is put aside and made anew from the archive")
        disk.put_aside(path, clock.now())
        index, new = Index.open(path), True
    world = World(settings, archive, index, loaded, clock, observer, index_file=file_of_index(settings))
    if new:
        rebuilt = not archive.is_new
        disk.replay(world)
        if rebuilt:
            _distrust(world)
    index.archive_id = archive.id
    disk.remember_id(known_id_path(settings), archive.id)
    return world


def _distrust(world: World) -> None:
    """Nobody knows what was spent before the index was lost: every egress starts at its lowest rate."""
    for name in (GUEST, *(account.name for account in world.settings.auth)):
        world.record_egress(distrusted(name, world.clock.now()))


def settle(world: World) -> None:
    """Bring the index up to date with disk and manifests, before anything is decided."""
    world.index.forget_jobs(world.clock.now() - JOBS_KEPT_SECONDS)
    disk.sweep(world)
    apply_manifests(world)  # first: what they say of files that somebody deleted
    quarantining.recover(world)
    disk.scan(world)
    linking.recall_names(world)
    linking.forget_missing(world)
    quarantining.link_kept(world)


def apply_manifests(world: World) -> None:
    """Make the manifests' entries, and what people asked for by hand, the desired state."""
    for problem in world.loaded.problems:
        world.observer.note(str(problem))
    for name in world.loaded.fell_back:
        world.observer.note(f"{name} is invalid; its last good version stays in force")
    for warning in world.loaded.warnings:
        world.observer.note(warning)
    in_force.note(world)
    world.index.apply_entries(world.loaded.entries, world.clock.now())
    world.index.judge(world.clock.now())


def require_entry(world: World, name: str) -> Entry:
    """The entry of this name. Raise `UsageError` where there is none."""
    if (found := entry_named(world, name)) is not None:
        return found
    names = sorted(known.name for known in world.index.entries())
    listed = ", ".join(names[:10]) or "none"
    raise UsageError(f"no entry is called {name!r}", cure=f"the entries are: {listed}")


def entry_named(world: World, name: str) -> Entry | None:
    return next((entry for entry in world.index.entries() if entry.name == name), None)
