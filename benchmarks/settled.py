"""Folders as they are after everything was fetched, made in seconds: what a run with nothing to do starts from."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

from benchmarks.contenders import Contender
from ytarchive import settings
from ytarchive.core.desired import Target
from ytarchive.core.item import FileRecord, Got, Item, Metadata, Provenance
from ytarchive.core.layout import item_file_name
from ytarchive.core.plan import Action
from ytarchive.core.selection import Format
from ytarchive.reconciler import open_world, plan
from ytarchive.reconciler.linking import link_all
from ytarchive.reconciler.world import World
from ytarchive.simulator import numbered_video_id

BODY = b"no real media: a run with nothing to do never opens it\n"


def settle_yt_dlp(folder: Path, playlist: str, videos: int) -> None:
    """yt-dlp knows what it has from its archive file."""
    lines = (f"youtube {numbered_video_id(playlist, number)}\n" for number in range(videos))
    (folder / "archive.txt").write_text("".join(lines))


def settle_ytarchive(contender: Contender, playlist: str, videos: int) -> None:
    """Read the list for real, then put an item in place for each video of it."""
    command = [*contender.command[:2], "ytarchive", "--quiet", "plan"]
    subprocess.run(command, cwd=contender.folder, env=contender.environment, check=True, capture_output=True)
    loaded = settings.load(None, contender.environment, {}, contender.folder)
    with open_world(loaded) as world:
        _, decisions = plan(world)
        wanted = [decision for decision in decisions if decision.action is Action.FETCH]
        assert len(wanted) == videos, f"{playlist} has {len(wanted)} of {videos} videos"
        for decision in wanted:
            _put(world, decision.video, decision.target)
    with open_world(loaded) as world:
        link_all(world)


def _put(world: World, video: str, digest: str) -> None:
    target: Target = world.index.target(digest)
    staging = world.archive.tree.videos / "_" / video
    staging.mkdir(parents=True)
    body = BODY + video.encode()
    sha256 = hashlib.sha256(body).hexdigest()
    name = item_file_name(video, sha256, ".mkv")
    (staging / name).write_bytes(body)
    picture = Format("134", "video", label=360, codec="h264")
    sound = Format("251", "audio", audio_codec="opus", language_preference=10)
    item = Item(
        id=video,
        shard="_",
        wanted_by=("bench",),
        wanted=target,
        target=digest,
        offered=(picture, sound),
        got=Got(video=picture, sound=sound),
        files=(FileRecord(name, len(body), sha256, "video"),),
        metadata=Metadata(title=f"Video {video}"),
        provenance=Provenance("bench", None, None, world.clock.now(), "bench"),
    )
    from ytarchive.core.codec import encode

    (staging / "item.json").write_bytes(encode(item))
