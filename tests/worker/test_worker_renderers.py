"""Lines in YouTube's shapes, and in shapes that it may have tomorrow."""

from __future__ import annotations

from typing import Any

import pytest

from ytarchive.worker.lines import lines_of
from ytarchive.worker.renderers import lockup_line, video_line, videos_in
from ytarchive.worker.whose import channel_in, is_about, lists_in

NOW = 1_795_000_000
RENDERER: dict[str, Any] = {
    "videoId": "aaaaaaaaaaa",
    "title": {"runs": [{"text": "A title"}]},
    "lengthSeconds": "61",
}
LOCKUP: dict[str, Any] = {
    "contentId": "aaaaaaaaaaa",
    "contentType": "LOCKUP_CONTENT_TYPE_VIDEO",
    "metadata": {"lockupMetadataViewModel": {"title": {"content": "A title"}}},
}
CHANNEL = "UC" + "x" * 22


def badge(text: str, style: str = "") -> dict[str, Any]:
    badges = [{"thumbnailBadgeViewModel": {"text": text, "badgeStyle": style}}]
    return {"thumbnailViewModel": {"overlays": [{"thumbnailBottomOverlayViewModel": {"badges": badges}}]}}


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, (None, None, None)),
        (
            {"badges": [{"metadataBadgeRenderer": {"style": "BADGE_STYLE_TYPE_MEMBERS_ONLY"}}]},
            (None, None, "subscriber_only"),
        ),
        ({"videoInfo": {"runs": [{"text": "Streamed 1 year ago"}]}}, ("live", "was_live", None)),
        (
            {"thumbnailOverlays": [{"thumbnailOverlayTimeStatusRenderer": {"style": "LIVE"}}]},
            ("live", "is_live", None),
        ),
        (
            {"thumbnailOverlays": [{"thumbnailOverlayTimeStatusRenderer": {"style": "SHORTS"}}]},
            ("shorts", None, None),
        ),
        (
            {"navigationEndpoint": {"commandMetadata": {"webCommandMetadata": {"url": "/shorts/x"}}}},
            ("shorts", None, None),
        ),
        ({"upcomingEventData": {"startTime": "1"}}, (None, "is_upcoming", None)),
    ],
)
def test_a_renderer_shows_kind_status_and_members(
    more: dict[str, Any], expected: tuple[str | None, str | None, str | None]
) -> None:
    (line,) = lines_of([video_line(RENDERER | more)], NOW, None)

    assert (line.title, line.duration_seconds) == ("A title", 61)
    assert (line.kind, line.live_status, line.availability) == expected


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, (None, None, None)),
        ({"contentImage": badge("1:02:03")}, (None, None, 3723)),
        ({"contentImage": badge("LIVE", "THUMBNAIL_OVERLAY_BADGE_STYLE_LIVE")}, ("live", "is_live", None)),
        ({"contentImage": badge("Upcoming")}, (None, "is_upcoming", None)),
        (
            {
                "rendererContext": {
                    "commandContext": {"onTap": {"innertubeCommand": {"reelWatchEndpoint": {}}}}
                }
            },
            ("shorts", None, None),
        ),
    ],
)
def test_a_lockup_shows_kind_status_and_length(
    more: dict[str, Any], expected: tuple[str | None, str | None, int | None]
) -> None:
    (line,) = lines_of([lockup_line(LOCKUP | more)], NOW, None)

    assert (line.kind, line.live_status, line.duration_seconds) == expected


def test_what_the_list_says_of_all_its_videos_goes_before_what_a_line_looks_like() -> None:
    (line,) = lines_of([lockup_line(LOCKUP | {"contentImage": badge("0:10")})], NOW, "videos")

    assert line.kind == "videos"


@pytest.mark.parametrize(
    "entry", [{}, {"id": 7}, {"id": "short"}, {"id": "aaaaaaaaaaaa"}, {"url": "https://www.youtube.com/x"}]
)
def test_what_is_no_video_is_no_line(entry: dict[str, Any]) -> None:
    assert list(lines_of([entry], NOW, None)) == []


def test_lines_of_odd_types_lose_what_is_odd() -> None:
    (line,) = lines_of(
        [
            {
                "id": "aaaaaaaaaaa",
                "title": 3,
                "duration": "long",
                "channel": ["x"],
                "channel_id": "",
                "live_status": 1,
                "availability": {},
                "published_text": 4,
            }
        ],
        NOW,
        None,
    )

    assert (line.title, line.duration_seconds, line.channel, line.channel_id) == (None, None, None, None)
    assert (line.live_status, line.availability, line.published_from, line.kind) == (None, None, None, None)


def test_a_playlist_tells_its_count_on_its_picture_alone() -> None:
    model = {
        "contentImage": {"x": [{"text": "1,234 videos"}]},
        "metadata": {"title": {"content": "5 videos"}},
    }

    assert videos_in(model) == 1234
    assert videos_in({"metadata": {"title": {"content": "5 videos"}}}) is None


@pytest.mark.parametrize(
    ("asked", "told", "about"),
    [
        ("PLa", set(), True),
        ("PLa", {"PLa"}, True),
        ("PLa", {"PLb"}, False),
        ("a", {"PLa"}, True),
        ("UULF" + "x" * 22, {"UU" + "x" * 22}, True),
        ("UULF" + "x" * 22, {"UULF" + "y" * 22}, False),
    ],
)
def test_an_answer_is_about_what_it_says(asked: str, told: set[str], about: bool) -> None:
    assert is_about(asked, told) is about


def test_what_an_answer_says_of_itself_is_read_from_either_place() -> None:
    canonical = {"urlCanonical": "https://www.youtube.com/playlist?list=PLb"}

    assert lists_in({}) == set()
    assert lists_in({"microformat": {"microformatDataRenderer": canonical}}) == {"PLb"}
    assert lists_in({"header": {"playlistHeaderRenderer": {"playlistId": "PLc"}}}) == {"PLc"}


@pytest.mark.parametrize(
    "told",
    [
        {"externalId": CHANNEL, "title": "T", "vanityChannelUrl": "http://www.youtube.com/@h%C3%A9"},
        {
            "channelUrl": f"https://www.youtube.com/channel/{CHANNEL}",
            "title": "T",
            "ownerUrls": ["/user/old", "https://www.youtube.com/@h\u00e9"],
        },
    ],
)
def test_a_page_of_a_channel_tells_who_it_is(told: dict[str, Any]) -> None:
    channel = channel_in({"metadata": {"channelMetadataRenderer": told}})

    assert channel is not None
    assert (channel.id, channel.title, channel.handle) == (CHANNEL, "T", "@h\u00e9")


@pytest.mark.parametrize(
    "data", [{}, {"metadata": {}}, {"metadata": {"channelMetadataRenderer": {"title": "T"}}}]
)
def test_a_page_of_nobody_tells_nothing(data: dict[str, Any]) -> None:
    assert channel_in(data) is None
