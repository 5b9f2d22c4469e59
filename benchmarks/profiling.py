"""Where a worker's processor time goes, by function: real jobs through the real protocol, under cProfile.

The worker is where nearly all time is spent; what the daemon costs beside it shows in the processor row of the tables.
"""

from __future__ import annotations

import os
import pstats
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console

from ytarchive.core.desired import Audio, Quality, Target
from ytarchive.core.job import Job, Receipt
from ytarchive.core.protocol import decode_message, encode_message
from ytarchive.simulator import computed_playlist_id, numbered_video_id
from ytarchive.simulator.process import SimulatorProcess

TOP = 25
WISH = Target(video=Quality(max=360, codecs=("h264",)), sound=Audio())
# A worker ends by os._exit, around its blocked reader: the profile is written just before that.
_SITE = """
import cProfile, os
profile = cProfile.Profile()
end = os._exit
def save_and_end(code):
    profile.disable()
    profile.dump_stats(os.environ["YTARCHIVE_PROFILE"])
    end(code)
os._exit = save_and_end
profile.enable()
"""


def profile(console: Console, media_bytes: int, videos: int) -> bool:
    """Fetch so many videos in one profiled worker, and print the top of the statistics; true when one failed."""
    with (
        tempfile.TemporaryDirectory(prefix="ytarchive-profile-") as folder,
        SimulatorProcess(
            catalogue={"defaults": {"media_bytes": media_bytes} if media_bytes else {}}
        ) as youtube,
    ):
        home = Path(folder)
        (home / "sitecustomize.py").write_text(_SITE)
        environment = {
            **os.environ,
            **youtube.environment(),
            "YTARCHIVE_PROFILE": str(home / "profile"),
            "PYTHONPATH": folder,
        }
        failed = _work(home, environment, videos)
        if failed:
            console.print(f"{failed} of {videos} videos failed", style="red")
        statistics = pstats.Stats(str(home / "profile"), stream=sys.stdout)
        statistics.strip_dirs().sort_stats("tottime").print_stats(TOP)
        statistics.sort_stats("cumulative").print_stats(TOP)
        return bool(failed)


def _work(home: Path, environment: dict[str, str], videos: int) -> int:
    """Jobs to one worker, one after the other; how many failed."""
    command = [sys.executable, "-m", "ytarchive.worker", "--most-jobs", str(videos)]
    playlist = computed_playlist_id(videos)
    failed = 0
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
    ) as worker:
        assert worker.stdin is not None
        assert worker.stdout is not None
        for number in range(videos):
            video = numbered_video_id(playlist, number)
            staging = home / f"staging-{number}"
            (staging / "out").mkdir(parents=True)
            job = Job(
                f"job-{number}",
                "fetch",
                video,
                WISH,
                staging=str(staging),
                deadline_at=int(time.time()) + 600,
            )
            worker.stdin.write(encode_message(job))
            worker.stdin.flush()
            for line in worker.stdout:
                message = decode_message(line)
                if isinstance(message, Receipt):
                    failed += message.outcome != "done"
                    break
        worker.wait()
    return failed
