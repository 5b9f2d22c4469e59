"""The log on disk: what is appended is found again, in order and by filter, by whoever reads while others write."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from ytarchive.adapters.log_store import Keep, LogStore
from ytarchive.core.log_record import Filter, Record
from ytarchive.core.redaction import Redactor
from ytarchive.errors import UsageError

DAY = 86_400
NOON = 20_000 * DAY + DAY // 2


def line(number: int, **known: object) -> Record:
    return replace(Record(NOON + number, "info", "download", f"line {number}"), **known)


def numbers(records: object) -> list[int]:
    assert isinstance(records, tuple | list)
    return [int(record.text.split()[1]) for record in records]


@pytest.fixture
def store(tmp_path: Path) -> LogStore:
    return LogStore(tmp_path / "state" / "logs", now=lambda: NOON)


def test_no_line_was_ever_written_gives_an_empty_page_and_no_folder(store: LogStore) -> None:
    page = store.query(Filter())
    assert page.records == ()
    assert page.next is None
    assert not store.folder.exists()


def test_every_field_comes_back_as_it_was_told(store: LogStore) -> None:
    told = Record(
        NOON + 0.125,
        "warning",
        "yt-dlp",
        'two\nlines, "quotes" and \u202e hidden',
        job="job-1",
        video="dQw4w9WgXcQ",
        entry="Tëst",
        pass_number=7,
        trace_id="ab" * 16,
        data={"code": "AGE", "n": [1, 2.5, None, True]},
    )
    assert store.append(told)
    assert store.query(Filter()).records == (told,)
    assert store.folder.stat().st_mode & 0o007 == 0, "others may not read what somebody watches"


@pytest.mark.parametrize("newest_first", [True, False])
def test_pages_of_any_size_lead_through_all_lines_of_all_files_once(
    tmp_path: Path, newest_first: bool
) -> None:
    store = LogStore(tmp_path, keep=Keep(bytes=0), now=lambda: NOON)
    store._keep = Keep(bytes=8 * 16 * 1024)  # the smallest files
    for number in range(400):
        store.append(line(number, data={"fill": "x" * 200}))
    assert len(list(tmp_path.iterdir())) > 4
    for limit in (1, 7, 399, 400):
        seen: list[int] = []
        after = None
        while True:
            page = store.query(Filter(), after=after, limit=limit, newest_first=newest_first)
            seen += numbers(page.records)
            if page.next is None:
                break
            after = page.next
            assert len(page.records) == limit
        assert seen == list(reversed(range(400)) if newest_first else range(400))


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (Filter(), [0, 1, 2, 3, 4]),
        (Filter(level="warning"), [1, 3]),
        (Filter(level="error"), [3]),
        (Filter(components=("list", "yt-dlp")), [1, 4]),
        (Filter(job="job-a"), [0, 1]),
        (Filter(job="job"), []),
        (Filter(video="-----------"), [2]),
        (Filter(entry='with "quotes"'), [2]),
        (Filter(pass_number=2), [3, 4]),
        (Filter(since=NOON + 1, until=NOON + 3), [1, 2]),
        (Filter(text="STRASSE"), [3]),
        (Filter(text="needle"), [4]),
        (Filter(level="warning", job="job-a", pass_number=1), [1]),
    ],
)
def test_a_filter_finds_the_lines_that_have_all_it_asks_for(
    store: LogStore, wanted: Filter, expected: list[int]
) -> None:
    for record in (
        line(0, level="debug", job="job-a", pass_number=1),
        line(1, level="warning", job="job-a", pass_number=1, component="yt-dlp"),
        line(2, video="-----------", entry='with "quotes"'),
        line(3, level="error", text="line 3 in the Straße", pass_number=2),
        line(4, component="list", pass_number=2, data={"deep": {"er": ["a Needle"]}}),
    ):
        store.append(record)
    assert numbers(store.query(wanted, newest_first=False).records) == expected
    assert numbers(store.query(wanted).records) == expected[::-1]


def test_a_page_ends_where_the_filter_ends_and_not_where_the_lines_do(store: LogStore) -> None:
    for number in range(10):
        store.append(line(number, level="error" if number in (2, 5) else "info"))
    page = store.query(Filter(level="error"), limit=2)
    assert numbers(page.records) == [5, 2]
    assert page.next is None


@pytest.mark.parametrize("cursor", ["", "x", "2026-01-01", "2026-01-01.1:-1", "../../etc/passwd:0", "1:2:3"])
def test_a_cursor_that_is_none_is_refused_with_its_cure(store: LogStore, cursor: str) -> None:
    store.append(line(0))
    with pytest.raises(UsageError, match="expected a place in the log"):
        store.query(Filter(), after=cursor)


def test_what_is_written_after_a_page_is_followed_across_files_and_days(tmp_path: Path) -> None:
    today = [float(NOON)]
    store = LogStore(tmp_path, now=lambda: today[0])
    store.append(line(0))
    page = store.query(Filter())
    writes = iter([1, 2, 3])

    def write_more() -> bool:
        number = next(writes, None)
        if number is None:
            return False
        today[0] += DAY
        store.append(line(number))
        store.append(line(number, level="debug"))
        return True

    followed = LogStore(tmp_path).follow(Filter(level="info"), after=page.end, idle=write_more)
    assert numbers(list(followed)) == [1, 2, 3]
    assert len(list(tmp_path.iterdir())) == 4


def test_following_a_log_that_begins_later_tells_its_first_line(store: LogStore) -> None:
    end = store.query(Filter()).end
    turns = iter([True, False])

    def begin() -> bool:
        store.append(line(1))
        return next(turns)

    assert numbers(list(store.follow(Filter(), after=end, idle=begin))) == [1]


def test_a_line_cut_by_a_crash_is_skipped_and_spoils_no_other(tmp_path: Path) -> None:
    LogStore(tmp_path, now=lambda: NOON).append(line(0))
    (file,) = tmp_path.iterdir()
    file.write_bytes(file.read_bytes() + b'{"at":"2024-10-04T12:00:01.000Z","level":"in')
    LogStore(tmp_path, now=lambda: NOON).append(line(2))
    for newest_first in (True, False):
        found = numbers(LogStore(tmp_path).query(Filter(), newest_first=newest_first).records)
        assert sorted(found) == [0, 2]


@pytest.mark.parametrize(
    "garbage",
    [
        b"\xff\xfe\n",
        b"[]\n",
        b"null\n",
        b"{}\n",
        b'{"at":5}\n',
        b"\0" * 3_000_000,
        b"[" * 200_000 + b"\n",
        b"\n\n",
    ],
)
def test_garbage_in_a_file_hides_no_line_around_it(store: LogStore, garbage: bytes) -> None:
    store.append(line(0))
    (file,) = store.folder.iterdir()
    file.write_bytes(file.read_bytes() + garbage)
    store.close()
    store.append(line(1))
    assert numbers(store.query(Filter(), newest_first=False).records) == [0, 1]
    assert numbers(store.query(Filter()).records) == [1, 0]


def test_files_beyond_the_size_go_and_the_newest_lines_stay(tmp_path: Path) -> None:
    keep = Keep(seconds=0, bytes=160_000)
    store = LogStore(tmp_path, keep=keep, now=lambda: NOON)
    for number in range(2000):
        store.append(line(number, data={"fill": "x" * 200}))
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= keep.bytes + keep.file_bytes
    kept = numbers(store.query(Filter(), limit=10_000, newest_first=False).records)
    assert kept == list(range(kept[0], 2000))
    assert kept[0] > 0


def test_files_go_when_nothing_was_written_to_them_for_long(tmp_path: Path) -> None:
    today = [float(NOON)]
    store = LogStore(tmp_path, keep=Keep(seconds=2 * DAY), now=lambda: today[0])
    for number in range(5):
        store.append(line(number))
        for path in tmp_path.iterdir():
            if path.stat().st_mtime > today[0]:
                os.utime(path, (today[0], today[0]))
        today[0] += DAY
    assert numbers(store.query(Filter(), newest_first=False).records) == [2, 3, 4]


def test_foreign_files_in_the_folder_are_left_alone(tmp_path: Path) -> None:
    for name in ("notes.jsonl", "2024-01-01.jsonl", "2024-01-01.0001.jsonl.gz"):
        (tmp_path / name).write_text("{}\n")
    (tmp_path / "2024-01-01.0009.jsonl").mkdir()
    store = LogStore(tmp_path, keep=Keep(seconds=1, bytes=1), now=lambda: NOON)
    store.append(line(1))
    assert numbers(store.query(Filter()).records) == [1]
    assert len(list(tmp_path.iterdir())) == 5


def test_a_clock_that_goes_back_keeps_the_order_of_writing(tmp_path: Path) -> None:
    today = [float(NOON + 30 * DAY)]
    store = LogStore(tmp_path, now=lambda: today[0])
    store.append(line(1))
    today[0] = NOON
    store.append(line(2))
    LogStore(tmp_path, now=lambda: today[0]).append(line(3))
    assert numbers(store.query(Filter(), newest_first=False).records) == [1, 2, 3]


def test_a_removed_folder_is_made_again_with_the_next_line(store: LogStore) -> None:
    store.append(line(1))
    for path in store.folder.iterdir():
        path.unlink()
    store.folder.rmdir()
    assert store.append(line(2))
    assert numbers(store.query(Filter()).records) == [2]


def test_lines_that_cannot_be_written_are_counted_by_the_next_one_that_can(store: LogStore) -> None:
    store.folder.parent.mkdir(parents=True)
    store.folder.write_text("a file stands where the folder should be")
    assert not store.append(line(1))
    assert not store.append(line(2))
    store.folder.unlink()
    assert store.append(line(3))
    first, second = store.query(Filter(), newest_first=False).records
    assert "2 lines of the log could not be written" in first.text
    assert first.level == "error"
    assert second.text == "line 3"


def test_whatever_is_appended_is_redacted_before_it_is_written(tmp_path: Path) -> None:
    store = LogStore(tmp_path, redactor=lambda: Redactor(["s3cr3t-canary"]), now=lambda: NOON)
    store.append(line(1, text="line 1 s3cr3t-canary", data={"a": ["s3cr3t-canary"], "cookie": "SID=abc"}))
    (file,) = tmp_path.iterdir()
    assert b"s3cr3t-canary" not in file.read_bytes()
    assert b"SID=abc" not in file.read_bytes()


def test_what_no_line_may_hold_is_cut_or_left_out(store: LogStore) -> None:
    deep: list[object] = []
    for _ in range(100):
        deep = [deep]
    store.append(line(1, text="line 1 " + "\0" * 20_000, data={"deep": deep, "nan": float("nan")}))
    store.append(
        line(2, data={str(key): {str(each): "ä" * 3_000 for each in range(20)} for key in range(20)})
    )
    store.append(line(3, entry="e" * 1_000, text="line 3 \ud800"))
    (file,) = store.folder.iterdir()
    for written in file.read_bytes().splitlines():
        assert len(written) < 64 * 1024
        json.loads(written)
    assert numbers(store.query(Filter(), newest_first=False).records) == [1, 2, 3]
    assert len(store.query(Filter(entry="e" * 1_000)).records) == 1


WRITER = """
import sys
from pathlib import Path
from ytarchive.adapters.log_store import Keep, LogStore
from ytarchive.core.log_record import Record

