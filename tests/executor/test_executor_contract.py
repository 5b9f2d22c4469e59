"""What holds of every executor."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from executor_stages import NOW, Stage

from ytarchive.core.job import Job
from ytarchive.errors import WorkerError

MakeStage = Callable[[int], Stage]


def job(subject: str, job_id: str = "job", deadline_at: int = 0) -> Job:
    return Job(job_id, "fetch", subject, deadline_at=deadline_at)


def test_a_job_ends_with_the_receipt_of_its_worker(make_stage: MakeStage) -> None:
    stage = make_stage(1)
    receipt = stage.settle(stage.executor.submit(job("done")))
    assert (receipt.job, receipt.outcome) == ("job", "done")
    assert receipt.metadata


def test_a_failure_is_a_receipt_not_an_exception(make_stage: MakeStage) -> None:
    stage = make_stage(1)
    receipt = stage.settle(stage.executor.submit(job("fail")))
    assert receipt.outcome == "failed"
    assert receipt.failure
    assert (receipt.failure.code, receipt.failure.kind) == ("PRIVATE", "permanent")


def test_events_come_before_the_receipt(make_stage: MakeStage) -> None:
    stage = make_stage(1)
    stage.settle(stage.executor.submit(job("done")))
    event = stage.events.get_nowait()
    assert (event.job, event.kind) == ("job", "progress")


def test_slots_are_taken_and_given_back(make_stage: MakeStage) -> None:
    stage = make_stage(2)
    assert stage.executor.free_slots() == 2
    first = stage.executor.submit(job("wait", "first"))
    assert stage.executor.free_slots() == 1
    second = stage.executor.submit(job("wait", "second"))
    third = stage.executor.submit(job("wait", "third"))
    assert stage.executor.free_slots() == 0
    for job_id in ("first", "second", "third"):
        stage.executor.cancel(job_id)
    assert [stage.settle(each).outcome for each in (first, second, third)] == ["cancelled"] * 3
    assert stage.executor.free_slots() == 2


def test_a_slot_is_free_once_its_future_is_done(make_stage: MakeStage) -> None:
    stage = make_stage(1)
    free: list[int] = []
    future = stage.executor.submit(job("done"))
    future.add_done_callback(lambda _: free.append(stage.executor.free_slots()))
    stage.settle(future)
    stage.executor.close()
    assert free == [1]


def test_jobs_run_beside_each_other(make_stage: MakeStage) -> None:
    stage = make_stage(2)
    for job_id in ("first", "second"):
        stage.executor.submit(job("wait", job_id))
    assert {stage.event().job, stage.event().job} == {"first", "second"}


def test_jobs_beyond_the_slots_wait_their_turn(make_stage: MakeStage) -> None:
    stage = make_stage(1)
    order: list[str] = []
    futures = [stage.executor.submit(job("done", name)) for name in ("a", "b", "c", "d")]
    for future in futures:
        future.add_done_callback(lambda each: order.append(each.result().job))
    for future in futures:
        assert stage.settle(future).outcome == "done"
    stage.executor.close()
    assert order == ["a", "b", "c", "d"]


def test_a_finished_job_may_submit_the_next(make_stage: MakeStage) -> None:
    stage = make_stage(1)
    following = []
    first = stage.executor.submit(job("wait", "first"))
    first.add_done_callback(lambda _: following.append(stage.executor.submit(job("done", "second"))))
    stage.event()
    stage.executor.cancel("first")
    stage.settle(first)
    while not following:
        stage.event()
    assert stage.settle(following[0]).outcome == "done"


def test_a_running_job_is_cancelled(make_stage: MakeStage) -> None:
    stage = make_stage(1)
    future = stage.executor.submit(job("wait"))
    stage.event()
    stage.executor.cancel("job")
    receipt = stage.settle(future)
    assert (receipt.outcome, receipt.failure) == ("cancelled", None)


def test_a_worker_that_does_not_listen_is_cancelled_all_the_same(make_stage: MakeStage) -> None:
    stage = make_stage(1)
    future = stage.executor.submit(job("deaf"))
    stage.event()
    stage.executor.cancel("job")
    stage.executor.cancel("job")
    assert stage.settle(future).outcome == "cancelled"
    assert stage.settle(stage.executor.submit(job("done"))).outcome == "done"


def test_a_queued_job_is_cancelled_without_being_started(make_stage: MakeStage) -> None:
    stage = make_stage(1)
    running = stage.executor.submit(job("wait", "running"))
    queued = stage.executor.submit(job("done", "queued"))
    stage.event()
    stage.executor.cancel("queued")
    assert queued.result(timeout=0).outcome == "cancelled"
    stage.executor.cancel("running")
    stage.settle(running)
    assert stage.events.empty()


def test_to_cancel_what_does_not_run_is_nothing(make_stage: MakeStage) -> None:
    stage = make_stage(1)
    stage.executor.cancel("unknown")
    future = stage.executor.submit(job("done"))
    stage.settle(future)
    stage.executor.cancel("job")
    assert future.result(timeout=0).outcome == "done"


def test_the_future_itself_cannot_be_cancelled_behind_the_back_of_the_executor(make_stage: MakeStage) -> None:
    stage = make_stage(1)
    stage.executor.submit(job("wait", "running"))
    queued = stage.executor.submit(job("done", "queued"))
    assert not queued.cancel()


def test_a_job_that_is_not_done_at_its_deadline_has_failed(make_stage: MakeStage) -> None:
    stage = make_stage(1)
    future = stage.executor.submit(job("wait", deadline_at=NOW + 100))
    stage.event()
    assert not future.done()
    stage.set_date(NOW + 100)
    receipt = stage.settle(future)
    assert receipt.outcome == "failed"
    assert receipt.failure
    assert (receipt.failure.code, receipt.failure.evidence.stage) == ("DEADLINE", "worker")
    assert stage.settle(stage.executor.submit(job("done"))).outcome == "done"


def test_a_job_whose_deadline_has_passed_is_not_started(make_stage: MakeStage) -> None:
    stage = make_stage(1)
    stage.settle(stage.executor.submit(job("done", "before")))
    stage.event()
    for job_id in ("first", "second"):
        receipt = stage.settle(stage.executor.submit(job("done", job_id, deadline_at=NOW - 1)))
        assert receipt.failure
        assert receipt.failure.code == "DEADLINE"
    assert stage.events.empty()


def test_one_id_runs_once(make_stage: MakeStage) -> None:
    stage = make_stage(1)
    stage.executor.submit(job("wait", "running"))
    stage.executor.submit(job("done", "queued"))
    for job_id in ("running", "queued"):
        with pytest.raises(ValueError, match=job_id):
            stage.executor.submit(job("done", job_id))


def test_an_id_may_run_again_later(make_stage: MakeStage) -> None:
    stage = make_stage(1)
    for _ in range(2):
        assert stage.settle(stage.executor.submit(job("done"))).outcome == "done"


def test_to_close_cancels_what_runs_and_what_waits(make_stage: MakeStage) -> None:
    stage = make_stage(2)
    futures = [stage.executor.submit(job(subject, subject)) for subject in ("wait", "deaf", "done")]
    stage.event()
    stage.event()
    stage.executor.close()
    assert [each.result(timeout=0).outcome for each in futures] == ["cancelled"] * 3
    assert stage.executor.free_slots() == 0


def test_to_close_again_is_nothing(make_stage: MakeStage) -> None:
    stage = make_stage(1)
    stage.settle(stage.executor.submit(job("done")))
    stage.executor.close()
    stage.executor.close()


def test_a_closed_executor_takes_no_job(make_stage: MakeStage) -> None:
    stage = make_stage(1)
    stage.executor.close()
    with pytest.raises(WorkerError, match="closed"):
        stage.executor.submit(job("done"))


@pytest.mark.parametrize("slots", [0, -1])
def test_an_executor_without_a_slot_is_refused(make_stage: MakeStage, slots: int) -> None:
    with pytest.raises(ValueError, match="at least one slot"):
        make_stage(slots)
