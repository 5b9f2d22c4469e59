"""What is known of videos: by whom it was told, what it was before, and whether they are gone."""

from __future__ import annotations

from pathlib import Path

import apsw
import pytest
from index_values import MAY_1, NOW, item, keep, list_source, playlist

from ytarchive.adapters.index import FeedRecord, Index, Membership, TextRecord, Tombstone, VideoRecord
from ytarchive.core.instant import DAY
from ytarchive.core.item import Metadata, Provenance
from ytarchive.core.job import ListedVideo, ListingSummary, VideoDetails
from ytarchive.errors import IndexDamaged

FEED = "playlist_id=UU" + "c" * 22


def look(index: Index, *lines: ListedVideo, source: str = "PL-a", now: int = NOW) -> None:
    index.begin_listing(source, now)
    index.add_listed(source, lines, 0)
    index.finish_listing(source, ListingSummary("complete", len(lines), len(lines)), now, now)


def video(index: Index, name: str = "v1") -> VideoRecord:
    found = index.video(name)
    assert found is not None
    return found


def test_details_tell_what_a_listing_does_not(index: Index) -> None:
    look(index, ListedVideo("v1", "Title", 61))
    told = VideoDetails(
        "v1", "Title", "About", "Channel", "UC1", NOW - 9, 61.4, "live", "public", "was_live", "en-GB"
    )
    index.record_details([told], NOW + 5, "api")
    assert video(index) == VideoRecord(
        "v1",
        "Title",
        "Channel",
        "UC1",
        61.0,
        None,
        "public",
        "was_live",
        NOW + 5,
        published_from=NOW - 9,
        published_to=NOW - 9,
        kind="live",
        language="en-GB",
        details_at=NOW + 5,
        told_by="api",
    )


def test_extraction_tells_lengths_exactly_and_has_read_the_page(index: Index) -> None:
    look(index, ListedVideo("v1", "Title", 61))
    index.record_details([VideoDetails("v1", duration_seconds=61.4)], NOW + 5, "extraction")
    look(index, ListedVideo("v1", "Title", 61), now=NOW + 9)
    found = video(index)
    assert (found.duration_seconds, found.examined_at, found.details_at) == (61.4, NOW + 5, None)
    assert (found.seen_at, found.told_by) == (NOW + 5, "extraction")


def test_narrower_of_two_spans_says_when_a_video_was_published(index: Index) -> None:
    def span(first: int | None, last: int | None) -> tuple[int | None, int | None]:
        look(index, ListedVideo("v1", published_from=first, published_to=last))
        return video(index).published_from, video(index).published_to

    assert span(NOW - 900, NOW - 100) == (NOW - 900, NOW - 100)
    assert span(NOW - 950, NOW - 150) == (NOW - 900, NOW - 100)  # as told on the next day
    assert span(NOW - 800, NOW - 200) == (NOW - 800, NOW - 200)
    assert span(None, None) == (NOW - 800, NOW - 200)
    assert span(None, NOW) == (NOW - 800, NOW - 200)
    assert span(NOW - 300, NOW - 300) == (NOW - 300, NOW - 300)
    assert span(NOW - 301, NOW - 299) == (NOW - 300, NOW - 300)
    assert span(NOW - 290, NOW - 290) == (NOW - 290, NOW - 290)


def test_relative_dates_that_move_every_day_write_nothing(index: Index) -> None:
    look(index, ListedVideo("v1", "Title", published_from=NOW - 900, published_to=NOW - 100))
    revision = index.revision()
    look(
        index,
        ListedVideo("v1", "Title", published_from=NOW - 800, published_to=NOW),
        now=NOW + DAY,
    )
    assert index.revision() == revision
    assert video(index).seen_at == NOW


def test_item_read_again_takes_nothing_back_that_was_told_since(index: Index) -> None:
    made = item("v1", metadata=Metadata("Title of the file", "Channel", uploaded_on="2024-05-01"))
    look(index, ListedVideo("v1", "Title of now"), now=NOW + 9)
    index.record_item(made, dir_mtime_ns=1, late_due_at=None)
    found = video(index)
    assert (found.title, found.channel, found.published_from) == ("Title of now", "Channel", MAY_1)
    assert (found.seen_at, found.examined_at) == (NOW + 9, NOW)
    newer = Provenance("2026.10.26", None, None, NOW + 20, "0" * 64)
    index.record_item(item("v1", metadata=made.metadata, provenance=newer), dir_mtime_ns=1, late_due_at=None)
    assert video(index).title == "Title of now"  # an item keeps the title of its first fetch


