"""Playlists, page by page."""

from __future__ import annotations

import re

import pytest
from yt_dlp.utils import DownloadError, ExtractorError

from ytarchive.simulator import PLAYLISTS, WELL_KNOWN, Simulator, computed_playlist_id, numbered_video_id


def url(playlist_id: str) -> str:
    return f"https://www.youtube.com/playlist?list={playlist_id}"


def ids(listing) -> list[str]:
    return [entry["id"] for entry in listing["entries"]]


def test_yt_dlp_pages_through_a_list(extract, youtube):
    playlist_id = computed_playlist_id(1000)
    listing = extract(url(playlist_id), process=False)
    assert ids(listing) == [numbered_video_id(playlist_id, at) for at in range(1000)]
    assert listing["playlist_count"] == 1000
    assert youtube.counters()["requests"] == {"playlist": 1, "browse": 10}
    assert youtube.counters()["tls_handshakes"] == 1


def test_list_of_5000_takes_51_requests(client, youtube):
    """The page, the reload with unavailable videos, and 49 continuations: what yt-dlp asks for."""
    playlist_id = computed_playlist_id(5000)
    found: list[str] = []
    client.get(url(playlist_id))
    body = {"browseId": f"VL{playlist_id}", "params": "wgYCCAA="}
    while body:
        text = client.request("POST", "https://www.youtube.com/youtubei/v1/browse", body=body).text
        found += re.findall(r'"contentId":"([^"]+)"', text)
        token = re.search(r'"token":"([^"]+)"', text)
        body = {"continuation": token.group(1)} if token else {}
    assert found == [numbered_video_id(playlist_id, at) for at in range(5000)]
    assert youtube.counters()["total_requests"] == 51


def test_computed_ids_are_valid_distinct_and_some_begin_with_a_dash():
    found = [numbered_video_id("any", at) for at in range(20_000)]
    assert len(set(found)) == 20_000
    assert {len(video_id) for video_id in found} == {11}
    assert sum(video_id.startswith("-") for video_id in found) > 200


def test_list_of_a_million_costs_only_its_first_pages(client):
    token = None
    body = {"browseId": f"VL{computed_playlist_id(1_000_000)}", "params": "wgYCCAA="}
    for _ in range(3):
        reply = client.request("POST", "https://www.youtube.com/youtubei/v1/browse", body=body)
        assert reply.status == 200
        token = reply.text.partition('"token":"')[2].partition('"')[0]
        body = {"continuation": token}
    assert token


@pytest.mark.parametrize("layout", ["lockup", "renderer"])
def test_entry_tells_what_a_listing_tells(monkeypatch, extract, layout):
    names = ("ordinary", "private", "removed", "members", "live_now", "upcoming", "was_live", "geo")
    with Simulator(layout=layout) as youtube:
        for name, value in youtube.environment().items():
            monkeypatch.setenv(name, value)
        youtube.set_playlist("PLentries-test1", [WELL_KNOWN[name] for name in names])
        listing = extract(url("PLentries-test1"), process=False)
    entries = dict(zip(names, listing["entries"], strict=True))
    assert entries["ordinary"]["title"] == "Simulated video sim_Normal0"
    assert entries["ordinary"]["duration"] == 2
    assert entries["ordinary"]["uploader_id"].startswith("@simulated-")
    assert entries["private"]["title"] == "[Private video]"
    assert entries["removed"]["title"] == "[Deleted video]"
    assert entries["geo"]["title"] == "Simulated video sim_GeoBloc"
    assert entries["live_now"]["live_status"] == "is_live"
    assert listing["playlist_count"] == len(names)


def test_page_hides_unavailable_videos_and_the_reload_shows_them(extract, youtube):
    youtube.set_playlist(
        "PLhidden-test01", [WELL_KNOWN["private"], WELL_KNOWN["ordinary"], WELL_KNOWN["removed"]]
    )
    shown = extract(url("PLhidden-test01"), process=False)
    hidden = extract(
        url("PLhidden-test01"), process=False, compat_opts=["no-certifi", "no-youtube-unavailable-videos"]
    )
    assert ids(shown) == [WELL_KNOWN["private"], WELL_KNOWN["ordinary"], WELL_KNOWN["removed"]]
    assert ids(hidden) == [WELL_KNOWN["ordinary"]]
    assert hidden["playlist_count"] == 3


def test_made_private_at_run_time_is_hidden_from_a_computed_list(extract, youtube):
    playlist_id = computed_playlist_id(3, "hide")
    gone = numbered_video_id(playlist_id, 1)
    youtube.set_video(gone, case="private")
    hidden = extract(
        url(playlist_id), process=False, compat_opts=["no-certifi", "no-youtube-unavailable-videos"]
    )
    assert gone not in ids(hidden)
    assert len(hidden["entries"]) == 2


def test_duplicates_and_reordering(extract, youtube):
    ordinary, dash = WELL_KNOWN["ordinary"], WELL_KNOWN["leading_dash"]
    assert ids(extract(url(PLAYLISTS["duplicates"]), process=False)) == [
        ordinary,
        dash,
        ordinary,
        dash,
        ordinary,
    ]
    youtube.set_playlist("PLreorder-test1", [ordinary, dash])
    assert ids(extract(url("PLreorder-test1"), process=False)) == [ordinary, dash]
    youtube.set_playlist("PLreorder-test1", [dash, ordinary])
    assert ids(extract(url("PLreorder-test1"), process=False)) == [dash, ordinary]


def test_lists_that_cannot_be_seen(extract, youtube):
    with pytest.raises(DownloadError, match="The playlist does not exist"):
        extract(url(PLAYLISTS["missing"]))
    with pytest.raises(DownloadError, match="This playlist is private"):
        extract(url(PLAYLISTS["private"]))
    youtube.set_playlist("PLdeleted-test1", [WELL_KNOWN["ordinary"]])
    youtube.set_playlist("PLdeleted-test1", None)
    with pytest.raises(DownloadError, match="The playlist does not exist"):
        extract(url("PLdeleted-test1"))


def test_empty_and_unlisted_lists(extract):
    empty = extract(url(PLAYLISTS["empty"]), process=False)
    assert (empty["entries"], empty["playlist_count"]) == ([], 0)
    assert extract(url(PLAYLISTS["unlisted"]), process=False)["availability"] == "unlisted"


def test_continuation_without_items_is_incomplete_data(extract, youtube):
    youtube.add_fault("empty_page", request="browse")
    with pytest.raises(ExtractorError, match="Incomplete data received"):
        extract(url(computed_playlist_id(300)), process=False)


def test_short_listing_looks_complete_but_for_its_count(extract, youtube):
    youtube.add_fault("short_list", request="browse", skip=1, count=1)
    listing = extract(url(computed_playlist_id(500)), process=False)
    assert len(listing["entries"]) == 200
    assert listing["playlist_count"] == 500


def test_list_is_found_without_its_page(extract, youtube):
    found = extract(
        url(computed_playlist_id(150)), process=False, extractor_args={"youtubetab": {"skip": ["webpage"]}}
    )
    assert len(found["entries"]) == 150
    assert "playlist" not in youtube.counters()["requests"]
