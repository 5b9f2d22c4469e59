"""Why an attempt failed, and what follows from it: from evidence to code, kind and policy.

Order of truth: what YouTube's clients said of the video, the HTTP log, the causes of exceptions and the formats,
then the text. Two rules stand above: trouble that passes is never taken for a verdict that lasts, and what is
not recognised is UNKNOWN, which is tried again and reported.
"""

from __future__ import annotations

import errno
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from ytarchive.core.api_reasons import code_of_api
from ytarchive.core.evidence import RETRIED, lasting, shortened
from ytarchive.core.evidence import Evidence as Evidence
from ytarchive.core.evidence import HttpExchange as HttpExchange
from ytarchive.core.evidence import Purpose as Purpose
from ytarchive.core.evidence import Stage as Stage
from ytarchive.core.failure_table import Kind as Kind
from ytarchive.core.failure_table import policy
from ytarchive.core.failure_texts import CAUSES, NO_CONNECTION, code_of_text
from ytarchive.core.identity import ACCOUNT_DECIDES, ACCOUNT_DECIDES_LISTS
from ytarchive.core.instant import MINUTE, Instant

AFTER_RELEASE_SECONDS = 2 * MINUTE


@dataclass(frozen=True, slots=True)
class Failure:
    """A verdict. `until` is a known time to wait for (a premiere), else the policy of the code decides."""

    code: str
    kind: Kind
    evidence: Evidence
    until: Instant | None = None


def classify(evidence: Evidence) -> Failure:
    """The one place where evidence becomes a verdict; total: every evidence gives a code of the table."""
    code = _settled(_code_of(evidence), evidence)
    return verdict(code, replace(evidence, message=_reason(code, evidence)))


def _reason(code: str, evidence: Evidence) -> str:
    """The first text that tells of this code: "No video formats found!" is no news where YouTube said why."""
    if code == "UNKNOWN" and code_of_text(evidence.message) == "NO_FORMATS":
        return _unheard_of(evidence) or evidence.message
    reasons = (reason for _, _, reason in evidence.playability)
    warnings = (text for text in evidence.warnings if not RETRIED.search(text))
    texts = (evidence.message, *warnings, *reasons)
    return next((text for text in texts if text and code_of_text(text) == code), evidence.message)


def verdict(code: str, evidence: Evidence) -> Failure:
    """The failure of a code that is known already, with its kind, its known time and the evidence kept short."""
    rule = policy(code)
    until = None
    if rule.known_time and evidence.release_at is not None:
        until = evidence.release_at + AFTER_RELEASE_SECONDS
    return Failure(rule.code, rule.kind, shortened(evidence), until)


def settles_by_time(code: str) -> bool:
    """Whether waiting is all there is to do, so that the video does not count as missing."""
    return policy(code).converged


# The stronger of two codes that one attempt speaks of, strongest first. Throttling is above all that it can
# imitate; what a person must do is above waiting for it; trouble that passes is above verdicts that last.
_RANK = (
    *("CANCELLED", "DISK_FULL", "PERM", "IO_ERROR", "COOKIES_BAD", "FFMPEG_MISSING"),
    *("BOT_CHECK", "CAPTCHA", "SESSION_LIMIT", "WRONG_VIDEO", "HTTP_429", "MEDIA_429", "HTTP_403_API"),
    *("TLS", "PROXY", "MEMBERS", "PREMIUM", "PAID", "AGE", "RESTRICTED"),
    *("UPCOMING", "LIVE_NOW", "POST_LIVE", "PROCESSING"),
    *("DNS", "REFUSED", "TIMEOUT", "RESET", "HTTP_5XX", "RELOAD", "WRONG_LIST", "TRUNCATED"),
    *("MEDIA_403", "MEDIA_416", "FRAG", "MEDIA_CUT", "MERGE_FAIL", "SUBS_429"),
    *("FEED_429", "FEED_BAD", "FEED_404"),
    *("API_KEY", "API_QUOTA", "API_RATE", "API_5XX", "API_BAD_ANSWER", "API_UNSUPPORTED"),
    *("LIST_PRIVATE", "LIST_UNVIEWABLE", "NO_TAB", "COPYRIGHT_GEO", "GEO"),
    *(
        "PRIVATE",
        "TERMINATED",
        "COPYRIGHT",
        "POLICY",
        "REMOVED",
        "NO_RECORDING",
        "LIST_MISSING",
        "CHANNEL_404",
    ),
    *("NO_RUNTIME", "JS_FAIL", "DRM", "POT_SKIPPED", "SABR_ONLY", "POLICY_MISS"),
    *(
        "COOKIES_ROTATED",
        "SUBS_POT",
        "SUBS_FAIL",
        "SUBS_ABSENT",
        "SPONSORBLOCK",
        "SIGN_IN",
        "UNAVAILABLE",
        "BROKEN",
        "NO_FORMATS",
    ),
)
_ORDER = {code: place for place, code in enumerate(_RANK)}
_VAGUE = frozenset({"UNAVAILABLE", "SIGN_IN", "BROKEN", "NO_FORMATS"})
# What a guest may be told where an account would be told otherwise.
_NEEDS_SIGN_IN = frozenset({*ACCOUNT_DECIDES, *ACCOUNT_DECIDES_LISTS, "BOT_CHECK", "UNAVAILABLE"})
_CAPTIONS = ("SUBS_429", "SUBS_POT", "SUBS_FAIL", "SUBS_ABSENT")
_FORMATS_MISSING = ("NO_RUNTIME", "JS_FAIL", "POT_SKIPPED", "SABR_ONLY")

