"""From a request to an answer: what kind it is, which faults hit it, and what YouTube would say."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ytarchive.simulator import browse, pages
from ytarchive.simulator.captions import caption_file
from ytarchive.simulator.catalogue import Video
from ytarchive.simulator.compression import Part, gzipped, part
from ytarchive.simulator.faults import Fault, FaultKind
from ytarchive.simulator.formats import find_format
from ytarchive.simulator.hosts import API_HOSTS, IMAGE_HOSTS
from ytarchive.simulator.http import Bytes, Request, Response, ranged
from ytarchive.simulator.images import image_response
from ytarchive.simulator.manifests import manifest
from ytarchive.simulator.media import media_file, stamp
from ytarchive.simulator.player import empty_formats, player_response
from ytarchive.simulator.world import World

Json = dict[str, Any]
_HTML = "text/html; charset=utf-8"
_JSON = "application/json; charset=UTF-8"


@dataclass(frozen=True, slots=True)
class Answer:
    """A response with what the server needs to count it and to spoil its transmission."""

    kind: str
    video: str | None
    faults: tuple[Fault, ...]
    response: Response


@dataclass(frozen=True, slots=True)
class Question:
    """A request that has been recognised: its kind, and the video or list it is about."""

    kind: str
    video: str | None = None
    playlist: str | None = None
    content: Json | None = None


class Routes:
    """Answers requests about one simulated world; safe to call from many threads."""

    def __init__(self, world: World, control: Callable[[Request], Response]) -> None:
        self._world = world
        self._control = control

    def answer(self, request: Request) -> Answer:
        """Return the answer to any request to a simulated host or to the plain endpoint."""
        if request.path.startswith("/__"):
            return Answer("control", None, (), self._control(request))
        question = recognise(request)
        faults = self._world.faults.take(question.kind, request.host, question.video, question.playlist)
        values = {fault.kind: fault.value for fault in faults}
        if FaultKind.REENCODE in values and question.video:
            self._world.reencode(question.video)
        if FaultKind.STATUS in values:
            response = error_response(int(values[FaultKind.STATUS]), question.kind)
        else:
            response = _RENDERERS[question.kind](self._world, request, question, frozenset(values))
        if FaultKind.MALFORMED in values:
            response = _malformed(response)
        return Answer(question.kind, question.video, faults, response)


_PATHS = {
    "/watch": "watch",
    "/playlist": "playlist",
    "/iframe_api": "player_js",
    "/api/timedtext": "caption",
    "/videoplayback": "media",
    "/feeds/videos.xml": "feed",
}
_INNERTUBE = {"player": "player", "browse": "browse", "next": "next", "navigation/resolve_url": "resolve"}
_VIDEO_PATH = re.compile(r"/(shorts|embed|live|v)/([0-9A-Za-z_-]{11})")
_IMAGE_PATH = re.compile(r"/(?:vi|vi_webp|an_webp|sb)/([0-9A-Za-z_-]{11})/")
_MANIFEST_ID = re.compile(r"/id/([0-9A-Za-z_-]{11})/")


def recognise(request: Request) -> Question:
    """Return what a request asks for."""
    path, query = request.path, request.query
    if request.host in IMAGE_HOSTS:
        found = _IMAGE_PATH.match(path)
        return Question(
            "storyboard" if path.startswith("/sb/") else "thumbnail", found.group(1) if found else None
        )
    if request.host in API_HOSTS:
        return Question("data_api")
    if request.host.endswith("youtu.be"):
        return Question("redirect", path.strip("/"))
    if path.startswith("/youtubei/v1/"):
        return _innertube(request)
    if path.startswith("/api/manifest/"):
        found = _MANIFEST_ID.search(path)
        return Question("manifest", found.group(1) if found else None)
    if path.startswith("/s/player/"):
        return Question("player_js")
    found = _VIDEO_PATH.fullmatch(path)
    if found:
        return Question("config" if found.group(1) == "embed" else "watch", found.group(2))
    kind = _PATHS.get(path, "config" if path in ("/", "/tv") else "other")
    video = query.get("v") or query.get("id", "").removeprefix("o-") or None
    return Question(kind, video, query.get("list"))


def _innertube(request: Request) -> Question:
    kind = _INNERTUBE.get(request.path.removeprefix("/youtubei/v1/"), "other")
    try:
        content = json.loads(request.body or b"{}")
    except ValueError:
        return Question("other")
    playlist = None
    if "continuation" in content:
        try:
            playlist = browse.read_token(content["continuation"])[0]
        except ValueError:
            playlist = None
    elif str(content.get("browseId", "")).startswith("VL"):
        playlist = content["browseId"][2:]
    return Question(kind, content.get("videoId"), playlist, content)


def error_response(status: int, kind: str) -> Response:
    """Return an error in the shape of the kind of request: innertube answers with JSON, the rest with HTML."""
    if kind in ("player", "browse", "next", "resolve", "data_api"):
        reasons = {
            403: "PERMISSION_DENIED",
            404: "NOT_FOUND",
            429: "RESOURCE_EXHAUSTED",
            400: "INVALID_ARGUMENT",
        }
        message = {404: "Requested entity was not found."}.get(status, f"Simulated error {status}.")
        error = {"code": status, "message": message, "status": reasons.get(status, "INTERNAL")}
        return Response(status, _JSON, Bytes(json.dumps({"error": error}).encode()))
    page = f"<!DOCTYPE html><html><title>Error {status}</title><p>Simulated error {status}.</html>"
    return Response(status, _HTML, Bytes(page.encode()))


def _malformed(response: Response) -> Response:
    content = response.body.read(0, response.body.length)
    if ("Content-Encoding", "gzip") in response.headers:
        import gzip

        content = gzip.decompress(content)
    headers = tuple(header for header in response.headers if header[0] != "Content-Encoding")
    return Response(
        response.status, response.content_type, Bytes(content[: len(content) * 2 // 3] + b"<!--"), headers
    )


def _page(request: Request, page: tuple[Part, ...], content_type: str = _HTML) -> Response:
    if request.accepts_gzip():
        return Response(200, content_type, Bytes(gzipped(page)), (("Content-Encoding", "gzip"),))
    return Response(200, content_type, Bytes(b"".join(piece.plain for piece in page)))


def _json(request: Request, content: Json) -> Response:
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
    return _page(request, (part(text),), _JSON)


def _player_of(
    world: World, question: Question, client: str, faults: frozenset[FaultKind]
) -> tuple[Video, Json] | None:
    video_id = question.video or ""
    if FaultKind.WRONG_VIDEO in faults:
        video_id = video_id[::-1]
    video = world.video(video_id)
    if video is None:
        return None
    player = player_response(video, client, world.endpoint)
    if FaultKind.EMPTY_FORMATS in faults:
        player = empty_formats(player)
    return video, player


def _watch(world: World, request: Request, question: Question, faults: frozenset[FaultKind]) -> Response:
    found = _player_of(world, question, "WEB", faults)
    if found is None:
        return error_response(404, "watch")
    return _page(request, pages.watch_page(*found))


def _player(world: World, request: Request, question: Question, faults: frozenset[FaultKind]) -> Response:
    found = _player_of(world, question, _client_name(question), faults)
    if found is None:
        return error_response(400, "player")
    return _json(request, found[1])


def _client_name(question: Question) -> str:
    try:
        return str((question.content or {})["context"]["client"]["clientName"])
    except (KeyError, TypeError):
        return "WEB"


def _next(world: World, request: Request, question: Question, faults: frozenset[FaultKind]) -> Response:
    found = _player_of(world, question, "WEB", faults)
    return _json(request, pages.next_response(*found)) if found else error_response(400, "next")


def _playlist(world: World, request: Request, question: Question, faults: frozenset[FaultKind]) -> Response:
    playlist = world.playlist(question.playlist or "")
    short = FaultKind.SHORT_LIST in faults
    data = browse.playlist_response(
        playlist, world.catalogue, unavailable=False, layout=world.layout, short=short
    )
    return _page(request, pages.data_page(playlist.title if playlist else "", data))


def _browse(world: World, request: Request, question: Question, faults: frozenset[FaultKind]) -> Response:
    content = question.content or {}
    short = FaultKind.SHORT_LIST in faults
    playlist = world.playlist(question.playlist or "")
    if "continuation" in content:
        if FaultKind.EMPTY_PAGE in faults:
            return _json(request, browse.empty_continuation())
        if playlist is None:
            return error_response(400, "browse")
        token = content["continuation"]
        data = browse.continuation_response(
            token, playlist, world.catalogue, layout=world.layout, short=short
        )
        return _json(request, data)
    if question.playlist is None:
        return error_response(400, "browse")
    unavailable = content.get("params") == browse.SHOW_UNAVAILABLE
    data = browse.playlist_response(
        playlist, world.catalogue, unavailable=unavailable, layout=world.layout, short=short
    )
    return _json(request, data)


def _resolve(world: World, request: Request, question: Question, faults: frozenset[FaultKind]) -> Response:
    """Resolve a playlist URL, which yt-dlp asks for when it may not or cannot read the page."""
    found = re.search(r"[?&]list=([0-9A-Za-z_-]+)", str((question.content or {}).get("url", "")))
    if not found:
        return error_response(404, "resolve")
    return _json(request, {"endpoint": {"browseEndpoint": {"browseId": f"VL{found.group(1)}"}}})


def _caption(world: World, request: Request, question: Question, faults: frozenset[FaultKind]) -> Response:
    video = world.video(question.video or "")
    if video is None:
        return error_response(404, "caption")
    content_type, text = caption_file(video, request.query)
    return _page(request, (part(text.encode()),), content_type)


def _media(world: World, request: Request, question: Question, faults: frozenset[FaultKind]) -> Response:
    query = request.query
    tags = dict(tag.split("=", 1) for tag in query.get("xtags", "").split(":") if "=" in tag)
    video = world.video(question.video or "", revision=int(query.get("rev", "0")))
    if video is None or "sabr" in query:
        return error_response(403, "media")
    found = find_format(
        video, int(query.get("itag", "0")), tags.get("lang", ""), upscaled=tags.get("sr") == "1"
    )
    if found is None:
        return error_response(403, "media")
    template = world.library.template(found.recipe)
    body = media_file(
        template, found.recipe, stamp(video.id, found.itag, found.language, video.revision), found.length
    )
    return ranged(request, found.mime_type.partition(";")[0], body)


def _config(world: World, request: Request, question: Question, faults: frozenset[FaultKind]) -> Response:
    client = {"/tv": ("TVHTML5", 7), "/": ("MWEB" if request.host.startswith("m.") else "WEB", 1)}.get(
        request.path, ("WEB_EMBEDDED_PLAYER", 56)
    )
    return _page(request, pages.config_page(*client))


@lru_cache(maxsize=1)
def _script() -> Part:
    return part(pages.PLAYER_JS.encode())


def _player_js(world: World, request: Request, question: Question, faults: frozenset[FaultKind]) -> Response:
    if request.path == "/iframe_api":
        text = f"var scriptUrl = 'https:\\/\\/www.youtube.com{pages.PLAYER_JS_PATH}'.replace('/', '\\/');"
        return _page(
            request, (part(text.replace("/s/player/", "\\/s\\/player\\/").encode()),), "text/javascript"
        )
    return _page(request, (_script(),), "text/javascript")


def _thumbnail(world: World, request: Request, question: Question, faults: frozenset[FaultKind]) -> Response:
    video = world.video(question.video) if question.video else None
    found = image_response(world.library, request, video)
    return found or error_response(404, "thumbnail")


def _manifest(world: World, request: Request, question: Question, faults: frozenset[FaultKind]) -> Response:
    video = world.video(question.video or "")
    text = manifest(video, request.path, world.endpoint) if video else None
    if text is None:
        return error_response(404, "manifest")
    return _page(request, (part(text.encode()),), "application/vnd.apple.mpegurl")


def _redirect(world: World, request: Request, question: Question, faults: frozenset[FaultKind]) -> Response:
    location = f"https://www.youtube.com/watch?v={question.video}&feature=youtu.be"
    return Response(303, "application/binary", Bytes(b""), (("Location", location),))


def _not_found(world: World, request: Request, question: Question, faults: frozenset[FaultKind]) -> Response:
    return error_response(404, question.kind)


_Renderer = Callable[[World, Request, Question, frozenset[FaultKind]], Response]
_RENDERERS: dict[str, _Renderer] = {
    "watch": _watch,
    "player": _player,
    "next": _next,
    "playlist": _playlist,
    "browse": _browse,
    "resolve": _resolve,
    "caption": _caption,
    "media": _media,
    "config": _config,
    "player_js": _player_js,
    "thumbnail": _thumbnail,
    "storyboard": _thumbnail,
    "manifest": _manifest,
    "redirect": _redirect,
    "feed": _not_found,
    "data_api": _not_found,
    "other": _not_found,
}
REQUEST_KINDS: tuple[str, ...] = tuple(_RENDERERS)
"""What the counters and the faults call the kinds of request."""
