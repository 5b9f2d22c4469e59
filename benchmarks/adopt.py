"""Other tools' libraries of tiny files, adopted by links: how long it takes, that nobody is asked, and what follows.

Three libraries as yt-dlp, ytdl-sub and TubeSync leave them: with `[id]` in names and an info.json; without an id but with
records beside; and with a database that knows other paths. Every file is real media, and different.
"""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.contenders import LIMITS
from benchmarks.measure import Cost, run
from ytarchive.simulator import computed_playlist_id, numbered_video_id
from ytarchive.simulator.process import SimulatorProcess

FILES = 10_000
WANTED_SECONDS = 600.0
CHANNEL = "UC" + "b" * 22
PROGRAM = (sys.executable, "-m", "ytarchive", "--json", "--quiet")


def tiny_media(folder: Path, seconds: int = 1) -> bytes:
    """Picture and sound as MP4, some kB."""
    from imageio_ffmpeg import get_ffmpeg_exe

    path = folder / "tiny.mp4"
    inputs = (
        "-f",
        "lavfi",
        "-i",
        f"color=s=64x36:r=2:d={seconds}",
        "-f",
        "lavfi",
        "-i",
        f"sine=r=8000:d={seconds}",
    )
    coded = (
        "-c:v",
        "libx264",
        "-c:a",
        "aac",
        "-b:a",
        "16k",
        "-fflags",
        "+bitexact",
        "-movflags",
        "+faststart",
    )
    subprocess.run([get_ffmpeg_exe(), "-v", "error", "-y", *inputs, *coded, str(path)], check=True)
    return path.read_bytes()


def stamped(media: bytes, video: str) -> bytes:
    """The same media with a box of its own at the end, which players skip (ISO/IEC 14496-12, `free`)."""
    return media + (8 + len(video)).to_bytes(4, "big") + b"free" + video.encode()


@dataclass(frozen=True, slots=True)
class Libraries:
    """Three folders, the videos in each, and what the third one's tool wrote down."""

    folder: Path
    videos: Mapping[str, tuple[str, ...]]

    @property
    def database(self) -> Path:
        return self.folder / "tubesync.sqlite3"

    @property
    def ids(self) -> list[str]:
        return [video for videos in self.videos.values() for video in videos]


def make_libraries(folder: Path, files: int) -> Libraries:
    """Libraries of so many files in all, each of another video of the stand-in's list of that length."""
    folder.mkdir(parents=True)
    media = tiny_media(folder)
    playlist = computed_playlist_id(files)
    ids = [numbered_video_id(playlist, number) for number in range(files)]
    made = Libraries(folder, {name: tuple(ids[place::3]) for place, name in enumerate(MAKERS)})
    for name, videos in made.videos.items():
        MAKERS[name](made, folder / name, media, videos)
    return made


def _yt_dlp(_made: Libraries, folder: Path, media: bytes, videos: tuple[str, ...]) -> None:
    for number, video in enumerate(videos):
        channel = folder / f"Channel {number % 20}"
        channel.mkdir(parents=True, exist_ok=True)
        stem = f"A talk about number {number} [{video}]"
        (channel / f"{stem}.mp4").write_bytes(stamped(media, video))
        (channel / f"{stem}.en.vtt").write_text(f"WEBVTT\n\n00:00.000 --> 00:01.000\n{video}\n")
        told: dict[str, Any] = {
            "id": video,
            "extractor_key": "Youtube",
            "title": f"A talk about number {number}",
        }
        told |= {"upload_date": f"2024{1 + number % 12:02}{1 + number % 28:02}", "channel_id": CHANNEL}
        (channel / f"{stem}.info.json").write_text(json.dumps(told))


def _ytdl_sub(_made: Libraries, folder: Path, media: bytes, videos: tuple[str, ...]) -> None:
    mappings = {}
    for number, video in enumerate(videos):
        name = f"Season 2024/s2024.e{number:06} - An episode.mp4"
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(stamped(media, video))
        mappings[video] = {"upload_date": "2024-05-06", "extractor": "youtube", "file_names": [name]}
    (folder / ".ytdl-sub-talks-download-archive.json").write_text(json.dumps(mappings))


def _tube_sync(made: Libraries, folder: Path, media: bytes, videos: tuple[str, ...]) -> None:
    with closing(sqlite3.connect(made.database)) as database, database:
        database.execute("CREATE TABLE sync_source (uuid, source_type, key, name)")
        database.execute("CREATE TABLE sync_media (key, media_file, title, published, source_id)")
        database.execute("INSERT INTO sync_source VALUES ('s', 'i', ?, 'A channel')", (CHANNEL,))
        for number, video in enumerate(videos):
            place = f"a-channel/{number // 500}/episode {number}.mp4"
            (folder / place).parent.mkdir(parents=True, exist_ok=True)
            (folder / place).write_bytes(stamped(media, video))
            row = (video, f"video/{place}", f"Episode {number}", "2024-07-08 09:00:00", "s")
            database.execute("INSERT INTO sync_media VALUES (?, ?, ?, ?, ?)", row)


