"""Channels and lists of playlists: where an entry's videos come from becomes known bit by bit."""

from __future__ import annotations

from index_values import HD, NOW, SD, ids, keep, list_source, playlist

from ytarchive.adapters.index import ChannelRecord, Index, ListingChange
from ytarchive.core.desired import Entry
from ytarchive.core.filters import Where
from ytarchive.core.job import ChannelFacts, ListedPlaylist, ListedVideo, ListingSummary
from ytarchive.core.sources import EntrySource

DAY = 86_400
TAIL = "c" * 22
CHANNEL, OTHER = "UC" + TAIL, "UC" + "d" * 22
ADDRESS = "channel:@somebody"
PLAYLISTS = f"playlists:{CHANNEL}"
VIDEOS, SHORTS = "UULF" + TAIL, "UUSH" + TAIL


def channel(name: str = "a", **more: object) -> Entry:
    return Entry(**{"name": name, "kind": "channel", "source": ADDRESS, "wish": HD, **more})  # type: ignore[arg-type]


def resolve(index: Index, found: str = CHANNEL, now: int = NOW, **names: str) -> None:
    summary = ListingSummary("complete", None, 0, channel=ChannelFacts(found, **names))
    index.finish_listing(ADDRESS, summary, now, now + DAY)


def catalogue(
    index: Index, *playlists: str, completeness: str = "complete", now: int = NOW, source: str = PLAYLISTS
) -> ListingChange:
    listed = tuple(ListedPlaylist(playlist, f"About {playlist}", 3) for playlist in playlists)
    summary = ListingSummary(completeness, len(listed), len(listed), playlists=listed)  # type: ignore[arg-type]
    return index.finish_listing(source, summary, now, now + DAY)


def sources(index: Index, entry: str = "a") -> list[str]:
    return [one.source for name, one in index.entry_sources() if name == entry]


def test_channel_is_known_by_itself_until_its_id_is(index: Index) -> None:
    index.apply_entries([playlist("p", pins=("v9",)), channel(include=("videos", "shorts"))], NOW)
    assert index.channel("@somebody") is None
    assert index.entry_sources() == (
        ("p", EntrySource("pins:p", "pins")),
        ("p", EntrySource("PL-p", "playlist")),
        ("a", EntrySource(ADDRESS, "channel")),
    )
    resolve(index, title="Somebody", handle="@somebody", description="Films")
    assert index.entry_sources()[2:] == (
        ("a", EntrySource(ADDRESS, "channel")),
        ("a", EntrySource(VIDEOS, "playlist", "videos")),
        ("a", EntrySource(SHORTS, "playlist", "shorts")),
    )
    expected = ChannelRecord("@somebody", CHANNEL, "Somebody", "@somebody", NOW, None, "Films")
    assert index.channel("@somebody") == index.channel(ADDRESS) == expected


def test_what_was_listed_before_the_channel_was_known_is_wanted_then(index: Index) -> None:
    index.apply_entries([channel(where=Where(match=("v1",)))], NOW)
    list_source(index, VIDEOS, ["v1", "v2"])
    assert list(index.candidates(NOW)) == []
    resolve(index)
    assert ids(index.candidates(NOW)) == ["v1"]
    assert index.left_out()["a"].excluded == 1


def test_entry_that_comes_later_finds_the_channel_known(index: Index) -> None:
    index.apply_entries([channel()], NOW)
    resolve(index)
    index.apply_entries([channel("b", include=("shorts",))], NOW)
    assert sources(index, "b") == [ADDRESS, SHORTS]


def test_channel_keeps_its_id_when_its_address_leads_elsewhere(index: Index) -> None:
    index.apply_entries([channel()], NOW)
    resolve(index, title="Somebody")
    resolve(index, OTHER, NOW + 5, title="Thief", handle="@somebody")
    assert index.channel("@somebody") == ChannelRecord("@somebody", CHANNEL, "Somebody", None, NOW + 5, OTHER)
    assert VIDEOS in sources(index)
    resolve(index, CHANNEL, NOW + 9, title="Renamed")
    assert index.channel("@somebody") == ChannelRecord("@somebody", CHANNEL, "Renamed", None, NOW + 9, None)


def test_each_playlist_of_a_channel_is_a_source(index: Index) -> None:
    index.apply_entries([channel(include=("videos", "playlists"))], NOW)
    resolve(index)
    assert sources(index) == [ADDRESS, VIDEOS, PLAYLISTS]
    assert catalogue(index, "PL2", "PL1") == ListingChange(added=2)
    assert sources(index) == [ADDRESS, VIDEOS, PLAYLISTS, "PL2", "PL1"]
    list_source(index, "PL1", ["v1"])
    list_source(index, VIDEOS, ["v1", "v2"])
    assert index.wanted_count() == {"": 2, "a": 2}
    (row,) = index.candidates(NOW, videos=["v1"])
    assert row.entries == ("a",)


