"""The loop of a worker: one job at a time on the main thread, while others read orders and tell that it lives."""

from __future__ import annotations

import gc
import os
import queue
import resource
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from ytarchive.core.codec import MalformedValue
from ytarchive.core.failure import Evidence, classify
from ytarchive.core.job import LINE_CAP_BYTES, Event, Job, Receipt
from ytarchive.core.protocol import (
    Cancel,
    Hello,
    LineTooLong,
    Message,
    Quit,
    decode_message,
    encode_message,
)
from ytarchive.errors import WorkerError
from ytarchive.worker.attempt import Attempt
from ytarchive.worker.engine import EnginePool, engine_versions
from ytarchive.worker.jobs import run_job

HEARTBEAT_SECONDS = 5.0
MOST_JOBS = 500
MOST_RESIDENT_BYTES = 768 * 1024 * 1024


class Outlet:
    """The protocol's way out; lines of several threads never mix."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._lock = threading.Lock()

    def send(self, message: Message) -> None:
        line = encode_message(message)
        with self._lock:
            view = memoryview(line)
            try:
                while view:
                    view = view[os.write(self._descriptor, view) :]
            except BrokenPipeError:
                _end_group()  # nobody listens any more


class Service:
    """What the threads of a worker share."""

    def __init__(self, incoming: BinaryIO, outlet: Outlet) -> None:
        self._incoming = incoming
        self._outlet = outlet
        self._orders: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._running: Attempt | None = None
        self._cancelled: set[str] = set()
        self._ended = threading.Event()

    def start(self) -> None:
        for work in (self._read_orders, self._tell_life):
            threading.Thread(target=work, daemon=True).start()

    def next_job(self) -> Job | None:
        """The next order; None to quit."""
        return self._orders.get()

    def begin(self, job: Job) -> Attempt:
        attempt = Attempt(job, self._send_event)
        with self._lock:
            self._running = attempt
            if job.id in self._cancelled:
                self._cancelled.discard(job.id)
                attempt.cancel()
        return attempt

    def finish(self) -> None:
        with self._lock:
            self._running = None

    def close(self) -> None:
        self._ended.set()

    def _send_event(self, event: Event) -> None:
        try:
            self._outlet.send(event)
        except LineTooLong as error:
            print(f"an event was left out: {error}", file=sys.stderr)

    def _read_orders(self) -> None:
        for line in _lines(self._incoming):
            try:
                message = decode_message(line)
            except MalformedValue as error:
                print(f"a line was ignored: {error}", file=sys.stderr)
                continue
            if isinstance(message, Job):
                self._orders.put(message)
            elif isinstance(message, Cancel):
                self._cancel(message.job)
            elif isinstance(message, Quit):
                self._orders.put(None)
        self._parent_is_gone()

    def _cancel(self, job: str) -> None:
        with self._lock:
            if self._running is not None and self._running.job.id == job:
                self._running.cancel()
            else:
                self._cancelled.add(job)

    def _parent_is_gone(self) -> None:
        """Nobody would read a receipt: end, and everything that we started with us."""
        with self._lock:
            busy = self._running is not None
        if busy:
            _end_group()
        self._orders.put(None)

    def _tell_life(self) -> None:
        while not self._ended.wait(HEARTBEAT_SECONDS):
            with self._lock:
                running = self._running
            if running is not None:
                running.emit("heartbeat", {})


def serve(incoming: int, outgoing: int, most_jobs: int = MOST_JOBS, engine_folder: str | None = None) -> int:
    """Work until told to quit, the input ends, or it is time for a fresh process. The exit code."""
    try:
        engine = engine_versions(engine_folder)
    except WorkerError as error:
        print(f"{error.message}. {error.cure}", file=sys.stderr)
        return error.exit_code
    signal.signal(signal.SIGTERM, lambda *_: _end_group())
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    outlet = Outlet(outgoing)
    pool = EnginePool()
    with os.fdopen(incoming, "rb") as stream:
        service = Service(stream, outlet)
        _spare_the_collector()
        outlet.send(Hello(engine.yt_dlp, engine.ejs, os.getpid()))
        service.start()
        done = 0
        while (job := service.next_job()) is not None:
            receipt = run_job(service.begin(job), pool, engine)
            service.finish()
            _hand_over(receipt, outlet)
            done += 1
            if done >= most_jobs or _resident_bytes() > MOST_RESIDENT_BYTES:
                break
        service.close()
        pool.close()
        # The reader may be blocked in a read for ever: the process ends around it.
        sys.stderr.flush()
        os._exit(0)


def _hand_over(receipt: Receipt, outlet: Outlet) -> None:
    """A job has a receipt, even one that nobody could write."""
    try:
        outlet.send(receipt)
    except ValueError as error:
        evidence = Evidence("worker", f"The receipt could not be written: {error}"[:500])
        outlet.send(Receipt(receipt.job, "failed", classify(evidence)))


def _lines(stream: BinaryIO) -> Iterator[bytes]:
    """Whole lines of at most 4 MiB; longer ones are skipped to their end."""
    while line := stream.readline(LINE_CAP_BYTES + 1):
        if line.endswith(b"\n"):
            yield line
            continue
        print("a line above 4 MiB, or without its end, was ignored", file=sys.stderr)
        while line and not line.endswith(b"\n"):
            line = stream.readline(LINE_CAP_BYTES)


def _end_group() -> None:
    os.killpg(os.getpgrp(), signal.SIGKILL)


def _spare_the_collector() -> None:
    """What was loaded so far stays for good, and a page of a megabyte of JSON is no reason to look through it all."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def _resident_bytes() -> int:
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return pages * resource.getpagesize()
    except (OSError, ValueError, IndexError):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
