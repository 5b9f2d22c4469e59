"""What YouTube would say to each kind of request."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from ytarchive.simulator import browse, pages
from ytarchive.simulator.captions import caption_file
from ytarchive.simulator.catalogue import Case, Video, channel_of
from ytarchive.simulator.channel_pages import (
    channel_response,
    find_channel,
    read_path,
    resolved,
    tab_continuation,
)
from ytarchive.simulator.compression import Part, gzipped, part
from ytarchive.simulator.data_api import service
from ytarchive.simulator.entries import Place
from ytarchive.simulator.expiry import is_refused, with_rules
from ytarchive.simulator.faults import FaultKind
from ytarchive.simulator.feeds import FEED_TYPE, feed_of
from ytarchive.simulator.formats import find_format
from ytarchive.simulator.http import Bytes, Request, Response, ranged
from ytarchive.simulator.images import image_response
from ytarchive.simulator.live import fragment, live_fragment
from ytarchive.simulator.manifests import manifest
from ytarchive.simulator.media import media_file, stamp
from ytarchive.simulator.player import empty_formats, player_response
from ytarchive.simulator.playlists import Playlist
from ytarchive.simulator.questions import Question
from ytarchive.simulator.sign_in import Account
from ytarchive.simulator.world import World

Json = dict[str, Any]
_HTML = "text/html; charset=utf-8"
_JSON = "application/json; charset=UTF-8"
_INNERTUBE_KINDS = frozenset({"player", "browse", "next", "resolve"})
_CODES = {
    400: "INVALID_ARGUMENT",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    503: "UNAVAILABLE",
}


@dataclass(frozen=True, slots=True)
class Visit:
    """One request, the world it is made to, and the faults that change what is said (not how it is sent)."""

    world: World
    request: Request
    question: Question
    faults: frozenset[FaultKind]
    account: Account | None = None

    @property
    def is_signed_in(self) -> bool:
        """Whether an account asks."""
        return self.account is not None

    @property
    def video(self) -> Video | None:
        """Return the video that is asked for."""
        return self.world.video(self.question.video or "")


def answer_to(visit: Visit) -> Response:
    """Return what YouTube would say."""
    return _ANSWERS[visit.question.kind](visit)


def error_response(status: int, kind: str) -> Response:
    """Return an error in the shape of the kind of request: innertube answers with JSON, the rest with HTML."""
    if kind in _INNERTUBE_KINDS:
        message = "Requested entity was not found." if status == 404 else f"Simulated error {status}."
        error = {"code": status, "message": message, "status": _CODES.get(status, "INTERNAL")}
        return Response(status, _JSON, Bytes(json.dumps({"error": error}).encode()))
    page = f"<!DOCTYPE html><html><title>Error {status}</title><p>Simulated error {status}.</html>"
    return Response(status, _HTML, Bytes(page.encode()))


def _error(visit: Visit, status: int) -> Response:
    return error_response(status, visit.question.kind)


def _parts(visit: Visit, parts: tuple[Part, ...], content_type: str = _HTML) -> Response:
    if visit.request.accepts_gzip():
        return Response(200, content_type, Bytes(gzipped(parts)), (("Content-Encoding", "gzip"),))
    return Response(200, content_type, Bytes(b"".join(piece.plain for piece in parts)))


def _json(visit: Visit, content: Json) -> Response:
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return _parts(visit, (part(text.encode("utf-8", "surrogatepass")),), _JSON)


def _player_of(visit: Visit, client: str) -> tuple[Video, Json] | None:
    video = visit.video
    if FaultKind.WRONG_VIDEO in visit.faults:
        video = visit.world.video((visit.question.video or "")[::-1])
    if video is None:
        return None
    world = visit.world
    visitor = (visit.request.peer, visit.account.name if visit.account else None)
    if world.rate_limits.refuses(visitor, video.id, world.clock.now().timestamp()):
        video = replace(video, case=Case.BOT_CHECK)
    opened = visit.account is not None and visit.account.opens(video)
    player = player_response(video, client, world.endpoint, opened=opened)
    player = with_rules(player, client, visit.request.peer, world.clock.now(), world.addresses)
    return video, empty_formats(player) if FaultKind.EMPTY_FORMATS in visit.faults else player


def _watch(visit: Visit) -> Response:
    found = _player_of(visit, "WEB")
    return (
        _parts(visit, pages.watch_page(*found, signed_in=visit.is_signed_in)) if found else _error(visit, 404)
    )


def _player(visit: Visit) -> Response:
    found = _player_of(visit, visit.question.client)
    return _parts(visit, pages.player_json(found[1]), _JSON) if found else _error(visit, 400)


def _next(visit: Visit) -> Response:
    found = _player_of(visit, "WEB")
    return (
        _json(visit, pages.next_response(*found, signed_in=visit.is_signed_in))
        if found
        else _error(visit, 400)
    )


def _place(visit: Visit) -> Place:
    return Place(visit.world.clock.now(), visit.world.endpoint.started_at)


def _view(visit: Visit, playlist: Playlist | None, *, unavailable: bool) -> browse.View:
    world, short = visit.world, FaultKind.SHORT_LIST in visit.faults
    owner = world.owner_of(playlist) if playlist else channel_of(0)
    return browse.View(
        world.catalogue,
        _place(visit),
        owner,
        world.layout,
        unavailable=unavailable,
        short=short,
        signed_in=visit.is_signed_in,
    )


def _asked_playlist(visit: Visit) -> Playlist | None:
    """Return the list that is asked for, as who asks may see it."""
    playlist = visit.world.playlist(visit.question.playlist or "")
    if visit.account is not None:
        playlist = visit.account.shown(playlist)
    return None if playlist is not None and playlist.private and playlist.secret else playlist


def _playlist(visit: Visit) -> Response:
    playlist = _asked_playlist(visit)
    data = browse.playlist_response(playlist, _view(visit, playlist, unavailable=False))
    title = playlist.title if playlist else ""
    return _parts(visit, pages.data_page(title, data, signed_in=visit.is_signed_in))


def _browse(visit: Visit) -> Response:
    content = visit.question.content or {}
    if visit.question.playlist is None:
        return _error(visit, 400)
    if visit.question.playlist.startswith("UC"):
        return _browse_channel(visit, content)
    playlist = _asked_playlist(visit)
    if "continuation" not in content:
        unavailable = content.get("params") == browse.SHOW_UNAVAILABLE
        return _json(
            visit, browse.playlist_response(playlist, _view(visit, playlist, unavailable=unavailable))
        )
    if FaultKind.EMPTY_PAGE in visit.faults:
        return _json(visit, browse.empty_continuation())
    if playlist is None:
        return _error(visit, 400)
    _, offset, unavailable = browse.read_token(content["continuation"])
    return _json(
        visit, browse.continuation_response(playlist, offset, _view(visit, playlist, unavailable=unavailable))
    )


def _browse_channel(visit: Visit, content: Json) -> Response:
    """Answer `browse` for a channel's tab, or for the next page of one; where there is no channel, with 404."""
    channel_id, _, tab = (visit.question.playlist or "").partition("/")
    profile, short = visit.world.channels.by_id(channel_id), FaultKind.SHORT_LIST in visit.faults
    if profile is None:
        return _error(visit, 404)
    if "continuation" not in content:
        return _json(visit, channel_response(visit.world, profile, tab, _place(visit), short=short))
    if FaultKind.EMPTY_PAGE in visit.faults:
        return _json(visit, browse.empty_continuation())
    _, offset, _ = browse.read_token(content["continuation"])
    return _json(visit, tab_continuation(visit.world, profile, tab, offset, _place(visit), short=short))


