"""Details of videos in batches, and what arbitrary answers are read as."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from api_desk import Desk, Say, Scripted, video_id
from hypothesis import given, settings
from hypothesis import strategies as st

from ytarchive.adapters.data_api import reading
from ytarchive.adapters.data_api.calls import NotAnAnswer, reason_of
from ytarchive.core import codec
from ytarchive.core.job import ListedVideo, VideoDetails
from ytarchive.simulator import WELL_KNOWN, Simulator, computed_playlist_id, numbered_video_id

Start = Callable[[Say], Scripted]


def test_details_come_in_batches_of_fifty(desk: Desk, youtube: Simulator) -> None:
    playlist = computed_playlist_id(120)
    videos = [numbered_video_id(playlist, number) for number in range(120)]

    found = desk.details(*videos, *videos[:5])

    assert list(found.details) == videos
    assert (found.receipt.outcome, found.gone) == ("done", [])
    assert youtube.counters()["data_api"] == {"videos": 3}
    assert [len(event.data["videos"]) for event in found.events] == [50, 50, 20]
    assert desk.spent() == {"details": 3}


def test_no_videos_cost_nothing(desk: Desk, youtube: Simulator) -> None:
    assert desk.details().receipt.outcome == "done"
    assert youtube.counters()["total_requests"] == 0


@pytest.mark.parametrize(
    "answer", [{}, {"pageInfo": {"totalResults": 0}}, {"kind": "youtube#channelListResponse"}]
)
def test_an_answer_that_says_nothing_makes_no_video_gone(
    desk: Desk, scripted: Start, answer: dict[str, Any]
) -> None:
    scripted(lambda _: (200, answer))

    found = desk.details(video_id(1))

    assert (found.receipt.outcome, found.code, found.gone) == ("failed", "API_BAD_ANSWER", [])


def test_an_answer_without_items_that_says_what_it_is_makes_all_of_them_gone(
    desk: Desk, scripted: Start
) -> None:
    scripted(lambda _: (200, {"kind": "youtube#videoListResponse", "pageInfo": {"totalResults": 0}}))

    assert desk.details(video_id(1)).gone == [video_id(1)]


def test_what_the_api_does_not_show_is_gone(desk: Desk, youtube: Simulator) -> None:
    names = ("ordinary", "private", "removed", "leading_dash", "terminated")

    found = desk.details(*(WELL_KNOWN[name] for name in names))

    assert list(found.details) == [WELL_KNOWN["ordinary"], WELL_KNOWN["leading_dash"]]
    assert found.gone == [WELL_KNOWN[name] for name in ("private", "removed", "terminated")]


def test_a_video_is_told_with_all_that_filters_ask_for(desk: Desk, youtube: Simulator) -> None:
    ordinary = youtube.video(WELL_KNOWN["ordinary"])
    assert ordinary is not None

    found = desk.details(ordinary.id).details[ordinary.id]

    assert found == VideoDetails(
        ordinary.id,
        title=ordinary.title,
        description=ordinary.description,
        channel=ordinary.channel.name,
        channel_id=ordinary.channel.id,
        published_at=int(ordinary.published_at.timestamp()),
        duration_seconds=float(ordinary.duration_seconds),
        availability="public",
        live_status="not_live",
        language=found.language,
    )


@pytest.mark.parametrize(
    ("name", "kind", "status", "has_duration"),
    [
        ("live_now", "live", "is_live", False),
        ("upcoming", "live", "is_upcoming", False),
        ("was_live", "live", "was_live", True),
        ("post_live", "live", "post_live", True),
        ("short", None, "not_live", True),
    ],
)
def test_streams_are_told_from_other_videos(
    desk: Desk, youtube: Simulator, name: str, kind: str | None, status: str, has_duration: bool
) -> None:
    video = WELL_KNOWN[name]

    found = desk.details(video).details[video]

    assert (found.kind, found.live_status) == (kind, status)
    assert (found.duration_seconds is not None) == has_duration


def details(video: str, **parts: Any) -> dict[str, Any]:
    return {"id": video, "snippet": {"liveBroadcastContent": "none"}, **parts}


@pytest.mark.parametrize(
    ("parts", "status"),
    [
        ({"snippet": {}}, None),
        ({"liveStreamingDetails": {"scheduledStartTime": "2026-01-01T00:00:00Z"}}, "is_upcoming"),
        ({"liveStreamingDetails": {"actualStartTime": "2026-01-01T00:00:00Z"}}, "is_live"),
        ({"liveStreamingDetails": {"actualEndTime": "2026-01-01T00:00:00Z"}}, "was_live"),
    ],
)
def test_streams_are_told_by_their_times(
    desk: Desk, scripted: Start, parts: dict[str, Any], status: str | None
) -> None:
    scripted(lambda _: (200, {"items": [details(video_id(1), **parts)]}))

    assert desk.details(video_id(1)).details[video_id(1)].live_status == status


@pytest.mark.parametrize(("said", "told"), [("unlisted", "unlisted"), ("private", "private"), ("odd", None)])
def test_who_may_see_a_video_is_told(desk: Desk, scripted: Start, said: str, told: str | None) -> None:
    scripted(lambda _: (200, {"items": [details(video_id(1), status={"privacyStatus": said})]}))

    assert desk.details(video_id(1)).details[video_id(1)].availability == told


@pytest.mark.parametrize(
    "items", [[details(video_id(9))], [details(video_id(1)), details(video_id(1))], [{"snippet": {}}]]
)
def test_another_video_than_was_asked_for_spoils_its_batch(
    desk: Desk, scripted: Start, items: list[object]
) -> None:
    first = [video_id(number) for number in range(100, 150)]

    def say(query: Any) -> tuple[int, object]:
        asked = query["id"].split(",")
        return 200, {"items": [details(video) for video in asked] if asked == first else items}

    scripted(say)
    found = desk.details(*first, video_id(1))

    assert (found.receipt.outcome, found.code) == ("failed", "API_BAD_ANSWER")
    assert list(found.details) == first
    assert found.gone == []


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("PT1H2M3S", 3723),
        ("PT15S", 15),
        ("P1DT1S", 86401),
        ("PT11H59M60S", 43200),
        ("P0D", None),
        ("PT0S", None),
        ("P", None),
        ("", None),
        ("PT1.5S", None),
        ("1:30", None),
        (15, None),
        (None, None),
    ],
)
def test_lengths_are_read(text: object, seconds: float | None) -> None:
    assert reading.seconds(text) == seconds


@given(st.integers(86_400, 253_000_000_000))
def test_times_are_read_in_utc(at: int) -> None:
    text = datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S")

    assert reading.moment(f"{text}Z") == reading.moment(text) == at


NAMES = (
    *("id", "snippet", "contentDetails", "status", "liveStreamingDetails", "items", "pageInfo", "title"),
    *("playlistId", "videoId", "position", "publishedAt", "videoPublishedAt", "duration", "totalResults"),
    *("nextPageToken", "customUrl", "channelId", "itemCount", "error", "errors", "details", "reason"),
    *("message", "metadata", "quota_limit", "privacyStatus", "liveBroadcastContent"),
)
VALUES = (
    *("PLx", "abcdefghijk", "UC" + "a" * 22, "PT1S", "2026-01-01T00:00:00Z", "\ud800", "private", "@a", ""),
    *(None, True, 7, -1, 2**40, 0.5),
)
answers = st.recursive(
    st.sampled_from(VALUES),
    lambda inside: st.lists(inside, max_size=2) | st.dictionaries(st.sampled_from(NAMES), inside, max_size=4),
    max_leaves=12,
)
lines = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(("id", "snippet", "contentDetails", "status", "liveStreamingDetails"), answers)
)


@settings(deadline=None)
@given(st.lists(lines | answers, max_size=2) | answers, answers, answers)
def test_whatever_an_answer_holds_is_read_or_refused(items: object, token: object, info: object) -> None:
    answer = {"items": items, "nextPageToken": token, "pageInfo": info}
    for read in (
        lambda: reading.page_of(answer, "PLx", None).lines,
        lambda: reading.details_of(answer, {"abcdefghijk"}),
        lambda: reading.channel_of(answer),
        lambda: reading.playlists_of(answer, "UC" + "a" * 22).playlists,
        lambda: reading.title_of(answer, "PLx"),
    ):
        with suppress(NotAnAnswer):
            codec.encode(codec.plain(read()))


@settings(deadline=None)
@given(st.fixed_dictionaries({"error": answers}) | answers | st.binary())
def test_whatever_a_refusal_holds_is_heard(content: Any) -> None:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    reason, message = reason_of(body)

    assert reason is None or reason.replace("_", "").isalnum()
    assert len(message) < 1100


def test_a_line_reads_back_as_it_was_sent() -> None:
    line = ListedVideo(video_id(1), title="a", added_at=5, published_from=1, published_to=1)

    assert codec.adapter(ListedVideo).validate_python(codec.plain(line)) == line
