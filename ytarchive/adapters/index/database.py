"""The SQLite file of the index: opened, checked, migrated, and written in transactions by one writer.

Damage of any kind becomes `IndexDamaged` here, so that no caller ever sees an error of SQLite.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import apsw

from ytarchive import errors
from ytarchive.adapters.index import migrations

Bindings = Sequence[Any] | Mapping[str, Any]
SQLRow = tuple[Any, ...]

REBUILD = "run `ytarchive index rebuild`: everything in it comes from the archive, its journal and YouTube"
BUSY_TIMEOUT_MS = 10_000
CACHE_KIB = 8 * 1024
"""For each connection. Scans go through all tables in one order: 32 MiB made plans of 200,000 videos 3 % faster."""
LARGE_BYTES = 16 * 1024 * 1024
"""Above this size a check at open (1 s per GiB) runs only where a writer did not close: it would delay every pass."""
CHECKPOINT_PAGES = 4096
"""16 MiB: a page that many transactions write is then copied into the file once."""
JOURNAL_SIZE_LIMIT_BYTES = 64 * 1024 * 1024

_STAGING = """
CREATE TEMP TABLE staged (source INTEGER, position INTEGER, video TEXT, added_at INTEGER, title TEXT, channel TEXT, channel_id TEXT, availability TEXT, live_status TEXT, kind TEXT, duration_seconds REAL, published_from INTEGER, published_to INTEGER, PRIMARY KEY (source, position)) WITHOUT ROWID;
CREATE TEMP TABLE fresh (video TEXT PRIMARY KEY, position INTEGER, added_at INTEGER) WITHOUT ROWID;
CREATE TEMP TABLE news (video TEXT PRIMARY KEY, position INTEGER) WITHOUT ROWID;
CREATE TEMP TABLE arrived (video TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TEMP TABLE dirty (video TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TEMP TABLE keyed (video TEXT PRIMARY KEY, key TEXT) WITHOUT ROWID;
CREATE TEMP TABLE affected (entry INTEGER, video TEXT, PRIMARY KEY (entry, video)) WITHOUT ROWID;
CREATE TEMP TABLE ruled (video TEXT, outcome TEXT, rule TEXT, why TEXT, moved INTEGER);
"""


class Database:
    """One connection. Use it from one thread; open another one for another thread."""

    def __init__(self, path: Path, connection: apsw.Connection, *, read_only: bool) -> None:
        self.path = path
        self.read_only = read_only
        self._connection = connection
        self._depth = 0
        self._changed = False
        self._is_guest = False

    @classmethod
    def open(cls, path: Path, *, read_only: bool) -> Database:
        """Open or create the index. Raises `IndexDamaged`, `BusyError`, or `YtarchiveError` with its cure."""
        if read_only and not path.is_file():
            raise errors.IndexDamaged(
                f"{path}: there is no index", cure="run `ytarchive reconcile --once`: it makes one"
            )
        database = cls._connect(path, read_only=read_only)
        try:
            database._prepare()
        except BaseException:
            database._connection.close()
            raise
        return database

    @classmethod
    def _connect(cls, path: Path, *, read_only: bool) -> Database:
        flags = (
            apsw.SQLITE_OPEN_READONLY if read_only else apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE
        )
        try:
            if not read_only:
                path.parent.mkdir(parents=True, exist_ok=True)
            connection = apsw.Connection(str(path), flags=flags)
            connection.set_busy_timeout(BUSY_TIMEOUT_MS)
        except (apsw.Error, OSError) as error:
            raise explained(error, path) from error
        return cls(path, connection, read_only=read_only)

    @classmethod
    def beside(cls, path: Path, *, read_only: bool) -> Database:
        """One more connection to an index that is open already, for another thread."""
        database = cls._connect(path, read_only=read_only)
        database._is_guest = True
        if not read_only:
            # As the first one has it: what was committed survives a kill, and a power cut takes the last of it.
            database.execute("PRAGMA synchronous = NORMAL")
            database.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")
        return database

    def _prepare(self) -> None:
        try:
            # Nothing is written before it is known that the file is ours.
            migrations.refuse_foreign(self._connection, self.path)
            self._connection.pragma("cache_size", -CACHE_KIB)
            if self.read_only:
                migrations.refuse_outdated(self._connection, self.path)
            else:
                self._prepare_file()
            migrations.refuse_misshapen(self._connection, self.path)
            self._check()
            if not self.read_only:
                self._prepare_to_write()
        except apsw.SQLError as error:  # tables where none should be, or none where some should
            raise errors.IndexDamaged(
                f"{self.path}: the index has a wrong schema: {error}", cure=REBUILD
            ) from error
        except (apsw.Error, UnicodeDecodeError) as error:
            raise explained(error, self.path) from error

    def _prepare_file(self) -> None:
        self._connection.pragma("journal_mode", "wal")
        self._connection.pragma("synchronous", "normal")
        self._connection.pragma("wal_autocheckpoint", CHECKPOINT_PAGES)
        self._connection.pragma("journal_size_limit", JOURNAL_SIZE_LIMIT_BYTES)
        migrations.migrate(self._connection)

    def _prepare_to_write(self) -> None:
        self.execute(f"PRAGMA temp.cache_size = -{CACHE_KIB}")
        for statement in _STAGING.strip().splitlines():
            self.execute(statement)
        self.execute("INSERT OR REPLACE INTO meta VALUES ('closed', 0)")

    def _check(self) -> None:
        large = self.path.stat().st_size > LARGE_BYTES
        if large and (self.read_only or self.value("SELECT value FROM meta WHERE key = 'closed'")):
            return
        found = self.value("PRAGMA quick_check(1)")
        if found != "ok":
            raise errors.IndexDamaged(f"{self.path}: the index is damaged: {found}", cure=REBUILD)

    def close(self) -> None:
        """Close for good; a second call does nothing."""
        try:
            if not self.read_only and not self._depth and not self._is_guest:
                self.execute("UPDATE meta SET value = 1 WHERE key = 'closed'")
        except (errors.YtarchiveError, apsw.ConnectionClosedError):
            pass  # the next open finds it unclean, and checks it
        finally:
            self._connection.close()

    @contextmanager
    def snapshot(self) -> Iterator[Database]:
        """A view of this moment that stays the same while it is read, whatever is written meanwhile.

        Inside a transaction it is this connection itself: only here is visible what is not committed yet.
        """
        if self._depth:
            yield self
            return
        reader = self._connect(self.path, read_only=True)
        try:
            reader._connection.pragma("cache_size", -CACHE_KIB)
            reader.execute("BEGIN")
            yield reader
        finally:
            reader._connection.close()

    def execute(self, sql: str, bindings: Bindings = ()) -> int:
        """Run one statement; return how many rows it changed."""
        try:
            self._connection.execute(sql, bindings)
            return self._connection.changes()
        except (apsw.Error, UnicodeDecodeError) as error:
            raise explained(error, self.path) from error

    def execute_many(self, sql: str, rows: Iterable[Bindings]) -> int:
        """Run one statement for each of `rows`; return how many rows all of them changed."""
        try:
            before = self._connection.total_changes()
            self._connection.executemany(sql, rows)
            return int(self._connection.total_changes()) - before
        except (apsw.Error, UnicodeDecodeError) as error:
            raise explained(error, self.path) from error

    def told_many(self, sql: str, rows: Iterable[Bindings]) -> list[SQLRow]:
        """Run one statement with RETURNING for each of `rows`; all that they returned."""
        try:
            told: list[SQLRow] = list(self._connection.executemany(sql, rows))
        except (apsw.Error, UnicodeDecodeError) as error:
            raise explained(error, self.path) from error
        return told

    def streamed(self, sql: str, bindings: Bindings = ()) -> Iterator[SQLRow]:
        """Rows as they are found, also inside a transaction: none of the tables read may be written meanwhile."""
        try:
            yield from self._connection.execute(sql, bindings)
        except (apsw.Error, UnicodeDecodeError) as error:
            raise explained(error, self.path) from error

    def each(self, sql: str, bindings: Bindings = ()) -> Iterator[SQLRow]:
        """Rows as they are found. Inside a transaction all are read first, since it may change what is read."""
        try:
            rows = self._connection.execute(sql, bindings)
            yield from rows.fetchall() if self._depth else rows
        except (apsw.Error, UnicodeDecodeError) as error:
            raise explained(error, self.path) from error

    def all(self, sql: str, bindings: Bindings = ()) -> list[SQLRow]:
        try:
            rows: list[SQLRow] = self._connection.execute(sql, bindings).fetchall()
        except (apsw.Error, UnicodeDecodeError) as error:
            raise explained(error, self.path) from error
        return rows

    def one(self, sql: str, bindings: Bindings = ()) -> SQLRow | None:
        """The first row, or None."""
        rows = self.all(sql, bindings)
        return rows[0] if rows else None

    def value(self, sql: str, bindings: Bindings = ()) -> Any:
        """The first column of the first row, or None."""
        row = self.one(sql, bindings)
        return row[0] if row else None

    @property
    def in_transaction(self) -> bool:
        return self._depth > 0

    def changed(self) -> None:
        """What a plan is made from has changed: the transaction that is open will raise the revision."""
        self._changed = True

    def revision(self) -> int:
        stored = self.value("SELECT value FROM meta WHERE key = 'revision'")
        return int(stored or 0) + self._changed

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing, nested ones too. The outermost one waits for another writer's end."""
        level = f"level_{self._depth}"
        self.execute("BEGIN IMMEDIATE" if self._depth == 0 else f"SAVEPOINT {level}")
        self._depth += 1
        try:
            yield
            if self._depth == 1:
                self._raise_revision()
            self.execute("COMMIT" if self._depth == 1 else f"RELEASE {level}")
        except BaseException:
            self._undo(level)
            raise
        finally:
            self._depth -= 1

    def _undo(self, level: str) -> None:
        outermost = self._depth == 1
        if outermost:
            self._changed = False
        # SQLite has already rolled back by itself after some errors, a full disk among them.
        if self._connection.in_transaction:
            for statement in ("ROLLBACK",) if outermost else (f"ROLLBACK TO {level}", f"RELEASE {level}"):
                self.execute(statement)

    def _raise_revision(self) -> None:
        if self._changed:
            self.execute("INSERT OR REPLACE INTO meta VALUES ('revision', ?)", (self.revision(),))
            self._changed = False


def explained(error: Exception, path: Path) -> Exception:
    """The error that a person is told about; an error of our own SQL is a bug and stays what it is."""
    if isinstance(error, apsw.CorruptError | apsw.NotADBError | UnicodeDecodeError):
        return errors.IndexDamaged(f"{path}: the index is damaged: {error}", cure=REBUILD)
    if isinstance(error, apsw.BusyError | apsw.LockedError):
        return errors.BusyError(
            f"{path}: another process is writing the index", cure="wait until it is done, or stop it"
        )
    if isinstance(error, apsw.FullError):
        return errors.YtarchiveError(f"{path}: no space left for the index", cure="free some space")
    if isinstance(
        error, apsw.IOError | apsw.CantOpenError | apsw.ReadOnlyError | apsw.PermissionsError | OSError
    ):
        return errors.YtarchiveError(
            f"{path}: the index cannot be used: {error}",
            cure="check that its folder exists, is writable and is on a local disk",
        )
    return error
