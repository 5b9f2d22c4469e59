"""From a worker's receipt to a committed item: only here, and only after the files were checked, is it recorded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from ytarchive.adapters.archive import CommitConflict, Committed, DamagedItem, NotAsPromised
from ytarchive.core.backoff import next_attempt_at
from ytarchive.core.chapters import Chapter
from ytarchive.core.desired import target_digest
from ytarchive.core.failure import Evidence, Failure, verdict
from ytarchive.core.failure_table import policy
from ytarchive.core.identity import GUEST
from ytarchive.core.item import FileRecord, Got, Item, Metadata, Provenance
from ytarchive.core.job import Job, PartOutcome, Receipt, VideoDetails
from ytarchive.core.journal import Decision as JournalDecision
from ytarchive.core.late_parts import is_beside, late_of, look_after_failure, next_look
from ytarchive.core.layout import is_id
from ytarchive.core.plan import OF_THE_WISH, Action, Decision, Reason
from ytarchive.core.report import Outcome
from ytarchive.core.selection import missing_captions
from ytarchive.core.sponsor import Sponsors
from ytarchive.core.views import day_of
from ytarchive.reconciler import linking, remembering
from ytarchive.reconciler.world import World
from ytarchive.tracing import span

GONE = frozenset({"REMOVED", "PRIVATE", "UNAVAILABLE", "TERMINATED", "COPYRIGHT", "POLICY", "NO_RECORDING"})
"""What says that YouTube has a video no more, or shows it to nobody."""
BESIDE = frozenset({Action.FETCH_BESIDE, Action.LOOK_AGAIN, Action.MARK})
"""What leaves the media alone, unless a look finds something nearer to the wish."""
LOOK = "look"
"""The part that failures of looks are counted for."""
SPONSORBLOCK = "sponsorblock"
"""The part that failures to mark are counted for."""
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


@dataclass(frozen=True, slots=True)
class Held:
    """What is on disk and need not be fetched again: `parts` as in `Job.have`; `got` and `cut` for a look.

    `item` is all of it, where nothing else than the item is worked on.
    """

    parts: tuple[str, ...] = ()
    got: Got | None = None
    cut: bool = False
    item: Item | None = None


def held(world: World, decision: Decision) -> Held:
    """What a job need not fetch, and what it may not yet: each part has a next time of its own.

    Of the media it fetches nothing where what lies beside them is wanted, or where they are looked at again.
    """
    now = world.clock.now()
    resting = tuple(
        attempt.part
        for attempt in world.index.attempts(decision.video)
        if is_beside(attempt.part) and attempt.next_attempt_at > now
    )
    item = world.item(decision.video) if decision.action in BESIDE else None
    if item is None:
        return Held(resting)
    wish = world.index.target(decision.target)
    lacking = missing_captions(_languages(item.files), wish)
    captions = (f"captions:{one.language}" for one in wish.captions if one.language not in lacking)
    there = (*captions, *sorted({file.role for file in item.files} - MEDIA_ROLES))
    parts = tuple(dict.fromkeys((*there, *resting)))
    if decision.action is not Action.LOOK_AGAIN:
        return Held(parts, item=item)
    late = late_of(item)
    if "cuts" in late:  # captions must fit what is cut out of the media by then
        parts = tuple(part for part in parts if not part.startswith("captions:") or part in resting)
    return Held(parts, replace(item.got, below_wish="quality" in late), "recording" in late, item)


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
            tombstone = world.index.record_gone(video, failure.code, now, failure.evidence.message)
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
    is_look = decision.reason is Reason.LOOK_DUE
    if is_look and old is not None and not receipt.files and receipt.sponsors is None:
        return _nothing_new(world, old, job, receipt)
    learn(world, job.subject, receipt)
    item = _item(world, decision, job, receipt, old)
    try:
        with span("commit", video=item.id):
            if old is not None:
                item = remembering.with_history(world, item, old, Path(job.staging))
            committed = _persist(world, item, Path(job.staging), old)
    except (CommitConflict, NotAsPromised) as error:
        raise Refused(verdict("BAD_MEDIA", Evidence(stage="commit", message=error.message))) from None
    now = world.clock.now()
    with world.index.transaction():
        world.index.record_item(item, dir_mtime_ns=committed.dir_mtime_ns, late_due_at=None)
        if receipt.metadata is not None:
            world.index.record_metadata(item.id, receipt.metadata, now)
        if old is not None:
            world.index.forget_retold(item.id)
        new = {file.name for file in receipt.files}
        world.index.record_replaced(item.id, kept=[file.name for file in item.files if file.name not in new])
        _record_rest(world, job, receipt, item)
    linked = linking.link_item(world, item, decision.entries)
    return Received(_outcome(old, receipt), sum(file.bytes for file in receipt.files), linked)


def _outcome(old: Item | None, receipt: Receipt) -> Outcome:
    if old is None:
        return "fetched"
    if _has_media(receipt):
        return "updated"
    return "captions" if receipt.files else "looked"


def _nothing_new(world: World, item: Item, job: Job, receipt: Receipt) -> Received:
    """A look that found what was there before: the item stays as it is, and the next look is set."""
    world.archive.release(Path(job.staging))
    with world.index.transaction():
        learn(world, job.subject, receipt)
        _record_rest(world, job, receipt, item)
    return Received("looked", 0, 0)


def _record_rest(world: World, job: Job, receipt: Receipt, item: Item) -> None:
    """How each part beside the media went, and when to look again."""
    world.index.clear_failures(job.subject, LOOK)
    required = {f"captions:{wish.language}" for wish in job.target.captions if wish.required}
    for part in receipt.parts:
        _record_part(world, job.subject, part, required=part.part in required)
    world.index.postpone_look(item.id, _next_look(world, item))


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


def record_failure(world: World, video: str, part: str, failure: Failure, identity: str = GUEST) -> None:
    """Note a failed attempt, as whom it was made, and when the next one is due, from the policy of its code."""
    now = world.clock.now()
    _begin_anew(world, video, part, failure)
    known = next((attempt.n for attempt in world.index.attempts(video) if attempt.part == part), 0)
    # What is charged to the address or to this machine must not lengthen the video's own wait.
    attempts = known + 1 if policy(failure.code).charged_to == "video" else 1
    due_at = next_attempt_at(failure.code, attempts, now, jitter=world.jitter(), until=failure.until)
    world.index.record_failure(video, part, failure, now, due_at)
    if part == "media":
        world.index.note_asked(video, identity, failure.code)


def _begin_anew(world: World, video: str, part: str, failure: Failure) -> None:
    """What waits for a time counts from when that wait began: a stream that just ended was announced weeks ago.

    A verdict on a wish is counted for that wish alone.
    """
    before = next((attempt for attempt in world.index.attempts(video) if attempt.part == part), None)
    if before is None or failure.kind != "wait":
        return
    row = world.index.row(video, world.clock.now())
    other_wish = row is None or before.target != row.target
    if before.code != failure.code or (other_wish and failure.code in OF_THE_WISH):
        world.index.clear_failures(video, part)


def record_failed_look(world: World, video: str, failure: Failure) -> None:
    """What is on disk stays what it is, whatever a look meets; when it is made up for, if ever."""
    with world.index.transaction():
        record_failure(world, video, LOOK, failure)
        attempt = next(one for one in world.index.attempts(video) if one.part == LOOK)
        fetched_at = world.index.fetched_at(video)
        due_at = look_after_failure(failure.code, attempt.looks, attempt.next_attempt_at, fetched_at)
        world.index.postpone_look(video, due_at)


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
        # What names in the library are made of is frozen at the first commit, so that no path moves by itself.
        metadata = replace(
            metadata,
            title=old.metadata.title,
            channel=old.metadata.channel or metadata.channel,
            uploaded_on=old.metadata.uploaded_on or metadata.uploaded_on,
        )
    files = (*receipt.files, *(_kept(world, old, receipt.files) if old else ()))
    same_media = old if beside and receipt.got is None else None
    got = _remade(same_media.got, receipt) if same_media else receipt.got
    assert got is not None, "a fetch that is done says what it got"
    if same_media:
        # What the media were chosen of: a poorer offer of a later day is no reason to fetch them anew.
        metadata = replace(metadata, live_status=same_media.metadata.live_status)
    made = Item(
        id=job.subject,
        shard=old.shard if old else world.index.item_location(job.subject) or _shard(metadata),
        wanted_by=decision.entries,
        wanted=job.target,
        target=decision.target,
        offered=same_media.offered if same_media else receipt.offered,
        got=got,
        files=files,
        metadata=metadata,
        captions_missing=missing_captions(_languages(files), job.target),
        episode=old.episode if old else None,
        provenance=same_media.provenance if same_media else _provenance(world, decision, job, receipt),
        chapters=_chapters(same_media, receipt),
        sponsors=_sponsors(world, same_media, receipt),
    )
    if made.episode is not None:
        return made
    return replace(made, episode=world.index.next_episode(made.shard, day_of(made)))


def _remade(got: Got, receipt: Receipt) -> Got:
    """The same media, shorter where something was cut out of them."""
    told = receipt.sponsors
    if told is None or not told.spans or told.lasts_seconds is None:
        return got
    gone = sum(end - start for start, end in told.spans)
    return replace(got, duration_seconds=round(told.lasts_seconds - gone, 3))


def _chapters(same_media: Item | None, receipt: Receipt) -> tuple[Chapter, ...] | None:
    """The video's own, as they are in the media or would be; those of now where they were made anew."""
    known = same_media.chapters if same_media else None
    if receipt.chapters is None or (known is not None and not _has_media(receipt)):
        return known
    return receipt.chapters


