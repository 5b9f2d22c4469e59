"""A real worker process as its parent sees it, and jobs with folders to work in."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

import pytest

from ytarchive.core.desired import Audio, CaptionWish, Quality, Target
from ytarchive.core.job import Event, Job, JobKind, Receipt
from ytarchive.core.protocol import Cancel, Hello, Message, Quit, decode_message, encode_message

SMALL = Target(video=Quality(max=144, min=144, codecs=("h264",)), sound=Audio())
PATIENCE_SECONDS = 60.0


@dataclass
class WorkerProcess:
    """The parent's side of a worker, with nothing in it that the product has in its executor."""

    process: subprocess.Popen[bytes]
    hello: Hello = field(init=False)
    events: list[Event] = field(default_factory=list)
    lines: SimpleQueue[Message | None] = field(default_factory=SimpleQueue)

    def __post_init__(self) -> None:
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        first = self.next()
        assert isinstance(first, Hello)
        self.hello = first

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.put(decode_message(line))
        self.lines.put(None)

    def send(self, message: Message) -> None:
        self.write(encode_message(message))

    def write(self, line: bytes) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(line)
        self.process.stdin.flush()

    def next(self) -> Message | None:
        try:
            return self.lines.get(timeout=PATIENCE_SECONDS)
        except Empty:
            pytest.fail("the worker said nothing")

    def until_event(self, fits: Callable[[Event], bool]) -> Event:
        while True:
            message = self.next()
            assert isinstance(message, Event), message
            self.events.append(message)
            if fits(message):
                return message

    def receipt(self) -> Receipt:
        while True:
            message = self.next()
            if isinstance(message, Receipt):
                return message
            assert isinstance(message, Event), message
            self.events.append(message)

    def run(self, job: Job) -> Receipt:
        self.events.clear()
        self.send(job)
        return self.receipt()

    def cancel(self, job: Job) -> None:
        self.send(Cancel(job.id))

    def kill(self) -> None:
        os.killpg(self.process.pid, signal.SIGKILL)
        self.wait()

    def wait(self) -> int:
        code = self.process.wait(PATIENCE_SECONDS)
        self.reader.join(PATIENCE_SECONDS)
        return code

    def close(self) -> None:
        if self.process.poll() is None:
            try:
                self.send(Quit())
                self.process.wait(10)
            except (BrokenPipeError, subprocess.TimeoutExpired):
                self.kill()
        self.reader.join(PATIENCE_SECONDS)
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe is not None
            with suppress(BrokenPipeError):
                pipe.close()


def start_worker(environment: dict[str, str], *arguments: str) -> WorkerProcess:
    process = subprocess.Popen(
        [sys.executable, "-m", "ytarchive.worker", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=os.environ | environment,
        start_new_session=True,
    )
    return WorkerProcess(process)


@dataclass
class Desk:
    """Makes jobs with staging folders under one root, and looks at what they left."""

    root: Path
    made: int = 0

    def job(self, video: str, target: Target = SMALL, *, kind: JobKind = "fetch", **more: Any) -> Job:
        self.made += 1
        staging = self.root / (video if kind != "list" else "list")
        staging.mkdir(exist_ok=True)
        return Job(f"job-{self.made}", kind, video, target, staging=str(staging), **more)

    def out(self, job: Job, receipt: Receipt, role: str) -> list[Path]:
        return [Path(job.staging) / "out" / each.name for each in receipt.files if each.role == role]


def wishing(**changes: Any) -> Target:
    return replace(SMALL, **changes)


def captions(*languages: str, **more: Any) -> tuple[CaptionWish, ...]:
    return tuple(CaptionWish(language, **more) for language in languages)