def _resolve(visit: Visit) -> Response:
    """Resolve the URL of a list or of a channel, which yt-dlp asks for when it may not or cannot read the page."""
    url = str((visit.question.content or {}).get("url", ""))
    found = re.search(r"[?&]list=([0-9A-Za-z_-]+)", url)
    if not found:
        endpoint = resolved(visit.world.channels, url)
        return _json(visit, endpoint) if endpoint else _error(visit, 404)
    return _json(visit, {"endpoint": {"browseEndpoint": {"browseId": f"VL{found.group(1)}"}}})


def _caption(visit: Visit) -> Response:
    if visit.video is None:
        return _error(visit, 404)
    content_type, text = caption_file(visit.video, visit.request.query)
    return _parts(visit, (part(text.encode()),), content_type)


def _media(visit: Visit) -> Response:
    query = visit.request.query
    tags = dict(tag.split("=", 1) for tag in query.get("xtags", "").split(":") if "=" in tag)
    try:
        revision, itag = int(query.get("rev", "0")), int(query.get("itag", "0"))
    except ValueError:
        return _error(visit, 400)
    video = visit.world.video(visit.question.video or "", revision=revision)
    found = video and find_format(video, itag, tags.get("lang", ""), upscaled=tags.get("sr") == "1")
    refused = is_refused(query, visit.request.peer, visit.world.clock.now(), visit.world.addresses)
    if not video or not found or "sabr" in query or refused:
        return _error(visit, 403)
    template = visit.world.library.template(found.recipe)
    mark = stamp(video.id, found.itag, found.language, video.revision)
    body = media_file(template, found.recipe, mark, found.length)
    kind = found.mime_type.partition(";")[0]
    if "noclen" in query:
        return live_fragment(visit.request, kind, video, body, visit.world.clock.now())
    if video.case is Case.POST_LIVE:
        return fragment(visit.request, kind, body)
    return ranged(visit.request, kind, body)


