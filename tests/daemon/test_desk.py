"""Where other threads meet the loop: each pass has its own report, as long as it is kept."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ytarchive import settings
from ytarchive.adapters.clock import SystemClock
from ytarchive.core.plan import Ledger
from ytarchive.core.report import Done, PassReport
from ytarchive.daemon.desk import KEPT_REPORTS, Desk
from ytarchive.metrics import Metrics

REPORT = PassReport(0, 0, Ledger(), Done())


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(settings.load(None, {}, {}, tmp_path), SystemClock(), Metrics("0", lambda: 0.0))


def test_who_asks_gets_the_report_of_the_pass_that_began_afterwards(desk: Desk) -> None:
    number = desk.wake("somebody asks")
    desk.passed(replace(REPORT, started_at=1))  # it began before, so it is nobody's
    assert (desk.health().passes, desk.report(number)) == (0, None)
    desk.take_asked()
    for at in (2, 3):
        desk.passed(replace(REPORT, started_at=at))
    assert desk.health().passes == 2
    report, later = desk.report(number), desk.report(number + 1)
    assert report is not None
    assert later is not None
    assert (report.started_at, later.started_at) == (2, 3)


def test_the_last_reports_are_kept(desk: Desk) -> None:
    for _ in range(KEPT_REPORTS + 2):
        desk.passed(REPORT)
    kept = [number for number in range(1, KEPT_REPORTS + 3) if desk.report(number) is not None]
    assert kept == list(range(3, KEPT_REPORTS + 3))
