"""SponsorBlock's stand-in: unmodified yt-dlp reads it, and it refuses and finds nothing as the real server does."""

from __future__ import annotations

import hashlib
import json

from yt_dlp.postprocessor.sponsorblock import SponsorBlockPP
from yt_dlp.YoutubeDL import YoutubeDL

from ytarchive.simulator import Simulator

VIDEO = "sim_Segment"
PREFIX = hashlib.sha256(VIDEO.encode()).hexdigest()[:4]
API = "https://sponsor.ajay.app/api/skipSegments"


def asked(*categories: str) -> str:
    return f"{API}/{PREFIX}?categories={json.dumps(categories)}".replace(" ", "").replace('"', "%22")


def test_yt_dlp_finds_the_segments_of_its_video(youtube: Simulator, monkeypatch):
    for name, value in youtube.environment().items():
        monkeypatch.setenv(name, value)
    youtube.set_segments(
        VIDEO,
        {"segment": [1.5, 4], "category": "sponsor"},
        {"segment": [6, 9], "category": "intro", "videoDuration": 300},
    )
    with YoutubeDL(
        {"quiet": True, "no_warnings": True, "compat_opts": ["no-certifi"]}, auto_init=False
    ) as downloader:
        asks = SponsorBlockPP(downloader, ["sponsor", "intro"])
        _, info = asks.run({"id": VIDEO, "extractor_key": "Youtube", "duration": 10})
    (found,) = info["sponsorblock_chapters"]  # the other one is of a video of another length
    assert (found["start_time"], found["end_time"], found["category"]) == (1.5, 4, "sponsor")


def test_answers_name_every_video_of_the_prefix_and_only_asked_categories(youtube: Simulator, client):
    youtube.set_segments(
        VIDEO, {"segment": [1, 2], "category": "intro"}, {"segment": [3, 4], "category": "outro"}
    )
    told = json.loads(client.get(asked("outro")).text)
    assert len(told) == 2
    (mine,) = [one for one in told if one["videoID"] == VIDEO]
    assert mine["hash"].startswith(PREFIX)
    assert [each["segment"] for each in mine["segments"]] == [[3, 4]]


def test_nothing_known_is_not_found_and_a_bad_prefix_is_refused(youtube: Simulator, client):
    youtube.set_segments(VIDEO)
    reply = client.get(asked("sponsor"))
    assert (reply.status, json.loads(reply.text)) == (404, [])
    assert client.get(f"{API}/xyz").status == 400
    assert client.get(f"{API}/{PREFIX}?categories=none").status == 400
