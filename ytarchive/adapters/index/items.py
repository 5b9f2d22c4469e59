"""What is on disk, as the last scan or commit saw it, and the files that the library shows for it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from ytarchive.adapters.index import asking, attempts, claims, letting_go, videos
from ytarchive.adapters.index.database import REBUILD, Database
from ytarchive.adapters.index.facts import decode_facts, encode_facts
from ytarchive.adapters.index.records import View
from ytarchive.adapters.index.targets import find_target, read_target, target_id
from ytarchive.adapters.index.texts import storable
from ytarchive.core.codec import MalformedValue
from ytarchive.core.desired import Target
from ytarchive.core.item import Got, Item
from ytarchive.core.late_parts import OF_SPONSORBLOCK, late_of, late_under, next_look
from ytarchive.core.plan import Condition, ItemFacts
from ytarchive.core.views import day_of
from ytarchive.core.work_plan import BelowWish
from ytarchive.errors import IndexDamaged

_WORD = 1 << 64


def record(db: Database, item: Item, *, dir_mtime_ns: int, late_due_at: int | None) -> None:
    """An item whose media are whole on disk, and answer the target that it names."""
    with db.transaction():
        db.execute("INSERT OR IGNORE INTO remade SELECT video FROM items WHERE video = ?", (item.id,))
        db.execute(
            "INSERT OR REPLACE INTO items VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, ?, ?, ?, ?, ?)",
            (
                item.id,
                item.shard,
                target_id(db, item.wanted, item.target),
                condition_of(item.wanted, item.captions_missing),
                sum(file.bytes for file in item.files),
                dir_mtime_ns,
                item.provenance.fetched_at,
                " ".join(late_of(item)) or None,
                late_due_at,
                day_of(item),
                item.episode,
                storable(item.metadata.channel) if item.metadata.channel else None,
                codec_of(item.got),
                not {*item.wanted_by} - {claims.MANUAL},
            ),
        )
        db.execute("INSERT OR REPLACE INTO item_facts VALUES (?, ?)", (item.id, encode_facts(facts_of(item))))
        videos.fill(db, item.id, item.metadata, item.provenance.fetched_at)
        attempts.clear(db, item.id, "media")
        asking.note_fetched(db, item.id, item.provenance.identity)
        db.execute("DELETE FROM acknowledged WHERE video = ? AND lost", (item.id,))
        letting_go.withdraw(db, (item.id,))  # what is here was not let go
        db.changed()


def record_folder(db: Database, item: Item, dir_mtime_ns: int) -> None:
    """An item got files beside those that decide what it answers."""
    db.execute(
        "UPDATE items SET bytes = ?, dir_mtime_ns = ? WHERE video = ?",
        (sum(file.bytes for file in item.files), dir_mtime_ns, item.id),
    )
    db.changed()


def codec_of(got: Got) -> str | None:
    """What takes the room of an item: the codec of its picture, or of its sound where there is none."""
    told = [got.video.codec if got.video else None, got.audio.audio_codec if got.audio else None]
    return next((storable(codec) for codec in told if codec), None)


def condition_of(target: Target, captions_missing: Collection[str]) -> Condition:
    """`partial` when captions that the target requires are missing."""
    required = {wish.language for wish in target.captions if wish.required}
    return "partial" if required & {*captions_missing} else "whole"


def facts_of(item: Item) -> ItemFacts:
    """What of an item decides whether it answers another target."""
    captions = {file.language for file in item.files if file.role == "caption" and file.language}
    return ItemFacts(
        offered=item.offered,
        got=item.got,
        captions=tuple(sorted(captions)),
        captions_missing=item.captions_missing,
        roles=tuple(sorted({file.role for file in item.files})),
        marked=item.sponsors.marked if item.sponsors else (),
        removed=item.sponsors.removed if item.sponsors else (),
        cut=tuple(sorted({each.part for each in item.sponsors.cuts})) if item.sponsors else (),
    )


def read_facts(db: Database, video: str) -> ItemFacts | None:
    blob = db.value("SELECT facts FROM item_facts WHERE video = ?", (video,))
    try:
        return None if blob is None else decode_facts(blob)
    except MalformedValue as error:
        raise IndexDamaged(f"{db.path}: {video}: {error}", cure=REBUILD) from None


def accept(db: Database, video: str, target: str, now: int) -> None:
    """What is on disk answers this target as well, unless it is damaged. Raises `LookupError` for a target that was never wanted.

    Of what it lacks of this target, the looks follow as of a fetch for it.
    """
    with db.transaction():
        number = find_target(db, target)
        if number is None:
            raise LookupError(f"no target {target}")
        facts = read_facts(db, video)
        wish = read_target(db, number)
        missing = facts.captions_missing if facts else ()
        known, fetched_at = db.one("SELECT late, committed_at FROM items WHERE video = ?", (video,)) or (
            "",
            0,
        )
        late = late_under(facts, wish, (known or "").split()) if facts else ()
        db.execute(
            "UPDATE items SET got = ?, condition = ?, late = ?, late_due_at = ?"
            " WHERE video = ? AND condition <> 'damaged'",
            (
                number,
                condition_of(wish, missing),
                " ".join(late) or None,
                next_look(late, wish, missing, fetched_at, now),
                video,
            ),
        )
        attempts.clear(db, video, "media")
        db.changed()


def mark_damaged(db: Database, video: str, why: str, shard: str | None, dir_mtime_ns: int) -> None:
    """An item that is not whole. One that was never recorded becomes known when its shard is given."""
    with db.transaction():
        if shard is not None:
            db.execute(
                "INSERT OR IGNORE INTO items VALUES (?, ?, NULL, 'damaged', 0, ?, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1)",
                (video, shard, dir_mtime_ns),
            )
        db.execute(
            "UPDATE items SET condition = 'damaged', damage = ? WHERE video = ?", (storable(why), video)
        )
        db.changed()


def forget(db: Database, video: str) -> None:
    """It is no longer on disk. Its views stay: they are taken away by who finds them dangling."""
    with db.transaction():
        db.execute("DELETE FROM items WHERE video = ?", (video,))
        db.execute("DELETE FROM item_facts WHERE video = ?", (video,))
        db.changed()


def postpone_look(db: Database, video: str, due_at: int | None) -> None:
    with db.transaction():
        db.execute("UPDATE items SET late_due_at = ? WHERE video = ?", (due_at, video))
        db.changed()


def fetched_at(db: Database, video: str) -> int:
    """When the media of an item were fetched; 0 when nothing is known of it."""
    return int(db.value("SELECT committed_at FROM items WHERE video = ?", (video,)) or 0)


def late_counts(db: Database) -> dict[str, tuple[int, int | None]]:
    """By what is late of whole, wanted items: how many there are, and the next look; None: none is left."""
    rows = db.all(
        """
        SELECT i.late, count(*), min(i.late_due_at)
        FROM items i INDEXED BY items_by_late
        CROSS JOIN wanted w ON w.video = i.video
        CROSS JOIN claims c ON c.id = w.claim AND c.target = i.got AND NOT c.undecided
        WHERE i.late IS NOT NULL AND i.condition = 'whole' GROUP BY i.late
        """
    )
    counts: dict[str, tuple[int, int | None]] = {}
    for late, number, due_at in rows:
        for part in {*late.split()} - OF_SPONSORBLOCK:
            known, soonest = counts.get(part, (0, None))
            times = [at for at in (soonest, due_at) if at is not None]
            counts[part] = (known + number, min(times, default=None))
    return counts


def below_wish(db: Database) -> Iterator[BelowWish]:
    """Whole, wanted items that lack quality, or the rest of a recording; a stream over one moment."""
    with db.snapshot() as reader:
        for video, title, late, target, fetched, due_at in reader.each(_BELOW_WISH):
            facts, wish = read_facts(db, video), read_target(db, target)
            if facts is None or not {"quality", "recording"} & {*late.split()}:
                continue
            got, wished = facts.got.video, wish.video.max if wish.video else None
            words = (f"{got.label}p" if got and got.label else "", (got and got.codec) or "")
            yield BelowWish(
                video=video,
                title=title,
                got=" ".join(word for word in words if word) or facts.got.container,
                wished=f"{wished}p" if wished else None,
                cut="recording" in late.split(),
                because=facts.got.because,
                fetched_at=fetched,
                next_look_at=due_at,
            )


_BELOW_WISH = """
SELECT i.video, v.title, i.late, i.got, i.committed_at, i.late_due_at
FROM items i INDEXED BY items_by_late
CROSS JOIN wanted w ON w.video = i.video
CROSS JOIN claims c ON c.id = w.claim AND c.target = i.got AND NOT c.undecided
LEFT JOIN videos v ON v.id = i.video
WHERE i.late IS NOT NULL AND i.condition = 'whole'
"""


def known(db: Database) -> Iterator[tuple[str, str, int]]:
    """(video, shard, dir_mtime_ns) of every item, by id."""
    with db.snapshot() as reader:
        yield from reader.each("SELECT video, shard, dir_mtime_ns FROM items ORDER BY video")


def count(db: Database) -> int:
    return int(db.value("SELECT count(*) FROM items"))


def conditions(db: Database) -> dict[str, int]:
    """How many items are "whole", "partial" and "damaged"."""
    return {str(name): n for name, n in db.all("SELECT condition, count(*) FROM items GROUP BY condition")}


def shards(db: Database) -> tuple[str, ...]:
    return tuple(str(shard) for (shard,) in db.all("SELECT DISTINCT shard FROM items"))


def known_in(db: Database, shard: str) -> dict[str, tuple[int, int]]:
    """(dir_mtime_ns, bytes) of every item in a shard, by video; a damaged one's are never those of a folder."""
    rows = db.all(
        "SELECT video, iif(condition = 'damaged', -1, dir_mtime_ns), bytes FROM items WHERE shard = ?",
        (shard,),
    )
    return {video: (mtime, size) for video, mtime, size in rows}


