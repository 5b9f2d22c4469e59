"""The player response: `POST /youtubei/v1/player`, and the same object embedded in a watch page.

Which client gets what follows youtube.com as of autumn 2026:

* WEB and its relatives get formats without a URL (SABR) and the captions' translation list;
* VISIONOS gets no AV1, but an HLS manifest;
* every other client gets every format with a plain URL.

URLs have neither an `n` parameter nor a `signatureCipher`, so that no JavaScript challenge has to be solved: the one
large difference from reality. They point at a plain-HTTP endpoint on loopback.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from ytarchive.simulator.captions import captions_renderer
from ytarchive.simulator.catalogue import Case, Video
from ytarchive.simulator.formats import Format, formats_of, picture_size
from ytarchive.simulator.live import broadcast
from ytarchive.simulator.playability import available, playability_status

Json = dict[str, Any]

_SABR_CLIENTS = frozenset({"WEB", "MWEB", "WEB_REMIX"})
_EXPIRES_IN_SECONDS = 21540


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where media are served, and the moment that relative times count from."""

    media_url: str
    started_at: datetime

    def starts_at(self, video: Video) -> datetime:
        """Return when an upcoming video begins."""
        return self.started_at + timedelta(seconds=video.starts_in_seconds)


def player_response(video: Video, client: str, endpoint: Endpoint, *, opened: bool = False) -> Json:
    """Return what a response says to one innertube client, such as `TVHTML5`; `pages` adds its dead weight.

    `opened`: whoever asks is signed in, and may see what is refused to a guest.
    """
    status = available() if opened else playability_status(video, client, endpoint.starts_at(video))
    response: Json = {
        "responseContext": {
            "visitorData": "CgtzaW11bGF0ZWQwMSjAxsu7BjIKCgJERRIEEgAgCw%3D%3D",
            "maxAgeSeconds": 0,
        },
        "playabilityStatus": status,
    }
    if opened or _is_described(video):
        response["videoDetails"] = _video_details(video)
        if client in _SABR_CLIENTS:
            response["microformat"] = {"playerMicroformatRenderer": _microformat(video, endpoint)}
    if response["playabilityStatus"]["status"] == "OK":
        response["streamingData"] = _streaming_data(video, client, endpoint)
        if video.storyboards:
            response["storyboards"] = {"playerStoryboardSpecRenderer": {"spec": _storyboard_spec(video)}}
        captions = captions_renderer(video, client)
        if captions:
            response["captions"] = captions
    return response


def empty_formats(response: Json) -> Json:
    """Return a player response whose streams are gone, as served to a session YouTube has doubts about."""
    streaming = response.get("streamingData", {}) | {"formats": [], "adaptiveFormats": []}
    streaming.pop("hlsManifestUrl", None)
    return {key: value for key, value in response.items() if key != "storyboards"} | {
        "streamingData": streaming
    }


_WITHOUT_DETAILS = frozenset(
    {
        Case.PRIVATE,
        Case.REMOVED,
        Case.UNAVAILABLE,
        Case.TERMINATED,
        Case.COPYRIGHT,
        Case.POLICY,
        Case.BOT_CHECK,
        Case.CAPTCHA,
        Case.SESSION_LIMIT,
        Case.RELOAD,
    }
)


def _is_described(video: Video) -> bool:
    """Whether there is a `videoDetails`: what is gone, and what a suspicious session asks for, has no title."""
    return video.case not in _WITHOUT_DETAILS


def _video_details(video: Video) -> Json:
    details: Json = {
        "videoId": video.id,
        "title": video.title,
        "lengthSeconds": str(0 if video.case in (Case.LIVE_NOW, Case.UPCOMING) else video.duration_seconds),
        "keywords": list(video.tags),
        "channelId": video.channel.id,
        "isOwnerViewing": False,
        "shortDescription": video.description,
        "isCrawlable": True,
        "thumbnail": {"thumbnails": thumbnails(video)},
        "allowRatings": True,
        "viewCount": str(video.view_count),
        "author": video.channel.name,
        "isPrivate": video.case is Case.PRIVATE,
        "isUnpluggedCorpus": False,
        "isLiveContent": video.is_live_content,
    }
    match video.case:
        case Case.LIVE_NOW:
            details |= {"isLive": True, "isLiveDvrEnabled": True}
        case Case.POST_LIVE:
            details["isPostLiveDvr"] = True
        case Case.UPCOMING | Case.PREMIERE:
            details["isUpcoming"] = True
    return details


