"""One slot of the pool: a thread, and the worker process that it alone touches."""

from __future__ import annotations

import contextlib
import selectors
import shlex
import socket
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Literal

from ytarchive.adapters.clock import Clock
from ytarchive.adapters.executor.contract import OnEvent, Stop, WorkerState, as_stopped, failed, stopped
from ytarchive.adapters.executor.outfit import Engines
from ytarchive.adapters.executor.process import WorkerBroken, WorkerProcess
from ytarchive.core.job import PROTOCOL, Event, Job, Receipt
from ytarchive.core.log_record import MOST_TEXT
from ytarchive.core.protocol import Cancel, Hello
from ytarchive.errors import WorkerError

_MOST_COMPLAINTS = 50
"""Events of a job with what its worker wrote to stderr; a flood there is none in the log."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What the pool puts up with. A deadline and a silent or dead worker are noticed within `look_seconds`."""

    grace_seconds: float = 5.0
    silence_seconds: float = 60.0
    start_seconds: float = 60.0
    look_seconds: float = 1.0
    failed_starts: int = 3
    rest_seconds: float = 60.0
    jobs_per_worker: int = 500
    worker_bytes: int = 512 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Setup:
    """How workers are started: the command, what is added to our environment, the engine, and what is put up with."""

    command: tuple[str, ...]
    environment: Mapping[str, str]
    clock: Clock
    limits: Limits
    engines: Engines


@dataclass(slots=True, eq=False)
class Task:
    """A job on its way, and whether somebody wants it stopped."""

    job: Job
    future: Future[Receipt] = field(default_factory=Future)
    cancelled: bool = False

    def stop_reason(self, now: int) -> Stop | None:
        if self.cancelled:
            return "cancelled"
        return "deadline" if self.job.deadline_at and now >= self.job.deadline_at else None


class Starts:
    """Whether it makes sense to start another worker: not right after several that never became ready."""

    def __init__(self, setup: Setup) -> None:
        self._command = setup.command
        self._limits = setup.limits
        self._clock = setup.clock
        self._lock = threading.Lock()
        self._failed = 0
        self._why = ""
        self._failed_at = 0.0

    def check(self) -> None:
        """Raise `WorkerError` in the rest after too many failed starts."""
        with self._lock:
            if self._clock.monotonic() - self._failed_at < self._limits.rest_seconds:
                self._refuse()

    def fail(self, why: str) -> None:
        """Another start has failed; raise `WorkerError` when that was one too many in a row."""
        with self._lock:
            self._failed += 1
            self._why = why
            self._failed_at = self._clock.monotonic()
            self._refuse()

    def succeed(self) -> None:
        with self._lock:
            self._failed = 0

    def _refuse(self) -> None:
        if self._failed >= self._limits.failed_starts:
            raise WorkerError(
                f"No worker can be started: after {self._failed} attempts in a row, the last one {self._why}.",
                cure=f"Run `ytarchive doctor`, and see what `{shlex.join(self._command)}` says.",
            )


class _Stopped(Exception):
    """The job has to end now."""

    def __init__(self, reason: Stop) -> None:
        super().__init__(reason)
        self.reason: Stop = reason


