"""The state of one simulated YouTube: what exists, what goes wrong, what has been counted."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ytarchive.simulator.catalogue import Catalogue, Channel, Video, channel_of
from ytarchive.simulator.channels import CHANNEL_COUNT, UPLOAD_LISTS, Channels, upload_letters
from ytarchive.simulator.counters import Counters
from ytarchive.simulator.data_api.keys import ApiKeys
from ytarchive.simulator.expiry import AddressRules
from ytarchive.simulator.faults import Faults
from ytarchive.simulator.limits import RateLimits
from ytarchive.simulator.media import MediaLibrary
from ytarchive.simulator.player import Endpoint
from ytarchive.simulator.playlists import Playlist, computed_playlist, well_known_playlists
from ytarchive.simulator.sign_in import Accounts
from ytarchive.simulator.sponsorblock import SponsorBlock
from ytarchive.simulator.world_clock import Schedule, WorldClock

_UPLOAD_TITLES = {
    "UU": "Uploads from {}",
    "UULF": "Videos",
    "UUSH": "Shorts",
    "UULV": "Live streams",
    "UUMO": "Members-only videos",
}
"""Seen on YouTube (UU, and UUMO in a test of yt-dlp's); the rest is assumed."""


@dataclass(slots=True)
class World:
    """Everything the routes look at. `layout` is `lockup` (since June 2026), `renderer` (before) or `page-header`."""

    endpoint: Endpoint
    library: MediaLibrary
    catalogue: Catalogue = field(default_factory=Catalogue)
    playlists: dict[str, Playlist] = field(default_factory=well_known_playlists)
    deleted: frozenset[str] = frozenset()
    faults: Faults = field(default_factory=Faults)
    counters: Counters = field(default_factory=Counters)
    api_keys: ApiKeys = field(default_factory=ApiKeys)
    accounts: Accounts = field(default_factory=Accounts)
    rate_limits: RateLimits = field(default_factory=RateLimits)
    layout: str = "lockup"
    channels: Channels = field(default_factory=Channels)
    addresses: AddressRules = field(default_factory=AddressRules)
    sponsorblock: SponsorBlock = field(default_factory=SponsorBlock)
    clock: WorldClock = field(default_factory=WorldClock)
    schedule: Schedule = field(default_factory=Schedule)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.catalogue.facts_of = self.channels.facts_of

    def video(self, video_id: str, *, revision: int | None = None) -> Video | None:
        """Return a video as it is now, or as it was at an earlier revision."""
        video = self.catalogue.video(video_id)
        if video is None or revision is None or revision == video.revision:
            return video
        return replace(video, revision=revision)

    def playlist(self, playlist_id: str) -> Playlist | None:
        """Return a list that was defined, that its id describes, or that belongs to a channel."""
        if playlist_id in self.deleted:
            return None
        return (
            self.playlists.get(playlist_id)
            or computed_playlist(playlist_id)
            or self._uploads_list(playlist_id)
            or self._owned_list(playlist_id)
        )

    def owner_of(self, playlist: Playlist) -> Channel:
        """Return whose list it is."""
        profile = (
            self.channels.by_id(playlist.channel_id)
            if playlist.channel_id
            else self.channels.of_list(playlist.id)
        )
        if profile is None:
            number = sum(playlist.id.encode()) % CHANNEL_COUNT
            profile = self.channels.by_id(channel_of(number).id)
            return profile.channel if profile else channel_of(number)
        return profile.channel

    def _uploads_list(self, playlist_id: str) -> Playlist | None:
        """Return a channel's list of uploads: UU, or UULF and so on, and the tail of its id.

        A list without videos does not exist: the Data API says playlistNotFound for the UU of a channel without
        uploads, and it is assumed of the others and of pages, where clients report "The playlist does not exist".
        """
        letters = upload_letters(playlist_id)
        profile = self.channels.of_list(playlist_id) if letters else None
        if letters is None or profile is None or (letters != "UU" and not profile.upload_lists):
            return None
        entries = self.channels.uploads(profile.id, UPLOAD_LISTS[letters], self.catalogue)
        if not entries:
            return None
        return Playlist(
            playlist_id, entries, _UPLOAD_TITLES[letters].format(profile.title), channel_id=profile.id
        )

    def _owned_list(self, playlist_id: str) -> Playlist | None:
        found = self.channels.owned_entries(playlist_id)
        if found is None or found[0].state != "public":
            return None
        profile, entries, title = found
        return Playlist(playlist_id, entries, title, channel_id=profile.id)

    def set_playlist(self, playlist_id: str, entries: Iterable[str] | None, **facts: Any) -> None:
        """Define or replace a list; None for `entries` deletes it, also where its id or a channel describes one."""
        with self._lock:
            if entries is None:
                self.playlists.pop(playlist_id, None)
                self.deleted |= {playlist_id}
                return
            self.deleted -= {playlist_id}
            facts.setdefault("title", f"Simulated playlist {playlist_id}")
            self.playlists[playlist_id] = Playlist(playlist_id, tuple(entries), **facts)

    def restore_playlist(self, playlist_id: str) -> None:
        """Forget what was done to a list: it is again as its id or its channel describes it."""
        with self._lock:
            self.playlists.pop(playlist_id, None)
            self.deleted -= {playlist_id}
            playlist = well_known_playlists().get(playlist_id)
            if playlist:
                self.playlists[playlist_id] = playlist

    def keep_playlist(self, playlist: Playlist) -> None:
        """Put a list in the place of the one of its id."""
        with self._lock:
            self.playlists[playlist.id] = playlist

    def change_video(self, video_id: str, changes: Mapping[str, Any]) -> None:
        """Change facts of one video."""
        with self._lock:
            self.catalogue.change(video_id, **changes)

    def advance(self, seconds: float) -> None:
        """Move the clock, and with it the days of quotas."""
        self.clock.advance(seconds)
        self.api_keys.advance(seconds)

    def reencode(self, video_id: str) -> None:
        """Give a video's formats another length, modification time and other bytes."""
        with self._lock:
            video = self.catalogue.video(video_id)
            if video is not None:
                self.catalogue.change(video_id, revision=video.revision + 1)
