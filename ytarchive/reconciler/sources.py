"""Looking at sources: which are due, the cheapest look that can tell, and what to think of one that came short.

A look goes to a feed, to the Data API or to a worker. Whatever the API cannot do now, a worker does.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Literal

from ytarchive.adapters.index import Listing
from ytarchive.core.backoff import next_attempt_at
from ytarchive.core.codec import adapter
from ytarchive.core.desired import Entry
from ytarchive.core.failure import Failure, settles_by_time, verdict
from ytarchive.core.failure_table import policy
from ytarchive.core.feed import fingerprint
from ytarchive.core.identity import ACCOUNT_DECIDES_LISTS, COOKIES_CODES, next_for_list
from ytarchive.core.instant import DAY, HOUR, Instant
from ytarchive.core.job import GUEST, ChannelFacts, Event, Job, ListedVideo, ListingSummary, Receipt
from ytarchive.core.journal import Decision
from ytarchive.core.looks import FeedNews, Standing, Step, due_at, must_read_all, next_step
from ytarchive.core.quota import cost
from ytarchive.core.report import SourceReport
from ytarchive.core.sources import EntrySource, feed_of, kind_of
from ytarchive.core.text import printable
from ytarchive.reconciler import accounts
from ytarchive.reconciler.asking import AT_ONCE
from ytarchive.reconciler.crew import Ended, Message
from ytarchive.reconciler.permits import charge, rest_of
from ytarchive.reconciler.world import World

LISTING_DEADLINE_SECONDS = 6 * HOUR
FEED_DEADLINE_SECONDS = 60
FEED_AGAIN_SECONDS = DAY
"""A feed that is not there is asked again after so long: outages of feeds recur, and last for days."""

JITTER_SHARE = 0.1

Via = Literal["feed", "api", "worker"]


@dataclass(frozen=True, slots=True)
class Due:
    """A source to look at, and an entry that wants it: the first one in the manifests."""

    entry: Entry
    source: EntrySource

    @property
    def name(self) -> str:
        """What people call it: the entry, and the part of a channel."""
        if self.source.part is None or self.source.source == self.entry.source:
            return self.entry.name
        return f"{self.entry.name}/{self.source.part}"


@dataclass(slots=True)
class _Look:
    """One look while it goes on. A worker repeats what the Data API could not do, as an account what the guest could not.

    `asked` are the accounts that were refused.
    """

    due: Due
    job: Job
    via: Via
    step: Step
    got: int = 0
    began: bool = False
    asked: tuple[str, ...] = ()


@dataclass(slots=True)
class Round:
    """Looks that wait, that go on, and what came of those that ended."""

    whole: bool
    eager: bool
    waiting: deque[tuple[Due, FeedNews]]
    running: dict[str, _Look] = field(default_factory=dict)
    reports: list[SourceReport] = field(default_factory=list)

    @property
    def is_busy(self) -> bool:
        return bool(self.waiting or self.running)

    @property
    def sources(self) -> frozenset[str]:
        """The sources that wait or are looked at."""
        waiting = (due.source.source for due, _ in self.waiting)
        return frozenset((*waiting, *(look.due.source.source for look in self.running.values())))


def of_entries(world: World, entry: str | None = None) -> Iterator[Due]:
    """Every source that is followed, once, in the order of the manifests. What is suspended is left alone."""
    entries = {one.name: one for one in world.index.entries()}
    seen: set[str] = set()
    for name, source in world.index.entry_sources():
        wanted = entry is None or name == entry
        if wanted and source.source not in seen and not entries[name].suspend:
            seen.add(source.source)
            yield Due(entries[name], source)


def owed(world: World, entry: str | None = None) -> Iterator[Listing]:
    """Lists that could not be read, or were cut, where waiting is not all there is to do and nobody said "ignore"."""
    now = world.clock.now()
    ignored = {said.subject for said in world.index.acknowledgements() if said.holds(now)}
    for due in of_entries(world, entry):
        source = due.source.source
        if due.source.kind in ("videos", "pins") or source in ignored:
            continue
        listing = world.index.listing(source)
        if listing is not None and listing.code is not None and not settles_by_time(listing.code):
            yield listing


def due_now(world: World) -> list[Due]:
    """The sources that are to be looked at by themselves."""
    now = world.clock.now()
    dues = ((due, due_at(_standing(world, due.source))) for due in of_entries(world))
    return [due for due, at in dues if at is not None and at <= now]


def next_due_at(world: World) -> Instant | None:
    """When the next list is to be looked at; None: no list is followed."""
    return min(
        (at for due in of_entries(world) if (at := due_at(_standing(world, due.source))) is not None),
        default=None,
    )


def refresh(
    world: World, entry: str | None = None, *, eager: bool = True, whole: bool = False
) -> tuple[SourceReport, ...]:
    """Look at the sources of one entry or of all, and at those that come to light meanwhile.

    `eager`: also those that are not due; `whole`: read every line. What they hold goes to the index, what went
    wrong to the reports.
    """
    looked: set[str] = set()
    reports: list[SourceReport] = []
    while True:
        # A channel's id, and lists of playlists, bring sources that were not known before.
        fresh = [due for due in of_entries(world, entry) if due.source.source not in looked]
        looked.update(due.source.source for due in fresh)
        reports += look_at(world, fresh, eager=eager, whole=whole)
        if not fresh:
            return tuple(reports)


def look_at(
    world: World, dues: Iterable[Due], *, eager: bool = True, whole: bool = False
) -> list[SourceReport]:
    """Look at these sources, several at once."""
    round_ = begin(world, dues, eager=eager, whole=whole)
    while round_.is_busy:
        world.crew.attend(None)
    return round_.reports


def begin(world: World, dues: Iterable[Due], *, eager: bool = True, whole: bool = False) -> Round:
    """Begin to look at these sources; it goes on while somebody attends to the crew."""
    round_ = Round(whole, eager, deque((due, "unasked") for due in dues))
    _go_on(world, round_)
    return round_


def give_up(world: World, round_: Round) -> None:
    """Begin no other look, and stop those that go on."""
    round_.waiting.clear()
    for job in round_.running:
        world.crew.cancel(job)


# Beginning


def _go_on(world: World, round_: Round) -> None:
    while round_.waiting and _has_room(world, round_):
        _begin(world, round_, *round_.waiting.popleft())


def _has_room(world: World, round_: Round) -> bool:
    """Lists are asked for one after the other as extractions are; feeds and the Data API are other addresses."""
    workers = sum(look.via == "worker" for look in round_.running.values())
    at_once = max(1, world.settings.limits.extractions or 2)
    return workers < at_once and len(round_.running) - workers < AT_ONCE


def _begin(world: World, round_: Round, due: Due, news: FeedNews) -> None:
    now = world.clock.now()
    standing = _standing(world, due.source)
    step = next_step(standing, now, eager=round_.eager, whole=round_.whole, news=news)
    if step is None:
        if news == "unchanged":
            _unchanged(world, round_, due)
        return
    if step == "feed":
        _start(world, round_, _Look(due, _feed_job(world, due), "feed", step))
        return
    read_all = must_read_all(standing, now, whole=round_.whole) or due.source.kind != "playlist"
    job = _list_job(world, due, "all" if read_all else step, compare=not read_all)
    _start(
        world, round_, _Look(due, job, "api" if _suits_api(world, due, read_all=read_all) else "worker", step)
    )


def _standing(world: World, source: EntrySource) -> Standing:
    listing = world.index.listing(source.source)
    key = feed_of(source.source) if world.crew.can_ask else None
    feed = world.index.feed(key) if key else None
    return Standing(
        kind=source.kind,
        looked_at=listing.at if listing else None,
        read_at=listing.full_at if listing else None,
        due_at=listing.next_due_at if listing else None,
        failing=listing is not None and listing.code is not None,
        held_whole=listing is not None and listing.completeness in ("complete", "short", "shrunken"),
        shrunken_at=listing.shrunken_at if listing else None,
        has_feed=key is not None,
        feed_due_at=feed.next_due_at if feed and feed.code else None,
        is_empty=listing is not None and listing.completeness == "complete" and not listing.got,
    )


def _suits_api(world: World, due: Due, *, read_all: bool) -> bool:
    """Whether the Data API is asked: it must be able to tell, and today's quota must suffice for all of it."""
    source = due.source.source
    if not world.has_api or source.startswith(("releases:", "channel:c/")):
        return False
    if due.source.kind != "playlist" or not read_all:
        return world.may_ask("look", 1)
    listing = world.index.listing(source)
    lines = max(world.index.held(source), (listing.expected or 0) if listing else 0)
    return world.may_ask("listing", cost(lines))


