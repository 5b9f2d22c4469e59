"""What exists on the simulated YouTube: facts computed from ids, so that a catalogue may have any size.

`Catalogue.video` is a pure function from an id to a `Video`; nothing is stored for a video unless a test changes it.
Every syntactically valid id is an ordinary, public video unless it is in the table of `wellknown`.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any

VIDEO_ID = re.compile(r"[0-9A-Za-z_-]{11}")

DEFAULT_DURATION_SECONDS = 2
"""The claimed duration is also the real one of the media, so it is short."""


class Case(StrEnum):
    """Why a video can or cannot be had; `playability` holds what YouTube answers for each."""

    PUBLIC = "public"
    PRIVATE = "private"
    REMOVED = "removed"
    UNAVAILABLE = "unavailable"
    TERMINATED = "terminated"
    COPYRIGHT = "copyright"
    COPYRIGHT_GEO = "copyright_geo"
    GEO = "geo"
    POLICY = "policy"
    AGE = "age"
    MEMBERS = "members"
    PREMIUM = "premium"
    PAID = "paid"
    BOT_CHECK = "bot_check"
    CAPTCHA = "captcha"
    SESSION_LIMIT = "session_limit"
    PROCESSING = "processing"
    RELOAD = "reload"
    NO_RECORDING = "no_recording"
    UPCOMING = "upcoming"
    PREMIERE = "premiere"
    LIVE_NOW = "live_now"
    POST_LIVE = "post_live"
    DRM = "drm"
    SABR_ONLY = "sabr_only"
    NO_FORMATS = "no_formats"
    MADE_FOR_KIDS = "made_for_kids"

    @property
    def is_playable(self) -> bool:
        """Whether formats of some kind are offered, hence also metadata of a watchable video."""
        return self in _PLAYABLE

    @property
    def is_for_accounts(self) -> bool:
        """Whether somebody who is signed in may see it, and a guest not."""
        return self in _FOR_ACCOUNTS

    @property
    def is_hidden_in_listings(self) -> bool:
        """Whether a playlist leaves the entry out unless unavailable videos are asked for."""
        return self in _HIDDEN


_PLAYABLE = frozenset(
    {
        Case.PUBLIC,
        Case.LIVE_NOW,
        Case.POST_LIVE,
        Case.DRM,
        Case.SABR_ONLY,
        Case.NO_FORMATS,
        Case.MADE_FOR_KIDS,
    }
)
_FOR_ACCOUNTS = frozenset({Case.AGE, Case.MEMBERS, Case.PREMIUM, Case.PAID, Case.PRIVATE})
_HIDDEN = frozenset(
    {
        Case.PRIVATE,
        Case.REMOVED,
        Case.UNAVAILABLE,
        Case.TERMINATED,
        Case.COPYRIGHT,
        Case.COPYRIGHT_GEO,
        Case.GEO,
        Case.POLICY,
    }
)


class Shape(StrEnum):
    """The aspect of the picture; `formats.picture_size` gives the pixels of each quality."""

    WIDE = "wide"
    VERTICAL = "vertical"
    PORTRAIT = "portrait"
    ULTRA_WIDE = "ultra_wide"


@dataclass(frozen=True, slots=True)
class Channel:
    """Who published a video."""

    id: str
    handle: str
    name: str


@dataclass(frozen=True, slots=True)
class CaptionTrack:
    """One caption track; translations are not tracks but a `tlang` parameter on one."""

    language: str
    name: str
    automatic: bool = False


@dataclass(frozen=True, slots=True)
class AudioTrack:
    """One spoken language of a multi-track video, named the way YouTube names it."""

    language: str
    display_name: str
    is_default: bool = False
    content: str = "original"


@dataclass(frozen=True, slots=True)
class Video:
    """Everything the simulator says about one video.

    `best` is the highest quality label offered (1080 means "1080p"), `lowest` the lowest; `media_bytes` pads every
    video file to that size; `revision` counts re-encodes: each changes length, modification time and bytes.
    `starts_in_seconds` is relative to the start of the simulator. `live_from` and `live_until` are of a stream whose
    life is simulated (`live`), and `fragment_seconds` how long its fragments are. Without `thumbnails` no picture of it can be had yet.
    """

    id: str
    title: str
    channel: Channel
    published_at: datetime
    description: str = ""
    duration_seconds: int = DEFAULT_DURATION_SECONDS
    case: Case = Case.PUBLIC
    shape: Shape = Shape.WIDE
    best: int = 1080
    lowest: int = 144
    fps: int = 30
    hdr: bool = False
    codecs: tuple[str, ...] = ("avc1", "vp9", "av01")
    audio_tracks: tuple[AudioTrack, ...] = ()
    captions: tuple[CaptionTrack, ...] = ()
    media_bytes: int | None = None
    revision: int = 0
    short: bool = False
    was_live: bool = False
    live_from: datetime | None = None
    live_until: datetime | None = None
    fragment_seconds: float = 5
    thumbnails: bool = True
    upscaled: bool = False
    damaged: bool = False
    storyboards: bool = True
    starts_in_seconds: int = 7200
    tags: tuple[str, ...] = ()
    category: str = "Education"
    view_count: int = 1000

    @property
    def is_live_content(self) -> bool:
        """Whether the video is, was or will be a live stream."""
        return self.was_live or self.case in (Case.LIVE_NOW, Case.POST_LIVE, Case.UPCOMING, Case.NO_RECORDING)


ENGLISH = CaptionTrack("en", "English")
ENGLISH_AUTOMATIC = CaptionTrack("en", "English", automatic=True)
GERMAN = CaptionTrack("de", "German")


def digest(text: str) -> bytes:
    """Return 32 stable pseudo-random bytes for a text; all that is computed from an id starts here."""
    return hashlib.blake2b(text.encode(), digest_size=32).digest()


def numbered_video_id(seed: str, index: int) -> str:
    """Return the id of entry `index` of a computed list: 64 bits in base64, as YouTube's own ids are."""
    return base64.urlsafe_b64encode(digest(f"{seed}/{index}")[:8]).decode().rstrip("=")


