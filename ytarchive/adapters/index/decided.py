"""What people decided about videos and sources: what is ignored, lost, or taken in any quality.

The journal beside the archive has it too, and gives it to a new index.
"""

from __future__ import annotations

from ytarchive.adapters.index import claims
from ytarchive.adapters.index.database import Database
from ytarchive.adapters.index.records import Acknowledgement, Lowered
from ytarchive.adapters.index.texts import storable


class Decided:
    """A part of `Index`, which has the rest."""

    _db: Database

    def acknowledge(
        self, subject: str, until: int | None, why: str, now: int, *, is_lost: bool = False
    ) -> None:
        """Ignore a video (or a source) until a time, or for good; `is_lost`: nobody can ever have it."""
        with self._db.transaction():
            self._db.execute(
                "INSERT OR REPLACE INTO acknowledged VALUES (?, ?, ?, ?, ?)",
                (subject, until, storable(why), now, is_lost),
            )
            self._db.changed()

    def withdraw(self, subject: str) -> None:
        """Take an acknowledgement back."""
        with self._db.transaction():
            if self._db.execute("DELETE FROM acknowledged WHERE video = ?", (subject,)):
                self._db.changed()

    def acknowledgements(self) -> tuple[Acknowledgement, ...]:
        rows = self._db.all("SELECT video, until, why, at, lost FROM acknowledged ORDER BY video")
        return tuple(
            Acknowledgement(subject, until, why, at, bool(lost)) for subject, until, why, at, lost in rows
        )

    def lower(self, video: str, why: str, now: int) -> None:
        """Take this video in whatever quality there is."""
        with self._db.transaction():
            self._db.execute("INSERT OR REPLACE INTO lowered VALUES (?, ?, ?)", (video, storable(why), now))
            self._claim_again(video)

    def restore_wish(self, video: str) -> None:
        """Want this video again as its entries say."""
        with self._db.transaction():
            self._db.execute("DELETE FROM lowered WHERE video = ?", (video,))
            self._claim_again(video)

    def lowered(self) -> tuple[Lowered, ...]:
        return tuple(
            Lowered(*row) for row in self._db.all("SELECT video, why, at FROM lowered ORDER BY video")
        )

    def _claim_again(self, video: str) -> None:
        self._db.execute("INSERT OR IGNORE INTO dirty VALUES (?)", (video,))
        claims.reassign_dirty(self._db)
        self._db.changed()
