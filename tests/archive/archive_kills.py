"""Kill a process at every step of what it does to an archive, and tell what a restart finds.

Run as a program: `archive_kills.py SCENARIO FOLDER [torn]` prints one JSON line for each step. It forks, so it must
have one thread, which a test process has not. `archive_kills.py act SCENARIO FOLDER ID` only acts, for strace.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import archive_making as making

from ytarchive.adapters.archive import Archive, Damaged, Disk, init_archive, open_archive
from ytarchive.core.desired import LibraryView
from ytarchive.core.item import Item
from ytarchive.core.journal import Decision
from ytarchive.core.layout import LibraryName

AT_MOST = 200
SHOWS = LibraryView("tv", "jellyfin", "Shows", follow_titles=True)


def fresh(root: Path) -> Archive:
    shutil.rmtree(root, ignore_errors=True)
    return open_archive(root, known_id=None)


def committed(root: Path) -> Archive:
    archive = fresh(root)
    archive.commit(*making.stage_first(archive))
    return archive


def linked(root: Path) -> Archive:
    archive = committed(root)
    known = archive.library.arrange(archive.read_item(making.SHARD, making.VIDEO), [making.TV], ()).names
    (root / "known.json").write_text(json.dumps(known))
    archive.update(*making.stage_better(archive))
    return archive


def with_staged(root: Path) -> Archive:
    archive = fresh(root)
    making.stage_first(archive)
    return archive


def with_staged_update(root: Path) -> Archive:
    archive = committed(root)
    making.stage_better(archive)
    return archive


def interrupted(
    prepare: Callable[[Path], Archive], act: Callable[[Archive], None], path: str
) -> Callable[[Path], Archive]:
    """The state in which `act` was killed just before it renamed something to `path`."""

    def prepared(root: Path) -> Archive:
        archive = prepare(root)
        if os.fork() == 0:

            def step(kind: str, target: Path) -> None:
                if kind == "rename" and target == root / path:
                    os.kill(os.getpid(), signal.SIGKILL)

            act(reopened(archive, Disk(step=step)))
            os._exit(1)
        _, status = os.wait()
        assert os.WIFSIGNALED(status)
        return archive

    return prepared


def do_commit(archive: Archive) -> None:
    staging = archive.tree.staging / making.VIDEO
    archive.commit(first_item(), staging)


def first_item() -> Item:
    return making.make_item(
        making.record(".mkv", making.MEDIA, "video"),
        making.record(".en.vtt", making.CAPTION, "caption"),
        making.record(".jpg", making.PICTURE, "thumbnail"),
    )


def do_update(archive: Archive) -> None:
    staging = archive.tree.staging / making.VIDEO
    item = making.make_item(
        making.record(".mkv", making.BETTER, "video"),
        making.record(".en.vtt", making.CORRECTED, "caption"),
        making.record(".jpg", making.PICTURE, "thumbnail"),
        at=2000,
    )
    archive.update(item, staging)


def do_arrange(archive: Archive) -> None:
    known = [LibraryName(*name) for name in json.loads((archive.root / "known.json").read_text())]
    archive.library.arrange(archive.read_item(making.SHARD, making.VIDEO), [making.TV], known)


def with_moved_folder(root: Path) -> Archive:
    archive = committed(root)
    shard = archive.tree.shard(making.SHARD)
    shard.rename(archive.tree.library / "moved")
    return archive


def with_link_alone(root: Path) -> Archive:
    """The media are gone from the item's folder, and stand in the library still."""
    archive = committed(root)
    item = first_item()
    archive.library.arrange(item, [making.TV], ())
    (archive.folder(item) / item.files[0].name).unlink()
    return archive


def do_put_back(archive: Archive) -> None:
    seen = archive.look(making.SHARD, making.VIDEO)
    lacking = archive.lacking(seen) if isinstance(seen, Damaged) else []
    for _ in archive.put_back([] if seen else [making.VIDEO], lacking):
        pass


def do_relayout(archive: Archive) -> None:
    """From a flat folder to shows and seasons, under a newer title."""
    known = [LibraryName(*name) for name in json.loads((archive.root / "known.json").read_text())]
    item = archive.read_item(making.SHARD, making.VIDEO)
    archive.library.arrange(item, [SHOWS], known, title="A newer title")


def do_sweep(archive: Archive) -> None:
    making.tidy(archive)


def do_init(archive: Archive) -> None:
    shutil.rmtree(archive.root)
    init_archive(archive.root, disk=archive.disk)


def do_decide(archive: Archive) -> None:
    archive.journal.record(Decision(at=0, kind="ignore", video=making.VIDEO))


