"""Archive and index for whoever reads often: kept open, since opening an index checks it, as long as a page takes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from ytarchive.adapters.clock import Clock
from ytarchive.reconciler.world import World, file_of_index, reading_archive, reading_world
from ytarchive.settings import Settings

KEPT = 4


@dataclass(frozen=True, slots=True)
class _Kept:
    """A world that nobody uses now, and which file its index is."""

    world: World
    file: tuple[int, int]


class Readings:
    """Gives each reader a world of its own for a while. Any thread may ask."""

    def __init__(self, settings: Settings, clock: Clock | None = None) -> None:
        self._settings, self._clock = settings, clock
        self._lock = threading.Lock()
        self._kept: list[_Kept] = []
        self._is_closed = False

    @contextmanager
    def one(self) -> Iterator[World]:
        """As `open_reading`, and with its errors: that the archive is there is seen each time."""
        kept = self._take()
        if kept is None:
            settings = self._settings
            kept = _Kept(reading_world(settings, clock=self._clock), file_of_index(settings))
        try:
            kept.world.archive = reading_archive(kept.world.settings)
            yield kept.world
        except BaseException:
            kept.world.close()
            raise
        self._give_back(kept)

    def renew(self, settings: Settings) -> None:
        """Have other settings for whoever asks from now on."""
        self._settings = settings
        self._close_kept()

    def close(self) -> None:
        """What is in use is closed by who uses it."""
        with self._lock:
            self._is_closed = True
        self._close_kept()

    def _close_kept(self) -> None:
        with self._lock:
            kept, self._kept = self._kept, []
        for one in kept:
            one.world.close()

    def _take(self) -> _Kept | None:
        with self._lock:
            kept = self._kept.pop() if self._kept else None
        if kept is not None and kept.file != file_of_index(self._settings):  # the index was made anew
            kept.world.close()
            return None
        return kept

    def _give_back(self, kept: _Kept) -> None:
        with self._lock:
            is_current = kept.world.settings is self._settings
            if is_current and not self._is_closed and len(self._kept) < KEPT:
                self._kept.append(kept)
                return
        kept.world.close()
