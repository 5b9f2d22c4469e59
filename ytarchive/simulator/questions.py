"""What a request asks for: its kind, as counters and faults call it, and the video or list it is about."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from typing import Any

from ytarchive.simulator import browse
from ytarchive.simulator.channel_pages import read_path, tab_of_params
from ytarchive.simulator.data_api.requests import method_of, parameters_of
from ytarchive.simulator.hosts import API_HOSTS, IMAGE_HOSTS, SPONSORBLOCK_HOST
from ytarchive.simulator.http import Request

Json = dict[str, Any]

_PATHS = {
    "/watch": "watch",
    "/playlist": "playlist",
    "/iframe_api": "player_js",
    "/api/timedtext": "caption",
    "/videoplayback": "media",
    "/": "config",
    "/tv": "config",
}
_INNERTUBE = {"player": "player", "browse": "browse", "next": "next", "navigation/resolve_url": "resolve"}
_VIDEO_PATH = re.compile(r"/(shorts|embed|live|v)/([0-9A-Za-z_-]{11})")
_IMAGE_PATH = re.compile(r"/(?:vi|vi_webp|an_webp|sb)/([0-9A-Za-z_-]{11})/")
_MANIFEST_ID = re.compile(r"/id/([0-9A-Za-z_-]{11})/")


@dataclass(frozen=True, slots=True)
class Question:
    """A request that has been recognised; `content` is the JSON of an innertube request.

    `method` is one of the Data API, or of the player the client that asks, such as `TVHTML5`.

    `playlist` also names what else is listed: a channel's tab as its address and the tab (`@handle/videos` by page,
    `UC.../videos` by `browse`), and of a feed the channel.
    """

    kind: str
    video: str | None = None
    playlist: str | None = None
    content: Json | None = None
    method: str = ""

    @property
    def name(self) -> str:
        """Return the kind as faults call it, with the method: `data_api/videos`, `player/TVHTML5`."""
        return f"{self.kind}/{self.method}" if self.method else self.kind

    @property
    def client(self) -> str:
        """Return the innertube client that asks, such as `TVHTML5`."""
        try:
            return str((self.content or {})["context"]["client"]["clientName"])
        except (KeyError, TypeError):
            return "WEB"


def recognise(request: Request) -> Question:
    """Return what a request asks for; the kind is `other` for what is not simulated."""
    path, query = request.path, request.query
    if request.host in IMAGE_HOSTS:
        return Question(
            "storyboard" if path.startswith("/sb/") else "thumbnail", _first_group(_IMAGE_PATH, path)
        )
    if request.host == SPONSORBLOCK_HOST:
        return Question("sponsorblock")
    if request.host in API_HOSTS:
        return _data_api(request)
    if request.host.endswith("youtu.be"):
        return Question("redirect", path.strip("/"))
    if path.startswith("/youtubei/v1/"):
        return _innertube(request)
    if path.startswith("/api/manifest/"):
        return Question("manifest", _first_group(_MANIFEST_ID, path))
    if path.startswith("/s/player/"):
        return Question("player_js")
    found = _VIDEO_PATH.fullmatch(path)
    if found:
        return Question("config" if found.group(1) == "embed" else "watch", found.group(2))
    address = read_path(path)
    if address:
        return Question("channel", None, f"{address.name}/{address.tab}".rstrip("/"))
    if path == "/feeds/videos.xml":
        return Question("feed", None, query.get("playlist_id") or query.get("channel_id"))
    video = query.get("v") or query.get("id", "").removeprefix("o-") or None
    return Question(_PATHS.get(path, "other"), video, query.get("list"))


def _first_group(pattern: re.Pattern[str], path: str) -> str | None:
    found = pattern.search(path)
    return found.group(1) if found else None


def _data_api(request: Request) -> Question:
    """Recognise a method; the video is told where a call is about a single one."""
    method, parameters = method_of(request), parameters_of(request)
    ids = parameters.get("id", ())
    single = ids[0] if len(ids) == 1 and "," not in ids[0] else None
    playlist = next(iter(parameters.get("playlistId", ())), single if method == "playlists" else None)
    return Question("data_api", single if method == "videos" else None, playlist, method=method)


def _innertube(request: Request) -> Question:
    kind = _INNERTUBE.get(request.path.removeprefix("/youtubei/v1/"), "other")
    try:
        content = json.loads(request.body or b"{}")
    except ValueError:
        return Question("other")
    if not isinstance(content, dict):
        return Question("other")
    video = content.get("videoId")
    asked = Question(kind, str(video) if video else None, _listed_playlist(content), content)
    return replace(asked, method=asked.client) if kind == "player" else asked


def _listed_playlist(content: Json) -> str | None:
    if "continuation" in content:
        try:
            return browse.read_token(str(content["continuation"]))[0]
        except ValueError:
            return None
    browse_id = str(content.get("browseId", ""))
    if browse_id.startswith("UC"):
        return f"{browse_id}/{tab_of_params(str(content.get('params', '')))}".rstrip("/")
    return browse_id[2:] if browse_id.startswith("VL") else None
