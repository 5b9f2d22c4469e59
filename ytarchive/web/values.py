"""What the API alone takes and gives, beside the documents of `--json`; docs/api.md names their keys."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from ytarchive.core.errand import ErrandKind, ErrandState
from ytarchive.core.instant import Instant
from ytarchive.core.log_record import LEVELS
from ytarchive.core.plan import Books
from ytarchive.core.report import PassReport
from ytarchive.core.work_plan import WorkPlan
from ytarchive.documents.answers import Summary
from ytarchive.reconciler import PlanDocument
from ytarchive.reconciler.live import Running

Word = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
Line = Annotated[str, StringConstraints(max_length=2000, pattern=r"^[^\x00]*$")]
Source = Annotated[str, StringConstraints(min_length=2, max_length=2000, pattern=r"^[^\s\x00-\x1f\x7f]+$")]
Duration = Annotated[str, StringConstraints(max_length=40, pattern=r"^(?:[0-9]{1,6}[smhdw]){1,5}$")]
_ISO = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?Z"
When = Annotated[
    str, StringConstraints(max_length=40, pattern=rf"^(?:(?:[0-9]{{1,6}}[smhdw]){{1,5}}|{_ISO})$")
]
"""A duration from now (`30d`, `1h30m`), or a moment (`2026-11-23T14:05:00Z`)."""
Level = Literal["debug", "info", "warning", "error"]
assert LEVELS == ("debug", "info", "warning", "error")


class Body(BaseModel):
    """What somebody sends: keys that do not exist are refused."""

    model_config = ConfigDict(extra="forbid", strict=True)


class PassWish(Body):
    """A pass over one entry or over all; `whole`: every line of every list is read."""

    entry: Word | None = None
    whole: bool = False


class JobWish(Body):
    """`subject`: a video or a playlist by id or address, the name of an entry, or (refresh) whatever is looked at."""

    kind: ErrandKind
    subject: Source | Word
    profile: Word | None = None


class DownloadWish(Body):
    """A video by its id or any address of it; `profile` is one of the manifests, or best, 1080p, 720p, audio."""

    video: Source
    profile: Word | None = None


class RestoreWish(Body):
    """Videos to put back from quarantine."""

    videos: list[Word] = Field(min_length=1, max_length=5000)
    dry_run: bool = False


class EmptyWish(Body):
    """What to delete from quarantine for good: these videos, or everything (`all`)."""

    videos: list[Word] = Field(default_factory=list, max_length=5000)
    all: bool = False
    dry_run: bool = False


class ConfirmWish(Body):
    """Let go what waits for that; with `digest` only if it is that very set."""

    digest: Word | None = None
    dry_run: bool = False


class Heartbeat(Body):
    """A worker elsewhere tells that it lives; it is forgotten after three times `every_seconds` and an hour."""

    name: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
    state: Literal["idle", "busy", "starting", "stopping"] = "idle"
    version: Word | None = None
    slots: Annotated[int, Field(ge=0, le=1024)] = 1
    jobs_done: Annotated[int, Field(ge=0, le=10**12)] = 0
    job: Word | None = None
    every_seconds: Annotated[int, Field(ge=1, le=3600)] = 30


class RoomWish(Body):
    """How large a video is expected to be."""

    expected_bytes: Annotated[int, Field(ge=0, le=2**50)] = 0


class LogLine(Body):
    """A line for the log, told by `component`."""

    text: Annotated[str, StringConstraints(min_length=1, max_length=8000)]
    level: Level = "info"
    component: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,31}$")] = "client"
    job: Word | None = None
    video: Word | None = None
    entry: Word | None = None


class Verdict(Body):
    """Which items of the work plan, and until when and why. Ages such as `30d`; at least one way to choose is needed."""

    subjects: Annotated[list[Word], Field(max_length=10_000)] = []
    causes: Annotated[list[Word], Field(max_length=100)] = []
    entry: Word | None = None
    older_than: Duration | None = None
    newer_than: Duration | None = None
    all: bool = False
    until: When | None = None
    why: Line = ""
    undo: bool = False
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class EntryLine:
    """An entry, and its books as the last look found them. `suspend`: it wants nothing for now."""

    name: str
    kind: str
    source: str
    generation: str
    priority: int
    suspend: bool
    file: str
    line: int
    books: Books | None = None


@dataclass(frozen=True, slots=True)
class PlanPage:
    """A part of a plan: its actions, then what is held back. Summary, books and digest are those of all of it."""

    summary: Summary
    plan: PlanDocument
    next: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkPlanPage(WorkPlan):
    """A part of the work plan: its items by cause, then what nobody else has, then what is below the wish.

    Counts and groups are those of all that was asked for."""

    next: str | None = None


@dataclass(frozen=True, slots=True)
class PassAnswer:
    """A pass, by its number. `passes` have ended; `report` and `exit_code` are there once this one has."""

    number: int
    state: Literal["pending", "running", "ended"]
    passes: int
    exit_code: int | None = None
    report: PassReport | None = None


@dataclass(frozen=True, slots=True)
class JobLine:
    """What somebody asked for. `progress` while a worker has it; `counts` of a playlist's: its videos by state."""

    id: str
    kind: ErrandKind
    subject: str
    title: str | None
    profile: str | None
    state: ErrandState
    created_at: Instant
    ended_at: Instant | None
    message: str | None
    parent: str | None
    counts: dict[ErrandState, int]
    progress: Running | None = None


