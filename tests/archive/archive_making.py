"""Items and staged files for tests of the archive; importable by the subprocesses that get killed."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from ytarchive.adapters.archive import Archive, DamagedItem
from ytarchive.core.desired import Audio, LibraryView, Quality, Target, target_digest
from ytarchive.core.item import FileRecord, Got, Item, Metadata, Provenance, Role
from ytarchive.core.layout import item_file_name

VIDEO = "-aBc_dEf012"
SHARD = "UC0123456789abcdefghijkl"
FAR = 4_000_000_000  # later than any grace
TV = LibraryView("tv")
TARGET = Target(video=Quality(), sound=Audio())


def record(suffix: str, content: bytes, role: Role, video: str = VIDEO) -> FileRecord:
    sha256 = hashlib.sha256(content).hexdigest()
    language = "en" if role == "caption" else None
    return FileRecord(item_file_name(video, sha256, suffix), len(content), sha256, role, language)


def put(staging: Path, suffix: str, content: bytes, role: Role, video: str = VIDEO) -> FileRecord:
    """What a worker leaves in `out/`."""
    file = record(suffix, content, role, video)
    (staging / "out" / file.name).write_bytes(content)
    return file


def cut(path: Path, size_bytes: int) -> None:
    """Shorten (or lengthen) a file, also a sealed one."""
    path.chmod(0o644)
    os.truncate(path, size_bytes)


def make_item(
    *files: FileRecord, at: int = 1000, title: str = "A title", video: str = VIDEO, shard: str = SHARD
) -> Item:
    return Item(
        id=video,
        shard=shard,
        wanted_by=("entry",),
        wanted=TARGET,
        target=target_digest(TARGET),
        offered=(),
        got=Got(),
        files=files,
        metadata=Metadata(title=title),
        provenance=Provenance(engine="1", ejs=None, client=None, fetched_at=at, generation="g"),
    )


MEDIA, CAPTION, PICTURE = b"media" * 4000, b"WEBVTT", b"\xff\xd8picture"
BETTER, CORRECTED = b"better" * 5000, b"WEBVTT corrected"


def stage_first(archive: Archive, video: str = VIDEO) -> tuple[Item, Path]:
    staging = archive.stage(video)
    return make_item(
        put(staging, ".mkv", MEDIA, "video", video),
        put(staging, ".en.vtt", CAPTION, "caption", video),
        put(staging, ".jpg", PICTURE, "thumbnail", video),
        video=video,
    ), staging


def stage_better(archive: Archive) -> tuple[Item, Path]:
    """An update: new media and a corrected caption, the picture stays."""
    staging = archive.stage(VIDEO)
    return make_item(
        put(staging, ".mkv", BETTER, "video"),
        put(staging, ".en.vtt", CORRECTED, "caption"),
        record(".jpg", PICTURE, "thumbnail"),
        at=2000,
    ), staging


def condition(archive: Archive, video: str = VIDEO) -> str:
    """`none`, `old`, `new` or `broken`: what item.json and every byte of the files that it names say."""
    folder = archive.tree.videos / SHARD / video
    if not folder.exists() or next(folder.iterdir(), None) is None:
        return "none"
    try:
        item = archive.read_item(SHARD, video)
    except DamagedItem as damage:
        return f"broken: {damage}"
    for file in item.files:
        path = folder / file.name
        if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != file.sha256:
            return f"broken: {file.name}"
    return "old" if item.provenance.fetched_at == 1000 else "new"


def leftovers(archive: Archive) -> list[str]:
    """Every name below the root that neither the format nor an item nor the library accounts for."""
    root = archive.root
    expected = {folder.relative_to(root).as_posix() for folder in archive.tree.folders}
    expected |= {".ytarchive/archive.json", ".ytarchive/lock"}
    found = set()
    for path in root.rglob("*"):
        name = path.relative_to(root).as_posix()
        if name.startswith("library/") and ".ytarchive~" not in name:
            continue
        found.add(name)
    for shard in archive.tree.videos.iterdir():
        expected.add(f"videos/{shard.name}")
        for folder in shard.iterdir():
            item = archive.read_item(shard.name, folder.name)
            expected.add(f"videos/{shard.name}/{folder.name}")
            expected.add(f"videos/{shard.name}/{folder.name}/item.json")
            expected |= {f"videos/{shard.name}/{folder.name}/{file.name}" for file in item.files}
    return sorted(found - expected)


def unexpected(archive: Archive, final: str) -> list[str]:
    """Leftovers, apart from a download that can be resumed as long as its end is not reached."""
    names = leftovers(archive)
    if condition(archive) == final:
        return names
    return [name for name in names if not name.startswith(f".ytarchive/staging/{VIDEO}")]


def tidy(archive: Archive) -> list[str]:
    """What a pass does first: sweep staging (where nothing is stale), then each item; returns ids that were adopted."""
    report = archive.sweep(0)
    for shard in archive.tree.videos.iterdir():
        for folder in shard.iterdir():
            if (folder / "item.json").exists():
                archive.sweep_item(shard.name, folder.name, FAR)
    return [committed.item.id for committed in report.adopted]
