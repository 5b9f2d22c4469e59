"""The Data API's JSON, which may hold anything, as typed values. What is missing or misshapen is None.

An answer whose items are not those that were asked for raises `NotAnAnswer`: nothing of it is used.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

from ytarchive.adapters.data_api.calls import Json, NotAnAnswer
from ytarchive.core.filters import VideoKind
from ytarchive.core.instant import Instant
from ytarchive.core.job import ChannelFacts, ListedPlaylist, ListedVideo, VideoDetails

ITEM_FIELDS = (
    "kind,nextPageToken,pageInfo/totalResults,items(id,snippet(publishedAt,title,playlistId,position,"
    "videoOwnerChannelTitle,videoOwnerChannelId),contentDetails(videoId,videoPublishedAt),status/privacyStatus)"
)
VIDEO_FIELDS = (
    "kind,pageInfo/totalResults,items(id,snippet(publishedAt,channelId,title,description,channelTitle,liveBroadcastContent,"
    "defaultAudioLanguage),contentDetails/duration,status(uploadStatus,privacyStatus),"
    "liveStreamingDetails(actualStartTime,actualEndTime,scheduledStartTime))"
)
CHANNEL_FIELDS = "kind,pageInfo/totalResults,items(id,snippet(title,description,customUrl))"
TITLE_FIELDS = "kind,items(id,snippet/title)"
PLAYLIST_FIELDS = (
    "kind,nextPageToken,pageInfo/totalResults,items(id,snippet(channelId,title),contentDetails/itemCount)"
)

_VIDEO_ID = re.compile(r"[A-Za-z0-9_-]{11}")
_CHANNEL_ID = re.compile(r"UC[A-Za-z0-9_-]{22}")
_PLAYLIST_ID = re.compile(r"[A-Za-z0-9_-]{2,80}")
_DURATION = re.compile(r"P(?:(\d{1,6})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,6})S)?)?")
_UNITS = (86_400, 3_600, 60, 1)
_PLACEHOLDERS = frozenset({"private video", "deleted video"})
_PRIVACY = frozenset({"public", "unlisted", "private"})


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list. `keys` tell its lines apart, also where a video comes twice; `reached` counts hidden ones."""

    lines: tuple[ListedVideo, ...]
    keys: tuple[object, ...]
    token: str | None
    expected: int | None
    reached: int


@dataclass(frozen=True, slots=True)
class PlaylistPage:
    """One page of a channel's playlists."""

    playlists: tuple[ListedPlaylist, ...]
    token: str | None
    expected: int | None


def page_of(answer: Json, playlist: str, kind: VideoKind | None) -> Page:
    """A page of `playlistItems.list`."""
    lines, keys, reached = [], [], 0
    for item in _items(answer, "playlistItem"):
        snippet, content = _part(item, "snippet"), _part(item, "contentDetails")
        _assert_is(snippet.get("playlistId"), playlist, "playlist")
        video = _identified(content.get("videoId"), _VIDEO_ID, "video")
        lines.append(_line(video, item, kind))
        position = _count(snippet.get("position"))
        keys.append(_text(item.get("id")) or (video, position))
        reached = max(reached, 0 if position is None else position + 1)
    return Page(tuple(lines), tuple(keys), _token(answer), _expected(answer), reached)


def _line(video: str, item: Json, kind: VideoKind | None) -> ListedVideo:
    snippet = _part(item, "snippet")
    privacy = _part(item, "status").get("privacyStatus")
    title = _text(snippet.get("title"))
    is_placeholder = privacy not in ("public", "unlisted") and (title or "").lower() in _PLACEHOLDERS
    published_at = moment(_part(item, "contentDetails").get("videoPublishedAt"))
    return ListedVideo(
        video,
        title=None if is_placeholder else title,
        channel_id=_text(snippet.get("videoOwnerChannelId")),
        channel=_text(snippet.get("videoOwnerChannelTitle")),
        added_at=moment(snippet.get("publishedAt")),
        published_from=published_at,
        published_to=published_at,
        kind=kind,
        availability="private" if privacy == "private" else None,
    )


def details_of(answer: Json, asked: Collection[str]) -> tuple[VideoDetails, ...]:
    """The videos of `videos.list`, each once."""
    found: dict[str, VideoDetails] = {}
    for item in _items(answer, "video"):
        video = _identified(item.get("id"), _VIDEO_ID, "video")
        if video not in asked or video in found:
            raise NotAnAnswer(f"found the video {video}, expected those that were asked for, each once")
        found[video] = _details(video, item)
    return tuple(found.values())


