"""Jobs in threads of this process: questions that need no engine, such as feeds and the Data API."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Self

from ytarchive.adapters.clock import Clock, SystemClock
from ytarchive.adapters.executor.contract import OnEvent, Stop, as_stopped, stopped
from ytarchive.core.job import Event, Job, Receipt
from ytarchive.errors import WorkerError

Run = Callable[[Job, OnEvent, threading.Event], Receipt]
"""Carries out a job: it tells events, looks often at the event that says "stop", and answers with a receipt."""


class Abandoned(Exception):
    """Told to a run that goes on after its job was given up: nobody listens any more."""


@dataclass(slots=True, eq=False)
class _Task:
    """A job on its way, and why it was told to stop, and when (monotonic)."""

    job: Job
    future: Future[Receipt] = field(default_factory=Future)
    stop: threading.Event = field(default_factory=threading.Event)
    reason: Stop | None = None
    told_at: float = 0.0

    def is_late(self, now: int) -> bool:
        return bool(self.job.deadline_at) and now >= self.job.deadline_at


@dataclass(slots=True, eq=False)
class _Lane:
    """A thread and what it does; `lost` once its job was given up, so that another thread has its slot."""

    thread: threading.Thread
    task: _Task | None = None
    lost: bool = False


class ThreadExecutor:
    """Runs jobs in at most `slots` threads, which are kept, and with them what `run` keeps by thread.

    A thread cannot be killed. A run that does not end within `grace_seconds` after it was told to stop (cancelled, or
    at its deadline, which is noticed within `look_seconds`) is given up: its future ends, another thread takes its
    slot, and the next event that it tells raises `Abandoned`. Whatever a run raises is the future's error. Threads are
    daemons: one that hangs keeps no process alive.
    """

    def __init__(
        self,
        run: Run,
        slots: int,
        *,
        on_event: OnEvent,
        clock: Clock | None = None,
        grace_seconds: float = 5.0,
        look_seconds: float = 1.0,
    ) -> None:
        if slots < 1:
            raise ValueError(f"an executor has at least one slot, not {slots}")
        self._run = run
        self._slots = slots
        self._on_event = on_event
        self._clock = clock or SystemClock()
        self._grace_seconds = grace_seconds
        self._look_seconds = look_seconds
        self._changed = threading.Condition()
        self._tasks: dict[str, _Task] = {}
        self._queue: deque[_Task] = deque()
        self._lanes: list[_Lane] = []
        self._watch: threading.Thread | None = None
        self._closing = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def submit(self, job: Job) -> Future[Receipt]:
        task = _Task(job)
        task.future.set_running_or_notify_cancel()  # only `cancel` stops a job, never the future
        with self._changed:
            if self._closing:
                raise WorkerError("the executor is closed")
            if job.id in self._tasks:
                raise ValueError(f"the job {job.id} runs already")
            try:
                self._start_threads(len(self._tasks) + 1)
            except RuntimeError as error:
                raise WorkerError(
                    f"no room for another thread: {error}", cure="Raise the number of tasks (ulimit -u)."
                ) from None
            self._tasks[job.id] = task
            self._queue.append(task)
            self._changed.notify_all()
        return task.future

    def cancel(self, job_id: str) -> None:
        with self._changed:
            task = self._tasks.get(job_id)
            if task is None:
                return
            queued = task in self._queue
            if queued:
                self._queue.remove(task)
                del self._tasks[job_id]
            else:
                self._tell(task, "cancelled")
        if queued:
            task.future.set_result(stopped(task.job, "cancelled"))

    def free_slots(self) -> int:
        with self._changed:
            return 0 if self._closing else max(0, self._slots - len(self._tasks))

    def close(self) -> None:
        with self._changed:
            self._closing = True
            queued = [self._tasks.pop(task.job.id) for task in self._queue]
            self._queue.clear()
            for task in self._tasks.values():
                self._tell(task, "cancelled")
            lanes, watch = tuple(self._lanes), self._watch
            self._changed.notify_all()
        for task in queued:
            task.future.set_result(stopped(task.job, "cancelled"))
        if threading.current_thread() in (watch, *(lane.thread for lane in lanes)):
            return  # a listener cannot wait for its own end
        for lane in lanes:
            self._await_end(lane)
        if watch:
            watch.join()

    def _await_end(self, lane: _Lane) -> None:
        with self._changed:
            self._changed.wait_for(lambda: lane not in self._lanes)
        if not lane.lost:
            lane.thread.join()

    def _start_threads(self, jobs: int) -> None:
        """As many as there are jobs, up to the slots; under the lock. Raise `RuntimeError` where there is no room."""
        if self._watch is None:
            self._watch = _started(self._look_after, "ytarchive-watch")
        while len(self._lanes) < min(self._slots, jobs):
            self._lanes.append(_Lane(_started(self._serve, "ytarchive-thread")))

    def _serve(self) -> None:
        """The life of one thread."""
        with self._changed:
            lane = next(lane for lane in self._lanes if lane.thread is threading.current_thread())
        while task := self._next(lane):
            outcome = self._outcome(task)
            with self._changed:
                if lane.lost:
                    return
                lane.task = None
                del self._tasks[task.job.id]
            if isinstance(outcome, Receipt):
                task.future.set_result(outcome)
            else:
                task.future.set_exception(outcome)

    def _next(self, lane: _Lane) -> _Task | None:
        """The next job; None: there will be none."""
        with self._changed:
            self._changed.wait_for(lambda: self._queue or self._closing)
            if self._queue:
                lane.task = self._queue.popleft()
            else:
                self._lanes.remove(lane)
            self._changed.notify_all()
            return lane.task

    def _outcome(self, task: _Task) -> Receipt | BaseException:
        def on_event(event: Event) -> None:
            if task.future.done():
                raise Abandoned(f"the job {task.job.id} was given up")
            self._on_event(event)

        with self._changed:
            if task.is_late(self._clock.now()):
                self._tell(task, "deadline")
            if task.reason:
                return stopped(task.job, task.reason)
        try:
            return as_stopped(self._run(task.job, on_event, task.stop), task.job, task.reason)
        except BaseException as error:  # a bug is told by the future, whatever it is
            return error

    def _tell(self, task: _Task, reason: Stop) -> None:
        """Tell a run to stop; what it was told first stands. Under the lock."""
        if task.reason is None:
            task.reason = reason
            task.told_at = self._clock.monotonic()
            task.stop.set()
            self._changed.notify_all()

    def _look_after(self) -> None:
        """The life of the watch: tell who is late, and give up who does not listen."""
        ended = False
        while not ended:
            with self._changed:
                lost = self._give_up()
                ended = self._closing and not self._lanes
                if not lost and not ended:
                    self._changed.wait(self._pause())
            for task in lost:
                task.future.set_result(stopped(task.job, task.reason or "cancelled"))

    def _give_up(self) -> list[_Task]:
        """The jobs that are given up now; under the lock."""
        now, lost = self._clock.now(), []
        for lane in tuple(self._lanes):
            task = lane.task
            if task and task.is_late(now):
                self._tell(task, "deadline")
            if task and task.reason and self._clock.monotonic() >= task.told_at + self._grace_seconds:
                lane.lost = True
                self._lanes.remove(lane)
                lost.append(self._tasks.pop(task.job.id))
                self._changed.notify_all()
        with suppress(RuntimeError):  # no room for a thread now: the next look tries again
            self._start_threads(len(self._tasks))
        return lost

    def _pause(self) -> float | None:
        """How long nothing can happen that nobody tells; under the lock."""
        tasks = [lane.task for lane in self._lanes if lane.task]
        waits = [self._look_seconds for task in tasks if task.job.deadline_at]
        waits += [self._look_seconds for _ in self._queue if len(self._lanes) < self._slots]
        end = self._grace_seconds - self._clock.monotonic()
        waits += [max(0.0, task.told_at + end) for task in tasks if task.reason]
        return min(waits, default=None)


def _started(life: Callable[[], None], name: str) -> threading.Thread:
    thread = threading.Thread(target=life, name=name, daemon=True)
    thread.start()
    return thread