def thumbnails(video: Video) -> list[Json]:
    """Return the sizes that are certain to exist, smallest first; videos below 720p have no `maxresdefault`."""
    sizes = [("default", 120, 90), ("mqdefault", 320, 180), ("hqdefault", 480, 360), ("sddefault", 640, 480)]
    if video.best >= 720:
        sizes.append(("maxresdefault", 1280, 720))
    return [
        {"url": f"https://i.ytimg.com/vi/{video.id}/{name}.jpg", "width": width, "height": height}
        for name, width, height in sizes
    ]


def _microformat(video: Video, endpoint: Endpoint) -> Json:
    published = video.published_at.astimezone(UTC).isoformat()
    found: Json = {
        "thumbnail": {"thumbnails": thumbnails(video)[-1:]},
        "embed": {"iframeUrl": f"https://www.youtube.com/embed/{video.id}", "width": 1280, "height": 720},
        "title": {"simpleText": video.title},
        "description": {"simpleText": video.description},
        "lengthSeconds": str(video.duration_seconds),
        "ownerProfileUrl": f"http://www.youtube.com/{video.channel.handle}",
        "externalChannelId": video.channel.id,
        "isFamilySafe": video.case is not Case.AGE,
        "availableCountries": ["AQ", "BV"] if video.case is Case.GEO else ["DE", "FR", "GB", "JP", "US"],
        "isUnlisted": False,
        "hasYpcMetadata": False,
        "viewCount": str(video.view_count),
        "category": video.category,
        "publishDate": published,
        "ownerChannelName": video.channel.name,
        "uploadDate": published,
        "isShortsEligible": video.short,
        "externalVideoId": video.id,
    }
    if video.is_live_content or video.case is Case.PREMIERE:
        found["liveBroadcastDetails"] = _broadcast(video, endpoint)
    return found


def _broadcast(video: Video, endpoint: Endpoint) -> Json:
    if simulated := broadcast(video):
        return simulated
    match video.case:
        case Case.UPCOMING | Case.PREMIERE:
            return {"isLiveNow": False, "startTimestamp": endpoint.starts_at(video).isoformat()}
        case Case.LIVE_NOW:
            started = endpoint.started_at - timedelta(hours=1)
            return {"isLiveNow": True, "startTimestamp": started.isoformat()}
    started = endpoint.started_at - timedelta(hours=3) if video.case is Case.POST_LIVE else video.published_at
    ended = started + timedelta(seconds=video.duration_seconds)
    return {"isLiveNow": False, "startTimestamp": started.isoformat(), "endTimestamp": ended.isoformat()}


def _streaming_data(video: Video, client: str, endpoint: Endpoint) -> Json:
    sabr = client in _SABR_CLIENTS or video.case is Case.SABR_ONLY
    expire = int(datetime.now(UTC).timestamp()) + _EXPIRES_IN_SECONDS
    offered = [
        found for found in formats_of(video) if not (client == "VISIONOS" and "av01" in found.mime_type)
    ]
    described = [
        (
            found.progressive,
            _describe(video, found, "" if sabr else _url(video, found, endpoint, expire)),
        )
        for found in offered
    ]
    data: Json = {
        "expiresInSeconds": str(_EXPIRES_IN_SECONDS),
        "formats": [found for progressive, found in described if progressive],
        "adaptiveFormats": [found for progressive, found in described if not progressive],
    }
    if sabr:
        data["serverAbrStreamingUrl"] = (
            f"{endpoint.media_url}/videoplayback?sabr=1&id={video.id}&expire={expire}"
        )
    if video.case is Case.DRM:
        data["licenseInfos"] = [
            {"drmFamily": "WIDEVINE", "url": "https://www.youtube.com/youtubei/v1/player/get_drm"}
        ]
    if video.case is Case.LIVE_NOW or (client == "VISIONOS" and video.case is Case.PUBLIC and video.codecs):
        data["hlsManifestUrl"] = (
            f"https://manifest.googlevideo.com/api/manifest/hls_variant/expire/{expire}/ei/c2lt/id/{video.id}/"
            f"source/{'yt_live_broadcast' if video.case is Case.LIVE_NOW else 'youtube'}/file/index.m3u8"
        )
    return data


