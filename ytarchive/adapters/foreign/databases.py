"""SQLite databases of TubeSync and Pinchflat, read and never written, nor is anything made beside them.

A database that another program wrote last may have its newest rows in a `-wal` file, and reading these would make
files beside it: then a copy is read.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import apsw

from ytarchive.adapters.foreign.reading import Unreadable
from ytarchive.core.adoption import VIDEO_ID, Claim, channel_id_of, day_of_text

_STEPS = 10_000
_MOST_PORTIONS = 1_000_000
"""So many portions of steps may one question take: a database can hold a view that never ends."""


def read(path: Path) -> Iterator[Claim]:
    """What the database claims. Raise `Unreadable` when it is of neither tool."""
    try:
        with _opened(path) as database:
            tables = {
                str(name)
                for (name,) in database.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
            }
            if "sync_media" in tables:
                yield from _tube_sync(database)
            elif "media_items" in tables:
                yield from _pinchflat(database)
            else:
                raise Unreadable("is a database of a tool that is not known")
    except (apsw.Error, UnicodeDecodeError) as error:
        raise Unreadable(f"cannot be read as a database: {error}") from None
    except OSError as error:
        raise Unreadable(f"cannot be read: {error.strerror}") from None


@contextmanager
def _opened(path: Path) -> Iterator[apsw.Connection]:
    wal = path.with_name(f"{path.name}-wal")
    with tempfile.TemporaryDirectory(prefix="ytarchive-adopt-") as folder:
        if wal.is_file() and wal.stat().st_size:
            for one in (path, wal):
                shutil.copyfile(one, Path(folder) / one.name, follow_symlinks=False)
            name = f"file:{quote(str(Path(folder) / path.name))}"
        else:
            name = f"file:{quote(str(path.absolute()))}?mode=ro&immutable=1"
        database = apsw.Connection(name, flags=apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_URI)
        try:
            database.config(apsw.SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0)
            database.config(apsw.SQLITE_DBCONFIG_DEFENSIVE, 1)
            left = iter(range(_MOST_PORTIONS))
            database.set_progress_handler(lambda: next(left, None) is None, _STEPS)
            yield database
        finally:
            database.close()


def _tube_sync(database: apsw.Connection) -> Iterator[Claim]:
    """TubeSync's `sync_media`, its `media_file` below DOWNLOAD_ROOT, and the `sync_source` that it is of.

    (tubesync/sync/migrations/0001_*: Media and Source; a source of type "i" is a channel, its key the channel's id,
    "c" a channel by its name, "p" a playlist.)
    """
    media = _columns(database, "sync_media", ("key", "media_file", "title", "published", "source_id"))
    source = _columns(database, "sync_source", ("uuid", "name", "key", "source_type"), "s")
    question = (
        f"SELECT {media['key']}, {media['media_file']}, {media['title']}, {media['published']},"  # noqa: S608 - our names
        f" iif({source['source_type']} IN ('c', 'i'), {source['name']}, NULL),"
        f" iif({source['source_type']} = 'i', {source['key']}, NULL)"
        f" FROM sync_media m LEFT JOIN sync_source s ON {source['uuid']} = {media['source_id']}"
    )
    yield from _claims("TubeSync", database, question)


def _pinchflat(database: apsw.Connection) -> Iterator[Claim]:
    """Pinchflat's `media_items`, with `media_filepath` as its container sees it, and the `sources` that they are of.

    (lib/pinchflat/media/media_item.ex; `upload_date` was called `uploaded_at` later, priv/repo/migrations/20240528180212.)
    """
    media = _columns(
        database,
        "media_items",
        ("media_id", "media_filepath", "title", "uploaded_at", "upload_date", "source_id"),
    )
    source = _columns(database, "sources", ("id", "collection_name", "collection_id", "collection_type"), "s")
    is_channel = f"{source['collection_type']} = 'channel'"
    question = (
        f"SELECT {media['media_id']}, {media['media_filepath']}, {media['title']},"  # noqa: S608 - our names
        f" coalesce({media['uploaded_at']}, {media['upload_date']}),"
        f" iif({is_channel}, {source['collection_name']}, NULL), iif({is_channel}, {source['collection_id']}, NULL)"
        f" FROM media_items m LEFT JOIN sources s ON {source['id']} = {media['source_id']}"
    )
    yield from _claims("Pinchflat", database, question)


def _columns(
    database: apsw.Connection, table: str, names: tuple[str, ...], short: str = "m"
) -> dict[str, str]:
    """The columns as a question names them; NULL for those that this version of the tool has not."""
    there = {str(row[1]) for row in database.execute(f"PRAGMA table_info({table})")}
    return {name: f"{short}.{name}" if name in there else "NULL" for name in names}


def _claims(tool: str, database: apsw.Connection, question: str) -> Iterator[Claim]:
    for row in database.execute(question):
        video, file, title, published, channel, channel_id = (
            value if isinstance(value, str) else None for value in row
        )
        place = tuple(part for part in (file or "").split("/") if part not in ("", ".", ".."))
        if video and VIDEO_ID.match(video) and place:
            yield Claim(
                tool=tool,
                video=video,
                place=place,
                title=title or None,
                uploaded_on=day_of_text(published),
                channel=channel or None,
                channel_id=channel_id_of(channel_id),
            )