_ERRNOS = {
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT, errno.EFBIG), "DISK_FULL"),
    **dict.fromkeys((errno.EACCES, errno.EPERM, errno.EROFS), "PERM"),
    **dict.fromkeys((errno.EIO, errno.ESTALE, errno.ENODEV, errno.ENXIO, errno.ENOTCONN), "IO_ERROR"),
    **dict.fromkeys((errno.ECONNREFUSED, errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN), "REFUSED"),
    **dict.fromkeys((errno.ECONNRESET, errno.ECONNABORTED, errno.EPIPE), "RESET"),
    errno.ETIMEDOUT: "TIMEOUT",
}
_STATUSES = {429: "HTTP_429", 402: "HTTP_429", 403: "HTTP_403_API"}
_LIVE = {"is_upcoming": "UPCOMING", "is_live": "LIVE_NOW", "post_live": "POST_LIVE"}
_AVAILABILITY = {
    "subscriber_only": "MEMBERS",
    "premium_only": "PREMIUM",
    "needs_auth": "AGE",
    "private": "PRIVATE",
}
_PLAYABILITY = {
    "AGE_CHECK_REQUIRED": "AGE",
    "AGE_VERIFICATION_REQUIRED": "AGE",
    "CONTENT_CHECK_REQUIRED": "AGE",
    "LIVE_STREAM_OFFLINE": "UPCOMING",
}
_OF_MEDIA = {
    "HTTP_429": "MEDIA_429",
    "HTTP_403_API": "MEDIA_403",
    "CHANNEL_404": "MEDIA_403",
    "RESET": "MEDIA_CUT",
}
_MEDIA_STATUSES = {403: "MEDIA_403", 404: "MEDIA_403", 410: "MEDIA_403", 416: "MEDIA_416", 429: "MEDIA_429"}


def _code_of(evidence: Evidence) -> str:
    if evidence.stage == "worker":
        return _of_exception(evidence) or "WORKER_DIED"
    if evidence.stage in ("merge", "verify", "commit"):
        return _of_local_work(evidence)
    if evidence.stage == "captions":
        return _of_captions(evidence)
    if evidence.stage == "marks":
        return "SPONSORBLOCK"  # whatever it was, YouTube and this address have no part in it
    if evidence.stage == "download":
        return _of_download(evidence)
    if evidence.stage == "api":
        return _of_exception(evidence) or code_of_api(evidence.cause, evidence.status, evidence.message)
    if evidence.stage == "feed":
        return _of_exception(evidence) or _of_feed(evidence.status or 0)
    return _of_extraction(evidence)


def _of_local_work(evidence: Evidence) -> str:
    """Merging, verifying and committing ask YouTube nothing: only this machine can be to blame."""
    heard = [code for code in (_of_exception(evidence), *_heard(evidence)) if code]
    if host := [code for code in heard if policy(code).charged_to == "host"]:
        return _strongest(host)
    return {"merge": "MERGE_FAIL", "verify": "BAD_MEDIA"}.get(evidence.stage, "UNKNOWN")


