"""Libraries of other tools are taken over: by links, without a request, and without a change to them."""

from __future__ import annotations

import errno
import json
import os
import sqlite3
import subprocess
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from foreign_libraries import (
    CAPTION,
    CHANNEL,
    ID,
    OTHER,
    PICTURE,
    THIRD,
    media,
    put,
    put_info,
    put_whole,
    run_adoption,
    state_of,
    why_left,
)
from imageio_ffmpeg import get_ffmpeg_exe
from reconciler_house import House

from benchmarks.adopt import make_libraries, stamped
from ytarchive.adapters.archive import Archive, Disk
from ytarchive.adapters.index import LetGo
from ytarchive.cli.output import as_json
from ytarchive.core.plan import Action
from ytarchive.errors import ArchiveError, UsageError
from ytarchive.reconciler import history, plan, reconcile_once
from ytarchive.simulator import Simulator


@pytest.fixture
def house(house: House) -> House:
    """Nothing is wanted, unless a test says so."""
    house.manifest("")
    return house


@pytest.fixture
def old(tmp_path: Path) -> Path:
    folder = tmp_path / "secret-place" / "old"
    folder.mkdir(parents=True)
    return folder


def test_three_foreign_layouts_are_adopted_without_a_request_or_a_copied_byte_and_left_as_they_were(
    house: House, youtube: Simulator, tmp_path: Path
) -> None:
    made = make_libraries(tmp_path / "old", 6)
    house.want(made.ids, quality="{max: 2160p, min: 1080p}")
    before = state_of(made.folder)

    with house.open() as world:
        reports = [run_adoption(world, made.folder / name, records=[made.database]) for name in made.videos]
        done = reconcile_once(world)
        taken = house.snapshot()
        again = [run_adoption(world, made.folder / name, records=[made.database]) for name in made.videos]

    assert [(one.adopted, one.unmanaged, one.copied_bytes, one.left) for one in reports] == [
        (2, 0, 0, [])
    ] * 3
    assert [one.by_tool for one in reports] == [{"yt-dlp": 2}, {"ytdl-sub": 2}, {"TubeSync": 2}]
    assert {path.stat().st_nlink for path in house.root.glob("videos/*/*/*.mp4")} == {3}
    assert (done.ledger.total.have, done.ledger.to_do) == (6, 0)
    assert youtube.counters()["total_requests"] == 0
    assert [(one.adopted, one.here, one.linked) for one in again] == [(0, 2, 0)] * 3
    assert house.snapshot() == taken
    assert state_of(made.folder) == before


def test_what_lies_beside_comes_along_and_secrets_and_folders_do_not(house: House, old: Path) -> None:
    put_whole(old / "A channel")
    with house.open() as world:
        report = run_adoption(world, old)
        happened = {one.kind: one.text for one in history(world, ID).moments}

    item = house.item(ID)
    kept = {file.role: (house.root / "videos" / CHANNEL / ID / file.name).read_bytes() for file in item.files}
    assert (report.adopted, report.unmanaged, report.left) == (1, 1, [])
    assert kept["video"] == stamped(media(), ID)
    assert (kept["caption"], kept["thumbnail"], kept["description"]) == (CAPTION, PICTURE, b"Words")
    assert json.loads(kept["info_json"])["title"] == "A talk"
    told = b"".join(path.read_bytes() for path in house.root.rglob("*.json"))
    assert b"canary" not in told
    assert b"secret-place" not in told
    assert (item.metadata.title, item.metadata.channel, item.metadata.uploaded_on) == (
        "A talk",
        "A channel",
        "2020-01-02",
    )
    assert item.provenance.adopted is not None
    assert item.provenance.adopted.words == (
        f"adopted from A talk [{ID}].mp4, made by yt-dlp, known by the info.json beside it"
    )
    assert happened["adopted"] == f"144p h264, {item.provenance.adopted.words}; 5 files"
    assert item.got.video is not None
    assert (item.got.video.label, item.got.video.codec, item.got.video.audio_codec) == (144, "h264", "aac")


