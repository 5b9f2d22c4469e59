"""Which formats a video offers: YouTube's itags, their codecs, labels and sizes.

The table follows what youtube.com hands out (itag, MIME type and codec strings as in real streamingData). Two
simplifications: bit rates are nominal, and the frame rate is a claim: the media behind it has few frames.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from ytarchive.simulator.catalogue import AudioTrack, Case, Shape, Video
from ytarchive.simulator.media import Recipe, nominal_bytes

_AVC = {144: (160, "avc1.4d400c"), 240: (133, "avc1.4d4015"), 360: (134, "avc1.4d401e"), 480: (135, "avc1.4d401f"),
        720: (136, "avc1.64001f"), 1080: (137, "avc1.640028")}  # fmt: skip
_AVC_60 = {720: (298, "avc1.640020"), 1080: (299, "avc1.64002a")}
_VP9 = {144: 278, 240: 242, 360: 243, 480: 244, 720: 247, 1080: 248, 1440: 271, 2160: 313}
_VP9_60 = {720: 302, 1080: 303, 1440: 308, 2160: 315}
_VP9_HDR = {144: 330, 240: 331, 360: 332, 480: 333, 720: 334, 1080: 335, 1440: 336, 2160: 337}
_AV1 = {144: (394, "00M"), 240: (395, "00M"), 360: (396, "01M"), 480: (397, "04M"), 720: (398, "05M"),
        1080: (399, "08M"), 1440: (400, "12M"), 2160: (401, "12M")}  # fmt: skip
_AV1_HDR = {144: 694, 240: 695, 360: 696, 480: 697, 720: 698, 1080: 699, 1440: 700, 2160: 701}
_QUALITY = {144: "tiny", 240: "small", 360: "medium", 480: "large", 720: "hd720", 1080: "hd1080",
            1440: "hd1440", 2160: "hd2160"}  # fmt: skip
LABELS = tuple(_QUALITY)

_AUDIO = (
    (139, "audio/mp4", "mp4a.40.5", "aac", 48_000, "AUDIO_QUALITY_LOW"),
    (140, "audio/mp4", "mp4a.40.2", "aac", 129_000, "AUDIO_QUALITY_MEDIUM"),
    (249, "audio/webm", "opus", "opus", 50_000, "AUDIO_QUALITY_LOW"),
    (250, "audio/webm", "opus", "opus", 65_000, "AUDIO_QUALITY_LOW"),
    (251, "audio/webm", "opus", "opus", 135_000, "AUDIO_QUALITY_MEDIUM"),
)


@dataclass(frozen=True, slots=True)
class Format:
    """One stream that can be fetched; `length` is its exact size in bytes, `lmt` its modification time in µs."""

    itag: int
    mime_type: str
    recipe: Recipe
    bitrate: int
    length: int
    lmt: int
    quality: str
    label: str | None = None
    fps: int | None = None
    hdr: bool = False
    audio_quality: str | None = None
    track: AudioTrack | None = None
    upscaled: bool = False
    progressive: bool = False

    @property
    def language(self) -> str:
        """Return the audio track's id, empty for a video with one track."""
        return self.track.language if self.track else ""