def _details(video: str, item: Json) -> VideoDetails:
    snippet, status, live = (_part(item, name) for name in ("snippet", "status", "liveStreamingDetails"))
    privacy = _text(status.get("privacyStatus"))
    return VideoDetails(
        video,
        title=_text(snippet.get("title")),
        description=_text(snippet.get("description")),
        channel=_text(snippet.get("channelTitle")),
        channel_id=_text(snippet.get("channelId")),
        published_at=moment(snippet.get("publishedAt")),
        duration_seconds=seconds(_part(item, "contentDetails").get("duration")),
        kind="live" if live else None,
        availability=privacy if privacy in _PRIVACY else None,
        live_status=_live_status(_text(snippet.get("liveBroadcastContent")), status, live),
        language=_text(snippet.get("defaultAudioLanguage")),
    )


def _live_status(broadcast: str | None, status: Json, live: Json) -> str | None:
    """In yt-dlp's words. A stream that ended, and whose upload is not processed, has no recording yet."""
    if broadcast in ("live", "upcoming"):
        return f"is_{broadcast}"
    if not live:
        return "not_live" if broadcast == "none" else None
    if not live.get("actualEndTime"):
        return "is_live" if live.get("actualStartTime") else "is_upcoming"
    return "post_live" if status.get("uploadStatus") == "uploaded" else "was_live"


def channel_of(answer: Json, *, id_: str | None = None, handle: str | None = None) -> ChannelFacts | None:
    """The channel of `channels.list`, None when there is none. It has this id, or answers to this handle."""
    items = _items(answer, "channel")
    if not items:
        return None
    if len(items) > 1:
        raise NotAnAnswer(f"found {len(items)} channels, expected one")
    found = _identified(items[0].get("id"), _CHANNEL_ID, "channel")
    if id_ is not None:
        _assert_is(found, id_, "channel")
    snippet = _part(items[0], "snippet")
    address = _text(snippet.get("customUrl")) or ""
    known_as = unquote(address) if address.startswith("@") else None
    if handle is not None and known_as is not None and known_as.casefold() != handle.casefold():
        raise NotAnAnswer(f"found the channel {known_as}, expected {handle}")
    return ChannelFacts(
        found, _text(snippet.get("title")), known_as, _text(snippet.get("description")) or None
    )


def playlists_of(answer: Json, channel_id: str) -> PlaylistPage:
    """A page of `playlists.list` of a channel."""
    found = []
    for item in _items(answer, "playlist"):
        _assert_is(_part(item, "snippet").get("channelId"), channel_id, "channel")
        playlist = _identified(item.get("id"), _PLAYLIST_ID, "playlist")
        title = _text(_part(item, "snippet").get("title"))
        found.append(ListedPlaylist(playlist, title, _count(_part(item, "contentDetails").get("itemCount"))))
    return PlaylistPage(tuple(found), _token(answer), _expected(answer))


def title_of(answer: Json, playlist: str) -> str | None:
    """The title in `playlists.list` of one playlist."""
    for item in _items(answer, "playlist"):
        _assert_is(item.get("id"), playlist, "playlist")
        return _text(_part(item, "snippet").get("title"))
    return None


def moment(text: object) -> Instant | None:
    """`2026-11-23T08:00:00Z` as seconds since the epoch."""
    try:
        at = datetime.fromisoformat(text) if isinstance(text, str) else None
        return None if at is None else int((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp())
    except (ValueError, OverflowError):
        return None


def seconds(text: object) -> float | None:
    """`PT1H2M3S` as seconds. No length at all (`P0D`, of streams that have none yet) is None."""
    found = _DURATION.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        return None
    total = sum(int(number or 0) * unit for number, unit in zip(found.groups(), _UNITS, strict=True))
    return float(total) or None


def _items(answer: Json, kind: str) -> list[Json]:
    """The items; an answer without any, as YouTube gives it where there are none, must say by its kind what it is."""
    expected = f"youtube#{kind}ListResponse"
    items = answer.get("items", [])
    if answer.get("kind", expected if "items" in answer else None) != expected:
        raise NotAnAnswer(f"found an answer of the kind {answer.get('kind')}, expected {expected}")
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise NotAnAnswer("found items that are none, expected a list of them")
    return items


def _part(item: Json, name: str) -> Json:
    part = item.get(name)
    return part if isinstance(part, dict) else {}


def _text(value: object) -> str | None:
    """Without halves of characters, which no file and no database takes."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else None


def _count(value: Any) -> int | None:
    is_count = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**31
    return value if is_count else None


def _token(answer: Json) -> str | None:
    return _text(answer.get("nextPageToken")) or None


def _expected(answer: Json) -> int | None:
    return _count(_part(answer, "pageInfo").get("totalResults"))


def _identified(value: object, pattern: re.Pattern[str], what: str) -> str:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise NotAnAnswer(f"found no id of a {what} in an item, expected one")
    return value


def _assert_is(found: object, asked: str, what: str) -> None:
    if found != asked:
        raise NotAnAnswer(f"found the {what} {found}, expected {asked}")
