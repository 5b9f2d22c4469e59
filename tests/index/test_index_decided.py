"""What people decided, as rows: what is lost comes back with its copy, and any quality is a target of its own."""

from __future__ import annotations

from dataclasses import replace

from index_values import HD, NOW, SD, failure, keep, list_source, playlist, single

from ytarchive.adapters.index import Acknowledgement, Index, Lowered
from ytarchive.core.desired import Quality, Target, lowered

PICKY = Target(video=Quality(max=1080, min=720, codecs=("av1",), codecs_only=True, fallback=(720,)))


def target_of(index: Index, video: str) -> Target:
    row = index.row(video, NOW)
    assert row is not None
    return index.target(row.target)


def test_a_lowered_video_has_a_target_of_its_own_until_that_is_undone(index: Index) -> None:
    index.apply_entries([single("a", "v1", "v2", wish=PICKY)], NOW)
    index.record_failure("v1", "media", failure("POLICY_MISS", "wait"), NOW, NOW + 99)
    index.lower("v1", "half \ud800", NOW)
    assert index.lowered() == (Lowered("v1", "half ?", NOW),)
    assert target_of(index, "v1") == lowered(PICKY)
    assert target_of(index, "v2") == PICKY
    row = index.row("v1", NOW)
    assert row is not None
    assert row.wish_changed
    index.restore_wish("v1")
    assert index.lowered() == ()
    assert target_of(index, "v1") == PICKY


def test_lowering_holds_for_what_is_united_later_and_for_requests(index: Index) -> None:
    index.lower("v1", "", NOW)
    index.apply_entries([playlist("a", wish=SD)], NOW)
    list_source(index, "PL-a", ["v1"])
    index.apply_entries([playlist("a", wish=PICKY), single("b", "v1", wish=SD)], NOW)
    assert target_of(index, "v1") == lowered(PICKY)
    index.add_request("v1", replace(PICKY, live="record"), NOW)
    assert target_of(index, "v1") == lowered(replace(PICKY, live="record"))
    index.apply_entries([], NOW)
    assert target_of(index, "v1") == lowered(replace(PICKY, live="record"))


def test_lowering_what_nobody_wants_wants_nothing(index: Index) -> None:
    index.lower("v1", "", NOW)
    assert index.row("v1", NOW) is None
    assert index.wanted_count() == {"": 0}


def test_a_lost_video_is_lost_no_more_once_it_is_here_and_an_ignored_one_stays_ignored(index: Index) -> None:
    index.apply_entries([single("a", "v1", "v2")], NOW)
    index.acknowledge("v1", None, "gone", NOW, is_lost=True)
    index.acknowledge("v2", None, "known", NOW)
    keep(index, "v1", HD)
    keep(index, "v2", HD)
    assert index.acknowledgements() == (Acknowledgement("v2", None, "known", NOW),)


def test_an_open_failure_tells_whether_anything_is_here(index: Index) -> None:
    index.apply_entries([single("a", "v1", "v2", wish=SD)], NOW)
    keep(index, "v1", SD)
    index.apply_entries([single("a", "v1", "v2", wish=HD)], NOW)
    for video in ("v1", "v2"):
        index.record_failure(video, "media", failure("POLICY_MISS"), NOW, NOW)
    assert [(one.subject, one.on_disk, one.have) for one in index.open_attempts()] == [
        ("v1", True, False),
        ("v2", False, False),
    ]
