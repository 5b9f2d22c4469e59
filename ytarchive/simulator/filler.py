"""The weight of real responses: what a page carries that no archiver reads, built once, the same for every video.

A watch page of youtube.com has about 1 MB of HTML, a player response for a television 60 to 100 kB, and they
compress about five to one. The text here is pseudo-random but stable, of like size and redundancy.
"""

from __future__ import annotations

import json
import random
from typing import Any

Json = dict[str, Any]

_random = random.Random(20261026)
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_WORDS = ("render", "player", "enable", "disable", "web", "mobile", "watch", "next", "search", "ads", "kevlar", "polymer",
          "layout", "client", "logging", "innertube", "html5", "sabr", "media", "buffer", "desktop", "overlay", "panel")  # fmt: skip


def _token(length: int) -> str:
    return "".join(_random.choices(_ALPHABET, k=length))


def _flag() -> str:
    return "_".join(_random.choices(_WORDS, k=_random.randint(2, 5)))


def _tracking() -> Json:
    return {
        "clickTrackingParams": _token(36),
        "commandMetadata": {"webCommandMetadata": {"sendPost": True, "apiUrl": "/youtubei/v1/feedback"}},
    }


def _related_video() -> Json:
    """One card of the "up next" column, about 9 kB as on the site."""
    video_id = _token(11)
    return {
        "lockupViewModel": {
            "contentId": video_id,
            "contentType": "LOCKUP_CONTENT_TYPE_VIDEO",
            "contentImage": {
                "thumbnailViewModel": {
                    "image": {
                        "sources": [
                            {
                                "url": f"https://i.ytimg.com/vi/{video_id}/hqdefault.jpg?sqp=-{_token(60)}&rs={_token(30)}",
                                "width": 168 * n,
                                "height": 94 * n,
                            }
                            for n in (1, 2)
                        ]
                    },
                    "overlays": [
                        {
                            "thumbnailOverlayBadgeViewModel": {
                                "thumbnailBadges": [
                                    {
                                        "thumbnailBadgeViewModel": {
                                            "text": "12:34",
                                            "badgeStyle": "THUMBNAIL_OVERLAY_BADGE_STYLE_DEFAULT",
                                        }
                                    }
                                ]
                            }
                        }
                    ],
                }
            },
            "metadata": {
                "lockupMetadataViewModel": {
                    "title": {"content": " ".join(_random.choices(_WORDS, k=8))},
                    "menuButton": [_tracking() for _ in range(24)],
                }
            },
            "rendererContext": {
                "loggingContext": {
                    "loggingDirectives": {"trackingParams": _token(40), "visibility": {"types": "12"}}
                },
                "commandContext": [_tracking() for _ in range(16)],
            },
        }
    }


def _player_filler() -> Json:
    """Parts of a player response next to the streams: ads, endscreen, tracking, attestation."""
    base = f"https://www.youtube.com/api/stats/playback?cl=7{_token(8)}&docid=&ei={_token(22)}&ns=yt&plid={_token(16)}"
    return {
        "playbackTracking": {name: {"baseUrl": f"{base}&of={_token(22)}&vm={_token(80)}"} for name in ("videostatsPlaybackUrl", "videostatsDelayplayUrl", "videostatsWatchtimeUrl", "ptrackingUrl", "qoeUrl", "atrUrl")},
        "playerConfig": {
            "audioConfig": {"loudnessDb": -2.5, "perceptualLoudnessDb": -16.5, "enablePerFormatLoudness": True},
            "mediaCommonConfig": {"dynamicReadaheadConfig": {"maxReadAheadMediaTimeMs": 120000, "minReadAheadMediaTimeMs": 15000, "readAheadGrowthRateMs": 1000}, "mediaUstreamerRequestConfig": {"videoPlaybackUstreamerConfig": _token(5200)}},
            "webPlayerConfig": {"useCobaltTvosDash": True, "webPlayerActionsPorting": {_flag(): _tracking() for _ in range(110)}},
        },
        "attestation": {"playerAttestationRenderer": {"challenge": f"a=6&b={_token(6200)}", "botguardData": {"program": _token(7000), "interpreterSafeUrl": {}}}},
        "frameworkUpdates": {"entityBatchUpdate": {"mutations": [{"entityKey": _token(44), "type": "ENTITY_MUTATION_TYPE_REPLACE", "payload": {"offlineabilityEntity": {"key": _token(44), "addToOfflineButtonState": "ADD_TO_OFFLINE_BUTTON_STATE_UNKNOWN"}}} for _ in range(14)]}},
        "trackingParams": _token(36),
        "adBreakHeartbeatParams": _token(16),
    }  # fmt: skip


PLAYER_FILLER: Json = _player_filler()
EXPERIMENT_FLAGS: Json = {
    f"{_flag()}_{number}": _random.choice((True, False, "", "1", 60000)) for number in range(2600)
}
RELATED_JSON: str = ",".join(json.dumps(_related_video(), separators=(",", ":")) for _ in range(40))
SCRIPT: str = "".join(
    f"var {_token(3)}=function({_token(1).lower()}){{return this.{_flag()}({_token(14)!r},{_random.randint(0, 9999)})}};"
    for _ in range(5800)
)
STYLE: str = "".join(
    f".{_flag().replace('_', '-')}{{margin:{_random.randint(0, 40)}px;color:#{_random.randint(0, 0xFFFFFF):06x};display:flex}}"
    for _ in range(1200)
)
