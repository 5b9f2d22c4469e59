"""Each kind of unavailable video gives, through the real yt-dlp, the text by which it is known."""

from __future__ import annotations

import pytest
from yt_dlp.utils import DownloadError, GeoRestrictedError

from ytarchive.simulator import UNAVAILABLE, WELL_KNOWN

TEXTS = {
    "private": "Private video. Sign in if you've been granted access",
    "private_dash": "Private video. Sign in if you've been granted access",
    "removed": "This video has been removed by the uploader",
    "unavailable": "This video is not available",
    "terminated": "account associated with this video has been terminated",
    "copyright": "no longer available due to a copyright claim by",
    "copyright_geo": "blocked it in your country on copyright grounds",
    "geo": "The uploader has not made this video available in your country",
    "policy": "removed for violating",
    "age": "Sign in to confirm your age",
    "members": "Join this channel to get access to members-only",
    "premium": "Music Premium members",
    "paid": "requires payment",
    "upcoming": "This live event will begin in",
    "premiere": "Premieres in",
    "no_recording": "This live stream recording is not available",
    "processing": "We're processing this video",
    "bot_check": "Sign in to confirm you’re not a bot",
    "captcha": "requiring a captcha challenge",
    "session_limit": "This content isn't available, try again later. The current session has been rate-limited",
    "reload": "The page needs to be reloaded",
    "drm": "DRM protected",
    "drm_storyboards": "Requested format is not available",
    "sabr_only": "Requested format is not available",
    "no_formats": "No video formats found!",
}


def watch(name: str) -> str:
    return f"https://www.youtube.com/watch?v={WELL_KNOWN[name]}"


def test_every_unavailable_case_has_a_text():
    assert set(TEXTS) == set(UNAVAILABLE)


@pytest.mark.parametrize("name", UNAVAILABLE)
def test_unavailable_video_gives_its_text(extract, name):
    with pytest.raises(DownloadError) as caught:
        extract(watch(name))
    assert TEXTS[name] in str(caught.value)


def test_geo_block_names_countries(extract):
    with pytest.raises(DownloadError) as caught:
        extract(watch("geo"))
    cause = caught.value.exc_info[1]
    assert isinstance(cause, GeoRestrictedError)
    assert cause.countries == ["AQ", "BV"]


@pytest.mark.parametrize(
    ("name", "status", "kind"),
    [
        ("ordinary", "not_live", "video"),
        ("short", "not_live", "short"),
        ("was_live", "was_live", "livestream"),
        ("post_live", "post_live", "livestream"),
        ("live_now", "is_live", "livestream"),
        ("made_for_kids", "not_live", "video"),
    ],
)
def test_available_video_tells_its_live_state(extract, name, status, kind):
    found = extract(watch(name), ignore_no_formats_error=True)
    assert (found["live_status"], found["media_type"]) == (status, kind)
    assert found["availability"] == "public"


def test_live_stream_offers_hls(extract):
    found = extract(watch("live_now"), extractor_args={})
    assert {entry["protocol"] for entry in found["formats"]} == {"mhtml", "m3u8_native"}
    assert found["is_live"]


def test_upcoming_stream_tells_when_it_begins(extract, youtube):
    youtube.set_video("sim_Tomorow", case="upcoming", starts_in_seconds=90_000)
    found = extract("https://www.youtube.com/watch?v=sim_Tomorow", ignore_no_formats_error=True)
    assert found["live_status"] == "is_upcoming"
    assert found["release_timestamp"] > found["epoch"] + 80_000


def test_video_can_change_at_run_time(extract, youtube):
    video_id = "sim_ChangeM"
    url = f"https://www.youtube.com/watch?v={video_id}"
    assert extract(url)["title"] == f"Simulated video {video_id}"
    youtube.set_video(video_id, title="Another title")
    assert extract(url)["title"] == "Another title"
    youtube.set_video(video_id, case="private")
    with pytest.raises(DownloadError, match="Private video"):
        extract(url)
