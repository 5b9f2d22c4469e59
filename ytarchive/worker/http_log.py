"""What was asked of whom and how it went: the evidence of a failure, and the counters of a pass.

Neither queries nor credentials are kept: a host, a status, bytes and seconds.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Literal
from urllib.parse import urlsplit

from ytarchive.core.failure import HttpExchange
from ytarchive.worker.causes import cause_of

Purpose = Literal["watch", "player", "browse", "media", "caption", "thumbnail", "sponsorblock", "other"]

# A listing of 100,000 makes 1,000 requests; a receipt must fit in one line.
MOST_EXCHANGES = 4000

_BY_PATH: tuple[tuple[str, Purpose], ...] = (
    ("/youtubei/v1/player", "player"),
    ("/youtubei/v1/browse", "browse"),
    ("/youtubei/v1/next", "browse"),
    ("/youtubei/v1/navigation", "browse"),
    ("/playlist", "browse"),
    ("/@", "browse"),
    ("/channel/", "browse"),
    ("/c/", "browse"),
    ("/user/", "browse"),
    ("/watch", "watch"),
    ("/videoplayback", "media"),
    ("/api/timedtext", "caption"),
    ("/vi/", "thumbnail"),
    ("/vi_webp/", "thumbnail"),
)


class _Entry:
    """One request while it is under way; reading its answer adds bytes and seconds."""

    __slots__ = ("bytes", "error", "host", "purpose", "seconds", "started", "status")

    def __init__(self, purpose: Purpose, host: str) -> None:
        self.purpose = purpose
        self.host = host
        self.status = 0
        self.bytes = 0
        self.seconds = 0.0
        self.error: str | None = None
        self.started = time.monotonic()

    def touch(self) -> None:
        self.seconds = time.monotonic() - self.started

    def value(self) -> HttpExchange:
        return HttpExchange(
            self.purpose, self.host, self.status, self.bytes, round(self.seconds, 3), self.error
        )


class HttpLog:
    """The requests of one job, in order."""

    def __init__(self) -> None:
        self._entries: list[_Entry] = []
        self._purpose: Purpose | None = None
        self._refusals: list[Any] = []

    @contextmanager
    def purpose(self, purpose: Purpose) -> Iterator[None]:
        """Until the block ends, requests are for this, whatever their address looks like."""
        before, self._purpose = self._purpose, purpose
        try:
            yield
        finally:
            self._purpose = before

    def send(self, url: str, send: Callable[[], Any]) -> Any:
        """The response of `send`, whose reads are counted; what it raises passes on, noted."""
        entry = self._note(url)
        try:
            response = send()
        except Exception as error:
            entry.status = status_of(error)
            entry.error = None if entry.status else cause_of(error)
            entry.touch()
            self._refusals.append(getattr(error, "response", None))
            raise
        entry.status = int(response.status)
        entry.touch()
        _count_reads(response, entry)
        return response

    def close(self) -> None:
        """Let go of the connections of refusals that nobody read to their end."""
        for response in self._refusals:
            if response is not None:
                with suppress(Exception):
                    response.close()
        self._refusals.clear()

    def exchanges(self) -> tuple[HttpExchange, ...]:
        return tuple(entry.value() for entry in self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def _note(self, url: str) -> _Entry:
        parts = urlsplit(url)
        entry = _Entry(self._purpose or _purpose_of(parts.path), parts.hostname or "")
        if len(self._entries) >= MOST_EXCHANGES:
            # The first ones tell how it began, the last ones how it ended.
            del self._entries[MOST_EXCHANGES // 2]
        self._entries.append(entry)
        return entry


def status_of(error: BaseException) -> int:
    """The HTTP status that an exception of yt-dlp's networking carries, else 0."""
    status = getattr(error, "status", None)
    return status if isinstance(status, int) else 0


def _purpose_of(path: str) -> Purpose:
    return next((purpose for start, purpose in _BY_PATH if path.startswith(start)), "other")


def _count_reads(response: Any, entry: _Entry) -> None:
    """An answer that breaks off is no answer, whatever status it began with."""
    read = response.read

    def counted(*args: Any, **kwargs: Any) -> Any:
        try:
            data = read(*args, **kwargs)
        except Exception as error:
            entry.status, entry.error = 0, cause_of(error)
            entry.touch()
            raise
        entry.bytes += len(data)
        entry.touch()
        return data

    response.read = counted