def _feed_job(world: World, due: Due) -> Job:
    now = world.clock.now()
    key = feed_of(due.source.source)
    assert key is not None
    return Job(
        id=world.new_job_id(),
        kind="feed",
        subject=key,
        network=world.network(),
        deadline_at=now + FEED_DEADLINE_SECONDS,
    )


def _list_job(world: World, due: Due, reach: Step, *, compare: bool, identity: str = GUEST) -> Job:
    now = world.clock.now()
    source = due.source.source
    return Job(
        id=world.new_job_id(),
        kind="list",
        subject=source,
        permit=world.permit(identity, now),
        network=world.network(identity),
        deadline_at=now + LISTING_DEADLINE_SECONDS,
        known=world.index.known(source) if compare else None,
        held=world.index.held(source),
        reach="head" if reach == "head" else "all",
    )


def _start(world: World, round_: Round, look: _Look) -> None:
    rest = rest_of(world, look.job.permit.egress) if look.via == "worker" else None
    if rest is not None:
        _tell(world, round_, _fail(world, look, Receipt(look.job.id, "failed", failure=rest)))
        return
    world.index.start_job(look.job, world.clock.now())
    round_.running[look.job.id] = look
    world.observer.listing(look.due.name, 0, None)

    def take(message: Message) -> None:
        if isinstance(message, Event):
            _take_page(world, round_, message)
        else:
            _end(world, round_, message)
            _go_on(world, round_)

    give = world.crew.submit if look.via == "worker" else world.crew.ask
    give(look.job, take)


