"""SponsorBlock beside the simulated YouTube: what its viewers marked in which video.

The address, its parameters, the answer and its 404 with an empty list are as in SponsorBlockServer's
`getSkipSegmentsByHash` and `getSkipSegments`: segments of all videos whose id's SHA-256 begins with 4 to 32 given hex
digits, of the asked categories and action types. Its lots between segments that overlap are not simulated.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections.abc import Iterable, Mapping
from typing import Any

from ytarchive.simulator.http import Bytes, Request, Response

PATH = re.compile(r"/api/skipSegments/([0-9a-fA-F]*)")
_PREFIX = re.compile(r"[0-9a-f]{4,32}")


class SponsorBlock:
    """Segments by video; those of another video are in every answer, as they are in real ones."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._segments: dict[str, tuple[dict[str, Any], ...]] = {}

    def set(self, video: str, segments: Iterable[Mapping[str, Any]]) -> None:
        """Say what is marked in a video: each with `segment` [start, end] and `category`, else as an honest viewer's."""
        known = tuple({"actionType": "skip", "videoDuration": 0, **each} for each in segments)
        with self._lock:
            self._segments[video] = tuple(
                {"UUID": hashlib.sha256(f"{video}/{place}".encode()).hexdigest(), **each}
                for place, each in enumerate(known)
            )

    def answer(self, request: Request) -> Response:
        """Answer a question about a prefix."""
        found = PATH.fullmatch(request.path)
        prefix = found[1].lower() if found else ""
        if not _PREFIX.fullmatch(prefix):
            return _response(400, "Hash prefix does not match format requirements.")
        try:
            categories = json.loads(request.query.get("categories", '["sponsor"]'))
            kinds = json.loads(request.query.get("actionTypes", '["skip"]'))
        except ValueError:
            return _response(400, "Bad parameter: categories (invalid JSON)")
        with self._lock:
            videos = {video: _hash(video) for video in self._segments}
            matching = [video for video, digest in videos.items() if digest.startswith(prefix)]
            told = [
                {
                    "videoID": video,
                    "hash": videos[video],
                    "segments": [
                        each
                        for each in self._segments[video]
                        if each["category"] in categories and each["actionType"] in kinds
                    ],
                }
                for video in matching
            ]
        told = [each for each in told if each["segments"]]
        return _response(200, [_another(prefix), *told]) if told else _response(404, [])


def _hash(video: str) -> str:
    return hashlib.sha256(video.encode()).hexdigest()


def _another(prefix: str) -> dict[str, Any]:
    """Some other video of the prefix. Its id is made up, for to find a true one takes long."""
    segment = {
        "category": "sponsor",
        "actionType": "skip",
        "segment": [0, 1],
        "UUID": "0",
        "videoDuration": 0,
    }
    return {"videoID": f"other__{prefix[:4]}", "hash": prefix.ljust(64, "0"), "segments": [segment]}


def _response(status: int, content: object) -> Response:
    return Response(status, "application/json; charset=utf-8", Bytes(json.dumps(content).encode()))
