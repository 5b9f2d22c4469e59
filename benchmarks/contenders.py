"""The two programs side by side, told to want the same: the same formats of the same playlist, merged into mkv."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

QUALITY = "{max: 360p, codecs: [h264]}"
FORMAT = "bv[vcodec^=avc1][height<=360]+ba[acodec=opus]"
LIMITS = {
    "YTARCHIVE_LIMITS__VIDEOS_PER_HOUR": "0",
    "YTARCHIVE_LIMITS__PAUSE": "0s",
    "YTARCHIVE_ARCHIVE__MIN_FREE": "0",
}


@dataclass(frozen=True, slots=True)
class Contender:
    """A program in a folder of its own: what to run, with which environment, and how many videos it then has."""

    name: str
    command: tuple[str, ...]
    folder: Path
    environment: dict[str, str]

    def videos(self) -> int:
        return sum(1 for path in self.folder.rglob("*.mkv") if "/library/" not in str(path))


def yt_dlp(folder: Path, network: Mapping[str, str], playlist: str) -> Contender:
    """yt-dlp's own command line, with an archive file, as people run it from cron."""
    from imageio_ffmpeg import get_ffmpeg_exe

    folder.mkdir(parents=True)
    command = (
        sys.executable, "-m", "yt_dlp", "--ignore-config", "--compat-options", "no-certifi",
        "--ffmpeg-location", get_ffmpeg_exe(), "--no-progress", "--quiet", "--no-warnings",
        "--download-archive", "archive.txt", "-f", FORMAT, "--merge-output-format", "mkv",
        "-o", "%(title)s [%(id)s].%(ext)s", f"https://www.youtube.com/playlist?list={playlist}",
    )  # fmt: skip
    return Contender("yt-dlp", command, folder, {**os.environ, **network})


def ytarchive(folder: Path, network: Mapping[str, str], playlist: str, at_once: int) -> Contender:
    """ytarchive with a manifest that wants the same. `at_once` downloads and extractions run side by side."""
    manifests = folder / "manifests"
    manifests.mkdir(parents=True)
    (manifests / "bench.yaml").write_text(
        f"version: 1\nplaylists:\n  - {{playlist: {playlist}, name: bench, quality: {QUALITY},"
        " captions: {languages: []}, sidecars: [], embed: []}\n"
    )
    limits = {**LIMITS, "YTARCHIVE_LIMITS__DOWNLOADS": str(at_once), "YTARCHIVE_LIMITS__EXTRACTIONS": "2"}
    command = (sys.executable, "-m", "ytarchive", "--quiet", "reconcile", "--once")
    return Contender("ytarchive", command, folder, {**os.environ, **network, **limits})
