"""Many jobs through one daemon: how many a second, and whether its memory stays what it was."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.contenders import LIMITS
from ytarchive.simulator import computed_playlist_id
from ytarchive.simulator.process import SimulatorProcess

JOBS = 10_000
LOOK_SECONDS = 5.0
WORKERS = 4
FLAT_SHARE = 0.10
TOTAL_BYTES = 1 << 30
QUALITY = "{max: 144p, min: 144p, codecs: [h264]}"
STALLED_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Sample:
    """What was on disk at a moment, and the resident bytes of the daemon and of its workers together."""

    seconds: float
    items: int
    daemon: int
    workers: int


def measure(console: Console, jobs: int | None) -> bool:
    """Print one table; true when an aim was missed."""
    jobs = jobs or JOBS
    with tempfile.TemporaryDirectory(prefix="ytarchive-soak-") as folder:
        samples = _run(Path(folder), jobs, console)
    settled = [one for one in samples if one.items >= jobs / 5] or samples
    first, last = settled[0], samples[-1]
    most = max(one.daemon + one.workers for one in samples)
    growth = last.daemon / first.daemon - 1
    table = Table("", "measured", "aim")
    table.add_row(
        "jobs", f"{last.items:,} in {last.seconds:,.0f} s ({last.items / last.seconds:.1f} a second)", ""
    )
    table.add_row(f"daemon after {first.items:,} jobs", _mib(first.daemon), "")
    table.add_row(
        f"daemon after {last.items:,} jobs",
        f"{_mib(last.daemon)} ({growth:+.1%})",
        f"within {FLAT_SHARE:.0%}",
    )
    table.add_row(f"daemon and {WORKERS} workers, at most", _mib(most), _mib(TOTAL_BYTES))
    console.print(f"soak: one daemon, {WORKERS} downloads at once, without limits", style="bold")
    console.print(table)
    return last.items < jobs or growth > FLAT_SHARE or most > TOTAL_BYTES


def _run(folder: Path, jobs: int, console: Console) -> list[Sample]:
    (folder / "manifests").mkdir()
    (folder / "manifests" / "soak.yaml").write_text(
        f"version: 1\nplaylists:\n  - {{playlist: {computed_playlist_id(jobs)}, name: soak, quality: {QUALITY},"
        " captions: {languages: []}, sidecars: [], embed: []}\n"
    )
    with (
        SimulatorProcess(catalogue={"defaults": {"best": 144}}) as youtube,
        (folder / "log").open("wb") as log,
    ):
        environment = {
            **youtube.environment(),
            **LIMITS,
            "YTARCHIVE_LIMITS__DOWNLOADS": str(WORKERS),
            "YTARCHIVE_LIMITS__EXTRACTIONS": "0",
            "YTARCHIVE_SERVER__LISTEN": "127.0.0.1:0",
        }
        daemon = subprocess.Popen(
            [sys.executable, "-m", "ytarchive", "reconcile"],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
        try:
            return _watch(folder, jobs, daemon, console)
        finally:
            daemon.terminate()
            daemon.wait(60)


def _watch(folder: Path, jobs: int, daemon: subprocess.Popen[bytes], console: Console) -> list[Sample]:
    began = moved_at = time.monotonic()
    samples: list[Sample] = []
    with console.status("soak ...") as status:
        while not samples or samples[-1].items < jobs:
            time.sleep(LOOK_SECONDS)
            now = time.monotonic()
            items = sum(1 for _ in (folder / "archive" / "videos").glob("*/*/item.json"))
            if samples and items > samples[-1].items:
                moved_at = now
            if daemon.poll() is not None or now - moved_at > STALLED_SECONDS:
                break
            workers = sum(_resident(pid) for pid in _children(daemon.pid))
            samples.append(Sample(now - began, items, _resident(daemon.pid), workers))
            status.update(f"soak ... {items:,} of {jobs:,}, daemon {_mib(samples[-1].daemon)}")
    return samples


def _resident(pid: int) -> int:
    try:
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0


def _children(pid: int) -> list[int]:
    """The workers: each thread of the daemon may have started some."""
    found: list[int] = []
    for told in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            found += [int(child) for child in told.read_text().split()]
    return found


def _mib(size: int) -> str:
    return f"{size / (1 << 20):,.0f} MiB"
