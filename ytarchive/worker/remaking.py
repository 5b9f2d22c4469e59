"""A media file made anew from itself: with other chapters, or without some spans. Streams are copied, never encoded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import av
from av.error import FFmpegError

from ytarchive.core.chapters import Chapter
from ytarchive.core.file_kinds import picture_suffix
from ytarchive.core.sponsor import kept_spans
from ytarchive.worker.attempt import Attempt
from ytarchive.worker.ffmpeg import run_ffmpeg
from ytarchive.worker.media import (
    DESCRIBES,
    MUXERS,
    SHOWS_COVER,
    chapter_lines,
    cover_arguments,
    write_description,
)
from ytarchive.worker.verify import NotWhole, look_into, pictures_of

Spans = Sequence[tuple[float, float]]

_ATTACHED = av.stream.Disposition.attached_pic
_SHORTEST_SECONDS = 0.5
# Times are told in thousandths.
_END_SECONDS = 0.05
_COPIED_SECONDS = 0.25
# At each joint the sound may begin a packet before the picture, and a packet may end after a cut begins.
_JOINT_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Made:
    """What was made of a file, and how long it is."""

    path: Path
    lasts_seconds: float


def at_key_frames(path: Path, spans: Spans, lasts_seconds: float) -> tuple[tuple[float, float], ...]:
    """The spans as a copy can leave them out: each ends at a key frame of the picture, at most as late as it was said.

    A span within which there is no key frame cannot be cut out. Raise `NotWhole` when the file cannot be read.
    """
    try:
        with av.open(path) as container:
            found = [(start, _key_frame(container, end, lasts_seconds)) for start, end in spans]
    except (FFmpegError, ValueError) as error:
        raise NotWhole(f"{path.name}: {error}") from error
    return tuple((start, end) for start, end in found if end - start >= _SHORTEST_SECONDS)


def _key_frame(container: av.container.InputContainer, at: float, lasts: float) -> float:
    """Seconds from the start of the last key frame that is not later; the end is as good as one."""
    pictures = pictures_of(container)
    if at >= lasts - _END_SECONDS:
        return lasts
    if not pictures:
        return at
    stream = pictures[0]
    start = (container.start_time or 0) / av.time_base
    container.seek(int((at + start) * av.time_base), backward=True)
    found = 0.0
    for packet in container.demux(stream):
        if packet.pts is None or packet.time_base is None:
            continue
        seconds = float(packet.pts * packet.time_base) - start
        if seconds > at:
            break
        if packet.is_keyframe:
            found = seconds
    return found


def remake(
    source: Path,
    made: Path,
    chapters: Sequence[Chapter],
    spans: Spans,
    lasts_seconds: float,
    attempt: Attempt,
) -> Made:
    """Write `made`, in the same kind of container. Raise `FfmpegFailed`, `FfmpegMissing`, `NotWhole` or what stops the job."""
    attempt.stage = "merge"
    attempt.progress("merge", 0, None, always=True)
    folder, suffix = made.parent, made.suffix
    inside = _look_inside(source, folder)
    described = write_description([DESCRIBES, *chapter_lines(chapters)], folder)
    inputs = ["-i", str(source), "-f", "ffmetadata", "-i", str(described)]
    streams = 0
    if spans:
        streams = 2
        inputs += ["-f", "concat", "-safe", "0", "-i", str(_pieces(source, spans, lasts_seconds, folder))]
    arguments = [word for stream in inside.streams for word in ("-map", f"{streams}:{stream}")]
    if inside.cover is not None:
        if suffix in SHOWS_COVER:
            inputs += ["-i", str(inside.cover)]
        place = inputs.count("-i") - 1
        arguments += cover_arguments(inside.cover, suffix, place, has_picture=inside.has_picture)
    arguments += ["-map_metadata", "0", "-map_chapters", "1", "-c", "copy", "-fflags", "+bitexact"]
    if inside.language:
        arguments += ["-metadata:s:a:0", f"language={inside.language}"]
    if suffix in SHOWS_COVER:
        arguments += ["-movflags", "+faststart"]
    run_ffmpeg([*inputs, *arguments, "-f", MUXERS[suffix], str(made)], folder, attempt)
    return Made(made, _check(source, made, spans, attempt))


@dataclass(frozen=True, slots=True)
class _Inside:
    """What of a media file is copied: the numbers of its streams, the language of its sound, and its cover as a file."""

    streams: tuple[int, ...]
    has_picture: bool
    language: str
    cover: Path | None


def _look_inside(source: Path, folder: Path) -> _Inside:
    """A cover is no stream everywhere: it is taken out here, and put in again as at first. Raise `NotWhole`."""
    try:
        with av.open(source) as container:
            pictures, sounds = pictures_of(container)[:1], container.streams.audio[:1]
            language = next((str(each.metadata.get("language") or "") for each in sounds), "")
            numbers = tuple(each.index for each in (*pictures, *sounds))
            return _Inside(numbers, bool(pictures), language, _cover(container, folder))
    except (FFmpegError, ValueError) as error:
        raise NotWhole(f"{source.name}: {error}") from error


def _cover(container: av.container.InputContainer, folder: Path) -> Path | None:
    shown = [each for each in container.streams.video if each.disposition & _ATTACHED]
    if not shown:
        return None
    content = next((bytes(packet) for packet in container.demux(shown[0]) if packet.size), b"")
    suffix = picture_suffix(content)
    if suffix not in (".jpg", ".png"):
        return None
    path = folder / f"taken{suffix}"
    path.write_bytes(content)
    return path


def _pieces(source: Path, spans: Spans, lasts: float, folder: Path) -> Path:
    """What is kept of the source, as ffmpeg reads it in a file."""
    listed = folder / "pieces.ffconcat"
    lines = ["ffconcat version 1.0"]
    for start, end in kept_spans(spans, lasts):
        lines.append("file '" + str(source).replace("'", r"'\''") + "'")
        lines += [f"inpoint {start:.6f}"] if start else []
        lines += [f"outpoint {end:.6f}"] if end < lasts else []
    listed.write_text("\n".join(lines) + "\n", encoding="utf-8", errors="surrogateescape")
    return listed


def _check(source: Path, made: Path, spans: Spans, attempt: Attempt) -> float:
    """What was made ends where it must, stream for stream. Raise `NotWhole`."""
    attempt.stage = "verify"
    before, after = look_into(source), look_into(made)
    gone = sum(end - start for start, end in spans)
    tolerance = _COPIED_SECONDS + _JOINT_SECONDS * len(spans)
    if before.codecs != after.codecs:
        raise NotWhole(f"{made.name}: {after.codecs}, expected {before.codecs}")
    for kind, end in before.ends.items():
        expected = end - gone
        if abs(after.ends[kind] - expected) > tolerance:
            raise NotWhole(
                f"{made.name}: the last {kind} packet is at {after.ends[kind]:.2f} s, expected {expected:.2f} s"
            )
    return round(after.duration_seconds or max(after.ends.values()), 3)