def test_what_a_manifest_wants_only_later_is_accepted_without_a_download(
    house: House, old: Path, youtube: Simulator
) -> None:
    put(old, f"A talk [{ID}].mp4")
    with house.open() as world:
        run_adoption(world, old)
    house.want([ID], quality="{max: 2160p, min: 1440p}", captions="{languages: [en], required: true}")

    report = house.run()

    assert (report.ledger.total.have, report.ledger.owed, report.done.fetched) == (1, 0, 0)
    assert youtube.counters()["total_requests"] == 0
    assert [path.name for path in house.root.glob("library/*/*")] == [f"A talk [{ID}].mp4"]


def test_compared_with_the_wish_what_is_missing_beside_is_fetched_and_more_is_looked_for_later(
    house: House, old: Path
) -> None:
    for video in (ID, OTHER):
        put(old, f"A talk [{video}].mp4", video=video)
    house.want([ID], quality="{max: 1080p}", sidecars="[thumbnail]")
    house.manifest(
        f"videos: [{{video: {OTHER}, quality: {{max: 1080p}}, captions: {{languages: []}}, sidecars: []}}]",
        "b.yaml",
    )
    with house.open() as world:
        run_adoption(world, old, compare=True)
        _, decisions = plan(world)
        actions = {one.video: one.action for one in decisions}
        world.index.accept(OTHER, world.index.row(OTHER, 0).target, world.clock.now())  # type: ignore[union-attr]
        row = world.index.row(OTHER, world.clock.now())

    assert actions == {ID: Action.FETCH_BESIDE, OTHER: Action.ACCEPT}
    assert row is not None
    assert row.late == ("quality",)
    assert row.late_due_at is not None


def test_sound_alone_is_no_answer_to_a_wish_for_a_picture(house: House, old: Path) -> None:
    sound_of(old / f"A song [{ID}].m4a")
    house.want([ID])
    with house.open() as world:
        run_adoption(world, old)
        _, decisions = plan(world)
        actions = [one.action for one in decisions]

    assert [file.role for file in house.item(ID).files] == ["audio"]
    assert actions == [Action.UPDATE]


def sound_of(path: Path) -> None:
    put(path.parent, "whole.tmp.mp4")
    source = path.parent / "whole.tmp.mp4"
    subprocess.run([get_ffmpeg_exe(), "-v", "error", "-i", source, "-vn", "-c", "copy", path], check=True)
    source.unlink()


