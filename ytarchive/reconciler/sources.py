"""Looking at playlists: which lists are due, what they hold now, and what to think of a list that came short."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from ytarchive.adapters.index import Listing
from ytarchive.core.backoff import next_attempt_at
from ytarchive.core.codec import adapter
from ytarchive.core.desired import Entry
from ytarchive.core.failure import Failure, settles_by_time
from ytarchive.core.instant import DAY, HOUR
from ytarchive.core.job import Event, Job, ListedVideo, ListingSummary, Receipt
from ytarchive.core.report import SourceReport
from ytarchive.core.text import printable
from ytarchive.reconciler.crew import Ended
from ytarchive.reconciler.world import World

FULL_LISTING_EVERY_SECONDS = 7 * DAY
LISTING_DEADLINE_SECONDS = 6 * HOUR


@dataclass(slots=True)
class _Reading:
    """One list while it is read."""

    entry: Entry
    job: Job
    got: int = 0
    began: bool = False


@dataclass(slots=True)
class _Round:
    waiting: list[Entry]
    running: dict[str, _Reading] = field(default_factory=dict)
    reports: list[SourceReport] = field(default_factory=list)


def due_sources(world: World, entry: str | None = None) -> Iterator[Entry]:
    """Every listed source once, in the order of the manifests; one in backoff waits for its time."""
    now = world.clock.now()
    seen: set[str] = set()
    for candidate in world.index.entries():
        if candidate.kind == "videos" or candidate.source in seen:
            continue
        if entry is not None and candidate.name != entry:
            continue
        seen.add(candidate.source)
        listing = world.index.listing(candidate.source)
        if listing is not None and listing.code is not None and (listing.next_due_at or 0) > now:
            continue
        yield candidate


def owed(world: World, entry: str | None = None) -> Iterator[Listing]:
    """Lists that could not be read, or were cut, where waiting is not all there is to do and nobody said "ignore"."""
    now = world.clock.now()
    ignored = {said.subject for said in world.index.acknowledgements() if said.holds(now)}
    names = {one.source for one in world.index.entries() if entry in (None, one.name)}
    for source in sorted(names - ignored):
        listing = world.index.listing(source)
        if listing is not None and listing.code is not None and not settles_by_time(listing.code):
            yield listing


def refresh(world: World, entries: Iterable[Entry]) -> tuple[SourceReport, ...]:
    """Read the lists of these entries; what they hold goes to the index, what went wrong to the reports."""
    round_ = _Round(waiting=list(entries))
    at_once = max(1, world.settings.limits.extractions or 2)
    while round_.waiting or round_.running:
        while round_.waiting and len(round_.running) < at_once and world.crew.free_slots():
            _begin(world, round_, round_.waiting.pop(0))
        message = world.crew.next(None)
        if isinstance(message, Event):
            _take_page(world, round_, message)
        elif isinstance(message, Ended):
            _end(world, round_, message)
    return tuple(round_.reports)


def _begin(world: World, round_: _Round, entry: Entry) -> None:
    now = world.clock.now()
    listing = world.index.listing(entry.source)
    fresh = listing is not None and now - (listing.full_at or 0) < FULL_LISTING_EVERY_SECONDS
    job = Job(
        id=world.new_job_id(),
        kind="list",
        subject=entry.source,
        permit=world.permit(now),
        network=world.network(),
        deadline_at=now + LISTING_DEADLINE_SECONDS,
        known=world.index.known(entry.source) if fresh else None,
        held=world.index.held(entry.source),
    )
    world.index.start_job(job, now)
    round_.running[job.id] = _Reading(entry, job)
    world.observer.listing(entry.name, 0, None)
    world.crew.submit(job)


def _take_page(world: World, round_: _Round, event: Event) -> None:
    reading = round_.running.get(event.job)
    if reading is None or event.kind != "entries":
        return
    if not reading.began:
        world.index.begin_listing(reading.entry.source, world.clock.now())
        reading.began = True
    videos = adapter(tuple[ListedVideo, ...]).validate_python(event.data.get("videos", ()))
    world.index.add_listed(reading.entry.source, videos, reading.got)
    reading.got += len(videos)
    world.observer.listing(reading.entry.name, reading.got, event.data.get("expected"))


def _end(world: World, round_: _Round, ended: Ended) -> None:
    reading = round_.running.pop(ended.job, None)
    if reading is None:
        return
    if ended.error is not None:
        raise ended.error
    receipt = ended.receipt
    assert receipt is not None
    report = (
        _finish(world, reading, receipt.listing)
        if receipt.outcome == "done" and receipt.listing
        else _fail(world, reading, receipt)
    )
    if report.completeness == "partial" and receipt.failure is not None:
        _note_failure(world, reading, receipt.failure)
    world.index.end_job(ended.job, receipt.outcome, None, report.failure, world.clock.now())
    round_.reports.append(report)
    world.observer.listed(report)


def _finish(world: World, reading: _Reading, summary: ListingSummary) -> SourceReport:
    now = world.clock.now()
    source = reading.entry.source
    if not reading.began:
        world.index.begin_listing(source, now)
    change = world.index.finish_listing(source, summary, now, now + reading.entry.interval_seconds)
    return SourceReport(
        entry=reading.entry.name,
        source=source,
        completeness=summary.completeness,
        expected=summary.expected,
        got=summary.got,
        added=change.added,
        removed=change.removed,
        title=summary.title,
        failure=f"partial: {summary.why}" if summary.completeness == "partial" and summary.why else None,
    )


def _fail(world: World, reading: _Reading, receipt: Receipt) -> SourceReport:
    source = reading.entry.source
    if receipt.failure is None:
        return SourceReport(reading.entry.name, source, "failed", failure="cancelled")
    _note_failure(world, reading, receipt.failure)
    message = printable(receipt.failure.evidence.message, 200)
    return SourceReport(
        reading.entry.name,
        source,
        "failed",
        failure=f"{receipt.failure.code}: {message}",
        code=receipt.failure.code,
    )


def _note_failure(world: World, reading: _Reading, failure: Failure) -> None:
    now = world.clock.now()
    source = reading.entry.source
    listing = world.index.listing(source)
    attempts = (listing.attempts if listing else 0) + 1
    due_at = next_attempt_at(failure.code, attempts, now, jitter=world.jitter(), until=failure.until)
    world.index.fail_listing(source, failure, now, due_at)
