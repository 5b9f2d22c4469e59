"""From a worker's receipt to a committed item: only here, and only after the files were checked, is it recorded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from ytarchive.adapters.archive import CommitConflict, Committed, DamagedItem, NotAsPromised
from ytarchive.core.backoff import next_attempt_at
from ytarchive.core.desired import target_digest
from ytarchive.core.failure import Evidence, Failure, verdict
from ytarchive.core.failure_table import policy
from ytarchive.core.item import FileRecord, Item, Metadata, Provenance
from ytarchive.core.job import Job, PartOutcome, Receipt, VideoDetails
from ytarchive.core.journal import Decision as JournalDecision
from ytarchive.core.late_parts import next_caption_look
from ytarchive.core.layout import is_id
from ytarchive.core.plan import Action, Decision
from ytarchive.core.selection import missing_captions
from ytarchive.reconciler import linking
from ytarchive.reconciler.observer import Outcome
from ytarchive.reconciler.world import World

GONE = frozenset({"REMOVED", "PRIVATE", "UNAVAILABLE", "TERMINATED", "COPYRIGHT", "POLICY", "NO_RECORDING"})
"""What says that YouTube has a video no more, or shows it to nobody."""
BESIDE = frozenset({Action.FETCH_BESIDE, Action.FETCH_CAPTIONS})
MEDIA_ROLES = frozenset({"video", "audio"})


@dataclass(frozen=True, slots=True)
class Received:
    """What came of a receipt: how it counts, the bytes that are new, and names that are new in the library."""

    outcome: Outcome
    bytes: int
    linked: int


class Refused(Exception):
    """The worker promised what is not in its staging folder; nothing was committed."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.code)
        self.failure = failure


def parts_on_disk(world: World, decision: Decision) -> tuple[str, ...]:
    """Parts beside the media that need not be fetched again: `captions:en`, `thumbnail` ..."""
    item = world.item(decision.video) if decision.action in BESIDE else None
    if item is None:
        return ()
    wish = world.index.target(decision.target)
    lacking = missing_captions(_languages(item.files), wish)
    captions = (f"captions:{one.language}" for one in wish.captions if one.language not in lacking)
    return (*captions, *sorted({file.role for file in item.files} - MEDIA_ROLES))


def learn(world: World, video: str, receipt: Receipt) -> None:
    """Remember what an extraction told of a video, and whether YouTube still has it."""
    now = world.clock.now()
    failure = receipt.failure
    with world.index.transaction():
        if receipt.details is not None:
            world.index.record_details((receipt.details,), now, "extraction")
            if failure is None or failure.code not in GONE:
                world.index.record_back(video)
        if failure is None:
            return
        if failure.code in GONE:
            tombstone = world.index.record_gone(video, failure.code, now)
            if tombstone.confirmed_at == now:
                _journal_gone(world, video, failure, now)
            return
        world.index.record_other_failure(video)
        if failure.code == "MEMBERS":
            members_only = VideoDetails(video, availability="subscriber_only")
            world.index.record_details((members_only,), now, "listing")


def _journal_gone(world: World, video: str, failure: Failure, now: int) -> None:
    record = world.index.video(video)
    title = record.title if record else None
    said = JournalDecision(at=now, kind="tombstone", video=video, why=title, code=failure.code)
    world.archive.journal.record(said)


def receive(world: World, decision: Decision, job: Job, receipt: Receipt) -> Received:
    """Commit what a worker left in staging, record it, link it into the library.

    Raises `Refused` when the files are not what the receipt says, `ArchiveError` when the disk does not obey.
    """
    if receipt.target is not None:
        # Of an undecided video, the filters chose the target.
        job = replace(job, target=receipt.target)
        decision = replace(decision, target=target_digest(receipt.target))
    old = world.item(decision.video)
    item = _item(world, decision, job, receipt, old)
    try:
        committed = _persist(world, item, Path(job.staging), old)
    except (CommitConflict, NotAsPromised) as error:
        raise Refused(verdict("BAD_MEDIA", Evidence(stage="commit", message=error.message))) from None
    now = world.clock.now()
    with world.index.transaction():
        world.index.record_item(
            item,
            dir_mtime_ns=committed.dir_mtime_ns,
            captions_due_at=_captions_due_at(world, item, receipt.parts, now),
        )
        world.index.record_metadata(item.id, item.metadata, now)
        learn(world, item.id, receipt)
        required = {f"captions:{wish.language}" for wish in job.target.captions if wish.required}
        for part in receipt.parts:
            _record_part(world, item.id, part, required=part.part in required)
    linked = linking.link_item(world, item, decision.entries)
    outcome: Outcome = (
        "captions" if decision.action in BESIDE else "updated" if old is not None else "fetched"
    )
    return Received(outcome, sum(file.bytes for file in receipt.files), linked)