def location(db: Database, video: str) -> str | None:
    """The shard of an item, or None when there is none."""
    shard = db.value("SELECT shard FROM items WHERE video = ?", (video,))
    return None if shard is None else str(shard)


def next_episode(db: Database, shard: str, day: str) -> int:
    """The next number of a day in a shard, from 1. A number that an item has is never given again."""
    found = db.value("SELECT max(episode) FROM items WHERE shard = ? AND day = ?", (shard, day))
    return int(found or 0) + 1


def channel_name(db: Database, shard: str) -> str | None:
    """What a channel was called when the first of its items that are here was fetched."""
    found = db.value(
        "SELECT channel FROM items WHERE shard = ? AND channel IS NOT NULL ORDER BY committed_at, video LIMIT 1",
        (shard,),
    )
    return None if found is None else str(found)


def damage(db: Database, video: str) -> str | None:
    """Why an item is damaged, or None when it is not."""
    why = db.value("SELECT damage FROM items WHERE video = ? AND condition = 'damaged'", (video,))
    return None if why is None else str(why)


def record_views(db: Database, views: Iterable[tuple[str, str, str, int, int, str]]) -> None:
    with db.transaction():
        db.execute_many(
            "INSERT OR REPLACE INTO views VALUES (?, ?, ?, ?, ?, ?)",
            (
                (view, path, video, _signed(dev), _signed(inode), layout)
                for view, path, video, dev, inode, layout in views
            ),
        )


def views(db: Database, video: str | None) -> tuple[View, ...]:
    of_video = "" if video is None else "WHERE video = :video"
    rows = db.all(
        f"SELECT view, path, video, dev, inode, layout FROM views {of_video} ORDER BY view, path",  # noqa: S608 - no input
        {"video": video},
    )
    return tuple(
        View(view, path, owner, dev % _WORD, inode % _WORD, layout)
        for view, path, owner, dev, inode, layout in rows
    )


def library_names(db: Database) -> Iterator[tuple[str, str, str]]:
    """(view, path, video) of every file that the library shows, by view and path."""
    with db.snapshot() as reader:
        yield from reader.each("SELECT view, path, video FROM views ORDER BY view, path")


def forget_view(db: Database, view: str, path: str) -> None:
    db.execute("DELETE FROM views WHERE view = ? AND path = ?", (view, path))


def _signed(number: int) -> int:
    """File systems number files with 64 bits, SQLite with 63 and a sign."""
    return number - _WORD if number >= _WORD // 2 else number
