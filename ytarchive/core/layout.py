"""Names in the archive and in the library: ids inside the archive, cleaned titles where people browse.

A library name must be valid, and the same, on ext4, xfs, NTFS, exFAT, APFS and over SMB: 255 bytes of UTF-8, NFC,
none of the characters and names that Windows reserves, no control or bidirectional character, never a path.
The form is always `Title [id].suffix`. Two ids give two names, also where case does not count, unless the ids
themselves differ by case alone; that cannot be seen from one name, so whoever makes the link finds the name
taken and asks for the next `twin`: `Title [id] (2).suffix`.
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

NAME_BYTES = 255
SUFFIX_ROOM_BYTES = 40  # kept free of title, so that all files of one video share one stem
NO_TITLE = "_"

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}\Z")
_SUFFIX = re.compile(r"(?:\.[A-Za-z0-9_-]+)+\Z")
_ITEM_FILE = re.compile(r"([A-Za-z0-9_-]{1,64})\.([0-9a-f]{10})((?:\.[A-Za-z0-9_-]+)+)\Z")
_ITEM_FILE_BYTES = 160

# Look-alikes that no normalisation turns back into the reserved character (so U+29F8, not the full-width solidus).
_LOOK_ALIKES = str.maketrans(
    {"/": "⧸", "\\": "⧹", ":": "：", "*": "＊", "?": "？", '"': "＂", "<": "＜", ">": "＞", "|": "｜"}
)
_JOINERS = "\u200c\u200d"  # they carry meaning in Persian, in Indic scripts and in emoji
_DOS_DEVICES = frozenset(
    {"con", "prn", "aux", "nul", "conin$", "conout$"}
    | {f"{port}{digit}" for port in ("com", "lpt") for digit in "0123456789¹²³"}
)


def is_id(text: str) -> bool:
    """Whether a video or channel id can be a folder's name: nothing but letters, digits, `-` and `_`."""
    return _ID.match(text) is not None


def item_file_name(video: str, sha256: str, suffix: str) -> str:
    """The content-unique name of an item's file: `<id>.<first 10 hex of its SHA-256><suffix>`."""
    return f"{video}.{sha256[:10]}{suffix}"


def suffix_of(name: str, video: str) -> str | None:
    """The suffix (`.en.vtt`) of an item's file, or None when this is no name for a file of this video."""
    parts = _ITEM_FILE.match(name)
    if parts is None or parts[1] != video or len(name) > _ITEM_FILE_BYTES:
        return None
    return parts[3]


def flat_name(title: str, video: str, suffix: str, *, twin: int = 1) -> str:
    """`Title [id].suffix`: one path component, at most 255 bytes, its id and suffix intact.

    Raise `ValueError` when `video` is no id or `suffix` is not made of `.word` parts.
    """
    if not _SUFFIX.match(suffix) or len(suffix) > _ITEM_FILE_BYTES:
        raise ValueError(f"not a file name suffix: {suffix!r}")
    return flat_stem(title, video, twin=twin, room_bytes=len(suffix)) + suffix


def flat_stem(title: str, video: str, *, twin: int = 1, room_bytes: int = 0) -> str:
    """What the names of all files of one video begin with in a view: `Title [id]`."""
    if not is_id(video):
        raise ValueError(f"not a video id: {video!r}")
    mark = f" [{video}]" if twin == 1 else f" [{video}] ({twin})"
    room = NAME_BYTES - len(mark) - max(room_bytes, SUFFIX_ROOM_BYTES)
    return (cut(clean_title(title), room) or NO_TITLE) + mark


def frozen_stem(name: str, video: str) -> str | None:
    """The stem of a name that `flat_name` gave earlier, whatever the title was then."""
    start = name.rfind(f" [{video}]")
    if start < 1:
        return None
    mark = re.compile(rf" \[{re.escape(video)}\](?: \(\d+\))?(?=\.|-thumb\.)").match(name, start)
    return name[: mark.end()] if mark else None


class LibraryName(NamedTuple):
    """A name that we made in the library: its view, its path below `library/<view>/`, and what we made there.

    The inode proves that it is still ours. `dev` is kept for people: device numbers change with a mount. `layout` is the
    digest of the view that gave it its path (`LibraryView.key`).
    """

    view: str
    path: str
    video: str
    dev: int
    inode: int
    layout: str = ""


def clean_title(title: str) -> str:
    """Text as one path component, without a length limit; empty when nothing of it can be kept."""
    kept = "".join(_keep(char) for char in unicodedata.normalize("NFC", title))
    # Once more: two characters that compose may have become neighbours.
    text = unicodedata.normalize("NFC", " ".join(kept.split())).lstrip(". ").rstrip(" ")
    text = text.translate(_LOOK_ALIKES)
    if text.split(".", 1)[0].rstrip().casefold() in _DOS_DEVICES:
        return f"_{text}"
    return text


def folder_name_problem(name: str) -> str | None:
    """Why a view's name cannot be a folder in the library; None when it can."""
    if not name:
        return "it is empty"
    if len(name.encode("utf-8", "replace")) > NAME_BYTES // 2:
        return f"it is longer than {NAME_BYTES // 2} bytes"
    clean = clean_title(name).rstrip(". ")
    return None if clean == name else f"not every file system takes it; write {clean or 'a name'!r}"


def _keep(char: str) -> str:
    category = unicodedata.category(char)
    if char.isspace():
        return " "
    if category in ("Cf", "Cc", "Cs", "Co") and char not in _JOINERS:
        return ""  # control, bidirectional, lone surrogate, private use (SMB maps reserved characters there)
    if ord(char) & 0xFFFE == 0xFFFE or 0xFDD0 <= ord(char) <= 0xFDEF:
        return ""  # a noncharacter
    return char


def cut(text: str, room_bytes: int) -> str:
    """The longest beginning within so many bytes that does not end inside a composed sign."""
    if len(text.encode()) <= room_bytes:
        return text
    kept = text.encode()[:room_bytes].decode(errors="ignore")
    end = len(kept)
    while end and (_continues(text[end]) or text[end - 1] == "\u200d"):
        end -= 1
    return text[:end].rstrip(" ")


def _continues(char: str) -> bool:
    return char == "\u200d" or unicodedata.category(char) in ("Mn", "Me", "Mc")
