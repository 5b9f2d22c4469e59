"""Channels, their playlists and their uploads as the Data API tells them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httplib2
import pytest
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError

from ytarchive.simulator import PLAYLISTS, WELL_KNOWN, Simulator
from ytarchive.simulator.catalogue import channel_of
from ytarchive.simulator.channels import computed_channel_id, computed_handle

KEY = "AIzaSimulatedKey"
CHANNEL = channel_of(7)
COMPUTED = computed_channel_id(videos=120, shorts=3, live=2, playlists=3, releases=1)


@pytest.fixture
def api(youtube: Simulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name, value in youtube.environment().items():
        monkeypatch.setenv(name, value)
    youtube.set_api_key(KEY)
    http = httplib2.Http(timeout=10, ca_certs=str(youtube.ca_path))
    yield build("youtube", "v3", developerKey=KEY, http=http, static_discovery=True, cache_discovery=False)
    http.close()


def test_channel_is_found_by_id_handle_and_user_name(api):
    ways = {
        "id": COMPUTED,
        "forHandle": computed_handle(COMPUTED),
        "forUsername": computed_handle(COMPUTED)[1:],
    }
    found = {name: api.channels().list(part="id", **{name: value}).execute() for name, value in ways.items()}
    for name, each in found.items():
        assert [item["id"] for item in each["items"]] == [COMPUTED], name
    plain = api.channels().list(part="id", forHandle=CHANNEL.handle[1:].upper()).execute()
    assert plain["items"][0]["id"] == CHANNEL.id


def test_channel_has_its_facts(api):
    parts = "snippet,contentDetails,statistics,status,brandingSettings,topicDetails"
    (found,) = api.channels().list(part=parts, id=COMPUTED).execute()["items"]
    assert found["kind"] == "youtube#channel"
    assert found["snippet"]["customUrl"] == computed_handle(COMPUTED)
    assert found["contentDetails"]["relatedPlaylists"] == {"likes": "", "uploads": f"UU{COMPUTED[2:]}"}
    assert found["statistics"]["videoCount"] == "125"
    assert found["statistics"]["hiddenSubscriberCount"] is False


def test_channels_that_do_not_exist_leave_an_answer_without_items(api):
    found = api.channels().list(part="id", forHandle="@nobody-has-this").execute()
    assert "items" not in found
    assert found["pageInfo"] == {"totalResults": 0, "resultsPerPage": 5}


def test_several_channels_come_in_pages_as_anything_else(api):
    ids = [channel_of(number).id for number in range(9)]
    assert len(api.channels().list(part="id", id=ids).execute()["items"]) == 5
    found = api.channels().list(part="id", id=[*ids, "UCnot-a-channel"], maxResults=50).execute()
    assert {item["id"] for item in found["items"]} == set(ids)


def test_uploads_are_lists_like_any_other(api):
    for letters, expected in (("UU", 125), ("UULF", 120), ("UUSH", 3), ("UULV", 2)):
        found = api.playlistItems().list(part="snippet", playlistId=letters + COMPUTED[2:]).execute()
        assert found["pageInfo"]["totalResults"] == expected
        assert found["items"][0]["snippet"]["channelId"] == COMPUTED
        assert found["items"][0]["snippet"]["videoOwnerChannelId"] == COMPUTED
    dates = [item["snippet"]["publishedAt"] for item in found["items"]]
    assert dates == sorted(dates, reverse=True)
    with pytest.raises(HttpError, match="cannot be found"):
        api.playlistItems().list(part="id", playlistId=f"UUMO{COMPUTED[2:]}").execute()


def test_playlists_of_a_channel_come_without_its_releases(api):
    found = api.playlists().list(part="snippet,contentDetails,status,player", channelId=COMPUTED).execute()
    assert found["pageInfo"]["totalResults"] == 3
    assert all(item["id"].startswith("PL") for item in found["items"])
    first = found["items"][0]
    assert first["snippet"]["channelId"] == COMPUTED
    assert first["contentDetails"] == {"itemCount": 20}
    assert first["status"] == {"privacyStatus": "public"}
    assert first["snippet"]["thumbnails"]["default"]["url"].endswith("/default.jpg")


def test_playlists_are_found_by_id_unless_private_or_missing(api):
    names = ("private", "unlisted", "missing", "empty", "everything")
    found = api.playlists().list(part="status,snippet", id=[PLAYLISTS[name] for name in names]).execute()
    assert [(item["id"], item["status"]["privacyStatus"]) for item in found["items"]] == [
        (PLAYLISTS["unlisted"], "unlisted"),
        (PLAYLISTS["empty"], "public"),
        (PLAYLISTS["everything"], "public"),
    ]
    assert found["items"][1]["snippet"]["thumbnails"] == {}


def test_playlist_counts_what_it_never_lists_and_shows_its_first_picture(api, youtube):
    youtube.set_playlist("PLapi-count-001", [WELL_KNOWN["private"]], hidden=4, title="Counted")
    (found,) = api.playlists().list(part="contentDetails,snippet", id="PLapi-count-001").execute()["items"]
    assert found["contentDetails"] == {"itemCount": 5}
    assert (found["snippet"]["title"], found["snippet"]["thumbnails"]) == ("Counted", {})


def test_playlists_of_nobody_are_refused(api):
    with pytest.raises(HttpError) as caught:
        api.playlists().list(part="id", channelId="UCnot-a-channel").execute()
    assert (caught.value.status_code, caught.value.error_details[0]["reason"]) == (404, "channelNotFound")


def test_fields_of_channels_and_playlists_are_known(api):
    found = api.channels().list(
        part="snippet,contentDetails",
        id=COMPUTED,
        fields="items(id,snippet(title,customUrl),contentDetails/relatedPlaylists/uploads)",
    )
    (item,) = found.execute()["items"]
    assert item["contentDetails"] == {"relatedPlaylists": {"uploads": f"UU{COMPUTED[2:]}"}}
    assert set(item["snippet"]) == {"title", "customUrl"}
    playlists = api.playlists().list(
        part="snippet,contentDetails", channelId=COMPUTED, fields="items(id,contentDetails/itemCount)"
    )
    assert {len(item) for item in playlists.execute()["items"]} == {2}
