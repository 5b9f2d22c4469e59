"""What somebody moved within the archive: found by its id or its bytes, put back, and never believed by its name."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import archive_making as making
import pytest
from archive_making import SHARD, TV, VIDEO, stage_first

from ytarchive.adapters.archive import Archive, Damaged, Disk, Found, PutBack
from ytarchive.core.item import Item

OTHER = "otherVideo1"


@pytest.fixture
def item(archive: Archive) -> Item:
    item, staging = stage_first(archive)
    archive.commit(item, staging)
    return item


def put_back(archive: Archive) -> list[PutBack]:
    """What a look at the disk would have put back."""
    seen = archive.look(SHARD, VIDEO)
    lacking = archive.lacking(seen) if isinstance(seen, Damaged) else []
    return list(archive.put_back([] if seen else [VIDEO], lacking))


def master(archive: Archive, item: Item) -> Path:
    return archive.folder(item) / item.files[0].name


@pytest.mark.parametrize(
    "place",
    ["videos/A channel's name/-aBc_dEf012", "library/tv/Kept", "old stuff/2024", "videos/-aBc_dEf012"],
)
def test_a_folder_that_was_moved_is_put_back_by_the_id_in_its_record(
    archive: Archive, item: Item, place: str
) -> None:
    target = archive.root / place
    target.parent.mkdir(parents=True, exist_ok=True)
    archive.folder(item).rename(target)
    assert put_back(archive) == [PutBack(SHARD, VIDEO, place)]
    assert making.condition(archive) == "old"
    assert not target.exists()
    assert put_back(archive) == []


def test_a_file_that_was_renamed_in_its_folder_is_put_back_by_its_bytes(archive: Archive, item: Item) -> None:
    path = master(archive, item)
    path.rename(path.with_name("My own name.mkv"))
    (found,) = put_back(archive)
    assert found == PutBack(SHARD, VIDEO, f"videos/{SHARD}/{VIDEO}/My own name.mkv", path.name)
    assert isinstance(archive.look(SHARD, VIDEO), Found)
    assert path.with_name("My own name.mkv").samefile(path)


def test_media_that_only_the_library_has_left_are_put_back_from_there(archive: Archive, item: Item) -> None:
    archive.library.arrange(item, [TV], ())
    inode = master(archive, item).stat().st_ino
    master(archive, item).unlink()
    (found,) = put_back(archive)
    assert found.path == f"library/tv/A title [{VIDEO}].mkv"
    assert master(archive, item).stat().st_ino == inode
    assert making.condition(archive) == "old"


def test_a_file_that_was_cut_is_replaced_by_a_whole_copy(archive: Archive, item: Item) -> None:
    (archive.root / "backup").mkdir()
    copy = archive.root / "backup" / "anything"
    copy.write_bytes(master(archive, item).read_bytes())
    making.cut(master(archive, item), 10)
    (found,) = put_back(archive)
    assert found.path == "backup/anything"
    assert making.condition(archive) == "old"
    assert master(archive, item).stat().st_mode & 0o777 == archive.disk.sealed_mode
    assert copy.read_bytes() == making.MEDIA


def test_several_files_of_an_item_are_found_in_one_look(archive: Archive, item: Item) -> None:
    away = archive.root / "away"
    away.mkdir()
    for number, file in enumerate(item.files):
        (archive.folder(item) / file.name).rename(away / str(number))
    assert {found.path for found in put_back(archive)} == {"away/0", "away/1", "away/2"}
    assert making.condition(archive) == "old"


def test_what_has_other_bytes_is_not_believed(archive: Archive, item: Item, tmp_path: Path) -> None:
    path = master(archive, item)
    (tmp_path / "outside").write_bytes(path.read_bytes())
    lies = archive.root / "lies"
    lies.mkdir()
    (lies / path.name).write_bytes(b"x" * path.stat().st_size)
    (lies / "link").symlink_to(tmp_path / "outside")
    (lies / "door").symlink_to(tmp_path)
    os.mkfifo(lies / "pipe")
    path.unlink()
    assert put_back(archive) == []
    assert making.condition(archive).startswith("broken")
    assert len(list(lies.iterdir())) == 4


@pytest.mark.parametrize(
    "record",
    [b"", b"[]", b'{"id": "../../x"}', b'{"id": "-aBc_dEf012"}'],
    ids=["empty", "list", "path", "id"],
)
def test_a_folder_whose_record_makes_no_sense_is_left(archive: Archive, item: Item, record: bytes) -> None:
    archive.folder(item).rename(archive.root / "moved")
    (archive.root / "moved" / "item.json").unlink()
    (archive.root / "moved" / "item.json").write_bytes(record)
    assert put_back(archive) == []
    assert (archive.root / "moved").is_dir()


def test_what_lies_in_our_own_folder_was_put_there_by_us(archive: Archive, item: Item) -> None:
    place = archive.tree.own / "quarantine" / "2026-01-01" / VIDEO
    place.parent.mkdir(parents=True)
    archive.folder(item).rename(place)
    assert put_back(archive) == []
    assert place.is_dir()


def test_nothing_is_put_over_what_is_there(archive: Archive, item: Item) -> None:
    archive.folder(item).rename(archive.root / "moved")
    archive.folder(item).mkdir()
    (archive.folder(item) / "notes.txt").write_text("mine")
    assert list(archive.put_back([VIDEO], ())) == []
    assert (archive.root / "moved" / "item.json").exists()


def test_where_links_are_refused_our_own_file_is_moved_back_and_a_foreign_one_stays(
    archive: Archive, item: Item
) -> None:
    def step(kind: str, path: Path) -> None:
        if kind == "link":
            raise OSError(errno.EPERM, "Operation not permitted", str(path))

    limited = Archive.of(archive.tree, archive.id, Disk(step=step))
    path, away = master(archive, item), archive.root / "away"
    away.mkdir()
    path.rename(away / "theirs")
    assert put_back(limited) == []
    (away / "theirs").rename(away / path.name)
    assert [found.name for found in put_back(limited)] == [path.name]
    assert making.condition(archive) == "old"
    assert list(away.iterdir()) == []


def test_folders_that_cannot_be_read_are_passed_over(archive: Archive, item: Item) -> None:
    """Somebody takes a folder away while it is looked through."""
    (archive.root / "a").mkdir()
    archive.folder(item).rename(archive.root / "b")

    def step(kind: str, path: Path) -> None:
        (archive.root / "a").rmdir() if (archive.root / "a").exists() else None

    found = Archive.of(archive.tree, archive.id, Disk(step=step)).put_back([VIDEO], ())
    assert [one.path for one in found] == ["b"]
