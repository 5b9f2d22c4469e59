"""Videos and entries of playlists as the Data API shows them: one function for each part of a resource.

Names and types are those of the discovery document; times are ISO 8601 in UTC with whole seconds (seen).
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from ytarchive.simulator.catalogue import Case, Channel, Video, digest
from ytarchive.simulator.player import Endpoint
from ytarchive.simulator.playlists import Playlist

Json = dict[str, Any]
Part = Callable[[Any], Json | None]
"""A part of a resource; None when the resource has no such part."""

GONE = frozenset({Case.REMOVED, Case.UNAVAILABLE, Case.TERMINATED, Case.COPYRIGHT, Case.POLICY})
"""Deleted as far as the API tells: in playlists without a title, nowhere else."""
_THUMBNAILS = {
    "default": ("default", 120, 90),
    "medium": ("mqdefault", 320, 180),
    "high": ("hqdefault", 480, 360),
    "standard": ("sddefault", 640, 480),
    "maxres": ("maxresdefault", 1280, 720),
}


def moment(at: datetime) -> str:
    """Return a time as the API writes it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def etag(content: str) -> str:
    """Return 27 characters that stand for a content, the length of real ones (seen)."""
    return base64.urlsafe_b64encode(digest(content)[:20]).decode().rstrip("=")


def resource(
    kind: str, identity: str, subject: Any, parts: Mapping[str, Part], wanted: frozenset[str]
) -> Json:
    """Return a resource with the parts that are wanted."""
    found: Json = {"kind": f"youtube#{kind}", "etag": "", "id": identity}
    for name, part in parts.items():
        content = part(subject) if name in wanted else None
        if content is not None:
            found[name] = content
    found["etag"] = etag(repr(found))
    return found


def is_hidden(video: Video) -> bool:
    """Tell whether somebody without an account is told nothing of a video but its id."""
    return video.case is Case.PRIVATE or video.case in GONE


def thumbnails(video: Video) -> Json:
    """Return the pictures of a video; those that `images` does not have are left out."""
    return {
        name: {"url": f"https://i.ytimg.com/vi/{video.id}/{file}.jpg", "width": width, "height": height}
        for name, (file, width, height) in _THUMBNAILS.items()
        if name != "maxres" or video.best >= 720
    }


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of a playlist. `repeat` counts earlier entries with the same video."""

    playlist: Playlist
    owner: Channel
    video: Video
    position: int
    repeat: int

    @property
    def id(self) -> str:
        """Return the entry's own id: the list and 16 hexadecimal digits in base64 (seen); it moves with the entry."""
        return item_id(self.playlist.id, self.video.id, self.repeat)

    @property
    def added_at(self) -> datetime:
        """Return when it was added: for uploads when they were published, else some days after that."""
        if self.playlist.id.startswith("UU"):
            return self.video.published_at
        days = digest(f"added/{self.playlist.id}/{self.video.id}/{self.repeat}")[0] % 60
        return self.video.published_at + timedelta(days=1 + days)


def item_id(playlist_id: str, video_id: str, repeat: int) -> str:
    """Return the id of an entry."""
    mark = digest(f"item/{playlist_id}/{video_id}/{repeat}")[:8].hex().upper()
    return base64.urlsafe_b64encode(f"{playlist_id}.{mark}".encode()).decode().rstrip("=")


def playlist_of_item(identity: str) -> str | None:
    """Return the list that an entry's id names, None if it is no such id."""
    try:
        text = base64.b64decode(identity + "=" * (-len(identity) % 4), b"-_", validate=True).decode("ascii")
    except ValueError:
        return None
    return text.rpartition(".")[0] or None


def _item_snippet(item: Item) -> Json:
    """A private or deleted video keeps its place, without its title, pictures and owner (seen for private ones)."""
    video, owner = item.video, item.owner
    hidden = is_hidden(video)
    found = {
        "publishedAt": moment(item.added_at),
        "channelId": owner.id,
        "title": video.title,
        "description": video.description,
        "thumbnails": {} if hidden else thumbnails(video),
        "channelTitle": owner.name,
        "playlistId": item.playlist.id,
        "position": item.position,
        "resourceId": {"kind": "youtube#video", "videoId": video.id},
    }
    if video.case is Case.PRIVATE:
        found |= {"title": "Private video", "description": "This video is private."}
    elif hidden:
        found |= {"title": "Deleted video", "description": "This video is unavailable."}
    else:
        found |= {"videoOwnerChannelTitle": video.channel.name, "videoOwnerChannelId": video.channel.id}
    return found


def _item_content(item: Item) -> Json:
    found = {"videoId": item.video.id}
    if not is_hidden(item.video):
        found["videoPublishedAt"] = moment(item.video.published_at)
    return found


def _item_status(item: Item) -> Json:
    """Deleted videos have an unspecified status, whatever the discovery document says (assumed, from many reports)."""
    if item.video.case in GONE:
        return {"privacyStatus": "privacyStatusUnspecified"}
    return {"privacyStatus": "private" if item.video.case is Case.PRIVATE else "public"}


ITEM_PARTS: Mapping[str, Part] = {
    "snippet": _item_snippet,
    "contentDetails": _item_content,
    "status": _item_status,
}


