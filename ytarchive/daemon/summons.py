"""What calls the loop away from what it does: signals, and manifests that changed. Any thread tells; the loop looks."""

from __future__ import annotations

from ytarchive.adapters.clock import Clock


class Summons:
    """Flags, and the bell that wakes the loop.

    `is_over`: stop, with a grace period; `is_urgent`: without one. `calls` counts how often somebody told something.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._changed = self._reload = False
        self.is_over = False
        self.is_urgent = False
        self.calls = 0

    @property
    def is_any(self) -> bool:
        return self._changed or self._reload or self.is_over

    def change(self) -> None:
        """The manifests may have changed."""
        self._changed = True
        self._ring()

    def reload(self) -> None:
        """Somebody wants everything read again."""
        self._reload = True
        self._ring()

    def stop(self) -> None:
        """The first time: soon; the second time: at once."""
        self.is_urgent = self.is_over
        self.is_over = True
        self._ring()

    def _ring(self) -> None:
        self.calls += 1
        self._clock.wake()

    def take_changed(self) -> bool:
        changed, self._changed = self._changed, False
        return changed

    def take_reload(self) -> bool:
        asked, self._reload = self._reload, False
        return asked