def _persist(world: World, item: Item, staging: Path, old: Item | None) -> Committed:
    """Commit a new item, or update what is there; a folder that holds no whole item is repaired."""
    if old is not None:
        return world.archive.update(item, staging)
    try:
        return world.archive.commit(item, staging)
    except CommitConflict:
        try:
            world.archive.read_item(item.shard, item.id)
        except DamagedItem:
            return world.archive.update(item, staging)
        raise


def record_failure(world: World, video: str, part: str, failure: Failure) -> None:
    """Note a failed attempt and when the next one is due, from the policy of its code."""
    now = world.clock.now()
    known = next((attempt.n for attempt in world.index.attempts(video) if attempt.part == part), 0)
    # What is charged to the address or to this machine must not lengthen the video's own wait.
    attempts = known + 1 if policy(failure.code).charged_to == "video" else 1
    due_at = next_attempt_at(failure.code, attempts, now, jitter=world.jitter(), until=failure.until)
    world.index.record_failure(video, part, failure, now, due_at)
    if part == "captions":
        world.index.postpone_captions(video, due_at)


def _record_part(world: World, video: str, part: PartOutcome, *, required: bool) -> None:
    failure = part.failure
    if part.outcome == "absent" and required:
        missing = Evidence(stage="captions", message="The required captions are not offered")
        failure = verdict("SUBS_ABSENT", missing)
    if failure is not None:
        record_failure(world, video, part.part, failure)
    else:
        world.index.clear_failures(video, part.part)


def _item(world: World, decision: Decision, job: Job, receipt: Receipt, old: Item | None) -> Item:
    beside = decision.action in BESIDE and old is not None
    metadata = receipt.metadata or (old.metadata if old else Metadata(title=decision.title or job.subject))
    if old is not None:
        # A title is frozen at the first commit, so that paths in the library never move by themselves.
        metadata = replace(metadata, title=old.metadata.title)
    files = (*receipt.files, *(_kept(world, old, receipt.files) if old else ()))
    got = old.got if beside and old else receipt.got
    assert got is not None, "a fetch that is done says what it got"
    return Item(
        id=job.subject,
        shard=old.shard if old else world.index.item_location(job.subject) or _shard(metadata),
        wanted_by=decision.entries,
        wanted=job.target,
        target=decision.target,
        offered=receipt.offered or (old.offered if old else ()),
        got=got,
        files=files,
        metadata=metadata,
        captions_missing=missing_captions(_languages(files), job.target),
        episode=old.episode if old else None,
        provenance=old.provenance if beside and old else _provenance(world, decision, receipt),
    )


def _kept(world: World, old: Item, new: Iterable[FileRecord]) -> Iterator[FileRecord]:
    """Files of the old item that nothing new replaces, and that are whole: an update loses no caption."""
    replaced = {_place(file) for file in new}
    names = {file.name for file in new}
    folder = world.archive.folder(old)
    for file in old.files:
        whole = (folder / file.name).exists() and (folder / file.name).stat().st_size == file.bytes
        if whole and file.name not in names and _place(file) not in replaced:
            yield file


def _place(file: FileRecord) -> tuple[str, ...]:
    """What a file is there for; a newer one of the same place replaces it."""
    if file.role in MEDIA_ROLES:
        return (file.role,)
    return (file.role, file.language or "", file.name.rpartition(".")[2] if file.role == "caption" else "")


def _provenance(world: World, decision: Decision, receipt: Receipt) -> Provenance:
    engine = receipt.engine
    return Provenance(
        engine=engine.yt_dlp if engine else "unknown",
        ejs=engine.ejs if engine else None,
        client=engine.client if engine else None,
        fetched_at=world.clock.now(),
        generation=world.generation(decision.entries),
    )


def _shard(metadata: Metadata) -> str:
    """The channel id known at the first commit, else "_": a hint for locality, never identity."""
    return metadata.channel_id if metadata.channel_id and is_id(metadata.channel_id) else "_"


def _languages(files: Iterable[FileRecord]) -> list[str]:
    return sorted({file.language for file in files if file.role == "caption" and file.language})


def _captions_due_at(world: World, item: Item, parts: tuple[PartOutcome, ...], now: int) -> int | None:
    """The next look for captions that are missing: soon after a failure, in growing steps after an absence."""
    if not item.captions_missing:
        return None
    failed = [part.failure for part in parts if part.outcome == "failed" and part.failure is not None]
    if failed:
        return min(
            next_attempt_at(failure.code, 1, now, jitter=world.jitter(), until=failure.until)
            for failure in failed
        )
    return next_caption_look(item, now)
