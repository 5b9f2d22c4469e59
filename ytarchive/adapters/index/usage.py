"""How much room items take, added up by who wants them, where they stand and what they are; a few passes over the rows."""

from __future__ import annotations

from dataclasses import dataclass

from ytarchive.adapters.index.claims import read_names
from ytarchive.adapters.index.database import Database
from ytarchive.core.space import Backlog, Pace, Part, Share

_SHARES = """
SELECT w.claim, count(*), sum(i.bytes)
FROM items i LEFT JOIN wanted w ON w.video = i.video GROUP BY w.claim
"""
_BACKLOG = """
SELECT w.claim, count(*), count(v.duration_seconds), total(v.duration_seconds)
FROM wanted w
CROSS JOIN claims c ON c.id = w.claim AND c.target IS NOT NULL AND NOT c.undecided
LEFT JOIN items i ON i.video = w.video
LEFT JOIN videos v ON v.id = w.video
WHERE i.video IS NULL AND NOT EXISTS (SELECT 1 FROM tombstones t WHERE t.video = w.video)
GROUP BY w.claim
"""
_PACES = """
SELECT i.got, count(*), sum(i.bytes), total(iif(v.duration_seconds > 0, i.bytes, 0)), total(max(v.duration_seconds, 0))
FROM items i LEFT JOIN videos v ON v.id = i.video
WHERE i.got IS NOT NULL AND i.bytes > 0 GROUP BY i.got
"""
_CHANNELS = """
SELECT coalesce(max(channel), iif(shard = '_', 'unknown channel', shard)), count(*), sum(bytes), shard
FROM items GROUP BY shard ORDER BY 3 DESC, shard
"""
_CODECS = """
SELECT coalesce(codec, 'unknown'), count(*), sum(bytes) FROM items GROUP BY codec ORDER BY 3 DESC, 1
"""
_VIEWS = """
SELECT s.view, count(*), sum(i.bytes)
FROM (SELECT DISTINCT view, video FROM views) s CROSS JOIN items i ON i.video = s.video
GROUP BY s.view ORDER BY s.view
"""
_FETCHED = """
SELECT shard, video, bytes FROM items WHERE committed_at >= ? AND condition <> 'damaged'
ORDER BY committed_at DESC LIMIT ?
"""
MOST_LOOKED_AT = 5000
"""Each of these is a folder to be listed; after a large first download none of them has anything to tell."""


@dataclass(frozen=True, slots=True)
class Usage:
    """The sums over one moment of the index."""

    db: Database

    def shares(self) -> tuple[Share, ...]:
        """Items by the entries that want them; () for those that nobody wants."""
        rows = self.db.all("SELECT id, entries, undecided FROM claims WHERE target IS NOT NULL")
        claims = {claim: (read_names(self.db, names), bool(undecided)) for claim, names, undecided in rows}
        return tuple(
            Share(names, items, size, is_undecided)
            for claim, items, size in self.db.all(_SHARES)
            for names, is_undecided in [claims.get(claim, ((), False))]
        )

    def backlogs(self) -> tuple[Backlog, ...]:
        """Wanted videos that are not here, and that YouTube has, by the entries that want them."""
        rows = self.db.all("SELECT id, entries, target FROM claims WHERE target IS NOT NULL")
        claims = {claim: (read_names(self.db, names), target) for claim, names, target in rows}
        return tuple(Backlog(*claims[claim], *row) for claim, *row in self.db.all(_BACKLOG))

    def paces(self) -> dict[int, Pace]:
        """How large items are, by the target that they answer."""
        return {
            target: Pace(items, size, int(timed), seconds)
            for target, items, size, timed, seconds in self.db.all(_PACES)
        }

    def channels(self) -> tuple[Part, ...]:
        """The largest first."""
        return tuple(Part(name, items, size) for name, items, size, _ in self.db.all(_CHANNELS))

    def codecs(self) -> tuple[Part, ...]:
        """By the codec of the picture, or of the sound where there is none; the largest first."""
        return tuple(Part(*row) for row in self.db.all(_CODECS))

    def views(self) -> tuple[Part, ...]:
        """By the folder of the library that shows them."""
        return tuple(Part(*row) for row in self.db.all(_VIEWS))

    def fetched_since(self, since: int) -> tuple[tuple[str, str, int], ...]:
        """(shard, video, bytes) of whole items whose media were fetched since then; the newest, some thousands at most."""
        return tuple(
            (shard, video, size) for shard, video, size in self.db.all(_FETCHED, (since, MOST_LOOKED_AT))
        )
