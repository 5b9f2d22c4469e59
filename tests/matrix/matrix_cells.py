"""What can go wrong at each stage, as data: one cell for each fault at each stage, and how it must end.

`code` is the verdict on the part named by `part`, or None: the fault was overcome within the job. `bucket` and `reason`
are what follows. The first cell of each code is met twice: once with the fault, and again when it is over and the
next step is due; then the video, or the list, must be whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from ytarchive.core.failure_table import policy

Arm = Literal["faults", "case", "ffmpeg", "settings", "addresses", "disk", "list", "api"]
Faults = tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """One fault at one stage. `arm` says how it is brought about, and `with_` the details of that.

    `part` is whose attempt tells the code: "media", "captions:en", "thumbnail"; "list": the list's, "feed": its feed's.
    """

    stage: str
    fault: str
    code: str | None
    with_: Any
    arm: Arm = "faults"
    part: str = "media"
    bucket: str = "have"
    reason: str = "converged"
    stops: bool = False
    heals: bool = True
    video: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"{self.stage}: {self.fault}"

    @property
    def kind(self) -> str:
        return policy(self.code).kind if self.code else "-"


# What a code leads to, for a video of which nothing is there yet.
_LEADS_TO = {
    "permanent": ("deferred", "unconfirmed"),
    "transient": ("deferred", "backoff"),
    "user": ("blocked", "needs-person"),
    "engine": ("blocked", "needs-engine"),
    "wait": ("deferred", "waiting"),
}


def cell(stage: str, fault: str, code: str | None, with_: Any, **more: Any) -> Cell:
    """A cell about the media: a code leads to what its kind leads to."""
    found = Cell(stage, fault, code, with_, **more)
    if code is None or found.part != "media":
        return found
    bucket, reason = _LEADS_TO[found.kind]
    return Cell(stage, fault, code, with_, **{"bucket": bucket, "reason": reason, **more})


def status(number: int, *requests: str, **more: Any) -> Faults:
    return tuple({"kind": "status", "value": number, "request": request, **more} for request in requests)


def kind(name: str, *requests: str, **more: Any) -> Faults:
    return tuple({"kind": name, "request": request, **more} for request in requests)


def _pages() -> Iterable[Cell]:
    """The watch page alone: the players tell the same. Both: nothing does."""
    for number in (403, 503):
        yield cell("watch page", f"HTTP {number}", None, status(number, "watch"))
    for name in ("reset", "truncate", "malformed", "empty_formats"):
        yield cell("watch page", name, None, kind(name, "watch"))
    codes = {400: "BROKEN", 402: "HTTP_429", 403: "HTTP_403_API", 404: "BROKEN", 429: "HTTP_429"}
    for number, code in {**codes, 500: "HTTP_5XX", 503: "HTTP_5XX"}.items():
        yield cell("every page", f"HTTP {number}", code, status(number, "watch", "player"))
    ends = {"reset": "RESET", "truncate": "RESET", "malformed": "BROKEN", "wrong_video": "WRONG_VIDEO"}
    for name, code in ends.items():
        yield cell("every page", name, code, kind(name, "watch", "player"))


def _players() -> Iterable[Cell]:
    for client in ("TVHTML5", "VISIONOS"):
        for number in (429, 503):
            yield cell(f"player {client}", f"HTTP {number}", None, status(number, f"player/{client}"))
        for name in ("reset", "malformed", "empty_formats"):
            yield cell(f"player {client}", name, None, kind(name, f"player/{client}"))
    for number, code in {403: "HTTP_403_API", 429: "HTTP_429", 503: "HTTP_5XX"}.items():
        yield cell("every player", f"HTTP {number}", code, status(number, "player"))
    yield cell("every player", "reset", "RESET", kind("reset", "player"))
    yield cell("every player", "one HTTP 503, then answers", None, status(503, "player", count=1))
    yield cell("every page", "empty_formats", "NO_FORMATS", kind("empty_formats", "watch", "player"))


_CASES = {
    **{name: name.upper() for name in ("private", "removed", "unavailable", "terminated", "copyright")},
    **{name: name.upper() for name in ("policy", "no_recording", "copyright_geo", "geo", "age", "members")},
    **{name: name.upper() for name in ("premium", "paid", "bot_check", "captcha", "session_limit")},
    **{name: name.upper() for name in ("reload", "processing", "upcoming", "live_now", "post_live", "drm")},
    "premiere": "UPCOMING",
    "sabr_only": "SABR_ONLY",
    "no_formats": "NO_FORMATS",
}


# One of each kind is enough to see that it comes back: what is looked at again then is no other code.
_COME_BACK = ("private", "geo", "bot_check", "upcoming", "sabr_only", "drm")


def _cases() -> Iterable[Cell]:
    for case, code in _CASES.items():
        yield cell("playability", case, code, case, arm="case", heals=case in _COME_BACK)
    yield cell(
        "playability",
        "formats that need a solve",
        "JS_FAIL",
        {"solving": ["TVHTML5", "WEB_EMBEDDED_PLAYER"]},
        arm="addresses",
        video={"case": "made_for_kids"},
    )


def _media() -> Iterable[Cell]:
    codes = {403: "MEDIA_403", 404: "MEDIA_403", 410: "MEDIA_403", 416: "MEDIA_416", 429: "MEDIA_429"}
    for number, code in {**codes, 503: "HTTP_5XX"}.items():
        yield cell("media", f"HTTP {number}", code, status(number, "media"))
    for number in (403, 503):
        yield cell("media", f"HTTP {number} once", None, status(number, "media", count=1))
    yield cell("media", "reset", "MEDIA_CUT", kind("reset", "media"))
    yield cell("media", "truncate", "MEDIA_CUT", kind("truncate", "media", value=0.001))
    for name in ("reset", "truncate", "reencode", "latency"):
        yield cell("media", f"{name} once", None, kind(name, "media", count=1, value=0.3))
    yield cell("media", "reset in the middle, twice", None, kind("reset", "media", count=2, value=5000))
    yield cell("media", "expired addresses", "MEDIA_403", {"lives_seconds": -60}, arm="addresses")


def _beside() -> Iterable[Cell]:
    codes = {403: "SUBS_FAIL", 404: "SUBS_FAIL", 429: "SUBS_429", 503: "SUBS_FAIL"}
    for number, code in codes.items():
        yield cell("captions", f"HTTP {number}", code, status(number, "caption"), part="captions:en")
    for name in ("reset", "truncate"):
        yield cell("captions", name, "SUBS_FAIL", kind(name, "caption"), part="captions:en")
    for number, code in codes.items():
        yield cell("thumbnail", f"HTTP {number}", code, status(number, "thumbnail"), part="thumbnail")


_LIES = '"$REAL" "$@"; head -c 8000 "$LAST" > "$LAST.cut"; mv "$LAST.cut" "$LAST"; exit 0'


def _this_machine() -> Iterable[Cell]:
    yield cell("merge", "ffmpeg fails", "MERGE_FAIL", "echo garbage; exit 1", arm="ffmpeg")
    yield cell("merge", "ffmpeg is killed", "MERGE_FAIL", "kill -9 $$", arm="ffmpeg")
    yield cell("merge", "the worker is killed", "WORKER_DIED", "kill -9 $PPID; exit 1", arm="ffmpeg")
    yield cell(
        "merge",
        "disk full",
        "DISK_FULL",
        "echo 'Error writing trailer: No space left on device'; exit 228",
        arm="ffmpeg",
        stops=True,
    )
    yield cell("verify", "ffmpeg cuts, and says ok", "BAD_MEDIA", _LIES, arm="ffmpeg")
    yield cell(
        "verify", "ffmpeg writes nothing, and says ok", "BAD_MEDIA", ': > "$LAST"; exit 0', arm="ffmpeg"
    )
    yield cell("network", "no proxy there", "PROXY", {"PROXY": "http://127.0.0.1:9"}, arm="settings")
    yield cell("network", "unknown certificate", "TLS", {"CA_FILE": "{wrong}"}, arm="settings")
    for what in ("the item's place is taken", "no room is left"):
        yield Cell("commit", what, None, what, arm="disk", bucket="ready", reason="missing", stops=True)


def _lists() -> Iterable[Cell]:
    codes = {403: "HTTP_403_API", 429: "HTTP_429", 500: "HTTP_5XX", 503: "HTTP_5XX"}
    for number, code in codes.items():
        yield Cell("list", f"HTTP {number}", code, status(number, "browse", "playlist"), "list", "list")
    ends = {"reset": "RESET", "malformed": "BROKEN"}
    for name, code in ends.items():
        yield Cell(
            "list",
            name,
            code,
            kind(name, "browse", "playlist"),
            "list",
            "list",
            stops=name == "reset",
        )
    for name in ("empty_page", "short_list"):
        yield Cell("list", name, "TRUNCATED", kind(name, "browse", "playlist"), "list", "list")
    for number in (404, 429, 503):
        yield Cell("feed", f"HTTP {number}", None, status(number, "feed"), "list", "list")
    for name in ("reset", "malformed"):
        yield Cell("feed", name, None, kind(name, "feed"), "list", "list")


def _api() -> Iterable[Cell]:
    """Whatever the Data API cannot tell, a worker reads."""
    refusals = {"quotaExceeded": 403, "keyInvalid": 400, "playlistNotFound": 404}
    for reason, number in refusals.items():
        code = "LIST_MISSING" if reason == "playlistNotFound" else None
        yield Cell("API", reason, code, status(number, "data_api", reason=reason), "api", "list")
    yield Cell("API", "HTTP 503", None, status(503, "data_api"), "api", "list")
    for name in ("reset", "malformed", "wrong_id"):
        yield Cell("API", name, None, kind(name, "data_api"), "api", "list")


def _once_each(cells: Iterable[Cell]) -> Iterable[Cell]:
    """What follows a code follows from the code alone: that it heals is shown by the first cell of each part and code."""
    shown: set[tuple[str, str | None]] = set()
    for each in cells:
        known = each.code is not None and (each.part, each.code) in shown
        shown.add((each.part, each.code))
        yield replace(each, heals=each.heals and not known)


_ALL = (
    *_pages(),
    *_players(),
    *_cases(),
    *_media(),
    *_beside(),
    *_this_machine(),
    *_lists(),
    *_api(),
)

CELLS: tuple[Cell, ...] = tuple(_once_each(_ALL))