# While it goes on, and its end


def _take_page(world: World, round_: Round, event: Event) -> None:
    look = round_.running.get(event.job)
    if look is not None and event.kind == "log":
        world.observer.told(event, look.due.source.source)
    if look is None or event.kind != "entries":
        return
    source = look.due.source.source
    if not look.began:
        world.index.begin_listing(source, world.clock.now())
        look.began = True
    videos = adapter(tuple[ListedVideo, ...]).validate_python(event.data.get("videos", ()))
    world.index.add_listed(source, videos, look.got)
    look.got += len(videos)
    world.observer.listing(look.due.name, look.got, event.data.get("expected"))


def _end(world: World, round_: Round, ended: Ended) -> None:
    look = round_.running.pop(ended.job, None)
    if look is None:
        return
    if ended.error is not None:
        raise ended.error
    receipt = ended.receipt
    assert receipt is not None
    world.observer.exchanged(receipt.http)
    code = receipt.failure.code if receipt.failure else None
    world.index.end_job(ended.job, receipt.outcome, code, None, world.clock.now())
    _judge(world, look, receipt)
    if look.via == "feed":
        round_.waiting.appendleft((look.due, _news(world, look, receipt)))
        return
    if look.via == "api" and receipt.failure is not None and _is_of_the_api(world, look, receipt):
        again = _list_job(world, look.due, look.job.reach, compare=look.job.known is not None)
        _start(world, round_, _Look(look.due, again, "worker", look.step))
        return
    if receipt.failure is not None and (again_as := _as_account(world, look, receipt.failure)) is not None:
        if isinstance(again_as, _Look):
            _start(world, round_, again_as)
            return
        receipt = replace(receipt, failure=again_as)
    report = (
        _finish(world, look, receipt.listing, receipt.failure)
        if receipt.outcome == "done" and receipt.listing
        else _fail(world, look, receipt)
    )
    _tell(world, round_, report)


def _tell(world: World, round_: Round, report: SourceReport) -> None:
    round_.reports.append(report)
    world.observer.listed(report)


def _judge(world: World, look: _Look, receipt: Receipt) -> None:
    """What a look says beyond its list: that YouTube can be reached, or throttles this address."""
    rule = policy(receipt.failure.code) if receipt.failure else None
    if rule is not None and look.via == "worker" and rule.charged_to == "egress":
        charge(world, look.job.permit.egress, look.job.id, rule, world.clock.now())
    elif rule is None and receipt.outcome == "done":
        world.lift("network")


def _as_account(world: World, look: _Look, failure: Failure) -> _Look | Failure | None:
    """The same look by an account that its entries name, or the trouble of the one that would have looked."""
    identity = look.job.permit.egress
    if failure.code in COOKIES_CODES and identity != GUEST:
        accounts.distrust(world, identity, failure)
        return None
    if failure.code not in ACCOUNT_DECIDES_LISTS:
        return None
    asked = (*look.asked, *(() if identity == GUEST else (identity,)))
    turn = next_for_list(failure.code, asked, _named(world, look.due), accounts.look(world))
    if turn.identity is not None:
        compare = look.job.known is not None
        job = _list_job(world, look.due, look.job.reach, compare=compare, identity=turn.identity)
        return _Look(look.due, job, "worker", look.step, asked=asked)
    return verdict(turn.trouble, failure.evidence) if turn.trouble else None


def _named(world: World, due: Due) -> frozenset[str]:
    """The accounts that entries with this source name."""
    followers = {name for name, source in world.index.entry_sources() if source.source == due.source.source}
    entries = (due.entry, *(entry for entry in world.index.entries() if entry.name in followers))
    return frozenset(name for entry in entries for name in entry.wish.identities)