def _of_captions(evidence: Evidence) -> str:
    statuses = {evidence.status, *(x.status for x in evidence.http if x.purpose in ("caption", "thumbnail"))}
    heard = set(_heard(evidence))
    if 429 in statuses or heard & {"SUBS_429", "HTTP_429"}:
        return "SUBS_429"
    cause = _of_exception(evidence)
    if cause is not None and cause not in ("BAD_MEDIA", "BROKEN", "RESET"):
        return cause
    return next((code for code in ("SUBS_POT", "SUBS_ABSENT") if code in heard), "SUBS_FAIL")


def _of_download(evidence: Evidence) -> str:
    """The error at the end decides, then what was refused on the way; throttling is above both."""
    cause = _of_exception(evidence)
    if cause is not None and policy(cause).charged_to == "host":
        return cause
    heard = [_OF_MEDIA.get(code, code) for code in _heard(evidence)]
    last = _of_media(evidence.status or 0)
    refused = [_of_media(x.status) for x in lasting(evidence.http) if x.purpose == "media"]
    if "MEDIA_429" in (last, *refused):
        return "MEDIA_429"
    if "FRAG" in heard:
        return "FRAG"
    if cause == "BAD_MEDIA" and code_of_text(evidence.message) == "MEDIA_CUT":
        return "MEDIA_CUT"  # too short is known more exactly than not whole
    said = _strongest(heard) if heard else None
    known = (last, cause and _OF_MEDIA.get(cause, cause), *reversed(refused), said)
    return next((code for code in known if code), "UNKNOWN")


def _of_media(status: int) -> str | None:
    if 300 <= status < 400:
        return "MEDIA_403"  # an address that leads to no end is as good as refused
    return _MEDIA_STATUSES.get(status) or _of_server(status)


def _of_feed(status: int) -> str:
    """A feed is a surface of its own: its throttling says nothing of the address, its 404 nothing of the list."""
    known = {404: "FEED_404", 410: "FEED_404", 402: "FEED_429", 403: "FEED_429", 429: "FEED_429"}
    return known.get(status) or _of_server(status) or ("FEED_BAD" if status >= 300 else "UNKNOWN")


def _of_extraction(evidence: Evidence) -> str:
    """Listing, extracting and choosing: structure decides unless it is vague, then the text may know more."""
    structure = list(_structure(evidence))
    heard = _heard(evidence)
    if _playable(evidence):
        broken = [code for code in heard if code in ("NO_RUNTIME", "JS_FAIL")]
        choice = _strongest(broken) if broken else "POLICY_MISS" if evidence.stage == "select" else None
        structure = [*structure, *([choice] if choice else [])]
    best = _strongest(structure) if structure else None
    if best is not None and best not in _VAGUE:
        return best
    known = [*heard, *([best] if best else [])]
    code = _strongest(known) if known else "NO_FORMATS" if _plays(evidence) else "UNKNOWN"
    if code == "NO_FORMATS" and (_playable(evidence) or _unheard_of(evidence)):
        return "UNKNOWN"
    return code


def _plays(evidence: Evidence) -> bool:
    return any(status == "OK" for _, status, _ in evidence.playability)


def _unheard_of(evidence: Evidence) -> str | None:
    """What YouTube says of a video that no client plays, in words that nobody here knows."""
    if _plays(evidence):
        return None
    reasons = (reason for _, _, reason in evidence.playability if not _EMBEDDING.search(reason))
    return next((reason for reason in reasons if reason and code_of_text(reason) is None), None)


def _structure(evidence: Evidence) -> Iterator[str]:
    """Every code that something other than text speaks of."""
    cause = _of_exception(evidence)
    if cause:
        yield cause
    yield from _of_log(evidence)
    if live := _LIVE.get(evidence.live_status or ""):
        yield live
    if _playable(evidence):
        return
    for _, status, reason in evidence.playability:
        if code := _of_client(status, reason):
            yield code
    if availability := _AVAILABILITY.get(evidence.availability or ""):
        yield availability
    if evidence.offered and evidence.real_formats == 0:
        yield _of_formats(evidence)


def _playable(evidence: Evidence) -> bool:
    """One client that plays the video outweighs every client that does not; formats are the proof."""
    return evidence.real_formats > 0


def _of_client(status: str, reason: str) -> str | None:
    """What one client says. An embedded player's refusal to embed says nothing about the video."""
    if status == "OK":
        return None
    if _EMBEDDING.search(reason):
        return None
    return code_of_text(reason) or _PLAYABILITY.get(status)


