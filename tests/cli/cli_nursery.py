"""Commands in processes of their own that need not import everything anew: each is forked off one that did.

Its process is as real as any other (signals, files, exit code, threads joined at its end); what is saved is most of a
second of imports for each of hundreds of commands. `python cli_nursery.py FD` is the process that is forked; it ends with
the socket FD, on which each command comes as one JSON object with its standard streams, and goes as its id and its end.
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
import socket
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

HEAVY_AND_RARE = ("data_api", "otlp")
LONGEST_REQUEST = 1 << 20


class Nursery:
    """Runs `ytarchive` with arguments, one command at a time."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            command = [sys.executable, __file__, str(theirs.fileno())]
            self._process = subprocess.Popen(
                command, env=dict(environment), stdin=subprocess.DEVNULL, pass_fds=[theirs.fileno()]
            )

    def run(
        self, arguments: Sequence[str], folder: Path, environment: Mapping[str, str], timeout_seconds: float
    ) -> subprocess.CompletedProcess[str]:
        told = {"arguments": [*arguments], "folder": str(folder), "environment": dict(environment)}
        with TemporaryFile() as out, TemporaryFile() as err, Path(os.devnull).open("rb") as nothing:
            streams = [nothing.fileno(), out.fileno(), err.fileno()]
            socket.send_fds(self._ours, [json.dumps(told).encode()], streams)
            self._ours.settimeout(timeout_seconds)
            pid = int(self._ours.recv(100))
            try:
                code = int(self._ours.recv(100))
            except TimeoutError:
                os.kill(pid, 9)
                raise AssertionError(f"{arguments} did not end") from None
            return subprocess.CompletedProcess([*arguments], code, _text(out), _text(err))

    def close(self) -> None:
        self._ours.close()
        self._process.wait()


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode()


def _import_all() -> None:
    import ytarchive
    import ytarchive.__main__

    for found in pkgutil.walk_packages(ytarchive.__path__, "ytarchive."):
        part = found.name.split(".")[1]
        if part in ("cli", "core", "reconciler", "documents", "adapters") and not any(
            name in found.name for name in HEAVY_AND_RARE
        ):
            importlib.import_module(found.name)


def _serve(orders: socket.socket) -> None:
    while True:
        told, streams, _, _ = socket.recv_fds(orders, LONGEST_REQUEST, 3)
        if not told:
            return
        pid = os.fork()
        if pid == 0:
            orders.close()
            _end(_become(json.loads(told), streams))
        for stream in streams:
            os.close(stream)
        orders.send(str(pid).encode())
        orders.send(str(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])).encode())


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
