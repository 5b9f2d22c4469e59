"""Whose root it is: nothing is written before that is known."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ytarchive.adapters.archive import (
    Archive,
    NotInitialised,
    NotMounted,
    ReadOnly,
    free_bytes,
    init_archive,
    open_archive,
)
from ytarchive.errors import ArchiveError, BusyError


def everything_below(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_a_missing_root_with_new_state_is_made(tmp_path: Path) -> None:
    root = tmp_path / "some" / "where"
    archive = open_archive(root, known_id=None)
    assert archive.is_new
    assert everything_below(root) == [
        ".ytarchive",
        ".ytarchive/archive.json",
        ".ytarchive/decisions",
        ".ytarchive/lock",
        ".ytarchive/staging",
        "library",
        "videos",
    ]
    again = open_archive(root, known_id=archive.id)
    assert again.id == archive.id
    assert not again.is_new


@pytest.mark.parametrize("contents", [[], ["lost+found"], [".ytarchive"]])
def test_an_empty_root_with_new_state_is_made(root: Path, contents: list[str]) -> None:
    root.mkdir()
    for name in contents:
        (root / name).mkdir()
    assert open_archive(root, known_id=None).is_new


def test_two_new_archives_have_ids_of_their_own(tmp_path: Path) -> None:
    assert open_archive(tmp_path / "a", known_id=None).id != open_archive(tmp_path / "b", known_id=None).id


@pytest.mark.parametrize("contents", [None, [], ["lost+found"], ["README"]])
def test_a_root_without_the_known_archive_is_taken_for_unmounted_and_left_alone(
    root: Path, contents: list[str] | None
) -> None:
    if contents is not None:
        root.mkdir()
        for name in contents:
            (root / name).write_text("")
    with pytest.raises(NotMounted, match="not mounted") as caught:
        open_archive(root, known_id="0123456789abcdef")
    assert "ytarchive init" in (caught.value.cure or "")
    assert root.exists() == (contents is not None)
    assert everything_below(root) == (contents or [])


def test_a_dangling_link_as_root_with_new_state_is_made_at_its_target(root: Path, tmp_path: Path) -> None:
    root.symlink_to(tmp_path / "target")
    assert open_archive(root, known_id=None).root == (tmp_path / "target").resolve()


def test_the_root_of_another_archive_is_refused(archive: Archive) -> None:
    before = everything_below(archive.root)
    with pytest.raises(NotMounted, match=archive.id):
        open_archive(archive.root, known_id="0123456789abcdef")
    assert everything_below(archive.root) == before


def test_a_folder_that_holds_something_else_is_refused_until_a_person_asks(root: Path) -> None:
    root.mkdir()
    (root / "holiday.jpg").write_text("mine")
    with pytest.raises(ArchiveError, match=r"not empty .*'holiday.jpg'") as caught:
        open_archive(root, known_id=None)
    assert "ytarchive init" in (caught.value.cure or "")
    assert everything_below(root) == ["holiday.jpg"]
    archive = init_archive(root)
    assert (root / "holiday.jpg").read_text() == "mine"
    assert open_archive(root, known_id=archive.id).id == archive.id


def test_init_leaves_an_archive_as_it_is(archive: Archive) -> None:
    assert init_archive(archive.root).id == archive.id


def test_an_archive_of_a_newer_format_is_refused_also_by_init(archive: Archive) -> None:
    archive.tree.sentinel.unlink()
    archive.tree.sentinel.write_text('{"format": 2, "id": "0123456789abcdef", "shape": "new"}')
    with pytest.raises(ArchiveError, match="format 2, and this ytarchive knows 1") as caught:
        open_archive(archive.root, known_id=None)
    assert "newer" in (caught.value.cure or "")
    with pytest.raises(ArchiveError, match="format 2"):
        init_archive(archive.root)


@pytest.mark.parametrize("damage", ["", "{", '{"format": 1}', "\x00\xff"])
def test_a_damaged_sentinel_is_named_and_init_replaces_it(archive: Archive, damage: str) -> None:
    archive.tree.sentinel.unlink()
    archive.tree.sentinel.write_text(damage, encoding="latin-1")
    with pytest.raises(ArchiveError, match=r"archive\.json is damaged"):
        open_archive(archive.root, known_id=archive.id)
    assert init_archive(archive.root).id != archive.id


def test_a_root_that_is_a_file_is_refused(root: Path) -> None:
    root.write_text("")
    with pytest.raises(ArchiveError, match="not a folder"):
        open_archive(root, known_id=None)


@pytest.mark.parametrize("name", [".ytarchive/staging", "videos", "library"])
def test_a_symbolic_link_in_place_of_a_folder_is_refused(archive: Archive, tmp_path: Path, name: str) -> None:
    (archive.root / name).rmdir()
    (archive.root / name).symlink_to(tmp_path)
    with pytest.raises(ArchiveError, match="is a symbolic link"):
        open_archive(archive.root, known_id=archive.id)


def test_a_missing_folder_is_made_again_unless_only_read(archive: Archive) -> None:
    archive.tree.library.rmdir()
    open_archive(archive.root, known_id=archive.id, read_only=True)
    assert not archive.tree.library.exists()
    open_archive(archive.root, known_id=archive.id)
    assert archive.tree.library.is_dir()


def test_a_file_in_place_of_a_folder_is_refused(archive: Archive) -> None:
    archive.tree.library.rmdir()
    archive.tree.library.write_text("")
    with pytest.raises(ArchiveError, match="is not a folder"):
        open_archive(archive.root, known_id=archive.id)


def test_staging_on_another_file_system_is_refused(archive: Archive, small_disk: Path) -> None:
    done = subprocess.run(
        ["mount", "--bind", str(small_disk), str(archive.tree.staging)], capture_output=True, check=False
    )
    if done.returncode:
        pytest.skip(f"no bind mounts here: {done.stderr.decode().strip()}")
    try:
        with pytest.raises(ArchiveError, match="on another file system") as caught:
            open_archive(archive.root, known_id=archive.id)
        assert "one file system" in (caught.value.cure or "")
    finally:
        subprocess.run(["umount", str(archive.tree.staging)], check=True)


def test_a_read_only_mount_is_told_when_it_is_opened_for_writing(small_disk: Path) -> None:
    archive = open_archive(small_disk, known_id=None)
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    with pytest.raises(ReadOnly, match="cannot be written") as caught:
        open_archive(small_disk, known_id=archive.id)
    assert "for writing" in (caught.value.cure or "")
    assert open_archive(small_disk, known_id=archive.id, read_only=True).id == archive.id


def test_a_root_of_another_user_is_told(archive: Archive) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    archive.tree.own.chmod(0o555)
    try:
        with pytest.raises(ReadOnly, match="cannot be written"):
            open_archive(archive.root, known_id=archive.id)
    finally:
        archive.tree.own.chmod(0o755)


def test_reading_where_there_is_no_archive_writes_nothing(root: Path) -> None:
    with pytest.raises(NotInitialised, match="no archive"):
        open_archive(root, known_id=None, read_only=True)
    assert not root.exists()


def test_a_name_too_long_for_the_file_system_is_an_error_with_a_cure(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="too long") as caught:
        open_archive(tmp_path / ("x" * 300), known_id=None)
    assert caught.value.cure


def test_folders_and_files_have_the_modes_that_the_umask_leaves(root: Path) -> None:
    archive = open_archive(root, known_id=None, umask=0o027)
    assert mode(archive.tree.videos) == 0o750
    assert mode(archive.tree.sentinel) == 0o440


def test_a_second_instance_is_refused_with_the_first_ones_process(archive: Archive) -> None:
    other = open_archive(archive.root, known_id=archive.id)
    with (
        archive.lock(),
        pytest.raises(BusyError, match=rf"another ytarchive \(process {os.getpid()}\)"),
        other.lock(),
    ):
        pass
    with other.lock():
        pass


def test_a_lock_ends_with_its_process(archive: Archive) -> None:
    program = (
        "import os, sys, pathlib\n"
        "from ytarchive.adapters.archive import open_archive\n"
        "with open_archive(pathlib.Path(sys.argv[1]), known_id=None).lock():\n"
        "    print('locked', flush=True)\n"
        "    sys.stdin.read()\n"
    )
    command = [sys.executable, "-c", program, str(archive.root)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"locked\n"
        with pytest.raises(BusyError, match=str(other.pid)), archive.lock():
            pass
        other.kill()
    with archive.lock():
        pass


def test_a_lock_file_without_a_process_in_it_still_makes_a_clear_error(archive: Archive) -> None:
    with archive.lock():
        archive.tree.lock.write_text("?")
        with pytest.raises(BusyError, match="another ytarchive works on"), archive.lock():
            pass


def test_free_space_is_that_of_the_file_system(archive: Archive) -> None:
    status = os.statvfs(archive.root)
    assert abs(archive.free_bytes() - status.f_bavail * status.f_frsize) < 1 << 30
    with pytest.raises(ArchiveError):
        free_bytes(archive.root / "missing")
