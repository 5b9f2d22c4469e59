"""A whole archive in a temporary folder, with real workers in front of the stand-in."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ytarchive import settings as settings_module
from ytarchive.adapters.clock import SystemClock
from ytarchive.core.codec import decode
from ytarchive.core.item import Item
from ytarchive.core.report import Ending, Outcome, PassReport
from ytarchive.reconciler import Silent, World, open_world, reconcile_once
from ytarchive.settings import Settings

QUICK = {
    "YTARCHIVE_LIMITS__VIDEOS_PER_HOUR": "0",
    "YTARCHIVE_LIMITS__PAUSE": "0s",
    "YTARCHIVE_LIMITS__EXTRACTIONS": "2",
    "YTARCHIVE_ARCHIVE__MIN_FREE": "0",
}
SMALL = "{max: 144p, min: 144p, codecs: [h264]}"


@dataclass
class Listener(Silent):
    """Keeps what a pass tells."""

    notes: list[str] = field(default_factory=list)
    ends: list[tuple[str, Outcome, str | None]] = field(default_factory=list)

    def note(self, text: str) -> None:
        self.notes.append(text)

    def ended(self, end: Ending) -> None:
        self.ends.append((end.decision.video, end.outcome, end.failure.code if end.failure else None))


@dataclass
class House:
    """One archive with its manifests and state, and a pass at the press of a button."""

    folder: Path
    environment: dict[str, str]
    listener: Listener = field(default_factory=Listener)

    @property
    def root(self) -> Path:
        return self.folder / "archive"

    @property
    def state(self) -> Path:
        return self.folder / "state"

    @property
    def settings(self) -> Settings:
        return settings_module.load(None, self.environment, {}, self.folder)

    def manifest(self, text: str, name: str = "wanted.yaml") -> None:
        folder = self.folder / "manifests"
        folder.mkdir(exist_ok=True)
        (folder / name).write_text(f"version: 1\n{text}")

    def want(self, videos: Sequence[str], quality: str = SMALL, **keys: str) -> None:
        """A manifest that wants these videos, small ones unless `quality` says so."""
        defaults = {"quality": quality, "captions": "{languages: []}", "sidecars": "[]", **keys}
        lines = "".join(f"  {key}: {value}\n" for key, value in defaults.items())
        listed = "".join(f"  - {json.dumps(video)}\n" for video in videos)
        self.manifest(f"defaults:\n{lines}videos:\n{listed}")

    @contextmanager
    def open(self) -> Iterator[World]:
        with open_world(self.settings, observer=self.listener) as world:
            yield world

    def run(self, **options: Any) -> PassReport:
        self.listener.ends.clear()
        with self.open() as world:
            return reconcile_once(world, **options)

    def item(self, video: str) -> Item:
        (path,) = self.root.glob(f"videos/*/{video}/item.json")
        return decode(Item, path.read_bytes())

    def committed(self) -> set[str]:
        return {path.parent.name for path in self.root.glob("videos/*/*/item.json")}

    def staging(self) -> list[str]:
        return sorted(path.name for path in (self.root / ".ytarchive" / "staging").iterdir())

    def snapshot(self) -> dict[str, tuple[int, int]]:
        """Every file of the archive with its inode and size."""
        return {
            str(path.relative_to(self.root)): (path.stat().st_ino, path.stat().st_size)
            for path in sorted(self.root.rglob("*"))
            if path.is_file() and path.name != "lock"
        }


class MovedClock(SystemClock):
    """The real clock, some time from now; waiting is as in real life."""

    def __init__(self) -> None:
        super().__init__()
        self.ahead = 0

    def now(self) -> int:
        return super().now() + self.ahead


@contextmanager
def opened(house: House, clock: MovedClock) -> Iterator[World]:
    with open_world(house.settings, observer=house.listener, clock=clock) as world:
        yield world
