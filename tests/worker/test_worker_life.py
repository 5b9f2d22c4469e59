"""How a worker lives and dies: cancelling, resuming, killing, orphans, and lines that are no orders."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from worker_desk import Desk, WorkerProcess

from ytarchive.core.job import Event, Job, Receipt
from ytarchive.core.protocol import Quit
from ytarchive.simulator import WELL_KNOWN, Simulator

NORMAL = WELL_KNOWN["ordinary"]
LARGE = WELL_KNOWN["large"]
SLOW = 1_500_000


def is_under_way(event: Event) -> bool:
    return (
        event.kind == "progress" and event.data["phase"] == "download" and event.data["done_bytes"] > 300_000
    )


def half_done(worker: WorkerProcess, job: Job) -> None:
    worker.send(job)
    worker.until_event(is_under_way)


def content(job: Job, receipt: Receipt) -> bytes:
    assert receipt.outcome == "done", receipt.failure
    return (Path(job.staging) / "out" / receipt.files[0].name).read_bytes()


def undisturbed(worker: WorkerProcess, desk: Desk) -> bytes:
    job = desk.job(LARGE)
    staging = Path(job.staging).with_name("undisturbed")
    staging.mkdir()
    job = replace(job, staging=str(staging))
    return content(job, worker.run(job))


def test_a_cancelled_download_is_resumed_where_it_stopped(
    worker: WorkerProcess, desk: Desk, youtube: Simulator
) -> None:
    expected = undisturbed(worker, desk)
    youtube.add_fault("throttle", value=SLOW, request="media")
    job = desk.job(LARGE)
    half_done(worker, job)
    worker.cancel(job)

    assert worker.receipt().outcome == "cancelled"
    (part,) = Path(job.staging).glob("parts.*/*.part")
    there = part.stat().st_size
    youtube.remove_faults()
    youtube.reset_counters()
    again = desk.job(LARGE, attempt=2)
    receipt = worker.run(again)

    assert content(again, receipt) == expected
    assert 0 < there < 10_000_000
    sent = [each.sent_bytes for each in youtube.log() if each.kind == "media"]
    assert max(sent) < 10_000_000 - there + 2_000


def test_a_killed_download_is_resumed_by_the_next_worker(
    worker: WorkerProcess, own_worker: Callable[..., WorkerProcess], desk: Desk, youtube: Simulator
) -> None:
    expected = undisturbed(worker, desk)
    youtube.add_fault("throttle", value=SLOW, request="media")
    job = desk.job(LARGE)
    doomed = own_worker()
    half_done(doomed, job)
    doomed.kill()
    (part,) = Path(job.staging).glob("parts.*/*.part")
    there = part.stat().st_size
    youtube.remove_faults()
    youtube.reset_counters()

    again = desk.job(LARGE, attempt=2)
    receipt = worker.run(again)

    assert content(again, receipt) == expected
    assert max(each.sent_bytes for each in youtube.log() if each.kind == "media") < 10_000_000 - there + 2_000


def cut_off(worker: WorkerProcess, desk: Desk, youtube: Simulator) -> Path:
    """The partial download that a cancelled job leaves."""
    youtube.add_fault("throttle", value=SLOW, request="media")
    job = desk.job(LARGE)
    half_done(worker, job)
    worker.cancel(job)
    worker.receipt()
    youtube.remove_faults()
    youtube.reset_counters()
    (part,) = Path(job.staging).glob("parts.*/*.part")
    return part


@pytest.mark.parametrize(
    ("left", "fetched"),
    [
        pytest.param(lambda whole: whole, False, id="all of it, not renamed yet"),
        pytest.param(lambda whole: whole + b"x" * 500, True, id="more than there is"),
        pytest.param(lambda whole: b"x" * len(whole), True, id="as much of something else"),
    ],
)
def test_a_part_that_cannot_be_resumed_is_taken_or_fetched_anew_at_once(
    worker: WorkerProcess,
    desk: Desk,
    youtube: Simulator,
    tmp_path: Path,
    left: Callable[[bytes], bytes],
    fetched: bool,
) -> None:
    """A resumed request for what comes after the end is answered by HTTP 416, which yt-dlp takes for a failure."""
    kept = tmp_path / "kept"
    kept.hardlink_to(cut_off(worker, desk, youtube))  # lives on when the part is merged and removed
    first = desk.job(LARGE)
    expected = content(first, worker.run(first))
    whole = kept.read_bytes()
    cut_off(worker, desk, youtube).write_bytes(left(whole))

    again = desk.job(LARGE, attempt=2)
    receipt = worker.run(again)

    assert content(again, receipt) == expected
    sent = sum(each.sent_bytes for each in youtube.log() if each.kind == "media")
    assert (sent >= len(whole)) is fetched


def test_a_refused_range_means_to_begin_anew_at_once(
    worker: WorkerProcess, desk: Desk, youtube: Simulator
) -> None:
    """YouTube may have less than it had: HTTP 416, and again when yt-dlp asks for the same range once more."""
    expected = undisturbed(worker, desk)
    there = cut_off(worker, desk, youtube).stat().st_size
    youtube.add_fault("status", value=416, request="media", count=2)

    job = desk.job(LARGE, attempt=2)

    assert content(job, worker.run(job)) == expected
    sent = [(each.status, each.sent_bytes) for each in youtube.log() if each.kind == "media"]
    assert [status for status, _ in sent].count(416) == 2
    assert sum(size for _, size in sent) > 10_000_000 > there


def test_a_job_that_waits_its_turn_can_be_cancelled(
    worker: WorkerProcess, desk: Desk, youtube: Simulator
) -> None:
    youtube.add_fault("latency", value=300, request="watch")
    first, second = desk.job(NORMAL), desk.job("sim_Second0")
    worker.send(first)
    worker.send(second)
    worker.cancel(second)

    receipts = [worker.receipt(), worker.receipt()]

    assert [(each.job, each.outcome) for each in receipts] == [(first.id, "done"), (second.id, "cancelled")]


def test_lines_that_are_no_orders_are_passed_over(worker: WorkerProcess, desk: Desk) -> None:
    for line in (
        b"\n",
        b"garbage\n",
        b"\xff\xfe\x00\n",
        b"[]\n",
        b'{"type":"job"}\n',
        b'{"type":"from-the-future"}\n',
    ):
        worker.write(line)
    worker.write(b'{"type":"cancel","job":"' + b"x" * (5 * 1024 * 1024) + b'"}\n')
    worker.write(json.dumps({"type": "job", "id": 7, "kind": "fetch"}).encode() + b"\n")

    assert worker.run(desk.job(NORMAL)).outcome == "done"


def test_a_worker_that_is_told_to_quit_ends_in_peace(own_worker: Callable[..., WorkerProcess]) -> None:
    worker = own_worker()

    worker.send(Quit())

    assert worker.wait() == 0


def test_a_worker_ends_after_its_share_of_jobs(own_worker: Callable[..., WorkerProcess], desk: Desk) -> None:
    worker = own_worker("--most-jobs", "2")

    receipts = [worker.run(desk.job(NORMAL, kind="probe")) for _ in range(2)]

    assert [each.outcome for each in receipts] == ["done", "done"]
    assert worker.wait() == 0


def test_a_worker_whose_input_ends_while_idle_ends_in_peace(own_worker: Callable[..., WorkerProcess]) -> None:
    worker = own_worker()
    assert worker.process.stdin is not None

    worker.process.stdin.close()

    assert worker.wait() == 0


def test_the_whole_group_dies_when_the_parent_is_gone(
    own_worker: Callable[..., WorkerProcess], desk: Desk, tmp_path: Path
) -> None:
    sleeper = tmp_path / "bin" / "ffmpeg"
    sleeper.parent.mkdir()
    mark = tmp_path / "child.pid"
    sleeper.write_text(
        f'#!/bin/sh\ncase "$1" in -version) echo "ffmpeg version 9.9.9";; *) echo $$ > {mark}.new; mv {mark}.new {mark}; exec sleep 600;; esac\n'
    )
    sleeper.chmod(0o755)
    worker = own_worker(PATH=f"{sleeper.parent}:{os.environ['PATH']}")
    worker.send(desk.job(NORMAL))
    worker.until_event(lambda event: event.data.get("phase") == "merge")
    child = _pid_in(mark)
    assert worker.process.stdin is not None

    worker.process.stdin.close()

    assert worker.wait() == -9
    assert _is_gone(child)


def test_events_of_a_job_are_numbered_from_one(worker: WorkerProcess, desk: Desk) -> None:
    job = desk.job(NORMAL)

    worker.run(job)

    assert [each.sequence for each in worker.events] == list(range(1, len(worker.events) + 1))
    assert {each.job for each in worker.events} == {job.id}
    assert [each.data["phase"] for each in worker.events if each.kind == "progress"][-2:] == [
        "merge",
        "verify",
    ]


def _pid_in(mark: Path) -> int:
    ends = time.monotonic() + 30
    while not mark.exists():
        assert time.monotonic() < ends, "the child never began"
        os.sched_yield()
    return int(mark.read_text())


def _is_gone(pid: int) -> bool:
    """Whether a process has ended; who inherited it may not have collected it yet."""
    ends = time.monotonic() + 30
    while time.monotonic() < ends:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
        except OSError:
            return True
        if state in "ZX":
            return True
        os.sched_yield()
    return False
