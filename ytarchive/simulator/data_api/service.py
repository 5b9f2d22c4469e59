"""From a request to the Data API's answer: the key, the units, the method, the fields, the ETag."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from ytarchive.simulator.catalogue import Channel, channel_of
from ytarchive.simulator.compression import gzipped, part
from ytarchive.simulator.data_api import fields
from ytarchive.simulator.data_api.errors import ApiError, failure, google_error
from ytarchive.simulator.data_api.methods import METHODS, Call
from ytarchive.simulator.data_api.requests import Parameters, method_of, parameters_of
from ytarchive.simulator.data_api.resources import etag
from ytarchive.simulator.faults import Fault, FaultKind
from ytarchive.simulator.http import Bytes, Request, Response
from ytarchive.simulator.playlists import PLAYLISTS
from ytarchive.simulator.world import World

Json = dict[str, Any]
_IDS = ("id", "playlistId", "channelId", "forHandle", "forUsername")
_VIDEO_ID_LENGTH = 11
_JSON = "application/json; charset=UTF-8"


def answer(world: World, request: Request, faults: frozenset[FaultKind] = frozenset()) -> Response:
    """Return what the Data API would say. An answer that has not changed costs as much as any (youtube's quota page)."""
    parameters = parameters_of(request)
    try:
        method = _admit(world, request, parameters)
        content = _content(Call(world, parameters), method, faults)
        selected = fields.select(content, "".join(parameters.get("fields", ())), method)
    except ApiError as error:
        return _response(request, parameters, error.body, error.status)
    headers = (("ETag", f'"{content["etag"]}"'),)
    if content["etag"] in _known_tags(request):
        return Response(304, _JSON, Bytes(b""), headers)
    return _response(request, parameters, selected, 200, headers)


def failed(world: World, request: Request, fault: Fault) -> Response:
    """Return the error that a fault asks for. A call that fails costs as much as any (assumed for errors of theirs)."""
    parameters = parameters_of(request)
    try:
        _admit(world, request, parameters)
        error = failure(int(fault.value), fault.reason)
    except ApiError as refusal:
        error = refusal
    return _response(request, parameters, error.body, error.status)


def _admit(world: World, request: Request, parameters: Parameters) -> str:
    """Return the method that is called, with its units spent; raise `ApiError` when it cannot be called."""
    method = method_of(request)
    if not method:
        raise google_error(404, "notFound", "Method not found.")
    if request.method != "GET" and "x-http-method-override" not in request.headers:
        raise google_error(401, "required", "Login Required.")
    keys = (*parameters.get("key", ()), request.headers.get("x-goog-api-key", ""))
    world.api_keys.charge(keys[0])
    return method


def _content(call: Call, method: str, faults: frozenset[FaultKind]) -> Json:
    if FaultKind.WRONG_ID in faults:
        call = replace(call, parameters=_elsewhere(call.parameters))
    content = METHODS[method](call)
    if FaultKind.SHORT_LIST in faults or FaultKind.EMPTY_PAGE in faults:
        content.pop("nextPageToken", None)
    if FaultKind.EMPTY_PAGE in faults:
        content["items"] = []
    content["etag"] = etag(repr(content))
    return content


def _elsewhere(parameters: Parameters) -> Parameters:
    """Return a call for other ids, as if two clients had been given each other's answers."""
    others = {
        name: [_other_id(value) for value in values] for name, values in parameters.items() if name in _IDS
    }
    return {name: values for name, values in parameters.items() if name != "pageToken"} | others


def _other_id(value: str) -> str:
    """Return another id of the same kind, which exists."""
    if value.startswith("@"):
        return _other_channel(value).handle
    if value.startswith("UC"):
        return _other_channel(value).id
    if len(value) <= _VIDEO_ID_LENGTH or "," in value:
        return ",".join(one[::-1] for one in value.split(","))
    return PLAYLISTS["duplicates"] if value != PLAYLISTS["duplicates"] else PLAYLISTS["everything"]


def _other_channel(value: str) -> Channel:
    first, second = channel_of(0), channel_of(1)
    return second if value in (first.id, first.handle) else first


def _known_tags(request: Request) -> set[str]:
    text = request.headers.get("if-none-match", "")
    return {tag.strip().removeprefix("W/").strip('"') for tag in text.split(",") if tag.strip()}


def _response(
    request: Request,
    parameters: Parameters,
    content: Json,
    status: int,
    headers: tuple[tuple[str, str], ...] = (),
) -> Response:
    """Return JSON, indented unless `prettyPrint=false` (reference), compressed for who can read it."""
    plain = "false" in parameters.get("prettyPrint", ())
    text = json.dumps(content, ensure_ascii=False, indent=None if plain else 2)
    body = text.encode("utf-8", "surrogatepass")
    headers = (("Vary", "Origin, X-Origin, Referer"), ("Cache-Control", "private"), *headers)
    if request.accepts_gzip():
        return Response(
            status, _JSON, Bytes(gzipped((part(body),))), (*headers, ("Content-Encoding", "gzip"))
        )
    return Response(status, _JSON, Bytes(body), headers)