def test_hostile_and_unfinished_files_are_left_with_the_reason(
    house: House, old: Path, tmp_path: Path
) -> None:
    outside = put(tmp_path, f"Outside [{OTHER}].mp4")
    (old / f"Link [{OTHER}].mp4").symlink_to(outside)
    (old / "folder").symlink_to(tmp_path)
    os.mkfifo(old / f"Pipe [{OTHER}].mp4")
    put(old, f"Part [{OTHER}].mp4.part")
    put(old, f"Stream [{OTHER}].f137.mp4")
    put(old, f"Cut [{ID}].mp4", stamped(media(), ID)[:2500])
    put(old, "List [aaaaaaaaaa1].mp4", b"#EXTM3U\n#EXTINF:2,\nhttp://127.0.0.1:9/a.ts\n")
    put(old, "A song [compilation].mp4")
    put(old, "No id.mp4")
    put(old, f"Two minds [{ID}].mkv")
    put_info(old, f"Two minds [{ID}]", id=OTHER)
    put(old, "Elsewhere.mp4")
    put_info(old, "Elsewhere", extractor_key="Vimeo")
    put(old, f"Nested [{THIRD}].mp4")
    put(old, f"Nested [{THIRD}].info.json", b"[" * 100_000)
    put(old, f"Nested [{THIRD}].en.vtt", b"<html>")
    put(old, f"Nested [{THIRD}].jpg", b"<html>")
    with (old / f"Nested [{THIRD}].description").open("wb") as file:
        file.truncate(2 * 1024 * 1024)

    with house.open() as world:
        report = run_adoption(world, old)

    left = why_left(report)
    assert house.committed() == {THIRD}
    assert {name: left[name] for name in sorted(left)} == {
        "A song [compilation].mp4": "nothing confirms that compilation in its name is the id of a video",
        f"Cut [{ID}].mp4": "there is not one packet of audio in it",
        "Elsewhere.mp4": "the info.json beside it is of Vimeo, not of YouTube",
        "List [aaaaaaaaaa1].mp4": "it is no media that can be read: Invalid data found when processing input",
        f"Link [{OTHER}].mp4": "a symbolic link is not followed",
        f"Nested [{THIRD}].description": "it is larger than 1 MiB",
        f"Nested [{THIRD}].en.vtt": "The answer is no vtt: it begins with '<html>'",
        f"Nested [{THIRD}].info.json": "it is no JSON",
        f"Nested [{THIRD}].jpg": "it is no picture",
        "No id.mp4": "nothing tells which video it is: name, info.json, records, tags",
        f"Part [{OTHER}].mp4.part": "it was never finished, by its name",
        f"Pipe [{OTHER}].mp4": "it is not a regular file",
        f"Stream [{OTHER}].f137.mp4": "it was never finished, by its name",
        f"Two minds [{ID}].mkv": f"the info.json beside it says {OTHER}; its name says {ID}",
        "folder": "a symbolic link is not followed",
    }
    assert report.lost == 2
    assert house.staging() == []


def test_of_two_files_for_one_video_the_whole_one_is_taken_and_the_other_listed(
    house: House, old: Path
) -> None:
    put(old / "a", f"A talk [{ID}].mp4", stamped(media(), ID)[:2500])
    put(old / "b", f"A talk [{ID}].mp4", video="b")
    put(old / "c", f"A talk [{ID}].mp4", video="longer")

    with house.open() as world:
        report = run_adoption(world, old)

    assert [(one.file, one.is_loss) for one in report.left] == [
        (f"a/A talk [{ID}].mp4", True),
        (f"b/A talk [{ID}].mp4", False),
    ]
    assert report.left[1].why == f"another file of {ID} is the better one: c/A talk [{ID}].mp4"
    assert house.item(ID).files[0].bytes == len(stamped(media(), "longer"))


def test_a_download_archive_confirms_ids_in_names_and_tells_what_has_no_file(house: House, old: Path) -> None:
    put(old, f"A talk-{ID}.mp4")
    put(old, f"Unknown-{THIRD}.mp4")
    listed = put(old, "done.txt", f"youtube {ID}\nyoutube {OTHER}\nvimeo 1234\n".encode())

    with house.open() as world:
        report = run_adoption(world, old, records=[listed])

    assert house.committed() == {ID}
    assert report.not_found == (OTHER,)
    assert why_left(report) == {
        f"Unknown-{THIRD}.mp4": f"nothing confirms that {THIRD} in its name is the id of a video"
    }


def test_names_that_are_no_text_are_adopted_and_told_as_text(house: House, old: Path) -> None:
    name = b"\xff\n\x1b talk [dQw4w9WgXcQ].mp4"
    put(old, os.fsdecode(name))
    put(old, os.fsdecode(b"\xfe.mp4"))
    put_info(old, "half", id="\ud800", title="\ud800")
    put(old, "half.mp4")

    with house.open() as world:
        report = run_adoption(world, old)

    assert house.committed() == {ID}
    assert house.item(ID).provenance.adopted is not None
    assert sorted(why_left(report)) == ["\\xfe.mp4", "half.mp4"]
    assert as_json(report)


