"""One job while it runs: its events, its clock, and the two ways to stop it early."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from yt_dlp.utils import DownloadCancelled

from ytarchive.core.desired import Target
from ytarchive.core.instant import Instant
from ytarchive.core.item import Metadata
from ytarchive.core.job import LOG_VARIABLE, ChannelFacts, Event, Job, VideoDetails
from ytarchive.core.selection import Format
from ytarchive.worker.http_log import HttpLog

Stage = Literal[
    "list", "extract", "select", "download", "merge", "verify", "captions", "marks", "commit", "worker"
]

PROGRESS_EVERY_SECONDS = 0.25
MOST_LINES, MOST_LINE = 2_000, 4_000


class Cancelled(DownloadCancelled):  # type: ignore[misc]  # yt-dlp is not typed
    """The parent said so. yt-dlp lets this pass and leaves what it has downloaded as it is."""

    msg = "Cancelled"


class Deadline(DownloadCancelled):  # type: ignore[misc]  # yt-dlp is not typed
    """The wall-clock deadline of the job has passed."""

    msg = "The deadline of the job has passed"


@dataclass(slots=True)
class Seen:
    """What was learnt of a video so far: evidence when the job fails, part of the receipt in any case."""

    playability: tuple[tuple[str, str, str], ...] = ()  # (client, status, reason)
    offered: tuple[Format, ...] = ()
    named: tuple[Format, ...] = ()  # what the clients' answers tell of, whether it can be had or not
    metadata: Metadata | None = None
    live_status: str | None = None
    availability: str | None = None
    release_at: Instant | None = None
    client: str | None = None
    details: VideoDetails | None = None
    target: Target | None = None  # what the filters of a job with provisos left to fetch
    channel: ChannelFacts | None = None  # whose page a listing came from
    lists: set[str] = field(default_factory=set)  # what the answers of a listing say that they are about
    count: int | None = None  # how many lines the header of a list tells
    signed_out: bool = False  # cookies were sent, and the page is a guest's
    looped: bool = False  # a list led back to where it had been


class Attempt:
    """What every step of a job shares. `check` is called between requests and blocks of data."""

    def __init__(self, job: Job, send: Callable[[Event], None]) -> None:
        self.job = job
        self.http = HttpLog()
        self.warnings: list[str] = []
        self._stage: Stage = "worker"
        self._stage_began_at = time.time()
        self.seen = Seen()
        self.is_verbose = os.environ.get(LOG_VARIABLE) == "debug"
        self._lines = 0
        self._send = send
        self._sequence = 0
        self._lock = threading.Lock()  # heartbeats come from another thread
        self._cancelled = threading.Event()
        self._next_progress = 0.0

    @property
    def stage(self) -> Stage:
        """What is being done now: where a failure happened."""
        return self._stage

    @stage.setter
    def stage(self, stage: Stage) -> None:
        if stage != self._stage:
            self.end_stage()
            self._stage = stage

    def end_stage(self) -> None:
        """Tell how long the stage took, where somebody traces."""
        began_at, self._stage_began_at = self._stage_began_at, time.time()
        if self.job.traceparent and self._stage != "worker":
            told = {"name": self._stage, "started_at": began_at, "ended_at": self._stage_began_at}
            self.emit("span", told)

    def cancel(self) -> None:
        self._cancelled.set()

    @property
    def stopped(self) -> bool:
        return self._cancelled.is_set() or self._late()

    def check(self) -> None:
        """Raise `Cancelled` or `Deadline` when it is time to stop."""
        if self._cancelled.is_set():
            raise Cancelled
        if self._late():
            raise Deadline

    def wait(self, seconds: float) -> None:
        """Pause, unless the job is stopped before."""
        self._cancelled.wait(seconds)
        self.check()

    def emit(self, kind: str, data: dict[str, Any]) -> None:
        with self._lock:
            self._sequence += 1
            self._send(Event(self.job.id, self._sequence, kind, data))

    def log(self, level: str, text: str, component: str = "worker", **known: Any) -> None:
        """A line for the log; of debug lines only those that are wanted are sent."""
        if level == "debug" and not self.is_verbose:
            return
        with self._lock:
            self._lines += 1
            if self._lines > MOST_LINES:
                return
            if self._lines == MOST_LINES:
                level, text = "warning", f"after {MOST_LINES} lines, no more of this job are logged"
        self.emit("log", {"level": level, "text": text[:MOST_LINE], "component": component, **known})

    def progress(
        self, phase: str, done: int, total: int | None, *, always: bool = False, **more: Any
    ) -> None:
        """Tell how far `phase` is, in bytes; at most four times a second."""
        now = time.monotonic()
        if not always and now < self._next_progress:
            return
        self._next_progress = now + PROGRESS_EVERY_SECONDS
        data = {"phase": phase, "done_bytes": done, "total_bytes": total, **more}
        self.emit("progress", {key: value for key, value in data.items() if value is not None})

    def _late(self) -> bool:
        return 0 < self.job.deadline_at <= time.time()
