"""Opening: what is an index, what is damaged, what is refused, and that a person always gets a cure."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from pathlib import Path

import apsw
import pytest
from index_values import HD, NOW, SD, digest, ids, keep, list_source, playlist, single

from ytarchive.adapters.index import Index
from ytarchive.adapters.index import database as index_database
from ytarchive.adapters.index.database import Database
from ytarchive.core.egress import EgressState
from ytarchive.errors import BusyError, IndexDamaged, YtarchiveError


def change_file(path: Path, sql: str) -> None:
    connection = apsw.Connection(str(path))
    try:
        connection.execute(sql)
    finally:
        connection.close()


@pytest.fixture
def filled_path(index_path: Path) -> Path:
    """A closed index with something in every table that a pass reads."""
    with Index.open(index_path) as index:
        index.archive_id = "archive-1"
        index.apply_entries([playlist("a"), single("b", "v1", wish=SD)], NOW)
        list_source(index, "PL-a", [f"v{number}" for number in range(300)])
        for number in range(0, 200, 2):
            keep(index, f"v{number}", SD if number % 4 else HD)
        index.record_views([("tv", f"{number}.mkv", f"v{number}", 1, number, "") for number in range(100)])
    return index_path


def read_everything(index: Index) -> None:
    list(index.candidates(NOW))
    list(index.known_items())
    list(index.open_attempts())
    list(index.unlinked({"a": "tv", "b": None}))
    index.settled(NOW)
    index.wanted_count()
    index.entries()
    index.known("PL-a")
    index.listing("PL-a")
    index.members("PL-a")
    index.views()
    index.jobs()
    for number in range(300):
        index.row(f"v{number}", NOW)
        index.video(f"v{number}")


def test_new_index_is_empty_and_remembers_its_archive(index_path: Path) -> None:
    with Index.open(index_path) as index:
        assert index.archive_id is None
        assert list(index.candidates(NOW)) == []
        index.archive_id = "archive-1"
    with Index.open(index_path, read_only=True) as index:
        assert index.archive_id == "archive-1"


def test_closing_twice_is_harmless(index_path: Path) -> None:
    index = Index.open(index_path)
    index.close()
    index.close()


def test_closed_index_leaves_one_file(index_path: Path) -> None:
    Index.open(index_path).close()
    assert [path.name for path in index_path.parent.iterdir()] == ["index.sqlite"]


def test_empty_file_is_a_new_index(index_path: Path) -> None:
    index_path.parent.mkdir()
    index_path.touch()
    with Index.open(index_path) as index:
        assert index.entries() == ()


def test_index_deleted_after_a_crash_leaves_nothing_behind(filled_path: Path, tmp_path: Path) -> None:
    index = Index.open(filled_path)
    keep(index, "v1")
    crashed = tmp_path / "crashed.sqlite"
    shutil.copy(f"{filled_path}-wal", f"{crashed}-wal")
    index.close()
    with Index.open(crashed) as fresh:
        assert list(fresh.known_items()) == []


def test_reader_of_no_index_is_told_so(index_path: Path) -> None:
    with pytest.raises(IndexDamaged, match="there is no index") as caught:
        Index.open(index_path, read_only=True)
    assert caught.value.cure
    assert not index_path.parent.exists()


def test_reader_cannot_write(filled_path: Path) -> None:
    with (
        Index.open(filled_path, read_only=True) as reader,
        pytest.raises(YtarchiveError, match="cannot be used"),
    ):
        reader.acknowledge("v1", None, "", NOW)


def _garbage(path: Path) -> None:
    path.write_bytes(b"this is no database\n" * 1000)


def _other_program(path: Path) -> None:
    path.unlink()
    change_file(path, "CREATE TABLE notes (text)")


def _cut(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size // 2)


def _cut_off_page(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(5000)


def _missing_table(path: Path) -> None:
    change_file(path, "DROP TABLE attempts")


def _missing_column(path: Path) -> None:
    change_file(path, "ALTER TABLE items DROP COLUMN damage")


def _extra_table(path: Path) -> None:
    change_file(path, "CREATE TABLE extra (column)")


def _version_of_nothing(path: Path) -> None:
    change_file(path, "PRAGMA user_version = 0")


@pytest.mark.parametrize("read_only", [False, True])
@pytest.mark.parametrize(
    "damage",
    [
        _garbage,
        _other_program,
        _cut,
        _cut_off_page,
        _missing_table,
        _missing_column,
        _extra_table,
        _version_of_nothing,
    ],
)
def test_damaged_index_is_refused_with_its_cure(
    filled_path: Path, damage: Callable[[Path], None], read_only: bool
) -> None:
    damage(filled_path)
    with pytest.raises(IndexDamaged) as caught:
        Index.open(filled_path, read_only=read_only)
    assert str(filled_path) in caught.value.message
    assert "ytarchive" in (caught.value.cure or "")


def test_foreign_database_is_left_as_it_was(filled_path: Path) -> None:
    _other_program(filled_path)
    before = filled_path.read_bytes()
    with pytest.raises(IndexDamaged, match="not an index of ytarchive"):
        Index.open(filled_path)
    assert filled_path.read_bytes() == before


@pytest.mark.parametrize("read_only", [False, True])
def test_index_of_a_newer_format_is_refused(filled_path: Path, read_only: bool) -> None:
    change_file(filled_path, "PRAGMA user_version = 99")
    with pytest.raises(IndexDamaged, match="format 99, this program knows up to 1") as caught:
        Index.open(filled_path, read_only=read_only)
    assert "newer ytarchive" in (caught.value.cure or "")


@pytest.mark.parametrize("read_only", [False, True])
def test_page_of_zeros_anywhere_is_damage_or_harmless(
    filled_path: Path, tmp_path: Path, read_only: bool
) -> None:
    whole = filled_path.read_bytes()
    copy = tmp_path / "copy.sqlite"
    refused = 0
    for page in range(0, len(whole) // 4096, 2):
        copy.write_bytes(whole[: page * 4096] + bytes(4096) + whole[(page + 1) * 4096 :])
        refused += _refuses(copy, read_only=read_only)
    assert refused


@pytest.mark.parametrize("read_only", [False, True])
def test_flipped_bits_are_damage_or_harmless(filled_path: Path, tmp_path: Path, read_only: bool) -> None:
    whole = filled_path.read_bytes()
    copy = tmp_path / "copy.sqlite"
    chance = random.Random(7)
    for _ in range(60):
        flipped = bytearray(whole)
        for _ in range(40):
            flipped[chance.randrange(len(flipped))] ^= 1 << chance.randrange(8)
        copy.write_bytes(flipped)
        _refuses(copy, read_only=read_only)


def _refuses(path: Path, *, read_only: bool) -> bool:
    """Whether reading an index in full is refused; any other trouble than an error with a cure fails the test."""
    cure: str | None = "none needed"
    try:
        with Index.open(path, read_only=read_only) as index:
            read_everything(index)
    except YtarchiveError as error:
        cure = error.cure
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    assert cure
    return cure != "none needed"


@pytest.mark.parametrize(
    ("sql", "reading"),
    [
        ("UPDATE entries SET spec = '{}'", Index.entries),
        ("UPDATE targets SET json = '[]'", lambda index: index.target(digest(SD))),
        ("DELETE FROM targets", lambda index: index.target(digest(SD))),
        ("UPDATE claims SET entries = '1'", Index.wanted_count),
        ("UPDATE item_facts SET facts = x'00'", lambda index: list(index.candidates(NOW))),
        ("UPDATE videos SET title = CAST(x'e9e9' AS TEXT)", lambda index: index.video("v1")),
    ],
)
def test_value_that_cannot_be_read_is_damage(
    filled_path: Path, sql: str, reading: Callable[[Index], object]
) -> None:
    change_file(filled_path, sql)
    with (
        Index.open(filled_path, read_only=True) as index,
        pytest.raises(IndexDamaged, match=r"index\.sqlite") as caught,
    ):
        reading(index)
    assert "index rebuild" in (caught.value.cure or "")


def test_what_may_be_lost_is_forgotten_when_it_cannot_be_read(filled_path: Path) -> None:
    with Index.open(filled_path) as index:
        index.record_egress(EgressState("home", rate=1.0))
    change_file(filled_path, "UPDATE egress SET state = '[]'; UPDATE listings SET first_ids = '['")
    with Index.open(filled_path) as index:
        assert index.egress("home") == EgressState("home")
        assert index.known("PL-a") is None


def test_large_index_is_checked_only_after_an_unclean_end(
    filled_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index_database, "LARGE_BYTES", 1000)
    whole = filled_path.read_bytes()
    page = whole.rindex(b"v298") // 4096 * 4096
    filled_path.write_bytes(whole[:page] + bytes(4096) + whole[page + 4096 :])
    Index.open(filled_path).close()
    change_file(filled_path, "UPDATE meta SET value = 0 WHERE key = 'closed'")
    with pytest.raises(IndexDamaged, match="damaged"):
        Index.open(filled_path)


def test_place_that_cannot_hold_an_index_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "folder").mkdir()
    for path in (tmp_path / "file" / "index.sqlite", tmp_path / "folder"):
        with pytest.raises(YtarchiveError) as caught:
            Index.open(path)
        assert "folder exists" in (caught.value.cure or "")


def test_second_writer_is_told_to_wait(index_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_database, "BUSY_TIMEOUT_MS", 1)
    with (
        Index.open(index_path) as first,
        Index.open(index_path) as second,
        first.transaction(),
        pytest.raises(BusyError, match="another process"),
    ):
        second.acknowledge("v1", None, "", NOW)


def test_full_disk_is_told_and_changes_nothing(index_path: Path) -> None:
    database = Database.open(index_path, read_only=False)
    index = Index(database)
    index.apply_entries([single("a", "v1")], NOW)
    database.value(f"PRAGMA max_page_count = {database.value('PRAGMA page_count') + 2}")

    def fill() -> None:
        with index.transaction():
            keep(index, "v1")
            with index.transaction():
                for number in range(10_000):
                    keep(index, f"v{number}")

    with pytest.raises(YtarchiveError, match="no space left"):
        fill()
    assert ids(index.candidates(NOW)) == ["v1"]
    assert list(index.known_items()) == []
    index.acknowledge("v1", None, "still works", NOW)
    index.close()
