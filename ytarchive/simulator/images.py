"""Thumbnails and storyboards: real JPEG and WebP pictures that carry their video's id."""

from __future__ import annotations

import re

from ytarchive.simulator.catalogue import Video
from ytarchive.simulator.http import Bytes, Request, Response, ranged
from ytarchive.simulator.media import MediaLibrary

_SIZES = {
    "maxresdefault": (1280, 720),
    "hq720": (1280, 720),
    "sddefault": (640, 480),
    "hqdefault": (480, 360),
    "0": (480, 360),
    "mqdefault": (320, 180),
    "default": (120, 90),
}
_NAME = re.compile(r"/([0-9a-z]+?)(?:_live)?\.(jpg|webp)$")


def image_response(library: MediaLibrary, request: Request, video: Video | None) -> Response | None:
    """Return the picture a path names, None when there is none.

    Videos below 720p have neither `maxresdefault` nor `hq720`, as on YouTube, which answers 404 with a grey picture.
    Paths that belong to no video (avatars, `no_thumbnail.jpg`) get a small picture.
    """
    extension = "webp" if request.path.endswith(".webp") else "jpg"
    mark = f"ytsim:{video.id}" if video else "ytsim"
    if request.path.startswith("/sb/") or video is None:
        return _picture(library, request, (160, 90), extension, mark)
    found = _NAME.search(request.path)
    if not found or not video.thumbnails or video.case.is_hidden_in_listings:
        return None
    name = found.group(1)
    if name in ("maxresdefault", "hq720") and video.best < 720:
        return None
    size = _SIZES.get(name) or (120, 90)
    return _picture(library, request, size, extension, mark)


def _picture(
    library: MediaLibrary, request: Request, size: tuple[int, int], extension: str, mark: str
) -> Response:
    plain = library.image(*size, extension)
    marked = _mark_jpeg(plain, mark) if extension == "jpg" else _mark_webp(plain, mark)
    return ranged(request, f"image/{'jpeg' if extension == 'jpg' else 'webp'}", Bytes(marked))


def _mark_jpeg(picture: bytes, mark: str) -> bytes:
    """Insert a comment segment behind the start of image."""
    comment = mark.encode()
    return picture[:2] + b"\xff\xfe" + (len(comment) + 2).to_bytes(2) + comment + picture[2:]


def _mark_webp(picture: bytes, mark: str) -> bytes:
    """Append a chunk that decoders skip."""
    comment = mark.encode() + bytes(len(mark) % 2)
    content = picture[8:] + b"YTID" + len(mark).to_bytes(4, "little") + comment
    return b"RIFF" + len(content).to_bytes(4, "little") + content
