"""The Data API as Google's own client sees it: entries, videos, pages, parts, fields, tags."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import httplib2
import pytest
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError

from ytarchive.simulator import PLAYLISTS, WELL_KNOWN, Simulator, computed_playlist_id, numbered_video_id

KEY = "AIzaSimulatedKey"
ROOT = "https://www.googleapis.com/youtube/v3"
ORDINARY = WELL_KNOWN["ordinary"]


@pytest.fixture
def api(youtube: Simulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The unmodified client, which finds the stand-in by the proxy variables."""
    for name, value in youtube.environment().items():
        monkeypatch.setenv(name, value)
    youtube.remove_api_key()
    youtube.set_api_key(KEY)
    http = httplib2.Http(timeout=10, ca_certs=str(youtube.ca_path))
    yield build("youtube", "v3", developerKey=KEY, http=http, static_discovery=True, cache_discovery=False)
    http.close()


@pytest.fixture
def ask(youtube: Simulator, client: Any) -> Callable[..., Any]:
    """Ask by hand, with nothing added but the key."""
    youtube.remove_api_key()
    youtube.set_api_key(KEY)

    def ask(path: str, **headers: str) -> Any:
        return client.get(f"{ROOT}/{path}&key={KEY}", **headers)

    return ask


def pages(request: Any, following: Callable[[Any, Any], Any]) -> Iterator[Any]:
    while request is not None:
        response = request.execute()
        yield response
        request = following(request, response)


def video(api: Any, name: str, part: str) -> Any:
    items = api.videos().list(part=part, id=WELL_KNOWN[name]).execute()["items"]
    return items[0][part] if items else None


def test_long_list_comes_in_pages_of_fifty_complete_and_in_order(api, youtube):
    playlist_id = computed_playlist_id(5000)
    items = api.playlistItems()
    first = items.list(part="contentDetails", playlistId=playlist_id, maxResults=50)
    found = list(pages(first, items.list_next))
    ids = [item["contentDetails"]["videoId"] for page in found for item in page["items"]]
    assert ids == [numbered_video_id(playlist_id, at) for at in range(5000)]
    assert len(found) == 100
    assert {json.dumps(page["pageInfo"]) for page in found} == {
        '{"totalResults": 5000, "resultsPerPage": 50}'
    }
    assert youtube.api_keys()[KEY]["spent_today"] == 100
    assert youtube.counters()["data_api"] == {"playlistItems": 100}


def test_pages_lead_back_as_well_as_on(api):
    items = api.playlistItems()
    ask = {"part": "snippet", "playlistId": computed_playlist_id(7), "maxResults": 3}
    first = items.list(**ask).execute()
    second = items.list(**ask, pageToken=first["nextPageToken"]).execute()
    third = items.list(**ask, pageToken=second["nextPageToken"]).execute()
    assert [item["snippet"]["position"] for item in second["items"]] == [3, 4, 5]
    assert [item["snippet"]["position"] for item in third["items"]] == [6]
    assert "prevPageToken" not in first
    assert "nextPageToken" not in third
    back = items.list(**ask, pageToken=third["prevPageToken"]).execute()
    assert back["items"] == second["items"]


@pytest.mark.parametrize(("size", "expected"), [(None, 5), (0, 0), (1, 1), (50, 50)])
def test_page_has_the_size_that_is_asked_for_and_five_without(api, size, expected):
    found = (
        api.playlistItems().list(part="id", playlistId=computed_playlist_id(60), maxResults=size).execute()
    )
    assert len(found["items"]) == expected
    assert found["pageInfo"] == {"totalResults": 60, "resultsPerPage": expected}


