"""Where an entry's videos come from, and what each kind of source is called in the index.

`videos:<entry>` and `pins:<entry>` are ids in a manifest, `channel:<address>` is a channel as it was written, which
is looked at for its id and has no videos of its own, `playlists:<channel id>` and `releases:<channel id>` are lists
of playlists. Anything else is the id of a playlist; a channel's uploads are playlists too, named after its id.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from ytarchive.core.desired import Entry, Part
from ytarchive.core.filters import VideoKind

SourceKind = Literal["videos", "pins", "channel", "catalogue", "playlist"]

# YouTube's own lists of a channel's uploads: these letters in place of the UC of its id.
_UPLOADS: dict[Part, str] = {"videos": "UULF", "shorts": "UUSH", "live": "UULV"}
_CATALOGUES: frozenset[Part] = frozenset({"releases", "playlists"})
_UPLOAD_KINDS: dict[str, VideoKind] = {"UULF": "videos", "UUSH": "shorts", "UULV": "live"}
_TABS: dict[str, str] = {"UULF": "videos", "UUSH": "shorts", "UULV": "streams"}
_CHANNEL_ID_LENGTH = 24


@dataclass(frozen=True, slots=True)
class EntrySource:
    """One source of an entry. `part` is the part of a channel that it stands for."""

    source: str
    kind: SourceKind
    part: Part | None = None


def kind_of(source: str) -> SourceKind:
    """What a source is, by its name."""
    prefix, colon, _ = source.partition(":")
    if not colon:
        return "playlist"
    kinds: dict[str, SourceKind] = {
        "videos": "videos",
        "request": "videos",
        "pins": "pins",
        "channel": "channel",
    }
    return kinds.get(prefix, "catalogue")


def sources_of(
    entry: Entry, channel_id: str | None, catalogues: Mapping[str, tuple[str, ...]]
) -> Iterator[EntrySource]:
    """Every source of an entry, each once. A channel whose id is not known yet has itself alone.

    `catalogues` holds the playlists of each list of playlists that was read. What several of them hold is of the
    first part of `include` that has it.
    """
    given: set[str] = set()
    for source in _all_sources(entry, channel_id, catalogues):
        if source.source not in given:
            given.add(source.source)
            yield source


def _all_sources(
    entry: Entry, channel_id: str | None, catalogues: Mapping[str, tuple[str, ...]]
) -> Iterator[EntrySource]:
    if entry.pins:
        yield EntrySource(f"pins:{entry.name}", "pins")
    if entry.kind != "channel":
        yield EntrySource(entry.source, kind_of(entry.source))
        return
    yield EntrySource(entry.source, "channel")
    if channel_id is None:
        return
    for part in entry.include:
        if part not in _CATALOGUES:
            yield EntrySource(upload_list(channel_id, part), "playlist", part)
            continue
        catalogue = f"{part}:{channel_id}"
        yield EntrySource(catalogue, "catalogue", part)
        for playlist in catalogues.get(catalogue, ()):
            yield EntrySource(playlist, "playlist", part)


def upload_list(channel_id: str, part: Part) -> str:
    """The playlist of a channel's videos, shorts or streams. Raise `KeyError` for other parts."""
    return _UPLOADS[part] + channel_id[2:]


def upload_kind(playlist: str) -> VideoKind | None:
    """What the videos of a playlist are, where its name says so."""
    return _UPLOAD_KINDS.get(playlist[:4]) if _channel_tail(playlist) else None


def upload_tab(playlist: str) -> str | None:
    """The tab that shows the same as a list of uploads: `UC.../videos`."""
    tail = _channel_tail(playlist)
    tab = _TABS.get(playlist[:4])
    return f"UC{tail}/{tab}" if tail and tab else None


def is_newest_first(source: str) -> bool:
    """YouTube lists uploads newest first, and appends to every other playlist."""
    return source.startswith("UU")


def feed_of(source: str) -> str | None:
    """The feed that tells when a list changes, as its query: `channel_id=UC...` or `playlist_id=UU...`; None: there is none.

    A feed shows the first 15 videos of a list, so it tells of what is new where that comes first.
    """
    return f"playlist_id={source}" if is_newest_first(source) else None


def _channel_tail(playlist: str) -> str | None:
    tail = playlist[4:]
    return tail if len(tail) == _CHANNEL_ID_LENGTH - 2 and playlist[:4] in _UPLOAD_KINDS else None
