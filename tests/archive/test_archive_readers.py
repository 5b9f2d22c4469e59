"""Another user reads what a media server needs: modes from `archive.umask`, the group from the archive's folder."""

from __future__ import annotations

import os
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from archive_making import TV, stage_better, stage_first

from ytarchive.adapters.archive import Archive, Disk, open_archive

NOBODY = 65534
GROUP = 4242
pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root may be somebody else for a moment")


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that others may enter, as those of a test are not; our own umask keeps everybody out."""
    before = os.umask(0o077)
    with tempfile.TemporaryDirectory(prefix="ytarchive-readers-") as folder:
        Path(folder).chmod(0o755)
        try:
            yield Path(folder) / "archive"
        finally:
            os.umask(before)


def filled(place: Path, umask: int, disk: Disk | None = None) -> Archive:
    """One item that was updated once, in one view."""
    archive = open_archive(place, known_id=None, umask=umask, disk=disk)
    item, staging = stage_first(archive)
    archive.commit(item, staging)
    known = archive.library.arrange(item, [TV], ()).names
    better, staging = stage_better(archive)
    archive.update(better, staging)
    archive.library.arrange(better, [TV], known)
    return archive


def read_as(user: int, group: int, archive: Archive) -> str:
    """What is said of files that this user may not read; library and items, links followed."""
    folders = [str(archive.tree.library), str(archive.tree.videos)]
    done = subprocess.run(
        ["find", "-L", *folders, "-type", "f", "-exec", "cat", "{}", "+"],
        user=user,
        group=group,
        extra_groups=[],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    return done.stderr


@pytest.mark.parametrize("links", [True, False], ids=["hard links", "symbolic links"])
def test_others_read_everything_and_write_nothing(place: Path, links: bool) -> None:
    def step(kind: str, path: Path) -> None:
        if kind == "link" and not links:
            raise OSError(95, "Operation not supported", str(path))

    archive = filled(place, 0o022, Disk(0o022, step=step))
    assert read_as(NOBODY, NOBODY, archive) == ""
    writable = [path for path in place.rglob("*") if not path.is_symlink() and path.stat().st_mode & 0o022]
    assert writable == []


def test_a_group_reads_where_others_do_not(place: Path) -> None:
    place.mkdir()
    os.chown(place, -1, GROUP)
    place.chmod(0o2750)
    archive = filled(place, 0o027)
    assert read_as(NOBODY, GROUP, archive) == ""
    assert "Permission denied" in read_as(NOBODY, NOBODY, archive)
    for path in place.rglob("*"):
        status = path.lstat()
        assert status.st_gid == GROUP, path
        assert not status.st_mode & 0o007 or stat.S_ISLNK(status.st_mode), path
