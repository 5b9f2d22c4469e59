"""Channels as pages and lists: what the real yt-dlp reads from them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from yt_dlp.utils import DownloadError, ExtractorError

from ytarchive.simulator import (
    UPLOAD_LISTS,
    UploadKind,
    computed_channel_id,
    computed_handle,
    numbered_video_id,
)
from ytarchive.simulator.channels import Channels
from ytarchive.simulator.relative_time import ago

WEB = "https://www.youtube.com"
CHANNEL = computed_channel_id(videos=70, shorts=35, live=3, members=2, playlists=32, releases=2, seed="pag")
HANDLE = computed_handle(CHANNEL)
TABS = ("videos", "shorts", "streams", "playlists", "releases")


def ids(listing) -> list[str]:
    return [entry["id"] for entry in listing["entries"]]


def uploads(channel_id: str, name: str) -> list[str]:
    return list(Channels().uploads(channel_id, UPLOAD_LISTS[name]))


def test_command_line_lists_every_tab_and_every_list_of_uploads(yt_dlp_command):
    tabs = [f"{WEB}/{HANDLE}/{tab}" for tab in TABS]
    lists = [f"{WEB}/playlist?list={name}{CHANNEL[2:]}" for name in UPLOAD_LISTS]
    done = yt_dlp_command(
        "--flat-playlist", "--print", "%(playlist_title)s|%(playlist_id)s|%(id)s", *tabs, *lists
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, list[str]] = {}
    for title, playlist, video in (line.rsplit("|", 2) for line in done.stdout.splitlines()):
        found.setdefault(title if playlist == CHANNEL else playlist, []).append(video)
    profile = Channels().by_id(CHANNEL)
    assert found == {
        f"{profile.title} - Videos": uploads(CHANNEL, "UULF"),
        f"{profile.title} - Shorts": uploads(CHANNEL, "UUSH"),
        f"{profile.title} - Live": uploads(CHANNEL, "UULV"),
        f"{profile.title} - Playlists": list(profile.playlists),
        f"{profile.title} - Releases": list(profile.releases),
        **{f"{name}{CHANNEL[2:]}": uploads(CHANNEL, name) for name in UPLOAD_LISTS},
    }


def test_tab_has_thirty_entries_a_page(extract, youtube):
    listing = extract(f"{WEB}/{HANDLE}/videos", process=False)
    assert ids(listing) == uploads(CHANNEL, "UULF")
    assert youtube.counters()["requests"] == {"channel": 1, "browse": 2}


@pytest.mark.parametrize(
    "address", [f"channel/{CHANNEL}", f"c/{HANDLE[1:]}", f"user/{HANDLE[1:]}", HANDLE.upper()]
)
def test_every_address_leads_to_the_channel(extract, address):
    listing = extract(f"{WEB}/{address}/streams", process=False)
    assert ids(listing) == uploads(CHANNEL, "UULV")
    assert (listing["channel_id"], listing["uploader_id"]) == (CHANNEL, HANDLE)
    assert listing["channel_follower_count"] == 12_300


def test_shorts_lead_to_the_player_of_shorts_and_tell_no_date(extract, client):
    shorts = extract(f"{WEB}/{HANDLE}/shorts", process=False)["entries"]
    assert {each["url"] for each in shorts} == {f"{WEB}/shorts/{video}" for video in uploads(CHANNEL, "UUSH")}
    assert all(each.get("duration") is None for each in shorts)
    assert " ago" not in client.get(f"{WEB}/{HANDLE}/shorts").text


def test_channel_without_a_tab_is_all_of_its_uploads(extract):
    listing = extract(f"{WEB}/{HANDLE}", process=False)
    found = {
        part["webpage_url"].rpartition("/")[2]: len(list(part["entries"])) for part in listing["entries"]
    }
    assert found == {"videos": 72, "streams": 3, "shorts": 35}


def test_address_is_resolved_without_its_page(extract, youtube):
    skipping = {"youtubetab": {"skip": ["webpage"]}}
    listing = extract(f"{WEB}/{HANDLE}/shorts", process=False, extractor_args=skipping)
    assert ids(listing) == uploads(CHANNEL, "UUSH")
    assert youtube.counters()["requests"] == {"resolve": 1, "browse": 2}


def test_missing_tab_and_missing_channel(extract, yt_dlp_command, youtube):
    only_videos = computed_handle(computed_channel_id(videos=1))
    for tab in ("shorts", "streams", "releases", "playlists"):
        with pytest.raises(DownloadError, match=f"does not have a {tab} tab"):
            extract(f"{WEB}/{only_videos}/{tab}", process=False)
    youtube.reset_counters()
    done = yt_dlp_command("--extractor-retries", "0", f"{WEB}/@nobody-at-all/videos")
    assert (done.returncode, "HTTP Error 404" in done.stderr) == (1, True)
    assert youtube.counters()["statuses"] == {"404": 2}


def test_list_of_uploads_without_videos_does_not_exist(extract):
    empty = computed_channel_id(videos=1, seed="emp")
    for name in ("UUSH", "UULV", "UUMO"):
        with pytest.raises(DownloadError, match="The playlist does not exist"):
            extract(f"{WEB}/playlist?list={name}{empty[2:]}")
    assert len(ids(extract(f"{WEB}/playlist?list=UULF{empty[2:]}", process=False))) == 1


def test_channel_without_lists_by_kind_has_its_tabs(extract, youtube):
    channel_id = computed_channel_id(videos=4, shorts=3, seed="tab")
    youtube.set_channel(channel_id, upload_lists=False)
    for name in ("UULF", "UUSH"):
        with pytest.raises(DownloadError, match="The playlist does not exist"):
            extract(f"{WEB}/playlist?list={name}{channel_id[2:]}")
    assert len(ids(extract(f"{WEB}/playlist?list=UU{channel_id[2:]}", process=False))) == 7
    assert ids(extract(f"{WEB}/channel/{channel_id}/shorts", process=False)) == uploads(channel_id, "UUSH")


def test_terminated_channel_says_so(extract, youtube):
    channel_id = computed_channel_id(videos=4, seed="ter")
    youtube.set_channel(channel_id, state="terminated")
    with pytest.raises(DownloadError, match="account has been terminated"):
        extract(f"{WEB}/channel/{channel_id}/videos")
    with pytest.raises(DownloadError, match="The playlist does not exist"):
        extract(f"{WEB}/playlist?list=UU{channel_id[2:]}")


def test_playlists_and_releases_of_a_channel_can_be_read(extract, youtube):
    videos = uploads(CHANNEL, "UULF")
    for playlist in (
        extract(f"{WEB}/{HANDLE}/{tab}", process=False)["entries"][1] for tab in ("playlists", "releases")
    ):
        listing = extract(playlist["url"], process=False)
        assert (len(listing["entries"]), listing["channel_id"]) == (20, CHANNEL)
        assert set(ids(listing)) < set(videos)
    youtube.set_playlist("PLprivate-test01", [numbered_video_id("any", 1)], private=True)
    channel_id = computed_channel_id(videos=1, seed="pri")
    youtube.set_channel(channel_id, playlists=["PLprivate-test01"])
    with pytest.raises(DownloadError, match="does not have a playlists tab"):
        extract(f"{WEB}/channel/{channel_id}/playlists", process=False)


def test_entries_tell_their_kind_and_state(extract, youtube):
    channel_id = computed_channel_id(videos=2, live=1, members=1, seed="sta")
    youtube.set_channel(channel_id, title="States")
    now, later = youtube.upload(channel_id, "stateLive01", "stateSoon01", kind="live")
    youtube.set_video(now, case="live_now")
    youtube.set_video(later, case="upcoming")
    streams = {
        each["id"]: each for each in extract(f"{WEB}/channel/{channel_id}/streams", process=False)["entries"]
    }
    states = [each["live_status"] for each in streams.values()]
    assert list(streams)[:2] == [later, now]
    assert states == ["is_upcoming", "is_live", "was_live"]
    videos = extract(f"{WEB}/channel/{channel_id}/videos", process=False)["entries"]
    members = uploads(channel_id, "UUMO")
    assert {each["id"]: each["availability"] for each in videos} == {
        video: "subscriber_only" if video in members else None for video in uploads(channel_id, "UULF")
    }
    listed = extract(f"{WEB}/playlist?list=UU{channel_id[2:]}", process=False)["entries"]
    assert {each["channel_id"] for each in listed} == {channel_id}


@pytest.mark.parametrize("layout", ["lockup", "renderer"])
def test_age_of_an_entry_is_the_age_of_its_video(monkeypatch, extract, youtube, layout):
    dated = {
        "ageMinutes1": timedelta(minutes=50),
        "ageDays0001": timedelta(days=9),
        "ageMonths01": timedelta(days=100),
        "ageYears001": timedelta(days=800),
    }
    youtube.set_playlist("PLages-of-videos", list(dated))
    for video, age in dated.items():
        youtube.set_video(
            video, published_at=(youtube.now() - age).isoformat(), was_live=video == "ageDays0001"
        )
    monkeypatch.setattr(youtube._world, "layout", layout)
    arguments = {"youtubetab": {"approximate_date": ["timestamp"]}}
    entries = extract(f"{WEB}/playlist?list=PLages-of-videos", process=False, extractor_args=arguments)[
        "entries"
    ]
    now = datetime.now(UTC)
    ages = {each["id"]: now - datetime.fromtimestamp(each["timestamp"], UTC) for each in entries}
    assert {video: found.days for video, found in ages.items()} == {
        "ageMinutes1": 0,
        "ageDays0001": pytest.approx(9, abs=1),  # yt-dlp rounds to the nearest midnight
        "ageMonths01": pytest.approx(91, abs=2),
        "ageYears001": pytest.approx(730, abs=2),
    }
    assert [each["live_status"] for each in entries].count("was_live") == 1


@pytest.mark.parametrize(
    ("age", "text"),
    [
        (timedelta(seconds=-5), "0 seconds ago"),
        (timedelta(seconds=1), "1 second ago"),
        (timedelta(minutes=59, seconds=59), "59 minutes ago"),
        (timedelta(hours=1), "1 hour ago"),
        (timedelta(days=13, hours=23), "13 days ago"),
        (timedelta(days=14), "2 weeks ago"),
        (timedelta(days=29), "4 weeks ago"),
        (timedelta(days=31), "1 month ago"),
        (timedelta(days=364), "11 months ago"),
        (timedelta(days=365), "1 year ago"),
        (timedelta(days=365 * 12), "12 years ago"),
    ],
)
def test_ages_are_told_rounded_down(age, text):
    now = datetime(2026, 11, 20, tzinfo=UTC)
    assert ago(now - age, now) == text


def test_tab_that_is_cut_looks_complete_and_one_that_breaks_off_does_not(extract, youtube):
    address = f"{WEB}/channel/{CHANNEL}/videos"
    youtube.add_fault("short_list", request="browse", playlist=f"{CHANNEL}/videos", count=1)
    assert len(ids(extract(address, process=False))) == 60
    youtube.add_fault("empty_page", request="browse", playlist=f"{CHANNEL}/videos")
    with pytest.raises(ExtractorError, match="Incomplete data received"):
        extract(address, process=False)


def test_upload_lists_follow_a_channel_that_is_paged_by_hand(client, youtube):
    body = {"browseId": f"VLUU{CHANNEL[2:]}", "params": "wgYCCAA="}
    reply = client.request("POST", f"{WEB}/youtubei/v1/browse", body=body)
    assert json.dumps(reply.json).count("LOCKUP_CONTENT_TYPE_VIDEO") == 100
    assert client.get(f"{WEB}/playlist?list=UU{CHANNEL[2:]}").status == 200
    assert youtube.counters()["requests"] == {"browse": 1, "playlist": 1}


def test_handle_that_moved_leads_to_nothing_or_to_another(client, extract, youtube):
    channel_id = computed_channel_id(videos=3, seed="old")
    old = computed_handle(channel_id)
    youtube.set_channel(channel_id, handle="@new-name")
    assert extract(f"{WEB}/@new-name/videos", process=False)["channel_id"] == channel_id
    assert client.get(f"{WEB}/{old}/videos").status == 404
    resolve = f"{WEB}/youtubei/v1/navigation/resolve_url"
    assert client.request("POST", resolve, body={"url": f"{WEB}/{old}/videos"}).status == 404
    other = computed_channel_id(videos=2, seed="oth")
    youtube.set_channel(other, handle=old)
    found = extract(f"{WEB}/{old}/videos", process=False)
    assert (found["channel_id"], len(found["entries"])) == (other, 2)
    watched = youtube.video(uploads(channel_id, "UULF")[0])
    assert watched.channel.handle == "@new-name"


def test_video_page_names_the_channel_of_the_upload(extract):
    video = uploads(CHANNEL, "UUSH")[0]
    extract(f"{WEB}/playlist?list=UUSH{CHANNEL[2:]}", extract_flat=True)  # from then on the channel is known
    found = extract(f"{WEB}/shorts/{video}", ignore_no_formats_error=True)
    assert (found["channel_id"], found["uploader_id"], found["media_type"]) == (CHANNEL, HANDLE, "short")


def test_uploads_of_kinds_of_videos_are_named_as_in_the_api(youtube):
    channel_id = computed_channel_id(seed="knd")
    youtube.set_channel(channel_id, description="empty")
    made = {kind: youtube.upload(channel_id, kind=kind, count=2) for kind in UploadKind}
    assert {
        kind: youtube.video(ids[0]).published_at < youtube.video(ids[1]).published_at
        for kind, ids in made.items()
    } == (dict.fromkeys(UploadKind, True))
