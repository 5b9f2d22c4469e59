"""Channels and playlists as the Data API shows them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ytarchive.simulator.catalogue import Channel, digest
from ytarchive.simulator.channels import Profile
from ytarchive.simulator.data_api.resources import Part, is_hidden, moment, thumbnails
from ytarchive.simulator.playlists import Playlist
from ytarchive.simulator.world import World

Json = dict[str, Any]
_AVATARS = {"default": 88, "medium": 240, "high": 800}


@dataclass(frozen=True, slots=True)
class ShownChannel:
    """A channel, and how many videos and views everybody can see."""

    profile: Profile
    videos: int


def _channel_snippet(shown: ShownChannel) -> Json:
    profile = shown.profile
    found: Json = {
        "title": profile.title,
        "description": profile.description,
        "customUrl": profile.handle.lower(),
        "publishedAt": moment(profile.created_at),
        "thumbnails": {
            name: {
                "url": f"https://yt3.ggpht.com/{profile.id}=s{size}-c-k-c0x00ffffff-no-rj",
                "width": size,
                "height": size,
            }
            for name, size in _AVATARS.items()
        },
        "localized": {"title": profile.title, "description": profile.description},
    }
    if profile.country:
        found["country"] = profile.country
    return found


def _channel_content(shown: ShownChannel) -> Json:
    """Liked videos are private: their list is named by an empty text (seen)."""
    return {"relatedPlaylists": {"likes": "", "uploads": f"UU{shown.profile.id[2:]}"}}


def _channel_statistics(shown: ShownChannel) -> Json:
    return {
        "viewCount": str(shown.videos * 1000),
        "subscriberCount": str(shown.profile.subscribers),
        "hiddenSubscriberCount": False,
        "videoCount": str(shown.videos),
    }


def _channel_status(_: ShownChannel) -> Json:
    return {"privacyStatus": "public", "isLinked": True, "longUploadsStatus": "longUploadsUnspecified"}


def _channel_branding(shown: ShownChannel) -> Json:
    return {"channel": {"title": shown.profile.title, "description": shown.profile.description}}


CHANNEL_PARTS: Mapping[str, Part] = {
    "snippet": _channel_snippet,
    "contentDetails": _channel_content,
    "statistics": _channel_statistics,
    "status": _channel_status,
    "brandingSettings": _channel_branding,
}


@dataclass(frozen=True, slots=True)
class ShownPlaylist:
    """A playlist with its owner."""

    world: World
    playlist: Playlist
    owner: Channel


def _playlist_snippet(shown: ShownPlaylist) -> Json:
    """The picture is that of the first video which has one (assumed)."""
    playlist, owner = shown.playlist, shown.owner
    first = shown.world.video(playlist.entries[0]) if len(playlist.entries) else None
    return {
        "publishedAt": moment(_made_at(playlist.id)),
        "channelId": owner.id,
        "title": playlist.title,
        "description": playlist.description,
        "thumbnails": thumbnails(first) if first and not is_hidden(first) else {},
        "channelTitle": owner.name,
        "localized": {"title": playlist.title, "description": playlist.description},
    }


def _made_at(playlist_id: str) -> datetime:
    return datetime.fromisoformat("2015-01-01T00:00:00Z") + timedelta(
        hours=int.from_bytes(digest(f"made/{playlist_id}")[:2])
    )


def _playlist_content(shown: ShownPlaylist) -> Json:
    """Return the number of entries, those that are never listed included."""
    return {"itemCount": len(shown.playlist.entries) + shown.playlist.hidden}


def _playlist_status(shown: ShownPlaylist) -> Json:
    return {"privacyStatus": "unlisted" if shown.playlist.unlisted else "public"}


def _playlist_player(shown: ShownPlaylist) -> Json:
    source = f"http://www.youtube.com/embed/videoseries?list={shown.playlist.id}"
    return {"embedHtml": f'<iframe width="640" height="360" src="{source}" allowfullscreen></iframe>'}


PLAYLIST_PARTS: Mapping[str, Part] = {
    "snippet": _playlist_snippet,
    "contentDetails": _playlist_content,
    "status": _playlist_status,
    "player": _playlist_player,
}