def test_a_dry_run_tells_what_is_then_done_and_writes_nothing(house: House, old: Path) -> None:
    put_whole(old)
    put(old, "No id.mp4")
    with house.open() as world:
        before = house.snapshot()
        told = run_adoption(world, old, dry_run=True)
        nothing = house.snapshot()
        done = run_adoption(world, old)

    assert nothing == before
    assert (told.adopted, told.unmanaged, told.by_tool, told.left) == (
        done.adopted,
        1,
        done.by_tool,
        done.left,
    )


def test_copies_share_nothing_with_the_source(house: House, old: Path) -> None:
    put_whole(old)
    before = state_of(old)
    with house.open() as world:
        report = run_adoption(world, old, how="copy")

    ours = {path.stat().st_ino for path in house.root.glob(f"videos/*/{ID}/*")}
    assert ours & {inode for inode, *_ in before.values()} == set()
    assert {path.stat().st_mode & 0o777 for path in house.root.glob(f"videos/*/{ID}/*")} == {0o444}
    assert report.copied_bytes == sum(
        path.stat().st_size for path in old.iterdir() if not path.name.endswith(".info.json")
    )
    assert state_of(old) == before


@pytest.mark.parametrize("how", ["link", "copy"])
def test_moving_leaves_only_what_was_not_taken_as_it_is(house: House, old: Path, how: str) -> None:
    stem = put_whole(old)
    with house.open() as world:
        report = run_adoption(world, old, how=how, move=True)

    assert report.moved == 4
    assert [path.name for path in old.iterdir()] == [f"{stem}.info.json"]
    assert house.item(ID).files[0].bytes == len(stamped(media(), ID))


def test_a_move_that_was_interrupted_after_the_commit_is_finished_by_the_next(
    house: House, old: Path
) -> None:
    stem = put_whole(old)
    with house.open() as world:
        run_adoption(world, old)
        os.replace(put(old, "copy.tmp"), old / f"{stem}.mp4")  # noqa: PTH105 - the same bytes, no link
        os.replace(put(old, "other.tmp", b"Other"), old / f"{stem}.description")  # noqa: PTH105
        report = run_adoption(world, old, move=True)

    assert (report.adopted, report.here, report.moved) == (0, 1, 3)
    assert sorted(path.name for path in old.iterdir()) == [f"{stem}.description", f"{stem}.info.json"]


def test_a_damaged_item_is_made_whole_by_a_file_of_the_same_video(house: House, old: Path) -> None:
    put_whole(old)
    with house.open() as world:
        run_adoption(world, old, how="copy")
    first = house.item(ID)
    broken = house.root / "videos" / CHANNEL / ID / first.files[0].name
    broken.chmod(0o644)
    broken.write_bytes(b"cut")

    with house.open() as world:
        report = run_adoption(world, old)
        condition = world.index.damage(ID)

    assert (report.adopted, condition) == (1, None)
    assert broken.read_bytes() == stamped(media(), ID)
    assert house.item(ID).episode == first.episode


def test_videos_of_one_day_get_numbers_of_their_own(house: House, old: Path) -> None:
    ids = [ID, OTHER, THIRD]
    for video in ids:
        put(old, f"A talk [{video}].mp4", video=video)
        put_info(old, f"A talk [{video}]", id=video, channel_id=CHANNEL)
    with house.open() as world:
        run_adoption(world, old)

    assert sorted(house.item(video).episode or 0 for video in ids) == [1, 2, 3]


def test_links_across_file_systems_are_refused_with_a_cure(house: House, old: Path) -> None:
    elsewhere = Path("/dev/shm") / f"ytarchive-{os.getpid()}"
    try:
        elsewhere.mkdir()
    except OSError:
        pytest.skip("there is no second file system here")
    try:
        if elsewhere.stat().st_dev == old.stat().st_dev:
            pytest.skip("there is no second file system here")
        source = put(elsewhere, f"A talk [{ID}].mp4")
        with house.open() as world, pytest.raises(ArchiveError) as refusal:
            run_adoption(world, elsewhere, own=True)
        assert "--copy" in str(refusal.value.cure)
        assert house.committed() == set()
        source.unlink()
    finally:
        elsewhere.rmdir()


