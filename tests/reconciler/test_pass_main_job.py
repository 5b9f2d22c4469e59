"""The main job through real parts: manifests in, a verified archive, a library and a work plan out."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import av
import pytest
import yaml
from reconciler_house import SMALL, House

from ytarchive.core.desired import Audio, Quality, Target
from ytarchive.core.job import ListingSummary
from ytarchive.errors import ArchiveError, BusyError, ConfigError, YtarchiveError
from ytarchive.reconciler import (
    acknowledge,
    open_reading,
    plan_document,
    rebuild_index,
    reconcile_once,
    refresh,
    request,
    retry,
    take_stock,
    withdraw,
    work_plan,
)
from ytarchive.simulator import PLAYLISTS, UNAVAILABLE, WELL_KNOWN, Simulator, computed_playlist_id

FEW = [WELL_KNOWN["ordinary"], WELL_KNOWN["leading_dash"], WELL_KNOWN["title_traversal"]]


def assert_whole(house: House, video: str) -> None:
    """The files are those that item.json names, and the media tell their video."""
    (folder,) = house.root.glob(f"videos/*/{video}")
    item = house.item(video)
    assert {path.name for path in folder.iterdir()} == {"item.json", *(file.name for file in item.files)}
    for file in item.files:
        path = folder / file.name
        assert path.stat().st_size == file.bytes
        assert hashlib.sha256(path.read_bytes()).hexdigest() == file.sha256
        assert path.stat().st_mode & 0o777 == 0o444
    (media,) = [file for file in item.files if file.role == "video"]
    assert f"ytsim:{video}:".encode() in (folder / media.name).read_bytes()
    with av.open(str(folder / media.name)) as container:
        assert {stream.type for stream in container.streams} >= {"video", "audio"}


def test_a_playlist_becomes_verified_items_and_a_library(house: House, youtube: Simulator) -> None:
    playlist = computed_playlist_id(6)
    house.manifest(f"playlists:\n  - {{playlist: {playlist}, name: six, quality: {SMALL}}}\n")
    report = house.run()
    assert report.exit_code == 0
    assert (report.books.have, report.books.wanted) == (6, 6)
    assert len(house.committed()) == 6
    for video in house.committed():
        assert_whole(house, video)
        (link,) = house.root.glob(f"library/six/*{glob_escape(video)}*.mkv")
        assert link.stat().st_nlink == 2
    assert house.staging() == []
    assert youtube.counters()["foreign"] == {}


def glob_escape(video: str) -> str:
    return f"[[]{video}[]]"


def test_a_second_pass_downloads_nothing_and_asks_at_most_four_things(
    house: House, youtube: Simulator
) -> None:
    house.manifest(f"playlists:\n  - {{playlist: {computed_playlist_id(6)}, quality: {SMALL}}}\n")
    house.run()
    before = house.snapshot()
    youtube.reset_counters()
    report = house.run()
    assert report.exit_code == 0
    assert house.listener.ends == []
    assert youtube.counters()["total_requests"] <= 4
    assert house.snapshot() == before


def test_every_kind_of_unavailable_video_is_told_apart_and_can_be_ignored(house: House) -> None:
    house.manifest(f"playlists:\n  - {{playlist: {PLAYLISTS['unavailable']}, name: gone}}\n")
    report = house.run()
    assert report.exit_code == 3
    assert house.committed() == set()
    plan = yaml.safe_load((house.state / "work-plan.yaml").read_text())
    codes = {item["video"]: (item["code"], item["kind"]) for item in plan["items"]}
    assert set(codes) == {WELL_KNOWN[name] for name in UNAVAILABLE}
    transient = {"reload": "RELOAD", "session_limit": "SESSION_LIMIT"}
    for name, code in transient.items():
        assert codes[WELL_KNOWN[name]] == (code, "transient")
    for name in ("private", "removed", "terminated", "copyright", "geo", "members", "age", "bot_check"):
        assert codes[WELL_KNOWN[name]][0] == name.upper()
    assert {kind for code, kind in codes.values() if code in ("BOT_CHECK", "CAPTCHA")} == {"user"}

    with house.open() as world:
        acknowledge(world, work_plan(world).items, None, "seen")
    report = house.run()
    assert report.exit_code == 0
    assert house.listener.ends == []


def test_an_ignored_video_is_owed_again_when_the_time_is_over_or_it_is_withdrawn(house: House) -> None:
    video = WELL_KNOWN["private"]
    house.want([video])
    assert house.run().exit_code == 3
    with house.open() as world:
        now = world.clock.now()
        acknowledge(world, work_plan(world).items, now - 1, "until yesterday")
        assert take_stock(world).owed == 1
        acknowledge(world, work_plan(world).items, now + 3600, "for an hour")
        assert take_stock(world).owed == 0
        withdraw(world, [video])
        assert take_stock(world).owed == 1


def test_nothing_is_tried_again_before_its_time_unless_a_person_says_so(
    house: House, youtube: Simulator
) -> None:
    video = WELL_KNOWN["private"]
    house.want([video])
    house.run()
    youtube.reset_counters()
    house.run()
    assert youtube.counters()["total_requests"] == 0
    with house.open() as world:
        assert retry(world, [video]) == 1
    house.run()
    assert youtube.counters()["requests"]["watch"] >= 1


def test_after_the_index_is_lost_the_books_are_the_same_and_nothing_is_downloaded(house: House) -> None:
    gone = WELL_KNOWN["private"]
    house.want([*FEW, gone])
    first = house.run()
    with house.open() as world:
        acknowledge(world, work_plan(world).items, None, "lost for good")
    for path in house.state.glob("index.sqlite*"):
        path.unlink()
    before = house.snapshot()
    report = house.run()
    assert report.done.fetched == 0
    assert report.books == first.books
    assert report.exit_code == 0
    assert {path: facts for path, facts in house.snapshot().items() if "/videos/" in path} == {
        path: facts for path, facts in before.items() if "/videos/" in path
    }


def test_a_damaged_index_is_put_aside_and_made_anew(house: House) -> None:
    house.want(FEW)
    house.run()
    (house.state / "index.sqlite").write_bytes(b"not a database at all" * 1000)
    report = house.run()
    assert report.exit_code == 0
    assert report.done.fetched == 0
    assert any("put aside" in note for note in house.listener.notes)
    assert list(house.state.glob("index.sqlite.damaged-*"))


def test_rebuilding_on_purpose_finds_what_is_there(house: House) -> None:
    house.want(FEW)
    house.run()
    report = rebuild_index(house.settings)
    assert (report.items, report.damaged) == (3, 0)
    assert house.run().done.fetched == 0


def test_a_file_that_was_deleted_or_cut_is_fetched_again(house: House) -> None:
    house.want(FEW)
    house.run()
    (deleted,) = house.root.glob(f"videos/*/{FEW[0]}/*.mkv")
    deleted.unlink()
    (linked,) = house.root.glob(f"library/*/*{FEW[0]}*.mkv")
    linked.unlink()
    (cut,) = house.root.glob(f"videos/*/{FEW[1]}/*.mkv")
    cut.chmod(0o644)
    cut.write_bytes(cut.read_bytes()[:100])
    report = house.run()
    assert report.exit_code == 0
    assert report.done.updated == 2
    for video in FEW:
        assert_whole(house, video)


def test_a_library_file_that_was_deleted_comes_back_and_a_foreign_one_stays(house: House) -> None:
    house.want(FEW[:1])
    house.run()
    (link,) = house.root.glob("library/*/*.mkv")
    link.unlink()
    (link.parent / "mine.txt").write_text("mine")
    report = house.run()
    assert report.done.fetched == 0
    assert link.exists()
    assert (link.parent / "mine.txt").read_text() == "mine"


def test_a_root_that_is_not_mounted_is_left_alone(house: House) -> None:
    house.want(FEW[:1])
    house.run()
    shutil.rmtree(house.root)
    house.root.mkdir()
    with pytest.raises(ArchiveError, match="not mounted"):
        house.run()
    assert list(house.root.iterdir()) == []
    house.root.rmdir()
    with pytest.raises(ArchiveError, match="not mounted"):
        house.run()
    assert not house.root.exists()


def test_a_root_that_is_not_mounted_is_known_even_when_the_index_is_lost(house: House) -> None:
    house.want(FEW[:1])
    house.run()
    shutil.rmtree(house.root)
    house.root.mkdir()
    for path in house.state.glob("index.sqlite*"):
        path.unlink()
    with pytest.raises(ArchiveError, match="not mounted"):
        house.run()
    assert list(house.root.iterdir()) == []


def test_an_invalid_manifest_touches_nothing(house: House) -> None:
    house.manifest("videos: {not: [a, list]}\n")
    with pytest.raises(ConfigError) as caught:
        house.run()
    assert caught.value.problems[0].line == 2
    assert not house.root.exists()
    assert not house.state.exists()


def test_a_manifest_that_became_invalid_stays_in_force_as_it_was(house: House) -> None:
    house.want(FEW[:2])
    house.run()
    house.manifest("videos: [oops\n")
    report = house.run()
    assert report.books.have == 2
    assert report.problems
    assert any("last good" in note for note in house.listener.notes)


def test_what_nobody_wants_any_more_stays_on_disk(house: House) -> None:
    house.want(FEW)
    house.run()
    before = house.snapshot()
    (house.folder / "manifests" / "wanted.yaml").write_text("version: 1\n")
    report = house.run()
    assert report.books.wanted == 0
    assert report.exit_code == 0
    assert house.snapshot() == before


def test_a_second_instance_is_refused(house: House) -> None:
    house.want(FEW[:1])
    with house.open(), pytest.raises(BusyError), house.open():
        pass


def test_a_wish_that_what_is_there_answers_costs_no_request(house: House, youtube: Simulator) -> None:
    house.want(FEW[:2])
    house.run()
    youtube.reset_counters()
    house.want(FEW[:2], quality="{max: 144p, codecs: [h264], fps: 60}")
    report = house.run()
    assert report.done.accepted == 2
    assert youtube.counters()["total_requests"] == 0
    assert house.run().done.accepted == 0


def test_a_higher_wish_updates_in_place_and_the_library_follows(house: House) -> None:
    video = FEW[0]
    house.want([video])
    house.run()
    old = house.item(video)
    house.want([video], quality="{max: 360p, codecs: [h264]}")
    report = house.run()
    assert report.done.updated == 1
    new = house.item(video)
    assert old.got.video is not None
    assert new.got.video is not None
    assert (old.got.video.label, new.got.video.label) == (144, 360)
    (link,) = house.root.glob("library/*/*.mkv")
    (media,) = [file for file in new.files if file.role == "video"]
    assert link.stat().st_size == media.bytes
    assert new.metadata.title == old.metadata.title


def test_a_caption_that_is_throttled_never_costs_the_video_and_comes_later(
    house: House, youtube: Simulator
) -> None:
    video = WELL_KNOWN["manual_captions"]
    fault = youtube.add_fault("status", value=429, request="caption")
    house.want([video], captions="{languages: [en]}")
    report = house.run()
    assert report.exit_code == 0
    item = house.item(video)
    assert item.captions_missing == ("en",)
    youtube.remove_faults(fault)
    media = [file for file in item.files if file.role == "video"]
    with house.open() as world:
        assert world.index.retry_now([video]) == 1
    youtube.reset_counters()
    report = house.run()
    assert report.done.captions == 1
    assert "media" not in youtube.counters()["requests"]
    item = house.item(video)
    assert item.captions_missing == ()
    assert [file for file in item.files if file.role == "video"] == media
    assert len(list(house.root.glob("library/*/*.en.vtt"))) == 1


def test_a_list_that_came_short_adds_and_takes_nothing_away(house: House, youtube: Simulator) -> None:
    videos = [*FEW, WELL_KNOWN["digits_only"]]
    youtube.set_playlist("PLshrinks0001", videos)
    house.manifest(
        f"playlists:\n  - {{playlist: PLshrinks0001, quality: {SMALL}, captions: {{languages: []}}}}\n"
    )
    house.run()
    for kind in ("playlist", "browse"):
        youtube.add_fault("status", value=500, request=kind)
    report = house.run()
    assert report.books.have == 4
    assert report.sources[0].completeness == "failed"


def test_a_playlist_that_does_not_exist_is_in_the_work_plan(house: House) -> None:
    house.manifest(f"playlists:\n  - {{playlist: {PLAYLISTS['missing']}, name: nowhere}}\n")
    report = house.run()
    assert report.sources[0].completeness == "failed"
    with house.open() as world:
        (item,) = work_plan(world).items
    assert (item.subject, item.code) == (PLAYLISTS["missing"], "LIST_MISSING")


def test_a_request_downloads_a_video_that_no_manifest_names(house: House) -> None:
    house.manifest("")
    wish = Target(video=Quality(max=144, codecs=("h264",)), sound=Audio())
    with house.open() as world:
        videos, _ = request(world, [FEW[0]], [PLAYLISTS["unlisted"]], wish)
        report = reconcile_once(world, only=videos)
    assert report.exit_code == 0
    assert house.committed() == {FEW[0], FEW[1]}
    assert len(list(house.root.glob("library/manual/*.mkv"))) == 2
    for path in house.state.glob("index.sqlite*"):
        path.unlink()
    assert house.run().books.have == 2


def test_a_saved_plan_is_carried_out_and_a_stale_one_refused(house: House) -> None:
    house.want(FEW)
    with house.open() as world:
        saved = plan_document(world)
    assert len(saved.actions) == 3
    assert house.run(expected_digest=saved.digest).done.fetched == 3
    with pytest.raises(YtarchiveError, match="no longer holds"):
        house.run(expected_digest=saved.digest)


def test_a_reader_sees_the_same_books_beside_a_writer(house: House) -> None:
    house.want(FEW)
    house.run()
    with house.open() as writer, open_reading(house.settings) as reader:
        assert take_stock(reader).total == take_stock(writer).total


def test_nothing_that_identifies_the_person_is_written(house: House) -> None:
    house.want(FEW[:1], sidecars="[info_json, thumbnail, description]")
    house.run()
    (info,) = house.root.glob("videos/*/*/*.info.json")
    text = info.read_text()
    assert json.loads(text)["id"] == FEW[0]
    for canary in ("ip=", "cookie", "googlevideo.com", "127.0.0.1", "signature"):
        assert canary not in text.lower()


def test_two_archives_do_not_know_each_other(make_house: Callable[..., House]) -> None:
    one, two = make_house("one"), make_house("two")
    one.want(FEW[:1])
    two.want(FEW[1:2])
    one.run()
    two.run()
    shutil.rmtree(two.root)
    shutil.copytree(one.root, two.root)
    with pytest.raises(ArchiveError, match=r"another|belongs"):
        two.run()


def test_a_full_disk_stops_the_pass_with_its_cure(make_house: Callable[..., House]) -> None:
    house = make_house("full", YTARCHIVE_ARCHIVE__MIN_FREE="900TiB")
    house.want(FEW)
    report = house.run()
    assert report.exit_code == 1
    assert report.stopped is not None
    assert "min_free" in report.stopped
    assert house.committed() == set()


def test_when_nothing_can_be_reached_the_pass_ends_with_an_error_and_its_cure(
    house: House, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    house.want([*FEW, WELL_KNOWN["digits_only"]])
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    report = house.run()
    assert report.exit_code == 1
    assert report.stop_cure
    assert [notice.name for notice in report.notices] == ["network"]
    assert 3 <= len(house.listener.ends) <= 4
    assert {code for _, _, code in house.listener.ends} <= {"PROXY", "REFUSED", "RESET", "TIMEOUT"}


def test_a_video_that_failed_leaves_nothing_in_staging_unless_it_can_be_resumed(
    house: House, youtube: Simulator
) -> None:
    gone, cut = WELL_KNOWN["private"], WELL_KNOWN["large"]
    youtube.add_fault("truncate", value=0.5, request="media", video=cut)
    house.want([gone, cut])
    assert house.run().exit_code == 3
    assert house.staging() == [cut]
    youtube.remove_faults()
    with house.open() as world:
        retry(world, [cut])
    assert house.run().done.fetched == 1
    assert house.staging() == []


def test_an_item_that_a_person_moved_to_another_shard_is_found_there(house: House) -> None:
    house.want(FEW[:1])
    house.run()
    (folder,) = house.root.glob(f"videos/*/{FEW[0]}")
    target = house.root / "videos" / "_" / FEW[0]
    target.parent.mkdir()
    folder.rename(target)
    report = house.run()
    assert (report.done.fetched, report.books.have) == (0, 1)


def test_a_list_that_cannot_be_read_is_owed_until_it_is_ignored(house: House) -> None:
    house.manifest(f"playlists:\n  - {{playlist: {PLAYLISTS['private']}, name: hidden}}\n")
    report = house.run()
    assert (report.exit_code, report.ledger.sources_owed) == (3, 1)
    assert report.next_due_at is not None
    with house.open() as world:
        acknowledge(world, work_plan(world).items, None, "mine no more")
    assert house.run().exit_code == 0


def test_a_list_that_cannot_be_reached_is_an_operational_error(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.manifest(f"playlists:\n  - {{playlist: {computed_playlist_id(3)}, name: three}}\n")
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    report = house.run()
    assert report.exit_code == 1
    assert report.stopped is not None
    assert report.stop_cure


def test_a_list_that_is_cut_between_pages_adds_takes_nothing_away_and_is_owed(
    house: House, youtube: Simulator
) -> None:
    playlist = computed_playlist_id(230)
    house.manifest(f"playlists:\n  - {{playlist: {playlist}, name: long}}\n")
    with house.open() as world:
        refresh(world)
        assert len(world.index.members(playlist)) == 230
    youtube.add_fault("short_list", playlist=playlist)
    with house.open() as world:
        # As if the last full reading were long ago.
        world.index.finish_listing(playlist, ListingSummary("partial", 230, 0), 0, 0)
        (report,) = refresh(world)
        assert report.completeness == "partial"
        assert len(world.index.members(playlist)) == 230
        assert take_stock(world).sources_owed == 1


def test_a_list_whose_count_includes_hidden_videos_is_no_debt_and_is_not_read_again(
    house: House, youtube: Simulator
) -> None:
    youtube.set_playlist("PLhiddenOnes01", [f"hid{number:08d}" for number in range(130)], hidden=9)
    house.manifest("playlists:\n  - {playlist: PLhiddenOnes01, name: some}\n")
    with house.open() as world:
        (report,) = refresh(world)
        assert (report.completeness, report.got, report.expected) == ("short", 130, 139)
        assert take_stock(world).sources_owed == 0
        youtube.reset_counters()
        (report,) = refresh(world)
        assert report.completeness == "unchanged"
        assert youtube.counters()["total_requests"] <= 2


def test_a_wish_that_nothing_answered_is_tried_again_at_once_when_it_is_changed(house: House) -> None:
    video = WELL_KNOWN["low_quality"]
    house.want([video], quality="{max: 1080p, min: 720p}")
    report = house.run()
    assert (report.exit_code, report.failures) == (3, {"POLICY_MISS": 1})
    house.want([video], quality="{max: 1080p}")
    assert house.run().exit_code == 0


def test_an_item_whose_record_cannot_be_read_is_fetched_again_also_by_a_new_index(house: House) -> None:
    house.want(FEW[:1])
    house.run()
    (record,) = house.root.glob("videos/*/*/item.json")
    record.chmod(0o644)
    record.write_text("{ half a rec")
    for path in house.state.glob("index.sqlite*"):
        path.unlink()
    report = house.run()
    assert (report.exit_code, report.books.have) == (0, 1)
    assert_whole(house, FEW[0])
