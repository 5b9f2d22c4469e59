"""What happened to one video, in the order of time: listed, renamed, tried, fetched, decided about, compared, gone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import attrgetter

from ytarchive.core.instant import Instant
from ytarchive.core.item import Got, Item, Provenance
from ytarchive.core.item_history import Edition, ItemHistory
from ytarchive.core.selection import Format
from ytarchive.reconciler import remembering
from ytarchive.reconciler.world import World

JOBS_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Moment:
    """One thing that happened. `kind`: listed, left, title, description, channel, availability, job, fetched, adopted,
    replaced, marked, decision, verified, damaged, gone, confirmed, or the last drift of its files (`core.drift`). `text` tells it in a line; what comes from the network in it is not cleaned."""

    at: Instant
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class History:
    """All that is still known to have happened to a video, the oldest first; jobs of the last 30 days.

    `provenance` tells how the media that are here came to be, `offered` what YouTube offered then, and `wanted_by` which
    entries they were fetched for; `editions` are media that they took the place of.
    """

    video: str
    title: str | None
    moments: tuple[Moment, ...]
    provenance: Provenance | None = None
    wanted_by: tuple[str, ...] = ()
    got: Got | None = None
    offered: tuple[Format, ...] = ()
    editions: tuple[Edition, ...] = ()


def history(world: World, video: str) -> History:
    """Everything that is known to have happened; no moments for a video that nobody ever heard of."""
    record = world.index.video(video)
    item = world.item(video)
    before = remembering.read_history(world, item) if item is not None else ItemHistory(video)
    told = [
        *_lists(world, video),
        *_texts(world, before),
        *_jobs(world, video),
        *(_of_item(item, before) if item is not None else ()),
        *_looks_at_files(world, video),
        *_decisions(world, video),
        *_gone(world, video),
    ]
    moments = tuple(sorted(told, key=attrgetter("at")))
    title = record.title if record else None
    if item is None:
        return History(video, title, moments)
    return History(
        video,
        title,
        moments,
        provenance=item.provenance,
        wanted_by=item.wanted_by,
        got=item.got,
        offered=item.offered,
        editions=before.editions,
    )


def _lists(world: World, video: str) -> Iterator[Moment]:
    for one in world.index.history(video):
        yield Moment(one.first_seen_at, "listed", f"listed by {one.source}, as number {one.position + 1}")
        if one.last_seen_at is not None:
            yield Moment(one.last_seen_at, "left", f"listed by {one.source} for the last time")


def _texts(world: World, before: ItemHistory) -> Iterator[Moment]:
    """From the item's own file as well: an index that was lost took along what it knew."""
    for one in remembering.told_by_now(world, before).told:
        yield Moment(one.seen_at, one.field, f"{one.field}: {one.value.splitlines()[0] if one.value else ''}")


def _jobs(world: World, video: str) -> Iterator[Moment]:
    for job in world.index.jobs_about(video, JOBS_SHOWN):
        ended = job.code or job.outcome or "runs"
        seen = f": {job.message}" if job.message else ""
        yield Moment(job.ended_at or job.started_at, "job", f"{job.kind} {job.id}: {ended}{seen}")


def _of_item(item: Item, before: ItemHistory) -> Iterator[Moment]:
    """How what is here came to be, and each edition before it; what took whose place; what was marked."""
    here = f"{_came(item.provenance, item.got, item.wanted_by)}; {len(item.files)} files"
    offered = f", of {len(item.offered)} formats on offer" if item.offered else ""
    yield _arrival(item.provenance, f"{here}{offered}")
    earlier = {each.provenance: each for each in before.editions if each.provenance != item.provenance}
    for edition in earlier.values():
        yield _arrival(edition.provenance, _came(edition.provenance, edition.got, edition.wanted_by))
    for edition in before.editions:
        size = sum(file.bytes for file in edition.files)
        yield Moment(edition.until, "replaced", f"{_what(edition.got)}, {size:,} bytes: {_WHY[edition.why]}")
    told = item.sponsors
    if told is not None:
        marks, cuts = len(told.marks), len(told.spans)
        yield Moment(told.asked_at, "marked", f"SponsorBlock: {marks} parts are marked, {cuts} are cut out")


_WHY = {
    "upgrade": "something nearer to the wish took their place",
    "update": "others were fetched in their place",
    "marks": "made anew with other marks",
}


def _arrival(told: Provenance, text: str) -> Moment:
    return Moment(told.fetched_at, "fetched" if told.adopted is None else "adopted", text)


def _came(told: Provenance, got: Got, wanted_by: Sequence[str]) -> str:
    """`1080p vp9 + opus en, by yt-dlp 2026.10.26 (web) as guest, for Two, manifests 1a2b3c4d`."""
    if told.adopted is not None:
        return f"{_what(got)}, {told.adopted.words}"
    client = f" ({told.client})" if told.client else ""
    return (
        f"{_what(got)}, by yt-dlp {told.engine}{client} as {told.identity},"
        f" for {', '.join(wanted_by) or 'nobody'}, manifests {told.generation[:8] or 'unknown'}"
    )


def _what(got: Got) -> str:
    words = (_format(one) for one in (got.video, got.sound, got.audio) if one is not None)
    return " + ".join(words) or got.container


def _looks_at_files(world: World, video: str) -> Iterator[Moment]:
    verified = world.index.verified(video)
    if verified is not None and verified.verified_at is not None:
        wrong = world.index.corrupt(video)
        kind, text = ("damaged", "; ".join(wrong.values())) if wrong else ("verified", "all as it was stored")
        yield Moment(verified.verified_at, kind, text)
    drift = world.index.drift(video)
    if drift is not None:
        yield Moment(drift[2], drift[0], drift[1])


def _format(one: Format) -> str:
    words = (f"{one.label}p" if one.label else None, one.codec or one.audio_codec, one.language)
    return " ".join(word for word in words if word) or one.itag


def _decisions(world: World, video: str) -> Iterator[Moment]:
    for one in world.archive.journal.replay():
        if one.video == video:
            why = f": {one.why}" if one.why else ""
            code = f" ({one.code})" if one.code else ""
            yield Moment(one.at, "decision", f"{one.kind}{code}{why}")


def _gone(world: World, video: str) -> Iterator[Moment]:
    stone = world.index.tombstone(video)
    if stone is not None:
        yield Moment(stone.first_at, "gone", f"YouTube has it no more ({stone.code})")
        if stone.confirmed_at is not None:
            yield Moment(
                stone.confirmed_at, "confirmed", f"a look on another day said the same ({stone.code})"
            )