class Lane:
    """One slot: a thread that alone touches its worker, and takes one task after the other.

    `task` and `closing` are set by the pool, under its lock, followed by `wake`.
    """

    def __init__(
        self,
        setup: Setup,
        starts: Starts,
        on_event: OnEvent,
        on_finish: Callable[[Lane, Task, Receipt | Exception], None],
    ) -> None:
        self.task: Task | None = None
        self.closing = False
        self.worker: WorkerProcess | None = None
        self._setup = setup
        self._clock = setup.clock
        self._limits = setup.limits
        self._starts = starts
        self._on_event = on_event
        self._on_finish = on_finish
        self._ear, self._bell = socket.socketpair()
        self._ear.setblocking(False)
        self._bell.setblocking(False)
        self._bell_lock = threading.Lock()
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._ear, selectors.EVENT_READ, lambda: self._ear.recv(4096))
        self._thread = threading.Thread(target=self._run, name="ytarchive-lane", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def wake(self) -> None:
        with self._bell_lock, contextlib.suppress(BlockingIOError):  # it has not heard the earlier calls yet
            if self._bell.fileno() >= 0:
                self._bell.send(b"\0")

    def join(self) -> None:
        self._thread.join()

    def state(self, slot: int) -> WorkerState:
        """What it does at this moment; for any thread, which may see one thing already and the other not yet."""
        worker, task = self.worker, self.task
        job = task.job.id if task else None
        if worker is None:
            return WorkerState(slot, "starting" if job else "idle", job=job)
        silent = self._clock.monotonic() - worker.heard_at
        state: Literal["dead", "starting", "busy", "idle"] = "dead" if worker.gone else "idle"
        if job and state == "idle":
            state = "busy" if worker.jobs else "starting"
        return WorkerState(
            slot=slot,
            state=state,
            pid=worker.pid,
            job=job,
            jobs_done=max(0, worker.jobs - (job is not None)),
            last_heard_at=self._clock.now() - int(silent),
            rss_bytes=worker.resident_bytes(),
        )

    def is_current(self) -> bool:
        """Whether this is called from the lane itself, by a listener."""
        return self._thread is threading.current_thread()

    def _wait(self, seconds: float | None) -> None:
        for key, _ in self._selector.select(seconds):
            key.data()

    def _run(self) -> None:
        while not self.closing or self.task:
            if self.task is None:
                self._attend(None)
                continue
            task = self.task
            outcome = self._outcome(task)
            self._on_finish(self, task, outcome)
            self._attend(0)
            self._retire_worn_out()
        self._retire(self._limits.grace_seconds)
        self._selector.close()
        with self._bell_lock:
            self._bell.close()
        self._ear.close()

    def _attend(self, seconds: float | None) -> None:
        """Wait without a job, and let go of a worker that ends or answers without being asked."""
        self._wait(seconds)
        try:
            while self.worker and (message := self.worker.take()):
                if not isinstance(message, Event):
                    self._retire(0)
        except WorkerBroken:
            self._retire(0)

    def _outcome(self, task: Task) -> Receipt | Exception:
        try:
            return self._carry_out(task)
        except _Stopped as end:
            return stopped(task.job, end.reason)
        except WorkerBroken as broken:
            obituary = self._obituary(broken, task.job)
            return failed(task.job, "WORKER_DIED", "WorkerDied", f"The worker {obituary}.")
        except Exception as error:
            # A bug of ours (a listener that raises, a job that fits into no line): told by the future.
            self._retire(0)
            return error

    def _carry_out(self, task: Task) -> Receipt:
        if late := task.stop_reason(self._clock.now()):
            raise _Stopped(late)
        worker = self._ready_worker(task)
        worker.jobs += 1
        worker.send(task.job)
        reason: Stop | None = None
        kill_at = float("inf")
        told = 0
        while True:
            receipt = self._listen(worker, task.job)
            if told < _MOST_COMPLAINTS and (complaints := worker.complaints()):
                told += 1
                self._log(task.job, "warning", complaints, worker.pid)
            if receipt:
                return as_stopped(receipt, task.job, reason)
            now = self._clock.monotonic()
            if reason is None and (reason := task.stop_reason(self._clock.now())):
                worker.send(Cancel(task.job.id))
                kill_at = now + self._limits.grace_seconds
            if reason and now >= kill_at:
                self._retire(0)
                raise _Stopped(reason)
            if now - worker.heard_at > self._limits.silence_seconds:
                raise WorkerBroken(f"said nothing for {self._limits.silence_seconds:g} seconds")
            self._wait(min(self._limits.look_seconds, kill_at - now))

    def _listen(self, worker: WorkerProcess, job: Job) -> Receipt | None:
        """Pass on what has come; the receipt, if it is among it."""
        while message := worker.take():
            if isinstance(message, Event):
                if message.job == job.id:  # a late heartbeat of the job before it means nothing
                    self._on_event(message)
            elif isinstance(message, Receipt) and message.job == job.id:
                return message
            else:
                raise WorkerBroken(f"answered what nobody asked ({type(message).__name__.lower()})")
        return None

    def _ready_worker(self, task: Task) -> WorkerProcess:
        self._attend(0)  # it may have ended while nobody looked
        if self.worker and self.worker.engine != self._setup.engines.in_force():
            self._retire(self._limits.grace_seconds)
        while self.worker is None:
            self._starts.check()
            try:
                self.worker = self._started_worker()
                self._await_hello(self.worker, task)
            except WorkerBroken as broken:
                self._starts.fail(self._obituary(broken, task.job))
            else:
                self._starts.succeed()
        return self.worker

    def _started_worker(self) -> WorkerProcess:
        setup = self._setup
        with setup.engines.lend() as outfit:
            return WorkerProcess(setup.command, setup.environment, outfit, self._selector, self._clock)

    def _await_hello(self, worker: WorkerProcess, task: Task) -> None:
        until = self._clock.monotonic() + self._limits.start_seconds
        while not (hello := worker.take()):
            if reason := task.stop_reason(self._clock.now()):
                self._retire(0)
                raise _Stopped(reason)
            if self._clock.monotonic() >= until:
                raise WorkerBroken(f"was not ready after {self._limits.start_seconds:g} seconds")
            self._wait(self._limits.look_seconds)
        if not isinstance(hello, Hello):
            raise WorkerBroken(f"began with {type(hello).__name__.lower()} instead of hello")
        if hello.protocol != PROTOCOL:
            raise WorkerBroken(f"speaks version {hello.protocol} of the protocol, not {PROTOCOL}")

    def _obituary(self, broken: WorkerBroken, job: Job) -> str:
        """What the worker did, how it ended, and its last words; it is gone afterwards. The log gets all of them."""
        worker, self.worker = self.worker, None
        if worker is None:
            return str(broken)
        ending = worker.end(self._limits.look_seconds if worker.gone else 0)
        words = worker.last_words()
        told = str(broken) + (f" and {ending}" if ending else "")
        dump = f"the worker of {job.id} ({job.kind} {job.subject}) {told}\n{worker.dump()}"
        self._log(job, "error", dump.strip(), worker.pid, ending)
        return told + (f"; its last words: {words}" if words else "")

    def _log(self, job: Job, level: str, text: str, pid: int, ending: str | None = None) -> None:
        """A line about the worker of a job. Whoever listens cannot keep the job from its receipt."""
        data = {"level": level, "component": "worker", "text": text[:MOST_TEXT], "pid": pid}
        with contextlib.suppress(Exception):
            self._on_event(Event(job.id, 0, "log", data | ({"ending": ending} if ending else {})))

    def _retire(self, grace_seconds: float) -> None:
        if self.worker:
            self.worker.end(grace_seconds)
            self.worker = None

    def _retire_worn_out(self) -> None:
        """A long life gathers memory, in the engine more than in ours."""
        if self.worker and (
            self.worker.jobs >= self._limits.jobs_per_worker
            or self.worker.resident_bytes() > self._limits.worker_bytes
        ):
            self._retire(self._limits.grace_seconds)
