"""Executors of every kind behind one face, so that one suite of tests holds for them all."""

from __future__ import annotations

import os
import queue
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path

from ytarchive.adapters.clock import SystemClock
from ytarchive.adapters.executor import (
    Executor,
    Limits,
    LocalExecutor,
    ModelClock,
    ModelExecutor,
    ModelRun,
    OnEvent,
    Run,
    ThreadExecutor,
)
from ytarchive.core.failure import Evidence, verdict
from ytarchive.core.item import Metadata
from ytarchive.core.job import Event, Job, Receipt

FAKE_WORKER = Path(__file__).parent / "fake_worker.py"
PATIENCE_SECONDS = 30
NOW = 1_800_000_000
QUICK = Limits(grace_seconds=0.3, silence_seconds=PATIENCE_SECONDS, look_seconds=0.02)


class SetClock(SystemClock):
    """A clock whose date is set by hand; waiting is as in real life."""

    def __init__(self) -> None:
        super().__init__()
        self.date = NOW

    def now(self) -> int:
        return self.date


class Stage:
    """An executor on trial, and what it said."""

    def __init__(self) -> None:
        self.events: queue.Queue[Event] = queue.Queue()
        self.executor: Executor

    def event(self) -> Event:
        return self.events.get(timeout=PATIENCE_SECONDS)

    def settle(self, future: Future[Receipt]) -> Receipt:
        """The receipt, once it is there."""
        return future.result(timeout=PATIENCE_SECONDS)

    def set_date(self, now: int) -> None:
        raise NotImplementedError

    def close(self) -> None:
        self.executor.close()


class LocalStage(Stage):
    def __init__(
        self,
        slots: int = 1,
        *,
        start: str = "",
        limits: Limits = QUICK,
        environment: dict[str, str] | None = None,
    ) -> None:
        super().__init__()
        self.clock = SetClock()
        self.executor = LocalExecutor(
            slots,
            on_event=self.events.put,
            command=[sys.executable, str(FAKE_WORKER), start],
            environment=environment,
            clock=self.clock,
            limits=limits,
        )

    def set_date(self, now: int) -> None:
        self.clock.date = now

    def run(self, subject: str, job_id: str = "job") -> Receipt:
        return self.settle(self.executor.submit(Job(job_id, "fetch", subject)))


class ModelStage(Stage):
    def __init__(self, slots: int = 1) -> None:
        super().__init__()
        self.clock = ModelClock(NOW)
        self.executor = ModelExecutor(slots, model=behave, clock=self.clock, on_event=self.events.put)

    def settle(self, future: Future[Receipt]) -> Receipt:
        self.clock.wait(3600)
        return future.result(timeout=0)

    def set_date(self, now: int) -> None:
        self.clock.wait(now - self.clock.now())


class ThreadStage(Stage):
    """Threads that do what the fake worker does. Those that do not listen end with the stage."""

    executor: ThreadExecutor

    def __init__(self, slots: int = 1, *, run: Run | None = None, on_event: OnEvent | None = None) -> None:
        super().__init__()
        self.clock = SetClock()
        self.released = threading.Event()
        self.executor = ThreadExecutor(
            run or self._run,
            slots,
            on_event=on_event or self.events.put,
            clock=self.clock,
            grace_seconds=0.2,
            look_seconds=0.02,
        )

    def set_date(self, now: int) -> None:
        self.clock.date = now

    def close(self) -> None:
        self.released.set()
        super().close()

    def _run(self, job: Job, on_event: OnEvent, stop: threading.Event) -> Receipt:
        run = behave(job)
        for event in run.events:
            on_event(event)
        if job.subject == "wait" and stop.wait(PATIENCE_SECONDS):
            return Receipt(job.id, "cancelled")
        if job.subject == "deaf":
            self.released.wait(PATIENCE_SECONDS)
        return run.receipt


def behave(job: Job) -> ModelRun:
    """What the fake worker does, in the model."""
    began = (Event(job.id, 1, "progress", {}),)
    if job.subject == "done":
        return ModelRun(10, Receipt(job.id, "done", metadata=Metadata("pid 1")), began)
    if job.subject == "fail":
        return ModelRun(10, Receipt(job.id, "failed", failure=verdict("PRIVATE", Evidence("extract"))))
    assert job.subject in ("wait", "deaf")
    return ModelRun(10**9, Receipt(job.id, "done"), began)


def exists(pid: int) -> bool:
    """Whether there is such a process; one that is dead and that we did not reap still exists."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def runs(pid: int) -> bool:
    """Whether a process does anything yet. Orphans are reaped by the first process of the system, or never."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return exists(pid)
    return state not in "ZX"


def until_gone(*pids: int) -> None:
    """Wait for the end of processes that are not our children any longer."""
    _until(lambda: not any(runs(pid) for pid in pids))


def until_reaped(pid: int) -> None:
    """Wait until a child of ours has ended and is reaped."""
    _until(lambda: not exists(pid))


def _until(condition: Callable[[], bool]) -> None:
    give_up_at = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < give_up_at, "waited in vain"
        time.sleep(0.01)
