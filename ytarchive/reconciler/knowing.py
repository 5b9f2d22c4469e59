"""What is known of a video, a playlist or a channel, and asking YouTube when nothing is known or a person insists."""

from __future__ import annotations

from dataclasses import dataclass

from ytarchive.adapters.index import ChannelRecord, Listing, Membership, TextRecord, Tombstone, VideoRecord
from ytarchive.core.address import Address
from ytarchive.core.desired import Entry, Target
from ytarchive.core.failure import Failure
from ytarchive.core.instant import HOUR
from ytarchive.core.job import GUEST, Job, Receipt
from ytarchive.core.sources import kind_of
from ytarchive.reconciler import details, receiving, sources
from ytarchive.reconciler.crew import Ended, Message
from ytarchive.reconciler.permits import Permits
from ytarchive.reconciler.world import World


@dataclass(frozen=True, slots=True)
class VideoKnowledge:
    """A video as it was last seen. `texts` holds every title and description it had; `failure` why a look failed."""

    id: str
    record: VideoRecord | None
    texts: tuple[TextRecord, ...]
    history: tuple[Membership, ...]
    tombstone: Tombstone | None
    on_disk: bool
    failure: Failure | None = None
    kind: str = "video"


@dataclass(frozen=True, slots=True)
class ListKnowledge:
    """A playlist as it was last read: `held` videos that it is held to have."""

    id: str
    listing: Listing | None
    held: int
    entries: tuple[str, ...]
    kind: str = "playlist"


@dataclass(frozen=True, slots=True)
class ChannelKnowledge:
    """A channel as it was last seen, and the lists of it that entries follow."""

    id: str
    record: ChannelRecord | None
    listing: Listing | None
    sources: tuple[str, ...]
    kind: str = "channel"


Knowledge = VideoKnowledge | ListKnowledge | ChannelKnowledge


def known(world: World, address: Address) -> Knowledge:
    """What the cache holds; no request is made."""
    if address.kind == "video":
        return _video(world, address.id, None)
    if address.kind == "playlist":
        return _playlist(world, address.id)
    return _channel(world, address.id)


def is_known(knowledge: Knowledge) -> bool:
    """Whether the cache holds more than the id."""
    if isinstance(knowledge, VideoKnowledge):
        return knowledge.record is not None and knowledge.record.title is not None
    if isinstance(knowledge, ListKnowledge):
        return knowledge.listing is not None and knowledge.listing.at is not None
    return knowledge.record is not None


def ask(world: World, address: Address) -> Knowledge:
    """Look at it now: by the Data API where that can tell, else by a worker. What is learned stays in the cache."""
    if address.kind == "video":
        return _video(world, address.id, _look_at_video(world, address.id))
    source = address.id if address.kind == "playlist" else f"channel:{address.id}"
    entry = Entry(name=address.id, kind=address.kind, source=source, wish=Target())
    sources.by_hand(world, entry)
    return known(world, address)


def _look_at_video(world: World, video: str) -> Failure | None:
    if world.may_ask("metadata", 1) and details.ask(world, (video,), "metadata"):
        return None
    permits, job_id = Permits(world), world.new_job_id()
    permits.ask_by_hand(job_id, GUEST)
    return _probe(world, video, permits, job_id)


_FOR_SOME = frozenset({"AGE", "MEMBERS", "PREMIUM"})
"""YouTube has it, and shows it to some."""


def is_there(world: World, video: str) -> bool | None:
    """Whether YouTube has it and shows it to somebody, by one extraction within all limits; None: it may not be asked now."""
    permits, job_id = Permits(world), world.new_job_id()
    if permits.ask(job_id, GUEST) is not None:
        return None
    failure = _probe(world, video, permits, job_id)
    return failure is None or failure.code in _FOR_SOME


def _probe(world: World, video: str, permits: Permits, job_id: str) -> Failure | None:
    """One extraction, at once: it counts and is judged like every other."""
    now = world.clock.now()
    job = Job(
        id=job_id,
        kind="probe",
        subject=video,
        permit=world.permit(GUEST, now),
        network=world.network(),
        deadline_at=now + HOUR,
    )
    world.index.start_job(job, now)
    receipt = _done(world, job)
    receiving.learn(world, video, receipt)
    code = receipt.failure.code if receipt.failure else None
    world.index.end_job(job.id, receipt.outcome, code, None, world.clock.now())
    if receipt.failure is not None:
        permits.failed(job.id, GUEST, receipt.failure)
    else:
        permits.succeeded(job.id, GUEST)
    return receipt.failure


def _done(world: World, job: Job) -> Receipt:
    """Have a worker do it, and wait for its end."""
    ends: list[Message] = []
    world.crew.submit(job, ends.append)
    while True:
        world.crew.attend(None)
        ended = ends[-1] if ends else None
        if isinstance(ended, Ended):
            if ended.error is not None:
                raise ended.error
            assert ended.receipt is not None
            return ended.receipt


def _video(world: World, video: str, failure: Failure | None) -> VideoKnowledge:
    index = world.index
    return VideoKnowledge(
        id=video,
        record=index.video(video),
        texts=index.texts(video),
        history=index.history(video),
        tombstone=index.tombstone(video),
        on_disk=index.item_location(video) is not None,
        failure=failure,
    )


def _playlist(world: World, playlist: str) -> ListKnowledge:
    followed = [name for name, source in world.index.entry_sources() if source.source == playlist]
    return ListKnowledge(
        playlist, world.index.listing(playlist), world.index.held(playlist), tuple(dict.fromkeys(followed))
    )


def _channel(world: World, address: str) -> ChannelKnowledge:
    record = world.index.channel(address)
    tail = (record.id if record else address)[2:]
    followed = {
        source.source
        for _, source in world.index.entry_sources()
        if kind_of(source.source) in ("playlist", "catalogue") and source.source.endswith(tail)
    }
    return ChannelKnowledge(
        address, record, world.index.listing(f"channel:{address}"), tuple(sorted(followed))
    )
