"""What YouTube answers when a video cannot be played: `playabilityStatus`, one shape per case.

Statuses, reasons and the nesting of `errorScreen` follow what yt-dlp reads (`_real_extract` and `_is_agegated` of its
YouTube extractor) and what its users quote from youtube.com. Every client is told the same, except that an
embedded player is told differently about an age restriction.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ytarchive.simulator.catalogue import Case, Video

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Inquiry:
    """Who asks about which video; `starts_at` matters for upcoming ones."""

    video: Video
    client: str
    starts_at: datetime


def playability_status(video: Video, client: str, starts_at: datetime) -> Json:
    """Return the `playabilityStatus` of a video for one innertube client."""
    if video.case in _SCREENS:
        return _screen(*_SCREENS[video.case])
    if video.case in _PLAIN:
        status, reason = _PLAIN[video.case]
        return {"status": status, "reason": reason, "contextParams": _CONTEXT}
    special = _SPECIAL.get(video.case)
    return special(Inquiry(video, client, starts_at)) if special else available()


def available() -> Json:
    """Return the status of a video that can be played."""
    return {
        "status": "OK",
        "playableInEmbed": True,
        "miniplayer": {"miniplayerRenderer": {"playbackMode": "PLAYBACK_MODE_ALLOW"}},
        "contextParams": _CONTEXT,
    }


_CONTEXT = "Q0FFU0FnZ0M="
_HELP = "https://support.google.com/youtube/?p=unavailable"

_UNAVAILABLE = "Video unavailable"
_SCREENS: dict[Case, tuple[str, str, str]] = {
    Case.PRIVATE: ("LOGIN_REQUIRED", "Private video", "Sign in if you've been granted access to this video"),
    Case.REMOVED: ("ERROR", _UNAVAILABLE, "This video has been removed by the uploader"),
    Case.UNAVAILABLE: ("ERROR", _UNAVAILABLE, "This video is not available"),
    Case.TERMINATED: (
        "ERROR",
        _UNAVAILABLE,
        "This video is no longer available because the YouTube account associated with this video has been terminated.",
    ),
    Case.COPYRIGHT: (
        "ERROR",
        _UNAVAILABLE,
        "This video is no longer available due to a copyright claim by Simulated Records",
    ),
    Case.COPYRIGHT_GEO: (
        "UNPLAYABLE",
        _UNAVAILABLE,
        "This video contains content from Simulated Records, who has blocked it in your country on copyright grounds",
    ),
    Case.GEO: ("UNPLAYABLE", _UNAVAILABLE, "The uploader has not made this video available in your country"),
    Case.POLICY: (
        "ERROR",
        "This video has been removed for violating YouTube's policy on spam, deceptive practices, and scams",
        "",
    ),
    Case.BOT_CHECK: (
        "LOGIN_REQUIRED",
        "Sign in to confirm you’re not a bot",
        "This helps protect our community. Learn more",
    ),
    Case.SESSION_LIMIT: ("UNPLAYABLE", _UNAVAILABLE, "This content isn't available, try again later."),
    Case.PROCESSING: ("UNPLAYABLE", "We're processing this video. Check back later.", ""),
    Case.NO_RECORDING: ("UNPLAYABLE", "This live stream recording is not available.", ""),
}
_PLAIN: dict[Case, tuple[str, str]] = {
    Case.RELOAD: ("UNPLAYABLE", "The page needs to be reloaded."),
    Case.PREMIUM: ("UNPLAYABLE", "This video is only available to Music Premium members"),
}


def _screen(status: str, reason: str, subreason: str) -> Json:
    renderer: Json = {
        "reason": {"simpleText": reason},
        "thumbnail": {
            "thumbnails": [{"url": "//s.ytimg.com/yts/img/meh7-vflGevej7.png", "width": 140, "height": 100}]
        },
        "icon": {"iconType": "ERROR_OUTLINE"},
    }
    if subreason:
        renderer["subreason"] = {"simpleText": subreason}
    if status == "LOGIN_REQUIRED":
        renderer["proceedButton"] = {
            "buttonRenderer": {
                "style": "STYLE_OVERLAY",
                "text": {"simpleText": "Sign in"},
                "navigationEndpoint": {"signInEndpoint": {"nextEndpoint": {"urlEndpoint": {"url": "/"}}}},
            }
        }
    return {
        "status": status,
        "reason": reason,
        "errorScreen": {"playerErrorMessageRenderer": renderer},
        "skip": {"playabilityErrorSkipConfig": {"skipOnPlayabilityError": False}},
        "contextParams": _CONTEXT,
    }


def _age(inquiry: Inquiry) -> Json:
    """Signed out: a login wall with the legacy reason code; embedded players are refused."""
    if inquiry.client == "WEB_EMBEDDED_PLAYER":
        return _screen(
            "UNPLAYABLE", _UNAVAILABLE, "This video is age-restricted and only available on YouTube"
        )
    status = _screen(
        "LOGIN_REQUIRED",
        "Sign in to confirm your age",
        "This video may be inappropriate for some users.",
    )
    return status | {"desktopLegacyAgeGateReason": 1}


def _members(inquiry: Inquiry) -> Json:
    reason = (
        "Join this channel to get access to members-only content like this video, and other exclusive perks."
    )
    offer = {"itemTitle": "Members-only content", "itemUrl": f"/channel/{inquiry.video.channel.id}/join"}
    return {
        "status": "UNPLAYABLE",
        "reason": reason,
        "errorScreen": {"playerLegacyDesktopYpcOfferRenderer": offer | {"offerDescription": reason}},
        "contextParams": _CONTEXT,
    }


def _paid(inquiry: Inquiry) -> Json:
    offer = {"itemTitle": inquiry.video.title, "offerDescription": "Rent or buy", "offerId": "sim"}
    return {
        "status": "UNPLAYABLE",
        "reason": "This video requires payment to watch",
        "errorScreen": {"playerLegacyDesktopYpcOfferRenderer": offer},
        "contextParams": _CONTEXT,
    }


def _captcha(_: Inquiry) -> Json:
    return {
        "status": "UNPLAYABLE",
        "reason": _UNAVAILABLE,
        "errorScreen": {"playerCaptchaViewModel": {"siteKey": "6LeSimulated", "helpUrl": _HELP}},
        "contextParams": _CONTEXT,
    }


def _offline(inquiry: Inquiry) -> Json:
    verb = "This live event will begin in" if inquiry.video.case is Case.UPCOMING else "Premieres in"
    seconds = str(int(inquiry.starts_at.timestamp()))
    reason = f"{verb} {_distance(inquiry.video.starts_in_seconds)}"
    slate = {"scheduledStartTime": seconds, "mainText": {"runs": [{"text": f"{verb} "}, {"text": reason}]}}
    return {
        "status": "LIVE_STREAM_OFFLINE",
        "reason": f"{reason}.",
        "playableInEmbed": True,
        "liveStreamability": {
            "liveStreamabilityRenderer": {
                "videoId": inquiry.video.id,
                "offlineSlate": {"liveStreamOfflineSlateRenderer": slate},
                "pollDelayMs": "60000",
            }
        },
        "contextParams": _CONTEXT,
    }


def _distance(seconds: int) -> str:
    for unit, size in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= size:
            count = seconds // size
            return f"{count} {unit}{'s' if count > 1 else ''}"
    return "a few moments"


def _live(inquiry: Inquiry) -> Json:
    return {
        "status": "OK",
        "playableInEmbed": True,
        "liveStreamability": {
            "liveStreamabilityRenderer": {"videoId": inquiry.video.id, "pollDelayMs": "15000"}
        },
        "contextParams": _CONTEXT,
    }


def _kids(inquiry: Inquiry) -> Json:
    """Refused to the clients that yt-dlp's table says cannot have "made for kids" videos."""
    if inquiry.client in ("VISIONOS", "ANDROID_VR"):
        return _screen("UNPLAYABLE", _UNAVAILABLE, "This video is not available")
    return available()


_SPECIAL: dict[Case, Callable[[Inquiry], Json]] = {
    Case.AGE: _age,
    Case.MEMBERS: _members,
    Case.PAID: _paid,
    Case.CAPTCHA: _captcha,
    Case.UPCOMING: _offline,
    Case.PREMIERE: _offline,
    Case.LIVE_NOW: _live,
    Case.POST_LIVE: _live,
    Case.MADE_FOR_KIDS: _kids,
}
