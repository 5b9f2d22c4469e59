"""Playlist pages and their continuations, in the shapes of youtube.com.

Two layouts: since June 2026 entries are `lockupViewModel` items followed by a `continuationItemViewModel`; before,
they were `playlistVideoRenderer` items in a `playlistVideoListRenderer`. The page behind a URL hides unavailable
videos; asking `browse` for `VL<id>` with `wgYCCAA=` shows them (yt-dlp's `_reload_with_unavailable_videos`).

Assumption: in the newer layout, gone videos keep their old titles, "[Private video]" and "[Deleted video]".
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ytarchive.simulator.catalogue import Case, Catalogue, Channel, Video, channel_of
from ytarchive.simulator.playlists import PAGE_SIZE, Playlist
from ytarchive.simulator.wellknown import CHANGES

Json = dict[str, Any]

SHOW_UNAVAILABLE = "wgYCCAA="
_SIGNED_OUT: Json = {"mainAppWebResponseContext": {"loggedOut": True}}
_PRIVATE_TITLES = {Case.PRIVATE: "[Private video]"}
_GONE_TITLES = dict.fromkeys(
    (Case.REMOVED, Case.UNAVAILABLE, Case.TERMINATED, Case.COPYRIGHT, Case.POLICY), "[Deleted video]"
)
_TITLES = _PRIVATE_TITLES | _GONE_TITLES


@dataclass(frozen=True, slots=True)
class View:
    """How a list is looked at. `layout` is `lockup` or `renderer`; `unavailable` shows what is gone.

    `short` leaves out the continuation, as YouTube sometimes does: the list seems to end.
    """

    catalogue: Catalogue
    layout: str
    unavailable: bool
    short: bool = False


def playlist_response(playlist: Playlist | None, view: View) -> Json:
    """Return the first page: header data and up to 100 entries, or the alert of a list that cannot be seen."""
    if playlist is None:
        return _alert("The playlist does not exist.")
    if playlist.private:
        return _alert("This playlist is private.")
    entries = _listed(playlist, view)
    tab = {"tabRenderer": _tab(playlist, _page(playlist.id, entries, 0, view), view.layout)}
    hidden = len(playlist.entries) - len(entries)
    return {
        "responseContext": _SIGNED_OUT,
        "contents": {"twoColumnBrowseResultsRenderer": {"tabs": [tab]}},
        **({"alerts": [_hidden_alert()]} if hidden else {}),
        "metadata": {"playlistMetadataRenderer": {"title": playlist.title, "description": ""}},
        "microformat": {
            "microformatDataRenderer": {
                "urlCanonical": f"https://www.youtube.com/playlist?list={playlist.id}",
                "title": playlist.title,
                "unlisted": playlist.unlisted,
                "noindex": playlist.unlisted,
            }
        },
        "sidebar": {"playlistSidebarRenderer": {"items": _sidebar(playlist)}},
    }


def continuation_response(playlist: Playlist, offset: int, view: View) -> Json:
    """Return the next 100 entries."""
    items = _page(playlist.id, _listed(playlist, view), offset, view)
    action = {"continuationItems": items, "targetId": playlist.id}
    return {
        "responseContext": _SIGNED_OUT,
        "onResponseReceivedActions": [
            {"clickTrackingParams": _CLICK, "appendContinuationItemsAction": action}
        ],
    }


def empty_continuation() -> Json:
    """Return the answer that has lost its items: yt-dlp calls it "Incomplete data received"."""
    return {"responseContext": _SIGNED_OUT, "trackingParams": _CLICK}


def make_token(playlist_id: str, offset: int, *, unavailable: bool) -> str:
    """Return an opaque continuation token; real ones are of like length."""
    content = f"{playlist_id}|{offset}|{int(unavailable)}|{'s' * 96}"
    return "4qmFsg" + base64.urlsafe_b64encode(content.encode()).decode()


def read_token(token: str) -> tuple[str, int, bool]:
    """Return playlist id, offset, and whether unavailable videos are shown; ValueError for a foreign token."""
    try:
        content = base64.urlsafe_b64decode(token.removeprefix("4qmFsg")).decode()
    except binascii.Error as error:
        raise ValueError("not a token of this simulator") from error
    playlist_id, offset, unavailable, _ = content.split("|")
    return playlist_id, int(offset), unavailable == "1"


def _listed(playlist: Playlist, view: View) -> Sequence[str]:
    """Return the entries that are shown. Computed facts never hide a video, so only changed ones are looked at."""
    if view.unavailable or not (view.catalogue.changes or isinstance(playlist.entries, tuple)):
        return playlist.entries
    return [found for found in playlist.entries if not _is_hidden(found, view.catalogue)]


def _is_hidden(video_id: str, catalogue: Catalogue) -> bool:
    if video_id not in catalogue.changes and video_id not in CHANGES:
        return False
    video = catalogue.video(video_id)
    return video is not None and video.case.is_hidden_in_listings


def _page(playlist_id: str, entries: Sequence[str], offset: int, view: View) -> list[Json]:
    render = _lockup if view.layout == "lockup" else _renderer
    videos = [view.catalogue.video(found) for found in entries[offset : offset + PAGE_SIZE]]
    items = [render(video, playlist_id, offset + at) for at, video in enumerate(videos) if video is not None]
    if offset + PAGE_SIZE < len(entries) and not view.short:
        token = make_token(playlist_id, offset + PAGE_SIZE, unavailable=view.unavailable)
        items.append(_continuation(token, view.layout))
    return items


def _continuation(token: str, layout: str) -> Json:
    command = {
        "clickTrackingParams": _CLICK,
        "continuationCommand": {"token": token, "request": "CONTINUATION_REQUEST_TYPE_BROWSE"},
    }
    trigger = "CONTINUATION_TRIGGER_ON_ITEM_SHOWN"
    if layout == "lockup":
        model = {"trigger": trigger, "continuationCommand": {"innertubeCommand": command}}
        return {"continuationItemViewModel": model}
    return {"continuationItemRenderer": {"trigger": trigger, "continuationEndpoint": command}}


def _tab(playlist: Playlist, items: list[Json], layout: str) -> Json:
    if not items:
        items = [{"messageRenderer": {"text": {"simpleText": "No videos in this playlist yet"}}}]
    elif layout != "lockup":
        items = [
            {"playlistVideoListRenderer": {"contents": items, "playlistId": playlist.id, "isEditable": False}}
        ]
    section = {"itemSectionRenderer": {"contents": items, "trackingParams": _CLICK}}
    return {
        "selected": True,
        "content": {"sectionListRenderer": {"contents": [section], "targetId": playlist.id}},
        "trackingParams": _CLICK,
    }


def _sidebar(playlist: Playlist) -> list[Json]:
    count = len(playlist.entries) + playlist.hidden
    number: Json = (
        {"runs": [{"text": f"{count:,}"}, {"text": " video" if count == 1 else " videos"}]}
        if count
        else {"simpleText": "No videos"}
    )
    owner = channel_of(sum(playlist.id.encode()) % 50)
    privacy = {"metadataBadgeRenderer": {"icon": {"iconType": "PRIVACY_UNLISTED"}, "label": "Unlisted"}}
    primary = {
        "title": {"runs": [{"text": playlist.title}]},
        "stats": [
            number,
            {"simpleText": "1,234 views"},
            {"runs": [{"text": "Last updated on "}, {"text": "Nov 3, 2026"}]},
        ],
        **({"badges": [privacy]} if playlist.unlisted else {}),
    }
    secondary = {"videoOwner": {"videoOwnerRenderer": {"title": _byline(owner)}}}
    return [
        {"playlistSidebarPrimaryInfoRenderer": primary},
        {"playlistSidebarSecondaryInfoRenderer": secondary},
    ]


def _byline(channel: Channel) -> Json:
    endpoint = {
        "commandMetadata": {"webCommandMetadata": {"url": f"/{channel.handle}"}},
        "browseEndpoint": {"browseId": channel.id, "canonicalBaseUrl": f"/{channel.handle}"},
    }
    return {"runs": [{"text": channel.name, "navigationEndpoint": endpoint}]}


def _alert(text: str) -> Json:
    return {
        "responseContext": _SIGNED_OUT,
        "alerts": [{"alertRenderer": {"type": "ERROR", "text": {"runs": [{"text": text}]}}}],
    }


def _hidden_alert() -> Json:
    return {
        "alertWithButtonRenderer": {"type": "INFO", "text": {"simpleText": "Unavailable videos are hidden"}}
    }


_CLICK = "CBoQ7zsYACITCNsimulatedAAAAAAAAAAAA="
_MENU: Json = {
    "menuRenderer": {
        "items": [
            {
                "menuServiceItemRenderer": {
                    "text": {"runs": [{"text": text}]},
                    "icon": {"iconType": icon},
                    "serviceEndpoint": {
                        "clickTrackingParams": _CLICK,
                        "commandMetadata": {
                            "webCommandMetadata": {"sendPost": True, "apiUrl": f"/youtubei/v1/{path}"}
                        },
                        "signalServiceEndpoint": {"signal": "CLIENT_SIGNAL"},
                    },
                    "trackingParams": _CLICK,
                }
            }
            for text, icon, path in (
                ("Add to queue", "ADD_TO_QUEUE_TAIL", "playlist/create"),
                ("Save to Watch later", "WATCH_LATER", "browse/edit_playlist"),
                ("Save to playlist", "BOOKMARK_BORDER", "playlist/get_add_to_playlist"),
                ("Share", "SHARE", "share/get_share_panel"),
            )
        ],
        "trackingParams": _CLICK,
    }
}


def _clock(seconds: int) -> str:
    hours, rest = divmod(seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"


def _lockup(video: Video, playlist_id: str, index: int) -> Json:
    gone = _TITLES.get(video.case)
    thumbnail: Json = {"image": {"sources": _thumbnails(video, gone)}}
    if not gone:
        thumbnail["overlays"] = [{"thumbnailBottomOverlayViewModel": {"badges": [_badge(video)]}}]
    metadata: Json = {"title": {"content": gone or video.title}}
    if not gone:
        metadata["metadata"] = {
            "contentMetadataViewModel": {"metadataRows": _rows(video), "delimiter": " • "}
        }
    return {
        "lockupViewModel": {
            "contentImage": {"thumbnailViewModel": thumbnail},
            "metadata": {"lockupMetadataViewModel": metadata | {"menuButton": _MENU}},
            "contentId": video.id,
            "contentType": "LOCKUP_CONTENT_TYPE_VIDEO",
            "rendererContext": {
                "loggingContext": {"loggingDirectives": {"trackingParams": _CLICK}},
                "commandContext": {"onTap": {"innertubeCommand": _watch_endpoint(video, playlist_id, index)}},
            },
        }
    }


def _badge(video: Video) -> Json:
    text, style = _clock(video.duration_seconds), "THUMBNAIL_OVERLAY_BADGE_STYLE_DEFAULT"
    if video.case is Case.LIVE_NOW:
        text, style = "LIVE", "THUMBNAIL_OVERLAY_BADGE_STYLE_LIVE"
    elif video.case in (Case.UPCOMING, Case.PREMIERE):
        text = "Upcoming"
    return {"thumbnailBadgeViewModel": {"text": text, "badgeStyle": style}}


def _rows(video: Video) -> list[Json]:
    browse = {"browseId": video.channel.id, "canonicalBaseUrl": f"/{video.channel.handle}"}
    name = {
        "content": video.channel.name,
        "commandRuns": [{"startIndex": 0, "onTap": {"innertubeCommand": {"browseEndpoint": browse}}}],
    }
    views = f"{video.view_count:,} views"
    when = "Streamed 3 years ago" if video.was_live else "3 years ago"
    rows: list[Json] = [
        {"metadataParts": [{"text": name}]},
        {
            "metadataParts": [
                {"text": {"content": views}, "accessibilityLabel": views},
                {"text": {"content": when}, "accessibilityLabel": when},
            ]
        },
    ]
    if video.case is Case.MEMBERS:
        badge = {"badgeViewModel": {"badgeText": "Members only", "badgeStyle": "BADGE_MEMBERS_ONLY"}}
        rows.append({"badges": [badge]})
    return rows


def _watch_endpoint(video: Video, playlist_id: str, index: int) -> Json:
    url = f"/watch?v={video.id}&list={playlist_id}&index={index + 1}"
    return {
        "clickTrackingParams": _CLICK,
        "commandMetadata": {"webCommandMetadata": {"url": url, "webPageType": "WEB_PAGE_TYPE_WATCH"}},
        "watchEndpoint": {"videoId": video.id, "playlistId": playlist_id, "index": index},
    }


def _thumbnails(video: Video, gone: str | None) -> list[Json]:
    if gone:
        return [{"url": "https://i.ytimg.com/img/no_thumbnail.jpg", "width": 120, "height": 90}]
    return [
        {
            "url": f"https://i.ytimg.com/vi/{video.id}/hqdefault.jpg?sqp=-oaymwE{width}",
            "width": width,
            "height": height,
        }
        for width, height in ((168, 94), (336, 188))
    ]


def _renderer(video: Video, playlist_id: str, index: int) -> Json:
    gone = _TITLES.get(video.case)
    found: Json = {
        "videoId": video.id,
        "thumbnail": {"thumbnails": _thumbnails(video, gone)},
        "title": {"runs": [{"text": gone or video.title}]},
        "index": {"simpleText": str(index + 1)},
        "navigationEndpoint": _watch_endpoint(video, playlist_id, index),
        "isPlayable": not (gone or video.case.is_hidden_in_listings),
        "trackingParams": _CLICK,
        "menu": _MENU,
    }
    if not gone:
        overlay = {"LIVE_NOW": "LIVE", "UPCOMING": "UPCOMING", "PREMIERE": "UPCOMING"}.get(
            video.case.name, "DEFAULT"
        )
        text = {"simpleText": _clock(video.duration_seconds)}
        found |= {
            "shortBylineText": _byline(video.channel),
            "lengthSeconds": str(video.duration_seconds),
            "lengthText": text,
            "thumbnailOverlays": [{"thumbnailOverlayTimeStatusRenderer": {"text": text, "style": overlay}}],
            "videoInfo": {
                "runs": [{"text": f"{video.view_count:,} views"}, {"text": " • "}, {"text": "3 years ago"}]
            },
        }
    return {"playlistVideoRenderer": found}
