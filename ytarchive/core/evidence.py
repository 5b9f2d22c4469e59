"""What an attempt saw, as a value that is small enough to keep and safe to show."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from ytarchive.core.failure_texts import CAUSES
from ytarchive.core.instant import Instant
from ytarchive.core.text import printable

Stage = Literal[
    "list",
    "extract",
    "select",
    "download",
    "merge",
    "verify",
    "captions",
    "marks",
    "commit",
    "worker",
    "feed",
    "api",
]
Purpose = Literal[
    "watch", "player", "browse", "media", "caption", "thumbnail", "sponsorblock", "feed", "api", "other"
]

MESSAGE_LIMIT = 300


@dataclass(frozen=True, slots=True)
class HttpExchange:
    """One request of an attempt, without query or credentials. `status` 0: no answer (see `error`).

    `error` is the class name of the exception, or its text.
    """

    purpose: Purpose
    host: str
    status: int
    bytes: int = 0
    seconds: float = 0.0
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """What an attempt saw, strongest first: playability of each client, HTTP log, causes, text.

    `message` is the engine's error text, `warnings` are its warnings of this attempt (with
    `ignore_no_formats_error` YouTube's reason is one of those). `cause` is the class name of the innermost
    exception, or one of ours: `Deadline`, `Cancelled`, `WorkerDied`; `error_number` is its errno, `status` its HTTP
    status. `playability` holds (client, status, reason), the reason with its subreason if there is one.
    `offered` counts formats without storyboards, `real_formats` those that could be downloaded: with an address and
    without DRM.
    """

    stage: Stage
    message: str = ""
    cause: str | None = None
    error_number: int | None = None
    expected: bool = False
    status: int | None = None
    playability: tuple[tuple[str, str, str], ...] = ()  # (client, status, reason)
    http: tuple[HttpExchange, ...] = ()
    offered: int = 0
    real_formats: int = 0
    drm_formats: int = 0
    live_status: str | None = None
    availability: str | None = None
    release_at: Instant | None = None
    warnings: tuple[str, ...] = ()


def lasting(http: Iterable[HttpExchange]) -> Iterator[HttpExchange]:
    """Failed requests that no later success made good. Refusals (4xx) stay: they tell how the address is seen."""
    healed: set[str] = set()
    kept: list[HttpExchange] = []
    for exchange in reversed(tuple(http)):
        if 200 <= exchange.status < 400:
            healed.add(exchange.purpose)
        elif 400 <= exchange.status < 500 or exchange.purpose not in healed:
            kept.append(exchange)
    return reversed(kept)


_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_PREFIX = re.compile(r"^(?:\s*(?:ERROR|WARNING):)?\s*(?:\[[\w:+]+\]\s*(?:[\w-]{11}:\s)?)?")
_HINTS = re.compile(
    r"\s*(?:Use --cookies|Use --list-formats|You might want to use a VPN|; please report this issue (?=on)).*",
    re.DOTALL,
)
# What yt-dlp appends to the text of an error after which it tries again.
RETRIED = re.compile(r"[\s.]*\bretrying \(\d+/.*", re.IGNORECASE | re.DOTALL)
_CREDENTIALS = re.compile(r"(?<=//)[^/\s@]+@")
_ADDRESS = re.compile(r"(https?://[^/\s'\"<>]+)/[^\s'\"<>)]*")


def short_message(text: str, limit: int = MESSAGE_LIMIT) -> str:
    """An engine's text for a person: one line, without its own options as advice, addresses' paths, credentials."""
    line = _HINTS.sub("", _PREFIX.sub("", _ESCAPES.sub("", text), count=1))
    return printable(_ADDRESS.sub(r"\1/...", _CREDENTIALS.sub("", line)), limit)


def shortened(evidence: Evidence) -> Evidence:
    """The same evidence in little room: it is kept for every attempt, and classified again after an upgrade."""
    log = dict.fromkeys(
        (x.purpose, x.host, x.status, short_message(x.error or "", 80)) for x in lasting(evidence.http)
    )
    return replace(
        evidence,
        status=evidence.status or _status_of(evidence),
        message=short_message(RETRIED.sub("", evidence.message)),
        warnings=tuple(short_message(text, 200) for text in evidence.warnings[:8]),
        playability=tuple(
            (printable(client, 40), printable(status, 40), short_message(reason, 200))
            for client, status, reason in evidence.playability[:8]
        ),
        http=tuple(HttpExchange(p, printable(h, 80), s, error=e or None) for p, h, s, e in list(log)[:12]),
    )


_ASKED_BY = {"download": ("media",), "captions": ("caption", "thumbnail"), "feed": ("feed",), "api": ("api",)}


def _status_of(evidence: Evidence) -> int | None:
    """The last refusal in the log that has to do with the stage, unless the error at the end was none of HTTP."""
    if evidence.cause in CAUSES:
        return None
    purposes = _ASKED_BY.get(evidence.stage, ("watch", "player", "browse"))
    statuses = [x.status for x in lasting(evidence.http) if x.purpose in purposes and x.status]
    return statuses[-1] if statuses else None
