"""Kill an adoption at steps of what it does to the disk, and tell what the next one makes of it.

Run as a program: `adopt_kills.py FOLDER MANNER:STEP...` prints one JSON line for each step; `all` takes every one of
each manner. It forks, so it must have one thread, which a test process has not.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

from dying import killed_at
from foreign_libraries import ID, put_whole, run_adoption
from reconciler_house import QUICK, House

from ytarchive.adapters.archive import Archive, Disk

MANNERS = ("link", "copy", "move")
AT_MOST = 400


def prepared(folder: Path) -> tuple[House, Path]:
    shutil.rmtree(folder, ignore_errors=True)
    old = folder / "old"
    put_whole(old)
    house = House(folder, {**os.environ, **QUICK})
    house.want([ID])
    with house.open():
        pass
    return house, old


def adopt(house: House, old: Path, manner: str, disk: Disk | None = None) -> int:
    with house.open() as world:
        if disk is not None:
            world.archive = Archive.of(world.archive.tree, world.archive.id, disk)
        how = "copy" if manner == "copy" else "link"
        return run_adoption(world, old, how=how, move=manner == "move", own=True).adopted


def contents(*folders: Path) -> set[str]:
    """The checksums of all files below these folders."""
    return {
        hashlib.sha256(path.read_bytes()).hexdigest()
        for folder in folders
        for path in folder.rglob("*")
        if path.is_file()
    }


def main(folder: Path, told: list[str]) -> None:
    for one in told:
        manner, _, step = one.partition(":")
        if step != "all":
            say(try_step(folder, manner, int(step)))
            continue
        for at in range(1, AT_MOST):
            found = try_step(folder, manner, at)
            say(found)
            if not found["killed"]:
                break
        else:
            raise SystemExit("this never ends")


def say(found: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(found) + "\n")


def try_step(folder: Path, manner: str, at: int) -> dict[str, Any]:
    """Kill an adoption at this step, adopt again, and tell what there is then."""
    house, old = prepared(folder)
    before = contents(old)
    killed = killed_at(at, lambda disk: adopt(house, old, manner, disk)) is not None
    lost = before - contents(old, house.root)
    broken = broken_items(house)
    with house.open():
        # An empty folder, made a moment before, waits for the next attempt; no file may.
        staging = house.root / ".ytarchive" / "staging"
        swept = [path.name for path in staging.rglob("*") if path.is_file()]
    adopt(house, old, manner)
    return {
        "manner": manner,
        "at": at,
        "killed": killed,
        "lost": len(lost),
        "broken": [*broken, *broken_items(house)],
        "whole": sorted(house.committed()),
        "staging": [*swept, *house.staging()],
        "library": len(list(house.root.glob("library/*/*.mp4"))),
        "left_in_source": sorted({path.suffix for path in old.rglob("*") if path.is_file()}),
    }


def broken_items(house: House) -> list[str]:
    """Items with a file that is not what item.json says, by every byte."""
    return [
        file.name
        for video in house.committed()
        for file in house.item(video).files
        for path in house.root.glob(f"videos/*/{video}/{file.name}")
        if hashlib.sha256(path.read_bytes()).hexdigest() != file.sha256
    ] + [
        f"{video} lacks {file.name}"
        for video in house.committed()
        for file in house.item(video).files
        if not list(house.root.glob(f"videos/*/{video}/{file.name}"))
    ]


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
