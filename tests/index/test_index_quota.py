"""The ledger of the Data API's units: what it lets through, whatever the order, the threads and the clock."""

from __future__ import annotations

import sys
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import get_args

import apsw
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ytarchive.adapters.index import Index, QuotaLedger
from ytarchive.core.instant import DAY, HOUR
from ytarchive.core.quota import URGENT, Purpose, QuotaLimits, QuotaSpent, day_of, resets_at
from ytarchive.errors import YtarchiveError

PURPOSES: tuple[Purpose, ...] = get_args(Purpose)
NOON = int(datetime.fromisoformat("2026-11-23T12:00:00-08:00").timestamp())
LIMITS = QuotaLimits(300, 30)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "index.sqlite"


@pytest.fixture
def index(path: Path) -> Iterator[Index]:
    with Index.open(path) as index:
        yield index


@pytest.fixture
def ledger(index: Index) -> Iterator[QuotaLedger]:
    with index.quota_ledger(LIMITS) as ledger:
        yield ledger


def spend_all(ledger: QuotaLedger, purpose: Purpose, now: int, most: int = 1000) -> int:
    """Spend unit by unit until it is refused; how many there were."""
    for spent in range(most):
        try:
            ledger.spend(purpose, 1, now)
        except QuotaSpent:
            return spent
    return most


def test_units_are_counted_by_day_and_purpose(ledger: QuotaLedger) -> None:
    ledger.spend("listing", 3, NOON)
    ledger.spend("look", 1, NOON + 60)
    ledger.spend("listing", 2, NOON + 120)

    today = ledger.standing(NOON + 180, coming=7)

    assert (today.day, today.spent) == ("2026-11-23", (("listing", 5), ("look", 1)))
    assert (today.total, today.forecast, today.renews_at) == (6, 13, resets_at(NOON))

    ledger.spend("details", 1, NOON + DAY)
    tomorrow = ledger.standing(NOON + DAY)
    assert (tomorrow.day, tomorrow.spent) == ("2026-11-24", (("details", 1),))


def test_the_reserve_is_for_what_is_urgent(ledger: QuotaLedger) -> None:
    assert spend_all(ledger, "listing", NOON) == 270
    assert spend_all(ledger, "details", NOON) == 0
    assert spend_all(ledger, "look", NOON) == 30
    assert spend_all(ledger, "metadata", NOON) == 0
    assert ledger.standing(NOON).total == 300


def test_what_is_refused_costs_nothing_and_says_until_when(ledger: QuotaLedger) -> None:
    ledger.spend("look", 299, NOON)

    with pytest.raises(QuotaSpent) as refused:
        ledger.spend("look", 2, NOON)

    assert refused.value.until == ledger.renews_at(NOON) == resets_at(NOON)
    ledger.spend("look", 1, NOON)
    assert spend_all(ledger, "look", resets_at(NOON) - 1) == 0
    assert spend_all(ledger, "look", resets_at(NOON)) == 300


def test_a_budget_of_nothing_refuses_everything(index: Index) -> None:
    with index.quota_ledger(QuotaLimits(0)) as ledger:
        assert [spend_all(ledger, purpose, NOON) for purpose in PURPOSES] == [0, 0, 0, 0]


def test_nothing_is_spent_while_youtube_refuses(ledger: QuotaLedger) -> None:
    ledger.pause(NOON + HOUR)

    with pytest.raises(QuotaSpent) as refused:
        ledger.spend("metadata", 1, NOON)

    assert refused.value.until == NOON + HOUR
    assert ledger.standing(NOON).paused_until == NOON + HOUR
    assert ledger.standing(NOON + HOUR).paused_until is None
    ledger.spend("metadata", 1, NOON + HOUR)


def test_a_request_for_nothing_is_a_mistake(ledger: QuotaLedger) -> None:
    with pytest.raises(ValueError, match="at least one unit, not 0"):
        ledger.spend("look", 0, NOON)


def test_the_next_process_knows_what_was_spent(path: Path) -> None:
    with Index.open(path) as index, index.quota_ledger(LIMITS) as ledger:
        ledger.spend("look", 200, NOON)
        ledger.pause(NOON + 60)
    with Index.open(path) as index, index.quota_ledger(LIMITS) as ledger:
        assert spend_all(ledger, "look", NOON) == 0
        assert spend_all(ledger, "look", NOON + 60) == 100


def test_an_index_that_is_only_read_shows_the_standing_and_takes_nothing(path: Path) -> None:
    with Index.open(path) as index, index.quota_ledger(LIMITS) as ledger:
        ledger.spend("look", 3, NOON)
        with Index.open(path, read_only=True) as reader, reader.quota_ledger(LIMITS) as read:
            assert read.standing(NOON).spent == (("look", 3),)
            with pytest.raises(YtarchiveError, match="the index cannot be used"):
                read.spend("look", 1, NOON)
        assert ledger.standing(NOON).total == 3


