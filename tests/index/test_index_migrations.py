"""Formats: each is made from the one before, in one step or not at all, and keeps what was there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest
from index_values import HD, MAY_1, NOW, digest, ids

from ytarchive.adapters.index import Index, VideoRecord
from ytarchive.adapters.index.migrations import STEPS, migrate
from ytarchive.core.instant import DAY
from ytarchive.core.quota import QuotaLimits

FORMAT_1 = Path(__file__).with_name("format_1.sql")
"""A small index as format 1 was released: every later program must read it. `index_dump.py` wrote it."""

MORE = "ALTER TABLE videos ADD COLUMN mood TEXT; UPDATE videos SET mood = 'en'"
WRONG = "CREATE TABLE half_done (column); INSERT INTO nowhere VALUES (1)"


@pytest.fixture
def released_path(tmp_path: Path) -> Path:
    path = tmp_path / "index.sqlite"
    connection = apsw.Connection(str(path))
    connection.execute(FORMAT_1.read_text())
    connection.close()
    return path


@pytest.fixture
def released(released_path: Path) -> Iterator[apsw.Connection]:
    connection = apsw.Connection(str(released_path))
    yield connection
    connection.close()


def test_index_of_format_1_still_tells_what_it_held(released_path: Path) -> None:
    with Index.open(released_path) as index:
        assert index.archive_id == "archive-1"
        assert [entry.name for entry in index.entries()] == ["a", "b"]
        assert ids(index.candidates(NOW)) == ["v3", "v2"]
        assert index.settled(NOW) == {"": 1, "a": 1, "b": 0}
        assert index.video("v1") == VideoRecord(
            "v1",
            "Title of v1",
            "Channel",
            "UC" + "x" * 22,
            61.5,
            "2024-05-01",
            None,
            None,
            NOW,
            published_from=MAY_1,
            published_to=MAY_1 + DAY - 1,
            examined_at=NOW,
            told_by="extraction",
        )
        rows = {row.video: row for row in index.candidates(NOW)}
        assert (rows["v2"].code, rows["v2"].acknowledged) == ("PRIVATE", True)
        assert rows["v3"].facts is not None
        assert rows["v3"].facts.got.duration_seconds == 61.5
        assert rows["v3"].target == digest(HD)
        assert [view.path for view in index.views("v1")] == ["Title [v1].mkv"]
        assert [job.outcome for job in index.jobs()] == ["done"]
        assert index.known("PL-a") is not None
        assert index.egress("guest").rate == 12.5
        with index.quota_ledger(QuotaLimits(10)) as ledger:
            assert ledger.standing(NOW).spent == (("look", 3),)


def test_step_keeps_what_was_there(released: apsw.Connection) -> None:
    migrate(released, (*STEPS, MORE))
    assert released.pragma("user_version") == 2
    assert released.execute("SELECT id, mood FROM videos ORDER BY id").fetchall()[0] == ("v1", "en")
    migrate(released, (*STEPS, MORE))
    assert released.pragma("user_version") == 2


def test_step_that_fails_leaves_the_format_before(released: apsw.Connection) -> None:
    with pytest.raises(apsw.SQLError):
        migrate(released, (*STEPS, WRONG))
    assert released.pragma("user_version") == 1
    assert released.execute("SELECT count(*) FROM sqlite_schema WHERE name = 'half_done'").get == 0
    migrate(released, (*STEPS, MORE))
    assert released.pragma("user_version") == 2


def test_steps_are_taken_one_after_another(released: apsw.Connection) -> None:
    with pytest.raises(apsw.SQLError):
        migrate(released, (*STEPS, MORE, WRONG))
    assert released.pragma("user_version") == 2


def test_new_file_goes_through_every_step(tmp_path: Path) -> None:
    connection = apsw.Connection(str(tmp_path / "new.sqlite"))
    migrate(connection, (*STEPS, MORE))
    columns = {row[1] for row in connection.execute("PRAGMA table_info(videos)")}
    connection.close()
    assert "mood" in columns


def test_format_1_is_never_edited(released: apsw.Connection) -> None:
    """A released step stays as it is: a change of the schema is a new step."""
    sql = "SELECT type, name, sql FROM sqlite_schema ORDER BY name"
    fresh = apsw.Connection(":memory:")
    migrate(fresh, STEPS[:1])
    made = fresh.execute(sql).fetchall()
    fresh.close()
    assert _words(made) == _words(released.execute(sql).fetchall())


def _words(rows: list[tuple[object, ...]]) -> list[list[str]]:
    return [str(row).split() for row in rows]