def _sponsors(world: World, same_media: Item | None, receipt: Receipt) -> Sponsors | None:
    """What is in the media files; when that was asked is told by our clock."""
    if receipt.sponsors is None:
        return same_media.sponsors if same_media else None
    return replace(receipt.sponsors, asked_at=world.clock.now())


def _has_media(receipt: Receipt) -> bool:
    return any(file.role in MEDIA_ROLES for file in receipt.files)


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


def _provenance(world: World, decision: Decision, job: Job, receipt: Receipt) -> Provenance:
    engine = receipt.engine
    return Provenance(
        engine=engine.yt_dlp if engine else "unknown",
        ejs=engine.ejs if engine else None,
        client=engine.client if engine else None,
        fetched_at=world.clock.now(),
        generation=world.generation(decision.entries),
        identity=job.permit.egress,
    )


def _shard(metadata: Metadata) -> str:
    """The channel id known at the first commit, else "_": a hint for locality, never identity."""
    return metadata.channel_id if metadata.channel_id and is_id(metadata.channel_id) else "_"


def _languages(files: Iterable[FileRecord]) -> list[str]:
    return sorted({file.language for file in files if file.role == "caption" and file.language})


def _next_look(world: World, item: Item) -> int | None:
    """The next look for what is late: when the first part that failed is due again, in growing steps after an absence."""
    fetched_at = item.provenance.fetched_at
    failed = {one.part: one for one in world.index.attempts(item.id) if is_beside(one.part)}
    untried = tuple(name for name in item.captions_missing if f"captions:{name}" not in failed)
    tried: set[str] = {"thumbnail"} & failed.keys() | (set() if untried else {"captions"})
    late = tuple(part for part in late_of(item) if part not in tried)
    looks = [
        look_after_failure(attempt.code, attempt.looks, attempt.next_attempt_at, fetched_at)
        for attempt in failed.values()
    ]
    unmarked = next((one for one in world.index.attempts(item.id) if one.part == SPONSORBLOCK), None)
    if unmarked is not None and {*late} == {"marks"}:
        looks.append(unmarked.next_attempt_at)  # which asks nothing of YouTube
    looks.append(next_look(late, item.wanted, untried, fetched_at, world.clock.now()))
    return min((at for at in looks if at is not None), default=None)
