"""Streams that are announced, run, end, and become recordings; pictures that are made later."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ytarchive.simulator import Simulator

WATCH = "https://www.youtube.com/watch?v={}"
PLAYLIST = "https://manifest.googlevideo.com/api/manifest/hls_playlist/id/{}/itag/269/source_itag/160/playlist/index.m3u8"


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    """One of its own, since these tests move its clock."""
    with Simulator() as youtube:
        yield youtube


def test_a_stream_lives_by_the_clock(extract, youtube):
    youtube.set_stream("sim_Living0", begins_in=3600, lasts=7200, recorded_after=600, best_while_new=360)
    announced_at = int(youtube.now().timestamp()) + 3600
    told = []
    for seconds in (0, 3700, 7200, 700):
        youtube.advance(seconds)
        info = extract(WATCH.format("sim_Living0"), process=False, ignore_no_formats_error=True)
        told.append(info["live_status"])
        assert abs(info["release_timestamp"] - announced_at) <= 1
    assert told == ["is_upcoming", "is_live", "post_live", "was_live"]
    assert max(each.get("height") or 0 for each in info["formats"]) == 360
    assert youtube.schedule_failures() == []


def test_a_premiere_is_no_stream_afterwards(extract, youtube):
    youtube.set_stream("sim_Living1", begins_in=60, lasts=60, premiere=True)
    assert (
        extract(WATCH.format("sim_Living1"), process=False, ignore_no_formats_error=True)["live_status"]
        == "is_upcoming"
    )
    youtube.advance(200)
    assert (
        extract(WATCH.format("sim_Living1"), process=False, ignore_no_formats_error=True)["live_status"]
        == "not_live"
    )


def test_the_playlist_of_a_running_stream_moves_on_and_ends(client, youtube):
    youtube.set_stream("sim_Living2", begins_in=-1, lasts=60, recorded_after=None)
    seconds = youtube.video("sim_Living2").duration_seconds
    numbers = []
    for _ in range(3):
        text = client.get(PLAYLIST.format("sim_Living2")).text
        assert "#EXT-X-ENDLIST" not in text
        numbers.append([line.rpartition("sq=")[2] for line in text.splitlines() if "sq=" in line])
        youtube.advance(4 * seconds)
    assert [int(each[0]) for each in numbers] == sorted(int(each[0]) for each in numbers)
    assert int(numbers[2][-1]) > int(numbers[0][-1])
    assert max(map(len, numbers)) == 5
    youtube.advance(60)
    assert "#EXT-X-ENDLIST" in client.get(PLAYLIST.format("sim_Living2")).text


def test_fragments_of_what_is_not_recorded_yet_make_up_the_file(client, youtube):
    youtube.set_stream("sim_Living3", begins_in=-100, lasts=60, recorded_after=300)
    offered = client.player("sim_Living3")["streamingData"]["adaptiveFormats"]
    found = next(each for each in offered if each["itag"] == 160)
    pieces = [client.get(f"{found['url']}&sq={number}") for number in range(4)]
    assert {piece.headers["x-head-seqnum"] for piece in pieces} == {"4"}
    assert pieces[3].body == b""
    whole = b"".join(piece.body for piece in pieces)
    youtube.advance(300)
    assert client.get(found["url"]).body == whole


def test_a_picture_is_there_once_it_was_made(client, youtube):
    youtube.set_video("sim_NoPict0", thumbnails=False)
    address = "https://i.ytimg.com/vi/sim_NoPict0/hqdefault.jpg"
    youtube.schedule(3600, "videos", id="sim_NoPict0", thumbnails=True)
    assert client.get(address).status == 404
    youtube.advance(3700)
    assert client.get(address).status == 200
