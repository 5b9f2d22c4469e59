"""Staging folders: adopted once nobody can be writing there, never before; and what a sweep makes of them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import archive_making as making
import pytest
from archive_making import FAR, SHARD, VIDEO, stage_better, stage_first

from ytarchive.adapters.archive import Archive, Disk
from ytarchive.adapters.archive.staging import boot_id
from ytarchive.core.codec import encode
from ytarchive.core.instant import DAY
from ytarchive.core.job import Lease, start_of
from ytarchive.errors import ArchiveError


def claim(staging: Path, process_group: int, boot: str | None = None) -> None:
    (staging / "lease.json").write_bytes(encode(Lease("job-1", process_group, boot or boot_id())))


@pytest.fixture
def worker() -> Iterator[subprocess.Popen[bytes]]:
    """A living process group."""
    command = [sys.executable, "-S", "-c", "input()"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True) as process:
        yield process
        process.kill()


def dead_group() -> int:
    with subprocess.Popen([sys.executable, "-S", "-c", ""], start_new_session=True) as process:
        pass
    return process.pid


def test_a_new_folder_has_an_empty_out(archive: Archive) -> None:
    staging = archive.stage(VIDEO)
    assert staging == archive.tree.staging / VIDEO
    assert [path.name for path in staging.iterdir()] == ["out"]


@pytest.mark.parametrize("video", ["", "..", "a/b", "a.b"])
def test_what_is_no_id_gets_no_folder(archive: Archive, video: str) -> None:
    with pytest.raises(ArchiveError, match="cannot name"):
        archive.stage(video)


@pytest.mark.parametrize("owner", ["nobody", "dead", "another boot"])
def test_a_folder_without_a_living_owner_is_adopted_with_its_parts_alone(
    archive: Archive, owner: str
) -> None:
    staging = archive.stage(VIDEO)
    (staging / "out" / "half").write_text("")
    (staging / "parts.0123").mkdir()
    (staging / "parts.0123" / "video.part").write_bytes(b"half")
    (staging / "note").write_text("")
    (staging / "parts.link").symlink_to(archive.root)
    if owner != "nobody":
        claim(
            staging,
            dead_group() if owner == "dead" else os.getpgid(0),
            "b" if owner == "another boot" else None,
        )
    assert archive.stage(VIDEO) == staging
    assert sorted(path.name for path in staging.rglob("*")) == ["out", "parts.0123", "video.part"]
    assert archive.tree.sentinel.exists()


def test_a_folder_whose_owner_lives_is_left_alone(archive: Archive, worker: subprocess.Popen[bytes]) -> None:
    staging = archive.stage(VIDEO)
    (staging / "out" / "half").write_text("")
    claim(staging, worker.pid)
    assert archive.stage(VIDEO).name == f"{VIDEO}.2"
    assert (staging / "out" / "half").exists()
    worker.kill()
    worker.wait()
    assert archive.stage(VIDEO) == staging


@pytest.mark.parametrize("lease", [b"", b"{", b'{"job":"j","process_group":0,"boot_id":"x"}'])
def test_a_lease_that_proves_nothing_keeps_its_folder(archive: Archive, lease: bytes) -> None:
    staging = archive.stage(VIDEO)
    (staging / "lease.json").write_bytes(lease)
    assert archive.stage(VIDEO).name == f"{VIDEO}.2"


def test_a_torn_lease_from_before_this_boot_is_dead(archive: Archive) -> None:
    staging = archive.stage(VIDEO)
    (staging / "lease.json").touch()
    os.utime(staging / "lease.json", (1, 1))
    assert archive.stage(VIDEO) == staging


def test_a_lease_that_is_a_link_proves_nothing(archive: Archive, tmp_path: Path) -> None:
    staging = archive.stage(VIDEO)
    (tmp_path / "lease").write_bytes(encode(Lease("job", dead_group(), boot_id())))
    (staging / "lease.json").symlink_to(tmp_path / "lease")
    assert archive.stage(VIDEO).name == f"{VIDEO}.2"


def test_a_released_folder_is_adopted_while_its_worker_lives_on(
    archive: Archive, worker: subprocess.Popen[bytes]
) -> None:
    staging = archive.stage(VIDEO)
    claim(staging, worker.pid)
    archive.release(staging)
    assert archive.stage(VIDEO) == staging
    archive.release(staging)


@pytest.mark.parametrize("kind", ["link", "file"])
def test_what_is_no_folder_of_ours_is_never_entered(archive: Archive, tmp_path: Path, kind: str) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "precious").write_text("")
    if kind == "link":
        (archive.tree.staging / VIDEO).symlink_to(elsewhere)
    else:
        (archive.tree.staging / VIDEO).write_text("")
    assert archive.stage(VIDEO).name == f"{VIDEO}.2"
    archive.sweep(FAR)
    assert (elsewhere / "precious").exists()


def test_attempts_without_end_are_an_error_with_a_cure(
    archive: Archive, worker: subprocess.Popen[bytes]
) -> None:
    for _ in range(20):
        claim(archive.stage(VIDEO), worker.pid)
    with pytest.raises(ArchiveError, match="20 attempts") as caught:
        archive.stage(VIDEO)
    assert "stop the workers" in (caught.value.cure or "")


def test_a_discarded_folder_is_gone_without_following_links(archive: Archive, tmp_path: Path) -> None:
    (tmp_path / "precious").mkdir()
    staging = archive.stage(VIDEO)
    (staging / "out" / "link").symlink_to(tmp_path / "precious")
    archive.discard(staging)
    archive.discard(staging)
    assert not staging.exists()
    assert (tmp_path / "precious").exists()


NOW = 2_000_000_000


def age(folder: Path, seconds: int) -> None:
    for path in [*folder.rglob("*"), folder]:
        os.utime(path, (NOW - seconds, NOW - seconds), follow_symlinks=False)


def test_a_resumable_download_is_kept_until_it_is_stale(archive: Archive) -> None:
    staging = archive.stage(VIDEO)
    (staging / "parts.0123").mkdir()
    (staging / "parts.0123" / "video.part").write_bytes(b"half")
    age(staging, 6 * DAY)
    assert archive.sweep(NOW).kept == [(VIDEO, "its partial download can be resumed")]
    assert archive.sweep(NOW + 2 * DAY).removed == [VIDEO]
    assert not staging.exists()


def test_a_folder_in_use_is_kept_while_anything_in_it_is_recent(
    archive: Archive, worker: subprocess.Popen[bytes]
) -> None:
    staging = archive.stage(VIDEO)
    claim(staging, worker.pid)
    age(staging, 30 * DAY)
    (staging / "out" / "new").write_text("")
    os.utime(staging / "out" / "new", (NOW, NOW))
    assert archive.sweep(NOW).kept == [(VIDEO, "its worker may still be at work")]
    age(staging, 30 * DAY)
    assert archive.sweep(NOW).removed == [VIDEO]


def test_a_folder_that_was_passed_over_goes_as_soon_as_its_owner_is_dead(
    archive: Archive, worker: subprocess.Popen[bytes]
) -> None:
    staging = archive.stage(VIDEO)
    claim(staging, worker.pid)
    claim(archive.stage(VIDEO), worker.pid)
    assert archive.sweep(0).removed == []
    worker.kill()
    worker.wait()
    assert archive.sweep(0).removed == [VIDEO, f"{VIDEO}.2"]
    assert list(archive.tree.staging.iterdir()) == []


def test_foreign_names_in_staging_are_counted_and_stay(archive: Archive) -> None:
    (archive.tree.staging / "read me.txt").write_text("")
    (archive.tree.staging / "notes").write_text("")
    assert archive.sweep(FAR).foreign == 2
    assert len(list(archive.tree.staging.iterdir())) == 2


def finished(archive: Archive, marker: str = "item.json", *, at: int = 1000) -> Path:
    """A staging folder as a killed committer leaves it just before the rename."""
    item, staging = stage_first(archive)
    item = replace(item, provenance=replace(item.provenance, fetched_at=at))
    (staging / "out" / marker).write_bytes(encode(item))
    return staging


def test_a_finished_commit_is_adopted(archive: Archive) -> None:
    finished(archive)
    report = archive.sweep(0)
    assert [committed.item.id for committed in report.adopted] == [VIDEO]
    assert making.condition(archive) == "old"
    assert making.leftovers(archive) == []


def test_a_finished_commit_with_a_short_file_is_not_adopted(archive: Archive) -> None:
    staging = finished(archive)
    making.cut(next((staging / "out").glob("*.mkv")), 3)
    assert archive.sweep(0).adopted == []
    assert archive.sweep(FAR).removed == [VIDEO]
    assert making.condition(archive) == "none"


@pytest.mark.parametrize("shard", [SHARD, "_", "UCanother"])
def test_a_finished_commit_of_a_video_that_is_there_already_is_dropped(archive: Archive, shard: str) -> None:
    item, staging = stage_first(archive)
    archive.commit(replace(item, shard=shard), staging)
    finished(archive, at=2000)
    report = archive.sweep(0)
    assert report.adopted == []
    assert report.removed == [VIDEO]
    assert len(list(archive.tree.videos.glob("*/*"))) == 1
    assert archive.read_item(shard, VIDEO).provenance.fetched_at == 1000


def test_a_finished_commit_that_meets_something_at_its_place_is_kept_and_told(archive: Archive) -> None:
    finished(archive)

    def step(kind: str, path: Path) -> None:
        if kind == "rename" and path.name == VIDEO:
            path.mkdir()
            (path / "mine").write_text("")

    report = Archive.of(archive.tree, archive.id, Disk(step=step)).sweep(0)
    assert [name for name, _ in report.kept] == [VIDEO]
    assert "never replaces" in report.kept[0][1]


def test_a_finished_commit_over_a_damaged_item_repairs_it(archive: Archive) -> None:
    item, staging = stage_first(archive)
    archive.commit(item, staging)
    making.cut(archive.folder(item) / "item.json", 100)
    finished(archive)
    assert len(archive.sweep(0).adopted) == 1
    assert making.condition(archive) == "old"
    assert making.leftovers(archive) == []


def test_an_update_that_was_overtaken_is_dropped(archive: Archive) -> None:
    archive.commit(*stage_first(archive))
    archive.update(*stage_better(archive))
    finished(archive, "update.json", at=1500)
    assert archive.sweep(0).adopted == []
    assert making.condition(archive) == "new"
    assert archive.sweep(FAR).removed == [VIDEO]


def test_an_update_of_an_item_that_is_gone_is_dropped(archive: Archive) -> None:
    finished(archive, "update.json")
    assert archive.sweep(0).adopted == []
    assert archive.sweep(FAR).removed == [VIDEO]
    assert making.condition(archive) == "none"


def test_an_item_of_another_video_in_staging_is_not_adopted(archive: Archive) -> None:
    staging = finished(archive)
    staging.rename(archive.tree.staging / "otherVideo1")
    assert archive.sweep(0).adopted == []
    assert list(archive.tree.videos.iterdir()) == []


def test_files_without_a_name_in_item_json_go_after_the_grace_and_nothing_else(archive: Archive) -> None:
    item, staging = stage_first(archive)
    archive.commit(item, staging)
    folder = archive.folder(item)
    old = making.record(".webm", b"old", "video").name
    (folder / old).write_bytes(b"old")
    (folder / "notes.txt").write_text("mine")
    (folder / making.record(".mp4", b"", "video").name).symlink_to(archive.tree.sentinel)
    now = int((folder / old).stat().st_ctime)
    assert archive.sweep_item(SHARD, VIDEO, now + 60).removed == ()
    swept = archive.sweep_item(SHARD, VIDEO, now + 3601)
    assert swept.removed == (old,)
    assert swept.bytes == 3
    assert swept.dir_mtime_ns == folder.stat().st_mtime_ns
    assert archive.tree.sentinel.exists()
    assert making.condition(archive) == "old"
    assert sum(1 for _ in folder.iterdir()) == len(item.files) + 3


def test_nothing_is_swept_where_item_json_cannot_be_read(archive: Archive) -> None:
    item, staging = stage_first(archive)
    archive.commit(item, staging)
    folder = archive.folder(item)
    making.cut(folder / "item.json", 100)
    with pytest.raises(ArchiveError, match="not an item"):
        archive.sweep_item(SHARD, VIDEO, FAR)
    assert sum(1 for _ in folder.iterdir()) == len(item.files) + 1


def test_a_lease_whose_process_number_is_somebody_else_s_now_is_dead(
    archive: Archive, worker: subprocess.Popen[bytes]
) -> None:
    staging = archive.stage(VIDEO)
    claim(staging, worker.pid)
    lease = json.loads((staging / "lease.json").read_text())
    (staging / "lease.json").write_text(json.dumps({**lease, "started": 1}))
    assert archive.stage(VIDEO) == staging


def test_a_lease_that_knows_when_its_living_process_began_holds(
    archive: Archive, worker: subprocess.Popen[bytes]
) -> None:
    staging = archive.stage(VIDEO)
    claim(staging, worker.pid)
    lease = json.loads((staging / "lease.json").read_text())
    started = start_of(Path(f"/proc/{worker.pid}/stat").read_text())
    assert started > 1
    (staging / "lease.json").write_text(json.dumps({**lease, "started": started}))
    assert archive.stage(VIDEO) != staging


def test_a_dead_worker_that_nobody_reaps_writes_nothing_more(archive: Archive) -> None:
    """In a container the first process often reaps nobody: its number answers, and it is dead all the same."""
    with subprocess.Popen([sys.executable, "-c", ""], start_new_session=True) as dead:
        os.waitid(os.P_PID, dead.pid, os.WEXITED | os.WNOWAIT)
        staging = archive.stage(VIDEO)
        claim(staging, dead.pid)
        assert archive.stage(VIDEO) == staging
