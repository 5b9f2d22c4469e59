"""Items on disk without a worker, and the list that names them: for tests of what becomes of an archive."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from reconciler_house import House

from ytarchive.core.desired import target_digest, unite
from ytarchive.core.item import FileRecord, Got, Item, Metadata, Provenance
from ytarchive.core.job import ListedVideo, ListingSummary
from ytarchive.core.layout import item_file_name
from ytarchive.core.selection import Format
from ytarchive.reconciler import World

LIST = "PLepisodes"
CHANNEL = "UC0123456789abcdefghijkl"
PICTURE = Format("137", "video", label=1080, codec="vp9")


def shown(house: House) -> dict[str, int]:
    """Every path of the library with the inode of what stands there; media alone."""
    library = house.root / "library"
    return {str(path.relative_to(library)): path.stat().st_ino for path in sorted(library.rglob("*.mkv"))}


def listed(world: World, videos: list[str], title: str | None = None, was: Sequence[str] = ()) -> None:
    """A whole reading of the list: `videos` under a title, and of what it listed before, the rest as it was."""
    now = world.clock.now() + 60
    rest = [video for video in was if video not in videos]
    world.index.begin_listing(LIST, now)
    told = [ListedVideo(video, title or f"Title of {video}") for video in videos]
    world.index.add_listed(LIST, [*told, *(ListedVideo(video, None) for video in rest)], 0)
    videos = [*videos, *rest]
    world.index.finish_listing(LIST, ListingSummary("complete", len(videos), len(videos)), now, now + 3600)


def commit(world: World, video: str, title: str = "Title", day: str = "2026-01-01", *, size: int = 1) -> None:
    """An item with media that are its id, some times over, as a worker would have left it."""
    target = unite([world.index.entries()[0].wish])
    staging: Path = world.archive.stage(video)
    content = video.encode() * size
    sha256 = hashlib.sha256(content).hexdigest()
    name = item_file_name(video, sha256, ".mkv")
    (staging / "out" / name).write_bytes(content)
    item = Item(
        id=video,
        shard=CHANNEL,
        wanted_by=("All",),
        wanted=target,
        target=target_digest(target),
        offered=(),
        got=Got(video=PICTURE),
        files=(FileRecord(name, len(content), sha256, "video"),),
        metadata=Metadata(title, channel="A channel", channel_id=CHANNEL, uploaded_on=day),
        provenance=Provenance("1", None, None, world.clock.now(), ""),
    )
    item = replace(item, episode=world.index.next_episode(item.shard, day))
    committed = world.archive.commit(item, staging)
    world.index.record_item(item, dir_mtime_ns=committed.dir_mtime_ns, late_due_at=None)
