"""A scan: only what differs, each difference by its name, and never a vanished disk for vanished items."""

from __future__ import annotations

import tracemalloc
from collections.abc import Mapping
from dataclasses import replace

import archive_making as making
import pytest
from archive_making import SHARD, VIDEO, stage_better, stage_first

from ytarchive.adapters.archive import (
    Archive,
    Damaged,
    Found,
    NothingKnown,
    NotMounted,
    Scanned,
    Vanished,
)
from ytarchive.core.item import Item
from ytarchive.errors import ArchiveError


class Recorded:
    """An index as a scan asks it."""

    def __init__(self, *seen: Scanned) -> None:
        self.rows: dict[str, dict[str, tuple[int, int]]] = {}
        for one in seen:
            if isinstance(one, Found):
                self.rows.setdefault(one.shard, {})[one.video] = (one.dir_mtime_ns, one.bytes)

    def known_shards(self) -> list[str]:
        return list(self.rows)

    def known_in(self, shard: str) -> Mapping[str, tuple[int, int]]:
        return self.rows.get(shard, {})


@pytest.fixture
def item(archive: Archive) -> Item:
    item, staging = stage_first(archive)
    archive.commit(item, staging)
    return item


def look(archive: Archive, *known: Scanned, sizes: bool = True) -> list[Scanned]:
    return list(archive.scan(Recorded(*known) if known else NothingKnown(), sizes=sizes))


def test_a_rebuild_finds_every_item_as_it_was_committed(archive: Archive, item: Item) -> None:
    other, staging = stage_first(archive, "otherVideo1")
    committed = archive.commit(replace(other, shard="_"), staging)
    found = look(archive)
    assert [seen.video for seen in found] == [VIDEO, "otherVideo1"]
    assert found[1] == Found("_", "otherVideo1", committed.item, committed.dir_mtime_ns, committed.bytes)


def test_an_unchanged_archive_is_not_read(archive: Archive, item: Item) -> None:
    scan = archive.scan(Recorded(*look(archive)))
    assert list(scan) == []
    assert (scan.looked, scan.read, scan.foreign) == (1, 0, 0)


def test_an_update_is_found_with_its_old_files_until_they_are_swept(archive: Archive, item: Item) -> None:
    known = look(archive)
    new, staging = stage_better(archive)
    archive.update(new, staging)
    (found,) = look(archive, *known)
    assert isinstance(found, Found)
    assert found.item == new
    assert found.unnamed == 2
    assert look(archive, found) == [found]  # as long as there is something to sweep
    swept = archive.sweep_item(SHARD, VIDEO, making.FAR)
    assert look(archive, replace(found, dir_mtime_ns=swept.dir_mtime_ns)) == []


def test_a_shortened_file_is_damage_that_only_sizes_tell(archive: Archive, item: Item) -> None:
    known = look(archive)
    making.cut(archive.folder(item) / item.files[0].name, 5)
    (damaged,) = look(archive, *known)
    assert damaged == Damaged(
        SHARD,
        VIDEO,
        f"{item.files[0].name} has 5 bytes, not {item.files[0].bytes}",
        archive.folder(item).stat().st_mtime_ns,
        item,
    )
    assert look(archive, *known, sizes=False) == []


@pytest.mark.parametrize(
    "damage", ["missing file", "no item.json", "torn item.json", "link", "huge item.json"]
)
def test_a_damaged_item_is_told_with_the_reason(archive: Archive, item: Item, damage: str) -> None:
    known = look(archive)
    folder = archive.folder(item)
    media, marker = folder / item.files[0].name, folder / "item.json"
    match damage:
        case "missing file":
            media.unlink()
        case "no item.json":
            marker.unlink()
        case "torn item.json":
            whole = marker.read_bytes()
            marker.unlink()
            marker.write_bytes(whole[:-20])
        case "link":
            media.rename(archive.root / "elsewhere")
            media.symlink_to(archive.root / "elsewhere")
        case _:
            marker.unlink()
            marker.touch()
            making.cut(marker, 17 * 1024 * 1024)
    (damaged,) = look(archive, *known)
    assert isinstance(damaged, Damaged)
    assert (damaged.item is None) == ("item.json" in damage)
    assert damaged.why


