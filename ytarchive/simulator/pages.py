"""HTML pages: watch, playlist, channel and embed, each with the JSON that real pages carry in script elements."""

from __future__ import annotations

import json
from functools import lru_cache
from html import escape
from typing import Any

from ytarchive.simulator.catalogue import Case, Video
from ytarchive.simulator.compression import Part, part
from ytarchive.simulator.filler import EXPERIMENT_FLAGS, PLAYER_FILLER, RELATED_JSON, SCRIPT, STYLE
from ytarchive.simulator.sign_in import SESSION

Json = dict[str, Any]
Page = tuple[Part, ...]

PLAYER_JS_PATH = "/s/player/51a1ed01/player_ias.vflset/en_US/base.js"
SIGNATURE_TIMESTAMP = 20563
PLAYER_JS = (
    f"var _yt_player={{}};(function(g){{g.sim={{signatureTimestamp:{SIGNATURE_TIMESTAMP}}}}})(_yt_player);"
)
IFRAME_API = "var scriptUrl = 'https:\\/\\/www.youtube.com\\/s\\/player\\/51a1ed01\\/www-widgetapi.vflset\\/www-widgetapi.js';"
_VISITOR = "CgtzaW11bGF0ZWQwMSjAxsu7BjIKCgJERRIEEgAgCw%3D%3D"
_WEB_VERSION = "2.20261110.00.00"


_SESSION = {"DATASYNC_ID": f"{SESSION}||", "USER_SESSION_ID": SESSION, "SESSION_INDEX": "0"}


def dumps(value: Any) -> str:
    """Serialise as YouTube does inside a script element: compact, with the characters of markup escaped."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _ytcfg(client: str, number: int, *, signed_in: bool = False) -> str:
    config = {
        "CLIENT_CANARY_STATE": "none",
        "DEVICE": "cbr=Chrome&cplatform=DESKTOP",
        "EXPERIMENT_FLAGS": EXPERIMENT_FLAGS,
        "INNERTUBE_API_KEY": "simulated-innertube-key",
        "INNERTUBE_API_VERSION": "v1",
        "INNERTUBE_CLIENT_NAME": client,
        "INNERTUBE_CLIENT_VERSION": _WEB_VERSION,
        "INNERTUBE_CONTEXT": {
            "client": {
                "hl": "en",
                "gl": "US",
                "remoteHost": "127.0.0.1",
                "visitorData": _VISITOR,
                "clientName": client,
                "clientVersion": _WEB_VERSION,
                "osName": "X11",
                "platform": "DESKTOP",
            },
            "user": {"lockedSafetyMode": False},
            "request": {"useSsl": True},
        },
        "INNERTUBE_CONTEXT_CLIENT_NAME": number,
        "INNERTUBE_CONTEXT_CLIENT_VERSION": _WEB_VERSION,
        "INNERTUBE_CONTEXT_GL": "US",
        "INNERTUBE_CONTEXT_HL": "en",
        "LOGGED_IN": signed_in,
        **(_SESSION if signed_in else {}),
        "PLAYER_JS_URL": PLAYER_JS_PATH,
        "STS": SIGNATURE_TIMESTAMP,
        "VISITOR_DATA": _VISITOR,
        "WEB_PLAYER_CONTEXT_CONFIGS": {
            "WEB_PLAYER_CONTEXT_CONFIG_ID_KEVLAR_WATCH": {
                "jsUrl": PLAYER_JS_PATH,
                "contextId": "KEVLAR_WATCH",
            }
        },
    }
    return f"ytcfg.set({dumps(config)});window.ytcfg.obfuscatedData_ = [];"


@lru_cache(maxsize=2)
def _skeleton(*, signed_in: bool = False) -> dict[str, Part]:
    """Return the unchanging parts of pages, compressed."""
    head = (
        '<!DOCTYPE html><html style="font-size: 10px;font-family: Roboto, Arial, sans-serif;" lang="en" '
        'system-icons><head><meta http-equiv="origin-trial" content="simulated"/>'
        f'<script nonce="simulated">var ytcfg={{set:function(){{}}}};{_ytcfg("WEB", 1, signed_in=signed_in)}</script>'
        f"<style>{STYLE}</style>"
    )
    middle = f'<script nonce="simulated">{SCRIPT}</script>'
    related = (
        '],"trackingParams":"simulated"}}}},"topbar":{"desktopTopbarRenderer":{"logo":{"topbarLogoRenderer":'
        '{"iconImage":{"iconType":"YOUTUBE_LOGO"},"tooltipText":{"runs":[{"text":"YouTube Home"}]}}}}}};</script>'
    )
    return {
        "head": part(head.encode(), level=6),
        "middle": part(middle.encode(), level=6),
        "player": part(f",{dumps(PLAYER_FILLER)[1:]}".encode(), level=6),
        "script": part(b";</script>"),
        "related": part((RELATED_JSON + related).encode(), level=6),
        "close": part(b"</body></html>"),
    }


def watch_page(video: Video, player: Json, *, signed_in: bool = False) -> Page:
    """Return the watch page of a video, about 1 MB, around its player response for the WEB client."""
    fixed = _skeleton(signed_in=signed_in)
    opening = (
        f'{_meta(video, player)}</head><body dir="ltr"><script nonce="simulated">var ytInitialPlayerResponse = '
        f"{dumps(player)[:-1]}"
    )
    data = dumps(_initial_data(video, player, signed_in=signed_in)).removesuffix("}}}")
    results = '"secondaryResults":{"secondaryResults":{"results":['
    return (
        fixed["head"],
        part(_encode(opening)),
        fixed["player"],
        fixed["script"],
        fixed["middle"],
        part(_encode(f'<script nonce="simulated">var ytInitialData = {data},{results}')),
        fixed["related"],
        fixed["close"],
    )


def player_json(player: Json) -> Page:
    """Return a player response as innertube sends it, with what no archiver reads."""
    text = json.dumps(player, ensure_ascii=False, separators=(",", ":"))
    return part(_encode(text[:-1])), _skeleton()["player"]


def _encode(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _meta(video: Video, player: Json) -> str:
    if "title" not in player.get("videoDetails", {}):
        return "<title> - YouTube</title>"
    title, description = escape(video.title), escape(video.description)
    date = video.published_at.isoformat()
    kids = "<!-- This video is made for kids -->" if video.case is Case.MADE_FOR_KIDS else ""
    return (
        f"<title>{title} - YouTube</title>{kids}"
        f'<meta name="title" content="{title}"><meta name="description" content="{description}">'
        f'<link rel="canonical" href="https://www.youtube.com/watch?v={video.id}">'
        f'<meta property="og:site_name" content="YouTube"><meta property="og:title" content="{title}">'
        f'<meta property="og:image" content="https://i.ytimg.com/vi/{video.id}/hqdefault.jpg">'
        f'<meta itemprop="uploadDate" content="{date}"><meta itemprop="datePublished" content="{date}">'
        f'<meta itemprop="genre" content="{escape(video.category)}">'
    )


def _initial_data(video: Video, player: Json, *, signed_in: bool) -> Json:
    """Return what the watch page says around the player: title, owner, date, counts.

    `contents` comes last, for the watch page goes on with the related videos inside it.
    """
    results: list[Json] = []
    if "title" in player.get("videoDetails", {}):
        results = [
            {"videoPrimaryInfoRenderer": _primary(video)},
            {"videoSecondaryInfoRenderer": _secondary(video)},
        ]
    return {
        "responseContext": {"mainAppWebResponseContext": {"loggedOut": not signed_in}},
        "currentVideoEndpoint": {"watchEndpoint": {"videoId": video.id}},
        "engagementPanels": [],
        "contents": {"twoColumnWatchNextResults": {"results": {"results": {"contents": results}}}},
    }


def next_response(video: Video, player: Json, *, signed_in: bool = False) -> Json:
    """Return what `POST /youtubei/v1/next` answers for a video: the watch page's data without related videos."""
    return _initial_data(video, player, signed_in=signed_in)