def channel_of(number: int) -> Channel:
    """Return one of the simulated channels; a video belongs to one of fifty."""
    tail = base64.urlsafe_b64encode(digest(f"channel/{number}")[:16]).decode().rstrip("=")
    return Channel(f"UC{tail}", f"@simulated-{number:02d}", f"Simulated Channel {number:02d}")


def ordinary_video(video_id: str) -> Video:
    """Return the facts of a public video, all of them derived from its id.

    Half of the videos have manual English captions, most of the others automatic ones; three in four end at 1080p,
    the rest at 720p, 1440p or 2160p.
    """
    raw = digest(video_id)
    captions = ((ENGLISH, ENGLISH_AUTOMATIC), (ENGLISH, GERMAN), (ENGLISH_AUTOMATIC,), ())[raw[0] % 4]
    best = (1080, 1080, 1080, 1080, 1080, 1080, 720, 1440 if raw[2] % 2 else 2160)[raw[1] % 8]
    return Video(
        id=video_id,
        title=f"Simulated video {video_id}",
        channel=channel_of(raw[3] % 50),
        published_at=datetime(2016, 1, 1, tzinfo=UTC)
        + timedelta(minutes=int.from_bytes(raw[4:7]) % 5_000_000),
        description=f"Everything about {video_id}.\n\nhttps://example.com/{video_id}",
        best=best,
        captions=captions,
        tags=("simulated", f"tag{raw[7] % 20}"),
        view_count=int.from_bytes(raw[8:11]),
    )


@dataclass(slots=True)
class Catalogue:
    """Every video: computed, unless it is well known or was changed at run time.

    `defaults` are changes applied to every ordinary video, for example `{"media_bytes": 10_000_000}`; `facts_of` says
    what follows from the channel that a video belongs to (`channels.Channels.facts_of`).
    """

    defaults: Mapping[str, Any] = field(default_factory=dict)
    changes: dict[str, dict[str, Any]] = field(default_factory=dict)
    facts_of: Callable[[Video], Mapping[str, Any]] = field(default=lambda _: {})
    _defaults: tuple[tuple[str, Any], ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._defaults = tuple(sorted((name, _typed(name, value)) for name, value in self.defaults.items()))

    def video(self, video_id: str) -> Video | None:
        """Return the facts of a video; None for an id that YouTube could not have given out."""
        if not VIDEO_ID.fullmatch(video_id):
            return None
        video = _computed(video_id, self._defaults)
        changes = {**self._of_channel(video), **self.changes.get(video_id, {})}
        return replace(video, **changes) if changes else video

    def _of_channel(self, video: Video) -> dict[str, Any]:
        from ytarchive.simulator.wellknown import CHANGES  # which needs the types of this module

        known = CHANGES.get(video.id, {})
        return {name: value for name, value in self.facts_of(video).items() if name not in known}

    def change(self, video_id: str, **changes: Any) -> None:
        """Change facts of one video from now on; names are the fields of `Video`."""
        typed = {name: _typed(name, value) for name, value in changes.items()}
        merged = {**self.changes.get(video_id, {}), **typed}
        replace(ordinary_video(video_id), **merged)
        self.changes[video_id] = merged


@lru_cache(maxsize=4096)
def _computed(video_id: str, defaults: tuple[tuple[str, Any], ...]) -> Video:
    from ytarchive.simulator.wellknown import CHANGES  # which needs the types of this module

    return replace(ordinary_video(video_id), **(dict(defaults) | CHANGES.get(video_id, {})))


def _typed(name: str, value: Any) -> Any:
    """Return a field's value from what JSON can say of it."""
    match name:
        case "case":
            return Case(value)
        case "shape":
            return Shape(value)
        case "published_at" | "live_from" | "live_until" if isinstance(value, str):
            return datetime.fromisoformat(value)
        case "captions":
            return tuple(
                track if isinstance(track, CaptionTrack) else CaptionTrack(**track) for track in value
            )
        case "audio_tracks":
            return tuple(track if isinstance(track, AudioTrack) else AudioTrack(**track) for track in value)
        case "codecs" | "tags":
            return tuple(value)
    return value
