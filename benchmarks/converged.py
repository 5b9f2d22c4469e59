"""Large archives in which nothing is left to do, written straight to disk and into the index in seconds.

Every file is as the format says, only tiny: passes and scans look at names, times and sizes, and never open media.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from benchmarks.contenders import LIMITS
from ytarchive.adapters.clock import Clock
from ytarchive.core.codec import encode
from ytarchive.core.desired import Target, target_digest, unite
from ytarchive.core.item import FileRecord, Got, Item, Metadata, Provenance
from ytarchive.core.job import ListedVideo, ListingSummary
from ytarchive.core.layout import flat_name, item_file_name
from ytarchive.core.selection import Format
from ytarchive.reconciler import World, open_world
from ytarchive.settings import Settings, load
from ytarchive.simulator import computed_playlist_id, numbered_video_id

ENTRY = "wanted"
SHARDS = 200
PAGE = 5_000
QUALITY = "{max: 360p, codecs: [h264]}"
Source = Literal["ids", "playlist"]


@dataclass(frozen=True, slots=True)
class Converged:
    """A folder with manifests, archive and state that agree."""

    folder: Path
    environment: Mapping[str, str]

    @property
    def settings(self) -> Settings:
        return load(None, self.environment, {}, self.folder)


def make(folder: Path, items: int, source: Source, *, clock: Clock | None = None) -> Converged:
    """An archive of so many items, wanted by a list of ids beside the manifest, or by a playlist of the stand-in."""
    made = Converged(folder, {**os.environ, **LIMITS})
    playlist = computed_playlist_id(items)
    videos = [numbered_video_id(playlist, number) for number in range(items)]
    _write_manifest(folder / "manifests", videos if source == "ids" else playlist)
    with open_world(made.settings, clock=clock) as world:
        (entry,) = world.index.entries()
        target = unite([entry.wish])
        for page in _pages(videos):
            _put_page(world, page, target)
        if source == "playlist":
            _hold_list(world, playlist, videos)
    return made


def _pages(videos: list[str]) -> Iterator[list[str]]:
    return (videos[start : start + PAGE] for start in range(0, len(videos), PAGE))


def _write_manifest(folder: Path, wanted: list[str] | str) -> None:
    folder.mkdir(parents=True)
    wish = f"quality: {QUALITY}, captions: {{languages: []}}, sidecars: [], embed: []"
    if isinstance(wanted, str):
        listed = f"playlists:\n  - {{playlist: {wanted}, name: {ENTRY}, {wish}}}\n"
    else:
        listed = f"defaults: {{{wish}}}\nvideos_from: ids.txt\n"
        (folder / "ids.txt").write_text("".join(f"{video}\n" for video in wanted))
    (folder / f"{ENTRY}.yaml").write_text(f"version: 1\n{listed}")


def _put_page(world: World, videos: list[str], target: Target) -> None:
    """Items on disk, their names in the library, and both in the index: what a pass leaves behind."""
    template = _template(target, world.clock.now())
    library = world.archive.tree.library / ENTRY
    library.mkdir(exist_ok=True)
    views = []
    with world.index.transaction():
        for video in videos:
            item, body = _item(template, video)
            folder = world.archive.tree.item(item.shard, video)
            folder.mkdir(parents=True)
            media = folder / item.files[0].name
            media.write_bytes(body)
            (folder / "item.json").write_bytes(encode(item))
            name = flat_name(item.metadata.title, video, ".mkv")
            (library / name).hardlink_to(media)
            status = media.stat()
            views.append((ENTRY, name, video, status.st_dev, status.st_ino, ""))
            world.index.record_item(item, dir_mtime_ns=folder.stat().st_mtime_ns, late_due_at=None)
        world.index.record_views(views)


def _item(template: Item, video: str) -> tuple[Item, bytes]:
    body = b"no real media, but that of " + video.encode()
    sha256 = hashlib.sha256(body).hexdigest()
    record = FileRecord(item_file_name(video, sha256, ".mkv"), len(body), sha256, "video")
    shard = f"UC{int(sha256[:8], 16) % SHARDS:022d}"
    metadata = Metadata(title=f"A lecture with a title, {video}")
    return replace(template, id=video, shard=shard, files=(record,), metadata=metadata), body


def _template(target: Target, now: int) -> Item:
    picture = Format("134", "video", label=360, codec="h264")
    sound = Format("251", "audio", audio_codec="opus", language_preference=10)
    return Item(
        id="",
        shard="",
        wanted_by=(ENTRY,),
        wanted=target,
        target=target_digest(target),
        offered=(picture, sound),
        got=Got(video=picture, sound=sound),
        files=(),
        metadata=Metadata(title=""),
        provenance=Provenance("bench", None, None, now, "bench"),
    )


def _hold_list(world: World, playlist: str, videos: list[str]) -> None:
    """The index knows the whole list, as after a complete reading."""
    now = world.clock.now()
    world.index.begin_listing(playlist, now)
    for number, page in enumerate(_pages(videos)):
        world.index.add_listed(playlist, [ListedVideo(video) for video in page], number * PAGE)
    summary = ListingSummary("complete", len(videos), len(videos))
    world.index.finish_listing(playlist, summary, now, now + 3600)
