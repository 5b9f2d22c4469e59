from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from ytarchive.adapters.archive import Archive, Disk, Journal, NoSpace, UnreadLine
from ytarchive.core.journal import Decision

NOVEMBER, DECEMBER = 1_795_000_000, 1_797_000_000
IGNORE = Decision(at=NOVEMBER, kind="ignore", video="-abc", code="PRIVATE", why="never mind")
RETRY = Decision(at=DECEMBER, kind="retry", video="-abc")


def files(archive: Archive) -> list[Path]:
    return sorted(archive.tree.decisions.iterdir())


def test_decisions_come_back_in_order_of_month_and_writing(archive: Archive) -> None:
    for decision in (RETRY, IGNORE, RETRY):
        archive.journal.record(decision)
    assert list(archive.journal.replay()) == [IGNORE, RETRY, RETRY]
    assert [path.name for path in files(archive)] == ["2026-11.jsonl", "2026-12.jsonl"]
    assert archive.journal.unread == []


@pytest.mark.parametrize("torn", [b'{"at":', b"\x00\x00", b'{"at":"2026-11-18T00:00:00Z","kind":"igno'])
def test_a_torn_last_line_is_told_and_the_next_decision_is_not_lost_to_it(
    archive: Archive, torn: bytes
) -> None:
    archive.journal.record(IGNORE)
    with files(archive)[0].open("ab") as file:
        file.write(torn)
    assert list(archive.journal.replay()) == [IGNORE]
    assert archive.journal.unread == [UnreadLine("2026-11.jsonl", 2, "the line is torn")]
    archive.journal.record(IGNORE)
    assert list(archive.journal.replay()) == [IGNORE, IGNORE]
    assert [(line.file, line.line) for line in archive.journal.unread] == [("2026-11.jsonl", 2)]


def test_a_last_line_without_its_newline_counts_and_is_not_joined_to_the_next(archive: Archive) -> None:
    archive.journal.record(IGNORE)
    os.truncate(files(archive)[0], files(archive)[0].stat().st_size - 1)
    archive.journal.record(IGNORE)
    assert list(archive.journal.replay()) == [IGNORE, IGNORE]


def test_a_kind_that_a_newer_program_wrote_is_skipped_and_told(archive: Archive) -> None:
    archive.journal.record(IGNORE)
    with files(archive)[0].open("ab") as file:
        file.write(b'{"at":"2026-11-18T00:00:00Z","kind":"sing","video":"-abc"}\n\n')
    archive.journal.record(IGNORE)
    assert list(archive.journal.replay()) == [IGNORE, IGNORE]
    (unread,) = archive.journal.unread
    assert unread.line == 2
    assert "kind" in unread.why


def test_foreign_files_beside_the_journal_are_not_read(archive: Archive) -> None:
    (archive.tree.decisions / "2026-11.jsonl.bak").write_text("?")
    assert list(archive.journal.replay()) == []
    assert archive.journal.unread == []


def test_a_missing_folder_holds_no_decisions(tmp_path: Path) -> None:
    assert list(Journal(tmp_path / "none", Disk()).replay()) == []


@pytest.mark.parametrize("failing", ["write", "fsync"])
def test_a_decision_that_cannot_be_written_leaves_the_journal_as_it_was(
    archive: Archive, failing: str
) -> None:
    archive.journal.record(IGNORE)
    before = files(archive)[0].read_bytes()

    def step(kind: str, path: Path) -> None:
        if kind == failing:
            raise OSError(errno.ENOSPC, "No space left on device", str(path))

    with pytest.raises(NoSpace):
        Journal(archive.tree.decisions, Disk(step=step)).record(IGNORE)
    assert files(archive)[0].read_bytes() == before
