"""What threads do besides what every executor does."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future

import pytest
from executor_stages import NOW, PATIENCE_SECONDS, ThreadStage

from ytarchive.adapters.executor import Abandoned, OnEvent
from ytarchive.core.failure import Evidence, verdict
from ytarchive.core.job import Event, Job, Receipt

MakeStage = Callable[..., ThreadStage]


def job(subject: str = "", job_id: str = "job", deadline_at: int = 0) -> Job:
    return Job(job_id, "feed", subject, deadline_at=deadline_at)


@pytest.mark.parametrize("error", [RuntimeError("a bug"), SystemExit(3), KeyboardInterrupt()])
def test_whatever_a_run_raises_is_the_error_of_its_future(threads: MakeStage, error: BaseException) -> None:
    def run(job: Job, on_event: OnEvent, stop: threading.Event) -> Receipt:
        if job.subject == "bad":
            raise error
        return Receipt(job.id, "done")

    stage = threads(1, run=run)
    future = stage.executor.submit(job("bad"))

    assert future.exception(timeout=PATIENCE_SECONDS) is error
    assert stage.executor.free_slots() == 1
    assert stage.settle(stage.executor.submit(job("good"))).outcome == "done"


def test_a_listener_that_raises_ends_the_future_with_it(threads: MakeStage) -> None:
    def refuse(event: Event) -> None:
        raise OSError("no room for events")

    stage = threads(1, on_event=refuse)
    future = stage.executor.submit(job("done"))

    with pytest.raises(OSError, match="no room"):
        future.result(timeout=PATIENCE_SECONDS)


@pytest.mark.parametrize(("outcome", "expected"), [("done", "done"), ("failed", "cancelled")])
def test_only_a_job_that_was_done_is_not_cancelled(threads: MakeStage, outcome: str, expected: str) -> None:
    def run(job: Job, on_event: OnEvent, stop: threading.Event) -> Receipt:
        on_event(Event(job.id, 1, "progress"))
        stop.wait(PATIENCE_SECONDS)
        failure = verdict("RESET", Evidence("feed")) if outcome == "failed" else None
        return Receipt(job.id, outcome, failure=failure)  # type: ignore[arg-type]

    stage = threads(1, run=run)
    future = stage.executor.submit(job())
    stage.event()
    stage.executor.cancel("job")
    receipt = stage.settle(future)

    assert (receipt.outcome, receipt.failure) == (expected, None)


def test_a_run_is_told_of_its_deadline_and_its_answer_still_counts(threads: MakeStage) -> None:
    def run(job: Job, on_event: OnEvent, stop: threading.Event) -> Receipt:
        on_event(Event(job.id, 1, "progress"))
        assert stop.wait(PATIENCE_SECONDS)
        return Receipt(job.id, "done")

    stage = threads(1, run=run)
    future = stage.executor.submit(job(deadline_at=NOW + 10))
    stage.event()
    stage.set_date(NOW + 10)

    assert stage.settle(future).outcome == "done"


def test_a_run_that_was_given_up_is_told_so_at_its_next_event(threads: MakeStage) -> None:
    told: list[Exception] = []
    go_on, ended = threading.Event(), threading.Event()

    def run(job: Job, on_event: OnEvent, stop: threading.Event) -> Receipt:
        on_event(Event(job.id, 1, "progress"))
        go_on.wait(PATIENCE_SECONDS)
        try:
            on_event(Event(job.id, 2, "progress"))
        except Abandoned as error:
            told.append(error)
        ended.set()
        return Receipt(job.id, "done")

    stage = threads(1, run=run)
    future = stage.executor.submit(job())
    stage.event()
    stage.executor.cancel("job")
    assert stage.settle(future).outcome == "cancelled"
    go_on.set()
    assert ended.wait(PATIENCE_SECONDS)

    assert [type(each) for each in told] == [Abandoned]
    assert stage.events.empty()


def test_threads_are_kept_for_the_next_jobs(threads: MakeStage) -> None:
    names: list[int] = []

    def run(job: Job, on_event: OnEvent, stop: threading.Event) -> Receipt:
        names.append(threading.get_ident())
        return Receipt(job.id, "done")

    stage = threads(4, run=run)
    for number in range(5):
        stage.settle(stage.executor.submit(job(job_id=str(number))))

    assert len(set(names)) == 1


def test_a_slot_whose_thread_hangs_is_served_by_another(threads: MakeStage) -> None:
    stage = threads(1)
    for number in range(3):
        deaf = stage.executor.submit(job("deaf", f"deaf {number}"))
        after = stage.executor.submit(job("done", f"after {number}"))
        stage.executor.cancel(f"deaf {number}")
        assert stage.settle(deaf).outcome == "cancelled"
        assert stage.settle(after).outcome == "done"
    assert stage.executor.free_slots() == 1


def test_after_close_no_thread_is_left(threads: MakeStage) -> None:
    before = set(threading.enumerate())
    stage = threads(3)
    for number in range(3):
        stage.executor.submit(job("wait", str(number)))
    stage.event()
    stage.executor.close()

    assert set(threading.enumerate()) <= before


def test_a_finished_job_may_close_the_executor(threads: MakeStage) -> None:
    closed = threading.Event()
    stage = threads(1)
    future = stage.executor.submit(job("wait"))

    def close(_: Future[Receipt]) -> None:
        stage.executor.close()
        closed.set()

    future.add_done_callback(close)
    stage.event()
    stage.executor.cancel("job")

    assert stage.settle(future).outcome == "cancelled"
    assert closed.wait(PATIENCE_SECONDS)


def test_a_thread_that_hangs_keeps_no_process_alive() -> None:
    program = """
import threading
from ytarchive.adapters.executor import ThreadExecutor
from ytarchive.core.job import Job
began = threading.Event()
def hang(job, on_event, stop):
    began.set()
    threading.Event().wait()
with ThreadExecutor(hang, 1, on_event=print, grace_seconds=0.1) as executor:
    future = executor.submit(Job("job", "feed", ""))
    began.wait()
print(future.result(timeout=0).outcome)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, "cancelled\n", "")


def test_as_a_context_it_is_closed_at_the_end(threads: MakeStage) -> None:
    with threads(1).executor as executor:
        future = executor.submit(job("wait"))

    assert future.result(timeout=0).outcome == "cancelled"
