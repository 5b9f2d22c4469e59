"""Brings about one cell of the matrix in an archive of its own: real pass, real worker, the stand-in for YouTube."""

from __future__ import annotations

import hashlib
import os
import re
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import imageio_ffmpeg
import trustme
from matrix_cells import CELLS, Cell

sys.path.insert(0, str(Path(__file__).parents[1] / "reconciler"))

from reconciler_house import QUICK, SMALL, House, MovedClock, opened

from ytarchive.adapters.executor import LocalExecutor, OnEvent
from ytarchive.core.instant import MINUTE
from ytarchive.core.job import Event, Job, Receipt
from ytarchive.core.plan import decide
from ytarchive.reconciler import World, asking, reconcile_once
from ytarchive.reconciler.crew import Crew
from ytarchive.simulator import Simulator

WORKERS = 6
LIST_LENGTH = 250  # three pages
KEY = "key-of-the-matrix"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a cell: the verdict, what follows and when, what is on disk then, and after the second pass."""

    cell: Cell
    code: str | None
    kind: str
    bucket: str
    reason: str
    waits_seconds: int | None
    stopped: bool
    on_disk: str
    afterwards: str


@dataclass
class SharedWorkers:
    """One pool of workers for many archives at once; the events of a job go to the archive that it is of."""

    environment: dict[str, str]
    listeners: dict[str, OnEvent] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.pool = LocalExecutor(WORKERS, on_event=self._tell, environment=self.environment)

    def _tell(self, event: Event) -> None:
        if listener := self.listeners.get(event.job):
            listener(event)

    def hire(self, on_event: OnEvent) -> _Share:
        return _Share(self, on_event)


@dataclass
class _Share:
    """An executor with one slot, as one archive sees the pool."""

    workers: SharedWorkers
    on_event: OnEvent
    busy: int = 0

    def submit(self, job: Job) -> Future[Receipt]:
        self.workers.listeners[job.id] = self.on_event
        return self.workers.pool.submit(job)

    def cancel(self, job_id: str) -> None:
        self.workers.pool.cancel(job_id)

    def free_slots(self) -> int:
        return 1

    def close(self) -> None:
        """The pool is closed by who made it."""


@dataclass
class Bench:
    """What cells share: the stand-in, the workers, and an ffmpeg that is led by files named like a video."""

    folder: Path
    youtube: Simulator
    workers: SharedWorkers
    tricks: Path
    addresses = threading.Lock()

    def meet(self, number: int) -> Outcome:
        cell = CELLS[number]
        if cell.arm == "addresses":  # rules for the whole of the stand-in
            with self.addresses:
                return _Scene(self, cell, number).play()
        return _Scene(self, cell, number).play()


@contextmanager
def bench(folder: Path) -> Iterator[Bench]:
    tricks, programs = folder / "tricks", folder / "bin"
    tricks.mkdir()
    programs.mkdir()
    script = programs / "ffmpeg"
    script.write_text(
        f"#!/bin/sh\nREAL={imageio_ffmpeg.get_ffmpeg_exe()}\n"
        'case "$1" in -version) echo "ffmpeg version 9.9.9"; exit;; esac\nfor LAST; do :; done\n'
        f'for TRICK in {tricks}/*; do case "$LAST" in */"${{TRICK##*/}}"/*) . "$TRICK";; esac; done\n'
        'exec "$REAL" "$@"\n'
    )
    script.chmod(0o755)
    with Simulator() as youtube:
        environment = {**youtube.environment(), "PATH": f"{programs}:{os.environ['PATH']}"}
        workers = SharedWorkers(environment)
        before = {name: os.environ.get(name) for name in youtube.environment()}
        os.environ.update(youtube.environment())  # for feeds and the Data API, which are asked from here
        try:
            yield Bench(folder, youtube, workers, tricks)
        finally:
            workers.pool.close()
            for name, value in before.items():
                os.environ.pop(name, None)
                if value is not None:
                    os.environ[name] = value


def run_all(
    folder: Path, told: Callable[[Outcome], None] = lambda _: None, *, only: str = ""
) -> list[Outcome]:
    """Every cell, in the order of the table; most of their time is waiting, so several at a time."""
    chosen = [number for number, cell in enumerate(CELLS) if only in cell.name]
    outcomes = []
    with bench(folder) as shared, ThreadPoolExecutor(WORKERS) as threads:
        # What shares the rules of the stand-in comes last, and alone.
        for apart in (False, True):
            part = [number for number in chosen if (CELLS[number].arm == "addresses") is apart]
            for outcome in threads.map(shared.meet, part):
                outcomes.append(outcome)
                told(outcome)
    return outcomes


class _Scene:
    """One cell in its archive."""

    def __init__(self, bench: Bench, cell: Cell, number: int) -> None:
        self.bench, self.cell, self.youtube = bench, cell, bench.youtube
        self.video = f"matrix{number:05d}"
        self.source = f"PLmatrix{number:05d}"
        folder = bench.folder / f"cell{number}"
        folder.mkdir()
        environment = {key: value for key, value in os.environ.items() if not key.startswith("YTARCHIVE_")}
        self.house = House(folder, {**environment, **QUICK})
        self.clock = MovedClock()
        self.faults: list[int] = []

    def play(self) -> Outcome:
        self._want()
        self._arm()
        try:
            with self._world() as world:
                report = reconcile_once(world, max_wait_seconds=0)
                found = self._seen(world, stopped=report.stopped is not None)
        finally:
            self._disarm()
        unsettled = self.cell.code is not None or self.cell.bucket != "have"
        afterwards = self._again() if unsettled and self.cell.heals else "-"
        return Outcome(self.cell, *found, afterwards)

    @contextmanager
    def _world(self) -> Iterator[World]:
        with opened(self.house, self.clock) as world:
            ask = partial(asking.hire, world)
            world._crew = Crew(self.bench.workers.hire, ask, self.clock)
            yield world

    def _want(self) -> None:
        cell = self.cell
        self.youtube.set_video(self.video, **{"captions": [], **cell.video})
        if cell.arm in ("list", "api"):
            listed = [f"{number:04d}{self.video[-7:]}" for number in range(LIST_LENGTH)]
            self.youtube.set_playlist(self.source, listed)
            entry = f"{{playlist: {self.source}, name: list, quality: {SMALL}, where: {{title: {{match: [zzz]}}}}}}"
            self.house.manifest(f"playlists:\n  - {entry}\n")
            return
        beside = {}
        if cell.part == "captions:en":
            self.youtube.set_video(self.video, captions=[{"language": "en", "name": "English"}])
            beside = {"captions": "{languages: [en]}"}
        if cell.part == "thumbnail":
            beside = {"sidecars": "[thumbnail]"}
        self.house.want([self.video], **beside)

    def _arm(self) -> None:
        cell = self.cell
        match cell.arm:
            case "faults" | "list" | "api":
                about = {"video": self.video} if cell.arm == "faults" else {"playlist": self.source}
                if cell.arm == "api":
                    self._give_key()
                self.faults = [self.youtube.add_fault(**about, **fault) for fault in cell.with_]
            case "case":
                self.youtube.set_video(self.video, case=cell.with_)
            case "addresses":
                self.youtube.set_addresses(**cell.with_)
            case "ffmpeg":
                (self.bench.tricks / self.video).write_text(cell.with_)
            case "settings":
                for name, value in cell.with_.items():
                    self.house.environment[f"YTARCHIVE_NETWORK__{name}"] = self._file(value)
            case "disk":
                self._spoil(cell.fault)

    def _give_key(self) -> None:
        path = self.house.folder / "key"
        path.write_text(KEY)
        self.youtube.set_api_key(KEY)
        self.house.environment["YTARCHIVE_YOUTUBE__API_KEY_FILE"] = str(path)

    def _file(self, value: str) -> str:
        if value != "{wrong}":
            return value
        path = self.house.folder / "other.pem"
        trustme.CA().cert_pem.write_to_path(path)
        return str(path)

    def _spoil(self, how: str) -> None:
        if how == "no room is left":
            self.house.environment["YTARCHIVE_ARCHIVE__MIN_FREE"] = "900 TB"
            return
        with self._world():
            pass
        place = self.house.root / "videos" / self.youtube.video(self.video).channel.id  # type: ignore[union-attr]
        place.parent.mkdir(exist_ok=True)
        place.write_text("in the way")

    def _disarm(self) -> None:
        for number in self.faults:
            self.youtube.remove_faults(number)
        self.youtube.set_video(self.video, case="public")
        if self.cell.arm == "addresses":
            self.youtube.set_addresses()
        (self.bench.tricks / self.video).unlink(missing_ok=True)
        for name in ("NETWORK__PROXY", "NETWORK__CA_FILE"):
            self.house.environment.pop(f"YTARCHIVE_{name}", None)
        self.house.environment["YTARCHIVE_ARCHIVE__MIN_FREE"] = "0"
        for path in self.house.root.glob("videos/*"):
            if path.is_file():
                path.unlink()

    def _seen(
        self, world: World, *, stopped: bool
    ) -> tuple[str | None, str, str, str, int | None, bool, str]:
        now = self.clock.now()
        if self.cell.part == "list":
            listing = world.index.listing(self.source)
            assert listing is not None
            waits = None if listing.code is None else (listing.next_due_at or 0) - now
            held = f"{listing.got} lines" if listing.completeness else "nothing held"
            bucket, reason = ("have", "converged")
            return listing.code, listing.kind or "-", bucket, reason, waits, stopped, held
        attempts = {attempt.part: attempt for attempt in world.index.attempts(self.video)}
        attempt = attempts.get(self.cell.part)
        row = world.index.row(self.video, now)
        assert row is not None
        decision = decide(row, now, world.index.target)
        waits = attempt.next_attempt_at - now if attempt else None
        told = (attempt.code, attempt.kind) if attempt else (None, "-")
        return *told, decision.bucket, decision.reason, waits, stopped, self._on_disk()

    def _on_disk(self) -> str:
        if self.video in self.house.committed():
            return "item, " + ("whole" if self._is_whole() else "DAMAGED")
        staged = [path for path in (self.house.root / ".ytarchive" / "staging").rglob("*") if path.is_file()]
        if any("/out/" in str(path) and path.name == "item.json" for path in staged):
            return "ready to commit"
        sizes = [path.stat().st_size for path in staged if "/parts." in str(path)]
        return "parts to resume" if sum(sizes) else "nothing"

    def _is_whole(self) -> bool:
        """The files are those of item.json, and the media are of this very video and no other."""
        item = self.house.item(self.video)
        folder = next(self.house.root.glob(f"videos/*/{self.video}"))
        stamps = set()
        for file in item.files:
            content = (folder / file.name).read_bytes()
            if hashlib.sha256(content).hexdigest() != file.sha256 or len(content) != file.bytes:
                return False
            stamps |= set(re.findall(rb"ytsim:([\w-]{11}):", content))
        return stamps == {self.video.encode()}

    def _again(self) -> str:
        """The fault is over, and the next step is due: the second pass makes it whole."""
        with self._world() as world:
            attempts = world.index.attempts(self.video)
            listing = world.index.listing(self.source)
        due = [attempt.next_attempt_at for attempt in attempts]
        due += [listing.next_due_at or 0] if listing else []
        self.clock.ahead += max(0, max(due, default=0) - self.clock.now()) + MINUTE
        with self._world() as world:
            reconcile_once(world, max_wait_seconds=0)
            attempts = world.index.attempts(self.video)
            listing = world.index.listing(self.source)
        if self.cell.part == "list":
            assert listing is not None
            return f"{listing.completeness}, {listing.got} lines"
        if self.video not in self.house.committed() or attempts:
            return "MISSING " + " ".join(f"{attempt.part} {attempt.code}" for attempt in attempts)
        if not self._is_whole():
            return "DAMAGED"
        roles = {file.role for file in self.house.item(self.video).files}
        wanted = {"captions:en": "caption", "thumbnail": "thumbnail"}.get(self.cell.part, "video")
        return "whole" if wanted in roles else f"lacks its {wanted}"