def picture_size(shape: Shape, label: int) -> tuple[int, int]:
    """Return width and height of what YouTube calls "`label`p": a box of 16:9, not a height.

    A 3:1 film is "1080p" at 1920x640, a phone video at 1080x1920, and 4:5 is "360p" at 384x480.
    """
    wide = {144: 256, 240: 426, 480: 854}.get(label, label * 16 // 9)
    match shape:
        case Shape.WIDE:
            return wide, label
        case Shape.VERTICAL:
            return label, wide
        case Shape.PORTRAIT:
            return _even(label * 16 / 15), _even(label * 4 / 3)
        case Shape.ULTRA_WIDE:
            return wide, _even(wide / 3)


def _even(value: float) -> int:
    return round(value / 2) * 2


@lru_cache(maxsize=2048)
def formats_of(video: Video) -> tuple[Format, ...]:
    """Return all formats of a video, progressive first, as some client would be offered them."""
    if video.case is Case.NO_FORMATS or not (video.case.is_playable or video.case.is_for_accounts):
        return ()
    found = [*_progressive(video), *_adaptive_video(video), *_adaptive_audio(video)]
    return tuple(found)


def find_format(video: Video, itag: int, language: str, *, upscaled: bool = False) -> Format | None:
    """Return the format a media URL names."""
    for found in formats_of(video):
        if (found.itag, found.language, found.upscaled) == (itag, language, upscaled):
            return found
    return None


def _progressive(video: Video) -> list[Format]:
    if video.best < 360:
        return []
    width, height = picture_size(video.shape, 360)
    recipe = Recipe("progressive", video.duration_seconds, width, height)
    mime_type = 'video/mp4; codecs="avc1.42001E, mp4a.40.2"'
    return [
        _format(
            video,
            18,
            mime_type,
            recipe,
            500_000,
            "medium",
            label="360p",
            fps=_base_fps(video),
            progressive=True,
        )
    ]


def _adaptive_video(video: Video) -> list[Format]:
    found: list[Format] = []
    for label in LABELS:
        if video.lowest <= label <= video.best:
            found += [_picture(video, codec, label) for codec in video.codecs if _exists(codec, label)]
            if video.hdr:
                found += [_picture(video, f"{codec}.hdr", label) for codec in video.codecs if codec != "avc1"]
    if video.upscaled:
        found.append(_picture(video, "vp9", 1080, upscaled=True))
    return found


def _exists(codec: str, label: int) -> bool:
    """YouTube makes no H.264 above 1080p."""
    return codec != "avc1" or label in _AVC


def _picture(video: Video, codec: str, label: int, *, upscaled: bool = False) -> Format:
    fps = video.fps if label >= 720 else _base_fps(video)
    fast = fps > 30
    width, height = picture_size(video.shape, label)
    match codec:
        case "avc1":
            itag, codecs = (_AVC_60 if fast else _AVC)[label]
        case "vp9":
            itag, codecs = (_VP9_60 if fast else _VP9)[label], "vp9"
        case "vp9.hdr":
            itag, codecs = _VP9_HDR[label], "vp09.02.51.10.01.09.16.09.00"
        case "av01":
            itag, codecs = _AV1[label][0], f"av01.0.{_AV1[label][1]}.08"
        case _:
            itag, codecs = _AV1_HDR[label], f"av01.0.{_AV1[label][1]}.10.0.110.09.16.09.0"
    container = "webm" if codec.startswith("vp9") else "mp4"
    hdr = codec.endswith(".hdr")
    return _format(
        video,
        itag,
        f'video/{container}; codecs="{codecs}"',
        Recipe(codec, video.duration_seconds, width, height),
        label * label * (2 if codec == "avc1" else 1) * (2 if fast else 1),
        _QUALITY[label],
        label=f"{label}p{fps if fast else ''}{' HDR' if hdr else ''}",
        fps=fps,
        hdr=hdr,
        upscaled=upscaled,
    )


def _base_fps(video: Video) -> int:
    return min(video.fps, 30)


def _adaptive_audio(video: Video) -> list[Format]:
    if not video.codecs:
        return []
    tracks: tuple[AudioTrack | None, ...] = video.audio_tracks or (None,)
    return [
        _format(
            video,
            itag,
            f'{container}; codecs="{codecs}"',
            Recipe(kind, video.duration_seconds),
            bitrate,
            "tiny",
            audio_quality=audio_quality,
            track=track,
        )
        for track in tracks
        for itag, container, codecs, kind, bitrate, audio_quality in _AUDIO
    ]


def _format(
    video: Video,
    itag: int,
    mime_type: str,
    recipe: Recipe,
    bitrate: int,
    quality: str,
    *,
    label: str | None = None,
    fps: int | None = None,
    hdr: bool = False,
    audio_quality: str | None = None,
    track: AudioTrack | None = None,
    upscaled: bool = False,
    progressive: bool = False,
) -> Format:
    length = nominal_bytes(recipe) + 1000 * video.revision
    if recipe.has_picture and video.media_bytes:
        length = max(length, video.media_bytes + 1000 * video.revision)
    published_us = int(video.published_at.timestamp() * 1_000_000)
    return Format(
        itag=itag,
        mime_type=mime_type,
        recipe=recipe,
        bitrate=bitrate,
        length=length,
        lmt=published_us + itag * 1000 + video.revision * 86_400_000_000,
        quality=quality,
        label=label,
        fps=fps,
        hdr=hdr,
        audio_quality=audio_quality,
        track=track,
        upscaled=upscaled,
        progressive=progressive,
    )
