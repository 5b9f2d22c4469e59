"""The first listing of a long playlist: by yt-dlp's command line, by our worker, and through the Data API."""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.contenders import ytarchive
from benchmarks.measure import Cost, run
from ytarchive.adapters.index import Index
from ytarchive.settings import load
from ytarchive.simulator import computed_playlist_id
from ytarchive.simulator.process import SimulatorProcess

VIDEOS = 5_000
KEY = "key-of-the-benchmark"
PLAN = (sys.executable, "-m", "ytarchive", "--quiet", "plan")


@dataclass(frozen=True, slots=True)
class Listed:
    """One run. `units` were spent of the day's quota; `failure` says what it did not list, or how else than asked."""

    cost: Cost
    requests: int
    units: int
    failure: str | None = None


@dataclass(frozen=True, slots=True)
class Way:
    """One way to list. `list_` runs it in a folder, in an environment, and says what was wrong, if anything was."""

    name: str
    list_: Callable[[Path, Mapping[str, str], str, int], tuple[Cost, str | None]]


def _by_yt_dlp(
    folder: Path, network: Mapping[str, str], playlist: str, videos: int
) -> tuple[Cost, str | None]:
    folder.mkdir()
    command = (
        sys.executable, "-m", "yt_dlp", "--ignore-config", "--compat-options", "no-certifi", "--no-warnings",
        "--flat-playlist", "--print", "id", f"https://www.youtube.com/playlist?list={playlist}",
    )  # fmt: skip
    cost = run(command, folder, {**os.environ, **network})
    return cost, _wrong(cost, len(cost.output.split()), videos)


def _by_worker(
    folder: Path, network: Mapping[str, str], playlist: str, videos: int
) -> tuple[Cost, str | None]:
    return _by_ytarchive(folder, network, playlist, videos, "worker")


def _by_api(folder: Path, network: Mapping[str, str], playlist: str, videos: int) -> tuple[Cost, str | None]:
    folder.mkdir()
    key_file = folder / "api.key"
    key_file.write_text(f"{KEY}\n")
    key_file.chmod(0o600)
    with_key = {**network, "YTARCHIVE_YOUTUBE__API_KEY_FILE": str(key_file)}
    return _by_ytarchive(folder, with_key, playlist, videos, "api")


def _by_ytarchive(
    folder: Path, network: Mapping[str, str], playlist: str, videos: int, via: str
) -> tuple[Cost, str | None]:
    """A plan over an empty archive, which lists first; the index tells what came, and who told it."""
    made = ytarchive(folder, network, playlist, at_once=2)
    cost = run(PLAN, folder, made.environment)
    if cost.exit_code:
        return cost, _wrong(cost, 0, videos)
    state = load(None, made.environment, {}, folder).state.path
    with Index.open(state / "index.sqlite", read_only=True) as index:
        listing = index.listing(playlist)
        told_by = listing.via if listing else None
        wrong = _wrong(cost, index.held(playlist), videos)
    return cost, wrong or (f"listed by {told_by}, expected {via}" if told_by != via else None)


def _wrong(cost: Cost, got: int, videos: int) -> str | None:
    if cost.exit_code or got != videos:
        return f"{got} of {videos} videos (exit {cost.exit_code}): {cost.output[-1000:]}"
    return None


WAYS = (
    Way("yt-dlp --flat-playlist", _by_yt_dlp),
    Way("ytarchive, no key", _by_worker),
    Way("ytarchive, Data API", _by_api),
)


def measure(console: Console, videos: int | None, rounds: int) -> bool:
    """Print one table; true when one of the ways did not list everything."""
    videos = videos or VIDEOS
    runs: dict[str, list[Listed]] = {way.name: [] for way in WAYS}
    for _ in range(rounds):
        for way in WAYS:
            with console.status(f"listing: {way.name} ..."):
                runs[way.name].append(listed(way, videos))
    console.print(f"listing: {videos:,} videos in a playlist, listed for the first time", style="bold")
    console.print(_table(runs))
    failures = [(name, one.failure) for name, all_ in runs.items() for one in all_ if one.failure]
    for name, failure in failures:
        console.print(f"{name}: {failure}", style="red", markup=False)
    return bool(failures)


def listed(way: Way, videos: int) -> Listed:
    """One run of one way, against a stand-in of its own."""
    with (
        tempfile.TemporaryDirectory(prefix="ytarchive-bench-") as folder,
        SimulatorProcess() as youtube,
    ):
        youtube.set_api_key(KEY)
        youtube.reset_counters()
        playlist = computed_playlist_id(videos)
        cost, failure = way.list_(Path(folder) / "run", youtube.environment(), playlist, videos)
        spent = youtube.api_keys()[KEY]["spent"]
        return Listed(cost, youtube.counters()["total_requests"], sum(spent.values()), failure)


_FIGURES: tuple[tuple[str, Callable[[Listed], float], str], ...] = (
    ("wall clock, s", lambda one: one.cost.wall_seconds, ".2f"),
    ("processor, s", lambda one: one.cost.cpu_seconds, ".2f"),
    ("memory, MiB", lambda one: one.cost.memory_bytes / 2**20, ".0f"),
    ("requests", lambda one: one.requests, ".0f"),
    ("units of the quota", lambda one: one.units, ".0f"),
)


def _table(runs: Mapping[str, list[Listed]]) -> Table:
    """Medians; the ratio is the Data API's figure to that of yt-dlp's command line."""
    table = Table("", *runs, "ratio")
    for label, figure, form in _FIGURES:
        medians = [statistics.median(map(figure, all_)) for all_ in runs.values()]
        first, last = medians[0], medians[-1]
        table.add_row(label, *(f"{each:{form}}" for each in medians), f"{last / first:.2f}" if first else "-")
    return table
