"""Where ytarchive's processor time goes: the daemon's and a worker's, by function, from real runs."""

from __future__ import annotations

import os
import pstats
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console

from benchmarks.contenders import ytarchive
from ytarchive.simulator import computed_playlist_id
from ytarchive.simulator.process import SimulatorProcess

TOP = 25
_SITE = """
import atexit, cProfile, os, sys
if os.environ.get("YTARCHIVE_PROFILE"):
    profile = cProfile.Profile()
    profile.enable()
    def save():
        profile.disable()
        profile.dump_stats(os.path.join(os.environ["YTARCHIVE_PROFILE"], f"{os.getpid()}.prof"))
    atexit.register(save)
"""


def profile(console: Console, media_bytes: int, videos: int) -> bool:
    """Run once under cProfile in every Python process, and print the top of the joined statistics."""
    with (
        tempfile.TemporaryDirectory(prefix="ytarchive-profile-") as folder,
        SimulatorProcess(
            catalogue={"defaults": {"media_bytes": media_bytes} if media_bytes else {}}
        ) as youtube,
    ):
        home = Path(folder)
        (home / "site").mkdir()
        (home / "site" / "sitecustomize.py").write_text(_SITE)
        contender = ytarchive(home / "run", youtube.environment(), computed_playlist_id(videos), 2)
        environment = {
            **contender.environment,
            "YTARCHIVE_PROFILE": folder,
            "PYTHONPATH": os.pathsep.join([str(home / "site"), str(Path(__file__).parents[1])]),
        }
        done = subprocess.run(contender.command, cwd=contender.folder, env=environment, check=False)
        files = sorted(str(path) for path in home.glob("*.prof"))
        if not files:
            console.print("no process left a profile", style="red")
            return True
        statistics = pstats.Stats(*files, stream=sys.stdout)
        statistics.strip_dirs().sort_stats("tottime").print_stats(TOP)
        statistics.sort_stats("cumulative").print_stats(TOP)
        return done.returncode != 0