@dataclass(frozen=True, slots=True)
class JobPage:
    """Jobs; `next` leads to the jobs after these (`after=`); null: there are none."""

    jobs: tuple[JobLine, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class WorkLine:
    """What a worker carries out, or did: one attempt of one `work` (fetch, beside, probe, list, details, feed)."""

    id: str
    work: str
    subject: str
    state: str
    attempt: int
    started_at: Instant
    ended_at: Instant | None
    outcome: str | None
    code: str | None
    message: str | None
    progress: Running | None = None


@dataclass(frozen=True, slots=True)
class HealthAnswer:
    """How the daemon is. `passing_since` is null while it sleeps; `problems` are those of manifests and settings;
    `needs_restart` are settings whose new value holds after a restart."""

    ready: bool
    not_ready: tuple[str, ...]
    archive: str
    version: str
    started_at: Instant
    passes: int
    passing_since: Instant | None
    last_success_at: Instant | None
    next_due_at: Instant | None
    problems: tuple[str, ...]
    needs_restart: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Room:
    """Room on the archive's disk. Twice what is expected must fit: parts and the merged file are there together."""

    video: str
    free_bytes: int
    reserved_bytes: int
    min_free_bytes: int
    expected_bytes: int
    fits: bool
    on_disk: bool
    staging: str | None = None


@dataclass(frozen=True, slots=True)
class FileLine:
    """One file of a video, by its path and what its bytes must be."""

    role: str
    path: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Places:
    """Where a video is: its folder in the archive with its files, and its names in the library."""

    video: str
    folder: str
    files: tuple[FileLine, ...]
    library: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Service:
    """A worker, here (`local`) or elsewhere (`remote`). `health`: healthy, silent (not heard in time), dead."""

    name: str
    where: Literal["local", "remote"]
    state: str
    health: Literal["healthy", "silent", "dead"]
    last_heard_at: Instant | None
    job: str | None = None
    jobs_done: int = 0
    slots: int = 1
    version: str | None = None
    pid: int | None = None


@dataclass(frozen=True, slots=True)
class Registered:
    """When the next heartbeat is expected, and when the worker is called silent."""

    name: str
    next_expected_at: Instant
    silent_at: Instant


@dataclass(frozen=True, slots=True)
class LogPage:
    """Lines of the log. `next` leads to the lines after these (`after=`); null: there are none now."""

    records: tuple[dict[str, Any], ...]
    next: str | None
    end: str


@dataclass(frozen=True, slots=True)
class Taken:
    """What was sent is kept."""

    taken: bool = field(default=True)
