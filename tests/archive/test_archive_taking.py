"""Files of others come into staging by a second name or a copy, and are as they were afterwards."""

from __future__ import annotations

import errno
import os
from dataclasses import replace
from pathlib import Path

import archive_making as making
import pytest

from ytarchive.adapters.archive import Archive, Disk, LinksRefused, NotTaken, open_archive, taking
from ytarchive.adapters.archive.taking import let_go, take
from ytarchive.core.item import Adoption, Item


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "old.mkv"
    path.write_bytes(making.MEDIA)
    path.chmod(0o640)
    return path


@pytest.fixture
def target(tmp_path: Path) -> Path:
    (tmp_path / "out").mkdir()
    return tmp_path / "out" / "new"


@pytest.mark.parametrize("how", ["link", "copy"])
def test_a_file_is_taken_whole_and_its_source_is_let_go_only_as_it_was(
    source: Path, target: Path, how: taking.How
) -> None:
    taken = take(Disk(), source, target, how)

    assert target.read_bytes() == making.MEDIA
    assert (source.stat().st_ino == target.stat().st_ino) == (how == "link")
    assert source.stat().st_mode & 0o777 == 0o640
    changed = source.with_name("other")
    changed.write_bytes(b"other")
    kept = source.rename(source.with_name("kept"))
    changed.rename(source)
    assert not let_go(Disk(), taken)
    kept.rename(source)
    assert let_go(Disk(), taken)
    assert not let_go(Disk(), taken)
    assert target.read_bytes() == making.MEDIA


def test_an_adopted_file_with_two_names_keeps_its_mode_when_it_is_committed(root: Path, source: Path) -> None:
    archive = open_archive(root, known_id=None)
    item = commit_linked(archive, source)

    assert source.stat().st_mode & 0o777 == 0o640
    assert (archive.folder(item) / item.files[0].name).stat().st_ino == source.stat().st_ino


def commit_linked(archive: Archive, source: Path) -> Item:

    staging = archive.stage(making.VIDEO, passing=True)
    file = making.record(".mkv", making.MEDIA, "video")
    take(archive.disk, source, staging / "out" / file.name, "link")
    item = making.make_item(file)
    told = replace(item.provenance, adopted=Adoption("old.mkv", "yt-dlp", "name"))
    item = replace(item, provenance=told)
    archive.commit(item, staging)
    return item


@pytest.mark.parametrize("how", ["link", "copy"])
def test_links_pipes_and_what_is_not_there_are_not_taken(
    tmp_path: Path, target: Path, how: taking.How
) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to(tmp_path / "pipe")
    for name in ("pipe", "link", "nothing", "out"):
        with pytest.raises(NotTaken):
            take(Disk(), tmp_path / name, target, how)
    assert not os.path.lexists(target)


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (errno.EXDEV, LinksRefused),
        (errno.EOPNOTSUPP, LinksRefused),
        (errno.EPERM, NotTaken),
        (errno.EMLINK, NotTaken),
        (errno.ENOSPC, OSError),
    ],
)
def test_what_the_file_system_says_of_a_link_decides_what_follows(
    source: Path, target: Path, number: int, expected: type[Exception]
) -> None:
    def refuse(kind: str, path: Path) -> None:
        if kind == "link":
            raise OSError(number, os.strerror(number), str(path))

    with pytest.raises(expected):
        take(Disk(step=refuse), source, target, "link")


def test_a_copy_that_fails_leaves_nothing(
    source: Path, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "copy_file_range", full)
    with pytest.raises(OSError, match="No space"):
        take(Disk(), source, target, "copy")
    assert not target.exists()


def test_a_file_system_that_cannot_clone_is_read(
    source: Path, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cannot(*_: object) -> int:
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    monkeypatch.setattr(os, "copy_file_range", cannot)
    take(Disk(), source, target, "copy")
    assert target.read_bytes() == making.MEDIA


def test_what_a_crash_leaves_of_an_adoption_goes_with_the_next_sweep(root: Path, source: Path) -> None:
    archive = open_archive(root, known_id=None)
    staging = archive.stage(making.VIDEO, passing=True)
    take(archive.disk, source, staging / "out" / "taken.0", "link")

    assert archive.sweep(0).removed == [making.VIDEO]
    assert source.read_bytes() == making.MEDIA
