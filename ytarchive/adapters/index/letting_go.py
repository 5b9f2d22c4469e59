"""What may be taken away, what was, and what people said about either."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence

from ytarchive.adapters.index import claims
from ytarchive.adapters.index.claims import read_names
from ytarchive.adapters.index.database import Database
from ytarchive.adapters.index.records import LetGo, LetGoHow, ListTrouble
from ytarchive.adapters.index.texts import storable
from ytarchive.core.instant import Instant
from ytarchive.core.removal import Holding, Left

_HOLDINGS = """
SELECT i.video, v.title, i.bytes, c.target IS NOT NULL AND NOT c.undecided, coalesce(c.entries, '[]'),
    coalesce(c.doubtful, '[]'), coalesce(c.left_out, '[]'),
    (SELECT json_group_array(json_array(e.name, s.name, m.last_seen_at) ORDER BY e.position, t.place)
     FROM memberships m INDEXED BY memberships_left JOIN entry_sources t ON t.source = m.source
     JOIN entries e ON e.id = t.entry JOIN sources s ON s.id = m.source
     WHERE m.video = i.video AND m.last_seen_at IS NOT NULL),
    coalesce(t.code, (SELECT a.code FROM attempts a WHERE a.video = i.video AND a.part IN ('media', 'look')
                      AND a.code IN (SELECT value FROM json_each(:gone)))),
    t.confirmed_at IS NOT NULL,
    EXISTS (SELECT 1 FROM jobs j WHERE j.subject = i.video AND j.state = 'running'),
    EXISTS (SELECT 1 FROM memberships m JOIN entry_sources n ON n.source = m.source JOIN listings l ON l.source = m.source
            WHERE m.video = i.video AND m.last_seen_at IS NULL AND l.completeness IS NOT NULL)
    AND NOT EXISTS (SELECT 1 FROM unshown u WHERE u.video = i.video),
    (SELECT b.at FROM answered b WHERE b.video = i.video AND b.has_it),
    i.unmanaged = 0,
    EXISTS (SELECT 1 FROM removals_confirmed r WHERE r.video = i.video)
