"""What people asked for as jobs: kept over restarts, the children of a playlist one row a video."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import Any, get_args

from ytarchive.adapters.index.database import Database
from ytarchive.adapters.index.texts import storable
from ytarchive.core.errand import OPEN, Errand, ErrandKind, ErrandState

_COLUMNS = "id, kind, subject, profile, state, created_at, ended_at, parent, begun, message"
_NAMES = _COLUMNS.split(", ")


class Errands:
    """A part of `Index`, which has the rest."""

    _db: Database

    def add_errands(self, errands: Iterable[Errand]) -> None:
        with self._db.transaction():
            self._db.execute_many(
                f"INSERT INTO errands ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608 - our own names
                (
                    (
                        one.id,
                        one.kind,
                        storable(one.subject),
                        one.profile,
                        one.state,
                        one.created_at,
                        one.ended_at,
                        one.parent,
                        one.begun,
                        one.message,
                    )
                    for one in errands
                ),
            )

    def errand(self, errand_id: str) -> Errand | None:
        found = self._errands("WHERE id = ?", (errand_id,))
        return found[0] if found else None

    def errands(
        self,
        *,
        states: Collection[ErrandState] = (),
        kinds: Collection[ErrandKind] = (),
        parent: str | None = None,
        after: str | None = None,
        limit: int = 100,
    ) -> tuple[Errand, ...]:
        """Those that nobody's job contains, or the children of one; the newest first, behind `after` (an id)."""
        place = self._db.value("SELECT place FROM errands WHERE id = ?", (after,)) if after else None
        named = {
            **{f"s{n}": state for n, state in enumerate(states or get_args(ErrandState))},
            **{f"k{n}": kind for n, kind in enumerate(kinds or get_args(ErrandKind))},
        }
        marks = {letter: ", ".join(f":{name}" for name in named if name[0] == letter) for letter in "sk"}
        return self._errands(
            f"WHERE parent IS :parent AND state IN ({marks['s']}) AND kind IN ({marks['k']})"
            " AND (:place IS NULL OR place < :place) ORDER BY place DESC LIMIT :limit",
            {**named, "parent": parent, "place": place, "limit": limit},
        )

    def open_errands(self, videos: Collection[str] | None = None) -> tuple[Errand, ...]:
        """All that did not end, the oldest first; or those about these videos."""
        if videos is None:
            return self._errands("WHERE state IN (?, ?) ORDER BY place", OPEN)
        return self._errands(
            "WHERE state IN (?, ?) AND kind = 'video' AND subject IN (SELECT value FROM json_each(?)) ORDER BY place",
            (*OPEN, json.dumps(list(videos))),
        )

    def has_open_errands(self) -> bool:
        return bool(self._db.value("SELECT EXISTS (SELECT 1 FROM errands WHERE state IN (?, ?))", OPEN))

    def change_errand(
        self, errand_id: str, state: ErrandState, message: str | None, now: int, *, begun: bool | None = None
    ) -> None:
        """Tell how it stands; it ended when it is no longer open."""
        with self._db.transaction():
            self._db.execute(
                "UPDATE errands SET state = ?, message = ?, ended_at = ?, begun = coalesce(?, begun) WHERE id = ?",
                (
                    state,
                    storable(message) if message else None,
                    None if state in OPEN else now,
                    begun,
                    errand_id,
                ),
            )

    def forget_errands(self, before: int) -> int:
        """Drop what ended before a time, with its children."""
        with self._db.transaction():
            return self._db.execute(
                "DELETE FROM errands WHERE coalesce((SELECT p.ended_at FROM errands p WHERE p.id = errands.parent),"
                " iif(parent IS NULL, ended_at, NULL)) < ?",
                (before,),
            )

    def _errands(self, where: str, bindings: Any) -> tuple[Errand, ...]:
        rows = self._db.all(f"SELECT {_COLUMNS} FROM errands {where}", bindings)  # noqa: S608 - our own text
        found = [Errand(**{**dict(zip(_NAMES, row, strict=True)), "begun": bool(row[8])}) for row in rows]
        return tuple(one if one.kind != "playlist" else self._counted(one) for one in found)

    def _counted(self, one: Errand) -> Errand:
        rows = self._db.all("SELECT state, count(*) FROM errands WHERE parent = ? GROUP BY state", (one.id,))
        return replace(one, counts=dict(rows))