def test_entry_has_the_parts_that_are_asked_for(api, youtube):
    whole = (
        api.playlistItems()
        .list(part="snippet,contentDetails,status", playlistId=PLAYLISTS["duplicates"], maxResults=1)
        .execute()
    )
    assert whole["kind"] == "youtube#playlistItemListResponse"
    (entry,) = whole["items"]
    facts = youtube.video(ORDINARY)
    assert set(entry) == {"kind", "etag", "id", "snippet", "contentDetails", "status"}
    assert entry["kind"] == "youtube#playlistItem"
    assert entry["snippet"]["title"] == facts.title
    assert entry["snippet"]["resourceId"] == {"kind": "youtube#video", "videoId": ORDINARY}
    assert entry["snippet"]["videoOwnerChannelId"] == facts.channel.id
    assert entry["snippet"]["playlistId"] == PLAYLISTS["duplicates"]
    assert entry["snippet"]["publishedAt"] > entry["contentDetails"]["videoPublishedAt"]
    assert entry["status"] == {"privacyStatus": "public"}
    bare = api.playlistItems().list(part="id", playlistId=PLAYLISTS["duplicates"]).execute()["items"]
    assert all(set(item) == {"kind", "etag", "id"} for item in bare)
    several = api.playlistItems().list(part=["id", "status"], playlistId=PLAYLISTS["duplicates"]).execute()
    assert set(several["items"][0]) == {"kind", "etag", "id", "status"}


def test_entry_is_found_by_its_id_also_when_its_video_is_listed_more_than_once(api):
    listed = api.playlistItems().list(part="snippet", playlistId=PLAYLISTS["duplicates"]).execute()["items"]
    ids = [item["id"] for item in listed]
    assert len(set(ids)) == 5
    found = api.playlistItems().list(part="snippet", id=",".join([ids[4], ids[1], "bm9uZQ"])).execute()
    assert found["items"] == [listed[4], listed[1]]
    assert found["pageInfo"]["totalResults"] == 2


def test_private_and_deleted_videos_keep_their_place_without_their_facts(api, youtube):
    youtube.set_playlist(
        "PLapi-hidden-01", [WELL_KNOWN["private"], ORDINARY, WELL_KNOWN["removed"]], hidden=2
    )
    found = (
        api.playlistItems().list(part="snippet,contentDetails,status", playlistId="PLapi-hidden-01").execute()
    )
    private, ordinary, deleted = found["items"]
    assert private["snippet"]["title"] == "Private video"
    assert private["snippet"]["description"] == "This video is private."
    assert private["status"] == {"privacyStatus": "private"}
    assert deleted["snippet"]["title"] == "Deleted video"
    assert deleted["status"] == {"privacyStatus": "privacyStatusUnspecified"}
    for entry in (private, deleted):
        assert entry["snippet"]["thumbnails"] == {}
        assert "videoOwnerChannelId" not in entry["snippet"]
        assert set(entry["contentDetails"]) == {"videoId"}
    assert [entry["snippet"]["position"] for entry in found["items"]] == [0, 1, 2]
    assert ordinary["snippet"]["thumbnails"]["high"]["width"] == 480
    assert found["pageInfo"]["totalResults"] == 5


def test_videos_that_are_gone_private_or_unknown_are_absent_and_no_error(api):
    names = ("ordinary", "private", "removed", "terminated", "geo", "members", "age")
    asked = [WELL_KNOWN[name] for name in names] + ["not an id", ORDINARY]
    found = api.videos().list(part="id", id=",".join(asked)).execute()
    assert [item["id"] for item in found["items"]] == [
        WELL_KNOWN[name] for name in ("ordinary", "geo", "members", "age")
    ]
    assert found["pageInfo"] == {"totalResults": 4, "resultsPerPage": 4}
    nothing = api.videos().list(part="id", id=WELL_KNOWN["private"]).execute()
    assert (nothing["items"], nothing["pageInfo"]["totalResults"]) == ([], 0)


def test_fifty_videos_come_at_once(api):
    ids = [numbered_video_id("fifty", at) for at in range(50)]
    found = api.videos().list(part="contentDetails", id=ids).execute()
    assert [item["id"] for item in found["items"]] == ids


