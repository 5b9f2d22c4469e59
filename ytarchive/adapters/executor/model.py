"""Simulated time: jobs that take months, in an instant and without a process."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass

from ytarchive.adapters.executor.contract import OnEvent, stopped
from ytarchive.core.job import Event, Job, Receipt
from ytarchive.errors import WorkerError


class ModelClock:
    """A clock that goes on only while somebody waits, from one thing that is due to the next.

    For a single thread: what is due happens inside `wait`.
    """

    def __init__(self, now: int) -> None:
        self._now = float(now)
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._planned = 0
        self._woken = False

    def now(self) -> int:
        return int(self._now)

    def monotonic(self) -> float:
        return self._now

    def at(self, moment: float, act: Callable[[], None]) -> None:
        """Do something at a moment (seconds since the epoch), at once in the next `wait` if it is past."""
        heapq.heappush(self._due, (moment, self._planned, act))
        self._planned += 1

    def wait(self, seconds: float) -> None:
        until = self._now + max(0.0, seconds)
        while not self._woken and self._due and self._due[0][0] <= until:
            moment, _, act = heapq.heappop(self._due)
            self._now = max(self._now, moment)
            act()
        if not self._woken:
            self._now = until
        self._woken = False

    def wake(self) -> None:
        self._woken = True


@dataclass(frozen=True, slots=True)
class ModelRun:
    """How a job goes in the model: how long it takes, how it ends, and what it tells when it begins."""

    seconds: float
    receipt: Receipt
    events: tuple[Event, ...] = ()


@dataclass(slots=True, eq=False)
class _Running:
    job: Job
    future: Future[Receipt]


class ModelExecutor:
    """Runs jobs as `model` says, in the time of a `ModelClock`; a cancelled job ends at once."""

    def __init__(
        self, slots: int, *, model: Callable[[Job], ModelRun], clock: ModelClock, on_event: OnEvent
    ) -> None:
        if slots < 1:
            raise ValueError(f"an executor has at least one slot, not {slots}")
        self._slots = slots
        self._model = model
        self._clock = clock
        self._on_event = on_event
        self._running: dict[str, _Running] = {}
        self._queue: deque[_Running] = deque()
        self._closed = False

    def submit(self, job: Job) -> Future[Receipt]:
        if self._closed:
            raise WorkerError("the executor is closed")
        if job.id in self._running or any(each.job.id == job.id for each in self._queue):
            raise ValueError(f"the job {job.id} runs already")
        one = _Running(job, Future())
        one.future.set_running_or_notify_cancel()
        self._queue.append(one)
        self._start_queued()
        return one.future

    def cancel(self, job_id: str) -> None:
        for one in (*self._running.values(), *self._queue):
            if one.job.id == job_id:
                self._finish(one, stopped(one.job, "cancelled"))
                return

    def free_slots(self) -> int:
        return 0 if self._closed else max(0, self._slots - len(self._running) - len(self._queue))

    def close(self) -> None:
        self._closed = True
        for one in (*self._queue, *self._running.values()):
            self._finish(one, stopped(one.job, "cancelled"))

    def _start_queued(self) -> None:
        while self._queue and len(self._running) < self._slots:
            one = self._queue.popleft()
            self._running[one.job.id] = one
            self._start(one)

    def _start(self, one: _Running) -> None:
        now, deadline_at = self._clock.monotonic(), one.job.deadline_at or float("inf")
        if now >= deadline_at:
            self._clock.at(now, lambda: self._finish(one, stopped(one.job, "deadline")))
            return
        run = self._model(one.job)
        ends_at, receipt = now + run.seconds, run.receipt
        if ends_at > deadline_at:
            ends_at, receipt = deadline_at, stopped(one.job, "deadline")
        for event in run.events:
            self._on_event(event)
        self._clock.at(ends_at, lambda: self._finish(one, receipt))

    def _finish(self, one: _Running, receipt: Receipt) -> None:
        if one.future.done():
            return
        if one in self._queue:
            self._queue.remove(one)
        self._running.pop(one.job.id, None)
        self._start_queued()
        one.future.set_result(receipt)
