"""yt-dlp's format dicts as `Format` values: what YouTube offered, in terms that stay true."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from ytarchive.core.selection import Format, FormatKind, label_of

_PICTURE_CODECS = (
    ("av01", "av1"),
    ("vp09", "vp9"),
    ("vp9", "vp9"),
    ("avc", "h264"),
    ("hvc1", "h265"),
    ("hev1", "h265"),
    ("vp8", "vp8"),
    ("mp4v", "mpeg4"),
)
_SOUND_CODECS = (
    ("opus", "opus"),
    ("mp4a", "aac"),
    ("aac", "aac"),
    ("vorbis", "vorbis"),
    ("ac-3", "ac3"),
    ("ec-3", "eac3"),
)
# Picture and sound in one file, since before there were separate ones.
_PROGRESSIVE = frozenset(
    ["5", "6", "13", "17", "18", "22", "34", "35", "36", "37", "38", "43", "44", "45", "46", "59", "78"]
)
_ITAG = re.compile(r"[0-9]+")
_TOLD = re.compile(r"[?&/](clen|lmt|c)[=/]([0-9A-Za-z_]+)")


@dataclass(frozen=True, slots=True)
class Offer:
    """A format, and yt-dlp's own dict of it, which is needed to download it and for nothing else."""

    format: Format
    source: Mapping[str, Any]


def read_offers(formats: Iterable[Mapping[str, Any]]) -> tuple[Offer, ...]:
    """Every format with a picture or sound: storyboards are no formats."""
    return tuple(Offer(read, each) for each in formats if (read := read_format(each)) is not None)


def read_format(source: Mapping[str, Any]) -> Format | None:
    """None for what has neither picture nor sound."""
    kind = _kind(source)
    if kind is None:
        return None
    query = _query(source)
    note = str(source.get("format_note") or "")
    width, height = _number(source, "width"), _number(source, "height")
    return Format(
        itag=_itag(source),
        kind=kind,
        label=None if kind == "audio" else label_of(note, width, height),
        width=width,
        height=height,
        fps=source.get("fps") if kind != "audio" else None,
        codec=_codec(source.get("vcodec"), _PICTURE_CODECS),
        audio_codec=_codec(source.get("acodec"), _SOUND_CODECS),
        hdr=_is_hdr(source, note),
        bitrate_kbps=source.get("tbr"),
        clen=_whole(query.get("clen")) or _number(source, "filesize"),
        lmt=query.get("lmt"),
        language=source.get("language"),
        language_preference=_number(source, "language_preference", -1) or 0,
        track=_track(source, note, kind),
        client=query.get("c"),
        protocol=str(source.get("protocol") or urlsplit(str(source.get("url") or "")).scheme or "https"),
        drm=source.get("has_drm") is True,
        damaged="DAMAGED" in note,
        upscaled="AI-upscaled" in note or str(source.get("format_id")).endswith("-sr"),
        drc=str(source.get("format_id")).endswith("-drc"),
        has_url=bool(source.get("url")),
    )


def read_named(response: Mapping[str, Any]) -> Iterator[Format]:
    """The formats that one client's answer tells of, also those that yt-dlp leaves out for want of an address."""
    streaming = response.get("streamingData") or {}
    for each in (*(streaming.get("formats") or ()), *(streaming.get("adaptiveFormats") or ())):
        kind, _, codecs = str(each.get("mimeType") or "").partition(";")
        muxed = "," in codecs
        picture = kind.startswith("video/")
        width, height = _number(each, "width"), _number(each, "height")
        note = str(each.get("qualityLabel") or "")
        track = each.get("audioTrack") or {}
        names = [name.strip(' "') for name in codecs.partition("=")[2].split(",")]
        yield Format(
            itag=str(each.get("itag") or ""),
            kind="muxed" if muxed else "video" if picture else "audio",
            label=label_of(note, width, height) if picture else None,
            width=width,
            height=height,
            fps=each.get("fps") if picture else None,
            codec=_codec(names[0], _PICTURE_CODECS) if picture else None,
            audio_codec=_codec(names[-1], _SOUND_CODECS) if muxed or not picture else None,
            hdr="HDR" in note,
            language=track.get("id"),
            drm=bool(each.get("drmFamilies")),
            upscaled="sr" in _decoded(each.get("xtags")),
            has_url=bool(each.get("url") or each.get("signatureCipher")),
        )


def _decoded(tags: object) -> str:
    """`xtags` of a format without an address: names and values in a small binary message, in base64."""
    try:
        return base64.urlsafe_b64decode(str(tags or "")).decode("latin-1")
    except ValueError:
        return ""


def told_seconds(source: Mapping[str, Any]) -> float | None:
    """The duration that YouTube tells of this format: yt-dlp keeps it only as the bytes that follow from it."""
    size, bitrate = source.get("filesize_approx"), source.get("tbr")
    if not isinstance(size, int | float) or not isinstance(bitrate, int | float) or bitrate <= 0 or size <= 0:
        return None
    return size / (bitrate * 125)


def _kind(source: Mapping[str, Any]) -> FormatKind | None:
    if source.get("protocol") == "mhtml" or source.get("ext") == "mhtml":
        return None
    if source.get("vcodec") is None and source.get("acodec") is None:
        return _kind_without_codecs(source)
    picture, sound = source.get("vcodec") != "none", source.get("acodec") != "none"
    if picture:
        return "muxed" if sound else "video"
    return "audio" if sound else None


def _kind_without_codecs(source: Mapping[str, Any]) -> FormatKind:
    """Pictures have a width, sound a sampling rate. What looks silent may have sound, which a look inside tells."""
    if _itag(source) in _PROGRESSIVE:
        return "muxed"
    picture = bool(source.get("width") or source.get("height"))
    sound = bool(source.get("asr") or source.get("audio_channels")) or source.get("ext") in ("m4a", "weba")
    if picture == sound:
        return "muxed"
    return "video" if picture else "audio"


def _itag(source: Mapping[str, Any]) -> str:
    found = _ITAG.match(str(source.get("format_id") or ""))
    return found[0] if found else str(source.get("format_id") or "")


def _query(source: Mapping[str, Any]) -> dict[str, str]:
    """What the address tells of the encode; addresses of fragments tell it in their path."""
    return dict(_TOLD.findall(str(source.get("url") or "")))


def _codec(name: object, table: tuple[tuple[str, str], ...]) -> str | None:
    if not isinstance(name, str) or name == "none":
        return None
    lowered = name.lower()
    return next((ours for theirs, ours in table if lowered.startswith(theirs)), lowered.split(".")[0])


def _is_hdr(source: Mapping[str, Any], note: str) -> bool:
    return source.get("dynamic_range") not in (None, "SDR") or "HDR" in note


def _track(source: Mapping[str, Any], note: str, kind: FormatKind) -> str | None:
    """The name of the audio track: yt-dlp puts it first in the note, where the format has a language."""
    if kind == "video" or not source.get("language") or "," not in note:
        return None
    return note.split(",")[0].removesuffix("(default)").strip() or None


def _number(source: Mapping[str, Any], key: str, default: int | None = None) -> int | None:
    value = source.get(key)
    return int(value) if isinstance(value, int | float) else default


def _whole(text: str | None) -> int | None:
    return int(text) if text is not None and text.isdecimal() else None