@pytest.mark.parametrize("day", ["2024-13-01", "20240501", "soon", ""])
def test_day_that_is_none_leaves_the_date_unknown(index: Index, day: str) -> None:
    index.record_metadata("v1", Metadata("Title", uploaded_on=day), NOW)
    assert video(index).published_from is None


def test_texts_are_remembered_each_time_they_change(index: Index) -> None:
    look(index, ListedVideo("v1", "First"))
    index.record_details([VideoDetails("v1", "First", "About")], NOW + 1, "api")
    index.record_details([VideoDetails("v1", "Second", "About")], NOW + 2, "feed")
    index.record_details([VideoDetails("v1", None, None)], NOW + 3, "extraction")
    index.record_details([VideoDetails("v1", "First", "Lone \ud83d half")], NOW + 4, "extraction")
    index.record_details([VideoDetails("v1", "First", "")], NOW + 5, "api")
    assert index.texts("v1") == (
        TextRecord("title", NOW, "First"),
        TextRecord("description", NOW + 1, "About"),
        TextRecord("title", NOW + 2, "Second"),
        TextRecord("description", NOW + 4, "Lone ? half"),
        TextRecord("title", NOW + 4, "First"),
        TextRecord("description", NOW + 5, ""),
    )
    assert index.texts("unheard-of") == ()


def test_video_that_never_had_a_description_has_no_history_of_it(index: Index) -> None:
    index.record_details([VideoDetails("v1", "Title", "")], NOW, "api")
    assert index.texts("v1") == (TextRecord("title", NOW, "Title"),)


def test_hidden_title_is_no_change_of_it(index: Index) -> None:
    look(index, ListedVideo("v1", "Title"))
    look(index, ListedVideo("v1", "[Private video]"))
    index.record_details([VideoDetails("v1", "[Deleted video]")], NOW, "api")
    assert index.texts("v1") == (TextRecord("title", NOW, "Title"),)


def test_description_that_cannot_be_read_is_damage(index: Index, index_path: Path) -> None:
    index.record_details([VideoDetails("v1", "Title", "About")], NOW, "api")
    connection = apsw.Connection(str(index_path))
    connection.execute("UPDATE texts SET value = x'00'")
    connection.close()
    with pytest.raises(IndexDamaged):
        index.texts("v1")