ITEM = f"videos/{making.SHARD}/{making.VIDEO}"
SCENARIOS: dict[str, tuple[Callable[[Path], Archive], Callable[[Archive], None]]] = {
    "commit": (with_staged, do_commit),
    "update": (with_staged_update, do_update),
    "arrange": (linked, do_arrange),
    "sweep-commit": (interrupted(with_staged, do_commit, ITEM), do_sweep),
    "sweep-update": (interrupted(with_staged_update, do_update, f"{ITEM}/item.json"), do_sweep),
    "relayout": (linked, do_relayout),
    "put-back-folder": (with_moved_folder, do_put_back),
    "put-back-file": (with_link_alone, do_put_back),
    "init": (fresh, do_init),
    "decide": (fresh, do_decide),
}


FINAL = {
    "commit": "old",
    "update": "new",
    "arrange": "new",
    "relayout": "new",
    "sweep-commit": "old",
    "sweep-update": "new",
    "decide": "",
    "put-back-folder": "old",
    "put-back-file": "old",
}


def reopened(archive: Archive, disk: Disk | None = None) -> Archive:
    return open_archive(archive.root, known_id=archive.id, disk=disk)


class Killer:
    """A step hook that dies at step `at`; with `torn`, what was not fsynced by then loses half of its bytes."""

    def __init__(self, root: Path, at: int, *, torn: bool) -> None:
        self.root, self.left, self.torn = root, at, torn
        self.safe = {path.stat().st_ino for path in root.rglob("*") if "staging" not in path.parts}

    def step(self, kind: str, path: Path) -> None:
        self.left -= 1
        if self.left == 0:
            if self.torn:
                self.tear()
            os.kill(os.getpid(), signal.SIGKILL)
        if kind == "fsync":
            self.safe.add(path.stat().st_ino)  # it happens right after this

    def tear(self) -> None:
        for path in self.root.rglob("*"):
            if path.is_file() and not path.is_symlink() and path.stat().st_ino not in self.safe:
                making.cut(path, path.stat().st_size // 2)


def attempt(archive: Archive, act: Callable[[Archive], None], at: int, *, torn: bool) -> bool:
    """Act in a child that dies at step `at`; False when it came to its end before."""
    if os.fork() == 0:
        killer = Killer(archive.root, at, torn=torn)
        act(Archive.of(archive.tree, archive.id, Disk(step=killer.step)))
        os._exit(0)
    _, status = os.wait()
    if os.WIFSIGNALED(status):
        return True
    if os.WEXITSTATUS(status):
        raise SystemExit(f"the child failed at step {at}")
    return False


def main(scenario: str, root: Path, *, torn: bool) -> None:
    prepare, act = SCENARIOS[scenario]
    for at in range(1, AT_MOST):
        archive = prepare(root)
        killed = attempt(archive, act, at, torn=torn)
        found: dict[str, object] = {"at": at, "killed": killed}
        if scenario == "init":
            found["whole"] = open_archive(root, known_id=None).tree.videos.is_dir()
        else:
            found |= recover(scenario, archive)
        sys.stdout.write(json.dumps(found) + "\n")
        if not killed:
            return
    raise SystemExit("this never ends")


def recover(scenario: str, archive: Archive) -> dict[str, object]:
    at_once = making.condition(archive)
    archive = reopened(archive)
    if scenario.startswith("put-back"):
        do_put_back(archive)  # as the next look would
    first = making.tidy(archive)
    found: dict[str, object] = {
        "at_once": at_once,
        "after_sweep": making.condition(archive),
        "again": making.tidy(archive),
        "adopted": first,
        "leftovers": [name for name in making.unexpected(archive, FINAL[scenario]) if name != "known.json"],
        "decisions": len(list(archive.journal.replay())),
        "unread": len(archive.journal.unread),
    }
    if scenario in ("arrange", "relayout"):
        found["library"] = library_after(archive, SCENARIOS[scenario][1])
    return found


def library_after(archive: Archive, act: Callable[[Archive], None]) -> list[str]:
    """Arrange once more, as the next pass would with the records from before the crash: names below the view."""
    act(archive)
    item = archive.read_item(making.SHARD, making.VIDEO)
    view = archive.tree.library / "tv"
    home = archive.folder(item)
    right = {(home / file.name).read_bytes() for file in item.files}
    return [
        f"{'' if path.suffix == '.nfo' or path.read_bytes() in right else 'wrong: '}{path.relative_to(view)}"
        for path in sorted(view.rglob("*"))
        if not path.is_dir()
    ]


if __name__ == "__main__":
    if sys.argv[1] == "act":
        SCENARIOS[sys.argv[2]][1](open_archive(Path(sys.argv[3]), known_id=sys.argv[4], read_only=True))
    else:
        main(sys.argv[1], Path(sys.argv[2]), torn=len(sys.argv) > 3)
