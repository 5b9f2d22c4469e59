"""An index of so many rows, made up: long lists of videos of which nothing or everything is on disk."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from operator import attrgetter
from pathlib import Path

from benchmarks.converged import PAGE, Converged
from ytarchive.adapters.index import Index
from ytarchive.core.desired import Entry, Quality, Target, target_digest, unite
from ytarchive.core.item import FileRecord, Got, Item, Metadata, Provenance
from ytarchive.core.job import ListedVideo, ListingSummary
from ytarchive.core.selection import Format
from ytarchive.reconciler import open_world
from ytarchive.simulator import numbered_video_id

NOW = 1_790_000_000
A_LIST = 100_000
WISH = Target(video=Quality(max=1080))


@dataclass(frozen=True, slots=True)
class _Page:
    source: str
    start: int
    videos: tuple[str, ...]


def make(folder: Path, rows: int) -> Converged:
    """An empty archive whose index wants so many videos, none of which is there."""
    (folder / "manifests").mkdir(parents=True)
    made = Converged(folder, dict(os.environ))
    with open_world(made.settings):
        pass
    with Index.open(index_of(made)) as index:
        index.apply_entries(_entries(rows), NOW)
        for source, pages in groupby(_pages(rows), key=attrgetter("source")):
            _hold_list(index, source, pages)
    return made


def _hold_list(index: Index, source: str, pages: Iterator[_Page]) -> None:
    lines = 0
    index.begin_listing(source, NOW)
    for page in pages:
        index.add_listed(source, [_listed(video) for video in page.videos], page.start)
        lines += len(page.videos)
    index.finish_listing(source, ListingSummary("complete", lines, lines), NOW, NOW + 3600)


def put_everything(made: Converged, rows: int) -> None:
    """Let the index say that all of them are on disk."""
    target = unite([WISH])
    item = _item(target, target_digest(target))
    with Index.open(index_of(made)) as index:
        for page in _pages(rows):
            with index.transaction():
                for video in page.videos:
                    own = replace(item, id=video, files=(_file(video),))
                    index.record_item(own, dir_mtime_ns=1, late_due_at=None)


def index_of(made: Converged) -> Path:
    return made.settings.state.path / "index.sqlite"


def _entries(rows: int) -> list[Entry]:
    return [
        Entry(f"list-{number}", "playlist", f"PL{number}", WISH, priority=number % 3)
        for number in range(-(-rows // A_LIST))
    ]


def _pages(rows: int) -> Iterator[_Page]:
    for start in range(0, rows, PAGE):
        number, inside = divmod(start, A_LIST)
        videos = tuple(numbered_video_id("rows", at) for at in range(start, min(start + PAGE, rows)))
        yield _Page(f"PL{number}", inside, videos)


def _listed(video: str) -> ListedVideo:
    return ListedVideo(video, f"A lecture with a title, {video}", 600, "UC" + "x" * 22, "Lectures")


def _file(video: str) -> FileRecord:
    return FileRecord(f"{video}.0123456789.mkv", 50_000_000, "0" * 64, "video")


def _item(target: Target, digest: str) -> Item:
    picture = Format("137", "video", label=1080, codec="h264")
    sound = Format("251", "audio", audio_codec="opus", language_preference=10)
    return Item(
        id="",
        shard="_",
        wanted_by=(),
        wanted=target,
        target=digest,
        offered=(picture, sound),
        got=Got(video=picture, sound=sound),
        files=(),
        metadata=Metadata(title=""),
        provenance=Provenance("bench", None, None, NOW, "bench"),
    )
