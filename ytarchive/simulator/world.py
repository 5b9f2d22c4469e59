"""The state of one simulated YouTube: what exists, what goes wrong, what has been counted."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ytarchive.simulator.catalogue import Catalogue, Video
from ytarchive.simulator.counters import Counters
from ytarchive.simulator.data_api.keys import ApiKeys
from ytarchive.simulator.faults import Faults
from ytarchive.simulator.media import MediaLibrary
from ytarchive.simulator.player import Endpoint
from ytarchive.simulator.playlists import Playlist, computed_playlist, well_known_playlists


@dataclass(slots=True)
class World:
    """Everything the routes look at. `layout` is `lockup` (since June 2026) or `renderer` (before)."""

    endpoint: Endpoint
    library: MediaLibrary
    catalogue: Catalogue = field(default_factory=Catalogue)
    playlists: dict[str, Playlist] = field(default_factory=well_known_playlists)
    faults: Faults = field(default_factory=Faults)
    counters: Counters = field(default_factory=Counters)
    api_keys: ApiKeys = field(default_factory=ApiKeys)
    layout: str = "lockup"
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def video(self, video_id: str, *, revision: int | None = None) -> Video | None:
        """Return a video as it is now, or as it was at an earlier revision."""
        video = self.catalogue.video(video_id)
        if video is None or revision is None or revision == video.revision:
            return video
        return replace(video, revision=revision)

    def playlist(self, playlist_id: str) -> Playlist | None:
        """Return a list that was defined, or that its id describes."""
        return self.playlists.get(playlist_id) or computed_playlist(playlist_id)

    def set_playlist(self, playlist_id: str, entries: Iterable[str] | None, **facts: Any) -> None:
        """Define or replace a list; None for `entries` deletes it."""
        with self._lock:
            if entries is None:
                self.playlists.pop(playlist_id, None)
                return
            facts.setdefault("title", f"Simulated playlist {playlist_id}")
            self.playlists[playlist_id] = Playlist(playlist_id, tuple(entries), **facts)

    def change_video(self, video_id: str, changes: Mapping[str, Any]) -> None:
        """Change facts of one video."""
        with self._lock:
            self.catalogue.change(video_id, **changes)

    def reencode(self, video_id: str) -> None:
        """Give a video's formats another length, modification time and other bytes."""
        with self._lock:
            video = self.catalogue.video(video_id)
            if video is not None:
                self.catalogue.change(video_id, revision=video.revision + 1)
