"""What the name of a file in another tool's library tells: what it is, what it belongs to, and of which video it is.

Names are data of strangers: what looks like an id may be a word of a title. So an id is sure only where the tool that
writes such names puts nothing else; any other needs somebody else's word.
"""

from __future__ import annotations

import re
from collections.abc import Container
from dataclasses import dataclass
from typing import Literal

FileKind = Literal["media", "caption", "picture", "info_json", "description", "unfinished", "other"]

PICTURES = (".mkv", ".mp4", ".webm", ".m4v", ".mov", ".avi", ".flv", ".3gp", ".ogv", ".ts")
SOUNDS = (".m4a", ".opus", ".ogg", ".oga", ".mp3", ".flac", ".wav", ".aac", ".mka")
CAPTIONS = (".vtt", ".srt", ".srv3", ".json3")
THUMBNAILS = (".jpg", ".jpeg", ".png", ".webp")

# yt-dlp's names for what it has not finished: README, "--part", "--keep-fragments", "-k"; formats that wait for their
# merge are `Title.f137.mp4`, `Title.f251-drc.webm`, what ffmpeg is making of them is `Title.temp.mp4`.
_UNFINISHED = re.compile(
    r"(?:\.(?:part|ytdl|temp|tmp|aria2|crdownload|part-Frag\d+)|\.temp\.\w+|\.f\d+(?:-\w+)*\.\w+)\Z",
    re.IGNORECASE,
)
_ID = r"[A-Za-z0-9_-]{11}"
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{1,8}){0,4}\Z")
_WORD = re.compile(r"(?:[A-Z]?[a-z]+|[A-Z]+)\Z")
_CHANNEL = re.compile(r"UC[A-Za-z0-9_-]{22}\Z")
# Names of tools, each with the id in group 1, and whether nothing else can be in its place.
_BRACKETS = re.compile(
    rf"\[({_ID})\](?: \(\d+\))?\Z"
)  # yt-dlp's default: `%(title)s [%(id)s].%(ext)s`; Pinchflat's too
_TUBESYNC = re.compile(
    rf"_({_ID})_(?:\d{{3,4}}p|audio|opus|mp4a)(?:-[a-z0-9]+)*\Z"  # `{yyyy_mm_dd}_{source}_{title}_{key}_{format}`
)
_TUBE_ARCHIVIST = re.compile(rf"\d{{8}}_({_ID})_")  # until 0.4: `<date>_<id>_<title>.mp4`
_DASH = re.compile(rf"-({_ID})\Z")  # youtube-dl's default: `%(title)s-%(id)s.%(ext)s`


@dataclass(frozen=True, slots=True)
class Named:
    """A file by its name: `stem` is what is left without its suffix, which is in lower case, with its dot."""

    kind: FileKind
    stem: str
    suffix: str = ""


@dataclass(frozen=True, slots=True)
class IdInName:
    """An id that a name holds, and which tool writes such names. Where it is not `sure`, it may be a part of a title."""

    video: str
    tool: str
    sure: bool


def read_name(name: str) -> Named:
    """What kind of file a name is of. Whether it is that, its content tells."""
    lower = name.lower()
    if name.startswith("._"):  # macOS keeps its own things in such files
        return Named("other", name)
    if _UNFINISHED.search(name):
        return Named("unfinished", name)
    for suffix, kind in _SUFFIXES.items():
        if lower.endswith(suffix) and len(name) > len(suffix):
            return Named(kind, name[: -len(suffix)], suffix)
    return Named("other", name)


_SUFFIXES: dict[str, FileKind] = {
    ".info.json": "info_json",
    ".description": "description",
    **dict.fromkeys(CAPTIONS, "caption"),
    **dict.fromkeys(THUMBNAILS, "picture"),
    **dict.fromkeys((*PICTURES, *SOUNDS), "media"),
}


def owner_of(named: Named, media: Container[str]) -> tuple[str, str | None] | None:
    """The stem of the media that a file lies beside, and the language of captions; None: it belongs to none of them.

    `Title.en.vtt` belongs to `Title.mkv`, `Title-thumb.jpg` too (Kodi's and ytdl-sub's name for an episode's picture).
    """
    if named.stem in media:
        return named.stem, None
    if named.kind == "picture":
        stem = named.stem.removesuffix("-thumb").removesuffix("-poster")
        return (stem, None) if stem in media else None
    stem, _, language = named.stem.rpartition(".")
    if named.kind == "caption" and stem in media and _LANGUAGE.match(language):
        return stem, language.replace("_", "-")
    return None


def id_in_name(stem: str, folder: str) -> IdInName | None:
    """The id that a name holds, if any; `folder` is the name of the folder that it lies in."""
    if found := _BRACKETS.search(stem):
        return IdInName(found[1], "yt-dlp", sure=not _WORD.match(found[1]))
    if re.fullmatch(_ID, stem):
        # TubeArchivist: `<channel id>/<video id>.mp4`; alone, it may as well be `IMG_1234567`.
        return IdInName(
            stem, "TubeArchivist" if _CHANNEL.match(folder) else "yt-dlp", bool(_CHANNEL.match(folder))
        )
    if found := _TUBESYNC.search(stem):
        return IdInName(found[1], "TubeSync", sure=True)
    if found := _TUBE_ARCHIVIST.match(stem):
        return IdInName(found[1], "TubeArchivist", sure=False)
    if found := _DASH.search(stem):
        return IdInName(found[1], "youtube-dl", sure=False)
    return None


def title_in_name(stem: str, video: str) -> str:
    """What a name says besides the id: the title, as far as a name can hold it; the id where that is all."""
    text = _TUBESYNC.sub("", stem) if f"_{video}_" in stem else stem
    text = text.replace(f"[{video}]", "").removesuffix(f"-{video}").strip()
    return text or video


def as_text(name: str) -> str:
    """A name of the file system as text that can be written anywhere: bytes that are no UTF-8 become `\\xff`."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
