"""When the files of an item were last compared with their checksums, and those that were not what they should be."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from ytarchive.adapters.index.database import Database
from ytarchive.adapters.index.records import ToVerify
from ytarchive.adapters.index.texts import storable
from ytarchive.core.drift import DriftKind
from ytarchive.core.scrub import FIRST_LOOK_SECONDS, PERIOD_SECONDS


class Checksums:
    """A part of `Index`, which has the rest."""

    _db: Database

    def to_verify(
        self, *, not_since: int, due_by: int | None = None, limit: int = 1000
    ) -> tuple[ToVerify, ...]:
        """Items on disk that were not compared at `not_since` or later: new ones first, then the oldest look.

        `due_by`: only those whose turn comes by that time (`core.scrub`).
        """
        rows = self._db.all(_ITEMS, {"since": not_since, "by": due_by, "limit": limit, **_TURNS})
        return tuple(ToVerify(*row) for row in rows)

    def verified(self, video: str) -> ToVerify | None:
        """One item, whenever it was compared last."""
        row = self._db.one(_ONE, (video,))
        return None if row is None else ToVerify(*row)

    def verify_backlog(self, *, not_since: int, due_by: int | None = None) -> tuple[int, int]:
        """How many such items there are, and their bytes."""
        row = self._db.one(_BACKLOG, {"since": not_since, "by": due_by, **_TURNS})
        return (int(row[0]), int(row[1] or 0)) if row else (0, 0)

    def record_verified(self, video: str, wrong: Mapping[str, str], now: int) -> None:
        """The files of an item were compared; `wrong` tells by name of those that are not what item.json says."""
        with self._db.transaction():
            self._db.execute("INSERT OR REPLACE INTO verified VALUES (?, ?)", (video, now))
            self._db.execute("DELETE FROM corrupt WHERE video = ?", (video,))
            for name, why in wrong.items():
                self._db.execute("INSERT INTO corrupt VALUES (?, ?, ?, ?)", (video, name, storable(why), now))

    def record_replaced(self, video: str, kept: Collection[str]) -> None:
        """All files of an item were written anew, but for those kept: what was wrong with the others is over."""
        for name in self.corrupt(video).keys() - {*kept}:
            self._db.execute("DELETE FROM corrupt WHERE video = ? AND name = ?", (video, name))

    def corrupt(self, video: str) -> dict[str, str]:
        """Why files of an item are not what item.json says, by their names."""
        return dict(self._db.all("SELECT name, why FROM corrupt WHERE video = ? ORDER BY name", (video,)))

    def record_drift(self, video: str, kind: DriftKind, told: str, now: int) -> None:
        """Keep the last way in which the files of a video were not as they were left."""
        self._db.execute(
            "INSERT OR REPLACE INTO drifts VALUES (?, ?, ?, ?)", (video, kind, storable(told), now)
        )

    def drift(self, video: str) -> tuple[DriftKind, str, int] | None:
        """The last drift of a video: what kind, what was seen, and when."""
        row = self._db.one("SELECT kind, told, at FROM drifts WHERE video = ?", (video,))
        return None if row is None else (row[0], row[1], row[2])

    def corrupt_count(self) -> int:
        """Items with a file that is not what item.json says."""
        return int(self._db.value("SELECT count(DISTINCT video) FROM corrupt"))

    def oldest_verified_at(self) -> int | None:
        """When the item that waits longest was compared, or fetched where it never was; None without an item."""
        found = self._db.value(_OLDEST)
        return None if found is None else int(found)


_TURNS = {"first": FIRST_LOOK_SECONDS, "period": PERIOD_SECONDS}
_FROM = """
FROM items i LEFT JOIN verified v ON v.video = i.video
WHERE (v.at IS NULL OR v.at < :since)
AND (:by IS NULL OR iif(v.at IS NULL, i.committed_at + :first, v.at + :period) <= :by)
"""
_ITEMS = f"""
SELECT i.video, i.shard, i.bytes, v.at {_FROM}
ORDER BY v.at IS NOT NULL, v.at, i.shard, i.video LIMIT :limit
"""
_ONE = """
SELECT i.video, i.shard, i.bytes, v.at FROM items i LEFT JOIN verified v ON v.video = i.video WHERE i.video = ?
"""
_BACKLOG = f"SELECT count(*), sum(i.bytes) {_FROM}"
_OLDEST = "SELECT min(coalesce(v.at, i.committed_at)) FROM items i LEFT JOIN verified v ON v.video = i.video"
