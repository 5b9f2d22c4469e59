"""The log as `ytarchive logs` reads it from a daemon: page by page, by every filter, and followed."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from web_office import SmallOffice, served

from ytarchive.adapters.log_store import LogStore
from ytarchive.cli.daemon_client import Daemon
from ytarchive.cli.daemon_log import DaemonLog
from ytarchive.core.log_record import Filter, Record
from ytarchive.daemon.whereabouts import Whereabouts
from ytarchive.reconciler.logs import open_log

VIDEO = "-bc123DEF45"
NOON = 1_760_000_400.0


@pytest.fixture
def files(office: SmallOffice) -> Iterator[LogStore]:
    store = open_log(office.settings)
    yield store
    store.close()


@pytest.fixture
def log(office: SmallOffice, files: LogStore, monkeypatch: pytest.MonkeyPatch) -> Iterator[DaemonLog]:
    """Beside it, a log of files that is empty: what is told comes from the daemon."""
    monkeypatch.setattr("ytarchive.cli.daemon_log.MOST_AT_ONCE", 5)
    monkeypatch.setattr("ytarchive.cli.daemon_log.LOOK_SECONDS", 0.01)
    with served(office, listen=None):
        socket = str(office.settings.state.path / "daemon.sock")
        here = Whereabouts(os.getpid(), 0, office.archive_id, "", "", None, socket)
        yield DaemonLog(Daemon(here), LogStore(office.settings.state.path / "nothing"))


def write(files: LogStore, component: str, *numbers: int) -> None:
    for number in numbers:
        job, video = f"job-{number % 2}", VIDEO if number == 3 else None
        files.append(
            Record(
                NOON + number,
                "info",
                component,
                f"line {number}",
                job=job,
                video=video,
                pass_number=number // 4 + 1,
            )
        )


def numbers(records: Iterator[Record] | tuple[Record, ...]) -> list[int]:
    return [int(record.text.split()[1]) for record in records]


def test_as_many_lines_are_told_as_are_asked_for_in_either_order(log: DaemonLog, files: LogStore) -> None:
    write(files, "many", *range(12))
    mine = Filter(components=("many",))
    assert numbers(log.query(mine, limit=7).records) == [11, 10, 9, 8, 7, 6, 5]
    assert numbers(log.query(mine, limit=7, newest_first=False).records) == [0, 1, 2, 3, 4, 5, 6]
    page = log.query(mine, limit=7)
    assert numbers(log.query(mine, after=page.next).records) == [4, 3, 2, 1, 0]
    assert log.query(mine, limit=0).end == files.query(mine).end


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (Filter(job="job-1"), [1, 3, 5]),
        (Filter(video=VIDEO), [3]),
        (Filter(pass_number=2), [4, 5]),
        (Filter(since=NOON + 4), [4, 5]),
        (Filter(until=NOON + 2), [0, 1]),
        (Filter(text="LINE 5"), [5]),
        (Filter(level="warning"), []),
    ],
    ids=str,
)
def test_each_filter_says_the_same_as_of_files(
    log: DaemonLog, files: LogStore, wanted: Filter, expected: list[int]
) -> None:
    component = f"filtered-{hash(wanted)}"
    write(files, component, *range(6))
    mine = Filter(
        **{name: getattr(wanted, name) for name in Filter.__slots__ if name != "components"},
        components=(component,),
    )
    assert numbers(log.query(mine, newest_first=False).records) == expected
    assert log.query(mine, newest_first=False).records == files.query(mine, newest_first=False).records


def test_following_goes_on_with_the_files_when_the_daemon_ends(office: SmallOffice, files: LogStore) -> None:
    mine = Filter(components=("followed",))
    with served(office, listen=None):
        socket = str(office.settings.state.path / "daemon.sock")
        here = Whereabouts(os.getpid(), 0, office.archive_id, "", "", None, socket)
        following = DaemonLog(Daemon(here), files).follow(mine, after=files.query(mine).end)
        write(files, "followed", 1, 2)
        assert numbers((next(following), next(following))) == [1, 2]
    write(files, "followed", 3)
    assert numbers((next(following),)) == [3]
