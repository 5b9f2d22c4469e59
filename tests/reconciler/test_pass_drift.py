"""What became of files behind our back: found again where they were moved to, explained, and else fetched again."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from pass_shelf import CHANNEL, LIST, commit, listed, shown
from reconciler_house import SMALL, House

from ytarchive.adapters.archive import NotMounted
from ytarchive.core.drift import Drift
from ytarchive.reconciler import explain, history, open_reading, plan, verify
from ytarchive.reconciler.linking import link_all
from ytarchive.simulator import numbered_video_id

ONE, TWO, THREE = videos = [numbered_video_id("drift", number) for number in range(3)]


@pytest.fixture
def shelf(house: House) -> House:
    """Three items that a list names, whole and linked."""
    house.manifest(
        f"playlists:\n  - {{playlist: {LIST}, name: All, quality: {SMALL}, library: {{name: TV}}}}\n"
    )
    with house.open() as world:
        listed(world, videos)
        for video in videos:
            commit(world, video)
        link_all(world)
    return house


def folder(house: House, video: str) -> Path:
    return house.root / "videos" / CHANNEL / video


def media(house: House, video: str) -> Path:
    (path,) = folder(house, video).glob("*.mkv")
    return path


def drifts(house: House, video: str) -> tuple[Drift, ...]:
    with open_reading(house.settings) as world:
        return explain(world, video).drifts


def actions(house: House) -> dict[str, str]:
    """What the next plan would do, after a look at the disk."""
    with house.open() as world:
        _, decisions = plan(world)
        return {one.video: str(one.action) for one in decisions}


def test_what_was_moved_is_put_back_and_nothing_is_downloaded(shelf: House) -> None:
    before = shown(shelf)
    folder(shelf, ONE).rename(shelf.root / "a folder of mine")
    media(shelf, TWO).unlink()  # its name in the library is left
    media(shelf, THREE).rename(shelf.root / "renamed.mkv")
    (shelf.root / "library" / "TV" / f"Title [{THREE}].mkv").unlink()
    assert actions(shelf) == {}
    with shelf.open() as world:
        link_all(world)
    assert shown(shelf) == before
    assert folder(shelf, ONE).is_dir()
    for video, place in ((ONE, "a folder of mine"), (TWO, "library/TV/"), (THREE, "renamed.mkv")):
        (drift,) = drifts(shelf, video)
        assert (drift.kind, drift.is_over) == ("moved", True)
        assert place in drift.told
        assert "nothing is downloaded" in drift.follows
        assert any(video in note and "was put back" in note for note in shelf.listener.notes)
    with open_reading(shelf.settings) as world:
        assert [one.kind for one in history(world, ONE).moments if "found as" in one.text] == ["moved"]


def test_a_folder_in_another_shard_is_told_as_moved_and_stays_there(shelf: House) -> None:
    other = shelf.root / "videos" / "Elsewhere"
    other.mkdir()
    folder(shelf, ONE).rename(other / ONE)
    assert actions(shelf) == {}
    assert (other / ONE).is_dir()
    (drift,) = drifts(shelf, ONE)
    assert drift.kind == "moved"
    assert f"videos/Elsewhere/{ONE}" in drift.told


def test_what_is_nowhere_is_explained_before_and_after_the_next_look(shelf: House) -> None:
    shutil.rmtree(folder(shelf, ONE))
    media(shelf, TWO).chmod(0o644)
    media(shelf, TWO).write_bytes(b"")
    media(shelf, THREE).unlink()
    (shelf.root / "library" / "TV" / f"Title [{THREE}].mkv").unlink()
    seen = {ONE: "deleted", TWO: "cut", THREE: "missing"}
    for video, kind in seen.items():
        drift = drifts(shelf, video)[0]
        assert (drift.kind, drift.at) == (kind, None)
        assert "looks for it in the rest of the archive" in drift.follows
    assert [drift.kind for drift in drifts(shelf, THREE)] == ["missing", "view"]
    assert actions(shelf) == {ONE: "fetch", TWO: "update", THREE: "update"}
    for video, kind in seen.items():
        drift = drifts(shelf, video)[0]
        assert drift.kind == kind
        assert not drift.is_over
        assert drift.at is not None
        assert "it was looked for in the rest of the archive" in drift.follows


def test_a_drift_that_was_made_good_is_over(shelf: House) -> None:
    shutil.rmtree(folder(shelf, ONE))
    assert actions(shelf) == {ONE: "fetch"}
    with shelf.open() as world:
        commit(world, ONE)
        link_all(world)
    (drift,) = drifts(shelf, ONE)
    assert (drift.kind, drift.is_over) == ("deleted", True)


def test_rot_is_explained_and_that_the_damaged_copy_stays(shelf: House) -> None:
    path = media(shelf, ONE)
    path.chmod(0o644)
    path.write_bytes(path.read_bytes()[::-1])
    with shelf.open() as world:
        verify(world, videos=[ONE])
        world.index.record_gone(TWO, "REMOVED", world.clock.now())
    (drift,) = drifts(shelf, ONE)
    assert drift.kind == "corrupt"
    assert "the damaged copy stays" in drift.follows
    media(shelf, TWO).unlink()
    assert "YouTube has it no more" in drifts(shelf, TWO)[0].follows


def test_a_record_that_makes_no_sense_is_explained(shelf: House) -> None:
    record = folder(shelf, ONE) / "item.json"
    record.unlink()
    record.write_bytes(b"{}")
    assert drifts(shelf, ONE)[0].kind == "unreadable"


def test_what_nobody_wants_is_put_back_all_the_same_and_its_loss_told(shelf: House) -> None:
    shelf.manifest("videos: []\n")
    folder(shelf, ONE).rename(shelf.root / "mine")
    shutil.rmtree(folder(shelf, TWO))
    assert actions(shelf) == {}
    assert folder(shelf, ONE).is_dir()
    assert "no entry wants it" in drifts(shelf, TWO)[0].follows


def test_an_archive_that_is_not_mounted_is_no_drift(shelf: House) -> None:
    shelf.root.rename(shelf.folder / "elsewhere")
    with pytest.raises(NotMounted, match="not mounted") as caught, open_reading(shelf.settings):
        pass
    assert caught.value.cure
    shelf.root.mkdir()
    with pytest.raises(NotMounted, match="not mounted"), shelf.open():
        pass
    assert list(shelf.root.iterdir()) == []


def test_a_deletion_that_is_respected_is_told_as_that(shelf: House) -> None:
    shelf.manifest(
        f"playlists:\n  - {{playlist: {LIST}, name: All, quality: {SMALL}, library: {{name: TV}},"
        " when_deleted_locally: respect}\n"
    )
    assert actions(shelf) == {}
    shutil.rmtree(folder(shelf, ONE))
    (shelf.root / "library" / "TV" / f"Title [{TWO}].mkv").unlink()
    assert "it is not fetched again" in drifts(shelf, ONE)[0].follows
    assert actions(shelf) == {}
    assert "it is not fetched again" in drifts(shelf, ONE)[0].follows
    assert [(drift.kind, "stays away" in drift.follows) for drift in drifts(shelf, TWO)] == [("view", True)]
