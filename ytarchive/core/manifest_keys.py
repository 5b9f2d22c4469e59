"""The manifest's one table: every key, what may be written, its default, where it stands and what it means.

Validation, the JSON Schema and the table of docs/manifest.md all come from `KEYS`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import Literal, TypeAlias

from ytarchive.core import media_kinds as media
from ytarchive.core.amounts import DATE, DURATION, DURATION_RANGE
from ytarchive.core.kinds import (
    BESIDE,
    FOLDER,
    NAME,
    TRUTH,
    Kind,
    ListOf,
    choice,
    number_or,
    whole_number,
)
from ytarchive.core.sponsor import PARTS

Place = Literal["file", "defaults", "profiles", "videos", "playlists", "channels"]
Section: TypeAlias = "dict[str, Key | Section]"

ANYWHERE: tuple[Place, ...] = ("defaults", "profiles", "videos", "playlists", "channels")
LISTINGS: tuple[Place, ...] = ("defaults", "profiles", "playlists", "channels")
ENTRIES: tuple[Place, ...] = ("videos", "playlists", "channels")


@dataclass(frozen=True, slots=True)
class Key:
    """One row of the table. A dot in `path` is a mapping inside a mapping; such mappings merge key by key.

    `default` is written as in a manifest (a tuple: a list); None: not set, and `unset` says what then holds.
    `now` holds the values that this version acts on (not of a list); None: every value.
    """

    path: str
    kind: Kind | ListOf
    where: tuple[Place, ...]
    meaning: str
    default: str | tuple[str, ...] | None = None
    unset: str = "none"
    now: tuple[object, ...] | None = None


# Sections at the top of a file. Their contents are the keys below; they are no keys of an entry.
VERSION = Key(
    "version",
    replace(choice("1"), schema={"enum": [1, "1"]}),
    ("file",),
    "The version of this schema.",
    default="1",
)
VIDEOS_FROM = Key(
    "videos_from",
    BESIDE,
    ("file",),
    "A text file beside the manifest with one id or address a line; `#` begins a comment. Its videos belong to "
    "the same entry as the plain ids of `videos`.",
)
SECTIONS: tuple[tuple[Place, str, str], ...] = (
    ("defaults", "a mapping", "What holds for every entry of this file, over its profile."),
    ("profiles", "a mapping of names to mappings", "Named sets of keys, visible in all files."),
    (
        "videos",
        "a list of ids or addresses, or of mappings",
        "Single videos. Plain ones form one entry that bears the file's name; a mapping is an entry of its own.",
    ),
    ("playlists", "a list of ids or addresses, or of mappings", "Playlists; each is an entry."),
    ("channels", "a list of handles, ids or addresses, or of mappings", "Channels; each is an entry."),
)
EXAMPLES: dict[Place, str] = {
    "videos": "a list, such as [dQw4w9WgXcQ]",
    "playlists": "a list, such as [PLrAXtmErZgOeiKm4sgNOknGvNjby9efdf]",
    "channels": 'a list, such as ["@veritasium"]',
}
_IDENTITY = (
    Key("video", media.VIDEO, ("videos",), "The video."),
    Key("playlist", media.PLAYLIST, ("playlists",), "The playlist."),
    Key("channel", media.CHANNEL, ("channels",), "The channel."),
    Key(
        "name",
        NAME,
        ENTRIES,
        "The entry's name, unique in all files.",
        unset="the id; of plain videos the file's name",
    ),
    Key(
        "profile",
        NAME,
        ("defaults", "videos", "playlists", "channels"),
        "A profile of any file, or a built-in one: `best`, `1080p`, `720p`, `audio`.",
    ),
)

_MEDIA = (
    Key(
        "media", choice("video", "audio"), ANYWHERE, "The video with its sound, or the sound alone.", "video"
    ),
    Key("quality.max", media.QUALITY, ANYWHERE, "The quality that is wished, by YouTube's label.", "best"),
    Key(
        "quality.min",
        media.LABEL,
        ANYWHERE,
        "Nothing below it is ever taken.",
    ),
    Key(
        "quality.fallback",
        ListOf(media.FALLBACK),
        ANYWHERE,
        "What to take when nothing at `max` is offered, in order: exactly a quality, or `any` for the best one "
        "below `max`. An empty list: wait.",
        ("any",),
    ),
    Key(
        "quality.codecs",
        ListOf(choice("av1", "vp9", "h264", meant=media.CODEC_WORDS), least=1),
        ANYWHERE,
        "Video codecs in order of preference.",
        ("av1", "vp9", "h264"),
    ),
    Key("quality.codecs_only", TRUTH, ANYWHERE, "Take no other codec than those of `codecs`.", "false"),
    Key(
        "quality.fps",
        number_or("any", None, whole_number(1, 240)),
        ANYWHERE,
        "Preference: frames per second up to this rate.",
        "60",
    ),
    Key("quality.hdr", choice("never", "allow", "prefer"), ANYWHERE, "High dynamic range.", "never"),
    Key("quality.container", choice("mkv", "mp4", "webm"), ANYWHERE, "The file format of a video.", "mkv"),
    Key(
        "audio.codec",
        choice("any", "opus", "aac", meant={"m4a": "aac", "mp4a": "aac", "best": "any"}),
        ANYWHERE,
        "Preference; `any` takes the better one.",
        "any",
    ),
    Key(
        "audio.languages",
        ListOf(media.AUDIO_LANGUAGE, least=1),
        ANYWHERE,
        "Languages of the sound in order of preference.",
        ("original",),
    ),
)

_BESIDE_THE_MEDIA = (
    Key(
        "captions.languages",
        ListOf(media.LANGUAGE),
        ANYWHERE,
        "One caption file each; matched exactly, then by prefix (`en` finds `en-GB`). An empty list: no captions.",
        ("en",),
    ),
    Key(
        "captions.automatic",
        choice("never", "fallback", "also"),
        ANYWHERE,
        "Automatic captions (never translated ones): not at all, where manual ones are missing, or besides them.",
        "fallback",
    ),
    Key(
        "captions.formats",
        ListOf(choice("vtt", "srt", "json3", "srv3", meant={"webvtt": "vtt", "subrip": "srt"}), least=1),
        ANYWHERE,
        "File formats of captions.",
        ("vtt",),
    ),
    Key(
        "captions.keep_looking",
        DURATION,
        ANYWHERE,
        "How long to look for a missing caption; then it counts as absent.",
        "30d",
    ),
    Key("captions.required", TRUTH, ANYWHERE, "A video without its captions is not complete.", "false"),
    Key(
        "embed",
        ListOf(choice("tags", "chapters", "thumbnail")),
        ANYWHERE,
        "What to put into the media file.",
        ("tags", "chapters"),
    ),
    Key(
        "sidecars",
        ListOf(choice("info_json", "thumbnail", "description", "nfo", meant={"info.json": "info_json"})),
        ANYWHERE,
        "Files beside the media file; `nfo` is made for the library alone, and always for Jellyfin and Kodi.",
        ("info_json",),
    ),
    Key(
        "live",
        choice("wait", "record", "skip"),
        ANYWHERE,
        "A live stream: wait for its recording, record it while it runs, or leave it out as long as it has none.",
        "wait",
    ),
)

_LIBRARY = (
    Key(
        "library.name",
        FOLDER,
        ANYWHERE,
        "The folder below `library/`.",
        unset="the entry's name; of single videos the file's name",
    ),
    Key(
        "library.layout",
        media.LAYOUT,
        ANYWHERE,
        "How the folder is laid out; `none`: no folder.",
        "flat",
    ),
    Key(
        "library.show",
        media.SHOW,
        ANYWHERE,
        "The name of the show, for media servers.",
        unset="the channel's name",
    ),
    Key(
        "library.follow_titles",
        TRUTH,
        ANYWHERE,
        "Rename the files in the library when YouTube's title changes; else they keep the first title.",
        "false",
    ),
)

_WORK = (
    Key("priority", whole_number(-1000, 1000), ANYWHERE, "What is greater comes first.", "0"),
    Key(
        "order",
        choice("newest", "oldest", "listed"),
        LISTINGS,
        "In which order an entry's videos are fetched; plain ids of `videos`: `listed`.",
        "newest",
    ),
    Key("interval", DURATION, LISTINGS, "How often a list is read again.", unset="`schedule.interval`"),
    Key(
        "suspend",
        TRUTH,
        ANYWHERE,
        "Read and fetch nothing for the entry; what is on disk stays as it is.",
        "false",
    ),
    Key(
        "auth",
        NAME,
        ANYWHERE,
        "An account of the settings (`auth.<name>`), for what YouTube refuses to the guest; `guest`: none.",
    ),
    Key(
        "rendition",
        choice("shared", "own"),
        ANYWHERE,
        "`own`: a copy of its own, where another entry wants a higher quality of the same video.",
        "shared",
        now=("shared",),
    ),
)

_KIND_WORDS = {
    "stream": "live",
    "streams": "live",
    "streamed": "live",
    "long": "videos",
    "playlist": "playlists",
}
_WANT_WORDS = {
    "true": "want",
    "yes": "want",
    "include": "want",
    "false": "skip",
    "no": "skip",
    "exclude": "skip",
}
_FILTERS = (
    Key(
        "include",
        ListOf(choice("videos", "shorts", "live", "releases", "playlists", meant=_KIND_WORDS), least=1),
        ("defaults", "profiles", "channels"),
        "Parts of a channel: its videos, shorts and streams, its releases (albums), and its playlists, each with all "
        "that is in it.",
        ("videos",),
    ),
    Key("where.since", DATE, LISTINGS, "Published on this day (UTC) or later."),
    Key("where.until", DATE, LISTINGS, "Published before this day (UTC)."),
    Key("where.duration", DURATION_RANGE, LISTINGS, "Not shorter and not longer; both ends belong to it."),
    Key(
        "where.title.match",
        ListOf(media.TITLE, least=1),
        LISTINGS,
        "The title has at least one of these words or expressions.",
    ),
    Key(
        "where.title.not",
        ListOf(media.TITLE, least=1),
        LISTINGS,
        "The title has none of these words and expressions.",
    ),
    Key(
        "where.kinds",
        ListOf(choice("videos", "shorts", "live", meant=_KIND_WORDS), least=1),
        LISTINGS,
        "What it may be: an ordinary video, a short, a stream (to come, running or recorded).",
        unset="all of them",
    ),
    Key(
        "where.members_only",
        choice("want", "skip", meant=_WANT_WORDS),
        LISTINGS,
        "Videos for members of the channel.",
        "want",
    ),
    Key(
        "where.live",
        choice("want", "skip", "only", meant=_WANT_WORDS),
        LISTINGS,
        "Streams, to come, running or recorded.",
        "want",
    ),
    Key(
        "where.languages",
        ListOf(media.LANGUAGE, least=1),
        LISTINGS,
        "The language that is spoken, as YouTube tells it; `en` stands for `en-GB` too.",
    ),
    Key(
        "keep.last",
        whole_number(1, 1_000_000),
        LISTINGS,
        "The newest so many of those that `where` lets pass.",
        unset="all of them",
    ),
    Key(
        "keep.max_age",
        DURATION,
        LISTINGS,
        "Published no longer ago than this.",
        unset="any age",
    ),
    Key(
        "pin",
        ListOf(media.VIDEO),
        ("playlists", "channels"),
        "Videos to have whatever `where` and `keep` say, also such as the list does not hold.",
    ),
)

_SPONSOR_PARTS = choice(*PARTS)
_SPONSORBLOCK = (
    Key(
        "sponsorblock.mark",
        ListOf(_SPONSOR_PARTS),
        ANYWHERE,
        "Parts that SponsorBlock knows of, to be marked as chapters; looked at again 1, 7 and 30 days after the "
        "download. It is told the first 4 digits of a hash of the video's id.",
        (),
    ),
    Key(
        "sponsorblock.remove",
        ListOf(_SPONSOR_PARTS),
        ANYWHERE,
        "Parts to cut out, for good: the whole file is kept until the cut one is verified, and no longer. What "
        "another entry wants of the same video is marked instead.",
        (),
    ),
)
_REMOVALS = choice("keep", "quarantine", "delete")
_OF_THE_SETTINGS = "`archive.policies` of the settings"
_POLICIES = (
    Key(
        "when_removed_from_source",
        _REMOVALS,
        ANYWHERE,
        "It left its list: a whole reading of the list did not show it, and YouTube still has it.",
        unset=_OF_THE_SETTINGS,
    ),
    Key(
        "when_unavailable",
        _REMOVALS,
        ANYWHERE,
        "YouTube has it no more. You then hold the only copy: it goes by `reconcile --once --even-last-copies` alone.",
        unset=_OF_THE_SETTINGS,
    ),
    Key(
        "when_unwanted",
        _REMOVALS,
        ANYWHERE,
        "Its list still has it, and a filter or `keep` leaves it out; or the entry names it no more.",
        unset=_OF_THE_SETTINGS,
    ),
    Key(
        "when_deleted_locally",
        choice("restore", "respect"),
        ANYWHERE,
        "Somebody deleted its files, or names in the library: fetch or link them again, or leave it so.",
        unset=_OF_THE_SETTINGS,
    ),
)

KEYS: tuple[Key, ...] = (
    *_IDENTITY,
    *_MEDIA,
    *_BESIDE_THE_MEDIA,
    *_LIBRARY,
    *_WORK,
    *_FILTERS,
    *_SPONSORBLOCK,
    *_POLICIES,
)
BY_PATH = {key.path: key for key in KEYS}
IDENTITY = frozenset(key.path for key in _IDENTITY)


@cache
def keys_of(place: Place) -> Section:
    """The keys that may stand at a place, as nested sections."""
    section: Section = {}
    for key in KEYS:
        if place in key.where:
            _add(section, key.path.split("."), key)
    return section


def _add(section: Section, words: list[str], key: Key) -> None:
    if len(words) == 1:
        section[words[0]] = key
        return
    inner = section.setdefault(words[0], {})
    assert isinstance(inner, dict)
    _add(inner, words[1:], key)


@cache
def built_in_values() -> dict[str, tuple[str, object]]:
    """Text and value of every default that is not None, by path."""
    return {
        key.path: (as_text(key.default), value_of(key, key.default))
        for key in KEYS
        if key.default is not None
    }


def value_of(key: Key, written: str | tuple[str, ...]) -> object:
    """The value of a text, or of the texts of a list, as the table has them."""
    if isinstance(key.kind, ListOf):
        item = key.kind.item
        return tuple(item.parse(text) for text in written)
    assert isinstance(written, str)
    return key.kind.parse(written)


def as_text(written: str | tuple[str, ...]) -> str:
    """As YAML on one line: `720p`, `[720p, any]`."""
    return written if isinstance(written, str) else f"[{', '.join(written)}]"


BUILT_IN_PROFILES: dict[str, dict[str, str | tuple[str, ...]]] = {
    "best": {"quality.max": "best"},
    "1080p": {"quality.max": "1080p"},
    "720p": {"quality.max": "720p"},
    "audio": {"media": "audio", "captions.languages": (), "embed": ("tags", "thumbnail")},
}