def test_no_room_for_a_copy_ends_the_adoption_and_leaves_nothing_behind(house: House, old: Path) -> None:
    put_whole(old)
    house.environment["YTARCHIVE_ARCHIVE__MIN_FREE"] = "1000TiB"
    with house.open() as world, pytest.raises(ArchiveError, match="no room"):
        run_adoption(world, old, how="copy", own=True)
    with house.open():
        pass

    assert house.committed() == set()
    assert house.staging() == []


def test_the_archive_itself_and_what_is_no_folder_are_refused(house: House, old: Path) -> None:
    with house.open() as world:
        for path in (house.root / "library", old / "nowhere", put(old, "a.txt", b"x")):
            with pytest.raises(UsageError):
                run_adoption(world, path)
        inside = run_adoption(world, house.folder)

    assert {one.file: one.why for one in inside.left} == {
        "archive": "it is a folder of this archive",
        "state": "it is a folder of this archive",
    }


def test_what_cannot_be_adopted_takes_no_partial_download_with_it(house: House, old: Path) -> None:
    put(old, f"Cut [{ID}].mp4", stamped(media(), ID)[:2500])
    with house.open() as world:
        part = world.archive.stage(ID) / "parts.abc" / "part"
        part.parent.mkdir()
        part.write_bytes(b"half")
        run_adoption(world, old)
    with house.open():
        pass

    assert part.read_bytes() == b"half"
    assert list((part.parents[1] / "out").iterdir()) == []


def test_what_was_adopted_as_it_is_can_be_compared_later(house: House, old: Path) -> None:
    put_whole(old)
    house.want([ID], quality="{max: 1080p, min: 720p}")
    with house.open() as world:
        run_adoption(world, old)
        before = house.item(ID)
        report = run_adoption(world, old, compare=True)
        again = run_adoption(world, old, compare=True)
        _, decisions = plan(world)
        actions = [one.action for one in decisions]

    assert (report.compared, again.compared, actions) == (1, 0, [Action.UPDATE])
    assert (house.item(ID).files, house.item(ID).episode) == (before.files, before.episode)
    assert house.staging() == []


def test_what_was_let_go_and_is_adopted_again_stays(house: House, old: Path) -> None:
    put(old, f"A talk [{ID}].mp4")
    house.want([ID])
    with house.open() as world:
        world.index.let_go(LetGo(ID, "quarantine", "no entry wants it", 1))
        run_adoption(world, old)
        kept = world.index.is_kept(ID)
        told = [one.kind for one in world.archive.journal.replay()]
        report = reconcile_once(world)

    assert (kept, told) == (True, ["keep"])
    assert report.ledger.total.have == 1
    assert house.committed() == {ID}


def pinchflat(old: Path) -> list[Path]:
    put(old / "A channel", "s2024e0102 - A talk.mp4")
    database = old.parent / "pinchflat.db"
    with closing(sqlite3.connect(database)) as rows, rows:
        rows.execute("CREATE TABLE sources (id, collection_name, collection_id, collection_type)")
        rows.execute("CREATE TABLE media_items (media_id, title, media_filepath, uploaded_at, source_id)")
        rows.execute("INSERT INTO sources VALUES (1, 'A channel', ?, 'channel')", (CHANNEL,))
        place = "/downloads/A channel/s2024e0102 - A talk.mp4"
        rows.execute("INSERT INTO media_items VALUES (?, 'A talk', ?, '2024-01-02', 1)", (ID, place))
    return [database]


