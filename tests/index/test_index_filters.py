"""Filters: what an entry leaves out, judged as soon as a video comes, and again only where something changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from index_values import ENGLISH, HD, NOW, SD, digest, failure, ids, keep, list_source, playlist, single

from ytarchive.adapters.index import Index
from ytarchive.core.desired import Entry
from ytarchive.core.filters import Keep, Verdict, Where
from ytarchive.core.instant import DAY
from ytarchive.core.job import ListedVideo, ListingSummary, Proviso, VideoDetails
from ytarchive.core.plan import LeftOut, Row

CATS = Where(match=("cat",))
IN_ENGLISH = Where(languages=("en",))
LAST_2 = Keep(last=2)


def listed(
    index: Index, source: str, lines: Sequence[ListedVideo], completeness: str = "complete", now: int = NOW
) -> None:
    index.begin_listing(source, now)
    index.add_listed(source, lines, 0)
    summary = ListingSummary(completeness, len(lines), len(lines))  # type: ignore[arg-type]
    index.finish_listing(source, summary, now, now)


def titled(**titles: str) -> list[ListedVideo]:
    return [ListedVideo(video, title=title) for video, title in titles.items()]


def dated(**days: int | None) -> list[ListedVideo]:
    """Videos by how many days ago they were published; None: not told."""
    times = {video: None if day is None else NOW - day * DAY for video, day in days.items()}
    return [ListedVideo(video, published_from=at, published_to=at) for video, at in times.items()]


def wanted(index: Index) -> list[str]:
    return sorted(row.video for row in index.candidates(NOW) if not row.undecided)


def apply(index: Index, *entries: Entry) -> None:
    index.apply_entries(entries, NOW)


def outcome(index: Index, entry: str, video: str) -> str | None:
    verdict = index.verdict(entry, video)
    return None if verdict is None else verdict.outcome


def test_excluded_video_is_no_row_and_is_counted(index: Index) -> None:
    apply(index, playlist("a", where=CATS))
    listed(index, "PL-a", titled(v1="A cat", v2="A dog"))
    assert wanted(index) == ["v1"]
    assert index.row("v2", NOW) is None
    assert index.left_out() == {"": LeftOut(1, 0), "a": LeftOut(1, 0)}
    assert index.verdict("a", "v1") is None
    verdict = index.verdict("a", "v2")
    assert verdict is not None
    assert (verdict.outcome, verdict.rule) == ("excluded", "where.title.match")
    assert index.verdict("a", "unheard-of") is index.verdict("b", "v2") is None


def test_filter_of_known_videos_needs_no_listing(index: Index) -> None:
    apply(index, playlist("a"))
    listed(index, "PL-a", titled(v1="A cat", v2="A dog"))
    for where, expected in ((CATS, ["v1"]), (Where(avoid=("cat",)), ["v2"]), (Where(), ["v1", "v2"])):
        apply(index, playlist("a", where=where))
        assert wanted(index) == expected
        assert index.wanted_count()["a"] + index.left_out()["a"].excluded == 2


def test_video_known_from_elsewhere_is_judged_when_it_comes_into_a_filtered_list(index: Index) -> None:
    apply(index, playlist("a", where=CATS), playlist("b"))
    listed(index, "PL-b", titled(v1="A cat", v2="A dog"))
    listed(index, "PL-a", [ListedVideo("v1"), ListedVideo("v2")])
    assert (outcome(index, "a", "v1"), outcome(index, "a", "v2")) == (None, "excluded")
    row = index.row("v2", NOW)
    assert row is not None
    assert row.entries == ("b",)


def test_video_excluded_for_one_entry_is_wanted_by_another_with_its_wish_alone(index: Index) -> None:
    apply(index, playlist("a", HD, where=CATS), playlist("b", SD, source="PL-a"))
    listed(index, "PL-a", titled(v1="A cat", v2="A dog"))
    rows = {row.video: row for row in index.candidates(NOW)}
    assert (rows["v1"].entries, rows["v1"].target) == (("a", "b"), digest(HD, SD))
    assert (rows["v2"].entries, rows["v2"].target) == (("b",), digest(SD))
    assert index.left_out() == {"": LeftOut(), "a": LeftOut(1, 0), "b": LeftOut()}


def test_one_list_in_two_entries_is_divided_by_their_filters(index: Index) -> None:
    apply(index, playlist("a", where=CATS), playlist("b", source="PL-a", where=Where(match=("dog",))))
    listed(index, "PL-a", titled(v1="A cat", v2="A dog", v3="A bird"))
    assert {row.video: row.entries for row in index.candidates(NOW)} == {"v1": ("a",), "v2": ("b",)}
    assert index.left_out()[""] == LeftOut(1, 0)
    assert index.wanted_count()[""] == 2


def test_request_of_a_person_overrides_a_filter(index: Index) -> None:
    apply(index, playlist("a", HD, where=CATS))
    listed(index, "PL-a", titled(v2="A dog"))
    index.add_request("v2", SD, NOW)
    row = index.row("v2", NOW)
    assert row is not None
    assert (row.entries, row.target) == (("manual",), digest(SD))
    assert index.left_out() == {"": LeftOut(), "a": LeftOut(1, 0)}


def test_undecided_video_is_a_candidate_of_its_own_kind(index: Index) -> None:
    apply(index, playlist("a", ENGLISH, where=IN_ENGLISH))
    listed(index, "PL-a", titled(v1="A cat"))
    assert list(index.candidates(NOW)) == [
        Row("v1", digest(ENGLISH), entries=("a",), title="A cat", undecided=True)
    ]
    assert index.wanted_count() == index.settled(NOW) == {"": 0, "a": 0}
    assert index.left_out() == {"": LeftOut(0, 1), "a": LeftOut(0, 1)}
    assert index.provisos("v1") == (Proviso(IN_ENGLISH, ENGLISH),)
    assert index.lacking_details(9) == ("v1",)


@pytest.mark.parametrize(("language", "expected"), [("en", None), ("fr", "excluded")])
def test_details_decide_when_filters_are_asked_again(
    index: Index, language: str, expected: str | None
) -> None:
    apply(index, playlist("a", where=IN_ENGLISH))
    listed(index, "PL-a", titled(v1="A cat"))
    index.record_details([VideoDetails("v1", language=language)], NOW + 5, "api")
    assert index.judge(NOW + 5) == 1
    assert outcome(index, "a", "v1") == expected
    assert index.provisos("v1") == ()
    assert index.judge(NOW + 5) == 0


def test_examined_video_that_tells_nothing_is_wanted(index: Index) -> None:
    apply(index, playlist("a", where=IN_ENGLISH))
    listed(index, "PL-a", titled(v1="A cat", v2="A dog"))
    index.record_details([VideoDetails("v1")], NOW, "api")
    index.record_details([VideoDetails("v2")], NOW, "extraction")
    assert index.judge(NOW) == 1
    assert outcome(index, "a", "v1") == "undecided"
    assert outcome(index, "a", "v2") is None
    assert index.lacking_details(9) == ()


def test_video_wanted_by_one_entry_tells_the_provisos_of_the_other(index: Index) -> None:
    apply(index, playlist("a", ENGLISH, where=IN_ENGLISH), playlist("b", SD, source="PL-a"))
    listed(index, "PL-a", titled(v1="A cat"))
    row = index.row("v1", NOW)
    assert row is not None
    assert (row.undecided, row.entries, row.target) == (False, ("b",), digest(SD))
    assert index.provisos("v1") == (Proviso(IN_ENGLISH, ENGLISH),)
    assert index.left_out() == {"": LeftOut(), "a": LeftOut(0, 1), "b": LeftOut()}


def test_undecided_for_two_entries_is_one_row_with_both_wishes(index: Index) -> None:
    apply(
        index,
        playlist("a", ENGLISH, where=IN_ENGLISH),
        playlist("b", HD, source="PL-a", where=Where(duration=(60, None))),
    )
    listed(index, "PL-a", titled(v1="A cat"))
    (row,) = index.candidates(NOW)
    assert (row.undecided, row.entries, row.target) == (True, ("a", "b"), digest(ENGLISH, HD))
    index.record_details([VideoDetails("v1", duration_seconds=10)], NOW, "api")
    index.judge(NOW)
    (row,) = index.candidates(NOW)
    assert (row.undecided, row.entries, row.target) == (True, ("a",), digest(ENGLISH))
    assert index.left_out() == {"": LeftOut(0, 1), "a": LeftOut(0, 1), "b": LeftOut(1, 0)}


def test_videos_lacking_details_come_in_the_order_of_work_and_not_when_they_are_gone(index: Index) -> None:
    apply(index, playlist("a", where=IN_ENGLISH), playlist("b", where=IN_ENGLISH, priority=1, order="listed"))
    list_source(index, "PL-a", ["a1"])
    list_source(index, "PL-b", ["b1", "b2", "b3"])
    assert index.lacking_details(3) == ("b1", "b2", "b3")
    index.record_details([VideoDetails("b1")], NOW, "api")
    index.record_gone("b2", "REMOVED", NOW)
    assert index.lacking_details(9) == ("b3", "a1")


def test_failed_examination_of_an_undecided_video_is_told_in_its_row_and_owed_to_nobody(index: Index) -> None:
    apply(index, playlist("a", where=IN_ENGLISH))
    listed(index, "PL-a", titled(v1="A cat"))
    index.record_failure("v1", "media", failure("AGE", "user"), NOW, NOW + 60)
    row = index.row("v1", NOW)
    assert row is not None
    assert (row.undecided, row.code, row.wish_changed) == (True, "AGE", False)
    assert list(index.open_attempts()) == []


def test_only_the_newest_are_kept_by_date_across_the_sources_of_an_entry(index: Index) -> None:
    apply(index, playlist("a", source="UU-a", keep=LAST_2))
    listed(index, "UU-a", dated(v1=5, v2=1, v3=3))
    assert wanted(index) == ["v2", "v3"]
    assert index.verdict("a", "v1") == Verdict("excluded", "keep.last", "not among the newest 2")


@pytest.mark.parametrize(("source", "newest"), [("UU-a", ["v1", "v2"]), ("PL-a", ["v3", "v4"])])
def test_without_dates_the_newest_are_where_youtube_puts_what_is_new(
    index: Index, source: str, newest: list[str]
) -> None:
    apply(index, playlist("a", source=source, keep=LAST_2))
    list_source(index, source, ["v1", "v2", "v3", "v4"])
    assert wanted(index) == newest


def test_video_without_a_date_is_as_new_as_its_neighbour(index: Index) -> None:
    apply(index, playlist("a", source="UU-a", keep=LAST_2))
    listed(index, "UU-a", dated(fresh=None, v1=1, v2=2, hidden=None, v3=9))
    assert wanted(index) == ["fresh", "v1"]
    apply(index, playlist("a", source="UU-a", keep=Keep(last=3)))
    assert wanted(index) == ["fresh", "v1", "v2"]


def test_new_upload_takes_the_place_of_the_oldest_one_kept(index: Index) -> None:
    apply(index, playlist("a", source="UU-a", keep=LAST_2))
    listed(index, "UU-a", dated(v1=1, v2=2, v3=3))
    listed(index, "UU-a", dated(v0=0, v1=1), completeness="head")
    assert wanted(index) == ["v0", "v1"]
    listed(index, "UU-a", dated(v2=2, v3=3))
    assert wanted(index) == ["v2", "v3"]


def test_moved_video_changes_what_is_the_newest(index: Index) -> None:
    apply(index, playlist("a", source="UU-a", keep=LAST_2))
    list_source(index, "UU-a", ["v1", "v2", "v3"])
    list_source(index, "UU-a", ["v3", "v1", "v2"])
    assert wanted(index) == ["v1", "v3"]


def test_date_told_later_changes_what_is_the_newest(index: Index) -> None:
    apply(index, playlist("a", source="UU-a", keep=LAST_2))
    listed(index, "UU-a", dated(v1=1, v2=2, v3=3))
    index.record_details([VideoDetails("v3", published_at=NOW)], NOW, "api")
    index.judge(NOW)
    assert wanted(index) == ["v1", "v3"]


def test_age_excludes_by_time_alone_and_a_clock_that_went_back_takes_it_back(index: Index) -> None:
    apply(index, playlist("a", keep=Keep(max_age_seconds=10 * DAY)))
    listed(index, "PL-a", dated(v1=9, v2=1))
    assert wanted(index) == ["v1", "v2"]
    assert index.judge(NOW + DAY) == 0
    assert index.judge(NOW + 2 * DAY) == 1
    assert wanted(index) == ["v2"]
    assert index.judge(NOW) == 1
    assert wanted(index) == ["v1", "v2"]


def test_first_day_of_a_filter_needs_no_exact_date(index: Index) -> None:
    apply(index, playlist("a", where=Where(since=date(2026, 9, 1))))
    begin = 1_788_220_800  # 2026-09-01
    spans = {"before": (begin - 9 * DAY, begin - DAY), "over": (begin - DAY, begin + DAY)}
    spans["after"] = (begin, begin + DAY)
    listed(
        index,
        "PL-a",
        [
            ListedVideo(video, published_from=first, published_to=last)
            for video, (first, last) in spans.items()
        ],
    )
    assert [outcome(index, "a", video) for video in spans] == ["excluded", "undecided", None]


def test_pin_is_wanted_first_whatever_the_filter_says_and_counts_for_no_place(index: Index) -> None:
    apply(index, playlist("a", source="UU-a", where=CATS, keep=LAST_2, pins=("v3", "other")))
    listed(index, "UU-a", titled(v1="A cat", v2="A cat", v3="A dog", v4="A cat"))
    assert ids(index.candidates(NOW)) == ["v3", "other", "v1", "v2"]
    assert index.verdict("a", "v3") is None
    assert index.wanted_count()["a"] == 4
    apply(index, playlist("a", source="UU-a", where=CATS, keep=LAST_2))
    assert ids(index.candidates(NOW)) == ["v1", "v2"]
    assert outcome(index, "a", "v3") == "excluded"
    assert index.members("pins:a") == ()


def test_suspended_entry_wants_nothing_and_its_listing_serves_when_it_goes_on(index: Index) -> None:
    entry = playlist("a", where=CATS, pins=("v9",))
    apply(index, entry)
    listed(index, "PL-a", titled(v1="A cat", v2="A dog"))
    apply(index, replace(entry, suspend=True))
    assert list(index.candidates(NOW)) == []
    assert index.left_out() == {"": LeftOut(3, 0), "a": LeftOut(3, 0)}
    assert index.verdict("a", "v9") == Verdict("excluded", "suspend", "the entry is suspended")
    listed(index, "PL-a", titled(v1="A cat", v2="A dog", v3="A cat"))
    apply(index, entry)
    assert wanted(index) == ["v1", "v3", "v9"]
    assert index.left_out()["a"] == LeftOut(1, 0)


def test_suspended_entry_leaves_its_videos_to_the_others(index: Index) -> None:
    apply(index, playlist("a", HD, suspend=True), playlist("b", SD, source="PL-a"))
    list_source(index, "PL-a", ["v1"])
    (row,) = index.candidates(NOW)
    assert (row.entries, row.target) == (("b",), digest(SD))
    index.fail_listing("PL-a", failure(), NOW, NOW)
    assert [one.entries for one in index.open_attempts()] == [("b",)]


def test_renamed_entry_leaves_out_the_same(index: Index) -> None:
    apply(index, playlist("a", where=CATS))
    listed(index, "PL-a", titled(v1="A cat", v2="A dog"))
    apply(index, playlist("renamed", source="PL-a", where=CATS))
    assert wanted(index) == ["v1"]
    assert index.left_out() == {"": LeftOut(1, 0), "renamed": LeftOut(1, 0)}
    assert index.verdict("a", "v2") is None
    assert outcome(index, "renamed", "v2") == "excluded"


def test_filter_of_a_new_entry_is_not_that_of_a_removed_one(index: Index) -> None:
    apply(index, playlist("a", where=CATS))
    listed(index, "PL-a", titled(v1="A cat", v2="A dog"))
    apply(index)
    apply(index, playlist("b", source="PL-a"))
    assert wanted(index) == ["v1", "v2"]


def test_ids_of_a_manifest_pass_its_filter_too(index: Index) -> None:
    index.record_details([VideoDetails("v1", title="A cat"), VideoDetails("v2", title="A dog")], NOW, "api")
    apply(index, single("a", "v1", "v2", where=CATS))
    assert wanted(index) == ["v1"]


def test_video_that_left_the_list_is_left_out_no_more(index: Index) -> None:
    apply(index, playlist("a", where=CATS))
    listed(index, "PL-a", titled(v1="A cat", v2="A dog"))
    listed(index, "PL-a", titled(v1="A cat"))
    assert index.left_out()["a"] == LeftOut()
    assert index.verdict("a", "v2") is None
    index.add_request("v2", SD, NOW)
    assert wanted(index) == ["v1", "v2"]


def test_fetched_video_of_an_undecided_entry_is_decided(index: Index) -> None:
    apply(index, playlist("a", where=IN_ENGLISH))
    listed(index, "PL-a", titled(v1="A cat"))
    keep(index, "v1")
    index.judge(NOW)
    assert index.settled(NOW) == {"": 1, "a": 1}


def test_filters_are_judged_anew_by_another_version(
    index_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entries = [playlist("a", where=CATS)]
    with Index.open(index_path) as index:
        index.apply_entries(entries, NOW)
        listed(index, "PL-a", titled(v2="A dog"))
        monkeypatch.setattr("ytarchive.core.filters.first_found", lambda words, _: next(iter(words), None))
        assert index.judge(NOW) == 0
        monkeypatch.setattr("ytarchive.adapters.index.desired.__version__", "9.9")
        assert index.apply_entries(entries, NOW)
        assert wanted(index) == ["v2"]


def test_revision_rises_with_what_filters_say(index: Index) -> None:
    apply(index, playlist("a", where=IN_ENGLISH))
    listed(index, "PL-a", titled(v1="A cat"))
    index.record_details([VideoDetails("v1", language="en")], NOW, "api")
    revision = index.revision()
    index.judge(NOW)
    assert index.revision() == revision + 1
    index.judge(NOW)
    assert index.revision() == revision + 1


def test_work_within_an_entry_goes_by_date_where_it_is_known(index: Index) -> None:
    lines = dated(v1=5, v2=1, unknown=None, v3=3)
    for order, expected in (
        ("newest", ["unknown", "v2", "v3", "v1"]),
        ("oldest", ["v1", "v3", "v2", "unknown"]),
        ("listed", ["v1", "v2", "unknown", "v3"]),
    ):
        apply(index, playlist("a", order=order))
        listed(index, "PL-a", lines)
        assert ids(index.candidates(NOW)) == expected
