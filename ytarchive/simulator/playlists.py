"""Playlists: computed from an id that tells their size, or defined at run time."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import overload

from ytarchive.simulator.catalogue import numbered_video_id
from ytarchive.simulator.wellknown import UNAVAILABLE, WELL_KNOWN

PAGE_SIZE = 100

_COMPUTED = re.compile(r"PLn(\d{7})-[0-9A-Za-z_-]*")


def computed_playlist_id(size: int, seed: str = "a") -> str:
    """Return the id of a playlist of `size` ordinary videos; another seed is another list of other videos."""
    return f"PLn{size:07d}-{seed}"


class ComputedEntries(Sequence[str]):
    """The ids of a computed playlist, made when asked for: a list of 100,000 costs nothing until it is paged."""

    def __init__(self, playlist_id: str, size: int) -> None:
        self._playlist_id = playlist_id
        self._size = size

    def __len__(self) -> int:
        return self._size

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        if isinstance(index, slice):
            return [numbered_video_id(self._playlist_id, at) for at in range(self._size)[index]]
        return numbered_video_id(self._playlist_id, range(self._size)[index])

    def __iter__(self) -> Iterator[str]:
        return (numbered_video_id(self._playlist_id, at) for at in range(self._size))


@dataclass(frozen=True, slots=True)
class Playlist:
    """A list of video ids in order; an id may occur more than once, and need not be available.

    A `private` one that is also `secret` does not exist to others. `hidden` more are counted and never listed, as YouTube does with some videos. `channel_id` is whose list it is;
    without one it belongs to one of the fifty channels.
    """

    id: str
    entries: Sequence[str]
    title: str
    private: bool = False
    unlisted: bool = False
    hidden: int = 0
    channel_id: str | None = None
    description: str = ""
    secret: bool = False


PLAYLISTS: dict[str, str] = {
    "everything": "PLsimEverything01",
    "unavailable": "PLsimUnavailable1",
    "duplicates": "PLsimDuplicates01",
    "empty": "PLsimEmptyList001",
    "private": "PLsimPrivateList1",
    "missing": "PLsimMissingList1",
    "unlisted": "PLsimUnlistedList",
}
"""Name of a kind of playlist -> its id."""


def well_known_playlists() -> dict[str, Playlist]:
    """Return the lists that exist from the start, by id."""
    ordinary, dash = WELL_KNOWN["ordinary"], WELL_KNOWN["leading_dash"]
    lists = [
        Playlist(PLAYLISTS["everything"], tuple(WELL_KNOWN.values()), "One of everything"),
        Playlist(
            PLAYLISTS["unavailable"], tuple(WELL_KNOWN[name] for name in UNAVAILABLE), "Nothing to be had"
        ),
        Playlist(PLAYLISTS["duplicates"], (ordinary, dash, ordinary, dash, ordinary), "The same again"),
        Playlist(PLAYLISTS["empty"], (), "Empty"),
        Playlist(PLAYLISTS["private"], (ordinary,), "Private", private=True),
        Playlist(PLAYLISTS["unlisted"], (ordinary, dash), "Unlisted", unlisted=True),
    ]
    return {playlist.id: playlist for playlist in lists}


def computed_playlist(playlist_id: str) -> Playlist | None:
    """Return the list that an id describes, None if the id is not one that does."""
    found = _COMPUTED.fullmatch(playlist_id)
    if not found:
        return None
    size = int(found.group(1))
    return Playlist(playlist_id, ComputedEntries(playlist_id, size), f"Simulated playlist of {size} videos")