def _primary(video: Video) -> Json:
    views = f"{video.view_count:,} views"
    badge = {"metadataBadgeRenderer": {"style": "BADGE_STYLE_TYPE_MEMBERS_ONLY", "label": "Members only"}}
    return {
        "title": {"runs": [{"text": video.title}]},
        "viewCount": {"videoViewCountRenderer": {"viewCount": {"simpleText": views}}},
        "videoActions": {"menuRenderer": {"topLevelButtons": []}},
        "dateText": {"simpleText": video.published_at.strftime("%b %-d, %Y")},
        **({"badges": [badge]} if video.case is Case.MEMBERS else {}),
    }


def _secondary(video: Video) -> Json:
    channel = video.channel
    endpoint = {
        "commandMetadata": {"webCommandMetadata": {"url": f"/{channel.handle}"}},
        "browseEndpoint": {"browseId": channel.id, "canonicalBaseUrl": f"/{channel.handle}"},
    }
    return {
        "owner": {
            "videoOwnerRenderer": {
                "title": {"runs": [{"text": channel.name, "navigationEndpoint": endpoint}]},
                "navigationEndpoint": endpoint,
                "subscriberCountText": {"simpleText": "12.3K subscribers"},
            }
        },
        "attributedDescription": {"content": video.description},
    }


def data_page(title: str, initial_data: Json, *, signed_in: bool = False) -> Page:
    """Return a page that carries nothing but `ytInitialData`: a playlist or a channel."""
    fixed = _skeleton(signed_in=signed_in)
    body = (
        f"<title>{escape(title)} - YouTube</title></head><body>"
        f'<script nonce="simulated">var ytInitialData = {dumps(initial_data)};</script>'
    )
    return fixed["head"], part(_encode(body)), fixed["middle"], fixed["close"]


@lru_cache(maxsize=8)
def config_page(client: str, number: int, *, signed_in: bool = False) -> Page:
    """Return a page that a client reads its configuration from, such as `/embed/ID` or `/tv`."""
    return (
        part(
            f"<!DOCTYPE html><html><head><script>{_ytcfg(client, number, signed_in=signed_in)}</script></head></html>".encode()
        ),
    )
