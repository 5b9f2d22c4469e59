"""Where things lie below the root of an archive (format 1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ytarchive.core.layout import is_id
from ytarchive.errors import ArchiveError

if TYPE_CHECKING:
    from pathlib import Path

ITEM = "item.json"  # the commit marker
UPDATE = "update.json"  # the next item.json, while it waits for its files to be beside the old ones
LEASE = "lease.json"
OUT = "out"  # what the worker hands over
TAKEN = "taken"  # an `out/` whose update has begun: nobody but the committer touches it
SUPERSEDED = "superseded"  # marks a staging folder that another attempt was made beside
NO_SHARD = "_"


@dataclass(frozen=True, slots=True)
class Tree:
    """The paths of one archive; `root` is absolute and holds no symbolic link."""

    root: Path

    @property
    def own(self) -> Path:
        return self.root / ".ytarchive"

    @property
    def sentinel(self) -> Path:
        return self.own / "archive.json"

    @property
    def lock(self) -> Path:
        return self.own / "lock"

    @property
    def decisions(self) -> Path:
        return self.own / "decisions"

    @property
    def staging(self) -> Path:
        return self.own / "staging"

    @property
    def videos(self) -> Path:
        return self.root / "videos"

    @property
    def library(self) -> Path:
        return self.root / "library"

    @property
    def folders(self) -> tuple[Path, ...]:
        """Every folder of an empty archive, parents first."""
        return (self.own, self.decisions, self.staging, self.videos, self.library)

    def shard(self, shard: str) -> Path:
        if shard != NO_SHARD and not is_id(shard):
            raise ArchiveError(f"{shard!r} cannot name a folder of videos: a channel id or {NO_SHARD!r} can")
        return self.videos / shard

    def item(self, shard: str, video: str) -> Path:
        """The folder of one committed video."""
        if not is_id(video):
            raise ArchiveError(f"{video!r} cannot name a video's folder: a video id can")
        return self.shard(shard) / video