def test_a_ledger_that_is_closed_leaves_the_index_open(path: Path) -> None:
    """A writer that is killed must be found unclean, also when its ledger was closed before."""
    with Index.open(path) as index:
        index.quota_ledger(LIMITS).close()
        assert closed(path) == 0
    assert closed(path) == 1


def closed(path: Path) -> int:
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        return int(connection.execute("SELECT value FROM meta WHERE key = 'closed'").get)
    finally:
        connection.close()


def test_a_clock_that_jumps_back_gives_no_units_anew(ledger: QuotaLedger) -> None:
    spend_all(ledger, "look", NOON)
    assert spend_all(ledger, "look", NOON + DAY) == 300

    for back in (HOUR, DAY, 30 * DAY, NOON):
        assert spend_all(ledger, "look", NOON + DAY - back) == 0
    assert spend_all(ledger, "look", NOON + 2 * DAY) == 300


def test_a_day_that_comes_back_remembers_what_it_cost(ledger: QuotaLedger) -> None:
    ledger.spend("look", 200, NOON)
    ledger.spend("look", 1, NOON + DAY)

    assert spend_all(ledger, "look", NOON) == 100
    assert spend_all(ledger, "look", NOON + DAY) == 199


def test_a_clock_that_was_years_ahead_does_not_stop_the_ledger_for_years(ledger: QuotaLedger) -> None:
    spend_all(ledger, "look", NOON + 2000 * DAY)
    ledger.pause(NOON + 2001 * DAY)

    assert spend_all(ledger, "look", NOON) == 0
    assert ledger.renews_at(NOON) == NOON + 2 * DAY
    assert spend_all(ledger, "look", NOON + 2 * DAY) == 300


def test_what_nobody_can_read_of_the_clock_is_forgotten(
    path: Path, index: Index, ledger: QuotaLedger
) -> None:
    ledger.spend("look", 300, NOON)
    connection = apsw.Connection(str(path))
    connection.execute("UPDATE meta SET value = '{' WHERE key = 'quota_clock'")
    connection.close()

    assert spend_all(ledger, "look", NOON) == 0
    assert spend_all(ledger, "look", NOON + DAY) == 300


@pytest.fixture
def hasty_threads() -> Iterator[None]:
    """Threads that take turns as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def test_many_threads_at_once_spend_no_more_than_there_is(ledger: QuotaLedger, hasty_threads: None) -> None:
    together = threading.Barrier(8)

    def spend(number: int) -> int:
        together.wait()
        return spend_all(ledger, PURPOSES[number % len(PURPOSES)], NOON)

    with ThreadPoolExecutor(8) as threads:
        spent = list(threads.map(spend, range(8)))

    assert sum(spent) == 300
    assert ledger.standing(NOON).total == 300


def test_threads_do_not_wait_for_each_other_for_ever_while_the_index_is_written(
    index: Index, ledger: QuotaLedger
) -> None:
    with ThreadPoolExecutor(8) as threads:
        spending = [threads.submit(spend_all, ledger, "look", NOON) for _ in range(8)]
        for number in range(100):
            index.archive_id = str(number)

        assert sum(each.result() for each in spending) == 300


def test_what_another_process_is_spending_is_waited_for(path: Path, ledger: QuotaLedger) -> None:
    ledger.spend("look", 1, NOON)
    other = apsw.Connection(str(path))
    try:
        other.execute("BEGIN IMMEDIATE; UPDATE quota SET units = 300")
        with ThreadPoolExecutor(1) as thread:
            spending = thread.submit(ledger.spend, "look", 1, NOON)
            with pytest.raises(TimeoutError):
                spending.result(0.3)
            other.execute("COMMIT")
            with pytest.raises(QuotaSpent):
                spending.result()
    finally:
        other.close()


looks = st.tuples(st.sampled_from(PURPOSES), st.integers(1, 4), st.integers(0, 6 * 24))


@settings(deadline=None, max_examples=60)
@given(
    st.builds(QuotaLimits, st.integers(0, 12), st.integers(0, 14)),
    st.lists(looks | st.integers(0, 6 * 24), max_size=40),
)
def test_no_day_ever_costs_more_than_the_budget(
    limits: QuotaLimits, steps: list[tuple[Purpose, int, int] | int]
) -> None:
    """Whatever the order of purposes, with a clock that jumps about: by the clock's own days, and by the ledger's."""
    spent: Counter[str] = Counter()
    ordinary: Counter[str] = Counter()
    with (
        TemporaryDirectory() as folder,
        Index.open(Path(folder) / "index.sqlite") as index,
        index.quota_ledger(limits) as ledger,
    ):
        for step in steps:
            if isinstance(step, int):
                ledger.pause(NOON + step * HOUR)
                continue
            purpose, units, hours = step
            now = NOON + hours * HOUR
            try:
                ledger.spend(purpose, units, now)
            except QuotaSpent:
                continue
            spent[day_of(now)] += units
            ordinary[day_of(now)] += 0 if purpose in URGENT else units
            assert ledger.standing(now).total <= limits.budget
    assert all(units <= limits.budget for units in spent.values())
    assert all(units <= max(0, limits.budget - limits.reserve) for units in ordinary.values())