def test_playlist_that_leaves_a_channel_gives_its_videos_up_and_keeps_what_it_held(index: Index) -> None:
    index.apply_entries([channel(include=("playlists",))], NOW)
    resolve(index)
    catalogue(index, "PL1", "PL2")
    list_source(index, "PL1", ["v1"])
    assert catalogue(index, "PL2", completeness="partial") == ListingChange(kept=2)
    assert ids(index.candidates(NOW)) == ["v1"]
    assert catalogue(index, "PL2", "PL3") == ListingChange(added=1, removed=1, kept=1)
    assert sources(index) == [ADDRESS, PLAYLISTS, "PL2", "PL3"]
    assert list(index.candidates(NOW)) == []
    assert index.members("PL1") == ("v1",)
    catalogue(index, "PL1")
    assert ids(index.candidates(NOW)) == ["v1"]


def test_unchanged_list_of_playlists_changes_nothing(index: Index) -> None:
    index.apply_entries([channel(include=("playlists",))], NOW)
    resolve(index)
    catalogue(index, "PL1", "PL2")
    revision = index.revision()
    summary = ListingSummary("unchanged", 2, 2)
    assert index.finish_listing(PLAYLISTS, summary, NOW + 5, NOW) == ListingChange(kept=2)
    catalogue(index, "PL1", "PL2", now=NOW + 9)
    assert index.revision() == revision
    assert sources(index) == [ADDRESS, PLAYLISTS, "PL1", "PL2"]


def test_list_of_playlists_that_shrinks_too_much_is_believed_a_day_later(index: Index) -> None:
    index.apply_entries([channel(include=("playlists",))], NOW)
    resolve(index)
    many = [f"PL{number}" for number in range(20)]
    catalogue(index, *many)
    assert catalogue(index, "PL0", now=NOW + DAY) == ListingChange(kept=20, withheld=19)
    listing = index.listing(PLAYLISTS)
    assert listing is not None
    assert (listing.completeness, listing.shrunken_at) == ("shrunken", NOW + DAY)
    assert len(sources(index)) == 22
    assert catalogue(index, "PL0", now=NOW + 2 * DAY) == ListingChange(removed=19, kept=1)
    assert sources(index) == [ADDRESS, PLAYLISTS, "PL0"]


def test_playlist_of_a_channel_may_be_an_entry_of_its_own(index: Index) -> None:
    index.apply_entries(
        [channel(include=("playlists",), where=Where(match=("v1",))), playlist("p", SD, source="PL1")], NOW
    )
    resolve(index)
    catalogue(index, "PL1")
    list_source(index, "PL1", ["v1", "v2"])
    rows = {row.video: row.entries for row in index.candidates(NOW)}
    assert rows == {"v1": ("a", "p"), "v2": ("p",)}
    catalogue(index)
    assert {row.video: row.entries for row in index.candidates(NOW)} == {"v1": ("p",), "v2": ("p",)}


def test_playlist_in_two_lists_of_a_channel_is_one_source(index: Index) -> None:
    index.apply_entries([channel(include=("releases", "playlists"))], NOW)
    resolve(index)
    catalogue(index, "PL1")
    catalogue(index, "PL1", source=f"releases:{CHANNEL}")
    assert sources(index).count("PL1") == 1
    list_source(index, "PL1", ["v1"])
    assert index.wanted_count() == {"": 1, "a": 1}


def test_lists_of_uploads_tell_what_their_videos_are(index: Index) -> None:
    index.apply_entries([channel(include=("videos", "shorts"), where=Where(kinds=("shorts",)))], NOW)
    resolve(index)
    list_source(index, VIDEOS, ["v1"])
    list_source(index, SHORTS, ["s1"])
    assert ids(index.candidates(NOW)) == ["s1"]
    video = index.video("v1")
    assert video is not None
    assert video.kind == "videos"


def test_sources_of_an_entry_are_worked_through_by_date_together(index: Index) -> None:
    index.apply_entries([channel(include=("videos", "shorts"))], NOW)
    resolve(index)
    for source, days in ((VIDEOS, {"v1": 1, "v3": 3}), (SHORTS, {"s2": 2, "s4": 4})):
        index.begin_listing(source, NOW)
        at = {video: NOW - day * DAY for video, day in days.items()}
        lines = [ListedVideo(video, published_from=day, published_to=day) for video, day in at.items()]
        index.add_listed(source, lines, 0)
        index.finish_listing(source, ListingSummary("complete", 2, 2), NOW, NOW)
    assert ids(index.candidates(NOW)) == ["v1", "s2", "v3", "s4"]


def test_sources_without_dates_are_worked_through_one_after_another(index: Index) -> None:
    index.apply_entries([channel(include=("shorts", "videos"))], NOW)
    resolve(index)
    list_source(index, VIDEOS, ["v1", "v2"])
    list_source(index, SHORTS, ["s1", "s2"])
    assert ids(index.candidates(NOW)) == ["s1", "s2", "v1", "v2"]


def test_part_taken_out_of_a_channel_is_no_longer_wanted(index: Index) -> None:
    index.apply_entries([channel(include=("videos", "shorts"))], NOW)
    resolve(index)
    list_source(index, VIDEOS, ["v1"])
    list_source(index, SHORTS, ["s1"])
    keep(index, "s1")
    index.apply_entries([channel(include=("videos",))], NOW)
    assert index.wanted_count() == {"": 1, "a": 1}
    assert index.item_location("s1") == "_"
