"""Listings: what a source holds changes only by what is known for certain."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import apsw
from index_values import HD, NOW, failure, ids, keep, lines, list_source, playlist

from ytarchive.adapters.index import Index, Listing, ListingChange
from ytarchive.core.job import Known, ListedVideo, ListingSummary

SOURCE = "PL-a"


def seen(path: Path) -> dict[str, tuple[int, int | None]]:
    """When each video was first and last seen, as a reader finds it."""
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        found: list[Any] = connection.execute(
            "SELECT video, first_seen_at, last_seen_at FROM memberships"
        ).fetchall()
    finally:
        connection.close()
    return {video: (first, last) for video, first, last in found}


def test_complete_listing_adds_and_removes(index: Index, index_path: Path) -> None:
    index.apply_entries([playlist("a", order="listed")], NOW)
    assert list_source(index, SOURCE, ["v1", "v2"], now=NOW) == ListingChange(added=2)
    assert list_source(index, SOURCE, ["v3", "v2"], now=NOW + 60) == ListingChange(added=1, removed=1, kept=1)
    assert ids(index.candidates(NOW)) == ["v3", "v2"]
    assert seen(index_path) == {"v1": (NOW, NOW), "v2": (NOW, None), "v3": (NOW + 60, None)}


def test_video_that_returns_keeps_the_time_it_was_first_seen(index: Index, index_path: Path) -> None:
    list_source(index, SOURCE, ["v1"], now=NOW)
    list_source(index, SOURCE, [], now=NOW + 60)
    list_source(index, SOURCE, ["v1"], now=NOW + 120)
    assert seen(index_path) == {"v1": (NOW, None)}


def test_last_seen_is_the_last_look_that_showed_it(index: Index, index_path: Path) -> None:
    list_source(index, SOURCE, ["v1"], now=NOW)
    index.finish_listing(SOURCE, ListingSummary("unchanged", 1, 1), NOW + 60, NOW + 120)
    list_source(index, SOURCE, ["v2"], now=NOW + 120)
    assert seen(index_path)["v1"] == (NOW, NOW + 60)


def test_partial_listing_adds_and_takes_nothing_away(index: Index) -> None:
    index.apply_entries([playlist("a", order="listed")], NOW)
    list_source(index, SOURCE, ["v1", "v2", "v3"])
    change = list_source(index, SOURCE, ["new", "v3"], completeness="partial")
    assert change == ListingChange(added=1, kept=3)
    assert set(ids(index.candidates(NOW))) == {"v1", "v2", "v3", "new"}
    assert index.known(SOURCE) is None


def test_unchanged_listing_changes_only_its_own_record(index: Index) -> None:
    index.apply_entries([playlist("a")], NOW)
    list_source(index, SOURCE, ["v1", "v2"])
    revision, known = index.revision(), index.known(SOURCE)
    index.begin_listing(SOURCE, NOW + 60)
    change = index.finish_listing(SOURCE, ListingSummary("unchanged", 2, 2), NOW + 60, NOW + 999)
    assert change == ListingChange(kept=2)
    assert index.revision() == revision
    assert index.known(SOURCE) == known
    listing = index.listing(SOURCE)
    assert listing is not None
    assert (listing.completeness, listing.at, listing.full_at, listing.next_due_at) == (
        "complete",
        NOW + 60,
        NOW,
        NOW + 999,
    )


def test_known_is_what_the_first_page_showed_with_its_doubles(index: Index) -> None:
    videos = [f"v{number}" for number in range(150)]
    videos[3] = videos[1]
    list_source(index, SOURCE, videos)
    assert index.known(SOURCE) == Known(tuple(videos[:100]), 150, index.members(SOURCE))
    assert index.members(SOURCE)[:4] == ("v0", "v1", "v2", "v4")


def test_known_counts_what_youtube_says_is_there(index: Index) -> None:
    index.begin_listing(SOURCE, NOW)
    index.add_listed(SOURCE, lines(["v1", "v2"]), 0)
    index.finish_listing(SOURCE, ListingSummary("complete", 3, 2), NOW, NOW)
    assert index.known(SOURCE) == Known(("v1", "v2"), 3, ("v1", "v2"))


def test_listing_never_read_is_not_known(index: Index) -> None:
    assert index.listing(SOURCE) is None
    assert index.known(SOURCE) is None
    assert index.members(SOURCE) == ()


def test_double_keeps_its_first_position(index: Index) -> None:
    index.apply_entries([playlist("a", order="listed")], NOW)
    list_source(index, SOURCE, ["v1", "v2", "v1", "v3"])
    assert ids(index.candidates(NOW)) == ["v1", "v2", "v3"]


def test_pages_may_come_in_any_number_and_twice(index: Index) -> None:
    index.apply_entries([playlist("a", order="listed")], NOW)
    index.begin_listing(SOURCE, NOW)
    index.add_listed(SOURCE, lines(["v1", "v2"]), 0)
    index.add_listed(SOURCE, lines(["v3"]), 2)
    index.add_listed(SOURCE, lines(["v3"]), 2)
    assert ids(index.candidates(NOW)) == []
    index.finish_listing(SOURCE, ListingSummary("complete", 3, 3), NOW, NOW)
    assert ids(index.candidates(NOW)) == ["v1", "v2", "v3"]


def test_pages_of_a_listing_that_broke_off_are_forgotten(index: Index) -> None:
    index.begin_listing(SOURCE, NOW)
    index.add_listed(SOURCE, lines(["ghost"]), 5)
    list_source(index, SOURCE, ["v1"])
    assert index.members(SOURCE) == ("v1",)
    index.begin_listing(SOURCE, NOW)
    index.add_listed(SOURCE, lines(["ghost"]), 5)
    index.fail_listing(SOURCE, failure(), NOW, NOW)
    index.finish_listing(SOURCE, ListingSummary("complete", 0, 0), NOW, NOW)
    assert index.members(SOURCE) == ()


def test_two_listings_at_once_do_not_mix(index: Index) -> None:
    index.begin_listing("PL1", NOW)
    index.begin_listing("PL2", NOW)
    index.add_listed("PL1", lines(["a1"]), 0)
    index.add_listed("PL2", lines(["b1"]), 0)
    index.add_listed("PL1", lines(["a2"]), 1)
    index.finish_listing("PL2", ListingSummary("complete", 1, 1), NOW, NOW)
    index.finish_listing("PL1", ListingSummary("complete", 2, 2), NOW, NOW)
    assert index.members("PL1") == ("a1", "a2")
    assert index.members("PL2") == ("b1",)


def test_complete_listing_whose_lines_did_not_all_come_takes_nothing_away(index: Index) -> None:
    list_source(index, SOURCE, ["v1", "v2", "v3"])
    index.begin_listing(SOURCE, NOW)
    index.add_listed(SOURCE, lines(["v1"]), 0)
    change = index.finish_listing(SOURCE, ListingSummary("complete", 3, 3), NOW, NOW)
    assert change == ListingChange(kept=3)
    listing = index.listing(SOURCE)
    assert listing is not None
    assert (listing.completeness, listing.why) == ("partial", "only 1 of 3 lines arrived")


def test_failed_listing_keeps_what_is_held_and_counts(index: Index) -> None:
    index.apply_entries([playlist("a")], NOW)
    list_source(index, SOURCE, ["v1"])
    index.fail_listing(SOURCE, failure("HTTP_5XX", message="Error 503", status=503), NOW + 10, NOW + 70)
    index.fail_listing(SOURCE, failure("HTTP_429", status=429), NOW + 20, NOW + 80)
    assert index.listing(SOURCE) == Listing(
        source=SOURCE,
        completeness="complete",
        expected=1,
        got=1,
        title="List PL-a",
        at=NOW,
        full_at=NOW,
        next_due_at=NOW + 80,
        via="worker",
        attempts=2,
        code="HTTP_429",
        kind="transient",
        message="timed out",
        status=429,
        first_failed_at=NOW + 10,
        failed_at=NOW + 20,
        looks=1,
    )
    assert ids(index.candidates(NOW)) == ["v1"]
    assert index.known(SOURCE) == Known(("v1",), 1, ("v1",))


def test_success_ends_the_failures_of_a_listing(index: Index) -> None:
    index.fail_listing(SOURCE, failure(), NOW, NOW + 60)
    list_source(index, SOURCE, ["v1"])
    listing = index.listing(SOURCE)
    assert listing is not None
    assert (listing.attempts, listing.code, listing.first_failed_at) == (0, None, None)


def test_titles_come_from_listings_and_are_kept(index: Index) -> None:
    index.apply_entries([playlist("a", HD)], NOW)
    list_source(index, SOURCE, ["v1", "v2"])
    index.begin_listing(SOURCE, NOW)
    hidden = [ListedVideo("v1", "[Private video]"), ListedVideo("v2", None, 61, "UC1", "Lone \ud83d half")]
    index.add_listed(SOURCE, hidden, 0)
    index.finish_listing(SOURCE, ListingSummary("complete", 2, 2), NOW, NOW)
    first, second = index.video("v1"), index.video("v2")
    assert first is not None
    assert second is not None
    assert first.title == "Title of v1"
    assert (second.title, second.duration_seconds, second.channel) == ("Title of v2", 61, "Lone ? half")
    assert {row.title for row in index.candidates(NOW)} == {"Title of v1", "Title of v2"}


def test_listing_that_shows_the_same_writes_no_video_again(index: Index) -> None:
    index.apply_entries([playlist("a")], NOW)
    list_source(index, SOURCE, ["v1", "v2"])
    revision = index.revision()
    list_source(index, SOURCE, ["v1", "v2"], now=NOW + 60)
    assert index.revision() == revision
    video = index.video("v1")
    assert video is not None
    assert video.seen_at == NOW


def test_listed_video_that_is_on_disk_is_settled(index: Index) -> None:
    index.apply_entries([playlist("a")], NOW)
    keep(index, "v1")
    list_source(index, SOURCE, ["v1", "v2"])
    assert ids(index.candidates(NOW)) == ["v2"]
    assert index.settled(NOW) == {"": 1, "a": 1}


def test_how_many_videos_a_source_is_held_to_have(index: Index) -> None:
    assert index.held("PL-unheard-of") == 0
    index.begin_listing("PL-a", NOW)
    index.add_listed("PL-a", [ListedVideo("v1"), ListedVideo("v2"), ListedVideo("v1")], 0)
    index.finish_listing("PL-a", ListingSummary("complete", 3, 3), NOW, NOW)
    assert index.held("PL-a") == len(index.members("PL-a")) == 2


def test_a_short_listing_takes_nothing_away_and_is_known_by_youtube_s_count(index: Index) -> None:
    index.begin_listing("PL-a", NOW)
    index.add_listed("PL-a", [ListedVideo("v1"), ListedVideo("v2")], 0)
    index.finish_listing("PL-a", ListingSummary("complete", 2, 2), NOW, NOW)
    index.begin_listing("PL-a", NOW + 1)
    index.add_listed("PL-a", [ListedVideo("v1")], 0)
    change = index.finish_listing("PL-a", ListingSummary("short", 3, 1), NOW + 1, NOW)
    assert change.removed == 0
    assert index.members("PL-a") == ("v1", "v2")
    assert index.known("PL-a") == Known(("v1",), 3, ("v1", "v2"))
