"""Processes that look into media files (`ytarchive.worker.inspection`), one for each thread that asks.

A file that ends or hangs its process is told as what it is: no media that can be read. The next file gets another one.
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from ytarchive.core.codec import MalformedValue, decode
from ytarchive.core.inspection import Inspection

COMMAND = (sys.executable, "-m", "ytarchive.worker.inspection")
MOST = max(2, min(4, os.cpu_count() or 2))
PATIENCE_SECONDS = 120.0
"""So long may a file take without a sign of life: of what is hashed, there is one for every 64 MiB."""
_CHUNK_BYTES = 64 * 1024


class Inspectors:
    """Hands out inspections to any number of threads, by at most `most` processes, which stay until `close`."""

    def __init__(self, *, patience_seconds: float = PATIENCE_SECONDS, most: int = MOST) -> None:
        self._patience_seconds = patience_seconds
        self._turns = threading.BoundedSemaphore(most)
        self._all: list[_Inspector] = []
        self._idle: list[_Inspector] = []
        self._lock = threading.Lock()
        self._stopped = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def inspect(
        self, path: Path, *, digest: bool = False, on_read: Callable[[int], None] = lambda _size: None
    ) -> Inspection:
        """What is in a file; with `digest` its SHA-256 too, and `on_read` is told of the bytes as they are read."""
        with self._turns:
            inspector = self._lend()
            try:
                found = inspector.ask(path, digest, on_read, self._patience_seconds)
            except BaseException:
                inspector.release()  # in the middle of an answer
                raise
            with self._lock:
                if not inspector.is_gone:
                    self._idle.append(inspector)
            return found

    def _lend(self) -> _Inspector:
        with self._lock:
            if self._idle:
                return self._idle.pop()
            inspector = _Inspector()
            self._all.append(inspector)
            if self._stopped:
                inspector.kill()
            return inspector

    def stop(self) -> None:
        """Kill all of them, also those at work: whoever waits for one is told that it crashed."""
        self._stopped = True
        with self._lock:
            for inspector in self._all:
                inspector.kill()

    def close(self) -> None:
        """End all of them; only once nobody waits for one."""
        self.stop()
        for inspector in self._all:
            inspector.release()


class _Inspector:
    def __init__(self) -> None:
        self._process = subprocess.Popen(
            COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0
        )
        self._unread = bytearray()
        self._lock = threading.Lock()
        self.is_gone = False

    def ask(self, path: Path, digest: bool, on_read: Callable[[int], None], patience: float) -> Inspection:
        question = json.dumps({"path": os.fsencode(path).hex(), "digest": digest}).encode() + b"\n"
        try:
            assert self._process.stdin
            self._process.stdin.write(question)
            while True:
                data = json.loads(line := self._line(patience))
                if "read" in data:
                    on_read(_size(data))
                else:
                    return decode(Inspection, line)
        except TimeoutError:
            self.release()
            return Inspection(0, problem=f"nothing came of it in {patience:.0f} s")
        except (OSError, EOFError, ValueError, MalformedValue):
            self.release()
            return Inspection(0, problem="what reads media crashed over it")

    def _line(self, patience: float) -> bytes:
        """The next line. Raise `TimeoutError`, or `EOFError` at the end."""
        assert self._process.stdout
        descriptor = self._process.stdout.fileno()
        while b"\n" not in self._unread:
            if not select.select([descriptor], [], [], patience)[0]:
                raise TimeoutError
            chunk = os.read(descriptor, _CHUNK_BYTES)
            if not chunk:
                raise EOFError
            self._unread += chunk
        line, _, rest = bytes(self._unread).partition(b"\n")
        self._unread[:] = rest
        return line

    def kill(self) -> None:
        """For any thread. Who asks sees the end of the answers."""
        with self._lock:
            if not self.is_gone:
                self._process.kill()

    def release(self) -> None:
        """For the thread that asks, or when none does."""
        with self._lock:
            if self.is_gone:
                return
            self.is_gone = True
            self._process.kill()
            self._process.wait()
            for stream in (self._process.stdin, self._process.stdout):
                if stream is not None:
                    stream.close()


def _size(data: Any) -> int:
    return data["read"] if isinstance(data["read"], int) else 0
