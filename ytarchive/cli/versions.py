"""`ytarchive --version`: our own version, and those of yt-dlp and ffmpeg. Nothing heavy is imported, no setting read."""

from __future__ import annotations

import re
import shutil
import subprocess
from importlib.metadata import PackageNotFoundError, version

import click

from ytarchive import __version__
from ytarchive.cli.app import invocation
from ytarchive.cli.machine import OLDEST_FFMPEG

FFMPEG_SECONDS = 10.0
_SAID = re.compile(r"ffmpeg version (?:n(?=\d))?(\S+)")
_NUMBERS = re.compile(r"([0-9]+)\.([0-9]+)(?:\.([0-9]+))?")


def tell_versions() -> None:
    """Print them. yt-dlp's is the one that came along: `engine list` knows which one is in use."""
    yt_dlp, ffmpeg = _of_yt_dlp(), _of_ffmpeg()
    if invocation().json:
        import json

        click.echo(json.dumps({"ytarchive": __version__, "yt_dlp": yt_dlp, "ffmpeg": ffmpeg}, indent=2))
    else:
        click.echo(f"ytarchive {__version__}")
        click.echo(f"yt-dlp {yt_dlp or 'is missing'} (built in; in use: `ytarchive engine list`)")
        click.echo(f"ffmpeg {ffmpeg or 'is missing'}")


def _of_yt_dlp() -> str | None:
    """As yt-dlp writes it: packaging drops the zeros of `2026.01.05`."""
    try:
        return ".".join(
            f"{int(part):02}" if part.isdigit() else part for part in version("yt-dlp").split(".")
        )
    except PackageNotFoundError:
        return None


def _of_ffmpeg() -> str | None:
    """Of the one that workers take: the system's where it is new enough, else the one that came along."""
    system = shutil.which("ffmpeg")
    said = _says(system) if system else None
    if said and _numbers(said) >= OLDEST_FFMPEG:
        return said
    try:
        import imageio_ffmpeg

        return _says(imageio_ffmpeg.get_ffmpeg_exe())
    except (ImportError, RuntimeError):
        return None


def _says(program: str) -> str | None:
    try:
        done = subprocess.run(
            [program, "-version"],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=FFMPEG_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = _SAID.match(done.stdout)
    return found[1] if found else None


def _numbers(said: str) -> tuple[int, int, int]:
    found = _NUMBERS.match(said)
    return (int(found[1]), int(found[2]), int(found[3] or 0)) if found else (0, 0, 0)