def _is_streamed(video: Video, found: Format) -> bool:
    """Whether a format is had in fragments while the stream runs."""
    return (
        video.case is Case.LIVE_NOW
        and video.live_from is not None
        and video.fragment_seconds > 0
        and not found.progressive
    )


def _url(video: Video, found: Format, endpoint: Endpoint, expire: int) -> str:
    url = media_url(video, found, endpoint, expire)
    if not _is_streamed(video, found):
        return url
    return re.sub(r"&(clen|dur|lmt)=[^&]*", "", url) + "&live=1&noclen=1"


def media_url(video: Video, found: Format, endpoint: Endpoint, expire: int) -> str:
    """Return the URL of a format's bytes; all the media endpoint has to know is in its query."""
    tags = f"acont={found.track.content}:lang={found.language}" if found.track else ""
    if found.upscaled:
        tags = f"{tags}:sr=1".lstrip(":")
    return (
        f"{endpoint.media_url}/videoplayback?expire={expire}&ei=c2ltdWxhdGVkLWV2ZW50&ip=127.0.0.1&id=o-{video.id}"
        f"&itag={found.itag}&source=youtube&requiressl=no&vprv=1&svpuc=1{f'&xtags={quote(tags)}' if tags else ''}"
        f"&mime={quote(found.mime_type.partition(';')[0], '')}&rqh=1&gir=yes&clen={found.length}"
        f"&dur={video.duration_seconds}.000&lmt={found.lmt}&rev={video.revision}"
    )


def _describe(video: Video, found: Format, url: str) -> Json:
    half = 1000 if video.damaged and found.itag in (137, 248) else 0
    described: Json = {
        "itag": found.itag,
        **({"url": url} if url else {}),
        "mimeType": found.mime_type,
        "bitrate": found.bitrate,
    }
    if found.recipe.has_picture:
        described |= {"width": found.recipe.width, "height": found.recipe.height}
    if not found.progressive:
        described |= {
            "initRange": {"start": "0", "end": "740"},
            "indexRange": {"start": "741", "end": "1100"},
        }
    described |= {
        "lastModified": str(found.lmt),
        "contentLength": str(found.length),
        "quality": found.quality,
        "projectionType": "RECTANGULAR",
        "averageBitrate": found.bitrate * 9 // 10,
        "approxDurationMs": str(half or video.duration_seconds * 1000),
    }
    if found.label:
        described |= {"fps": found.fps, "qualityLabel": found.label}
    if found.hdr:
        described["colorInfo"] = {
            "primaries": "COLOR_PRIMARIES_BT2020",
            "transferCharacteristics": "COLOR_TRANSFER_CHARACTERISTICS_SMPTEST2084",
            "matrixCoefficients": "COLOR_MATRIX_COEFFICIENTS_BT2020_NCL",
        }
    if found.audio_quality or found.progressive:
        described |= {"audioSampleRate": "48000", "audioChannels": 1}
    if found.audio_quality:
        described |= {"audioQuality": found.audio_quality, "loudnessDb": -2.5}
    if found.track:
        described["audioTrack"] = {
            "displayName": found.track.display_name,
            "id": found.track.language,
            "audioIsDefault": found.track.is_default,
        }
    if video.case is Case.DRM:
        described |= {"drmFamilies": ["WIDEVINE"], "drmTrackType": "DRM_TRACK_TYPE_SD"}
    if _is_streamed(video, found):
        for told in ("contentLength", "approxDurationMs", "averageBitrate", "initRange", "indexRange"):
            described.pop(told, None)
        described |= {"targetDurationSec": video.fragment_seconds, "maxDvrDurationSec": 14400}
    elif video.case is Case.POST_LIVE or (video.case is Case.LIVE_NOW and video.live_from is None):
        described |= {"targetDurationSec": 5, "maxDvrDurationSec": 14400}
    return described


def _storyboard_spec(video: Video) -> str:
    width, height = picture_size(video.shape, 144)
    levels = [
        f"{width // 2}#{height // 2}#100#10#10#0#default#rs$AOn4CLSimulated",
        f"{width}#{height}#10#5#5#1000#M$M#rs$AOn4CLSim",
    ]
    return "|".join(
        [
            f"https://i.ytimg.com/sb/{video.id}/storyboard3_L$L/$N.jpg?sqp=-oaymwENSDfyq4qpAwVwAcABBqLzl_8D",
            *levels,
        ]
    )
