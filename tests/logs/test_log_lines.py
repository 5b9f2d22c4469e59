"""What a pass tells its observers, as lines of the log."""

from __future__ import annotations

from pathlib import Path

import pytest

from ytarchive.core.failure import Evidence, verdict
from ytarchive.core.job import Event, Job
from ytarchive.core.log_record import Filter, Record
from ytarchive.core.plan import Action, Decision, Ledger, Reason
from ytarchive.core.report import Done, Ending, PassReport, SourceReport
from ytarchive.reconciler.log_lines import LogLines
from ytarchive.reconciler.logs import logging_to, open_log
from ytarchive.settings import Settings, load

VIDEO = "dQw4w9WgXcQ"
DECISION = Decision(
    video=VIDEO,
    bucket="ready",
    reason=Reason.MISSING,
    target="t",
    action=Action.FETCH,
    entries=("A", "B"),
    title="T",
)
REPORT = PassReport(started_at=10, ended_at=25, ledger=Ledger(), done=Done(fetched=1, bytes=7))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load(None, {}, {"log.level": "debug"}, tmp_path)


def lines(settings: Settings) -> list[Record]:
    return list(open_log(settings).query(Filter(), newest_first=False).records)


def test_each_line_of_a_job_has_its_job_video_entry_and_pass(settings: Settings) -> None:
    with logging_to(settings):
        log = LogLines()
        log.started(Job("job-1", "fetch", VIDEO), DECISION)
        for phase in ("extract", "download", "download", "merge"):
            log.progressed(Event("job-1", 1, "progress", {"phase": phase}))
        log.told(Event("job-1", 2, "log", {"level": "warning", "text": "slow", "component": "yt-dlp"}), VIDEO)
        failure = verdict("PRIVATE", Evidence("extract", "This video is private"))
        log.ended(Ending(DECISION, "failed", job="job-1", failure=failure))
    found = lines(settings)
    assert {(one.job, one.video, one.entry, one.pass_number) for one in found} == {("job-1", VIDEO, "A", 1)}
    assert [one.text for one in found if one.level == "debug"] == ["extract", "download", "merge"]
    assert [(one.component, one.level, one.text) for one in found if one.component == "yt-dlp"] == [
        ("yt-dlp", "warning", "slow")
    ]
    assert found[0].data["entries"] == ["A", "B"]
    assert (found[-1].level, found[-1].data["code"], found[-1].data["stage"]) == (
        "warning",
        "PRIVATE",
        "extract",
    )


def test_passes_are_counted_and_a_wait_is_told_once_in_each(settings: Settings) -> None:
    with logging_to(settings):
        log = LogLines()
        for _ in range(2):
            log.waiting(99, "the hour is spent")
            log.waiting(99, "the hour is spent")
            log.passed(REPORT)
    assert [(one.pass_number, one.text.split(":")[0]) for one in lines(settings)] == [
        (1, "waiting"),
        (1, "ended"),
        (2, "waiting"),
        (2, "ended"),
    ]
    assert lines(settings)[1].data["bytes"] == 7


def test_what_went_wrong_has_its_level(settings: Settings) -> None:
    with logging_to(settings):
        log = LogLines()
        log.listed(SourceReport("A", "PL1", "complete", got=3))
        log.listed(SourceReport("A", "PL2", "failed", failure="LIST_MISSING: gone", code="LIST_MISSING"))
        for _ in range(2):
            log.reloaded(("wishes.yaml:3:5: found 'x'",))  # told once, until it is gone
        log.reloaded(())
        log.passed(
            PassReport(10, 25, Ledger(), Done(), stopped="the disk is full", stop_cure="free some space")
        )
    assert [(one.component, one.level) for one in lines(settings)] == [
        ("list", "info"),
        ("list", "warning"),
        ("manifests", "error"),
        ("manifests", "info"),
        ("pass", "error"),
    ]
    assert lines(settings)[-1].data["cure"] == "free some space"


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"level": "loud", "text": 5, "component": ["x"], "event": "x", "job": "other", "pass_number": "x"},
        {"text": "\ud800", "code": {"deep": 1}, "stderr": None},
    ],
)
def test_a_worker_that_tells_nonsense_breaks_nothing(settings: Settings, data: dict[str, object]) -> None:
    with logging_to(settings):
        LogLines().told(Event("job-9", 1, "log", data), "playlist:PL1")
    (found,) = lines(settings)
    assert (found.level, found.component, found.job, found.video) == ("info", "worker", "job-9", None)
    assert found.data["source"] == "playlist:PL1"
