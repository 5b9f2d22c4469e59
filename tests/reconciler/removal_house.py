"""An archive in simulated time whose lists and videos change at a word: a model of YouTube, real disk, real index."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from reconciler_house import QUICK, House

from ytarchive.adapters.executor.model import ModelClock, ModelExecutor, ModelRun
from ytarchive.core.codec import plain
from ytarchive.core.failure import Evidence, verdict
from ytarchive.core.instant import DAY
from ytarchive.core.item import FileRecord, Got, Metadata
from ytarchive.core.job import Engine, Event, Job, ListedVideo, ListingSummary, Receipt
from ytarchive.core.report import PassReport
from ytarchive.core.selection import Format
from ytarchive.reconciler import PlanDocument, open_world, plan_document, reconcile_once, refresh
from ytarchive.reconciler.quarantining import in_quarantine

START = 1_790_000_000
CHANNEL = "UC0123456789abcdefghijkl"
LIST = "PLremovals00000000000000000000000a"
OFFERED = (
    Format("134", "video", label=360, codec="h264"),
    Format("251", "audio", audio_codec="opus", language_preference=10),
)


def video_id(number: int) -> str:
    return f"-gone{number:06d}"


@dataclass
class YouTube:
    """What the lists show, the newest first, and the code that asking about a video ends with."""

    clock: ModelClock
    lists: dict[str, list[str]] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def hire(self, on_event: Callable[[Event], None]) -> ModelExecutor:
        return ModelExecutor(4, model=self.run, clock=self.clock, on_event=on_event)

    def run(self, job: Job) -> ModelRun:
        if job.kind == "list":
            return self._list(job)
        self.asked.append(f"{job.kind} {job.subject}")
        code = self.codes.get(job.subject)
        if code is not None:
            failure = verdict(code, Evidence(stage="extract", message=f"the model says {code}"))
            return ModelRun(1.0, Receipt(job=job.id, outcome="failed", failure=failure))
        return self._fetch(job) if job.kind == "fetch" else ModelRun(1.0, Receipt(job=job.id, outcome="done"))

    def _list(self, job: Job) -> ModelRun:
        code = self.codes.get(job.subject)
        if code is not None:
            failure = verdict(code, Evidence(stage="list", message=f"the model says {code}"))
            return ModelRun(1.0, Receipt(job=job.id, outcome="failed", failure=failure))
        videos = self.lists[job.subject][::-1]  # a playlist shows the oldest first
        expected = self.counts.get(job.subject, len(videos))
        # What is gone stands in a list without its title.
        titles = {video: "[Deleted video]" for video in videos if video in self.codes}
        lines = [plain(ListedVideo(video, titles.get(video, f"Video {video}"), 60)) for video in videos]
        entries = Event(job.id, 1, "entries", {"videos": lines, "expected": expected})
        kind: Any = "complete" if expected == len(videos) else "short"
        if expected >= 2 * len(videos) > 0:
            kind = "partial"
        summary = ListingSummary(kind, expected, len(videos))
        return ModelRun(1.0, Receipt(job=job.id, outcome="done", listing=summary), (entries,))

    def _fetch(self, job: Job) -> ModelRun:
        body = f"media of {job.subject}".encode()
        sha256 = hashlib.sha256(body).hexdigest()
        name = f"{job.subject}.{sha256[:10]}.mkv"
        (Path(job.staging) / "out" / name).write_bytes(body)
        receipt = Receipt(
            job=job.id,
            outcome="done",
            files=(FileRecord(name, len(body), sha256, "video"),),
            offered=OFFERED,
            got=Got(video=OFFERED[0], sound=OFFERED[1]),
            metadata=Metadata(f"Video {job.subject}", channel="A channel", channel_id=CHANNEL),
            engine=Engine("model"),
        )
        return ModelRun(1.0, receipt)


@dataclass
class Bench:
    """A house in front of that model, and passes in its time."""

    house: House
    youtube: YouTube

    @classmethod
    def at(cls, folder: Path, start: int = START) -> Bench:
        return cls(House(folder, dict(QUICK)), YouTube(ModelClock(start)))

    @property
    def clock(self) -> ModelClock:
        return self.youtube.clock

    def run(self, **options: Any) -> PassReport:
        with open_world(
            self.house.settings, clock=self.clock, hire=self.youtube.hire, observer=self.house.listener
        ) as world:
            return reconcile_once(world, max_wait_seconds=0, whole=True, **options)

    def plan(self, **options: Any) -> PlanDocument:
        with open_world(
            self.house.settings, clock=self.clock, hire=self.youtube.hire, observer=self.house.listener
        ) as world:
            refresh(world, whole=True)
            return plan_document(world, **options)

    def later(self, seconds: int = DAY) -> None:
        self.clock.wait(seconds)

    def follow(self, videos: list[str], **keys: str) -> None:
        """One list with these videos, the newest first, and an entry that follows it."""
        self.youtube.lists[LIST] = videos
        told = "".join(f", {key}: {value}" for key, value in keys.items())
        self.house.manifest(
            f"defaults: {{captions: {{languages: []}}, sidecars: []}}\nplaylists:\n  - {{playlist: {LIST}, name: tv{told}}}\n"
        )

    def quarantined(self) -> set[str]:
        with open_world(self.house.settings, clock=self.clock) as world:
            return {one.video for one in in_quarantine(world)}

    def library(self) -> set[str]:
        """The videos that the library shows."""
        return {path.stem[-12:-1] for path in (self.house.root / "library").rglob("*.mkv")}

    def journal(self) -> list[dict[str, Any]]:
        folder = self.house.root / ".ytarchive" / "decisions"
        lines = [line for path in sorted(folder.glob("*.jsonl")) for line in path.read_text().splitlines()]
        return [json.loads(line) for line in lines]
