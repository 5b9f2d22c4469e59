"""Find an ffmpeg that can be trusted, and run it so that it can be stopped."""

from __future__ import annotations

import os
import re
import select
import shutil
import subprocess
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from ytarchive.worker.attempt import Attempt

# Before 7.0.2, ffmpeg exits 0 when the disk is full while it writes MKV.
OLDEST = (7, 0, 2)
_VERSION = re.compile(r"ffmpeg version n?([0-9]+)\.([0-9]+)(?:\.([0-9]+))?")
_POLL_SECONDS = 0.25
_MOST_COMPLAINT = 2000


class FfmpegMissing(Exception):
    """No ffmpeg that can be trusted was found."""


class FfmpegFailed(Exception):
    """ffmpeg ended with an error; the text is the end of what it said."""


def find_ffmpeg() -> str:
    """The path of the system's ffmpeg when it is new enough, else of the one that imageio-ffmpeg brings.

    Raise `FfmpegMissing` when there is neither.
    """
    system = shutil.which("ffmpeg")
    if system and (_version_of(system) or (0, 0, 0)) >= OLDEST:
        return system
    try:
        return _bundled()
    except (ImportError, RuntimeError) as error:
        raise FfmpegMissing(
            f"ffmpeg is not installed ({OLDEST[0]}.{OLDEST[1]}.{OLDEST[2]} or newer): {error}"
        ) from None


@lru_cache
def _bundled() -> str:
    import imageio_ffmpeg

    return str(imageio_ffmpeg.get_ffmpeg_exe())


@lru_cache
def _version_of(program: str) -> tuple[int, int, int] | None:
    try:
        said = subprocess.run(
            [program, "-version"], capture_output=True, text=True, errors="replace", timeout=20, check=False
        ).stdout
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = _VERSION.match(said)
    return (int(found[1]), int(found[2]), int(found[3] or 0)) if found else None


def run_ffmpeg(arguments: list[str], folder: Path, attempt: Attempt) -> None:
    """Run to the end in `folder`. Raise `FfmpegFailed`, or what `Attempt.check` raises (then it is killed)."""
    command = [find_ffmpeg(), "-nostdin", "-hide_banner", "-v", "error", "-y", *arguments]
    complaints = folder / "ffmpeg.log"
    with complaints.open("wb") as log:
        process = subprocess.Popen(
            command, cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
        )
        try:
            while (code := _poll(process)) is None:
                attempt.check()
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
    said = complaints.read_bytes()[-_MOST_COMPLAINT:].decode(errors="replace")
    if said.strip():
        attempt.log("warning" if code else "info", said.strip(), "ffmpeg", ending=code)
    if code:
        raise FfmpegFailed(f"Conversion failed! ffmpeg ended with {code}: {said}")


def _poll(process: subprocess.Popen[bytes]) -> int | None:
    """The exit code, as soon as there is one: `Popen.wait` with a timeout sleeps up to twice as long as needed."""
    if process.returncode is None and hasattr(os, "pidfd_open"):
        with suppress(OSError):
            handle = os.pidfd_open(process.pid)
            try:
                select.select([handle], [], [], _POLL_SECONDS)
            finally:
                os.close(handle)
            return process.poll()
    with suppress(subprocess.TimeoutExpired):
        return process.wait(_POLL_SECONDS)
    return None
