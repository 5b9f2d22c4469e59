"""One entry of a list or of a channel's tab, in the shapes of youtube.com.

`lockup` is what lists (since June 2026) and the videos and live tabs hold, `renderer` what lists held before;
`shorts_lockup` is of the Shorts tab, `playlist_lockup` of the Playlists and Releases tabs. The shapes follow what
yt-dlp reads (`_extract_lockup_view_model`, `_rich_entries` and `_extract_video` of its `_tab.py`).

Assumption: in the newer layout, gone videos keep their old titles, "[Private video]" and "[Deleted video]".
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from ytarchive.simulator.catalogue import Case, Channel, Video
from ytarchive.simulator.relative_time import ago, counted

Json = dict[str, Any]

_PRIVATE_TITLES = {Case.PRIVATE: "[Private video]"}
_GONE_TITLES = dict.fromkeys(
    (Case.REMOVED, Case.UNAVAILABLE, Case.TERMINATED, Case.COPYRIGHT, Case.POLICY), "[Deleted video]"
)
_TITLES = _PRIVATE_TITLES | _GONE_TITLES


@dataclass(frozen=True, slots=True)
class Place:
    """Where an entry stands, and when it is looked at; `started_at` is when the simulator was started.

    In a channel's tab there is no list.
    """

    now: datetime
    started_at: datetime
    index: int = 0
    playlist_id: str | None = None


CLICK = "CBoQ7zsYACITCNsimulatedAAAAAAAAAAAA="
_MENU: Json = {
    "menuRenderer": {
        "items": [
            {
                "menuServiceItemRenderer": {
                    "text": {"runs": [{"text": text}]},
                    "icon": {"iconType": icon},
                    "serviceEndpoint": {
                        "clickTrackingParams": CLICK,
                        "commandMetadata": {
                            "webCommandMetadata": {"sendPost": True, "apiUrl": f"/youtubei/v1/{path}"}
                        },
                        "signalServiceEndpoint": {"signal": "CLIENT_SIGNAL"},
                    },
                    "trackingParams": CLICK,
                }
            }
            for text, icon, path in (
                ("Add to queue", "ADD_TO_QUEUE_TAIL", "playlist/create"),
                ("Save to Watch later", "WATCH_LATER", "browse/edit_playlist"),
                ("Save to playlist", "BOOKMARK_BORDER", "playlist/get_add_to_playlist"),
                ("Share", "SHARE", "share/get_share_panel"),
            )
        ],
        "trackingParams": CLICK,
    }
}


def _clock(seconds: int) -> str:
    hours, rest = divmod(seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"


def lockup(video: Video, place: Place) -> Json:
    """Return an entry as `lockupViewModel`; only lists name the channel."""
    gone = _TITLES.get(video.case)
    thumbnail: Json = {"image": {"sources": _thumbnails(video, gone)}}
    if not gone:
        thumbnail["overlays"] = [{"thumbnailBottomOverlayViewModel": {"badges": [_badge(video)]}}]
    metadata: Json = {"title": {"content": gone or video.title}}
    if not gone:
        metadata["metadata"] = {
            "contentMetadataViewModel": {"metadataRows": _rows(video, place), "delimiter": " • "}
        }
    return _lockup_model(
        video.id,
        "LOCKUP_CONTENT_TYPE_VIDEO",
        {"thumbnailViewModel": thumbnail},
        metadata,
        _watch_endpoint(video, place),
    )


def shorts_lockup(video: Video) -> Json:
    """Return a short as the Shorts tab shows it: without duration or date."""
    views = counted(video.view_count, "view")
    return {
        "shortsLockupViewModel": {
            "entityId": f"shorts-shelf-item-{video.id}",
            "accessibilityText": f"{video.title}, {views} - play Short",
            "thumbnailViewModel": {"thumbnailViewModel": {"image": {"sources": _thumbnails(video, None)}}},
            "onTap": {
                "innertubeCommand": {
                    "clickTrackingParams": CLICK,
                    "commandMetadata": {
                        "webCommandMetadata": {
                            "url": f"/shorts/{video.id}",
                            "webPageType": "WEB_PAGE_TYPE_SHORTS",
                        }
                    },
                    "reelWatchEndpoint": {"videoId": video.id, "sequenceProvider": "REEL_WATCH_SEQUENCE"},
                }
            },
            "overlayMetadata": {
                "primaryText": {"content": video.title},
                "secondaryText": {"content": views},
            },
            "loggingDirectives": {"trackingParams": CLICK},
        }
    }


def playlist_lockup(playlist_id: str, title: str, count: int, first: str | None) -> Json:
    """Return a list of videos as the Playlists and Releases tabs show it; `first` is its first video."""
    picture = (
        f"https://i.ytimg.com/vi/{first}/hqdefault.jpg"
        if first
        else "https://i.ytimg.com/img/no_thumbnail.jpg"
    )
    badge = {
        "thumbnailBadgeViewModel": {
            "text": counted(count, "video"),
            "badgeStyle": "THUMBNAIL_OVERLAY_BADGE_STYLE_DEFAULT",
        }
    }
    thumbnail = {
        "image": {"sources": [{"url": picture, "width": 480, "height": 270}]},
        "overlays": [{"thumbnailOverlayBadgeViewModel": {"thumbnailBadges": [badge]}}],
    }
    row = {"metadataParts": [{"text": {"content": "View full playlist"}}]}
    metadata = {
        "title": {"content": title},
        "metadata": {"contentMetadataViewModel": {"metadataRows": [row], "delimiter": " • "}},
    }
    url = f"/watch?v={first}&list={playlist_id}" if first else f"/playlist?list={playlist_id}"
    return _lockup_model(
        playlist_id,
        "LOCKUP_CONTENT_TYPE_PLAYLIST",
        {"collectionThumbnailViewModel": {"primaryThumbnail": {"thumbnailViewModel": thumbnail}}},
        metadata,
        {
            "clickTrackingParams": CLICK,
            "commandMetadata": {"webCommandMetadata": {"url": url}},
            "watchEndpoint": {"videoId": first, "playlistId": playlist_id},
        },
    )


def _lockup_model(content_id: str, kind: str, image: Json, metadata: Json, endpoint: Json) -> Json:
    return {
        "lockupViewModel": {
            "contentImage": image,
            "metadata": {"lockupMetadataViewModel": metadata | {"menuButton": _MENU}},
            "contentId": content_id,
            "contentType": kind,
            "rendererContext": {
                "loggingContext": {"loggingDirectives": {"trackingParams": CLICK}},
                "commandContext": {"onTap": {"innertubeCommand": endpoint}},
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


def _rows(video: Video, place: Place) -> list[Json]:
    rows: list[Json] = []
    if place.playlist_id:
        browse = {"browseId": video.channel.id, "canonicalBaseUrl": f"/{video.channel.handle}"}
        name = {
            "content": video.channel.name,
            "commandRuns": [{"startIndex": 0, "onTap": {"innertubeCommand": {"browseEndpoint": browse}}}],
        }
        rows.append({"metadataParts": [{"text": name}]})
    parts = [{"text": {"content": text}, "accessibilityLabel": text} for text in views_and_time(video, place)]
    rows.append({"metadataParts": parts})
    if video.case is Case.MEMBERS:
        badge = {"badgeViewModel": {"badgeText": "Members only", "badgeStyle": "BADGE_MEMBERS_ONLY"}}
        rows.append({"badges": [badge]})
    return rows


def views_and_time(video: Video, place: Place) -> tuple[str, ...]:
    """Return what stands below a title: views and age, or who watches or waits.

    The texts of live and upcoming ones are as youtube.com shows them; how many watch and wait is made up.
    """
    if video.case is Case.LIVE_NOW:
        return (f"{video.view_count:,} watching",)
    if video.case in (Case.UPCOMING, Case.PREMIERE):
        starts_at = place.started_at + timedelta(seconds=video.starts_in_seconds)
        word = "Premieres" if video.case is Case.PREMIERE else "Scheduled for"
        return "12 waiting", f"{word} {starts_at.astimezone(UTC):%-m/%-d/%y, %-I:%M %p}"
    when = ago(video.published_at, place.now)
    streamed = video.was_live or video.case in (Case.POST_LIVE, Case.NO_RECORDING)
    return counted(video.view_count, "view"), f"Streamed {when}" if streamed else when


def _watch_endpoint(video: Video, place: Place) -> Json:
    url = f"/watch?v={video.id}"
    watch: Json = {"videoId": video.id}
    if place.playlist_id:
        url += f"&list={place.playlist_id}&index={place.index + 1}"
        watch |= {"playlistId": place.playlist_id, "index": place.index}
    return {
        "clickTrackingParams": CLICK,
        "commandMetadata": {"webCommandMetadata": {"url": url, "webPageType": "WEB_PAGE_TYPE_WATCH"}},
        "watchEndpoint": watch,
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


def byline(channel: Channel) -> Json:
    """Return a channel's name with the link to it."""
    endpoint = {
        "commandMetadata": {"webCommandMetadata": {"url": f"/{channel.handle}"}},
        "browseEndpoint": {"browseId": channel.id, "canonicalBaseUrl": f"/{channel.handle}"},
    }
    return {"runs": [{"text": channel.name, "navigationEndpoint": endpoint}]}


