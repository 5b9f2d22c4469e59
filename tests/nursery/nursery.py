"""Commands in processes of their own that need not import everything anew: each is forked off one that did.

Its process is as real as any other (signals, files, exit code, threads joined at its end); what is saved is most of a
second of imports for each of hundreds of commands. `python nursery.py FD` is the process that is forked; it ends with
the socket FD, on which requests come, each with its standard streams.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib
import json
import os
import pkgutil
import random
import runpy
import select
import signal
import socket
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

HEAVY_AND_RARE = ("data_api", "otlp")
PARTS = ("cli", "core", "reconciler", "documents", "adapters", "daemon", "web", "metrics")
NOT_INHERITED = ("YTARCHIVE_", "COLUMNS", "NO_COLOR")
LONGEST_REQUEST = 1 << 20


class Nursery:
    """Runs `ytarchive` with arguments, to its end or beside the test; for one thread."""

    def __init__(self) -> None:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(NOT_INHERITED)}
        self._ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            command = [sys.executable, __file__, str(theirs.fileno())]
            self._process = subprocess.Popen(
                command,
                env={**kept, "LC_ALL": "C.UTF-8", "TZ": "UTC"},
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
            )

    def run(
        self, arguments: Sequence[str], folder: Path, environment: Mapping[str, str], timeout_seconds: float
    ) -> subprocess.CompletedProcess[str]:
        with TemporaryFile() as out, TemporaryFile() as err:
            started = self.start(arguments, folder, environment, out, err)
            try:
                code = started.wait(timeout_seconds)
            except subprocess.TimeoutExpired:
                started.kill()
                raise AssertionError(f"{arguments} did not end") from None
            return subprocess.CompletedProcess([*arguments], code, _text(out), _text(err))

    def start(
        self,
        arguments: Sequence[str],
        folder: Path,
        environment: Mapping[str, str],
        out: IO[bytes],
        err: IO[bytes],
    ) -> Started:
        told = {"arguments": [*arguments], "folder": str(folder), "environment": dict(environment)}
        with Path(os.devnull).open("rb") as nothing:
            streams = [nothing.fileno(), out.fileno(), err.fileno()]
            socket.send_fds(self._ours, [json.dumps(told).encode()], streams)
        return Started(int(self._ours.recv(100)), self._code_of)

    def _code_of(self, pid: int) -> int:
        self._ours.send(json.dumps({"ended": pid}).encode())
        return int(self._ours.recv(100))

    def close(self) -> None:
        self._ours.close()
        self._process.wait()


@cache
def the_nursery() -> Nursery:
    """One for all tests of this process."""
    nursery = Nursery()
    atexit.register(nursery.close)
    return nursery


class Started:
    """A process that was forked, as `subprocess.Popen` shows one."""

    def __init__(self, pid: int, code_of: Callable[[int], int]) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._code_of = code_of
        self._handle = os.pidfd_open(pid)

    def poll(self) -> int | None:
        if self.returncode is None and select.select([self._handle], [], [], 0)[0]:
            self._take()
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        if self.returncode is None:
            if not select.select([self._handle], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired(str(self.pid), timeout or 0)
            self._take()
        assert self.returncode is not None
        return self.returncode

    def _take(self) -> None:
        self.returncode = self._code_of(self.pid)
        os.close(self._handle)

    def send_signal(self, number: int) -> None:
        if self.returncode is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode()


def _import_all() -> None:
    import ytarchive
    import ytarchive.__main__

    for found in pkgutil.walk_packages(ytarchive.__path__, "ytarchive."):
        part = found.name.split(".")[1]
        if part in PARTS and not any(name in found.name for name in HEAVY_AND_RARE):
            importlib.import_module(found.name)


def _serve(orders: socket.socket) -> None:
    while True:
        told, streams, _, _ = socket.recv_fds(orders, LONGEST_REQUEST, 3)
        if not told:
            return
        request = json.loads(told)
        if "ended" in request:
            orders.send(str(os.waitstatus_to_exitcode(os.waitpid(request["ended"], 0)[1])).encode())
            continue
        pid = os.fork()
        if pid == 0:
            orders.close()
            _end(_become(request, streams))
        for stream in streams:
            os.close(stream)
        orders.send(str(pid).encode())


def _become(told: dict[str, Any], streams: Sequence[int]) -> object:
    """Do what `python -m ytarchive` does; what it exits with."""
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(str(told["folder"]))
    os.environ.clear()
    os.environ.update(told["environment"])
    time.tzset()
    random.seed()
    sys.argv = ["ytarchive", *told["arguments"]]
    with contextlib.suppress(ValueError):
        sys.path.remove(str(Path(__file__).parent))
    del sys.modules["ytarchive.__main__"]  # which runs again
    try:
        runpy.run_module("ytarchive", run_name="__main__", alter_sys=True)
    except SystemExit as end:
        return end.code
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


def _end(code: object) -> None:
    """As the interpreter does it, but for taking itself apart piece by piece, which takes longer than the command."""
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(code if isinstance(code, int) else 0 if code is None else 1)


if __name__ == "__main__":
    _import_all()
    gc.freeze()  # or else each child copies what it only looks at
    _serve(socket.socket(fileno=int(sys.argv[1])))