def test_video_has_its_facts(api, youtube):
    youtube.set_video("sim_ApiFact", duration_seconds=93_784, best=480, captions=[], tags=["one", "two"])
    parts = "snippet,contentDetails,status,statistics,player,liveStreamingDetails,topicDetails"
    (found,) = api.videos().list(part=parts, id="sim_ApiFact").execute()["items"]
    assert found["contentDetails"] == {
        "duration": "P1DT2H3M4S",
        "dimension": "2d",
        "definition": "sd",
        "caption": "false",
        "licensedContent": False,
        "contentRating": {},
        "projection": "rectangular",
    }
    assert found["snippet"]["tags"] == ["one", "two"]
    assert found["snippet"]["liveBroadcastContent"] == "none"
    assert found["status"]["uploadStatus"] == "processed"
    assert found["status"]["privacyStatus"] == "public"
    assert found["statistics"]["viewCount"] == str(youtube.video("sim_ApiFact").view_count)
    assert "liveStreamingDetails" not in found
    assert "maxres" not in found["snippet"]["thumbnails"]


def test_what_is_special_about_a_video_is_told(api):
    assert video(api, "age", "contentDetails")["contentRating"] == {"ytRating": "ytAgeRestricted"}
    assert video(api, "geo", "contentDetails")["regionRestriction"] == {"allowed": ["JP"]}
    assert "DE" in video(api, "copyright_geo", "contentDetails")["regionRestriction"]["blocked"]
    assert video(api, "processing", "status")["uploadStatus"] == "uploaded"
    assert video(api, "made_for_kids", "status")["madeForKids"] is True
    assert video(api, "manual_captions", "contentDetails")["caption"] == "true"
    assert video(api, "automatic_captions", "contentDetails")["caption"] == "false"
    assert video(api, "french_captions", "snippet")["defaultAudioLanguage"] == "fr"
    assert video(api, "dubbed", "snippet")["defaultAudioLanguage"] == "en-US"
    assert "tags" in video(api, "ordinary", "snippet")


def test_streams_are_told_with_their_times(api):
    states = {
        name: video(api, name, "snippet")["liveBroadcastContent"]
        for name in ("live_now", "upcoming", "premiere", "was_live", "post_live", "ordinary")
    }
    assert states == {
        "live_now": "live",
        "upcoming": "upcoming",
        "premiere": "upcoming",
        "was_live": "none",
        "post_live": "none",
        "ordinary": "none",
    }
    assert "concurrentViewers" in video(api, "live_now", "liveStreamingDetails")
    assert video(api, "live_now", "contentDetails")["duration"] == "P0D"
    assert set(video(api, "upcoming", "liveStreamingDetails")) == {"scheduledStartTime", "activeLiveChatId"}
    assert {"actualStartTime", "actualEndTime"} <= set(video(api, "was_live", "liveStreamingDetails"))
    assert {"actualStartTime", "actualEndTime"} <= set(video(api, "post_live", "liveStreamingDetails"))


def test_hostile_titles_arrive_unchanged(api, youtube):
    names = [name for name in WELL_KNOWN if name.startswith("title_")]
    found = api.videos().list(part="snippet", id=[WELL_KNOWN[name] for name in names]).execute()["items"]
    assert {item["id"]: item["snippet"]["title"] for item in found} == {
        WELL_KNOWN[name]: youtube.video(WELL_KNOWN[name]).title for name in names
    }


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ("items/snippet/position", {"items": [{"snippet": {"position": 0}}]}),
        (
            "items(snippet(position,resourceId/kind)),pageInfo/totalResults",
            {
                "items": [{"snippet": {"position": 0, "resourceId": {"kind": "youtube#video"}}}],
                "pageInfo": {"totalResults": 1},
            },
        ),
        ("items/snippet/resourceId/*", {"items": [{"snippet": {"resourceId": "whole"}}]}),
        ("items(*/position)", {"items": [{"snippet": {"position": 0}}]}),
        ("items(snippet/position,snippet/playlistId)", {"items": [{"snippet": "both"}]}),
        ("items(snippet, snippet/position)", {"items": [{"snippet": "all"}]}),
        ("nextPageToken", {}),
        ("kind", {"kind": "youtube#playlistItemListResponse"}),
        ("items(status)", {"items": [{}]}),
    ],
)
def test_fields_choose_what_is_sent(api, youtube, fields, expected):
    youtube.set_playlist("PLapi-fields-01", [ORDINARY])
    ask = {"part": "snippet", "playlistId": "PLapi-fields-01"}
    snippet = api.playlistItems().list(**ask).execute()["items"][0]["snippet"]
    special = {
        "whole": snippet["resourceId"],
        "both": {name: snippet[name] for name in ("position", "playlistId")},
        "all": snippet,
    }

    def filled(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: filled(each) for name, each in value.items()}
        return [filled(each) for each in value] if isinstance(value, list) else special.get(value, value)

    assert api.playlistItems().list(**ask, fields=fields).execute() == filled(expected)


