"""From downloaded parts to finished media files: one run of ffmpeg that copies streams, tags and all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from yt_dlp.utils import ISO639Utils

from ytarchive.core.chapters import Chapter
from ytarchive.core.desired import Embed
from ytarchive.core.selection import Format
from ytarchive.worker.attempt import Attempt
from ytarchive.worker.ffmpeg import run_ffmpeg

MUXERS = {
    ".mkv": "matroska",
    ".mp4": "mp4",
    ".webm": "webm",
    ".m4a": "ipod",
    ".opus": "opus",
    ".mka": "matroska",
}
_ATTACHES = (".mkv", ".mka")
SHOWS_COVER = (".mp4", ".m4a")
_LONGEST_TAG = 4000
DESCRIBES = ";FFMETADATA1"
"""The first line of a file of metadata."""


@dataclass(frozen=True, slots=True, eq=False)
class Output:
    """A media file to make: the formats of its picture and its sound, and the parts that hold them."""

    path: Path
    picture: Format | None
    sound: Format | None
    parts: Mapping[Format, Path]

    @property
    def sources(self) -> tuple[Path, ...]:
        """The parts in the order of picture and sound; one when both are in one."""
        formats = (each for each in (self.picture, self.sound) if each is not None)
        return tuple(dict.fromkeys(self.parts[each] for each in formats))


@dataclass(frozen=True, slots=True)
class Trimmings:
    """What is put into the files beside the streams; `cover` is a JPEG or PNG."""

    embed: tuple[Embed, ...] = ()
    tags: Mapping[str, str] | None = None
    chapters: Sequence[Chapter] = ()
    cover: Path | None = None

    @property
    def any(self) -> bool:
        return bool(
            ("tags" in self.embed and self.tags)
            or ("chapters" in self.embed and self.chapters)
            or ("thumbnail" in self.embed and self.cover)
        )


def make_media(outputs: Sequence[Output], trimmings: Trimmings, folder: Path, attempt: Attempt) -> None:
    """Write every output in one run. Raise `FfmpegFailed`, `FfmpegMissing`, or what stops the attempt."""
    inputs = list(dict.fromkeys(path for each in outputs for path in each.sources))
    arguments = [word for path in inputs for word in ("-i", str(path))]
    described = _describe(trimmings, folder)
    if described is not None:
        arguments += ["-f", "ffmetadata", "-i", str(described)]
    cover = trimmings.cover if "thumbnail" in trimmings.embed else None
    if cover is not None and any(each.path.suffix in SHOWS_COVER for each in outputs):
        arguments += ["-i", str(cover)]
    for output in outputs:
        arguments += _output_arguments(output, inputs, described is not None, cover)
    run_ffmpeg(arguments, folder, attempt)


def tags_of(info: Mapping[str, Any], *, music: bool) -> dict[str, str]:
    """Tags from what is known of a video. Names as ffmpeg maps them in every container."""
    artists = info.get("artists") or [info.get("channel") or info.get("uploader")]
    date = str(info.get("release_date") or info.get("upload_date") or "")
    found: dict[str, object] = {
        "title": (info.get("track") if music else None) or info.get("title"),
        "artist": ", ".join(str(each) for each in artists if each),
        "album": info.get("album"),
        "date": f"{date[:4]}-{date[4:6]}-{date[6:8]}" if len(date) == 8 else date,
        "genre": ", ".join(map(str, info.get("categories") or ())),
        "description": info.get("description"),
        "purl": f"https://www.youtube.com/watch?v={info.get('id')}",
    }
    return {key: str(value)[:_LONGEST_TAG] for key, value in found.items() if value}


def is_finished(output: Output, trimmings: Trimmings) -> bool:
    """Whether the one part of an output is the wished file already. Sound comes in fragments, and is rewritten."""
    sources = output.sources
    return (
        output.picture is not None
        and len(sources) == 1
        and sources[0].suffix == output.path.suffix
        and not trimmings.any
    )


def _output_arguments(output: Output, inputs: list[Path], described: bool, cover: Path | None) -> list[str]:
    suffix = output.path.suffix
    arguments: list[str] = []
    if output.picture:
        arguments += ["-map", f"{inputs.index(output.parts[output.picture])}:v:0"]
    if output.sound:
        arguments += ["-map", f"{inputs.index(output.parts[output.sound])}:a:0"]
    first = inputs.index(output.sources[0])
    if described:
        # What comes first wins; tags that the part brings itself are kept beside ours.
        arguments += ["-map_metadata", str(len(inputs)), "-map_metadata", str(first)]
        arguments += ["-map_chapters", str(len(inputs))]
    if cover is not None:
        place = len(inputs) + described
        arguments += cover_arguments(cover, suffix, place, has_picture=output.picture is not None)
    arguments += ["-c", "copy", "-fflags", "+bitexact"]
    if output.sound and (language := _three_letters(output.sound.language)):
        arguments += ["-metadata:s:a:0", f"language={language}"]
    if suffix in SHOWS_COVER:
        arguments += ["-movflags", "+faststart"]
    return [*arguments, "-f", MUXERS[suffix], str(output.path)]


def cover_arguments(cover: Path, suffix: str, place: int, *, has_picture: bool) -> list[str]:
    """Put a cover into a file of this suffix; where the container shows one as a stream, it is the input at `place`."""
    if suffix in SHOWS_COVER:
        shown = f"-disposition:v:{1 if has_picture else 0}"
        return ["-map", f"{place}:v:0", shown, "attached_pic"]
    if suffix not in _ATTACHES:
        return []
    kind = "png" if cover.suffix == ".png" else "jpeg"
    name = f"filename=cover.{'png' if kind == 'png' else 'jpg'}"
    return ["-attach", str(cover), "-metadata:s:t:0", f"mimetype=image/{kind}", "-metadata:s:t:0", name]


def _describe(trimmings: Trimmings, folder: Path) -> Path | None:
    """Tags and chapters as a file: a command line has room for 128 KiB a word, and shows in `ps`."""
    lines = [DESCRIBES]
    if "tags" in trimmings.embed and trimmings.tags:
        lines += [f"{key}={_escape(value)}" for key, value in trimmings.tags.items()]
    if "chapters" in trimmings.embed:
        lines += chapter_lines(trimmings.chapters)
    if len(lines) == 1:
        return None
    return write_description(lines, folder)


def chapter_lines(chapters: Sequence[Chapter]) -> list[str]:
    """As ffmpeg reads them in a file of metadata."""
    return [
        line
        for chapter in chapters
        for line in (
            "[CHAPTER]",
            "TIMEBASE=1/1000",
            f"START={round(chapter.start_seconds * 1000)}",
            f"END={round(chapter.end_seconds * 1000)}",
            f"title={_escape(chapter.title)}",
        )
    ]


def write_description(lines: Sequence[str], folder: Path) -> Path:
    path = folder / "description.ffmeta"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8", errors="replace")
    return path


def _escape(text: str) -> str:
    for special in ("\\", "=", ";", "#", "\n"):
        text = text.replace(special, "\\" + special)
    return text.replace("\0", "")


def _three_letters(language: str | None) -> str | None:
    if not language:
        return None
    found: str | None = ISO639Utils.short2long(language.split("-")[0])
    return found
