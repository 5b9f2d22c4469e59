"""The file for the node exporter: whole at every instant, and its counters go on from run to run."""

from __future__ import annotations

from pathlib import Path

import pytest
from measuring import NOON, Watch, metrics, needs_promtool, promtool, report, samples

from ytarchive.core.job import Job
from ytarchive.core.plan import Action, Decision, Reason
from ytarchive.core.report import Ending
from ytarchive.errors import YtarchiveError
from ytarchive.metrics import Measured, write_textfile

VIDEO = Decision("abcdefghijk", "ready", Reason.MISSING, "digest", action=Action.FETCH)


def one_run(path: Path, *, at: int, outcome: str, works: bool = True) -> None:
    """What one process does that fetches one video in ten seconds."""
    watch = Watch()
    watch.time = at
    counted = metrics(watch)
    counted.started(Job("job-1", "fetch", VIDEO.video), VIDEO)
    watch.time += 10
    counted.ended(Ending(VIDEO, outcome, job="job-1", bytes=100))
    if works:
        counted.passed(report())
        counted.measured(Measured(engine="2026.10.26", free_bytes=at))
    write_textfile(path, counted.text(of_process=False), is_whole=works)


def test_counters_go_on_from_run_to_run_and_gauges_are_of_the_last(tmp_path: Path) -> None:
    path = tmp_path / "ytarchive.prom"
    one_run(path, at=NOON, outcome="fetched")
    one_run(path, at=NOON + 60, outcome="fetched")
    one_run(path, at=NOON + 120, outcome="updated")
    told = samples(path.read_bytes())
    assert told["downloads_total", ("fetched",)] == 2
    assert told["downloads_total", ("updated",)] == 1
    assert told["download_bytes_total", ()] == 300
    assert told["download_duration_seconds_count", ()] == 3
    assert told["download_duration_seconds_bucket", ("15.0",)] == 3
    assert told["archive_free_bytes", ()] == NOON + 120


def test_what_a_run_that_fails_does_not_learn_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "ytarchive.prom"
    one_run(path, at=NOON, outcome="fetched")
    one_run(path, at=NOON + 5000, outcome="failed", works=False)
    told = samples(path.read_bytes())
    assert told["last_success_timestamp_seconds", ("all",)] == NOON + 60
    assert told["archive_free_bytes", ()] == NOON
    assert told["build_info", ("0.1.0", "2026.10.26")] == 1
    assert (told["downloads_total", ("fetched",)], told["downloads_total", ("failed",)]) == (1, 1)


def test_the_file_is_readable_by_others_alone_in_its_folder_and_holds_nothing_of_the_process(
    tmp_path: Path,
) -> None:
    path = tmp_path / "ytarchive.prom"
    one_run(path, at=NOON, outcome="fetched")
    assert path.stat().st_mode & 0o777 == 0o644
    assert [one.name for one in tmp_path.iterdir()] == ["ytarchive.prom"]
    assert b"process_" not in path.read_bytes()  # the node exporter has those of its own


@needs_promtool
def test_the_file_pleases_promtool_also_when_it_was_continued(tmp_path: Path) -> None:
    path = tmp_path / "ytarchive.prom"
    for at in (NOON, NOON + 60):
        one_run(path, at=at, outcome="fetched")
        assert promtool("check", "metrics", text=path.read_bytes()) == ""


@pytest.mark.parametrize(
    "before", [b"", b"\xff\xfe", b"no metrics {at all", b"# TYPE other gauge\nother 1\n"]
)
def test_a_file_that_is_not_ours_counts_for_nothing(tmp_path: Path, before: bytes) -> None:
    path = tmp_path / "ytarchive.prom"
    path.write_bytes(before)
    one_run(path, at=NOON, outcome="fetched")
    told = samples(path.read_bytes())
    assert told["downloads_total", ("fetched",)] == 1
    assert ("other", ()) not in told


def test_a_file_that_cannot_be_written_is_told_with_a_cure(tmp_path: Path) -> None:
    with pytest.raises(YtarchiveError, match=r"cannot be written to .*nowhere") as caught:
        one_run(tmp_path / "nowhere" / "ytarchive.prom", at=NOON, outcome="fetched")
    assert "--metrics-file" in str(caught.value.cure)
