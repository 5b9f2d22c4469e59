"""Commit and update: what is refused, what a broken disk does, in which order things become durable."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import archive_making as making
import pytest
from archive_making import MEDIA, SHARD, VIDEO, make_item, put, record, stage_better, stage_first

from ytarchive.adapters.archive import (
    Archive,
    CommitConflict,
    DamagedItem,
    Disk,
    MediumFault,
    NoSpace,
    NotAsPromised,
    ReadOnly,
    open_archive,
)
from ytarchive.core.item import Item
from ytarchive.errors import ArchiveError


def test_a_commit_puts_files_and_item_in_place_and_clears_staging(archive: Archive) -> None:
    item, staging = stage_first(archive)
    (staging / "parts.0123").mkdir()
    (staging / "parts.0123" / "video.part").write_bytes(b"half")
    committed = archive.commit(item, staging)
    folder = archive.folder(item)
    assert committed.folder == folder
    assert committed.bytes == sum(file.bytes for file in item.files)
    assert committed.dir_mtime_ns == folder.stat().st_mtime_ns
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        ["item.json", *(file.name for file in item.files)]
    )
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o444}
    assert folder.stat().st_mode & 0o777 == 0o755
    assert archive.read_item(SHARD, VIDEO) == item
    assert making.leftovers(archive) == []


def test_a_commit_of_a_video_without_a_channel_goes_to_the_common_folder(archive: Archive) -> None:
    item, staging = stage_first(archive)
    archive.commit(replace(item, shard="_"), staging)
    assert archive.read_item("_", VIDEO).id == VIDEO


def test_a_commit_into_an_empty_folder_is_harmless(archive: Archive) -> None:
    item, staging = stage_first(archive)
    archive.folder(item).mkdir(parents=True)
    archive.commit(item, staging)
    assert making.condition(archive) == "old"


def test_a_commit_never_replaces_a_whole_item(archive: Archive) -> None:
    archive.commit(*stage_first(archive))
    item, staging = stage_first(archive)
    with pytest.raises(CommitConflict, match="never replaces"):
        archive.commit(replace(item, provenance=replace(item.provenance, fetched_at=2000)), staging)
    assert making.condition(archive) == "old"
    assert not (staging / "out" / "item.json").exists()  # a sweep must not adopt what was refused


@pytest.mark.parametrize("kind", ["file", "link"])
def test_a_commit_over_something_that_is_no_folder_is_refused(
    archive: Archive, tmp_path: Path, kind: str
) -> None:
    item, staging = stage_first(archive)
    archive.folder(item).parent.mkdir()
    if kind == "file":
        archive.folder(item).write_text("mine")
    else:
        archive.folder(item).symlink_to(tmp_path)
    with pytest.raises(CommitConflict):
        archive.commit(item, staging)


@pytest.mark.parametrize(
    "damage", ["no item.json", "torn item.json", "short file", "missing file", "stray file"]
)
def test_a_commit_over_a_damaged_item_repairs_it(archive: Archive, damage: str) -> None:
    item, staging = stage_first(archive)
    archive.commit(item, staging)
    folder = archive.folder(item)
    if damage == "no item.json":
        (folder / "item.json").unlink()
    elif damage == "torn item.json":
        making.cut(folder / "item.json", 100)
    elif damage == "short file":
        making.cut(folder / item.files[0].name, 3)
    elif damage == "missing file":
        (folder / item.files[0].name).unlink()
    else:
        for path in folder.iterdir():
            path.unlink()
        (folder / "stray").write_text("")
    archive.commit(*stage_first(archive))
    assert making.condition(archive) == "old"


def test_a_bit_flip_is_repaired_by_an_update_with_the_same_content(archive: Archive) -> None:
    item, staging = stage_first(archive)
    archive.commit(item, staging)
    media = archive.folder(item) / item.files[0].name
    media.chmod(0o644)
    media.write_bytes(b"X" + MEDIA[1:])
    assert making.condition(archive).startswith("broken")
    again, staging = stage_first(archive)
    archive.update(again, staging)
    assert making.condition(archive) == "old"


def test_an_update_names_the_new_files_and_leaves_the_old_ones_to_the_sweep(archive: Archive) -> None:
    old, staging = stage_first(archive)
    archive.commit(old, staging)
    new, staging = stage_better(archive)
    committed = archive.update(new, staging)
    folder = archive.folder(new)
    assert archive.read_item(SHARD, VIDEO) == new
    assert committed.dir_mtime_ns == folder.stat().st_mtime_ns
    assert {file.name for file in (*old.files, *new.files)} < {path.name for path in folder.iterdir()}
    swept = archive.sweep_item(SHARD, VIDEO, making.FAR)
    assert set(swept.removed) == {file.name for file in old.files} - {file.name for file in new.files}
    assert making.leftovers(archive) == []


def test_an_update_of_captions_alone_keeps_the_media(archive: Archive) -> None:
    old, staging = stage_first(archive)
    archive.commit(old, staging)
    inode = (archive.folder(old) / old.files[0].name).stat().st_ino
    staging = archive.stage(VIDEO)
    new = make_item(*old.files, put(staging, ".de.vtt", b"Hallo", "caption"), at=2000)
    archive.update(new, staging)
    assert making.condition(archive) == "new"
    assert (archive.folder(new) / old.files[0].name).stat().st_ino == inode


def test_an_update_of_an_item_that_is_gone_is_refused(archive: Archive) -> None:
    item, staging = stage_better(archive)
    with pytest.raises(DamagedItem, match="is gone"):
        archive.update(replace(item, files=item.files[:2]), staging)


def promise_too_much(item: Item, staging: Path) -> Item:
    return replace(item, files=(*item.files, record(".de.vtt", b"Hallo", "caption")))


def promise_another_size(item: Item, staging: Path) -> Item:
    return replace(item, files=(replace(item.files[0], bytes=5), *item.files[1:]))


def promise_another_checksum(item: Item, staging: Path) -> Item:
    return replace(item, files=(replace(item.files[0], sha256="0" * 64), *item.files[1:]))


def promise_a_path(item: Item, staging: Path) -> Item:
    return replace(item, files=(replace(item.files[0], name="../../../etc/passwd"),))


def promise_another_video(item: Item, staging: Path) -> Item:
    return replace(item, files=(record(".mkv", MEDIA, "video", video="otherVideo1"),))


def promise_nothing(item: Item, staging: Path) -> Item:
    return replace(item, files=())


def promise_twice(item: Item, staging: Path) -> Item:
    return replace(item, files=(item.files[0], *item.files))


def leave_another_file(item: Item, staging: Path) -> Item:
    (staging / "out" / "video.temp.mkv").write_bytes(b"")
    return item


def leave_a_link(item: Item, staging: Path) -> Item:
    path = staging / "out" / item.files[0].name
    path.rename(staging / "elsewhere")
    path.symlink_to(staging / "elsewhere")
    return item


def leave_a_folder(item: Item, staging: Path) -> Item:
    path = staging / "out" / item.files[0].name
    path.unlink()
    path.mkdir()
    return item


def leave_nothing(item: Item, staging: Path) -> Item:
    (staging / "out").rename(staging / "parts.0")
    return item


@pytest.mark.parametrize(
    "lie",
    [
        promise_too_much,
        promise_another_size,
        promise_another_checksum,
        promise_a_path,
        promise_another_video,
        promise_nothing,
        promise_twice,
        leave_another_file,
        leave_a_link,
        leave_a_folder,
        leave_nothing,
    ],
)
def test_a_worker_that_promises_what_is_not_there_commits_nothing(
    archive: Archive, lie: Callable[[Item, Path], Item]
) -> None:
    item, staging = stage_first(archive)
    with pytest.raises(NotAsPromised) as caught:
        archive.commit(lie(item, staging), staging)
    assert caught.value.cure
    assert making.condition(archive) == "none"
    assert list(archive.tree.videos.iterdir()) == []


def test_staging_of_another_video_is_refused(archive: Archive) -> None:
    item, _ = stage_first(archive)
    with pytest.raises(NotAsPromised, match="no staging folder of"):
        archive.commit(item, archive.stage("otherVideo1"))


@pytest.mark.parametrize(
    ("shard", "video"), [("..", VIDEO), ("a/b", VIDEO), (SHARD, ".."), (SHARD, "a/b"), ("", VIDEO)]
)
def test_a_name_that_is_no_id_never_becomes_a_path(archive: Archive, shard: str, video: str) -> None:
    item, staging = stage_first(archive)
    with pytest.raises(ArchiveError, match="cannot name"):
        archive.commit(replace(item, shard=shard, id=video), staging)


class Broken:
    """A disk whose step `at` fails with an errno; with `after`, a rename happens and then reports the error."""

    def __init__(self, at: int, number: int, *, after: bool = False) -> None:
        self.at, self.number, self.after = at, number, after
        self.kind = ""
        self.path = Path()
        self.root = Path()
        self.seen = 0

    def step(self, kind: str, path: Path) -> None:
        self.seen += 1
        if self.seen == self.at:
            self.kind, self.path = kind, path
            if self.after and kind == "rename":
                self.rename(path)
            raise OSError(self.number, os.strerror(self.number), str(path))

    def rename(self, path: Path) -> None:
        """Do what is about to be done: the source is where the protocols take it from."""
        staging = self.root / ".ytarchive" / "staging" / VIDEO
        sources = [path.with_name(f".{path.name}.new"), staging / "taken" / path.name, staging / "out"]
        if path.name == "item.json":
            sources.insert(1, staging / "taken" / "update.json")
        next(source for source in sources if source.exists()).rename(path)


def broken_runs(
    root: Path,
    act: Callable[[Archive], object],
    prepare: Callable[[Archive], object],
    number: int,
    *,
    after: bool = False,
) -> Iterator[tuple[Archive, ArchiveError | None, Broken]]:
    """`act` on a fresh archive, with the n-th step failing, for every n."""
    for at in range(1, 100):
        healthy = open_archive(root / f"{number}-{at}", known_id=None)
        prepare(healthy)
        broken = Broken(at, number, after=after)
        broken.root = healthy.root
        error = None
        try:
            act(Archive.of(healthy.tree, healthy.id, Disk(step=broken.step)))
        except ArchiveError as caught:
            error = caught
        if broken.seen < at:
            return
        yield healthy, error, broken
    raise AssertionError("this never ends")


ERRORS = [
    (errno.ENOSPC, NoSpace),
    (errno.EDQUOT, NoSpace),
    (errno.EIO, MediumFault),
    (errno.EROFS, ReadOnly),
    (errno.EACCES, ReadOnly),
    (errno.EINVAL, ArchiveError),
    (errno.ESTALE, MediumFault),
]


def first(archive: Archive) -> object:
    item = make_item(
        record(".mkv", MEDIA, "video"),
        record(".en.vtt", making.CAPTION, "caption"),
        record(".jpg", making.PICTURE, "thumbnail"),
    )
    return archive.commit(item, archive.tree.staging / VIDEO)


def better(archive: Archive) -> object:
    item = make_item(
        record(".mkv", making.BETTER, "video"),
        record(".en.vtt", making.CORRECTED, "caption"),
        record(".jpg", making.PICTURE, "thumbnail"),
        at=2000,
    )
    return archive.update(item, archive.tree.staging / VIDEO)


def commit_first_and_stage_better(archive: Archive) -> None:
    archive.commit(*stage_first(archive))
    stage_better(archive)


@pytest.mark.parametrize(("number", "kind"), ERRORS, ids=[errno.errorcode[number] for number, _ in ERRORS])
def test_a_commit_on_a_failing_disk_says_why_and_can_be_done_again(
    root: Path, number: int, kind: type[ArchiveError]
) -> None:
    for archive, error, broken in broken_runs(root, first, stage_first, number):
        if error is None:
            assert making.condition(archive) == "old", broken.kind
            assert broken.kind in ("rmdir", "unlink", "fsync-folder")
        else:
            assert isinstance(error, kind)
            assert error.cure
            assert making.condition(archive) in ("none", "old")
        finish(archive, first, stage_first)
        assert making.condition(archive) == "old"
        assert making.leftovers(archive) == []


@pytest.mark.parametrize(("number", "kind"), ERRORS, ids=[errno.errorcode[number] for number, _ in ERRORS])
def test_an_update_on_a_failing_disk_says_why_and_can_be_done_again(
    root: Path, number: int, kind: type[ArchiveError]
) -> None:
    for archive, error, broken in broken_runs(root, better, commit_first_and_stage_better, number):
        if error is None:
            assert making.condition(archive) == "new", broken.kind
        else:
            assert isinstance(error, kind)
            assert making.condition(archive) in ("old", "new")
        finish(archive, better, stage_better)
        assert making.condition(archive) == "new"
        assert making.leftovers(archive) == []


@pytest.mark.parametrize("number", [errno.ENOENT, errno.EIO])
def test_a_rename_that_happened_in_spite_of_its_error_is_found_out(root: Path, number: int) -> None:
    for archive, error, broken in broken_runs(root / "commit", first, stage_first, number, after=True):
        if broken.kind == "rename" and "videos" in broken.path.parts:
            assert error is None
        finish(archive, first, stage_first)
        assert making.condition(archive) == "old"
        assert making.leftovers(archive) == []
    staged = commit_first_and_stage_better
    for archive, error, broken in broken_runs(root / "update", better, staged, number, after=True):
        if broken.kind == "rename" and "videos" in broken.path.parts:
            assert error is None
        finish(archive, better, stage_better)
        assert making.condition(archive) == "new"
        assert making.leftovers(archive) == []


def finish(archive: Archive, act: Callable[[Archive], object], stage: Callable[[Archive], object]) -> None:
    """Once more on a healthy disk; what is no longer to be trusted is fetched anew."""
    try:
        act(archive)
    except NotAsPromised:
        stage(archive)
        act(archive)
    making.tidy(archive)


def test_what_could_not_be_written_back_is_not_trusted_a_second_time(archive: Archive) -> None:
    item, staging = stage_first(archive)
    broken = Broken(1, errno.EIO)
    with pytest.raises(MediumFault):
        Archive.of(archive.tree, archive.id, Disk(step=broken.step)).commit(item, staging)
    assert broken.kind == "fsync"
    with pytest.raises(NotAsPromised, match="is missing"):
        archive.commit(item, staging)


def test_a_commit_done_again_after_its_end_is_the_same_commit(archive: Archive) -> None:
    item, staging = stage_first(archive)
    assert archive.commit(item, staging) == archive.commit(item, staging)
    new, staging = stage_better(archive)
    assert archive.update(new, staging) == archive.update(new, staging)


class PowerModel:
    """What a power cut may take: contents not fsynced, and names not fsynced since they changed."""

    def __init__(self) -> None:
        self.loose_files: set[str] = set()
        self.loose_names: set[Path] = set()
        self.checked = 0

    def step(self, kind: str, path: Path) -> None:
        if kind == "rename":
            self.before_rename(path)
            self.loose_names.add(path.parent)
        elif kind in ("mkdir", "link", "symlink"):
            self.loose_names.add(path.parent)
        elif kind == "write":
            self.loose_files.add(path.name)
            self.loose_names.add(path.parent)
        elif kind == "fsync":
            self.loose_files.discard(path.name)
        elif kind == "fsync-folder":
            self.loose_names.discard(path)

    def before_rename(self, path: Path) -> None:
        """A rename that makes something valid: all that it makes valid must be durable by now."""
        if path.parent.parent.name == "videos" or (path.name == "item.json" and "videos" in path.parts):
            self.checked += 1
            assert not self.loose_files
            assert not self.loose_names & {path, path.parent, path.parent.parent}
            assert not {folder for folder in self.loose_names if folder.name in ("out", "taken")}

    def staged(self, item: Item, staging: Path) -> None:
        present = {path.name for path in (staging / "out").iterdir()}
        self.loose_files |= present & {file.name for file in item.files}
        self.loose_names.add(staging / "out")


@pytest.mark.parametrize("what", ["commit", "update"])
def test_everything_is_durable_before_the_rename_that_makes_it_valid_and_that_rename_before_success(
    archive: Archive, what: str
) -> None:
    model = PowerModel()
    watched = Archive.of(archive.tree, archive.id, Disk(step=model.step))
    if what == "commit":
        item, staging = stage_first(archive)
        model.staged(item, staging)
        watched.commit(item, staging)
    else:
        archive.commit(*stage_first(archive))
        item, staging = stage_better(archive)
        model.staged(item, staging)
        watched.update(item, staging)
    assert model.checked == 1
    assert not {folder for folder in model.loose_names if "videos" in folder.parts}


def test_a_full_disk_pauses_without_loss(small_disk: Path) -> None:
    archive = open_archive(small_disk, known_id=None)
    archive.commit(*stage_first(archive))
    item, staging = stage_better(archive)
    filler = small_disk / "filler"
    with filler.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, archive.free_bytes())
    with pytest.raises(NoSpace) as caught:
        archive.update(item, staging)
    assert "free some space" in (caught.value.cure or "")
    assert making.condition(archive) == "old"
    filler.unlink()
    archive.update(item, staging)
    assert making.condition(archive) == "new"
    making.tidy(archive)
    assert making.leftovers(archive) == []


def test_an_item_that_a_newer_program_wrote_is_not_taken_for_damaged(archive: Archive) -> None:
    item, staging = stage_first(archive)
    archive.commit(replace(item, format=2), staging)
    with pytest.raises(ArchiveError, match="format 2") as caught:
        archive.read_item(SHARD, VIDEO)
    assert not isinstance(caught.value, DamagedItem)