@dataclass(frozen=True, slots=True)
class Shown:
    """A video that may be shown, and the moment that live times count from."""

    video: Video
    endpoint: Endpoint


def duration(seconds: int) -> str:
    """Return a length as ISO 8601, in days, hours, minutes and seconds (reference)."""
    days, rest = divmod(seconds, 86400)
    hours, rest = divmod(rest, 3600)
    minutes, rest = divmod(rest, 60)
    clock = "".join(f"{n}{unit}" for n, unit in ((hours, "H"), (minutes, "M"), (rest, "S")) if n)
    if not days and not clock:
        return "PT0S"
    return f"P{f'{days}D' if days else ''}{f'T{clock}' if clock else ''}"


def _is_endless(video: Video) -> bool:
    """Tell whether there is no length yet, which the API calls P0D (seen for streams, assumed while processing)."""
    return video.case in (Case.LIVE_NOW, Case.UPCOMING, Case.PROCESSING, Case.NO_RECORDING)


def _video_snippet(shown: Shown) -> Json:
    video = shown.video
    found = {
        "publishedAt": moment(video.published_at),
        "channelId": video.channel.id,
        "title": video.title,
        "description": video.description,
        "thumbnails": thumbnails(video),
        "channelTitle": video.channel.name,
        "categoryId": "27",
        "liveBroadcastContent": {
            Case.LIVE_NOW: "live",
            Case.UPCOMING: "upcoming",
            Case.PREMIERE: "upcoming",
        }.get(video.case, "none"),
        "localized": {"title": video.title, "description": video.description},
    }
    if video.tags:
        found["tags"] = list(video.tags)
    language = spoken_language(video)
    if language:
        found["defaultAudioLanguage"] = language
    return found


def spoken_language(video: Video) -> str | None:
    """Return the language of the sound if the uploader told it; assumed: where there are tracks or spoken captions."""
    for track in video.audio_tracks:
        if track.content == "original":
            return track.language.partition(".")[0]
    return next((track.language for track in video.captions if track.automatic), None)


def _video_content(shown: Shown) -> Json:
    """`caption` tells of manual captions alone (reference). Where a video is blocked is told whoever asks."""
    video = shown.video
    found: Json = {
        "duration": "P0D" if _is_endless(video) else duration(video.duration_seconds),
        "dimension": "2d",
        "definition": "hd" if video.best >= 720 else "sd",
        "caption": str(any(not track.automatic for track in video.captions)).lower(),
        "licensedContent": False,
        "contentRating": {"ytRating": "ytAgeRestricted"} if video.case is Case.AGE else {},
        "projection": "rectangular",
    }
    if video.case is Case.GEO:
        found["regionRestriction"] = {"allowed": ["JP"]}
    elif video.case is Case.COPYRIGHT_GEO:
        found["regionRestriction"] = {"blocked": ["AT", "CH", "DE", "FR", "GB", "US"]}
    return found


def _video_status(shown: Shown) -> Json:
    """Streams are `uploaded` until their recording is processed (assumed). Members' videos are public (seen)."""
    video = shown.video
    unfinished = video.case in (Case.PROCESSING, Case.LIVE_NOW, Case.UPCOMING, Case.POST_LIVE)
    return {
        "uploadStatus": "uploaded" if unfinished else "processed",
        "privacyStatus": "public",
        "license": "youtube",
        "embeddable": True,
        "publicStatsViewable": True,
        "madeForKids": video.case is Case.MADE_FOR_KIDS,
    }


def _video_statistics(shown: Shown) -> Json:
    views = shown.video.view_count
    return {"viewCount": str(views), "likeCount": str(views // 50), "favoriteCount": "0", "commentCount": "0"}


def _video_live(shown: Shown) -> Json | None:
    """Present for what is, was or will be a stream or premiere, with the times that the player tells as well."""
    video, started_at = shown.video, shown.endpoint.started_at
    match video.case:
        case Case.UPCOMING | Case.PREMIERE:
            return {
                "scheduledStartTime": moment(shown.endpoint.starts_at(video)),
                "activeLiveChatId": "Cg0KCw",
            }
        case Case.LIVE_NOW:
            began = moment(started_at - timedelta(hours=1))
            return {
                "actualStartTime": began,
                "scheduledStartTime": began,
                "concurrentViewers": "123",
                "activeLiveChatId": "Cg0KCw",
            }
    if not video.is_live_content:
        return None
    began_at = started_at - timedelta(hours=3) if video.case is Case.POST_LIVE else video.published_at
    return {
        "actualStartTime": moment(began_at),
        "actualEndTime": moment(began_at + timedelta(seconds=video.duration_seconds)),
        "scheduledStartTime": moment(began_at),
    }


def _video_player(shown: Shown) -> Json:
    source = f"//www.youtube.com/embed/{shown.video.id}"
    return {"embedHtml": f'<iframe width="480" height="270" src="{source}" allowfullscreen></iframe>'}


VIDEO_PARTS: Mapping[str, Part] = {
    "snippet": _video_snippet,
    "contentDetails": _video_content,
    "status": _video_status,
    "statistics": _video_statistics,
    "player": _video_player,
    "liveStreamingDetails": _video_live,
}
