"""What filters wait for: details of undecided videos, asked of the Data API fifty at a time.

Without a key, or beyond the quota, a video stays undecided until its own page is read: the pass does that with the
same extraction that would fetch it.
"""

from __future__ import annotations

from dataclasses import replace

from ytarchive.adapters.index import VideoRecord
from ytarchive.core.codec import adapter
from ytarchive.core.instant import HOUR, Instant
from ytarchive.core.job import Event, Job, VideoDetails
from ytarchive.reconciler.crew import Ended, Message
from ytarchive.reconciler.world import World

BATCH = 50
BATCHES_A_JOB = 10
RESTRICTED = frozenset({"subscriber_only", "premium_only", "needs_auth"})


def judge(world: World) -> int:
    """Let the filters decide on what is known now, and on what the Data API tells; how many verdicts changed."""
    changed = world.index.judge(world.clock.now())
    asked: set[str] = set()
    while (videos := _next_batch(world)) and asked.isdisjoint(videos):
        asked.update(videos)
        if not ask(world, videos, "details"):
            break
        changed += world.index.judge(world.clock.now())
    return changed


def confirm(world: World, since: Instant) -> None:
    """Ask the Data API about the videos that were said to be gone since then.

    It leaves out what is gone, which agrees; what it still knows (blocked in this country, withheld by mistake) is
    not called gone for good. It never overrules what was throttled: such attempts say nothing of the video.
    """
    videos = world.index.unconfirmed(since)[: BATCH * BATCHES_A_JOB] if world.has_api else ()
    if videos and world.may_ask("details", -(-len(videos) // BATCH)):
        ask(world, videos, "details")


def _next_batch(world: World) -> tuple[str, ...]:
    if not world.has_api:
        return ()
    videos = world.index.lacking_details(BATCH * BATCHES_A_JOB)
    return videos if world.may_ask("details", -(-len(videos) // BATCH)) else ()


def ask(world: World, videos: tuple[str, ...], purpose: str) -> bool:
    """Have the Data API tell of these; False when it did not tell of all."""
    now = world.clock.now()
    job = Job(
        id=world.new_job_id(),
        kind="details",
        subject=purpose,
        videos=videos,
        network=world.network(),
        deadline_at=now + HOUR,
    )
    world.index.start_job(job, now)
    ends: list[Ended] = []

    def take(message: Message) -> None:
        if isinstance(message, Ended):
            ends.append(message)
        elif message.kind == "details":
            _take(world, message)

    world.crew.ask(job, take)
    while not ends:
        world.crew.attend(None)
    return _end(world, ends[0])


def _take(world: World, event: Event) -> None:
    now = world.clock.now()
    told = adapter(tuple[VideoDetails, ...]).validate_python(event.data.get("videos", ()))
    with world.index.transaction():
        certain = tuple(_certain(video, world.index.video(video.video)) for video in told)
        world.index.record_details(certain, now, "api")
        for video in told:
            world.index.record_back(video.video)
        for video in event.data.get("gone", ()):
            world.index.record_gone(video, None, now)


def _certain(told: VideoDetails, known: VideoRecord | None) -> VideoDetails:
    """Without what the Data API cannot know: it calls premieres live, and what is for members only public."""
    if known is None:
        return told
    kind = None if known.kind else told.kind
    restricted = told.availability == "public" and known.availability in RESTRICTED
    return replace(told, kind=kind, availability=None if restricted else told.availability)


def _end(world: World, ended: Ended) -> bool:
    if ended.error is not None:
        raise ended.error
    receipt = ended.receipt
    assert receipt is not None
    world.observer.exchanged(receipt.http)
    failure = receipt.failure
    code = failure.code if failure else None
    world.index.end_job(ended.job, receipt.outcome, code, None, world.clock.now())
    if failure is not None:
        world.api_trouble(failure)
    return receipt.outcome == "done" and failure is None
