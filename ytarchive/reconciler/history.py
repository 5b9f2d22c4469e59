"""What happened to one video, in the order of time: listed, renamed, tried, fetched, decided about, compared, gone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from operator import attrgetter

from ytarchive.core.instant import Instant
from ytarchive.core.item import Item
from ytarchive.core.selection import Format
from ytarchive.reconciler.world import World

JOBS_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Moment:
    """One thing that happened. `kind`: listed, left, title, description, job, fetched, decision, verified, damaged,
    gone, confirmed, or the last drift of its files (`core.drift`). `text` tells it in a line; what comes from the network in it is not cleaned."""

    at: Instant
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class History:
    """All that is still known to have happened to a video, the oldest first; jobs of the last 30 days."""

    video: str
    title: str | None
    moments: tuple[Moment, ...]


def history(world: World, video: str) -> History:
    """Everything that is known to have happened; no moments for a video that nobody ever heard of."""
    record = world.index.video(video)
    told = [
        *_lists(world, video),
        *_texts(world, video),
        *_jobs(world, video),
        *_disk(world, video),
        *_decisions(world, video),
        *_gone(world, video),
    ]
    return History(video, record.title if record else None, tuple(sorted(told, key=attrgetter("at"))))


def _lists(world: World, video: str) -> Iterator[Moment]:
    for one in world.index.history(video):
        yield Moment(one.first_seen_at, "listed", f"listed by {one.source}, as number {one.position + 1}")
        if one.last_seen_at is not None:
            yield Moment(one.last_seen_at, "left", f"listed by {one.source} for the last time")


def _texts(world: World, video: str) -> Iterator[Moment]:
    for one in world.index.texts(video):
        yield Moment(one.seen_at, one.field, f"{one.field}: {one.value.splitlines()[0] if one.value else ''}")


def _jobs(world: World, video: str) -> Iterator[Moment]:
    for job in world.index.jobs_about(video, JOBS_SHOWN):
        ended = job.code or job.outcome or "runs"
        seen = f": {job.message}" if job.message else ""
        yield Moment(job.ended_at or job.started_at, "job", f"{job.kind} {job.id}: {ended}{seen}")


def _disk(world: World, video: str) -> Iterator[Moment]:
    item = world.item(video)
    if item is not None:
        adopted = item.provenance.adopted
        what = "fetched" if adopted is None else "adopted"
        yield Moment(item.provenance.fetched_at, what, _provenance(item))
    verified = world.index.verified(video)
    if verified is not None and verified.verified_at is not None:
        wrong = world.index.corrupt(video)
        kind, text = ("damaged", "; ".join(wrong.values())) if wrong else ("verified", "all as it was stored")
        yield Moment(verified.verified_at, kind, text)
    drift = world.index.drift(video)
    if drift is not None:
        yield Moment(drift[2], drift[0], drift[1])


def _provenance(item: Item) -> str:
    """`1080p vp9 + opus en, 12 files, of 24 formats, by yt-dlp 2026.10.26 (web) as guest, manifests 1a2b3c4d`."""
    told, got = item.provenance, item.got
    what = " + ".join(_format(one) for one in (got.video, got.sound, got.audio) if one is not None)
    if told.adopted is not None:
        return f"{what or got.container}, {len(item.files)} files, {told.adopted.words}"
    client = f" ({told.client})" if told.client else ""
    return (
        f"{what or got.container}, {len(item.files)} files, of {len(item.offered)} formats on offer,"
        f" by yt-dlp {told.engine}{client} as {told.identity},"
        f" for {', '.join(item.wanted_by) or 'nobody'}, manifests {told.generation[:8] or 'unknown'}"
    )


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
