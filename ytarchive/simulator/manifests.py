"""HLS manifests, which some clients are offered beside plain formats.

Each variant is one segment: a whole file of the media endpoint. youtube.com cuts MPEG-TS segments of about five
seconds; what a downloader concatenates here is a complete MP4. Those of a simulated stream grow (`live`).
"""

from __future__ import annotations

import re
from datetime import datetime

from ytarchive.simulator.catalogue import Case, Video
from ytarchive.simulator.formats import Format, find_format, formats_of
from ytarchive.simulator.live import segments
from ytarchive.simulator.player import Endpoint, media_url

_EXPIRE = 1_999_999_999
_HLS_ITAGS = {160: 269, 133: 229, 134: 230, 135: 231, 136: 232, 137: 270, 298: 311, 299: 312}
_ITAG = re.compile(r"/source_itag/(\d+)/")


def manifest(video: Video, path: str, endpoint: Endpoint, now: datetime) -> str | None:
    """Return the master playlist, or the media playlist of one variant."""
    found = _ITAG.search(path)
    if not found:
        return _master(video)
    chosen = find_format(video, int(found.group(1)), "")
    return _variant(video, chosen, endpoint, segments(video, now)) if chosen else None


def _master(video: Video) -> str:
    lines = ["#EXTM3U", "#EXT-X-INDEPENDENT-SEGMENTS"]
    for found in formats_of(video):
        if found.itag not in _HLS_ITAGS:
            continue
        codecs = found.mime_type.partition('codecs="')[2].rstrip('"')
        lines.append(
            f'#EXT-X-STREAM-INF:BANDWIDTH={found.bitrate},CODECS="{codecs}",'
            f"RESOLUTION={found.recipe.width}x{found.recipe.height},FRAME-RATE={found.fps},CLOSED-CAPTIONS=NONE"
        )
        lines.append(
            f"https://manifest.googlevideo.com/api/manifest/hls_playlist/id/{video.id}/itag/{_HLS_ITAGS[found.itag]}"
            f"/source_itag/{found.itag}/playlist/index.m3u8"
        )
    return "\n".join(lines) + "\n"


def _variant(video: Video, found: Format, endpoint: Endpoint, numbers: tuple[int, int]) -> str:
    seconds = video.duration_seconds
    lines = ["#EXTM3U", "#EXT-X-VERSION:6", f"#EXT-X-TARGETDURATION:{seconds}"]
    lines.append(f"#EXT-X-MEDIA-SEQUENCE:{numbers[0]}")
    for number in range(*numbers):
        address = media_url(video, found, endpoint, _EXPIRE)
        lines += [f"#EXTINF:{seconds:.3f},", f"{address}&sq={number}" if video.live_from else address]
    if video.case is not Case.LIVE_NOW:
        lines.append("#EXT-X-ENDLIST")
    return "\n".join(lines) + "\n"