def test_everything_is_chosen_by_a_star(api):
    ask = {"part": "snippet,status", "playlistId": PLAYLISTS["everything"], "maxResults": 50}
    assert api.playlistItems().list(**ask, fields="*").execute() == api.playlistItems().list(**ask).execute()


def test_etag_that_is_known_is_answered_by_304_which_costs_as_much(ask, youtube):
    youtube.set_playlist("PLapi-tags-0001", [ORDINARY])
    path = "playlistItems?part=snippet&playlistId=PLapi-tags-0001"
    first = ask(path)
    tag = first.headers["etag"]
    assert first.json["etag"] == tag.strip('"')
    again = ask(path, If_None_Match=tag)
    assert (again.status, again.body, again.headers["etag"]) == (304, b"", tag)
    assert ask(path, If_None_Match=f'"other", W/{tag}').status == 304
    assert ask(path, If_None_Match='"other"').status == 200
    youtube.set_video(ORDINARY, description="Changed")
    changed = ask(path, If_None_Match=tag)
    assert changed.status == 200
    assert changed.headers["etag"] != tag
    assert youtube.api_keys()[KEY]["spent_today"] == 5


def test_own_client_takes_304_for_an_error(api):
    request = api.videos().list(part="snippet", id=ORDINARY)
    tag = request.execute()["etag"]
    request.headers["If-None-Match"] = f'"{tag}"'
    with pytest.raises(HttpError) as caught:
        request.execute()
    assert caught.value.status_code == 304


def test_answer_is_indented_unless_told_otherwise_and_compressed_for_who_can_read_it(ask):
    path = f"videos?part=snippet&id={ORDINARY}"
    pretty, plain = ask(path), ask(f"{path}&prettyPrint=false")
    assert pretty.text.startswith('{\n  "kind"')
    assert "\n" not in plain.text
    assert pretty.json == plain.json
    compressed = ask(path, Accept_Encoding="gzip")
    assert compressed.headers["content-encoding"] == "gzip"
    assert compressed.json == plain.json


def test_both_hosts_answer_alike(client, ask):
    path = f"youtube/v3/videos?part=snippet&id={ORDINARY}&key={KEY}"
    there, here = (
        client.get(f"https://{host}/{path}") for host in ("youtube.googleapis.com", "www.googleapis.com")
    )
    assert (there.status, there.json) == (200, here.json)


def test_request_that_is_too_long_for_a_url_comes_as_a_form(api):
    ids = [f"{'x' * 60}{at}" for at in range(40)] + [ORDINARY]
    found = api.videos().list(part="id", id=",".join(ids)).execute()
    assert [item["id"] for item in found["items"]] == [ORDINARY]


def test_entry_that_moves_keeps_its_id(api, youtube):
    def ids() -> dict[str, str]:
        items = api.playlistItems().list(part="snippet", playlistId="PLapi-moving-01").execute()["items"]
        return {item["snippet"]["resourceId"]["videoId"]: item["id"] for item in items}

    youtube.set_playlist("PLapi-moving-01", [ORDINARY, WELL_KNOWN["short"]])
    before = ids()
    youtube.set_playlist("PLapi-moving-01", [WELL_KNOWN["short"], WELL_KNOWN["hdr"], ORDINARY])
    after = ids()
    assert {video_id: after[video_id] for video_id in before} == before
