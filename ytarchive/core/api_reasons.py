"""What a refusal of YouTube's Data API means: its reasons, as data, and the code of each.

Reasons are those of the reference (https://developers.google.com/youtube/v3/docs/errors) and of Google's front end
(`google.rpc.ErrorInfo`). Where none is known, the HTTP status decides.
"""

from __future__ import annotations

import re

_REASONS: dict[str, tuple[str, ...]] = {
    "API_KEY": (
        *("keyInvalid", "keyExpired", "ipRefererBlocked", "accessNotConfigured", "authError", "required"),
        *("unauthorized", "accountDisabled", "projectDisabled", "SERVICE_DISABLED", "BILLING_DISABLED"),
        *("API_KEY_INVALID", "API_KEY_EXPIRED", "API_KEY_SERVICE_BLOCKED", "API_KEY_IP_ADDRESS_BLOCKED"),
        *("API_KEY_HTTP_REFERRER_BLOCKED", "API_KEY_ANDROID_APP_BLOCKED", "API_KEY_IOS_APP_BLOCKED"),
        *("CONSUMER_INVALID", "CONSUMER_SUSPENDED", "UNAUTHENTICATED"),
    ),
    "API_QUOTA": ("quotaExceeded", "dailyLimitExceeded", "dailyLimitExceededUnreg"),
    "API_RATE": (
        *("rateLimitExceeded", "userRateLimitExceeded", "concurrentLimitExceeded", "servingLimitExceeded"),
        *("RATE_LIMIT_EXCEEDED", "RESOURCE_EXHAUSTED"),
    ),
    "API_5XX": (
        "backendError",
        "internalError",
        "internalServerError",
        "processingFailure",
        "serviceUnavailable",
    ),
    "API_BAD_ANSWER": ("NotAnAnswer", "badRequest", "notFound", "invalidPageToken"),
    "API_UNSUPPORTED": ("NotInTheApi",),
    "LIST_MISSING": ("playlistNotFound",),
    "LIST_PRIVATE": (
        *("playlistItemsNotAccessible", "playlistForbidden", "watchHistoryNotAccessible"),
        "watchLaterNotAccessible",
    ),
    "CHANNEL_404": ("channelNotFound", "channelClosed", "channelSuspended", "channelForbidden"),
}
_CODES = {reason.lower(): code for code, reasons in _REASONS.items() for reason in reasons}
_OF_THE_KEY = re.compile(r"api.key|unregistered callers", re.IGNORECASE)
_OF_THE_DAY = re.compile(r"per.?day|daily", re.IGNORECASE)


def code_of_api(reason: str | None, status: int | None, message: str) -> str:
    """The code of a refusal; total. `reason` is the API's, or one of ours: `NotAnAnswer`, `NotInTheApi`."""
    known = _CODES.get((reason or "").lower())
    status = status or 0
    if known == "API_RATE" and _OF_THE_DAY.search(message):
        return "API_QUOTA"
    if known == "API_BAD_ANSWER" and 400 <= status < 404 and _OF_THE_KEY.search(message):
        return "API_KEY"
    if known is not None:
        return known
    if reason is not None and status == 403:
        is_list = reason.lower() == "forbidden" and not _OF_THE_KEY.search(message)
        return "LIST_PRIVATE" if is_list else "API_KEY"
    return _of_status(status)


def _of_status(status: int) -> str:
    if 500 <= status <= 599:
        return "API_5XX"
    return {401: "API_KEY", 429: "API_RATE"}.get(status, "API_BAD_ANSWER")
