"""Kill a process at every step of an upgrade, from the job's receipt to the library, and tell what a restart finds.

Run as a program: `upgrade_kills.py KIND FOLDER [EVERY]` prints one JSON line for each step at which it killed. It forks, so
it must have one thread, which a test process has not. KIND is `media` (a better quality was downloaded), `marks` (the
file on disk was made anew) or `title` (another one was listed, which the item's history keeps). The job itself is a model's: what it leaves in staging is what a worker leaves.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import apsw
from dying import killed_at
from pass_looks import START, LowThenHigh, open_model

from ytarchive.adapters.archive import Archive, Disk
from ytarchive.adapters.executor.model import ModelRun
from ytarchive.core.codec import decode
from ytarchive.core.failure import Evidence, verdict
from ytarchive.core.instant import DAY, HOUR
from ytarchive.core.item import FileRecord, Item
from ytarchive.core.job import Job, Receipt, VideoDetails
from ytarchive.core.sponsor import Segment, Sponsors
from ytarchive.reconciler import reconcile_once

AT_MOST = 200


@dataclass
class Upgraded(LowThenHigh):
    """A video that gets better, or is marked otherwise, after a day; `silent`: SponsorBlock never answers."""

    kind: str = "media"
    silent: bool = False
    asked: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__post_init__()
        marks = {"sponsorblock": "{mark: [sponsor]}"} if self.kind == "marks" else {}
        best = 360 if self.kind == "media" else 144
        quality = f"{{max: {best}p, codecs: [h264]}}"
        self.house.want([self.video], quality=quality, library="{name: tv}", **marks)
        self.high_from = {0: 144, 1: 360} if self.kind == "media" else {0: 144}

    def run(self, job: Job) -> ModelRun:
        return self._mark(job) if job.kind == "mark" else super().run(job)

    def _mark(self, job: Job) -> ModelRun:
        """The same media with other chapters."""
        self.asked.append((self.clock.now() - START) // DAY)
        if self.silent:
            return ModelRun(1.0, Receipt(job.id, "failed", verdict("SPONSORBLOCK", Evidence("marks"))))
        body = b"marked " + job.subject.encode()
        sha256 = hashlib.sha256(body).hexdigest()
        name = f"{job.subject}.{sha256[:10]}.mkv"
        out = Path(job.staging) / "out"
        out.mkdir(exist_ok=True)
        (out / name).write_bytes(body)
        told = Sponsors(0, job.target.marks, marks=(Segment(1, 2, "sponsor"),))
        files = (FileRecord(name, len(body), sha256, "video"),)
        return ModelRun(1.0, Receipt(job.id, "done", files=files, sponsors=told))


def model_in(folder: Path, kind: str) -> Upgraded:
    folder.mkdir(exist_ok=True)
    model = Upgraded(folder, kind=kind)
    model.clock.wait(DAY + HOUR if (folder / "state").exists() else 0)
    return model


def run(model: Upgraded, disk: Disk | None = None) -> dict[str, object]:
    with open_model(model) as world:
        if disk is not None:
            world.archive = Archive.of(world.archive.tree, world.archive.id, disk)
        if model.kind == "title" and model.clock.now() > START + DAY:
            listed = VideoDetails(model.video, title="Another title")
            world.index.record_details((listed,), START + DAY, "listing")
        report = reconcile_once(world, max_wait_seconds=0)
    return {"exit_code": report.exit_code, "have": report.books.have, "updated": report.done.updated}


def copy(base: Path, to: Path) -> None:
    """Everything with its links and times; the names in the library are ours there as well."""
    shutil.rmtree(to, ignore_errors=True)
    subprocess.run(["cp", "-a", str(base), str(to)], check=True)
    index = apsw.Connection(str(to / "state" / "index.sqlite"))
    for view, path in list(index.execute("SELECT view, path FROM views")):
        stat = (to / "archive" / "library" / view / path).stat()
        index.execute("UPDATE views SET inode = ? WHERE view = ? AND path = ?", (stat.st_ino, view, path))
    index.close()


def item_in(folder: Path) -> tuple[Item, bool]:
    """The item, and whether every file that it names is what it says."""
    (path,) = folder.glob("archive/videos/*/*/item.json")
    item = decode(Item, path.read_bytes())
    files = [(path.parent / each.name, each.sha256) for each in item.files]
    return item, all(hashlib.sha256(file.read_bytes()).hexdigest() == sha256 for file, sha256 in files)


def in_library(folder: Path, item: Item) -> bool:
    """Whether the library shows exactly the item's media."""
    (media,) = (each.name for each in item.files if each.role == "video")
    (master,) = folder.glob(f"archive/videos/*/*/{media}")
    shown = [each.stat().st_ino for each in folder.glob("archive/library/tv/*.mkv")]
    return shown == [master.stat().st_ino]


def main(kind: str, root: Path, every: int) -> None:
    base, folder = root / "base", root / "run"
    run(model_in(base, kind))
    old, _ = item_in(base)
    for number in range(1, AT_MOST, every):
        copy(base, folder)
        model = model_in(folder, kind)
        told = killed_at(number, partial(run, model))
        at_once, whole = item_in(folder)
        model = model_in(folder, kind)
        again = run(model)
        item, whole_again = item_in(folder)
        model.clock.wait(2 * HOUR)
        done = run(model)["updated"]
        names = {each.name for each in next(folder.glob("archive/videos/*/*")).iterdir()}
        found = {
            "step": told,
            "at_once": "old" if at_once == old else "new",
            "whole": whole and whole_again,
            **again,
            "is_new": item.files != old.files,
            "in_library": in_library(folder, item),
            "staging": sorted(each.name for each in folder.glob("archive/.ytarchive/staging/*")),
            "unnamed": sorted(names - {each.name for each in item.files} - {"item.json"}),
            "done_twice": done,
        }
        print(json.dumps(found), flush=True)
        if told is None:
            break


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 1)
