"""kill -9 of the whole program at many moments of a run, then one more run: converged, nothing broken, nothing left."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path

import pytest
from reconciler_house import SMALL, House

from ytarchive.simulator import Simulator, computed_playlist_id

VIDEOS = int(os.environ.get("YTARCHIVE_TEST_VIDEOS", "12"))
KILLS = int(os.environ.get("YTARCHIVE_TEST_KILLS", "4"))
MARK = "YTARCHIVE_TEST_MARK"
PATIENCE_SECONDS = 60


def marked(mark: str) -> list[int]:
    """Processes that inherited the mark, zombies apart."""
    wanted = f"{MARK}={mark}".encode()
    found = []
    for folder in Path("/proc").iterdir():
        try:
            if folder.name.isdigit() and wanted in (folder / "environ").read_bytes().split(b"\0"):
                found.append(int(folder.name))
        except OSError:
            continue
    return found


def wait_for(what: str, true: object) -> None:
    assert callable(true)
    until = time.monotonic() + PATIENCE_SECONDS
    while not true():
        assert time.monotonic() < until, f"{what} did not happen in {PATIENCE_SECONDS} s"
        time.sleep(0.005)


def start(house: House, mark: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "ytarchive", "--quiet", "reconcile", "--once"],
        cwd=house.folder,
        env={**house.environment, MARK: mark},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="needs /proc to find processes")
def test_killed_at_random_moments_a_last_run_converges_and_leaves_nothing(
    house: House, youtube: Simulator
) -> None:
    mark = uuid.uuid4().hex
    moments = random.Random(7)
    playlist = computed_playlist_id(VIDEOS)
    house.manifest(f"playlists:\n  - {{playlist: {playlist}, name: all, quality: {SMALL}}}\n")
    killed = 0
    for _ in range(KILLS):
        asked = youtube.counters()["total_requests"]
        at = asked + moments.randrange(1, 12)
        process = start(house, mark)
        wait_for(
            f"request {at}",
            lambda at=at, process=process: (
                youtube.counters()["total_requests"] >= at or process.poll() is not None
            ),
        )
        if process.poll() is None:
            killed += 1
            process.send_signal(signal.SIGKILL)
        process.communicate()
        wait_for("the end of every process", lambda: not marked(mark))
    assert killed
    print(f"killed {killed} times; {len(house.committed())} of {VIDEOS} were committed by then")

    last = start(house, mark)
    output, _ = last.communicate(timeout=PATIENCE_SECONDS)
    assert last.returncode == 0, output.decode()
    assert len(house.committed()) == VIDEOS
    assert house.staging() == []
    wait_for("the end of every process", lambda: not marked(mark))
    for video in house.committed():
        (folder,) = house.root.glob(f"videos/*/{video}")
        item = house.item(video)
        assert {path.name for path in folder.iterdir()} == {"item.json", *(file.name for file in item.files)}
        assert all((folder / file.name).stat().st_size == file.bytes for file in item.files)
        assert len(list(house.root.glob(f"library/all/*[[]{video}[]].mkv"))) == 1