MAKERS: Mapping[str, Callable[[Libraries, Path, bytes, tuple[str, ...]], None]] = {
    "yt-dlp": _yt_dlp,
    "ytdl-sub": _ytdl_sub,
    "TubeSync": _tube_sync,
}


@dataclass(frozen=True, slots=True)
class Step:
    """One command: its cost, what it printed, and what is wrong with that."""

    name: str
    cost: Cost
    answer: dict[str, Any]
    wrong: str | None = None


@dataclass(frozen=True, slots=True)
class Measured:
    """All steps in their order, the requests that the stand-in saw, and media that have no second name."""

    steps: tuple[Step, ...]
    requests: int
    copied: int

    @property
    def seconds(self) -> float:
        return sum(step.cost.wall_seconds for step in self.steps if step.name.startswith("adopt"))

    @property
    def wrong(self) -> tuple[str, ...]:
        told = [f"{step.name}: {step.wrong}" for step in self.steps if step.wrong]
        if self.requests:
            told.append(f"{self.requests} requests were made")
        if self.copied:
            told.append(f"{self.copied} files have no second name: they were copied")
        return tuple(told)


def carry_out(folder: Path, files: int) -> Measured:
    """Adopt all three, once more, and let a pass follow that wants all of it."""
    made = make_libraries(folder / "old", files)
    home = folder / "home"
    (home / "manifests").mkdir(parents=True)
    (home / "manifests" / "ids.txt").write_text("".join(f"{video}\n" for video in made.ids))
    (home / "manifests" / "wanted.yaml").write_text("version: 1\nvideos_from: ids.txt\n")
    with SimulatorProcess() as youtube:
        environment = {**os.environ, **LIMITS, **youtube.environment()}
        steps = tuple(_steps(made, home, environment))
        requests = youtube.counters()["total_requests"]
    media = list(home.glob("archive/videos/*/*/*.mp4"))
    return Measured(steps, requests, sum(path.stat().st_nlink < 2 for path in media))


def _steps(made: Libraries, home: Path, environment: Mapping[str, str]) -> Iterator[Step]:
    for name, videos in made.videos.items():
        yield _adopt(f"adopt {name}", made, name, home, environment, {"adopted": len(videos), "here": 0})
    plan = _step("plan", (*PROGRAM, "plan", "--no-refresh"), home, environment)
    nothing = dict.fromkeys(("download", "update", "blocked", "deferred", "look"), 0)
    yield _compared(plan, {"summary": nothing})
    for name, videos in made.videos.items():
        again = {"adopted": 0, "here": len(videos), "bytes": 0, "linked": 0}
        yield _adopt(f"again {name}", made, name, home, environment, again)
    yield _step("pass", (*PROGRAM, "reconcile", "--once"), home, environment)


def _adopt(
    step: str,
    made: Libraries,
    name: str,
    home: Path,
    environment: Mapping[str, str],
    expected: dict[str, Any],
) -> Step:
    more = ("--database", str(made.database)) if name == "TubeSync" else ()
    command = (*PROGRAM, "adopt", str(made.folder / name), *more)
    return _compared(_step(step, command, home, environment), {**expected, "left": [], "copied_bytes": 0})


def _step(name: str, command: tuple[str, ...], home: Path, environment: Mapping[str, str]) -> Step:
    cost = run(command, home, environment)
    if cost.exit_code:
        return Step(name, cost, {}, f"exit {cost.exit_code}: {cost.output[-1000:]}")
    answer: dict[str, Any] = json.loads(cost.output)
    return Step(name, cost, answer)


def _compared(step: Step, expected: dict[str, Any]) -> Step:
    if step.wrong:
        return step
    other = {key: told for key, value in expected.items() if not _holds(told := step.answer.get(key), value)}
    return Step(step.name, step.cost, step.answer, f"not {expected}, but {other}"[:1000] if other else None)


def _holds(told: Any, expected: Any) -> bool:
    """Whether what was told is that; of a mapping, the keys that are expected."""
    if isinstance(expected, dict) and isinstance(told, dict):
        return all(told.get(key) == value for key, value in expected.items())
    return bool(told == expected)


def measure(console: Console, videos: int | None) -> bool:
    """Print a table; true when anything is not as it should be, or took longer than ten minutes."""
    files = videos or FILES
    with tempfile.TemporaryDirectory(prefix="ytarchive-bench-") as folder, console.status("adopt ..."):
        measured = carry_out(Path(folder), files)
    console.print(f"adopt: {files:,} files in three layouts of other tools, by links", style="bold")
    table = Table("", "wall clock, s", "processor, s", "memory, MiB")
    for step in measured.steps:
        figures = (step.cost.wall_seconds, step.cost.cpu_seconds, step.cost.memory_bytes / 2**20)
        table.add_row(step.name, *(f"{figure:.2f}" for figure in figures))
    console.print(table)
    console.print(f"requests: {measured.requests}; adopted in {measured.seconds:.0f} s")
    wrong = (*measured.wrong, *(("it took too long",) if measured.seconds > WANTED_SECONDS else ()))
    for one in wrong:
        console.print(one, style="red", markup=False)
    return bool(wrong)
