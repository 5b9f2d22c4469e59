"""Lines for people who look for a video: by words of its title, or among those of an entry."""

from __future__ import annotations

from ytarchive.adapters.index.database import Database, SQLRow
from ytarchive.adapters.index.records import VideoLine
from ytarchive.core.filters import Outcome

MOST_WORDS = 8

_LINE = """
SELECT v.id, v.title, v.channel, v.published_from, v.duration_seconds, i.condition, i.bytes, a.code,
       w.video IS NOT NULL AND c.target IS NOT NULL AND NOT c.undecided,
       EXISTS (SELECT 1 FROM jobs j WHERE j.subject = v.id AND j.state = 'running')
"""
_BESIDE = """
LEFT JOIN items i ON i.video = v.id
LEFT JOIN attempts a ON a.video = v.id AND a.part = 'media'
LEFT JOIN wanted w ON w.video = v.id
LEFT JOIN claims c ON c.id = w.claim
"""


def search(db: Database, text: str, limit: int) -> tuple[VideoLine, ...]:
    """Videos whose title or channel has every word of `text`, or whose id begins with it; the newest first.

    Beyond ASCII SQLite knows no letter case, so a word is looked for as it is written, small, and capitalised.
    """
    words = text.split()[:MOST_WORDS]
    if not words:
        return ()
    terms, bindings = [], list[object]()
    for word in words:
        spelt = sorted({word, word.lower(), word.upper(), word.capitalize()})
        like = " OR ".join("v.title LIKE ? ESCAPE '\\' OR v.channel LIKE ? ESCAPE '\\'" for _ in spelt)
        terms.append(f"({like})")
        bindings += [pattern for one in spelt for pattern in [f"%{_escaped(one)}%"] * 2]
    matches = f"({' AND '.join(terms)}) OR substr(v.id, 1, length(?)) = ?"
    found = f"SELECT v.id FROM videos v WHERE {matches} ORDER BY v.id = ? DESC, v.published_from DESC, v.id LIMIT ?"  # noqa: S608 - terms without input
    rows = db.all(
        f"WITH found AS ({found}) {_LINE} FROM found f JOIN videos v ON v.id = f.id {_BESIDE}"
        " ORDER BY v.id = ? DESC, v.published_from DESC, v.id",
        (*bindings, text, text, text, limit, text),
    )
    return tuple(_line(row) for row in rows)


def of_entry(db: Database, entry: str, limit: int, offset: int) -> tuple[VideoLine, ...]:
    """Videos that the sources of an entry list, in their order; `left_out` tells by which rule it does not want one."""
    sql = f"""
        WITH listed AS (
            SELECT m.video, es.place, m.position, es.entry
            FROM entries e JOIN entry_sources es ON es.entry = e.id
            JOIN memberships m ON m.source = es.source AND m.last_seen_at IS NULL
            WHERE e.name = ? ORDER BY es.place, m.position, m.video LIMIT ? OFFSET ?
        )
        {_LINE.replace("v.id", "l.video")}, x.outcome, x.rule
        FROM listed l LEFT JOIN videos v ON v.id = l.video {_BESIDE.replace("v.id", "l.video")}
        LEFT JOIN verdicts x ON x.entry = l.entry AND x.video = l.video
        ORDER BY l.place, l.position, l.video
    """  # noqa: S608 - no input
    return tuple(_line(row[:-2], *row[-2:]) for row in db.all(sql, (entry, limit, offset)))


def _line(row: SQLRow, outcome: Outcome | None = None, rule: str | None = None) -> VideoLine:
    *told, is_wanted, is_running = row
    return VideoLine(*told, bool(is_wanted), bool(is_running), outcome, rule)  # type: ignore[call-arg]


def _escaped(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
