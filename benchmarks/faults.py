"""A catalogue fetched while YouTube is unwell: how much one pass archives with the default retries, and whether it is whole.

10 % of the answers about videos are HTTP 503, and 20 % of the requests for media fail: an HTTP 503, a reset, or an
answer that is cut. Which ones is drawn from seeds. Afterwards every archived file is compared with what the stand-in
serves, packet by packet.
"""

from __future__ import annotations

import hashlib
import io
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import av
from rich.console import Console
from rich.table import Table

from benchmarks.contenders import LIMITS, QUALITY
from ytarchive.adapters.clock import SystemClock
from ytarchive.core.codec import decode
from ytarchive.core.item import Item
from ytarchive.reconciler import World, open_world, reconcile_once
from ytarchive.settings import load
from ytarchive.simulator import Simulator, computed_playlist_id
from ytarchive.simulator.formats import formats_of
from ytarchive.simulator.media import MediaLibrary, media_file, stamp

VIDEOS = 500
WANTED_SHARE = 0.95
PAGES_FAIL = 0.10
MEDIA_FAIL = 0.20
MOST_PASSES = 8


class LaterClock(SystemClock):
    """The real clock, some time from now: what a person would wait for is skipped."""

    def __init__(self) -> None:
        super().__init__()
        self.ahead_seconds = 0

    def now(self) -> int:
        return super().now() + self.ahead_seconds


@dataclass(slots=True)
class Found:
    """How many videos were archived after each pass, and which archived ones are not what the stand-in serves."""

    videos: int
    had: list[int] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    failures: list[dict[str, int]] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    faults: dict[str, int] = field(default_factory=dict)

    @property
    def is_good(self) -> bool:
        enough = bool(self.had) and self.had[0] >= WANTED_SHARE * self.videos
        return enough and self.had[-1] == self.videos and not self.broken


def measure(console: Console, videos: int | None, at_once: int = 4) -> bool:
    """Run it and print what came of it; True when too little was archived at once, or anything is broken."""
    with tempfile.TemporaryDirectory(prefix="ytarchive-bench-") as folder, console.status("faults ..."):
        found = fetch_among_faults(Path(folder), videos or VIDEOS, at_once)
    console.print(
        f"faults: {found.videos} videos, {PAGES_FAIL:.0%} of pages and {MEDIA_FAIL:.0%} of media requests fail"
    )
    table = Table("pass", "archived", "share", "seconds", "could not be had")
    for number, had in enumerate(found.had):
        failures = ", ".join(f"{count} {code}" for code, count in found.failures[number].items())
        share = f"{had / found.videos:.1%}"
        table.add_row(str(number + 1), str(had), share, f"{found.seconds[number]:.0f}", failures)
    console.print(table)
    console.print("faults that were met: " + ", ".join(f"{n} {kind}" for kind, n in found.faults.items()))
    console.print(f"not what was served: {', '.join(found.broken) or 'none'}")
    return not found.is_good


def fetch_among_faults(folder: Path, videos: int, at_once: int) -> Found:
    """Passes over a playlist of so many videos until all are archived; between them, what is due next is waited for."""
    found = Found(videos)
    clock = LaterClock()
    with Simulator() as youtube:
        arm(youtube)
        with _world(folder, youtube, videos, at_once, clock) as world:
            for _ in range(MOST_PASSES):
                began = time.monotonic()
                report = reconcile_once(world)
                found.seconds.append(time.monotonic() - began)
                found.had.append(report.books.have)
                found.failures.append(report.failures)
                if report.books.have == videos:
                    break
                clock.ahead_seconds += max(0, (report.next_due_at or 0) - clock.now()) + 3600
        found.faults = dict(youtube.counters()["faults"])
        found.broken = [path.parent.name for path in _items(folder) if not is_as_served(youtube, path)]
    return found


def arm(youtube: Simulator) -> None:
    """Three faults that each hit as often make `MEDIA_FAIL` together."""
    youtube.add_fault("status", value=503, request="watch", probability=PAGES_FAIL, seed=1)
    youtube.add_fault("status", value=503, request="player", probability=PAGES_FAIL, seed=2)
    each = 1 - (1 - MEDIA_FAIL) ** (1 / 3)
    youtube.add_fault("status", value=503, request="media", probability=each, seed=3)
    youtube.add_fault("reset", value=2000, request="media", probability=each, seed=4)
    youtube.add_fault("truncate", value=0.4, request="media", probability=each, seed=5)


def is_as_served(youtube: Simulator, item_path: Path) -> bool:
    """Whether an item's files are those that item.json names, and hold every packet of the formats that were taken."""
    item = decode(Item, item_path.read_bytes())
    for file in item.files:
        content = (item_path.parent / file.name).read_bytes()
        if len(content) != file.bytes or hashlib.sha256(content).hexdigest() != file.sha256:
            return False
    (media,) = (file for file in item.files if file.role == "video")
    streams = _packets((item_path.parent / media.name).read_bytes())
    taken = [one for one in (item.got.video, item.got.sound) if one is not None]
    served = [packets for one in taken for packets in _packets(_served(youtube, item.id, one.itag)).items()]
    return sorted(streams.items()) == sorted(served)


def _served(youtube: Simulator, video_id: str, itag: str) -> bytes:
    video = youtube.video(video_id)
    assert video is not None
    (form,) = (form for form in formats_of(video) if str(form.itag) == itag)
    mark = stamp(video.id, form.itag, form.language, video.revision)
    body = media_file(MediaLibrary().template(form.recipe), form.recipe, mark, form.length)
    return body.read(0, body.length)


def _packets(content: bytes) -> dict[str, str]:
    """A digest of the packets of each stream."""
    with av.open(io.BytesIO(content), mode="r") as container:
        told = {stream.index: hashlib.sha256() for stream in container.streams}
        kinds = {stream.index: str(stream.type) for stream in container.streams}
        for packet in container.demux():
            told[packet.stream.index].update(bytes(packet))
    return {kinds[index]: digest.hexdigest() for index, digest in told.items()}


def _items(folder: Path) -> Iterator[Path]:
    yield from sorted(folder.glob("archive/videos/*/*/item.json"))


@contextmanager
def _world(folder: Path, youtube: Simulator, videos: int, at_once: int, clock: LaterClock) -> Iterator[World]:
    """An archive of its own that wants the playlist, with workers that find nothing but the stand-in."""
    manifests = folder / "manifests"
    manifests.mkdir()
    (manifests / "bench.yaml").write_text(
        f"version: 1\nplaylists:\n  - {{playlist: {computed_playlist_id(videos)}, name: bench, quality: {QUALITY},"
        " captions: {languages: []}, sidecars: [], embed: []}\n"
    )
    limits = {"YTARCHIVE_LIMITS__DOWNLOADS": str(at_once), "YTARCHIVE_LIMITS__EXTRACTIONS": "2"}
    environment = {**LIMITS, **limits}
    before = {name: os.environ.get(name) for name in youtube.environment()}
    os.environ.update(youtube.environment())
    try:
        with open_world(load(None, environment, {}, folder), clock=clock) as world:
            yield world
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value