def test_an_item_json_that_points_outside_is_damage_and_no_path(archive: Archive, item: Item) -> None:
    marker = archive.folder(item) / "item.json"
    text = marker.read_text().replace(item.files[0].name, "../../../.ytarchive/archive.json")
    marker.unlink()
    marker.write_text(text)
    (damaged,) = look(archive)
    assert isinstance(damaged, Damaged)
    assert "is not a name for a file" in damaged.why


def test_an_item_json_of_another_video_is_damage(archive: Archive, item: Item) -> None:
    archive.folder(item).rename(archive.folder(item).parent / "otherVideo1")
    (damaged,) = look(archive)
    assert isinstance(damaged, Damaged)
    assert "tells of video" in damaged.why


def test_an_item_that_a_person_moved_is_found_where_it_is(archive: Archive, item: Item) -> None:
    known = look(archive)
    archive.folder(item).parent.rename(archive.tree.videos / "UCother")
    found, vanished = look(archive, *known)
    assert isinstance(found, Found)
    assert found.shard == found.item.shard == "UCother"
    assert vanished == Vanished(SHARD, VIDEO)
    assert archive.read_item("UCother", VIDEO) == found.item


@pytest.mark.parametrize("left", ["nothing", "empty folder", "empty shard", "file"])
def test_an_item_that_a_person_removed_has_vanished(archive: Archive, item: Item, left: str) -> None:
    known = look(archive)
    folder = archive.folder(item)
    archive.disk.remove_tree(folder)
    if left == "nothing":
        folder.parent.rmdir()
    elif left == "empty folder":
        folder.mkdir()
    elif left == "file":
        folder.write_text("")
    assert look(archive, *known) == [Vanished(SHARD, VIDEO)]


def test_an_empty_folder_that_nobody_knows_is_no_news(archive: Archive) -> None:
    archive.tree.item(SHARD, VIDEO).mkdir(parents=True)
    assert look(archive) == []


def test_foreign_names_are_counted_and_not_followed(archive: Archive, item: Item) -> None:
    (archive.tree.videos / "read me.txt").write_text("")
    (archive.tree.videos / "@eaDir").mkdir()
    (archive.tree.videos / "UClink").symlink_to(archive.tree.videos / SHARD)
    (archive.tree.videos / SHARD / "cover.jpg").write_text("")
    scan = archive.scan(NothingKnown())
    assert len(list(scan)) == 1
    assert scan.foreign == 4


def test_a_disk_that_goes_away_during_a_scan_is_not_a_deletion(archive: Archive, item: Item) -> None:
    known = look(archive)
    for path in (archive.tree.videos, archive.tree.own):
        path.rename(path.with_name(f"{path.name} away"))
    archive.tree.videos.mkdir()
    with pytest.raises(NotMounted, match="not mounted any more"):
        look(archive, *known)


def test_a_tree_that_cannot_be_read_is_an_error_and_not_an_empty_archive(
    archive: Archive, item: Item
) -> None:
    archive.tree.videos.rename(archive.root / "away")
    with pytest.raises(ArchiveError) as caught:
        look(archive)
    assert caught.value.cure


def test_memory_does_not_follow_the_number_of_items(archive: Archive, item: Item) -> None:
    text = (archive.folder(item) / "item.json").read_text()
    for number in range(300):
        video = f"video{number:06}"
        folder = archive.tree.item(f"UC{number % 10}", video)
        folder.mkdir(parents=True)
        (folder / "item.json").write_text(text.replace(VIDEO, video))
    tracemalloc.start()
    try:
        assert sum(1 for _ in archive.scan(NothingKnown())) == 301
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 300 * 1000
