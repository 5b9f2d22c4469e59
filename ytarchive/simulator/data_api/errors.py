"""What the Data API answers when it refuses: bodies as people quote them in bug reports.

Errors of Google's front end have `status` and, newer ones, `details`; those of YouTube behind it have neither (seen).
"""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

SERVICE = "youtube.googleapis.com"
_CONSUMER = "project_number:123456789012"
_STATUSES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
}


class ApiError(Exception):
    """An answer that is a refusal, with its HTTP status and its body."""

    def __init__(self, status: int, body: Json) -> None:
        super().__init__(body["error"]["message"])
        self.status = status
        self.body = body


def youtube_error(code: int, reason: str, message: str, domain: str, location: str = "") -> ApiError:
    """Return an error of YouTube itself. `location` names a parameter; "parameters." stands for all of them (seen)."""
    error: Json = {"message": message, "domain": domain, "reason": reason}
    if location:
        error |= {"location": location}
        error |= {"locationType": "other" if location == "parameters." else "parameter"}
    return ApiError(code, {"error": {"code": code, "message": message, "errors": [error]}})


def google_error(code: int, reason: str, message: str, domain: str = "global", **more: Any) -> ApiError:
    """Return an error of Google's front end; `more` goes into the error, such as `details`."""
    errors = [{"message": message, "domain": domain, "reason": reason}]
    status = _STATUSES.get(code, "UNKNOWN")
    return ApiError(
        code, {"error": {"code": code, "message": message, "errors": errors, "status": status, **more}}
    )


def no_key() -> ApiError:
    """No key at all (seen)."""
    message = (
        "Method doesn't allow unregistered callers (callers without established identity). Please use API Key or "
        "other form of API consumer identity to call this API."
    )
    return google_error(403, "forbidden", message)


def bad_key(message: str = "API key not valid. Please pass a valid API key.") -> ApiError:
    """A key that is not one, not one any more, or expired (seen); they differ in the message alone."""
    info = {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": "API_KEY_INVALID",
        "domain": "googleapis.com",
        "metadata": {"service": SERVICE},
    }
    localized = {
        "@type": "type.googleapis.com/google.rpc.LocalizedMessage",
        "locale": "en-US",
        "message": message,
    }
    return google_error(400, "badRequest", message, details=[info, localized])


def not_enabled() -> ApiError:
    """The key's project has not switched the API on (seen)."""
    url = f"https://console.developers.google.com/apis/api/{SERVICE}/overview?project=123456789012"
    message = (
        "YouTube Data API v3 has not been used in project 123456789012 before or it is disabled. Enable it by visiting "
        f"{url} then retry. If you enabled this API recently, wait a few minutes for the action to propagate to our "
        "systems and retry."
    )
    info = {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": "SERVICE_DISABLED",
        "domain": "googleapis.com",
        "metadata": {"service": SERVICE, "consumer": "projects/123456789012"},
    }
    found = google_error(403, "accessNotConfigured", message, "usageLimits", details=[info])
    found.body["error"]["errors"][0]["extendedHelp"] = "https://console.developers.google.com"
    return found


def restricted_key() -> ApiError:
    """The key may be used from other addresses only (seen for referers, assumed for addresses)."""
    message = "The provided API key has an IP address restriction. The originating IP address of the call violates it."
    info = {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": "API_KEY_IP_ADDRESS_BLOCKED",
        "domain": "googleapis.com",
        "metadata": {"service": SERVICE, "consumer": "projects/123456789012"},
    }
    return google_error(403, "forbidden", message, details=[info])


def quota_exceeded() -> ApiError:
    """The day's units are spent (seen, in the HTML of its message too)."""
    message = (
        'The request cannot be completed because you have exceeded your <a href="/youtube/v3/getting-started#quota">'
        "quota</a>."
    )
    return youtube_error(403, "quotaExceeded", message, "youtube.quota")


def rate_limited(code: int = 403) -> ApiError:
    """Too many calls in a minute. The reason is in the reference; that the body is like this is assumed."""
    message = (
        "Quota exceeded for quota metric 'Queries' and limit 'Queries per minute' of service "
        f"'{SERVICE}' for consumer '{_CONSUMER}'."
    )
    info = {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": "RATE_LIMIT_EXCEEDED",
        "domain": "googleapis.com",
        "metadata": {
            "service": SERVICE,
            "consumer": "projects/123456789012",
            "quota_limit": "defaultPerMinutePerProject",
        },
    }
    found = google_error(code, "rateLimitExceeded", message, "usageLimits", details=[info])
    found.body["error"]["status"] = "RESOURCE_EXHAUSTED"
    return found


def failure(code: int, reason: str | None) -> ApiError:
    """Return what a fault asks for: the named reason, else what is usual for such a status."""
    named = {
        "quotaExceeded": quota_exceeded,
        "rateLimitExceeded": lambda: rate_limited(code),
        "accessNotConfigured": not_enabled,
    }
    if reason in named:
        return named[reason]()
    if reason is None and code in (403, 429):
        return rate_limited(code)
    message = {
        404: "Requested entity was not found.",
        500: "Internal error encountered.",
        503: "The service is currently unavailable.",
    }.get(code, f"Simulated error {code}.")
    usual = {400: "badRequest", 401: "authError", 404: "notFound"}.get(code, "backendError")
    return google_error(code, reason or usual, message)