def tube_archivist(old: Path) -> list[Path]:
    put(old / CHANNEL, f"{ID}.mp4")
    put(old / CHANNEL, f"{ID}.en.vtt", CAPTION)
    video = {
        "youtube_id": ID, "media_url": f"{CHANNEL}/{ID}.mp4", "title": "A talk", "published": "2024-01-02",
        "channel": {"channel_id": CHANNEL, "channel_name": "A channel"},
    }  # fmt: skip
    backup = old.parent / "ta_backup-20240203-manual.zip"
    with zipfile.ZipFile(backup, "w") as file:
        file.writestr("es_video-20240203-0.json", f'{{"index": {{"_id": "{ID}"}}}}\n{json.dumps(video)}\n')
    return [backup]


@pytest.mark.parametrize(
    ("tool", "make", "captions"), [("Pinchflat", pinchflat, 0), ("TubeArchivist", tube_archivist, 1)]
)
def test_titles_days_and_channels_come_from_what_the_tool_wrote_down(
    house: House, old: Path, tool: str, make: Callable[[Path], list[Path]], captions: int
) -> None:
    records = make(old)
    with house.open() as world:
        report = run_adoption(world, old, records=records)

    item = house.item(ID)
    assert (report.by_tool, report.left) == ({tool: 1}, [])
    assert (item.shard, item.metadata.title, item.metadata.channel) == (CHANNEL, "A talk", "A channel")
    assert (item.metadata.uploaded_on, len(item.files)) == ("2024-01-02", 1 + captions)
    assert item.provenance.adopted is not None
    assert item.provenance.adopted.by == "state"


def test_an_address_in_the_tags_tells_the_video_where_nothing_else_does(house: House, old: Path) -> None:
    tagged(old / "Just a name.mkv", f"https://www.youtube.com/watch?v={ID}")
    tagged(old / f"Other [{THIRD}].mkv", f"https://www.youtube.com/watch?v={OTHER}")
    with house.open() as world:
        report = run_adoption(world, old)

    assert house.committed() == {ID}
    assert house.item(ID).metadata.title == "Tagged title"
    assert why_left(report) == {f"Other [{THIRD}].mkv": f"its tags say {OTHER}, and not {THIRD}"}


def tagged(path: Path, address: str) -> None:
    """The small media with tags as yt-dlp's --embed-metadata writes them into Matroska."""
    source = put(path.parent, "whole.tmp.mp4")
    tags = ("-metadata", f"purl={address}", "-metadata", "title=Tagged title")
    command = [get_ffmpeg_exe(), "-v", "error", "-i", source, "-c", "copy", *tags, path]
    subprocess.run(command, check=True)
    source.unlink()


def test_a_disk_that_fails_ends_the_adoption_with_its_cure_and_the_source_whole(
    house: House, old: Path
) -> None:
    put_whole(old)
    before = state_of(old)

    def full(kind: str, path: Path) -> None:
        if kind == "rename" and path.suffix == ".mp4":
            raise OSError(errno.ENOSPC, "No space left on device", str(path))

    with house.open() as world:
        whole = world.archive
        world.archive = Archive.of(whole.tree, whole.id, Disk(step=full))
        with pytest.raises(ArchiveError, match="No space left") as failure:
            run_adoption(world, old, move=True, own=True)

    assert "free some space" in str(failure.value.cure)
    assert state_of(old) == before
    assert (house.committed(), house.staging()) == (set(), [])


def test_what_was_adopted_and_cannot_be_removed_is_told(house: House, old: Path) -> None:
    stem = put_whole(old)

    def refuse(kind: str, path: Path) -> None:
        if kind == "unlink" and path == old / f"{stem}.mp4":
            raise OSError(errno.EROFS, "Read-only file system", str(path))

    with house.open() as world:
        whole = world.archive
        world.archive = Archive.of(whole.tree, whole.id, Disk(step=refuse))
        report = run_adoption(world, old, move=True)

    assert (report.adopted, report.moved, report.lost) == (1, 3, 0)
    assert why_left(report) == {f"{stem}.mp4": "it was adopted, and could not be removed"}