_EMBEDDING = re.compile(
    r"playback on other (?:websites|applications)|watch (?:this video )?on youtube", re.IGNORECASE
)


def _of_formats(evidence: Evidence) -> str:
    if evidence.drm_formats == evidence.offered:
        return "DRM"
    reasons = [code for code in _heard(evidence) if code in _FORMATS_MISSING]
    return _strongest(reasons) if reasons else "SABR_ONLY"


def _of_log(evidence: Evidence) -> Iterator[str]:
    """What the HTTP log says of questions about the video (trap: throttling has no status in the text)."""
    if evidence.stage == "api":
        return  # which limits a key, never an address
    for exchange in lasting(evidence.http):
        if exchange.purpose in ("watch", "player", "browse"):
            code = _STATUSES.get(exchange.status) or _of_server(exchange.status) or _of_silence(exchange)
            if code:
                yield code
        elif exchange.status == 429:
            yield "MEDIA_429" if exchange.purpose == "media" else "HTTP_429"
    status = evidence.status or 0
    if code := _STATUSES.get(status) or _of_server(status):
        yield code
    elif status in (404, 410):
        yield "CHANNEL_404" if evidence.stage == "list" else "BROKEN"
    elif status >= 300:
        yield "BROKEN"


def _of_server(status: int) -> str | None:
    return "HTTP_5XX" if 500 <= status <= 599 else None


def _of_silence(exchange: HttpExchange) -> str | None:
    if exchange.status or not exchange.error:
        return None
    code = CAUSES.get(exchange.error) or code_of_text(exchange.error)
    return code if code in _SILENCES else "RESET"


_SILENCES = frozenset({"DNS", "TIMEOUT", "REFUSED", "TLS", "PROXY"})


def _of_exception(evidence: Evidence) -> str | None:
    """The code of the exception's class, or of its errno where the class tells no more than "no connection"."""
    number = _ERRNOS.get(evidence.error_number or 0)
    if evidence.cause in NO_CONNECTION:
        said = code_of_text(evidence.message)
        return next((code for code in (number, said) if code in _SILENCES), "RESET")
    if evidence.cause in CAUSES:
        code = CAUSES[evidence.cause]
        return number if code in ("MERGE_FAIL", "BAD_MEDIA") and number else code
    if number == "PERM" and code_of_text(evidence.message) == "REFUSED":
        return "REFUSED"  # a firewall, not a file
    return number


def _heard(evidence: Evidence) -> list[str]:
    """The codes of the error text and of the warnings, without warnings about what was retried.

    Warnings that some formats or captions are missing explain a lack of those, and nothing else; and only a
    list can be cut short.
    """
    error = code_of_text(evidence.message) if evidence.message else None
    warned = [code_of_text(text) for text in evidence.warnings if not RETRIED.search(text)]
    if evidence.stage != "list":
        warned = [code for code in warned if code != "TRUNCATED"]
    unexplained = not evidence.message or error in _VAGUE
    aside = (
        {*_CAPTIONS, *(() if unexplained else _FORMATS_MISSING)} if evidence.stage != "captions" else set()
    )
    codes = [code for code in (error, *(code for code in warned if code not in aside)) if code]
    if evidence.stage in ("list", "download"):
        return codes
    return ["BROKEN" if code == "CHANNEL_404" else code for code in codes]


def _strongest(codes: Iterable[str]) -> str:
    return min(codes, key=lambda code: _ORDER.get(code, len(_ORDER)))


def _settled(code: str, evidence: Evidence) -> str:
    """Nothing that passes may become a verdict that lasts, and stale cookies prove nothing about a video."""
    heard = _heard(evidence)
    if code in _NEEDS_SIGN_IN and "COOKIES_ROTATED" in heard:
        return "COOKIES_ROTATED"
    if policy(code).kind != "permanent":
        return code
    # What a client says counts here even beside one that plays, or under a status that sounds well.
    said = (code_of_text(reason) for _, _, reason in evidence.playability)
    passing = [known for known in (*_structure(evidence), *heard, *said) if known and _passes(known)]
    return _strongest(passing) if passing else code


def _passes(code: str) -> bool:
    rule = policy(code)
    return rule.charged_to == "egress" or (rule.kind == "transient" and code not in _VAGUE)
