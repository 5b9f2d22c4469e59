"""The clock of the machine, and the one of the model."""

from __future__ import annotations

import threading
import time

from executor_stages import NOW, PATIENCE_SECONDS

from ytarchive.adapters.clock import Clock, SystemClock
from ytarchive.adapters.executor import ModelClock, ModelExecutor, ModelRun
from ytarchive.core.job import Event, Job, Receipt

MONTH = 30 * 86_400


def test_the_clock_of_the_machine_tells_whole_seconds_and_goes_on() -> None:
    clock: Clock = SystemClock()
    assert abs(clock.now() - time.time()) < 2
    before = clock.monotonic()
    clock.wait(0.01)
    clock.wait(-1)
    assert clock.monotonic() >= before + 0.01


def test_whoever_waits_is_woken() -> None:
    clock = SystemClock()
    waiter = threading.Thread(target=clock.wait, args=(float("inf"),))
    waiter.start()
    clock.wake()
    waiter.join(PATIENCE_SECONDS)
    assert not waiter.is_alive()


def test_a_call_before_the_wait_is_not_lost() -> None:
    clock = SystemClock()
    clock.wake()
    clock.wait(float("inf"))


def test_months_pass_in_the_model_at_once() -> None:
    clock = ModelClock(NOW)
    clock.wait(6 * MONTH)
    assert (clock.now(), clock.monotonic()) == (NOW + 6 * MONTH, float(NOW + 6 * MONTH))


def test_what_is_due_happens_in_its_order_and_at_its_time() -> None:
    clock = ModelClock(NOW)
    seen: list[tuple[str, int]] = []
    clock.at(NOW + 20, lambda: seen.append(("late", clock.now())))
    clock.at(NOW + 10, lambda: seen.append(("first", clock.now())))
    clock.at(NOW + 10, lambda: seen.append(("second", clock.now())))
    clock.at(NOW - 10, lambda: seen.append(("past", clock.now())))
    clock.wait(15)
    assert seen == [("past", NOW), ("first", NOW + 10), ("second", NOW + 10)]
    assert clock.now() == NOW + 15


def test_who_is_woken_in_the_model_sees_the_moment_of_it() -> None:
    clock = ModelClock(NOW)
    clock.at(NOW + 10, clock.wake)
    clock.wait(MONTH)
    assert clock.now() == NOW + 10
    clock.wake()
    clock.wait(MONTH)
    assert clock.now() == NOW + 10


def test_a_loop_over_months_of_jobs_ends_in_an_instant() -> None:
    clock = ModelClock(NOW)
    executor = ModelExecutor(
        2,
        model=lambda job: ModelRun(3600, Receipt(job.id, "done")),
        clock=clock,
        on_event=lambda _: None,
    )
    left = 1000
    running = 0

    def done(_: object) -> None:
        nonlocal running
        running -= 1
        clock.wake()

    while left or running:
        while left and executor.free_slots():
            left, running = left - 1, running + 1
            executor.submit(Job(str(left), "fetch", "dQw4w9WgXcQ")).add_done_callback(done)
        clock.wait(MONTH)
    assert clock.now() == NOW + 1000 // 2 * 3600


def test_a_job_cancelled_by_its_own_first_event_ends_once() -> None:
    clock = ModelClock(NOW)
    executor = ModelExecutor(
        1,
        model=lambda job: ModelRun(10, Receipt(job.id, "done"), (Event(job.id, 1, "progress"),)),
        clock=clock,
        on_event=lambda event: executor.cancel(event.job),
    )
    future = executor.submit(Job("job", "fetch", "done"))
    clock.wait(100)
    assert future.result(timeout=0).outcome == "cancelled"
