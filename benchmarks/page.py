"""A daemon with a large archive: from start to ready, each page, asked often, and from an edit to the plan that has it."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlsplit

from rich.console import Console
from rich.table import Table

from benchmarks import converged
from benchmarks.converged import ENTRY, Converged
from ytarchive.simulator import computed_playlist_id, numbered_video_id

VIDEOS = 100_000
ROUNDS = 20
PATIENCE_SECONDS = 120.0
READY_SECONDS = 1.0
PAGE_SECONDS = 0.2
METRICS_SECONDS = 0.05
EDIT_SECONDS = 1.0
EDITS = 5


def measure(console: Console, videos: int | None) -> bool:
    """Print one table; true when an aim was missed."""
    videos = videos or VIDEOS
    video = numbered_video_id(computed_playlist_id(videos), videos // 2)
    aims = {
        "/": PAGE_SECONDS,
        "/workplan": PAGE_SECONDS,
        "/search?q=simulated+video": PAGE_SECONDS,
        "/search?q=nowhere": PAGE_SECONDS,
        f"/entries/{ENTRY}": PAGE_SECONDS,
        f"/entries/{ENTRY}?page=1000": PAGE_SECONDS,
        f"/videos/{video}": PAGE_SECONDS,
        "/metrics": METRICS_SECONDS,
    }
    missed = False
    table = Table("", "median, ms", "longest, ms", "aim, ms")
    with tempfile.TemporaryDirectory(prefix="ytarchive-bench-") as folder, console.status("page ..."):
        made = converged.make(Path(folder) / "ids", videos, "ids")
        made = replace(made, environment=_with_bytecode(made.environment, Path(folder)))
        with _daemon(made) as (url, _):
            _wait_for_pass(
                url
            )  # what is measured is a restart; and what it imports is compiled, as installing does
        with _daemon(made) as (url, ready_seconds):
            table.add_row("from start to /readyz", _ms(ready_seconds), "", _ms(READY_SECONDS))
            missed |= ready_seconds > READY_SECONDS
            first = _ask(url, "/")
            table.add_row("/ for the first time", _ms(first), "", _ms(PAGE_SECONDS))
            _wait_for_pass(url)
            for path, aim in aims.items():
                taken = [_ask(url, path) for _ in range(ROUNDS)]
                median = statistics.median(taken)
                table.add_row(path, _ms(median), _ms(max(taken)), _ms(aim))
                missed |= median > aim
            edits = [_edit(made, number) for number in range(EDITS)]
            median = statistics.median(edits)
            table.add_row("from an edit to its plan", _ms(median), _ms(max(edits)), _ms(EDIT_SECONDS))
            missed |= median > EDIT_SECONDS
    console.print(f"page: {videos:,} videos in the archive, all wanted; {ROUNDS} requests each", style="bold")
    console.print(table)
    return missed


@contextmanager
def _daemon(made: Converged) -> Iterator[tuple[str, float]]:
    """Its address, and how long it took to be ready."""
    environment = {**made.environment, "YTARCHIVE_SERVER__LISTEN": "127.0.0.1:0"}
    started_at = time.monotonic()
    with (made.folder / "daemon.log").open("wb") as log:
        daemon = subprocess.Popen(
            [sys.executable, "-m", "ytarchive", "reconcile"],
            cwd=made.folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    try:
        while (url := _url(made)) is None:
            _be_patient(started_at, daemon, made)
        yield url, time.monotonic() - started_at
    finally:
        daemon.terminate()
        daemon.wait(PATIENCE_SECONDS)


def _with_bytecode(environment: Mapping[str, str], folder: Path) -> dict[str, str]:
    """The same, where what was compiled is kept: installed programs come with their bytecode."""
    kept = {name: value for name, value in environment.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONPYCACHEPREFIX": str(folder / "bytecode")}


def _be_patient(since: float, daemon: subprocess.Popen[bytes], made: Converged) -> None:
    if daemon.poll() is not None or time.monotonic() > since + PATIENCE_SECONDS:
        raise RuntimeError((made.folder / "daemon.log").read_text(errors="replace")[-2000:])
    time.sleep(0.01)


def _edit(made: Converged, number: int) -> float:
    """Seconds from a manifest that wants one more video to the plan that has it."""
    log, manifest = made.folder / "daemon.log", made.folder / "manifests" / "edit.yaml"
    told = log.stat().st_size
    began = time.perf_counter()
    manifest.write_text(f"version: 1\nvideos: [{numbered_video_id('edit', number)}]\n")
    while not _is_planned(log, told):
        if time.perf_counter() > began + PATIENCE_SECONDS:
            raise RuntimeError(f"edit {number} is not in force after {PATIENCE_SECONDS} s")
        time.sleep(0.005)
    return time.perf_counter() - began


def _is_planned(log: Path, told: int) -> bool:
    """Whether there is work to do since the manifests were read again, in what the log tells after `told` bytes.

    Nobody waits for the job itself: there is no YouTube here, and the first failure holds the next jobs back.
    """
    with log.open("rb") as lines:
        lines.seek(told)
        _, _, since = lines.read().partition(b"the manifests were read again")
    return b'"text":"to do: ' in since


def _url(made: Converged) -> str | None:
    """The daemon's address, once it says that it is ready."""
    try:
        url = str(json.loads((made.folder / "state" / "daemon.json").read_text())["url"])
        _ask(url, "/readyz")
    except (OSError, ValueError, KeyError, HTTPException):
        return None
    return url


def _wait_for_pass(url: str) -> None:
    """Until the first pass has ended: what is measured then is the page, not the machine's other work."""
    end = time.monotonic() + PATIENCE_SECONDS
    while "The last pass ended" not in _read(url, "/")[1]:
        if time.monotonic() > end:
            raise RuntimeError("the first pass does not end")
        time.sleep(0.2)


def _ask(url: str, path: str) -> float:
    """Seconds of one request of its own connection. Raise `HTTPException` for anything but 200."""
    began = time.perf_counter()
    status, _ = _read(url, path)
    if status != 200:
        raise HTTPException(f"{path}: {status}")
    return time.perf_counter() - began


def _read(url: str, path: str) -> tuple[int, str]:
    place = urlsplit(url)
    connection = HTTPConnection(str(place.hostname), place.port, timeout=PATIENCE_SECONDS)
    try:
        connection.request("GET", path, headers={"Accept": "text/html"})
        answer = connection.getresponse()
        return answer.status, answer.read().decode(errors="replace")
    finally:
        connection.close()


def _ms(seconds: float) -> str:
    return f"{1000 * seconds:,.0f}"
