"""Look into files before they are called whole: streams, duration, last packets, and what they claim to be.

A file is whole by what it says of itself: its container declares a duration, the last packet reaches it, and every
byte that was announced came. Pages and formats tell of durations, lines and codecs too, and are wrong at times:
where the file says otherwise that is noted, and no reason to refuse what YouTube served.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import av
from av.error import FFmpegError

from ytarchive.core.chapters import Chapter
from ytarchive.core.file_kinds import caption_problem
from ytarchive.core.file_kinds import picture_suffix as picture_suffix
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
_TAIL_SECONDS = 12.0
# Containers round times, and a copy is shifted by the frames before the first one that is shown.
_COPIED_SECONDS = 0.25


class NotWhole(Exception):
    """A file is not what it should be; the text says what was found and what was expected."""


@dataclass(frozen=True, slots=True)
class Source:
    """A downloaded part: the duration that its container declares, where its last packets end, and their codecs.

    All in seconds; `ends` and `codecs` have the keys `video` and `audio`, for what is in the part.
    """

    path: Path
    duration_seconds: float | None
    ends: Mapping[str, float]
    codecs: Mapping[str, str]


def check_size(path: Path, media: Format, served_bytes: int | None = None) -> None:
    """Every byte came that was announced. Raise `NotWhole`.

    The player's `clen` may be wrong: a part that has what the media server's own answer announced (`served_bytes`)
    is whole as well, when its packets reach a duration that it declares.
    """
    size = path.stat().st_size
    if media.clen is None or size == media.clen:
        return
    if size != served_bytes or not _reaches_its_duration(path, media):
        raise NotWhole(f"Downloaded {size} bytes, expected {media.clen} (itag {media.itag})")


def _reaches_its_duration(path: Path, media: Format) -> bool:
    try:
        return check_part(path, media).duration_seconds is not None
    except NotWhole:
        return False


def check_part(path: Path, media: Format) -> Source:
    """A downloaded part has its streams and its last packets. Raise `NotWhole`."""
    size = path.stat().st_size
    try:
        with av.open(path) as container:
            declared = container.duration / av.time_base if container.duration else None
            codecs = codecs_of(container)
            ends = ends_of(container, declared)
    except (FFmpegError, ValueError) as error:
        raise NotWhole(f"itag {media.itag}: {_reason(error)}") from error
    last = max(ends.values(), default=0.0)
    if last <= 0.0:
        raise NotWhole(f"itag {media.itag}: no packet in {size} bytes")
    if missing := _kinds_of(media) - {kind for kind, end in ends.items() if end > 0.0}:
        raise NotWhole(f"itag {media.itag}: no {' and no '.join(sorted(missing))} in {size} bytes")
    if declared is not None and last < declared - max(1.0, 0.02 * declared):
        raise NotWhole(f"itag {media.itag}: the last packet is at {last:.1f} s of {declared:.1f} s")
    return Source(path, declared, ends, codecs)


def look_into(path: Path) -> Source:
    """What a finished media file is, by its own packets. Raise `NotWhole` when it cannot be read."""
    try:
        with av.open(path) as container:
            declared = container.duration / av.time_base if container.duration else None
            return Source(path, declared, ends_of(container, declared), codecs_of(container))
    except (FFmpegError, ValueError) as error:
        raise NotWhole(f"{path.name}: {_reason(error)}") from error


def chapters_in(path: Path) -> tuple[Chapter, ...]:
    """The chapters of a media file. Raise `NotWhole` when it cannot be read."""
    try:
        with av.open(path) as container:
            found = container.chapters()
    except (FFmpegError, ValueError) as error:
        raise NotWhole(f"{path.name}: {_reason(error)}") from error
    return tuple(
        Chapter(
            float(each["start"] * each["time_base"]),
            float(each["end"] * each["time_base"]),
            str(each["metadata"].get("title", "")),
        )
        for each in found
        if each["time_base"] is not None
    )


def check_length(
    source: Source, media: Format, others: tuple[Source, ...], told_seconds: tuple[float, ...]
) -> None:
    """A part whose container declares no duration ends where another part or what YouTube tells says. Raise `NotWhole`.

    Such parts come from live streams. `told_seconds` is what the page and the format tell: one that agrees is
    enough. Longer is no fault, and where nothing is known of the duration nothing can be missed.
    """
    if source.duration_seconds is not None:
        return
    known = (*(each.duration_seconds for each in others if each.duration_seconds is not None), *told_seconds)
    last = max(source.ends.values())
    if known and not any(last >= each - _shortfall(each) for each in known):
        raise NotWhole(f"itag {media.itag}: the last packet is at {last:.1f} s, expected {min(known):.1f} s")


def check_media(
    path: Path,
    *,
    picture: Format | None,
    sound: Format | None,
    sources: tuple[Source, ...],
    duration_seconds: float | None,
    note: Callable[[str], None],
) -> float:
    """The duration in seconds of a finished media file. Raise `NotWhole` with what is wrong.

    `duration_seconds` is what YouTube says: where the file is of another length, height or codec, `note` is told.
    """
    try:
        with av.open(path) as container:
            _check_streams(container, picture, sound)
            _note_claims(container, picture, sound, note)
            lasts = (container.duration or 0) / av.time_base
            _check_ends(ends_of(container, lasts), sources)
    except (FFmpegError, ValueError) as error:
        raise NotWhole(f"{path.name}: {_reason(error)}") from error
    if duration_seconds and not _near(lasts, duration_seconds):
        note(f"Lasts {lasts:.1f} s, told were {duration_seconds:.1f} s")
    return lasts


def _reason(error: Exception) -> str:
    """What is wrong, without the path of a file that will not be there any more."""
    return str(getattr(error, "strerror", None) or error)


def _kinds_of(media: Format) -> set[str]:
    """What must be in a part. A muxed format whose codecs nobody told may be without sound."""
    if media.kind == "muxed":
        return {"video"} if media.audio_codec is None else {"video", "audio"}
    return {media.kind}


def pictures_of(container: av.container.InputContainer) -> list[av.VideoStream]:
    return [each for each in container.streams.video if not each.disposition & _attached_picture()]


def codecs_of(container: av.container.InputContainer) -> dict[str, str]:
    """The codec of the first stream of each kind."""
    first = [*pictures_of(container)[:1], *container.streams.audio[:1]]
    names = {str(each.type): each.codec_context.name for each in first}
    return {kind: _CODECS.get(name, name) for kind, name in names.items()}


def _check_streams(
    container: av.container.InputContainer, picture: Format | None, sound: Format | None
) -> None:
    pictures, sounds = pictures_of(container), container.streams.audio
    if bool(pictures) != (picture is not None) or bool(sounds) != (sound is not None):
        raise NotWhole(
            f"{len(pictures)} video and {len(sounds)} audio streams, expected "
            f"{int(picture is not None)} and {int(sound is not None)}"
        )


def _note_claims(
    container: av.container.InputContainer,
    picture: Format | None,
    sound: Format | None,
    note: Callable[[str], None],
) -> None:
    codecs = codecs_of(container)
    if picture is not None:
        height = pictures_of(container)[0].codec_context.height
        if picture.height and height != picture.height:
            note(f"{height} lines of picture, told were {picture.height}")
        if picture.codec and codecs["video"] != picture.codec:
            note(f"The codec is {codecs['video']}, told was {picture.codec}")
    if sound is not None and sound.audio_codec and codecs["audio"] != sound.audio_codec:
        note(f"The codec is {codecs['audio']}, told was {sound.audio_codec}")


def _check_ends(found: Mapping[str, float], sources: tuple[Source, ...]) -> None:
    """Copied streams end where they ended in their parts: a file that was cut short is shorter."""
    for kind, end in found.items():
        expected = max((each.ends[kind] for each in sources if kind in each.ends), default=0.0)
        if end < expected - _COPIED_SECONDS:
            raise NotWhole(f"The last {kind} packet is at {end:.2f} s, expected {expected:.2f} s")


def ends_of(container: av.container.InputContainer, lasts: float | None) -> dict[str, float]:
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


def _near(found: float, expected: float) -> bool:
    return abs(found - expected) <= _tolerance(expected)


def _tolerance(seconds: float) -> float:
    """YouTube's durations are whole seconds, and sound and picture end some frames apart."""
    return max(2.0, 0.02 * seconds)


def _shortfall(seconds: float) -> float:
    """How much earlier than told a part may end."""
    return max(2.0, 0.1 * seconds)


# Files beside the media


def check_caption(content: bytes, form: str) -> None:
    """A caption file is what its suffix says, with something in it. Raise `NotWhole`."""
    if problem := caption_problem(content, form):
        raise NotWhole(problem)
