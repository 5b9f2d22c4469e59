"""Quarantine on disk: whole folders in and out, whatever else lies there."""

from __future__ import annotations

import errno
from pathlib import Path

import archive_making as making
import pytest

from ytarchive.adapters.archive import Archive, Disk, open_archive
from ytarchive.adapters.archive.quarantine import video_of
from ytarchive.core.instant import DAY
from ytarchive.errors import ArchiveError, UsageError

NOON = 1_790_000_000 // DAY * DAY + DAY // 2
OTHER = "otherVid012"


@pytest.fixture
def archive(root: Path) -> Archive:
    archive = open_archive(root, known_id=None)
    for video in (making.VIDEO, OTHER):
        archive.commit(*making.stage_first(archive, video))
    return archive


def test_an_item_goes_and_comes_back_as_it_was(archive: Archive) -> None:
    place = archive.tree.item(making.SHARD, making.VIDEO)
    before = {path.name: (path.stat().st_ino, path.read_bytes()) for path in place.iterdir()}
    folder = archive.quarantine.take(making.SHARD, making.VIDEO, NOON)
    assert folder is not None
    assert not place.exists()
    (one,) = archive.quarantine.each()
    assert (one.video, one.folder, one.since) == (making.VIDEO, folder, NOON - DAY // 2)
    assert one.bytes == sum(len(content) for _, content in before.values())
    assert archive.quarantine.take(making.SHARD, making.VIDEO, NOON) is None

    assert archive.quarantine.restore(one) == place
    assert {path.name: (path.stat().st_ino, path.read_bytes()) for path in place.iterdir()} == before
    assert archive.quarantine.each() == ()
    assert not folder.parent.exists()


def test_two_of_one_day_are_told_apart_and_what_is_there_again_is_not_replaced(archive: Archive) -> None:
    archive.quarantine.take(making.SHARD, making.VIDEO, NOON)
    archive.commit(*making.stage_first(archive))
    archive.quarantine.take(making.SHARD, making.VIDEO, NOON)
    archive.commit(*making.stage_first(archive))
    first, second = archive.quarantine.each()
    assert [first.folder.name, second.folder.name] == [making.VIDEO, f"{making.VIDEO}.2"]
    with pytest.raises(UsageError, match="in the archive again"):
        archive.quarantine.restore(second)
    assert archive.quarantine.delete(first) == first.bytes
    assert archive.quarantine.each() == (second,)
    assert making.condition(archive) == "old"


def test_an_item_that_cannot_be_read_comes_back_too(archive: Archive) -> None:
    (archive.tree.item(making.SHARD, making.VIDEO) / "item.json").unlink()
    archive.quarantine.take(making.SHARD, making.VIDEO, NOON)
    (one,) = archive.quarantine.each()
    assert one.item is None
    assert archive.quarantine.restore(one) == archive.tree.item("_", making.VIDEO)


def test_what_others_left_there_is_none_of_ours(archive: Archive, tmp_path: Path) -> None:
    assert archive.quarantine.each() == archive.quarantine.interrupted() == ()
    archive.quarantine.take(making.SHARD, making.VIDEO, NOON)
    quarantine = archive.quarantine.folder
    for name in ("2026-99-99", "notes", "going/not an id", "2026-01-01/a b", "2026-01-01/.hidden"):
        (quarantine / name).mkdir(parents=True)
    (quarantine / "2026-01-01" / OTHER).symlink_to(tmp_path)
    (quarantine / "2026-01-02").symlink_to(quarantine / "notes")
    (quarantine / "2026-01-01" / "file").write_text("x")
    assert [one.video for one in archive.quarantine.each()] == [making.VIDEO]
    assert archive.quarantine.interrupted() == ()


def test_a_folder_that_is_a_link_is_not_taken(archive: Archive, tmp_path: Path) -> None:
    place = archive.tree.item(making.SHARD, making.VIDEO)
    place.rename(tmp_path / "elsewhere")
    place.symlink_to(tmp_path / "elsewhere")
    assert archive.quarantine.take(making.SHARD, making.VIDEO, NOON) is None
    assert making.condition(archive) == "old"


@pytest.mark.parametrize("done", [True, False], ids=["done", "not-done"])
def test_after_an_error_of_the_rename_it_is_looked_whether_it_was_done(archive: Archive, done: bool) -> None:
    """A network file system may lose the answer."""

    def step(kind: str, target: Path) -> None:
        if kind == "rename":
            if done:
                archive.tree.item(making.SHARD, making.VIDEO).rename(target)
            raise OSError(errno.EIO, "Input/output error")

    shaky = Archive.of(archive.tree, archive.id, Disk(step=step))
    if done:
        assert shaky.quarantine.take(making.SHARD, making.VIDEO, NOON) is not None
        assert [one.video for one in archive.quarantine.each()] == [making.VIDEO]
    else:
        with pytest.raises(ArchiveError, match="Input/output error"):
            shaky.quarantine.take(making.SHARD, making.VIDEO, NOON)
        assert making.condition(archive) == "old"


def test_names_in_quarantine_are_ids_with_a_number() -> None:
    assert video_of(making.VIDEO) == making.VIDEO
    for number in (2, 9, 10, 12):
        assert video_of(f"{making.VIDEO}.{number}") == making.VIDEO
    assert video_of(f"{making.VIDEO}.1") is None
    assert video_of("a b") is None
    assert video_of(".2") is None
