"""Look into finished files before they are called whole: streams, duration, last packets, and what they claim to be."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import av
from av.error import FFmpegError

from ytarchive.core.selection import Format

# Decoder names of PyAV where they differ from ours.
_CODECS = {
    "libdav1d": "av1",
    "libaom-av1": "av1",
    "av1": "av1",
    "libvpx-vp9": "vp9",
    "libopus": "opus",
    "libvorbis": "vorbis",
    "hevc": "h265",
}
_PICTURE_CODECS = frozenset({"av1", "vp9", "h264"})
_SOUND_CODECS = frozenset({"opus", "aac"})
_TAIL_SECONDS = 12.0
# Containers round times, and a copy is shifted by the frames before the first one that is shown.
_COPIED_SECONDS = 0.25


class NotWhole(Exception):
    """A file is not what it should be; the text says what was found and what was expected."""


@dataclass(frozen=True, slots=True)
class Source:
    """A downloaded part: the duration that its container declares, and where its last packets of each kind end.

    All in seconds; `ends` has the keys `video` and `audio`, for what is in the part.
    """

    path: Path
    duration_seconds: float | None
    ends: Mapping[str, float]


def check_part(path: Path, media: Format) -> Source:
    """A downloaded part has every byte that YouTube announced, and its last packets. Raise `NotWhole`."""
    size = path.stat().st_size
    if media.clen is not None and size != media.clen:
        raise NotWhole(f"Downloaded {size} bytes, expected {media.clen} (itag {media.itag})")
    try:
        with av.open(path) as container:
            declared = container.duration / av.time_base if container.duration else None
            ends = _ends(container, declared)
    except (FFmpegError, ValueError) as error:
        raise NotWhole(f"itag {media.itag}: {error}") from error
    last = max(ends.values(), default=0.0)
    if last <= 0.0:
        raise NotWhole(f"itag {media.itag}: no packet in {size} bytes")
    if declared is not None and last < declared - max(1.0, 0.02 * declared):
        raise NotWhole(f"itag {media.itag}: the last packet is at {last:.1f} s of {declared:.1f} s")
    return Source(path, declared, ends)


def check_media(
    path: Path,
    *,
    picture: Format | None,
    sound: Format | None,
    sources: tuple[Source, ...],
    duration_seconds: float | None,
) -> float:
    """The duration in seconds of a finished media file. Raise `NotWhole` with what is wrong.

    `duration_seconds` is what YouTube says; it is believed unless two separately made parts agree on another
    one: then it is the page that is wrong (live recordings that were cut).
    """
    try:
        with av.open(path) as container:
            _check_streams(container, picture, sound)
            lasts = (container.duration or 0) / av.time_base
            _check_ends(_ends(container, lasts), sources)
    except (FFmpegError, ValueError) as error:
        raise NotWhole(f"{path.name}: {error}") from error
    if duration_seconds and not _near(lasts, duration_seconds) and not _agree(sources, lasts):
        raise NotWhole(f"Lasts {lasts:.1f} s, expected {duration_seconds:.1f} s")
    return lasts


def _check_streams(
    container: av.container.InputContainer, picture: Format | None, sound: Format | None
) -> None:
    pictures = [each for each in container.streams.video if not each.disposition & _attached_picture()]
    sounds = container.streams.audio
    if bool(pictures) != (picture is not None) or bool(sounds) != (sound is not None):
        raise NotWhole(
            f"{len(pictures)} video and {len(sounds)} audio streams, expected "
            f"{int(picture is not None)} and {int(sound is not None)}"
        )
    if picture is not None:
        _check_codec(pictures[0].codec_context.name, picture.codec, _PICTURE_CODECS)
        height = pictures[0].codec_context.height
        if picture.height and height != picture.height:
            raise NotWhole(f"{height} lines of picture, expected {picture.height}")
    if sound is not None:
        _check_codec(sounds[0].codec_context.name, sound.audio_codec, _SOUND_CODECS)


def _check_codec(decoder: str, expected: str | None, known: frozenset[str]) -> None:
    codec = _CODECS.get(decoder, decoder)
    if expected in known and codec != expected:
        raise NotWhole(f"The codec is {codec}, expected {expected}")


def _check_ends(found: Mapping[str, float], sources: tuple[Source, ...]) -> None:
    """Copied streams end where they ended in their parts: a file that was cut short is shorter."""
    for kind, end in found.items():
        expected = max((each.ends[kind] for each in sources if kind in each.ends), default=0.0)
        if end < expected - _COPIED_SECONDS:
            raise NotWhole(f"The last {kind} packet is at {end:.2f} s, expected {expected:.2f} s")


def _ends(container: av.container.InputContainer, lasts: float | None) -> dict[str, float]:
    """Seconds from the start to the end of the last packet of each kind; read from near the end of long files."""
    streams = [
        each
        for each in container.streams
        if each.type in ("video", "audio") and not each.disposition & _attached_picture()
    ]
    start = (container.start_time or 0) / av.time_base  # of a live stream, hours
    if lasts is not None and lasts > 2 * _TAIL_SECONDS:
        container.seek(int((start + lasts - _TAIL_SECONDS) * av.time_base))
    ends = dict.fromkeys((str(each.type) for each in streams), 0.0)
    for packet in container.demux(streams):
        if packet.size and packet.pts is not None and packet.time_base is not None:
            end = float((packet.pts + (packet.duration or 0)) * packet.time_base) - start
            ends[packet.stream.type] = max(ends[packet.stream.type], end)
    return ends


def _attached_picture() -> av.stream.Disposition:
    return av.stream.Disposition.attached_pic


def _agree(sources: tuple[Source, ...], lasts: float) -> bool:
    return len(sources) > 1 and all(
        each.duration_seconds and _near(each.duration_seconds, lasts) for each in sources
    )


def _near(found: float, expected: float) -> bool:
    return abs(found - expected) <= _tolerance(expected)


def _tolerance(seconds: float) -> float:
    """YouTube's durations are whole seconds, and sound and picture end some frames apart."""
    return max(2.0, 0.02 * seconds)


# Files beside the media


def picture_suffix(content: bytes) -> str | None:
    """`.jpg`, `.png` or `.webp` by what a picture is, whatever its address said; None for anything else."""
    if content.startswith(b"\xff\xd8\xff") and len(content) > 100:
        return ".jpg"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return ".png"
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return ".webp"
    return None


def check_caption(content: bytes, form: str) -> None:
    """A caption file is what its suffix says, with something in it. Raise `NotWhole`."""
    text = content.decode("utf-8-sig", errors="replace").strip()
    if not text:
        raise NotWhole(f"The {form} captions are empty")
    if not _CLAIMS[form](text):
        raise NotWhole(f"The answer is no {form}: it begins with {text[:40]!r}")


def _is_json3(text: str) -> bool:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return False
    return isinstance(data, dict) and isinstance(data.get("events"), list)


_CLAIMS = {
    "vtt": lambda text: text.startswith("WEBVTT"),
    "srt": lambda text: "-->" in text and not text.startswith(("WEBVTT", "<")),
    "srv3": lambda text: "<timedtext" in text[:400] and text.endswith("</timedtext>"),
    "json3": _is_json3,
}
