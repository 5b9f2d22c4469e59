"""Live streams as they live: announced, running, over, and at last a recording, each at its time by the world's clock.

Where the facts come from: yt-dlp's `live_status` (is_upcoming, is_live, post_live, was_live) and what it reads for it
(`isUpcoming`, `isLive`, `isPostLiveDvr`, `liveBroadcastDetails` with `startTimestamp` and `endTimestamp`). A media
playlist of a running stream shows its latest segments under growing numbers (RFC 8216, 6.2.2), and ends with
`EXT-X-ENDLIST` once the stream is over. While a recording is made, formats are had in fragments, by number (`sq`), and
`X-Head-Seqnum` names the last one (yt-dlp's `_live_adaptive_fragments`). While a stream runs, adaptive formats tell no
length (`noclen=1`) but a `targetDurationSec`, and are had in fragments from the stream's start on, of which the newest
is named in every answer, also to HEAD and to an address without `sq`; they outlive the stream until its recording is
made. Simplifications: every segment of a playlist is the same whole file, and fragments are slices of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from ytarchive.simulator.catalogue import Case, Video
from ytarchive.simulator.http import Bytes, Request, Response
from ytarchive.simulator.media import MediaFile

Json = dict[str, Any]
_SHOWN_SEGMENTS = 5
_FRAGMENTS = 3
_UNFINISHED_FRAGMENTS = 2  # yt-dlp leaves out the last one, and the one that the header names


def life_of(
    started_at: datetime,
    now: datetime,
    *,
    begins_in: float = 0,
    lasts: float = 3600,
    recorded_after: float | None = 3600,
    premiere: bool = False,
    best_while_new: int | None = None,
    fragment_seconds: float = 5,
) -> list[tuple[datetime, Json]]:
    """Return the facts of a video from each moment on; times in seconds, negative ones past.

    Without `recorded_after` no recording is ever made; a premiere is an ordinary video the moment it ends. The
    recording offers `best_while_new` at first. With `fragment_seconds` 0 the running stream is offered as HLS alone.
    `started_at` is when the simulator was started.
    """
    begins = now + timedelta(seconds=begins_in)
    ends = begins + timedelta(seconds=lasts)
    times = {
        "live_from": begins.isoformat(),
        "live_until": ends.isoformat(),
        "starts_in_seconds": int((begins - started_at).total_seconds()),
        "was_live": False,
        "fragment_seconds": fragment_seconds,
    }
    announced = Case.PREMIERE if premiere else Case.UPCOMING
    moments: list[tuple[datetime, Json]] = [
        (min(begins, now), times | {"case": announced}),
        (begins, {"case": Case.LIVE_NOW}),
    ]
    recorded: Json = {"case": Case.PUBLIC, "was_live": not premiere, "published_at": begins.isoformat()}
    if best_while_new is not None:
        recorded["best"] = best_while_new
    if premiere:
        return [*moments, (ends, recorded)]
    moments.append((ends, {"case": Case.POST_LIVE}))
    if recorded_after is not None:
        moments.append((ends + timedelta(seconds=recorded_after), recorded))
    return moments


def broadcast(video: Video) -> Json | None:
    """Return the times of a stream whose life is simulated; None for any other video."""
    if video.live_from is None or video.live_until is None:
        return None
    details: Json = {
        "isLiveNow": video.case is Case.LIVE_NOW,
        "startTimestamp": video.live_from.isoformat(),
    }
    if video.case in (Case.POST_LIVE, Case.PUBLIC):
        details["endTimestamp"] = video.live_until.isoformat()
    return details


def segments(video: Video, now: datetime) -> tuple[int, int]:
    """Return the numbers of the first segment that a media playlist shows now, and of the one behind its last."""
    if video.live_from is None or video.live_until is None:
        return (0, 1)
    elapsed = (min(now, video.live_until) - video.live_from).total_seconds()
    behind_last = max(1, int(elapsed // video.duration_seconds))
    return (max(0, behind_last - _SHOWN_SEGMENTS), behind_last)


def fragment(request: Request, content_type: str, body: MediaFile) -> Response:
    """Return the fragment that is asked for; the answer names the last one in any case."""
    number = int(request.query.get("sq", "0"))
    start, stop = (body.length * each // _FRAGMENTS for each in (number, number + 1))
    part = Bytes(body.read(start, stop)) if 0 <= number < _FRAGMENTS else Bytes(b"")
    head = str(_FRAGMENTS + _UNFINISHED_FRAGMENTS - 1)
    return Response(200, content_type, part, (("X-Head-Seqnum", head),))


def live_fragment(
    request: Request, content_type: str, video: Video, body: MediaFile, now: datetime
) -> Response:
    """Return a fragment of a stream that runs or has just ended; 403 once its recording is made, 404 before its time."""
    if (
        video.live_from is None
        or video.live_until is None
        or video.case not in (Case.LIVE_NOW, Case.POST_LIVE)
    ):
        return Response(403, "text/plain", Bytes(b""))
    lasts = (video.live_until - video.live_from).total_seconds()
    count = max(1, round(lasts / video.fragment_seconds))
    elapsed = (now - video.live_from).total_seconds()
    there = max(1, min(count, int(elapsed // video.fragment_seconds)))
    headers = (("X-Head-Seqnum", str(there - 1)),)
    number = int(request.query.get("sq", "-1"))
    if number < 0:
        return Response(200, content_type, Bytes(b""), headers)
    if number >= there:
        return Response(404, "text/plain", Bytes(b""), headers)
    start, stop = (body.length * each // count for each in (number, number + 1))
    return Response(200, content_type, Bytes(body.read(start, stop)), headers)


def planned(facts: Mapping[str, Any], started_at: datetime, now: datetime) -> Iterator[tuple[datetime, Json]]:
    """Return when which facts of a video change, for the change `streams`."""
    wanted = dict(facts)
    video = wanted.pop("id")
    for at, changes in life_of(started_at, now, **wanted):
        yield at, {"id": video, **changes}