def renderer(video: Video, place: Place) -> Json:
    """Return an entry as `playlistVideoRenderer`."""
    gone = _TITLES.get(video.case)
    found: Json = {
        "videoId": video.id,
        "thumbnail": {"thumbnails": _thumbnails(video, gone)},
        "title": {"runs": [{"text": gone or video.title}]},
        "index": {"simpleText": str(place.index + 1)},
        "navigationEndpoint": _watch_endpoint(video, place),
        "isPlayable": not (gone or video.case.is_hidden_in_listings),
        "trackingParams": CLICK,
        "menu": _MENU,
    }
    if not gone:
        overlay = {"LIVE_NOW": "LIVE", "UPCOMING": "UPCOMING", "PREMIERE": "UPCOMING"}.get(
            video.case.name, "DEFAULT"
        )
        text = {"simpleText": _clock(video.duration_seconds)}
        info = [{"text": each} for each in views_and_time(video, place)]
        found |= {
            "shortBylineText": byline(video.channel),
            "lengthSeconds": str(video.duration_seconds),
            "lengthText": text,
            "thumbnailOverlays": [{"thumbnailOverlayTimeStatusRenderer": {"text": text, "style": overlay}}],
            "videoInfo": {"runs": [info[0], *(each for run in info[1:] for each in ({"text": " • "}, run))]},
        }
    return {"playlistVideoRenderer": found}


def continuation(token: str, *, view_model: bool) -> Json:
    """Return what stands after a page: where the next one is to be had."""
    command = {
        "clickTrackingParams": CLICK,
        "continuationCommand": {"token": token, "request": "CONTINUATION_REQUEST_TYPE_BROWSE"},
    }
    trigger = "CONTINUATION_TRIGGER_ON_ITEM_SHOWN"
    if view_model:
        model = {"trigger": trigger, "continuationCommand": {"innertubeCommand": command}}
        return {"continuationItemViewModel": model}
    return {"continuationItemRenderer": {"trigger": trigger, "continuationEndpoint": command}}
