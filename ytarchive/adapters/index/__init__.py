"""The index: what is wanted, what is on disk, what was tried, in one SQLite file that can be made again.

It is a cache of the disk and of listings, plus what may be lost. One process writes it; others may read it
meanwhile. An `Index` belongs to one thread. Every writing method is a transaction of its own, unless it is called
inside `transaction()`: a loop over many videos belongs into one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from ytarchive.adapters.index import attempts as _attempts
from ytarchive.adapters.index import (
    desired,
    entry_sources,
    items,
    jobs,
    library,
    listings,
    memberships,
    rows,
    spending,
    verdicts,
)
from ytarchive.adapters.index.asking import AccountRecord, Asking
from ytarchive.adapters.index.checksums import Checksums
from ytarchive.adapters.index.claims import MANUAL
from ytarchive.adapters.index.database import Database
from ytarchive.adapters.index.decided import Decided
from ytarchive.adapters.index.errands import Errands
from ytarchive.adapters.index.knowledge import Knowledge
from ytarchive.adapters.index.letting_go import LettingGo
from ytarchive.adapters.index.records import (
    Acknowledgement,
    Attempt,
    ChannelRecord,
    FeedRecord,
    JobRecord,
    LetGo,
    LetGoHow,
    Listing,
    ListingChange,
    ListTrouble,
    Lowered,
    Membership,
    OpenAttempt,
    TextRecord,
    Tombstone,
    ToVerify,
    VideoLine,
    VideoRecord,
    View,
)
from ytarchive.adapters.index.spending import QuotaLedger
from ytarchive.adapters.index.targets import target_of_digest
from ytarchive.adapters.index.usage import Usage
from ytarchive.adapters.index.verdicts import LET_GO
from ytarchive.core.desired import Entry, Target
from ytarchive.core.egress import EgressState
from ytarchive.core.failure import Failure
from ytarchive.core.filters import Verdict
from ytarchive.core.halts import Halt, HaltName, Met
from ytarchive.core.item import Item
from ytarchive.core.job import Job, Known, ListedVideo, ListingSummary, Proviso
from ytarchive.core.plan import LeftOut, Row
from ytarchive.core.quota import QuotaLimits
from ytarchive.core.sources import EntrySource
from ytarchive.core.work_plan import BelowWish

__all__ = [
    "LET_GO",
    "MANUAL",
    "AccountRecord",
    "Acknowledgement",
    "Attempt",
    "ChannelRecord",
    "FeedRecord",
    "Index",
    "JobRecord",
    "LetGo",
    "LetGoHow",
    "ListTrouble",
    "Listing",
    "ListingChange",
    "Lowered",
    "Membership",
    "OpenAttempt",
    "QuotaLedger",
    "TextRecord",
    "ToVerify",
    "Tombstone",
    "VideoLine",
    "VideoRecord",
    "View",
]


class Index(Knowledge, Decided, LettingGo, Asking, Checksums, Errands):
    """A thin face of the tables; each group of methods is a module beside this one."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self._entries: tuple[int, tuple[Entry, ...]] | None = None

    @classmethod
    def open(cls, path: Path, *, read_only: bool = False) -> Index:
        """Open the index, or create it when it is to be written.

        Raises `IndexDamaged` for a file that is no index, is damaged, is of a newer format, or (reading) is not
        there. Jobs that a dead program left running are closed as "lost".
        """
        database = Database.open(path, read_only=read_only)
        try:
            if not read_only:
                jobs.abandon(database, None)
        except BaseException:
            database.close()
            raise
        return cls(database)

    def close(self) -> None:
        self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def archive_id(self) -> str | None:
        """The archive that this index is of; None until it is known."""
        found = self._db.value("SELECT value FROM meta WHERE key = 'archive_id'")
        return None if found is None else str(found)

    @archive_id.setter
    def archive_id(self, archive_id: str) -> None:
        self._db.execute("INSERT OR REPLACE INTO meta VALUES ('archive_id', ?)", (archive_id,))

    def remember(self, key: str, value: str) -> None:
        """Keep a small fact that may be lost with the index."""
        self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (f"fact:{key}", value))

    def recall(self, key: str) -> str | None:
        """What was last remembered under this key."""
        found = self._db.value("SELECT value FROM meta WHERE key = ?", (f"fact:{key}",))
        return None if found is None else str(found)

    def transaction(self) -> AbstractContextManager[None]:
        """All or nothing; may be nested."""
        return self._db.transaction()

    def revision(self) -> int:
        """Changes whenever anything changed that `candidates` depends on, time apart (see `next_due_at`)."""
        return self._db.revision()

    # What is wanted

    def apply_entries(self, entries: Sequence[Entry], now: int) -> bool:
        """Replace all entries, in this order; True when anything changed."""
        return desired.apply(self._db, entries, self.entries(), now)

    def entry_sources(self) -> tuple[tuple[str, EntrySource], ...]:
        """(entry, source) of every entry, in the order of the manifests, as far as they are known; suspended ones too."""
        return entry_sources.read(self._db)

    def entries(self) -> tuple[Entry, ...]:
        if self._db.in_transaction:  # what it wrote may still be undone, and its revision be given again
            return desired.read_entries(self._db)
        revision = self._db.revision()
        if self._entries is None or self._entries[0] != revision:
            self._entries = (revision, desired.read_entries(self._db))
        return self._entries[1]

    def add_request(self, video: str, wish: Target, now: int) -> None:
        """A person's `download`: it counts as the entry "manual", and goes before every other."""
        desired.add_request(self._db, video, wish, now)

    def remove_request(self, video: str, wish: Target) -> None:
        """Take back what a person wanted."""
        desired.remove_request(self._db, video, wish)

    def target(self, digest: str) -> Target:
        return target_of_digest(self._db, digest)

    # Listings

    def begin_listing(self, source: str, now: int) -> None:  # noqa: ARG002 - what is told counts from its end
        """Start afresh: pages of an earlier listing that did not end are forgotten."""
        listings.begin(self._db, source)

    def add_listed(self, source: str, videos: Sequence[ListedVideo], start: int) -> None:
        """One page, whose first line is line `start` of the listing (from 0). Nobody sees it before it is finished."""
        listings.add(self._db, source, videos, start)

    def finish_listing(
        self, source: str, summary: ListingSummary, now: int, next_due_at: int
    ) -> ListingChange:
        """A complete listing says what the source holds; any other one, or one that shrank too much, only adds.

        What `channel:` and lists of playlists tell gives their entries other sources. New videos are judged at once.
        """
        return listings.finish(self._db, source, summary, now, next_due_at)

    def fail_listing(self, source: str, failure: Failure, now: int, next_due_at: int) -> None:
        listings.fail(self._db, source, failure, now, next_due_at)

    def listing(self, source: str) -> Listing | None:
        return listings.read(self._db, source)

    def known(self, source: str) -> Known | None:
        """First lines and length of what is held, when that is complete, and its first videos."""
        return listings.known(self._db, source)

    def held(self, source: str) -> int:
        """How many videos a source is held to have."""
        found = memberships.find_source(self._db, source)
        return 0 if found is None else memberships.held(self._db, found)

    def members(self, source: str) -> tuple[str, ...]:
        """The videos that a source is held to have, in its order."""
        return memberships.members(self._db, source)

    # Filters

    def judge(self, now: int) -> int:
        """Ask filters again about what changed (facts, members, filters, time); how many verdicts changed."""
        return verdicts.judge(self._db, now)

    def verdict(self, entry: str, video: str) -> Verdict | None:
        """Why an entry leaves a video of its sources out, or cannot say yet; None where nothing speaks against it."""
        return verdicts.read(self._db, entry, video)

    def left_out(self) -> dict[str, LeftOut]:
        """What filters and suspended entries leave out, by entry; distinct videos that nobody wants under ""."""
        return rows.left_out(self._db)

    def provisos(self, video: str) -> tuple[Proviso, ...]:
        """What a video is to be fetched for, of each entry whose filter waits for its page."""
        return verdicts.provisos(self._db, video)

    def lacking_details(self, limit: int) -> tuple[str, ...]:
        """Undecided videos that the Data API was not asked about yet, in the order of work."""
        return verdicts.lacking_details(self._db, limit)

    # Rows for the core

    def candidates(
        self, now: int, *, entry: str | None = None, videos: Collection[str] | None = None
    ) -> Iterator[Row]:
        """Every wanted or undecided video that is not settled, in the order of work; a stream over one moment."""
        return rows.candidates(self._db, now, entry=entry, videos=videos)

    def row(self, video: str, now: int) -> Row | None:
        """One wanted or undecided video, settled or not."""
        return rows.row(self._db, video, now)

    def settled(self, now: int) -> dict[str, int]:
        """Wanted videos that are no candidates, by entry; distinct ones under ""."""
        return rows.settled(self._db, now)

    def wanted_count(self) -> dict[str, int]:
        """Wanted videos by entry; distinct ones under ""."""
        return rows.wanted_count(self._db)

    def next_due_at(self, now: int) -> int | None:
        """When a settled video becomes a candidate, or an acknowledgement ends, by time alone."""
        return rows.next_due_at(self._db, now)

    # What is on disk

    def record_item(self, item: Item, *, dir_mtime_ns: int, late_due_at: int | None) -> None:
        """An item whose media are whole on disk; it answers the target that it names, and failures of its media are over."""
        items.record(self._db, item, dir_mtime_ns=dir_mtime_ns, late_due_at=late_due_at)

    def accept(self, video: str, target: str, now: int) -> None:
        """What is on disk answers this target (digest) too; nothing changed there."""
        items.accept(self._db, video, target, now)

    def mark_damaged(self, video: str, why: str, *, shard: str | None = None, dir_mtime_ns: int = 0) -> None:
        """An item is not whole. One that was never recorded becomes known when its shard is given."""
        items.mark_damaged(self._db, video, why, shard, dir_mtime_ns)

    def damage(self, video: str) -> str | None:
        return items.damage(self._db, video)

    def record_folder(self, item: Item, *, dir_mtime_ns: int) -> None:
        """An item got files beside those that decide what it answers."""
        with self._db.transaction():
            items.record_folder(self._db, item, dir_mtime_ns)

    def forget_item(self, video: str) -> None:
        items.forget(self._db, video)

    def known_items(self) -> Iterator[tuple[str, str, int]]:
        """(video, shard, dir_mtime_ns), by id; a stream over one moment."""
        return items.known(self._db)

    def item_count(self) -> int:
        """How many items are on disk, damaged ones too."""
        return items.count(self._db)

    def item_conditions(self) -> dict[str, int]:
        """How many items are "whole", "partial" and "damaged"."""
        return items.conditions(self._db)

    def known_shards(self) -> tuple[str, ...]:
        """Every shard with an item, for a scan of the archive."""
        return items.shards(self._db)

    def known_in(self, shard: str) -> dict[str, tuple[int, int]]:
        """The items of one shard: by video id (mtime of its folder in ns, bytes of its files).

        Those of a damaged one equal no folder's, so that every scan looks whether it was mended.
        """
        return items.known_in(self._db, shard)

    def postpone_look(self, video: str, due_at: int | None) -> None:
        """The next look for what of an item was not offered; None: no more."""
        items.postpone_look(self._db, video, due_at)

    def late_counts(self) -> dict[str, tuple[int, int | None]]:
        """By what is late of items that are here as wanted (`core.late_parts`): how many, and the next look."""
        return items.late_counts(self._db)

    def below_wish(self) -> Iterator[BelowWish]:
        """Wanted items on disk that may come in better quality, or whole."""
        return items.below_wish(self._db)

    def fetched_at(self, video: str) -> int:
        """When the media of an item were fetched; 0 when nothing is known of it."""
        return items.fetched_at(self._db, video)

    def item_location(self, video: str) -> str | None:
        """The shard of an item, or None when there is none."""
        return items.location(self._db, video)

    @contextmanager
    def usage(self) -> Iterator[Usage]:
        """How much room items take, added up over one moment."""
        with self._db.snapshot() as reader:
            yield Usage(reader)

    def unlinked(
        self, view_of: Mapping[str, str | None], following: Collection[str] = ()
    ) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Whole wanted items whose recorded views are not those of their entries: (video, entries).

        Of `following` entries also those that have another title by now.
        """
        return library.unlinked(self._db, view_of, following)

    def forget_remade(self, video: str) -> None:
        """The library shows the files that an item has now."""
        library.forget_remade(self._db, video)

    def forget_renamed(self, videos: Iterable[str]) -> None:
        """These stand in the library under their titles of now."""
        library.forget_renamed(self._db, videos)

    def forget_renamed_beyond(self, layouts: Collection[str]) -> None:
        """`layouts` are those that follow titles: of videos that stand in no other one, titles do not matter."""
        library.forget_renamed_beyond(self._db, layouts)

    def next_episode(self, shard: str, day: str) -> int:
        """The next number of a day (YYYY-MM-DD) in a shard, from 1."""
        return items.next_episode(self._db, shard, day)

    def channel_name(self, shard: str) -> str | None:
        """What a channel was called when the first of its items that are here was fetched."""
        return items.channel_name(self._db, shard)

    def record_views(self, views: Iterable[tuple[str, str, str, int, int, str]]) -> None:
        """Files of the library: (view, path, video, dev, inode, layout) each."""
        items.record_views(self._db, views)

    def views(self, video: str | None = None) -> tuple[View, ...]:
        """The library's files of one video, or all of them."""
        return items.views(self._db, video)

    def library_names(self) -> Iterator[tuple[str, str, str]]:
        """(view, path, video) of every file of the library, by view and path; a stream over one moment."""
        return items.library_names(self._db)

    def forget_view(self, view: str, path: str) -> None:
        items.forget_view(self._db, view, path)

    # What was tried

    def record_failure(self, video: str, part: str, failure: Failure, now: int, next_attempt_at: int) -> int:
        """Count one more failure of a part ("media", "captions:en"); how many since its last success."""
        return _attempts.record(self._db, video, part, failure, now, next_attempt_at)

    def clear_failures(self, video: str, part: str | None = None) -> None:
        _attempts.clear(self._db, video, part)

    def attempts(self, video: str) -> tuple[Attempt, ...]:
        return _attempts.of_video(self._db, video)

    def open_attempts(self) -> Iterator[OpenAttempt]:
        """Failures that still matter, for the work plan; a stream over one moment."""
        return _attempts.open_ones(self._db)

    def retry_now(self, videos: Collection[str]) -> int:
        """Make these videos (or sources) due at once; how many of them had failed."""
        return _attempts.retry_now(self._db, videos)

    # Jobs

    def start_job(self, job: Job, now: int) -> None:
        jobs.start(self._db, job, now)

    def end_job(self, job_id: str, outcome: str, code: str | None, message: str | None, now: int) -> None:
        jobs.end(self._db, job_id, outcome, code, message, now)

    def abandon_jobs(self, now: int) -> int:
        """Close every running job as "lost"; how many there were."""
        return jobs.abandon(self._db, now)

    def jobs(self, limit: int = 100) -> tuple[JobRecord, ...]:
        """The newest first."""
        return jobs.latest(self._db, limit)

    def jobs_about(self, subject: str, limit: int = 100) -> tuple[JobRecord, ...]:
        """The last jobs about a video or list, the newest first."""
        return jobs.about(self._db, subject, limit)

    def forget_jobs(self, before: int) -> int:
        """Drop what ended before a time: a daemon of years must not keep them all; how many there were."""
        return jobs.forget(self._db, before)

    def met(self, since: int) -> tuple[Met, ...]:
        """The codes that jobs about videos failed with since then."""
        return jobs.met(self._db, since)

    def download_seconds(self, last: int = 50) -> float | None:
        """How long the last downloads that succeeded took on average; None when there was none."""
        return jobs.download_seconds(self._db, last)

    def job(self, job_id: str) -> JobRecord | None:
        return jobs.read(self._db, job_id)

    # What was spent

    def egress(self, name: str) -> EgressState:
        return spending.egress(self._db, name)

    def record_egress(self, state: EgressState) -> None:
        spending.record_egress(self._db, state)

    def egresses(self) -> tuple[EgressState, ...]:
        """Every one that was ever used, by name."""
        return spending.egresses(self._db)

    def halt(self, name: HaltName) -> Halt:
        return spending.halt(self._db, name)

    def record_halt(self, halt: Halt) -> None:
        spending.record_halt(self._db, halt)

    def quota_ledger(self, limits: QuotaLimits) -> QuotaLedger:
        """The ledger of the Data API's units, for any thread; close it before the index. `QuotaLedger.standing` reads."""
        return QuotaLedger(self._db.path, limits, read_only=self._db.read_only)
