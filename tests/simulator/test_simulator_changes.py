"""A YouTube that changes: at once, at a time, from this process and from another."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from yt_dlp.utils import DownloadError

from ytarchive.simulator import (
    Simulator,
    computed_channel_id,
    computed_handle,
    computed_playlist_id,
    numbered_video_id,
)
from ytarchive.simulator.process import SimulatorProcess

WEB = "https://www.youtube.com"
DAY = 86_400


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    """One of its own, since these tests move its clock."""
    with Simulator() as youtube:
        yield youtube


def listed(extract, playlist_id: str) -> list[str]:
    return [each["id"] for each in extract(f"{WEB}/playlist?list={playlist_id}", process=False)["entries"]]


def feed(client, channel_id: str) -> str:
    return client.get(f"{WEB}/feeds/videos.xml?channel_id={channel_id}").text


def test_video_becomes_private_at_its_time(extract, youtube):
    url = f"{WEB}/watch?v=sim_Planned"
    youtube.schedule(3 * DAY, "videos", id="sim_Planned", case="private")
    youtube.schedule(youtube.now() + timedelta(days=5), "videos", id="sim_Planned", case="public")
    assert extract(url)["id"] == "sim_Planned"
    youtube.advance(2 * DAY)
    assert extract(url)["id"] == "sim_Planned"
    youtube.advance(2 * DAY)
    with pytest.raises(DownloadError, match="Private video"):
        extract(url)
    youtube.advance(2 * DAY)
    assert extract(url)["id"] == "sim_Planned"
    assert youtube.schedule_failures() == []


def test_changes_take_effect_in_the_order_of_their_times(youtube):
    youtube.schedule(200, "videos", id="sim_Ordered", title="last")
    youtube.schedule(100, "videos", id="sim_Ordered", title="first", view_count=1)
    youtube.advance(300)
    video = youtube.video("sim_Ordered")
    assert (video.title, video.view_count) == ("last", 1)


def test_upload_at_a_time_is_new_in_every_list_and_in_the_feed(client, extract, youtube):
    channel_id = computed_channel_id(videos=20, shorts=5, seed="upl")
    before = listed(extract, f"UU{channel_id[2:]}")
    youtube.schedule(DAY, "uploads", channel=channel_id, videos=["sim_NewVide"])
    assert "sim_NewVide" not in feed(client, channel_id)
    youtube.advance(DAY + 60)
    assert listed(extract, f"UU{channel_id[2:]}") == ["sim_NewVide", *before]
    assert listed(extract, f"UULF{channel_id[2:]}")[0] == "sim_NewVide"
    assert "sim_NewVide" not in listed(extract, f"UUSH{channel_id[2:]}")
    tab = extract(f"{WEB}/channel/{channel_id}/videos", process=False)["entries"]
    assert tab[0]["id"] == "sim_NewVide"
    assert feed(client, channel_id).index("sim_NewVide") < feed(client, channel_id).index(before[0])
    assert abs(youtube.video("sim_NewVide").published_at - youtube.now()) < timedelta(minutes=2)


def test_relative_dates_follow_the_clock(client, youtube):
    channel_id = computed_channel_id(seed="dat")
    youtube.set_channel(channel_id, title="Dated")
    youtube.upload(channel_id, "sim_AgedVid")
    address = f"{WEB}/channel/{channel_id}/videos"
    youtube.advance(3 * 3600 + 60)
    assert '"3 hours ago"' in client.get(address).text
    youtube.set_clock(youtube.now() + timedelta(days=800))
    assert '"2 years ago"' in client.get(address).text


def test_removed_uploads_leave_lists_tab_and_feed(client, extract, youtube):
    channel_id = computed_channel_id(videos=4, seed="rmv")
    before = listed(extract, f"UU{channel_id[2:]}")
    youtube.remove_uploads(channel_id, before[0])
    assert listed(extract, f"UULF{channel_id[2:]}") == before[1:]
    assert before[0] not in feed(client, channel_id)


def test_last_short_takes_its_list_and_its_tab_along(extract, youtube):
    channel_id = computed_channel_id(videos=1, shorts=1, seed="lst")
    short = listed(extract, f"UUSH{channel_id[2:]}")
    youtube.set_video(short[0], case="removed")
    with pytest.raises(DownloadError, match="The playlist does not exist"):
        listed(extract, f"UUSH{channel_id[2:]}")
    with pytest.raises(DownloadError, match="does not have a shorts tab"):
        extract(f"{WEB}/channel/{channel_id}/shorts")


def test_lists_grow_shrink_and_reorder(extract, youtube):
    playlist_id = computed_playlist_id(5, "edit")
    first = [numbered_video_id(playlist_id, at) for at in range(5)]
    youtube.edit_playlist(playlist_id, append=["sim_Append1"], prepend=["sim_Prepend"])
    assert listed(extract, playlist_id) == ["sim_Prepend", *first, "sim_Append1"]
    youtube.edit_playlist(playlist_id, remove=[first[1], "sim_Append1"])
    assert listed(extract, playlist_id) == ["sim_Prepend", first[0], *first[2:]]
    youtube.edit_playlist(playlist_id, reverse=True)
    assert listed(extract, playlist_id) == [*reversed(first[2:]), first[0], "sim_Prepend"]
    youtube.edit_playlist(playlist_id, shuffle=3)
    shuffled = listed(extract, playlist_id)
    assert sorted(shuffled) == sorted(["sim_Prepend", first[0], *first[2:]])
    assert shuffled != [*reversed(first[2:]), first[0], "sim_Prepend"]
    youtube.edit_playlist(playlist_id, keep=2)
    assert listed(extract, playlist_id) == shuffled[:2]


def test_list_cut_short_goes_on_being_counted(extract, youtube):
    playlist_id = computed_playlist_id(500, "cut")
    youtube.edit_playlist(playlist_id, cut=100)
    listing = extract(f"{WEB}/playlist?list={playlist_id}", process=False)
    assert (len(listing["entries"]), listing["playlist_count"]) == (100, 500)


def test_list_that_an_id_describes_can_be_deleted_and_restored(extract, youtube):
    uploads = f"UUSH{computed_channel_id(shorts=3, seed='res')[2:]}"
    for playlist_id in (computed_playlist_id(3, "res"), uploads):
        before = listed(extract, playlist_id)
        youtube.set_playlist(playlist_id, None)
        with pytest.raises(DownloadError, match="The playlist does not exist"):
            listed(extract, playlist_id)
        youtube.restore_playlist(playlist_id)
        assert listed(extract, playlist_id) == before


def test_one_list_of_a_channel_can_be_cut_alone(extract, youtube):
    channel_id = computed_channel_id(videos=120, seed="one")
    youtube.edit_playlist(f"UULF{channel_id[2:]}", cut=100)
    listing = extract(f"{WEB}/playlist?list=UULF{channel_id[2:]}", process=False)
    assert (len(listing["entries"]), listing["playlist_count"]) == (100, 120)
    assert len(listed(extract, f"UU{channel_id[2:]}")) == 120


def test_faults_and_channels_can_be_planned(client, youtube):
    channel_id = computed_channel_id(videos=2, seed="pln")
    handle = computed_handle(channel_id)
    youtube.schedule(100, "faults", kind="status", value=500, request="feed", count=1)
    youtube.schedule(200, "channels", id=channel_id, handle="@planned")
    feed_url = f"{WEB}/feeds/videos.xml?channel_id={channel_id}"
    assert client.get(feed_url).status == 200
    youtube.advance(100)
    assert [client.get(feed_url).status for _ in range(2)] == [500, 200]
    assert client.get(f"{WEB}/{handle}").status == 200
    youtube.advance(100)
    assert (client.get(f"{WEB}/{handle}").status, client.get(f"{WEB}/@planned").status) == (404, 200)


def test_plan_that_cannot_be_carried_out_is_told_and_harms_nobody(client, youtube):
    youtube.schedule(10, "uploads", channel="UCnobodyWasEverHere00001")
    youtube.schedule(20, "videos", id="sim_AfterAl", title="after all")
    youtube.advance(30)
    assert client.get(f"{WEB}/watch?v=sim_AfterAl").status == 200
    assert youtube.video("sim_AfterAl").title == "after all"
    assert "there is no channel" in youtube.schedule_failures()[-1]
    with pytest.raises(ValueError, match="no such change"):
        youtube.schedule(10, "miracles")


def test_cleared_plans_never_happen(youtube):
    youtube.schedule(10, "videos", id="sim_Cleared", title="never")
    youtube.clear_schedule()
    youtube.advance(20)
    assert youtube.video("sim_Cleared").title == "Simulated video sim_Cleared"


def test_clock_moves_the_day_of_quotas(youtube):
    youtube.set_api_key("clock-key", 5)
    before = youtube._world.api_keys.today()
    youtube.advance(2 * DAY)
    assert youtube._world.api_keys.today() == before + timedelta(days=2)


def test_everything_can_be_changed_from_another_process():
    defined = "UCdefinedOutside00000001"
    catalogue = {"channels": {defined: {"handle": "@outside", "videos": ["outsideVid1"]}}}
    with SimulatorProcess(catalogue=catalogue) as youtube:
        before = youtube.now()
        new = youtube.upload(defined, count=2)
        youtube.set_channel(defined, title="Outside")
        youtube.schedule(100, "removals", channel=defined, videos=[new[0]])
        youtube.schedule(before + timedelta(days=1), "edits", id=f"UULF{defined[2:]}", append=["outsideVid2"])
        youtube.schedule(50, "uploads", channel="UCnobodyWasEverHere00001")
        youtube.advance(2 * DAY)
        assert timedelta(days=2) <= youtube.now() - before < timedelta(days=2, minutes=5)
        assert len(youtube.schedule_failures()) == 1
        youtube.schedule(100, "videos", id="outsideVid1", title="never")
        youtube.clear_schedule()
        youtube.set_clock(before + timedelta(days=9))
        youtube.edit_playlist(f"UULF{defined[2:]}", prepend=["outsideVid3"])
        youtube.remove_uploads(defined, "outsideVid1")
        plain = [
            f"{youtube.control_url}/__schedule",
            f"{youtube.control_url}/feeds/videos.xml?channel_id={defined}",
            f"{youtube.control_url}/feeds/videos.xml?playlist_id=UULF{defined[2:]}",
        ]
        answers = []
        for url in plain:
            with youtube._opener.open(url, timeout=10) as answer:
                answers.append(answer.read().decode())
    assert json.loads(answers[0])["schedule"] == []
    shown = [re.findall("<yt:videoId>(.*)</yt:videoId>", text) for text in answers[1:]]
    assert shown == [[new[1]], ["outsideVid3", new[1], "outsideVid1", "outsideVid2"]]
    assert "<title>Outside</title>" in answers[1]


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("schedule", {"change": "miracles", "seconds": 1}),
        ("schedule", {"change": "videos", "at": "2026-11-20T10:00:00"}),
        ("schedule", {"change": "videos"}),
        ("clock", {"at": "tomorrow"}),
        ("edits", {"id": "PLsimMissingList1", "reverse": True}),
        ("edits", {"id": "PLsimEmptyList001", "color": "red"}),
        ("channels", {"id": "UCnope"}),
        ("uploads", {"channel": "UCdefinedByATest00000009", "kind": "films"}),
    ],
)
def test_command_that_makes_no_sense_is_answered_with_why(client, youtube, name, body):
    reply = client.request("POST", f"{youtube.control_url}/__{name}", body=body)
    assert reply.status == 400
    assert reply.json["error"]
