"""Workers on this machine: a pool of persistent processes."""

from __future__ import annotations

import sys
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from typing import Self

from ytarchive.adapters.clock import Clock, SystemClock
from ytarchive.adapters.executor.contract import OnEvent, WorkerState, stopped
from ytarchive.adapters.executor.lane import Lane, Limits, Setup, Starts, Task
from ytarchive.adapters.executor.outfit import Engines, OnlyBuiltIn
from ytarchive.core.job import Job, Receipt
from ytarchive.errors import WorkerError

# -P: what lies in the current directory must not stand in for a module of the worker.
WORKER_COMMAND = (sys.executable, "-P", "-m", "ytarchive.worker")


class LocalExecutor:
    """A pool of persistent worker processes on this machine, started when they are needed.

    `environment` is added to that of this process; `engines` says which yt-dlp a worker is started with, and one that
    has another ends before its next job. `on_event` is called from the threads of the pool; what it
    raises ends the job's future. A worker that dies, falls silent or writes garbage fails its job
    (WORKER_DIED) and is replaced. When workers cannot even start, jobs fail with `WorkerError`, and no other
    start is tried for `rest_seconds`.
    """

    def __init__(
        self,
        slots: int,
        *,
        on_event: OnEvent,
        command: Sequence[str] = WORKER_COMMAND,
        environment: Mapping[str, str] | None = None,
        clock: Clock | None = None,
        limits: Limits | None = None,
        engines: Engines | None = None,
    ) -> None:
        if slots < 1:
            raise ValueError(f"an executor has at least one slot, not {slots}")
        self._slots = slots
        self._on_event = on_event
        self._setup = Setup(
            tuple(command),
            dict(environment or {}),
            clock or SystemClock(),
            limits or Limits(),
            engines or OnlyBuiltIn(),
        )
        self._starts = Starts(self._setup)
        self._lock = threading.Lock()
        self._tasks: dict[str, Task] = {}
        self._queue: deque[Task] = deque()
        self._lanes: list[Lane] = []
        self._closing = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def submit(self, job: Job) -> Future[Receipt]:
        task = Task(job)
        task.future.set_running_or_notify_cancel()  # only `cancel` stops a job, never the future
        with self._lock:
            if self._closing:
                raise WorkerError("the executor is closed")
            if job.id in self._tasks:
                raise ValueError(f"the job {job.id} runs already")
            lane = self._free_lane()
            self._tasks[job.id] = task
            if lane is None:
                self._queue.append(task)
            else:
                lane.task = task
                lane.wake()
        return task.future

    def cancel(self, job_id: str) -> None:
        with self._lock:
            task = self._tasks.get(job_id)
            if task is None:
                return
            task.cancelled = True
            queued = task in self._queue
            if queued:
                self._queue.remove(task)
                del self._tasks[job_id]
            for lane in self._lanes:
                if lane.task is task:
                    lane.wake()
        if queued:
            task.future.set_result(stopped(task.job, "cancelled"))

    def free_slots(self) -> int:
        with self._lock:
            return 0 if self._closing else max(0, self._slots - len(self._tasks))

    def resize(self, slots: int) -> None:
        """From now on so many at once. What runs beyond that goes on to its end."""
        if slots < 1:
            raise ValueError(f"an executor has at least one slot, not {slots}")
        with self._lock:
            self._slots = slots

    def workers(self) -> tuple[WorkerState, ...]:
        """Every slot that was ever used; for any thread."""
        with self._lock:
            lanes = tuple(self._lanes)
        return tuple(lane.state(slot) for slot, lane in enumerate(lanes))

    def close(self) -> None:
        with self._lock:
            self._closing = True
            queued = [self._tasks.pop(task.job.id) for task in self._queue]
            self._queue.clear()
            for task in self._tasks.values():
                task.cancelled = True
            lanes = list(self._lanes)
            for lane in lanes:
                lane.closing = True
                lane.wake()
        for task in queued:
            task.future.set_result(stopped(task.job, "cancelled"))
        if not any(lane.is_current() for lane in lanes):  # a listener cannot wait for its own end
            for lane in lanes:
                lane.join()

    def _free_lane(self) -> Lane | None:
        """A lane with a worker before one that must start it, before a new one; under the lock."""
        free = [lane for lane in self._lanes if lane.task is None]
        if free:
            return min(free, key=lambda lane: lane.worker is None)
        if len(self._lanes) >= self._slots:
            return None
        try:
            lane = Lane(self._setup, self._starts, self._on_event, self._finish)
            lane.start()
        except (OSError, RuntimeError) as error:
            raise WorkerError(
                f"no room for worker {len(self._lanes) + 1} of {self._slots}: {error}",
                cure="Lower limits.downloads, or raise the number of open files (ulimit -n) and tasks.",
            ) from None
        self._lanes.append(lane)
        return lane

    def _finish(self, lane: Lane, task: Task, outcome: Receipt | Exception) -> None:
        with self._lock:
            del self._tasks[task.job.id]
            lane.task = self._queue.popleft() if self._queue else None
        if isinstance(outcome, Receipt):
            task.future.set_result(outcome)
        else:
            task.future.set_exception(outcome)
