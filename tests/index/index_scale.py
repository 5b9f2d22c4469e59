"""How the index holds a large archive: times and memory over synthetic rows, for benchmarks to import.

python tests/index/index_scale.py 1000000
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from ytarchive.adapters.index import Index
from ytarchive.core.desired import Entry, Quality, Target, target_digest, unite
from ytarchive.core.item import FileRecord, Got, Item, Metadata, Provenance
from ytarchive.core.job import ListedVideo, ListingSummary
from ytarchive.core.selection import Format

NOW = 1_790_000_000
PAGE = 500
PLAYLIST = 100_000


T = TypeVar("T")


@dataclass(slots=True)
class Measurement:
    """Seconds by step, on the wall and of this process's processor time (which neighbours do not stretch); sizes in MiB."""

    videos: int
    seconds: dict[str, float] = field(default_factory=dict)
    cpu_seconds: dict[str, float] = field(default_factory=dict)
    index_mib: float = 0.0
    peak_mib: float = 0.0

    def time(self, step: str, work: Callable[[], T]) -> T:
        began, spent = time.perf_counter(), time.process_time()
        result = work()
        self.cpu_seconds[step] = round(time.process_time() - spent, 3)
        self.seconds[step] = round(time.perf_counter() - began, 3)
        return result


def video_id(number: int) -> str:
    """A name of 11 characters that is spread over the whole alphabet, as YouTube's are."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    mixed = (number * 0x9E3779B97F4A7C15) % 2**64 << 2
    return "".join(letters[mixed >> 6 * place & 63] for place in range(10, -1, -1))


def listed(number: int) -> ListedVideo:
    return ListedVideo(
        video_id(number), f"A lecture about number {number}, with a title", 600, "UC" + "x" * 22, "Lectures"
    )


def formats(number: int) -> tuple[Format, ...]:
    """What YouTube offers of an ordinary video: four sounds, and six sizes in three codecs."""
    sounds = (("139", "aac", 49.0), ("140", "aac", 130.0), ("249", "opus", 55.0), ("251", "opus", 140.0))
    return tuple(
        Format(
            itag,
            "audio",
            audio_codec=codec,
            bitrate_kbps=rate + number % 97 / 10,
            clen=number * 977 + 1_000_000,
            lmt=str(1_700_000_000_000_000 + number * 7919),
            language="en",
            language_preference=10,
        )
        for itag, codec, rate in sounds
    ) + tuple(
        Format(
            f"{codec}{label}",
            "video",
            label=label,
            width=label * 16 // 9,
            height=label,
            fps=30.0,
            codec=codec,
            bitrate_kbps=label * 2 + number % 89 / 10,
            clen=number * 1009 + label * 50_000,
            lmt=str(1_700_000_000_000_000 + number * 7907 + label),
        )
        for codec in ("h264", "vp9", "av1")
        for label in (144, 240, 360, 480, 720, 1080)
    )


def item(number: int, target: Target, digest: str) -> Item:
    video = video_id(number)
    offered = formats(number)
    return Item(
        id=video,
        shard="UC" + f"{number % 200:022d}",
        wanted_by=("list-0",),
        wanted=target,
        target=digest,
        offered=offered,
        got=Got(video=offered[-1], sound=offered[3], duration_seconds=600.0),
        files=(FileRecord(f"{video}.0123456789.mkv", 50_000_000, "0" * 64, "video"),),
        metadata=Metadata(
            f"A lecture about number {number}, with a title", "Lectures", "UC" + "x" * 22, "2024-05-01", 600.0
        ),
        provenance=Provenance("2026.10.26", "0.8.0", "tv", NOW, "0" * 64),
    )


def playlists(videos: int) -> Iterator[tuple[Entry, range]]:
    wish = Target(video=Quality(max=1080))
    for number, start in enumerate(range(0, videos, PLAYLIST)):
        entry = Entry(f"list-{number}", "playlist", f"PL{number}", wish, priority=number % 3)
        yield entry, range(start, min(start + PLAYLIST, videos))


def fill_listing(index: Index, source: str, numbers: range) -> None:
    index.begin_listing(source, NOW)
    for start in range(0, len(numbers), PAGE):
        index.add_listed(source, [listed(number) for number in numbers[start : start + PAGE]], start)
    index.finish_listing(source, ListingSummary("complete", len(numbers), len(numbers)), NOW, NOW + 3600)


def fill_listings(index: Index, lists: list[tuple[Entry, range]]) -> None:
    for entry, numbers in lists:
        fill_listing(index, entry.source, numbers)


def fill_items(index: Index, numbers: range, target: Target) -> None:
    digest = target_digest(target)
    for start in range(0, len(numbers), 10_000):
        with index.transaction():
            for number in numbers[start : start + 10_000]:
                index.record_item(item(number, target, digest), dir_mtime_ns=number, late_due_at=None)


def count(rows: Iterator[object]) -> int:
    return sum(1 for _ in rows)


def measure(videos: int, path: Path, *, items: bool = True) -> Measurement:
    """Fill an index at `path` (a new file) with `videos`, and time what a pass does with it."""
    measured = Measurement(videos)
    lists = list(playlists(videos))
    entries = [entry for entry, _ in lists]
    with Index.open(path) as index:
        measured.time("entries", lambda: index.apply_entries(entries, NOW))
        measured.time("listings", lambda: fill_listings(index, lists))
        measured.time("first row", lambda: next(index.candidates(NOW)))
        measured.time("all missing", lambda: count(index.candidates(NOW)))
        measured.time("settled, all missing", lambda: index.settled(NOW))
        measured.time(
            "first list again, one more on top",
            lambda: fill_listing(index, "PL0", range(-1, min(videos, PLAYLIST))),
        )
        if items:
            target = unite([entries[0].wish])
            measured.time("items", lambda: fill_items(index, range(videos), target))
            measured.time("nothing to do", lambda: count(index.candidates(NOW)))
            measured.time("settled", lambda: index.settled(NOW))
            measured.time("wanted", lambda: index.wanted_count())
            measured.time("one video", lambda: count(index.candidates(NOW, videos=[video_id(5)])))
            measured.time("known items", lambda: count(index.known_items()))
            changed = [replace(entry, wish=Target(video=Quality(max=720))) for entry in entries]
            measured.time("one entry changed", lambda: index.apply_entries([changed[0], *entries[1:]], NOW))
            measured.time("rows of it", lambda: count(index.candidates(NOW)))
            measured.time("every entry changed", lambda: index.apply_entries(changed, NOW))
            measured.time("rows of all", lambda: count(index.candidates(NOW)))
    measured.index_mib = round(path.stat().st_size / 2**20, 1)
    measured.time("open again", lambda: Index.open(path).close())
    measured.peak_mib = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)
    return measured


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        result = measure(int(sys.argv[1]), Path(folder) / "index.sqlite")
        for step, seconds in result.seconds.items():
            print(f"{step:36} {seconds:8.3f} s {result.cpu_seconds[step]:8.3f} s CPU")
        print(f"{result.videos} videos: index {result.index_mib} MiB, peak memory {result.peak_mib} MiB")
