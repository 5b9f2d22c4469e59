"""Running a command to its end while watching what it costs: wall clock, processor time, memory of all processes."""

from __future__ import annotations

import os
import resource
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

LOOK_EVERY_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Cost:
    """What one run cost.

    `memory_bytes`: the sum of its processes' private and shared memory at the worst moment. `resident_bytes`: the
    most that the program itself, without its children, ever held (the kernel's high-water mark).
    """

    wall_seconds: float
    cpu_seconds: float
    memory_bytes: int
    resident_bytes: int
    exit_code: int
    output: str


def run(command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> Cost:
    """Run a command and wait for it; processor time is that of all its descendants that it waited for."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.monotonic()
    process = subprocess.Popen(
        command, cwd=folder, env=dict(environment), stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    watch = _MemoryWatch(process.pid)
    watch.start()
    output, _ = process.communicate()
    wall = time.monotonic() - began
    watch.stop()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(
        wall,
        cpu,
        watch.worst_bytes,
        watch.resident_bytes,
        process.returncode,
        output.decode(errors="replace"),
    )


class _MemoryWatch(threading.Thread):
    """Adds up the memory of a process and its descendants, again and again, and keeps the highest sum."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._pid = pid
        self._ended = threading.Event()
        self.worst_bytes = 0
        self.resident_bytes = 0

    def run(self) -> None:
        while not self._ended.wait(LOOK_EVERY_SECONDS):
            total = sum(_proportional_bytes(pid) for pid in _descendants(self._pid))
            self.worst_bytes = max(self.worst_bytes, total)
            self.resident_bytes = max(self.resident_bytes, _high_water_bytes(self._pid))

    def stop(self) -> None:
        self._ended.set()
        self.join()


def _descendants(root: int) -> list[int]:
    parents: dict[int, int] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                parents[int(folder.name)] = int((folder / "stat").read_text().rsplit(")", 1)[1].split()[1])
            except (OSError, IndexError, ValueError):
                continue
    found = [root]
    for pid in found:
        found.extend(child for child, parent in parents.items() if parent == pid)
    return found


def _high_water_bytes(pid: int) -> int:
    try:
        for line in (Path("/proc") / str(pid) / "status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    except (OSError, IndexError, ValueError):
        pass
    return 0


def _proportional_bytes(pid: int) -> int:
    """Memory with shared pages divided among who shares them; resident memory where the kernel does not tell."""
    try:
        for line in (Path("/proc") / str(pid) / "smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
        return int((Path("/proc") / str(pid) / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError, ValueError):
        return 0
