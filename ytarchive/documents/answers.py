"""The JSON documents of `--json` and of the API, one value each; docs/commands.md names their keys."""

from __future__ import annotations

from dataclasses import dataclass, field

from ytarchive.core.forecast import Forecast
from ytarchive.core.halts import Notice
from ytarchive.core.instant import Instant
from ytarchive.core.plan import Books
from ytarchive.core.report import PassReport, SourceReport
from ytarchive.core.space import Need
from ytarchive.core.work_plan import OnlyCopy
from ytarchive.errors import Problem
from ytarchive.reconciler import (
    ChannelKnowledge,
    EgressOutlook,
    ListKnowledge,
    PlanDocument,
    VideoKnowledge,
)
from ytarchive.reconciler.live import Running


@dataclass(frozen=True, slots=True)
class ReconcileAnswer:
    """`reconcile --once`: how it ended, and what the pass did."""

    exit_code: int
    books: Books
    report: PassReport


@dataclass(frozen=True, slots=True)
class Summary:
    """The last line of a plan. `update` counts what touches an item that is here: media, captions, its record.

    `examine` are videos whose page must tell whether a filter wants them, `look` those that are here, and of which more
    may be offered by now. `remove_bytes` are those that what is removed has on disk.
    """

    download: int
    update: int
    remove: int
    blocked: int
    deferred: int
    examine: int = 0
    look: int = 0
    remove_bytes: int = 0

    @property
    def changes(self) -> bool:
        return bool(self.download or self.update or self.remove or self.examine or self.look)

    def __str__(self) -> str:
        first = f"{self.examine} examine, " if self.examine else ""
        first += f"{self.look} look again, " if self.look else ""
        return (
            f"Plan: {first}{self.download} download, {self.update} update, {self.remove} remove, "
            f"{self.blocked} blocked"
        )


@dataclass(frozen=True, slots=True)
class PlanAnswer:
    """`plan`: the counts of its last line, how the playlists were found, and the plan as `-o` saves it.

    `need`: the room that what is to be downloaded may take, by what is here.
    """

    summary: Summary
    sources: tuple[SourceReport, ...]
    plan: PlanDocument
    need: Need


@dataclass(frozen=True, slots=True)
class DownloadAnswer:
    """`download`: the folders of what is here now, by video, and what the pass did."""

    exit_code: int
    paths: dict[str, tuple[str, ...]]
    report: PassReport


@dataclass(frozen=True, slots=True)
class SourceLine:
    """One list as it was last looked at; `entry` with the part of a channel behind a slash."""

    entry: str
    source: str
    title: str | None = None
    listed_at: Instant | None = None
    completeness: str | None = None
    expected: int | None = None
    got: int | None = None
    failure: str | None = None
    next_due_at: Instant | None = None


@dataclass(frozen=True, slots=True)
class LateLine:
    """How many items lack one kind of thing (`core.late_parts`), and when the next of them is looked at; None: never."""

    count: int
    next_look_at: Instant | None = None


@dataclass(frozen=True, slots=True)
class StatusAnswer:
    """`status`: the books of the archive, overall and by entry, the last look at each playlist, and what limits it.

    `late`: what of the items that are had was not offered, by its kind. `forecast` is there when something is to be
    downloaded; `notices` tell what pauses downloads. `running`: what runs at this moment, where a daemon tells.
    """

    archive: str
    root: str
    books: Books
    entries: dict[str, Books]
    owed: int
    sources_owed: int
    acknowledged: int
    codes: dict[str, int]
    next_due_at: Instant | None
    sources: tuple[SourceLine, ...] = ()
    late: dict[str, LateLine] = field(default_factory=dict)
    forecast: Forecast | None = None
    egresses: tuple[EgressOutlook, ...] = ()
    notices: tuple[Notice, ...] = ()
    running: tuple[Running, ...] = ()


@dataclass(frozen=True, slots=True)
class QuotaAnswer:
    """`status --quota`: units of the Data API on one day (US Pacific). `left` may serve first pages and people,
    `left_for_lists` further pages and details. `key`: whether there is one."""

    key: bool
    day: str
    budget: int
    reserve: int
    spent: dict[str, int]
    total: int
    left: int
    left_for_lists: int
    forecast: int
    renews_at: Instant
    paused_until: Instant | None = None


@dataclass(frozen=True, slots=True)
class MetadataAnswer:
    """`metadata`: what is known of each, in the order asked; `kind` says what each one is."""

    known: tuple[VideoKnowledge | ListKnowledge | ChannelKnowledge, ...]


@dataclass(frozen=True, slots=True)
class ValidateAnswer:
    """`validate`: every problem of every file, and what valid files hold."""

    valid: bool
    problems: tuple[Problem, ...]
    entries: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EngineLine:
    """One engine that is there. `name` is its version, or "built-in"; `ejs` its challenge solver."""

    name: str
    yt_dlp: str
    ejs: str | None
    in_force: bool
    previous: bool
    installed_at: Instant | None = None


@dataclass(frozen=True, slots=True)
class EngineListAnswer:
    """`engine list`: every engine, and whether the one in force is pinned."""

    in_force: str
    pinned: bool
    engines: tuple[EngineLine, ...]


@dataclass(frozen=True, slots=True)
class EngineChangeAnswer:
    """`engine upgrade`, `rollback`, `pin` and `unpin`: the engine before and now (a version, or "built-in")."""

    before: str
    now: str
    changed: bool
    pinned: bool
    installed: bool
    removed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class InitAnswer:
    """`init`: the archive's id and the files and folders that were made."""

    archive: str
    made: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class SubjectsAnswer:
    """`workplan retry`, `ignore`, `accept-lower` and `lost`: the videos (or playlists) that were meant, and how many.

    `dry_run`: nothing was decided."""

    subjects: tuple[str, ...]
    count: int
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class OnlyCopiesAnswer:
    """`workplan only-copies`: what is here and gone from YouTube, by channel and date."""

    only_copies: tuple[OnlyCopy, ...]
    count: int


@dataclass(frozen=True, slots=True)
class Value:
    """One effective value of an entry as text, and where it comes from."""

    key: str
    value: str
    origin: str


@dataclass(frozen=True, slots=True)
class ShowAnswer:
    """`show`: every value that holds for an entry."""

    entry: str
    kind: str
    source: str
    generation: str
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class DemoAnswer:
    """`demo`: its folder, and what its two passes did."""

    directory: str
    first: PassReport
    second: PassReport
