"""Act in a child that kills itself before a step of what it does to the disk."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

from ytarchive.adapters.archive import Disk


def killed_at(number: int, act: Callable[[Disk], object]) -> str | None:
    """The step of this number (from 1) as "kind name", at which the child died; None when it had fewer.

    It forks, so that the process must have one thread. Raise `SystemExit` when the child failed otherwise.
    """
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        steps = 0

        def step(kind: str, path: Path) -> None:
            nonlocal steps
            steps += 1
            if steps == number:
                os.write(writer, f"{kind} {path.name}".encode())
                os.kill(os.getpid(), signal.SIGKILL)

        act(Disk(step=step))
        os._exit(0)
    os.close(writer)
    _, status = os.waitpid(child, 0)
    with os.fdopen(reader, "rb") as said:
        told = said.read().decode()
    if os.WIFSIGNALED(status):
        return told
    if os.WEXITSTATUS(status):
        raise SystemExit(f"the child failed at step {number}")
    return None
