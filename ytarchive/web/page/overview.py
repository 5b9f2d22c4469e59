"""What the first page shows: the books, what runs, what limits it, and what went wrong."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import Literal

from ytarchive.core.forecast import Forecast
from ytarchive.core.halts import Notice
from ytarchive.core.instant import Instant
from ytarchive.core.plan import Books
from ytarchive.core.quota import QuotaStanding
from ytarchive.core.report import AccountReport, PassReport, RemovalReport
from ytarchive.reconciler import EgressOutlook, World, egress_outlooks, followed, notices, take_stock
from ytarchive.reconciler.happenings import Happening
from ytarchive.reconciler.live import Running
from ytarchive.web.office import Health, Office

EVENTS_SHOWN = 12
_TOLD_APART = ("progress", "started", "waiting", "planned")
_OUTCOMES = {
    "fetched": "downloaded",
    "updated": "updated",
    "captions": "captions added",
    "looked": "looked at again",
    "accepted": "accepted as it is",
    "excluded": "left out by a filter",
    "cancelled": "cancelled",
}

Mood = Literal["good", "busy", "attention", "bad"]


@dataclass(frozen=True, slots=True)
class ShownBooks:
    """The books, by entry and each video once. `owed` and the rest are as of the last decision on all."""

    total: Books
    entries: dict[str, Books]
    owed: int
    sources_owed: int
    acknowledged: int


@dataclass(frozen=True, slots=True)
class Disk:
    """Bytes of the disk that the archive is on; less than `min_free` of them free stops downloads."""

    free: int
    total: int
    min_free: int

    @property
    def is_short(self) -> bool:
        return self.free < self.min_free


@dataclass(frozen=True, slots=True)
class FailingList:
    """A list that could not be read, since when, and when it is read again."""

    name: str
    source: str
    title: str | None
    code: str
    message: str
    since: Instant | None
    next_at: Instant | None


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that happened: `text` may be foreign, `told` are our words for what became of it."""

    at: Instant
    text: str
    told: str = ""
    video: str | None = None
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Now:
    """What memory alone tells: drawn anew whenever something happens, up to number `newest`."""

    health: Health
    running: tuple[Running, ...]
    events: tuple[Line, ...]
    waiting: Happening | None
    newest: int


@dataclass(frozen=True, slots=True)
class Overview:
    """All of the first page. `mood` and `headline` say in one word and in one line how things are."""

    now: Now
    mood: Mood
    headline: str
    books: ShownBooks
    forecast: Forecast | None
    egresses: tuple[EgressOutlook, ...]
    quota: QuotaStanding | None
    disk: Disk | None
    notices: tuple[Notice, ...]
    accounts: tuple[AccountReport, ...]
    lists: tuple[FailingList, ...]
    late: int
    root: str
    removals: RemovalReport | None


def now_of(office: Office) -> Now:
    running = office.live.running()
    told = office.happenings.since(0)
    waiting = next((one for one in reversed(told) if one.kind != "progress"), None)
    is_waiting = waiting is not None and waiting.kind == "waiting"
    shown = [one for one in told if one.kind not in _TOLD_APART][-EVENTS_SHOWN:]
    newest = told[-1].id if told else 0
    lines = tuple(map(_line, reversed(shown)))
    return Now(office.health(), running, lines, waiting if is_waiting else None, newest)


def _line(event: Happening) -> Line:
    video, code = event.data.get("video"), event.data.get("code")
    if event.kind != "ended":
        return Line(event.at, event.text, failed=bool(code))
    told = str(code) if code else _OUTCOMES.get(str(event.data.get("outcome")), "")
    title = str(event.data.get("title") or video)
    return Line(event.at, title, told, str(video), failed=bool(code))


def overview(office: Office, world: World) -> Overview:
    now = now_of(office)
    last = now.health.last
    books = books_of(office, world)
    lists = tuple(_failing(world))
    halts = notices(world)
    mood, headline = _mood(now, books, lists, last)
    return Overview(
        now=now,
        mood=mood,
        headline=headline,
        books=books,
        forecast=last.forecast if last else None,
        egresses=egress_outlooks(world),
        quota=world.ledger.standing(world.clock.now()) if world.settings.youtube.api_key_file else None,
        disk=_disk(world),
        notices=halts,
        accounts=last.accounts if last else (),
        lists=lists,
        late=sum(number for number, _ in world.index.late_counts().values()),
        root=str(world.archive.root),
        removals=last.removals if last else None,
    )


def books_of(office: Office, world: World) -> ShownBooks:
    """As the last pass left them, or as the round stands that is worked on now; counted only before the first one."""
    last, round_ = office.health().last, office.live.books()
    ledger = last.ledger if last else None
    if round_ is not None and (last is None or round_.planned_at >= last.ended_at):
        owed = (
            (ledger.owed, ledger.sources_owed, ledger.acknowledged)
            if ledger
            else (round_.total.blocked, 0, 0)
        )
        return ShownBooks(round_.total, round_.entries, *owed)
    stock = ledger or take_stock(world)
    return ShownBooks(stock.total, stock.entries, stock.owed, stock.sources_owed, stock.acknowledged)


def _mood(
    now: Now, books: ShownBooks, lists: tuple[FailingList, ...], last: PassReport | None
) -> tuple[Mood, str]:
    health, total = now.health, books.total
    left = total.ready + total.running
    if health.not_ready:
        return "bad", "Not ready"
    if last is not None and last.stopped:
        return "bad", "Stopped before the end"
    if last is not None and last.removals is not None and last.removals.needs_person:
        return "attention", "Something waits for your word"
    if health.problems:
        return "attention", "A manifest needs you"
    if total.blocked or lists:
        return "attention", "Some of it needs you"
    if left:
        return "busy", "At work"
    if total.deferred:
        return "good", "All that can be had now is here"
    return "good", "Everything wanted is here" if total.wanted else "Nothing is wanted yet"


def _failing(world: World) -> list[FailingList]:
    failing = []
    for due in followed(world):
        if due.source.kind in ("videos", "pins"):
            continue
        listing = world.index.listing(due.source.source)
        if listing is not None and listing.code:
            failing.append(
                FailingList(
                    due.name,
                    listing.source,
                    listing.title,
                    listing.code,
                    listing.message or "",
                    listing.first_failed_at,
                    listing.next_due_at,
                )
            )
    return failing


def _disk(world: World) -> Disk | None:
    try:
        usage = shutil.disk_usage(world.archive.root)
    except OSError:
        return None
    return Disk(usage.free, usage.total, world.settings.archive.min_free_bytes)
