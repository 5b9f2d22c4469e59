"""One video's page as YouTube writes it, as small as yt-dlp takes it: what an engine's self-test reads offline.

After watch pages and player answers of November 2026. No format needs a challenge to be solved: solving is a step of
its own.
"""

from __future__ import annotations

import io
import json
from typing import Any

from ytarchive.core.job import Job, Network
from ytarchive.worker.attempt import Attempt
from ytarchive.worker.engine import Downloader
from ytarchive.worker.options import engine_options

VIDEO = "ytarchive-0"
TITLE = "A page that is always there"
ITAG = "18"
HEIGHT = 360
_CHANNEL = "UCytarchive000000000000w"
_CLIENT = {"clientName": "WEB", "clientVersion": "2.20261110.00.00", "hl": "en", "gl": "US"}
_CONFIGURATION = {
    "INNERTUBE_API_KEY": "canned",
    "INNERTUBE_CLIENT_NAME": "WEB",
    "INNERTUBE_CLIENT_VERSION": _CLIENT["clientVersion"],
    "INNERTUBE_CONTEXT": {"client": _CLIENT},
    "INNERTUBE_CONTEXT_CLIENT_NAME": 1,
    "VISITOR_DATA": "canned",
}
_PLAYER: dict[str, Any] = {
    "responseContext": {"visitorData": "canned"},
    "playabilityStatus": {"status": "OK", "playableInEmbed": True},
    "videoDetails": {
        "videoId": VIDEO,
        "title": TITLE,
        "lengthSeconds": "19",
        "channelId": _CHANNEL,
        "author": "ytarchive",
        "shortDescription": "",
        "viewCount": "1",
        "isLiveContent": False,
    },
    "streamingData": {
        "expiresInSeconds": "21540",
        "formats": [
            {
                "itag": int(ITAG),
                "url": f"https://media.invalid/videoplayback?itag={ITAG}&id={VIDEO}&expire=4102444800",
                "mimeType": 'video/mp4; codecs="avc1.42001E, mp4a.40.2"',
                "bitrate": 500000,
                "width": 640,
                "height": HEIGHT,
                "fps": 25,
                "quality": "medium",
                "qualityLabel": f"{HEIGHT}p",
                "audioQuality": "AUDIO_QUALITY_LOW",
                "approxDurationMs": "19000",
                "audioSampleRate": "44100",
                "audioChannels": 2,
                "lastModified": "1700000000000000",
                "contentLength": "1000000",
            }
        ],
    },
}
_PAGE = (
    f"<!DOCTYPE html><html><head><script>ytcfg.set({json.dumps(_CONFIGURATION)});</script></head><body>"
    f"<script>var ytInitialPlayerResponse = {json.dumps(_PLAYER)};</script>"
    "<script>var ytInitialData = {};</script></body></html>"
)


class _Canned(Downloader):
    """Answers every request itself; none leaves this process."""

    def urlopen(self, req: Any) -> Any:
        from yt_dlp.networking import Response

        url = req if isinstance(req, str) else req.url
        path = url.partition("?")[0]
        text = _PAGE if path.endswith("/watch") else "{}"
        if path.endswith("/youtubei/v1/player"):
            text = json.dumps(_PLAYER)
        return Response(io.BytesIO(text.encode()), url, {"Content-Type": "text/html; charset=utf-8"})


def downloader() -> Downloader:
    """A downloader for which there is one video in the world."""
    attempt = Attempt(Job("canned", "probe", VIDEO), lambda _: None)
    return _Canned(engine_options(Network(), logger=_Silence(), wait=attempt.wait), attempt)


class _Silence:
    def debug(self, message: str) -> None:
        pass

    info = warning = error = debug
