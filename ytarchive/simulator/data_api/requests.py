"""What a request to the Data API names: the method and the parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import parse_qsl

from ytarchive.simulator.http import Request

Parameters = Mapping[str, Sequence[str]]

METHODS = ("playlistItems", "videos", "channels", "playlists")
_ROOT = "/youtube/v3/"


def method_of(request: Request) -> str:
    """Return the method that a path names, "" for none that is simulated."""
    name = request.path.removeprefix(_ROOT) if request.path.startswith(_ROOT) else ""
    return name if name in METHODS else ""


def parameters_of(request: Request) -> Parameters:
    """Return every parameter with all its values. A long GET comes as a form in a POST that says so (reference)."""
    pairs = list(request.parameters)
    if request.headers.get("x-http-method-override", "").upper() == "GET":
        pairs += parse_qsl(request.body.decode("latin-1"), keep_blank_values=True)
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found