def test_video_is_gone_for_certain_once_looks_on_different_days_agree(index: Index) -> None:
    keep(index, "v1")
    assert index.tombstone("v1") is None
    assert index.record_gone("v1", "PRIVATE", NOW) == Tombstone("v1", "PRIVATE", NOW, NOW)
    assert index.record_gone("v1", "PRIVATE", NOW + DAY // 2).looks == 1
    gone = index.record_gone("v1", "REMOVED", NOW + 2 * DAY)
    assert gone == Tombstone("v1", "REMOVED", NOW, NOW + 2 * DAY, looks=1)
    assert index.record_gone("v1", "REMOVED", NOW + 2 * DAY + 60).confirmed_at is None
    index.record_other_failure("v1")
    assert index.record_gone("v1", "REMOVED", NOW + 3 * DAY).confirmed_at is None
    assert index.record_gone("v1", "REMOVED", NOW + 4 * DAY).confirmed_at == NOW + 4 * DAY
    index.record_other_failure("v1")
    assert index.record_gone("v1", "REMOVED", NOW + 5 * DAY).confirmed_at == NOW + 4 * DAY
    assert video(index).title == "Title of v1"
    index.record_back("v1")
    assert index.tombstone("v1") is None


def test_clock_that_went_back_begins_the_wait_again(index: Index) -> None:
    index.record_gone("v1", "REMOVED", NOW + 365 * DAY)
    assert index.record_gone("v1", "REMOVED", NOW) == Tombstone("v1", "REMOVED", NOW, NOW)
    assert index.record_gone("v1", "REMOVED", NOW + DAY).confirmed_at == NOW + DAY
    index.record_gone("v2", "PRIVATE", NOW)
    assert index.record_gone("v2", "PRIVATE", NOW + DAY).confirmed_at == NOW + DAY


def test_video_that_is_shown_again_is_back(index: Index) -> None:
    for name in ("listed", "told", "hidden", "private", "nameless"):
        index.record_gone(name, "REMOVED", NOW)
    look(
        index,
        ListedVideo("listed", "Title"),
        ListedVideo("hidden", "[Deleted video]"),
        ListedVideo("private", "Title", availability="private"),
        ListedVideo("nameless"),
    )
    index.record_details([VideoDetails("told")], NOW, "api")
    gone = [name for name in ("listed", "told", "hidden", "private", "nameless") if index.tombstone(name)]
    assert gone == ["hidden", "private", "nameless"]


def test_history_tells_every_list_that_held_a_video(index: Index) -> None:
    look(index, ListedVideo("v0"), ListedVideo("v1", added_at=NOW - 9))
    look(index, ListedVideo("v1"), source="PL-b", now=NOW + 1)
    look(index, ListedVideo("v0"), source="PL-b", now=NOW + 60)
    assert index.history("v1") == (
        Membership("PL-a", 1, NOW - 9, NOW, None),
        Membership("PL-b", 0, None, NOW + 1, NOW + 1),
    )
    assert index.history("unheard-of") == ()


def test_time_of_adding_is_kept_where_it_is_not_told_again(index: Index) -> None:
    look(index, ListedVideo("v1", added_at=NOW - 9), ListedVideo("v2"))
    look(index, ListedVideo("v1"), ListedVideo("v2", added_at=NOW - 5))
    assert index.history("v1")[0].added_at == NOW - 9
    assert index.history("v2")[0].added_at == NOW - 5
    look(index)
    look(index, ListedVideo("v1"), ListedVideo("v2", added_at=NOW - 4))
    assert index.history("v1")[0] == Membership("PL-a", 0, NOW - 9, NOW, None)
    assert index.history("v2")[0].added_at == NOW - 4


def test_no_video_leaves_a_list_before_it_came(index: Index) -> None:
    list_source(index, "PL-a", ["v1"], now=NOW)
    list_source(index, "PL-a", ["v1", "v2"], now=NOW + 9 * DAY)
    list_source(index, "PL-a", ["v1", "v2"], now=NOW + DAY)  # the clock was wrong before
    list_source(index, "PL-a", ["v1"], now=NOW + 2 * DAY)
    assert index.history("v2") == (Membership("PL-a", 1, None, NOW + 9 * DAY, NOW + 9 * DAY),)


def test_feed_is_remembered_with_its_failures(index: Index) -> None:
    assert index.feed(FEED) is None
    index.fail_feed(FEED, "HTTP_5XX", NOW, NOW + 60)
    assert index.feed(FEED) == FeedRecord(None, None, 1, "HTTP_5XX", NOW + 60)
    index.record_feed(FEED, "one", NOW + 60, NOW + 900)
    assert index.feed(FEED) == FeedRecord("one", NOW + 60, 0, None, NOW + 900)
    index.fail_feed(FEED, "FEED_404", NOW + 900, NOW + 960)
    index.fail_feed(FEED, "FEED_404", NOW + 960, NOW + 999)
    assert index.feed(FEED) == FeedRecord("one", NOW + 60, 2, "FEED_404", NOW + 999)


def test_feed_of_a_list_is_asked_at_once_when_a_person_says_so(index: Index) -> None:
    index.apply_entries([playlist("a", source="UU" + "c" * 22)], NOW)
    index.fail_feed(FEED, "HTTP_5XX", NOW, NOW + 60)
    index.retry_now(["UU" + "c" * 22, "v1"])
    assert index.feed(FEED) == FeedRecord(None, None, 1, "HTTP_5XX", 0)


def test_what_is_known_stays_when_its_list_does_not_hold_it_any_more(index: Index) -> None:
    look(index, ListedVideo("v1", "Title"))
    look(index)
    assert video(index).title == "Title"
