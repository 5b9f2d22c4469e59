"""What goes wrong, goes wrong as told, as often as told, and only where told."""

from __future__ import annotations

import http.client
import json
import time

import pytest
from yt_dlp.utils import DownloadError

from ytarchive.simulator import WELL_KNOWN, Fault, FaultKind
from ytarchive.simulator.faults import Faults, fault_from_json

VIDEO = WELL_KNOWN["ordinary"]
WATCH = f"https://www.youtube.com/watch?v={VIDEO}"


def media_url(client, itag: int = 251) -> str:
    found = client.player(VIDEO)["streamingData"]["adaptiveFormats"]
    return next(entry["url"] for entry in found if entry["itag"] == itag)


@pytest.mark.parametrize("status", [403, 429, 500, 503])
@pytest.mark.parametrize("request_kind", ["watch", "player", "media"])
def test_status(client, youtube, status, request_kind):
    url = media_url(client)
    youtube.add_fault("status", value=status, request=request_kind, count=1)
    ask = {
        "watch": lambda: client.get(WATCH).status,
        "player": lambda: client.player(VIDEO).get("error", {}).get("code", 200),
        "media": lambda: client.get(url).status,
    }
    assert {name: (call(), call()) for name, call in ask.items()} == {
        name: (status if name == request_kind else 200, 200) for name in ask
    }


def test_reset_before_and_within_the_answer(client, youtube):
    url = media_url(client)
    youtube.add_fault("reset", request="media", count=1)
    with pytest.raises(ConnectionResetError):
        client.get(url)
    youtube.add_fault("reset", value=1000, request="media", count=1)
    with pytest.raises((ConnectionResetError, http.client.IncompleteRead)):
        client.get(url)
    assert client.get(url).status == 200
    assert youtube.counters()["statuses"]["0"] == 2


def test_truncation_cuts_the_body_short_of_its_length(client, youtube):
    url = media_url(client)
    youtube.add_fault("truncate", value=0.25, request="media", count=1)
    with pytest.raises(http.client.IncompleteRead) as caught:
        client.get(url)
    assert len(caught.value.partial) == 24576 // 4


def test_stall_goes_silent_then_ends(client, youtube):
    youtube.add_fault("stall", value=0.3, request="media", count=1)
    url = media_url(client)
    began = time.monotonic()
    with pytest.raises(http.client.IncompleteRead):
        client.get(url)
    assert 0.3 <= time.monotonic() - began < 3


def test_latency_and_throttle(client, youtube):
    url = media_url(client)
    youtube.add_fault("latency", value=150, request="media", count=1)
    began = time.monotonic()
    assert client.get(url).status == 200
    assert time.monotonic() - began >= 0.15
    youtube.add_fault("throttle", value=100_000, request="media", count=1)
    began = time.monotonic()
    assert len(client.get(url).body) == 24576
    assert 0.15 <= time.monotonic() - began < 2


def test_malformed_json_has_a_correct_length(client, youtube):
    youtube.add_fault("malformed", request="player")
    with pytest.raises(json.JSONDecodeError):
        client.player(VIDEO)


def test_malformed_watch_page_does_not_stop_yt_dlp(extract, youtube):
    youtube.add_fault("malformed", request="watch")
    assert extract(WATCH)["id"] == VIDEO


def test_empty_formats(extract, youtube):
    youtube.add_fault("empty_formats")
    with pytest.raises(DownloadError, match="No video formats found"):
        extract(WATCH)


def test_wrong_video_is_noticed_by_yt_dlp(extract, youtube):
    youtube.add_fault("wrong_video")
    with pytest.raises(DownloadError, match="All player responses are invalid"):
        extract(WATCH)


def test_throttled_session_surfaces_as_no_player_response(extract, youtube):
    youtube.add_fault("status", value=429)
    with pytest.raises(DownloadError, match="Failed to extract any player response"):
        extract(WATCH)


def test_reencode_between_attempts(client, youtube):
    before = media_url(client)
    youtube.add_fault("reencode", request="player", video=VIDEO, count=1)
    after = media_url(client)
    assert "rev=0" in before
    assert "rev=1" in after
    youtube.set_video(VIDEO, revision=0)


def test_fault_hits_only_what_it_names(client, youtube):
    youtube.add_fault("status", value=500, request="watch", video="someoneElse")
    youtube.add_fault("status", value=500, host="ytimg.com")
    assert client.get(WATCH).status == 200
    assert client.get(f"https://i.ytimg.com/vi/{VIDEO}/default.jpg").status == 500


def test_count_skip_and_seeded_probability():
    def hits(fault: Fault, requests: int = 1000) -> list[bool]:
        faults = Faults()
        faults.add(fault)
        return [bool(faults.take("watch", "www.youtube.com", None, None)) for _ in range(requests)]

    assert hits(Fault(FaultKind.RESET, skip=2, count=3), 7) == [False, False, True, True, True, False, False]
    some = hits(Fault(FaultKind.RESET, probability=0.1, seed=7))
    assert 60 < sum(some) < 140
    assert some == hits(Fault(FaultKind.RESET, probability=0.1, seed=7))
    assert some != hits(Fault(FaultKind.RESET, probability=0.1, seed=8))


def test_fault_can_be_ended_and_is_counted(client, youtube):
    number = youtube.add_fault("status", value=500, request="watch")
    assert client.get(WATCH).status == 500
    assert youtube.counters()["faults"] == {"status": 1}
    youtube.remove_faults(number)
    assert client.get(WATCH).status == 200


def test_nonsense_is_refused():
    with pytest.raises(ValueError, match="explode"):
        fault_from_json({"kind": "explode"})
    with pytest.raises(ValueError, match="unknown fields of a fault: vidoe"):
        fault_from_json({"kind": "reset", "vidoe": VIDEO})