def _config(visit: Visit) -> Response:
    """Answer the pages that clients read their configuration from: `/`, `/tv` and `/embed/ID`."""
    client, number = {"/tv": ("TVHTML5", 7), "/": ("WEB", 1)}.get(
        visit.request.path, ("WEB_EMBEDDED_PLAYER", 56)
    )
    return _parts(visit, pages.config_page(client, number, signed_in=visit.is_signed_in))


@lru_cache(maxsize=2)
def _script(text: str) -> Part:
    return part(text.encode())


def _player_js(visit: Visit) -> Response:
    text = pages.IFRAME_API if visit.request.path == "/iframe_api" else pages.PLAYER_JS
    return _parts(visit, (_script(text),), "text/javascript")


def _image(visit: Visit) -> Response:
    return image_response(visit.world.library, visit.request, visit.video) or _error(visit, 404)


def _manifest(visit: Visit) -> Response:
    if visit.video is None:
        return _error(visit, 404)
    text = manifest(visit.video, visit.request.path, visit.world.endpoint, visit.world.clock.now())
    if text is None:
        return _error(visit, 404)
    return _parts(visit, (part(text.encode()),), "application/vnd.apple.mpegurl")


def _channel(visit: Visit) -> Response:
    """Answer the page of a channel's tab: 404 where there is no such channel."""
    address = read_path(visit.request.path)
    profile = find_channel(visit.world.channels, address) if address else None
    if profile is None or address is None:
        return _error(visit, 404)
    short = FaultKind.SHORT_LIST in visit.faults
    data = channel_response(visit.world, profile, address.tab, _place(visit), short=short)
    return _parts(visit, pages.data_page(profile.title, data, signed_in=visit.is_signed_in))


def _feed(visit: Visit) -> Response:
    """Answer a feed, which may be kept for 15 minutes and has nothing to ask for changes with."""
    text = feed_of(visit.world, visit.request.query)
    if text is None:
        return _error(visit, 404)
    response = _parts(visit, (part(text.encode("utf-8", "surrogatepass")),), FEED_TYPE)
    return replace(response, headers=(*response.headers, ("Cache-Control", "public, max-age=900")))


def _redirect(visit: Visit) -> Response:
    location = f"https://www.youtube.com/watch?v={visit.question.video}&feature=youtu.be"
    return Response(303, "application/binary", Bytes(b""), (("Location", location),))


def _data_api(visit: Visit) -> Response:
    return service.answer(visit.world, visit.request, visit.faults)


def _not_found(visit: Visit) -> Response:
    return _error(visit, 404)


def _sponsorblock(visit: Visit) -> Response:
    return visit.world.sponsorblock.answer(visit.request)


_ANSWERS: dict[str, Callable[[Visit], Response]] = {
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
    "thumbnail": _image,
    "storyboard": _image,
    "manifest": _manifest,
    "channel": _channel,
    "redirect": _redirect,
    "feed": _feed,
    "data_api": _data_api,
    "sponsorblock": _sponsorblock,
    "other": _not_found,
}
REQUEST_KINDS: tuple[str, ...] = tuple(_ANSWERS)
"""What the counters and the faults call the kinds of request."""
