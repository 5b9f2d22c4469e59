"""The index's face for what is known of channels, feeds and videos: much of it matters to people and filters only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ytarchive.adapters.index import (
    attempts,
    browsing,
    channels,
    feeds,
    memberships,
    text_history,
    tombstones,
    videos,
)
from ytarchive.adapters.index.database import Database
from ytarchive.adapters.index.records import (
    ChannelRecord,
    FeedRecord,
    Membership,
    TextRecord,
    Tombstone,
    VideoLine,
    VideoRecord,
)
from ytarchive.adapters.index.videos import Via
from ytarchive.core.item import Metadata
from ytarchive.core.job import VideoDetails
from ytarchive.core.work_plan import OnlyCopy


class Knowledge:
    """A part of `Index`, which has the rest."""

    _db: Database

    def channel(self, address: str) -> ChannelRecord | None:
        """Who a channel is, by the address in a manifest; None until it was looked at."""
        return channels.read(self._db, address)

    def history(self, video: str) -> tuple[Membership, ...]:
        """Every source that lists a video or listed it once."""
        return memberships.history(self._db, video)

    def feed(self, key: str) -> FeedRecord | None:
        """What a feed (`core.sources.feed_of`) showed last."""
        return feeds.read(self._db, key)

    def record_feed(self, key: str, fingerprint: str, now: int, next_due_at: int) -> None:
        feeds.record(self._db, key, fingerprint, now, next_due_at)

    def fail_feed(self, key: str, code: str, now: int, next_due_at: int) -> None:  # noqa: ARG002 - the time of an answer is kept, not of a failure
        """It could not be read: no evidence of anything."""
        feeds.fail(self._db, key, code, next_due_at)

    def video(self, video: str) -> VideoRecord | None:
        return videos.read(self._db, video)

    def record_details(self, details: Sequence[VideoDetails], now: int, via: Via) -> None:
        """What was told of videos one by one; an extraction has read their own pages. All of them are alive."""
        with self._db.transaction():
            videos.record_details(self._db, details, now, via)

    def search(self, text: str, limit: int) -> tuple[VideoLine, ...]:
        """Videos with every word of `text` in title or channel, or whose id begins with it; the newest first."""
        return browsing.search(self._db, text, limit)

    def entry_videos(self, entry: str, limit: int, offset: int = 0) -> tuple[VideoLine, ...]:
        """Videos that the sources of an entry list, in their order, whether it wants them or not."""
        return browsing.of_entry(self._db, entry, limit, offset)

    def texts(self, video: str) -> tuple[TextRecord, ...]:
        """Every title and description that a video had, oldest first; channel and availability where they changed."""
        return text_history.of_video(self._db, video)

    def retold(self, limit: int) -> tuple[str, ...]:
        """Items of which something else is said than their history knows."""
        return text_history.retold(self._db, limit)

    def forget_retold(self, video: str) -> None:
        """An item's history knows what is said of it."""
        text_history.forget_retold(self._db, video)

    def record_gone(self, video: str, code: str | None, now: int, message: str | None = None) -> Tombstone:
        """YouTube says that a video is gone, and why; None: the Data API leaves it out. What is known of it stays."""
        return tombstones.record(self._db, video, code, now, message)

    def restore_gone(self, video: str, code: str, confirmed_at: int) -> None:
        """It was known for certain before this index was made."""
        tombstones.restore(self._db, video, code, confirmed_at)

    def record_other_failure(self, video: str) -> None:
        """Something else than "gone" was met: what is not confirmed yet has to be said anew."""
        tombstones.doubt(self._db, video)

    def record_back(self, video: str) -> None:
        """It is alive. What an attempt says else is not final, and counted anew."""
        tombstones.withdraw(self._db, [video])
        attempts.doubt(self._db, video)

    def unconfirmed(self, since: int) -> tuple[str, ...]:
        """Videos of which it was said, at `since` or later, that they are gone, and not often enough yet."""
        return attempts.unconfirmed(self._db, since)

    def tombstone(self, video: str) -> Tombstone | None:
        return tombstones.read(self._db, video)

    def only_copies(self) -> Iterator[OnlyCopy]:
        """What is on disk of which YouTube says that it is gone; a stream over one moment."""
        return tombstones.held(self._db)

    def record_metadata(self, video: str, metadata: Metadata, now: int) -> None:
        with self._db.transaction():
            videos.record(self._db, video, metadata, now)
