"""Large archives in which nothing is left to do, written straight to disk and into the index in seconds.

Every file is as the format says, only tiny: passes and scans look at names, times and sizes, and never open media.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

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

ENTRY = "wanted"
SHARDS = 200
PAGE = 5_000
QUALITY = "{max: 360p, codecs: [h264]}"
PLAYLIST = "PLconvergedconvergedconvergedconve"
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


@dataclass(frozen=True, slots=True)
class Converged:
    """A folder with manifests, archive and state that agree."""

    folder: Path
    environment: Mapping[str, str]

    @property
    def settings(self) -> Settings:
        return load(None, self.environment, {}, self.folder)


def video_id(number: int) -> str:
    """A name of 11 characters, spread over the whole alphabet as YouTube's are."""
    mixed = (number * 0x9E3779B97F4A7C15) % 2**64 << 2
    return "".join(_LETTERS[mixed >> 6 * place & 63] for place in range(10, -1, -1))


def make(folder: Path, items: int, *, source: str, clock: Clock | None = None) -> Converged:
    """An archive of so many items, wanted as `source` says: "ids" in a list beside the manifest, or a "playlist"."""
    made = Converged(folder, {**os.environ, **LIMITS})
    _write_manifest(folder / "manifests", items, source)
    with open_world(made.settings, clock=clock) as world:
        (entry,) = world.index.entries()
        target = unite([entry.wish])
        for start in range(0, items, PAGE):
            _put_page(world, range(start, min(start + PAGE, items)), target)
        if source == "playlist":
            _hold_list(world, items)
    return made


def _write_manifest(folder: Path, items: int, source: str) -> None:
    folder.mkdir(parents=True)
    wish = f"quality: {QUALITY}, captions: {{languages: []}}, sidecars: [], embed: []"
    if source == "playlist":
        listed = f"playlists:\n  - {{playlist: {PLAYLIST}, name: {ENTRY}, {wish}}}\n"
    else:
        listed = f"defaults: {{{wish}}}\nvideos_from: ids.txt\n"
        (folder / "ids.txt").write_text("".join(f"{video_id(number)}\n" for number in range(items)))
    (folder / f"{ENTRY}.yaml").write_text(f"version: 1\n{listed}")


def _put_page(world: World, numbers: range, target: Target) -> None:
    """Items on disk, their names in the library, and both in the index: what a pass leaves behind."""
    template = _template(target, world.clock.now())
    library = world.archive.tree.library / ENTRY
    library.mkdir(exist_ok=True)
    views = []
    with world.index.transaction():
        for number in numbers:
            item, body = _item(template, number)
            folder = world.archive.tree.item(item.shard, item.id)
            folder.mkdir(parents=True)
            media = folder / item.files[0].name
            media.write_bytes(body)
            (folder / "item.json").write_bytes(encode(item))
            name = flat_name(item.metadata.title, item.id, ".mkv")
            (library / name).hardlink_to(media)
            status = media.stat()
            views.append((ENTRY, name, item.id, status.st_dev, status.st_ino))
            world.index.record_item(item, dir_mtime_ns=folder.stat().st_mtime_ns, captions_due_at=None)
        world.index.record_views(views)


def _item(template: Item, number: int) -> tuple[Item, bytes]:
    video, body = video_id(number), b"no real media %d\n" % number
    sha256 = hashlib.sha256(body).hexdigest()
    record = FileRecord(item_file_name(video, sha256, ".mkv"), len(body), sha256, "video")
    title = Metadata(title=f"A lecture about number {number}, with a title")
    return replace(
        template, id=video, shard=f"UC{number % SHARDS:022d}", files=(record,), metadata=title
    ), body


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


def _hold_list(world: World, items: int) -> None:
    """The index knows the whole list, as after a complete reading."""
    now = world.clock.now()
    world.index.begin_listing(PLAYLIST, now)
    for page in _pages(items):
        world.index.add_listed(PLAYLIST, [ListedVideo(video_id(number)) for number in page], page.start)
    world.index.finish_listing(PLAYLIST, ListingSummary("complete", items, items), now, now + 3600)


def _pages(items: int) -> Iterator[range]:
    return (range(start, min(start + PAGE, items)) for start in range(0, items, PAGE))
