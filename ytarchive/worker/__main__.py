"""`python -m ytarchive.worker`: reads jobs as JSON lines on stdin, answers with events and receipts on stdout.

It is the only program that loads yt-dlp and PyAV. It leads a process group of its own, so that one signal ends
it together with its ffmpeg and deno, and it ends itself that way when its parent is gone.
"""

from __future__ import annotations

import argparse
import faulthandler
import os
import sys


def take_over_streams() -> tuple[int, int]:
    """File descriptors of the protocol, (in, out), which no child inherits; 0 is empty and 1 is stderr from here."""
    incoming, outgoing = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return incoming, outgoing


def lead_own_group() -> None:
    if os.getpgrp() != os.getpid():
        os.setsid()


def take_engine(folder: str | None) -> None:
    """Let yt-dlp and its challenge solver come from this folder, before anything of this environment."""
    os.environ["YTDLP_NO_PLUGINS"] = "1"
    if folder is not None:
        sys.path.insert(0, folder)


def main() -> int:
    incoming, outgoing = take_over_streams()
    faulthandler.enable(sys.stderr)  # where a crash happened, for the parent's log
    lead_own_group()
    parser = argparse.ArgumentParser(prog="python -m ytarchive.worker", description=__doc__)
    parser.add_argument("--most-jobs", type=int, help="end after so many jobs (500)")
    parser.add_argument("--engine", help="the folder of yt-dlp and yt-dlp-ejs, instead of the environment's")
    given = parser.parse_args()
    take_engine(given.engine)
    # Only now: what yt-dlp and its dependencies print goes to stderr.
    from ytarchive.worker.service import MOST_JOBS, serve

    return serve(incoming, outgoing, given.most_jobs or MOST_JOBS, given.engine)


if __name__ == "__main__":
    sys.exit(main())