folder, who = Path(sys.argv[1]), sys.argv[2]
store = LogStore(folder, keep=Keep(bytes=200_000_000), now=lambda: 1e9)
for number in range(1500):
    store.append(Record(1e9, "info", "download", f"line {number} " + "x" * 900, entry=who))
"""


def test_lines_of_processes_and_threads_that_append_at_once_are_all_there_and_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER.replace("200_000_000", "0"), tmp_path, who])
        for who in "ab"
    ]
    store = LogStore(tmp_path, keep=Keep(bytes=0), now=lambda: 1e9)

    def append(who: str) -> Callable[[], None]:
        return lambda: [store.append(line(number, entry=who)) for number in range(500)] and None

    threads = [threading.Thread(target=append(who)) for who in "cd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [writer.wait() for writer in writers] == [0, 0]
    for who, count in (("a", 1500), ("b", 1500), ("c", 500), ("d", 500)):
        page = store.query(Filter(entry=who), limit=5_000, newest_first=False)
        assert numbers(page.records) == list(range(count))


def test_a_writer_killed_at_any_moment_leaves_a_log_that_reads_and_goes_on(tmp_path: Path) -> None:
    for _ in range(3):
        writer = subprocess.Popen([sys.executable, "-c", WRITER, tmp_path, "a"])
        while not list(tmp_path.glob("*.jsonl")):
            assert writer.poll() is None
        writer.kill()
        writer.wait()
        store = LogStore(tmp_path, now=lambda: 1e9)
        before = len(store.query(Filter(), limit=10_000).records)
        store.append(line(7, entry="after"))
        page = store.query(Filter(), limit=10_000)
        assert len(page.records) == before + 1
        assert page.records[0].entry == "after"
