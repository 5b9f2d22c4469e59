"""Kill a process at every step of taking away, putting back and emptying, and tell what the next start finds.

Run as a program: `removal_kills.py FOLDER` prints one JSON line for each step. It forks, so it must have one thread. One
archive serves all steps: each step has a video of its own.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from dying import killed_at
from removal_house import Bench, video_id

from ytarchive.adapters.archive import Archive, Disk
from ytarchive.core.removal import Cause, How, Removal, Removals
from ytarchive.reconciler import World, open_world
from ytarchive.reconciler.quarantining import empty, in_quarantine, restore
from ytarchive.reconciler.taking_away import carry_out

AT_MOST = 30
Act = Callable[[World, str], None]


def take(how: How) -> Act:
    def act(world: World, video: str) -> None:
        carry_out(world, Removals(now=(Removal(video, how, Cause.UNWANTED, "for the test"),)))

    return act


def put_back(world: World, video: str) -> None:
    restore(world, [video])


def throw_out(world: World, video: str) -> None:
    empty(world, [video])


SCENARIOS: dict[str, tuple[Act | None, Act]] = {
    "quarantine": (None, take("quarantine")),
    "delete": (None, take("delete")),
    "restore": (take("quarantine"), put_back),
    "empty": (take("quarantine"), throw_out),
}


def main(folder: Path) -> None:
    bench = Bench.at(folder)
    videos = stock(bench)
    for scenario, (before, act) in SCENARIOS.items():
        for at in range(1, AT_MOST):
            video = next(videos)
            if before is not None:
                with open_world(bench.house.settings, clock=bench.clock, settled=False) as world:
                    before(world, video)
            killed = attempt(bench, act, video, at)
            found = {"scenario": scenario, "at": at, "killed": killed, **tell(bench, video)}
            sys.stdout.write(json.dumps(found) + "\n")
            if not killed:
                break
        else:
            raise SystemExit(f"{scenario} never ends")


def stock(bench: Bench) -> Iterator[str]:
    """Videos that are in the archive, brought by passes as they are needed."""
    for start in range(0, len(SCENARIOS) * AT_MOST, AT_MOST):
        videos = [video_id(number) for number in range(start + AT_MOST)]
        bench.follow(videos)
        bench.run()
        yield from videos[start:]


def attempt(bench: Bench, act: Act, video: str, at: int) -> bool:
    """Act in a child that dies at step `at`; False when it came to its end before."""

    def dying(disk: Disk) -> None:
        with open_world(bench.house.settings, clock=bench.clock, settled=False) as world:
            world.archive = replace_disk(world.archive, disk)
            act(world, video)
            os._exit(0)

    return killed_at(at, dying) is not None


def replace_disk(archive: Archive, disk: Disk) -> Archive:
    return replace(Archive.of(archive.tree, archive.id, disk), is_new=archive.is_new)


def tell(bench: Bench, video: str) -> dict[str, object]:
    """Where the video is after the next start, by disk, index and library, and whether its bytes are whole."""
    with open_world(bench.house.settings, clock=bench.clock) as world:
        quarantined = {one.video for one in in_quarantine(world)}
        located = world.index.item_location(video) is not None
        let_go = world.index.gone_by_decision(video) is not None
    return {
        "archive": list(wholes(bench.house.root / "videos", video)),
        "quarantine": list(wholes(bench.house.root / ".ytarchive" / "quarantine", video)),
        "told": video in quarantined,
        "index": located,
        "let_go": let_go,
        "library": video in bench.library(),
        "going": [path.name for path in (bench.house.root / ".ytarchive/quarantine").glob("going/*")],
    }


def wholes(folder: Path, video: str) -> Iterator[bool]:
    """For each folder of the video below this one, whether its item.json and media are whole."""
    for place in folder.glob(f"*/{video}*"):
        media = [path.read_bytes() for path in place.glob("*.mkv")]
        yield (place / "item.json").exists() and media == [f"media of {video}".encode()]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
