"""`python -m benchmarks`: ytarchive and yt-dlp's command line side by side, and ytarchive with large archives.

Everything happens on this machine, against a stand-in for YouTube.
"""

from __future__ import annotations

import argparse
import signal
import statistics
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks import adopt, faults, listing, page, profiling, scale, soak
from benchmarks.contenders import LIMITS, Contender, yt_dlp, ytarchive
from benchmarks.measure import Cost, run
from ytarchive.simulator import computed_playlist_id
from ytarchive.simulator.process import SimulatorProcess


@dataclass(frozen=True, slots=True)
class Run:
    """One run of one program: its cost, and what it asked of the stand-in."""

    cost: Cost
    requests: int
    handshakes: int
    videos: int


@dataclass(frozen=True, slots=True)
class Benchmark:
    """`prepare` makes the stand-in misbehave as asked; `warm` runs each program once before it is measured."""

    what: str
    videos: int
    at_once: int
    media_bytes: int = 0
    prepare: Callable[[SimulatorProcess], None] | None = None
    warm: bool = False


def _far_away(youtube: SimulatorProcess) -> None:
    youtube.add_fault("latency", value=50)
    youtube.add_fault("throttle", value=4 * 1024 * 1024, request="media")


BENCHMARKS = {
    "small": Benchmark("small videos, first run", videos=200, at_once=2),
    "large": Benchmark(
        "videos of about 10 MB at 50 ms and 4 MiB/s per connection",
        videos=20,
        at_once=8,
        media_bytes=5_000_000,
        prepare=_far_away,
    ),
    "noop": Benchmark("videos in a playlist of which nothing changed", videos=5000, at_once=2, warm=True),
}
ALONE = {"adopt": adopt.measure, "faults": faults.measure, "page": page.measure, "soak": soak.measure}
"""What measures ytarchive beside nobody."""


def main() -> int:
    options = _options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # what was started is ended, and folders go
    console = Console(width=None if sys.stdout.isatty() else 120)
    limits = ", ".join(f"{name.removeprefix('YTARCHIVE_')}={value}" for name, value in LIMITS.items())
    console.print(f"Limits of ytarchive in these runs: {limits}", style="dim")
    failed = False
    for name in options.names or (*BENCHMARKS, "listing", *ALONE, *scale.SCALES):
        if name == "listing":
            failed |= listing.measure(console, options.videos, options.rounds)
            continue
        if name in ALONE:
            failed |= ALONE[name](console, options.videos)
            continue
        if name in scale.SCALES:
            failed |= scale.measure(console, name, options.videos)
            continue
        benchmark = BENCHMARKS[name]
        videos = options.videos or benchmark.videos
        if options.profile:
            failed |= profiling.profile(console, benchmark.media_bytes, videos)
            continue
        failed |= _compare(console, name, benchmark, videos, options.rounds)
    return int(failed)


def _options() -> argparse.Namespace:
    known = (*BENCHMARKS, "listing", *ALONE, *scale.SCALES)
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"which: {', '.join(known)} (default: all)")
    parser.add_argument("--videos", type=int, help="how many videos instead of the usual number")
    parser.add_argument("--rounds", type=int, default=1, help="how often each program runs (default 1)")
    parser.add_argument("--profile", action="store_true", help="show where ytarchive's processor time goes")
    options = parser.parse_args()
    unknown = set(options.names) - set(known)
    if unknown:
        parser.error(f"no benchmark is called {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    return options


def _compare(console: Console, name: str, benchmark: Benchmark, videos: int, rounds: int) -> bool:
    """Both programs in turns; true when one of them did not get everything."""
    runs: dict[str, list[Run]] = {"yt-dlp": [], "ytarchive": []}
    for _ in range(rounds):
        for program in runs:
            with console.status(f"{name}: {program} ..."):
                runs[program].append(_run(benchmark, program, videos))
    _print(console, f"{name}: {videos} {benchmark.what}", runs, videos)
    short = [
        (program, one)
        for program, all_ in runs.items()
        for one in all_
        if not benchmark.warm and one.videos != videos
    ]
    for program, one in short:
        console.print(
            f"{program} has {one.videos} of {videos} videos (exit {one.cost.exit_code})", style="red"
        )
        console.print(one.cost.output[-2000:], markup=False)
    return bool(short)


def _run(benchmark: Benchmark, program: str, videos: int) -> Run:
    playlist = computed_playlist_id(videos)
    defaults = {"media_bytes": benchmark.media_bytes} if benchmark.media_bytes else {}
    with (
        tempfile.TemporaryDirectory(prefix="ytarchive-bench-") as folder,
        SimulatorProcess(catalogue={"defaults": defaults}) as youtube,
    ):
        if benchmark.prepare:
            benchmark.prepare(youtube)
        network = youtube.environment()
        home = Path(folder) / "run"
        contender = (
            yt_dlp(home, network, playlist)
            if program == "yt-dlp"
            else ytarchive(home, network, playlist, benchmark.at_once)
        )
        if benchmark.warm:
            _make_settled(contender, playlist, videos)
        youtube.reset_counters()
        cost = run(contender.command, contender.folder, contender.environment)
        counters = youtube.counters()
        return Run(cost, counters["total_requests"], counters["tls_handshakes"], contender.videos())


def _make_settled(contender: Contender, playlist: str, videos: int) -> None:
    """Leave each program as it is after it has fetched everything, without fetching 5,000 videos."""
    from benchmarks.settled import settle_yt_dlp, settle_ytarchive

    if contender.name == "yt-dlp":
        settle_yt_dlp(contender.folder, playlist, videos)
    else:
        settle_ytarchive(contender, playlist, videos)


_FIGURES: tuple[tuple[str, Callable[[Run, int], float], str], ...] = (
    ("wall clock, s", lambda run, _: run.cost.wall_seconds, ".2f"),
    ("processor, s", lambda run, _: run.cost.cpu_seconds, ".2f"),
    ("memory, MiB", lambda run, _: run.cost.memory_bytes / 2**20, ".0f"),
    ("requests", lambda run, _: run.requests, ".0f"),
    ("requests a video", lambda run, videos: run.requests / videos, ".2f"),
    ("TLS handshakes", lambda run, _: run.handshakes, ".0f"),
)


def _print(console: Console, title: str, runs: dict[str, list[Run]], videos: int) -> None:
    console.print(title, style="bold")
    table = Table()
    table.add_column("")
    for program in runs:
        table.add_column(program, justify="right")
    table.add_column("ratio", justify="right", style="bold")
    for label, figure, form in _FIGURES:
        theirs, ours = (statistics.median(figure(one, videos) for one in all_) for all_ in runs.values())
        ratio = f"{ours / theirs:.2f}" if theirs else "-"
        table.add_row(label, f"{theirs:{form}}", f"{ours:{form}}", ratio)
    console.print(table)


if __name__ == "__main__":
    sys.exit(main())