def _news(world: World, look: _Look, receipt: Receipt) -> FeedNews:
    """What a feed said, remembered. That it failed says nothing of its list."""
    now = world.clock.now()
    key = look.job.subject
    if receipt.feed is None:
        code = receipt.failure.code if receipt.failure else "UNKNOWN"
        world.index.fail_feed(key, code, now, now + FEED_AGAIN_SECONDS)
        return "failed"
    known = world.index.feed(key)
    told = fingerprint(receipt.feed)
    world.index.record_feed(key, told, now, _due_at(world, look.due, now))
    world.index.record_details(receipt.feed.videos, now, "feed")
    return "unchanged" if known is not None and known.fingerprint == told else "changed"


def _due_at(world: World, due: Due, now: int) -> int:
    """The next look, a little later than the interval says and never at the same moment for all."""
    interval = due.entry.interval_seconds
    return now + interval + int(interval * JITTER_SHARE * world.jitter())


_NOT_REACHED = frozenset({"DNS", "TIMEOUT", "REFUSED", "RESET"})


def _is_of_the_api(world: World, look: _Look, receipt: Receipt) -> bool:
    """Whether a worker should do it instead: the trouble is the Data API's, or it does not know what a page shows."""
    failure = receipt.failure
    assert failure is not None
    world.api_trouble(failure)
    is_upload_list = failure.code == "LIST_MISSING" and feed_of(look.due.source.source) is not None
    # Its host is one of its own: pages may be there where that is not.
    is_silent = failure.code in _NOT_REACHED and receipt.listing is None
    return failure.code.startswith("API_") or is_upload_list or is_silent


def _unchanged(world: World, round_: Round, due: Due) -> None:
    """The feed shows what it showed: that was the look."""
    source = due.source.source
    held = world.index.held(source)
    listing = world.index.listing(source)
    summary = ListingSummary("unchanged", listing.expected if listing else None, held, via="feed")
    look = _Look(due, Job(id="", kind="list", subject=source), "feed", "feed")
    _tell(world, round_, _finish(world, look, summary, None))


def _finish(world: World, look: _Look, summary: ListingSummary, failure: Failure | None) -> SourceReport:
    now = world.clock.now()
    source = look.due.source.source
    if not look.began and summary.completeness != "unchanged":
        world.index.begin_listing(source, now)
    due_at = _due_at(world, look.due, now)
    if summary.channel is not None:
        _note_channel(world, source, summary.channel)
    change = world.index.finish_listing(source, summary, now, due_at)
    if summary.completeness == "partial" and failure is not None:
        _note_failure(world, source, failure)
    listing = world.index.listing(source)
    held = listing.completeness if listing and summary.completeness == "complete" else None
    why = f"partial: {summary.why}" if summary.completeness == "partial" and summary.why else None
    return SourceReport(
        entry=look.due.name,
        source=source,
        completeness="shrunken" if held == "shrunken" else summary.completeness,
        expected=summary.expected,
        got=summary.got,
        added=change.added,
        removed=change.removed,
        withheld=change.withheld,
        title=summary.title or (summary.channel.title if summary.channel else None),
        via=summary.via,
        failure=why,
        code=failure.code if failure else None,
    )


def _note_channel(world: World, source: str, found: ChannelFacts) -> None:
    """A channel is its id from the first look on, also after the index is lost."""
    address = source.removeprefix("channel:")
    known = world.index.channel(address)
    if known is None:
        if address != found.id:
            said = Decision(at=world.clock.now(), kind="channel", video=address, why=found.id)
            world.archive.journal.record(said)
    elif known.id != found.id:
        world.observer.note(
            f"{address} now leads to another channel, {found.id}; the entry stays with {known.id}. "
            "To follow the other one, write its id in the manifest"
        )


def _fail(world: World, look: _Look, receipt: Receipt) -> SourceReport:
    source = look.due.source.source
    if receipt.failure is None:
        return SourceReport(look.due.name, source, "failed", failure="cancelled")
    _note_failure(world, source, receipt.failure)
    message = printable(receipt.failure.evidence.message, 200)
    return SourceReport(
        look.due.name,
        source,
        "failed",
        via=look.via,
        failure=f"{receipt.failure.code}: {message}",
        code=receipt.failure.code,
    )


def _note_failure(world: World, source: str, failure: Failure) -> None:
    now = world.clock.now()
    listing = world.index.listing(source)
    attempts = (listing.attempts if listing else 0) + 1
    due_at = next_attempt_at(failure.code, attempts, now, jitter=world.jitter(), until=failure.until)
    world.index.fail_listing(source, failure, now, due_at)


def by_hand(world: World, entry: Entry) -> SourceReport | None:
    """Look at the one list of an entry that no manifest has, wholly or as far as it is new."""
    reports = look_at(world, [Due(entry, EntrySource(entry.source, kind_of(entry.source)))])
    return reports[0] if reports else None
