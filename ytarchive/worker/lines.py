"""From yt-dlp's entries to lines of a listing, and to the parent, in pages of 500."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ytarchive.core.codec import plain
from ytarchive.core.filters import VideoKind
from ytarchive.core.instant import Instant
from ytarchive.core.job import ListedVideo
from ytarchive.worker.attempt import Attempt
from ytarchive.worker.relative_time import published_between

PAGE = 500
_VIDEO_ID_LENGTH = 11
_PLACEHOLDERS = frozenset({"[private video]", "[deleted video]", "[unavailable video]"})


def lines_of(
    entries: Iterable[Mapping[str, Any]], now: Instant, kind: VideoKind | None
) -> Iterator[ListedVideo]:
    """The videos among the entries. `kind` is what the list itself says of all of them."""
    for entry in entries:
        video = entry.get("id")
        if isinstance(video, str) and len(video) == _VIDEO_ID_LENGTH:
            yield _line(video, entry, now, kind)


def _line(video: str, entry: Mapping[str, Any], now: Instant, kind: VideoKind | None) -> ListedVideo:
    title, duration = entry.get("title"), entry.get("duration")
    published = entry.get("published_text")
    first, last = (published_between(published, now) if isinstance(published, str) else None) or (None, None)
    live_status = _text(entry, "live_status")
    return ListedVideo(
        video=video,
        title=None if not isinstance(title, str) or title.lower() in _PLACEHOLDERS else title,
        duration_seconds=int(duration) if isinstance(duration, int | float) else None,
        channel_id=_text(entry, "channel_id"),
        channel=_text(entry, "channel") or _text(entry, "uploader"),
        published_from=first,
        published_to=last,
        kind=kind or _kind(entry, live_status),
        availability=_text(entry, "availability"),
        live_status=live_status,
    )


def _kind(entry: Mapping[str, Any], live_status: str | None) -> VideoKind | None:
    """What a line shows to be short, or streamed, is; a premiere is announced like a stream, and is none."""
    if "/shorts/" in str(entry.get("url")):
        return "shorts"
    return "live" if live_status in ("is_live", "was_live") else None


def _text(entry: Mapping[str, Any], key: str) -> str | None:
    value = entry.get(key)
    return value if isinstance(value, str) and value else None


class Sender:
    """Lines to the parent as they come."""

    def __init__(self, attempt: Attempt, expected: int | None) -> None:
        self._attempt = attempt
        self._expected = expected
        self._page: list[ListedVideo] = []
        self.got = 0

    def add(self, line: ListedVideo) -> None:
        self._page.append(line)
        if len(self._page) == PAGE:
            self.flush()

    def flush(self) -> None:
        if self._page:
            data: dict[str, Any] = {"videos": [plain(each) for each in self._page]}
            self._attempt.emit("entries", data | ({"expected": self._expected} if self._expected else {}))
            self.got += len(self._page)
            self._attempt.progress("list", self.got, self._expected)
            self._page = []
