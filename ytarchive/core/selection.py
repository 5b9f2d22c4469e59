"""Which of the offered formats and captions answer a target: YouTube's labels, our order of preference."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

FormatKind = Literal["video", "audio", "muxed"]


@dataclass(frozen=True, slots=True)
class Format:
    """One format that YouTube offered, in terms that stay true: never yt-dlp's `format_id` as identity.

    `label` is YouTube's quality label as a number (1080 for "1080p60"). `clen` (bytes) and `lmt` (the time
    of the encode) tell one encode from the next; either may be unknown. `codec` is `av1`, `vp9`, `h264`, or
    what YouTube said; `audio_codec` is `opus`, `aac`, or what YouTube said.
    """

    itag: str
    kind: FormatKind
    label: int | None = None
    width: int | None = None
    height: int | None = None
    fps: float | None = None
    codec: str | None = None
    audio_codec: str | None = None
    hdr: bool = False
    bitrate_kbps: float | None = None
    clen: int | None = None
    lmt: str | None = None
    language: str | None = None
    language_preference: int = -1
    track: str | None = None
    client: str | None = None
    protocol: str = "https"
    drm: bool = False
    damaged: bool = False
    upscaled: bool = False
    has_url: bool = True


@dataclass(frozen=True, slots=True)
class Choice:
    """What to download of the offered formats: `video` (with `sound`, unless muxed) and `audio` on its own.

    `below_wish` is true when a fallback was taken: something better may be offered later.
    """

    video: Format | None = None
    sound: Format | None = None
    audio: Format | None = None
    container: str = "mkv"
    below_wish: bool = False


@dataclass(frozen=True, slots=True)
class CaptionTrack:
    """One caption track that YouTube offered; `translated` ones are never wanted."""

    language: str
    automatic: bool
    formats: tuple[str, ...]
    translated: bool = False
