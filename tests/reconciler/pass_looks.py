"""A model of one video that YouTube first offers in low quality: what is offered when, and what that costs."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from reconciler_house import QUICK, House

from ytarchive.adapters.executor.model import ModelClock, ModelExecutor, ModelRun
from ytarchive.core.failure import Failure
from ytarchive.core.instant import DAY
from ytarchive.core.item import FileRecord, Got, Metadata
from ytarchive.core.job import Engine, Event, Job, Receipt
from ytarchive.core.late_parts import UNFINISHED
from ytarchive.core.nearness import is_nearer
from ytarchive.core.selection import Format, choose
from ytarchive.reconciler import World, open_world

START = 1_795_392_000
SOUND = Format("251", "audio", audio_codec="opus", language_preference=10)


@dataclass
class LowThenHigh:
    """By day since the start, the best label that is offered from then on. `failure` is what every job meets."""

    folder: Path
    high_from: dict[int, int] | None = None
    video: str = "modelVideo1"
    failure: Failure | None = None
    live_status: Callable[[int], str | None] = lambda day: None
    downloads: int = 0
    started: list[int] = field(default_factory=list)
    clock: ModelClock = field(default_factory=lambda: ModelClock(START))

    def __post_init__(self) -> None:
        self.house = House(self.folder, {**QUICK})
        self.house.want([self.video], quality="{max: 360p, codecs: [h264]}")

    def hire(self, on_event: Callable[[Event], None]) -> ModelExecutor:
        return ModelExecutor(1, model=self.run, clock=self.clock, on_event=on_event)

    def days(self) -> list[int]:
        return [(at - START) // DAY for at in self.started]

    def run(self, job: Job) -> ModelRun:
        self.started.append(self.clock.now())
        if self.failure is not None:
            return ModelRun(2.0, Receipt(job.id, "failed", self.failure))
        day = (self.clock.now() - START) // DAY
        best = max((from_ for from_ in (self.high_from or {0: 144}) if from_ <= day), default=0)
        label = (self.high_from or {0: 144})[best]
        offered = (Format(str(label), "video", label=label, codec="h264"), SOUND)
        choice = choose(offered, job.target)
        assert choice is not None
        status = self.live_status(day)
        metadata = Metadata(title="A video", live_status=status)
        told = Receipt(job.id, "done", offered=offered, metadata=metadata, engine=Engine("model"))
        whole = job.cut and status not in UNFINISHED
        if job.got is not None and not whole and not is_nearer(choice, job.got, job.target):
            return ModelRun(2.0, told)
        self.downloads += 1
        body = f"{label}p of {job.subject} in the state {status}".encode()
        sha256 = hashlib.sha256(body).hexdigest()
        name = f"{job.subject}.{sha256[:10]}.mkv"
        out = Path(job.staging) / "out"
        out.mkdir(exist_ok=True)
        (out / name).write_bytes(body)
        got = Got(choice.video, choice.sound, below_wish=choice.below_wish)
        files = (FileRecord(name, len(body), sha256, "video"),)
        return ModelRun(
            5.0, Receipt(job.id, "done", None, files, offered, got, metadata, engine=Engine("model"))
        )


@contextmanager
def open_model(model: LowThenHigh) -> Iterator[World]:
    with open_world(model.house.settings, clock=model.clock, hire=model.hire) as world:
        yield world