FROM items i
LEFT JOIN wanted w ON w.video = i.video
LEFT JOIN claims c ON c.id = w.claim
LEFT JOIN tombstones t ON t.video = i.video
LEFT JOIN videos v ON v.id = i.video
WHERE (c.target IS NULL OR t.confirmed_at IS NOT NULL)
AND NOT EXISTS (SELECT 1 FROM kept k WHERE k.video = i.video)
ORDER BY i.video
"""


def holdings(db: Database, gone: Iterable[str], video: str | None = None) -> Iterator[Holding]:
    """Items that nobody wants, or that YouTube has no more; a stream over one moment. `gone`: codes that say so."""
    sql = _HOLDINGS if video is None else _HOLDINGS.replace("WHERE (c.", "WHERE i.video = :video AND (c.")
    with db.snapshot() as reader:
        for row in reader.each(sql, {"gone": json.dumps(sorted(gone)), "video": video}):
            video, title, size, wanted, entries, doubtful, left_out, left, *rest = row
            code, confirmed, running, listed, answered_at, ours, may_go = rest
            yield Holding(
                video=video,
                title=title,
                bytes=size,
                wanting=read_names(reader, entries) if wanted else (),
                doubtful=read_names(reader, doubtful),
                left_out=read_names(reader, left_out),
                left=tuple(Left(*one) for one in json.loads(left)),
                gone=code,
                confirmed=bool(confirmed),
                running=bool(running),
                is_listed=bool(listed),
                answered_at=answered_at,
                is_ours=bool(ours),
                is_confirmed=bool(may_go),
            )


def let_go(db: Database, gone: Sequence[LetGo]) -> None:
    """These are here no more, by a decision: neither item nor names are known, and no entry wants them."""
    with db.transaction():
        for one in gone:
            for table in (
                "items",
                "item_facts",
                "views",
                "verified",
                "corrupt",
                "removals_confirmed",
                "answered",
            ):
                db.execute(f"DELETE FROM {table} WHERE video = ?", (one.video,))  # noqa: S608 - our own names
            db.execute(
                "INSERT OR REPLACE INTO let_go VALUES (?, ?, ?, ?)",
                (one.video, one.how, storable(one.why), one.at),
            )
        _claim_again(db, [one.video for one in gone])


def withdraw(db: Database, videos: Sequence[str]) -> int:
    """Entries want these again, if they do; how many had been let go."""
    with db.transaction():
        chosen = (json.dumps(list(videos)),)
        number = db.execute("DELETE FROM let_go WHERE video IN (SELECT value FROM json_each(?))", chosen)
        if number:
            _claim_again(db, videos)
    return number


def read(db: Database, video: str) -> LetGo | None:
    row = db.one("SELECT video, how, why, at FROM let_go WHERE video = ?", (video,))
    return LetGo(*row) if row else None


def each(db: Database, how: LetGoHow | None = None) -> tuple[LetGo, ...]:
    rows = db.all(
        "SELECT video, how, why, at FROM let_go WHERE :how IS NULL OR how = :how ORDER BY video", {"how": how}
    )
    return tuple(LetGo(*row) for row in rows)


def keep(db: Database, video: str, now: Instant) -> None:
    with db.transaction():
        db.execute("INSERT OR REPLACE INTO kept VALUES (?, ?)", (video, now))
        db.changed()


def confirm(db: Database, videos: Iterable[str], now: Instant) -> None:
    with db.transaction():
        db.execute_many(
            "INSERT OR REPLACE INTO removals_confirmed VALUES (?, ?)", ((video, now) for video in videos)
        )
        db.changed()


def note_answers(db: Database, answers: Mapping[str, bool], now: Instant) -> None:
    with db.transaction():
        rows = ((video, now, has_it) for video, has_it in answers.items())
        db.execute_many("INSERT OR REPLACE INTO answered VALUES (?, ?, ?)", rows)
        db.changed()


def _claim_again(db: Database, videos: Sequence[str]) -> None:
    db.execute_many("INSERT OR IGNORE INTO dirty VALUES (?)", ((video,) for video in videos))
    claims.reassign_dirty(db)
    db.changed()


def list_troubles(db: Database) -> tuple[ListTrouble, ...]:
    rows = db.all(
        """
        SELECT e.name, s.name, l.title, l.completeness, l.code, coalesce(l.got, 0),
            (SELECT count(*) FROM memberships m WHERE m.source = s.id AND m.last_seen_at IS NULL)
        FROM entry_sources t JOIN entries e ON e.id = t.entry JOIN sources s ON s.id = t.source
        LEFT JOIN listings l ON l.source = t.source
        WHERE t.kind NOT IN ('videos', 'pins') AND NOT e.suspended
        AND (l.completeness IS NOT 'complete' OR l.code IS NOT NULL) ORDER BY e.position, t.place
        """
    )
    return tuple(ListTrouble(*row) for row in rows)


class LettingGo:
    """A part of `Index`, which has the rest."""

    _db: Database

    def holdings(self, gone: Iterable[str], video: str | None = None) -> Iterator[Holding]:
        """Items that nobody wants, or that YouTube has no more (or one of them); a stream over one moment.

        `gone`: codes that say that YouTube has it no more.
        """
        return holdings(self._db, gone, video)

    def let_go(self, *gone: LetGo) -> None:
        """These are here no more, by a decision: neither item nor names are known, and no entry wants them."""
        let_go(self._db, gone)

    def want_again(self, videos: Sequence[str]) -> int:
        """Entries want these again, if they do; how many had been let go."""
        return withdraw(self._db, videos)

    def gone_by_decision(self, video: str) -> LetGo | None:
        return read(self._db, video)

    def each_let_go(self, how: LetGoHow | None = None) -> tuple[LetGo, ...]:
        """What was let go, by id; of one kind, or all."""
        return each(self._db, how)

    def keep(self, video: str, now: Instant) -> None:
        """It stays, whatever policies say."""
        keep(self._db, video, now)

    def is_kept(self, video: str) -> bool:
        return bool(self._db.value("SELECT EXISTS (SELECT 1 FROM kept WHERE video = ?)", (video,)))

    def kept_without_names(self) -> tuple[str, ...]:
        """What stays by a person's word, is whole, and stands nowhere in the library."""
        rows = self._db.all(
            """
            SELECT k.video FROM kept k JOIN items i ON i.video = k.video AND i.condition <> 'damaged'
            WHERE NOT EXISTS (SELECT 1 FROM views v WHERE v.video = k.video)
            """
        )
        return tuple(video for (video,) in rows)

    def confirm_removals(self, videos: Iterable[str], now: Instant) -> None:
        """A person said that these may go, though they are many."""
        confirm(self._db, videos, now)

    def note_answers(self, answers: Mapping[str, bool], now: Instant) -> None:
        """YouTube was asked whether it still has these, and said that it has, or anything else."""
        note_answers(self._db, answers, now)

    def asked_since(self, since: Instant) -> frozenset[str]:
        """Videos that YouTube was asked about in this way since then."""
        return frozenset(
            video for (video,) in self._db.all("SELECT video FROM answered WHERE at >= ?", (since,))
        )

    def held_by_list(self) -> dict[str, int]:
        """How many videos each list of an entry holds."""
        rows = self._db.all(
            """
            SELECT s.name, count(m.video)
            FROM (SELECT DISTINCT source FROM entry_sources) t JOIN sources s ON s.id = t.source
            LEFT JOIN memberships m ON m.source = t.source AND m.last_seen_at IS NULL GROUP BY s.id
            """
        )
        return dict(rows)

    def list_troubles(self) -> tuple[ListTrouble, ...]:
        """Lists of entries that are not known to be whole and as they are now."""
        return list_troubles(self._db)
