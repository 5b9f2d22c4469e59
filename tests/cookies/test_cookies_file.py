"""A cookies file on disk: whether it can be used, whether it is another one, and that it is never written."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ytarchive.adapters.cookies import examine
from ytarchive.simulator.sign_in import Account

NOW = 1_800_000_000
COOKIES = Account("somebody").cookies_text


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "cookies.txt"
    path.write_text(COOKIES)
    path.chmod(0o600)
    return path


def test_a_sign_in_that_only_its_owner_may_read_is_good_and_stays_as_it_is(file: Path) -> None:
    before = file.stat()
    found = examine(file, NOW)
    assert (found.trouble, found.cure) == (None, None)
    assert (file.read_text(), file.stat().st_mtime_ns) == (COOKIES, before.st_mtime_ns)


@pytest.mark.parametrize("mode", [0o604, 0o601, 0o666, 0o444])
def test_a_file_that_others_may_use_is_refused_with_the_command_that_mends_it(file: Path, mode: int) -> None:
    file.chmod(mode)
    found = examine(file, NOW)
    assert found.trouble == (
        f"found {file} open to everybody (mode {mode:04o}), expected cookies that only their owner may read"
    )
    assert found.cure == f"chmod 600 {file}"


def test_a_group_may_read_it_as_with_credentials_of_systemd(file: Path) -> None:
    file.chmod(0o440)
    assert examine(file, NOW).trouble is None


def test_what_is_no_file_is_told_and_does_not_block(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    told = {path.name: examine(path, NOW) for path in (tmp_path / "none", tmp_path / "fifo", tmp_path)}
    assert {found.stamp for found in told.values()} == {None}
    assert told["none"].trouble == f"found no file {tmp_path / 'none'}, expected cookies"
    assert told["fifo"].trouble == f"{tmp_path / 'fifo'} is no plain file, expected cookies"
    assert all(found.cure for found in told.values())


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_told(file: Path) -> None:
    file.chmod(0o000)
    found = examine(file, NOW)
    assert found.trouble == f"{file} cannot be read: Permission denied"


def test_another_file_has_another_stamp_and_the_same_one_the_same(file: Path) -> None:
    first = examine(file, NOW).stamp
    assert examine(file, NOW).stamp == first
    os.utime(file, (1, 1))
    assert examine(file, NOW).stamp != first


def test_what_is_wrong_inside_is_told_with_the_file_and_without_its_words(file: Path) -> None:
    file.write_text("canary=1")
    found = examine(file, NOW)
    assert found.trouble is not None
    assert found.trouble.startswith(f"{file}: found no cookies of youtube.com")
    assert "canary" not in found.trouble
