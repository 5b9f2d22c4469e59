"""Read a playlist, page by page and never as a whole: 100,000 lines take no more memory than 500."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any

from yt_dlp.utils import DownloadCancelled

from ytarchive.core.codec import plain
from ytarchive.core.failure import Failure, classify
from ytarchive.core.job import Known, ListedVideo, ListingSummary
from ytarchive.worker.attempt import Attempt
from ytarchive.worker.engine import Downloader
from ytarchive.worker.evidence import JobFailed, gather

PAGE = 500
FIRST_PAGE = 100
_VIDEO_ID_LENGTH = 11
_MOST_HOPS = 3
_LEAST_SHARE = 0.8
_PLACEHOLDERS = frozenset({"[private video]", "[deleted video]", "[unavailable video]"})


@dataclass(slots=True)
class Listed:
    """How a listing went: the summary, and why it ended before its end, if it did."""

    summary: ListingSummary
    failure: Failure | None = None


def read_listing(downloader: Downloader) -> Listed:
    """Send the lines as events. Raise when nothing could be read; a listing that ends short is `partial`."""
    attempt = downloader.attempt
    attempt.stage = "list"
    listing = _open(downloader, attempt.job.subject)
    title, expected = listing.get("title"), _count(listing)
    lines = _lines(listing.get("entries") or ())
    first = list(islice(lines, FIRST_PAGE))
    if attempt.job.known is not None and _is_unchanged(attempt.job.known, first, expected):
        return Listed(ListingSummary("unchanged", expected, len(first), title))
    sender = _Sender(attempt, expected)
    failure = None
    try:
        for line in chain(first, lines):
            sender.add(line)
    except DownloadCancelled:
        raise
    except Exception as error:
        failure = classify(gather(error, attempt))
    sender.flush()
    got = sender.got
    if failure is None and _is_cut(got, expected, attempt.job.held):
        failure = classify(gather(JobFailed(_short(got, expected)), attempt))
    if failure is not None:
        why = _short(got, expected) if expected is not None and got < expected else failure.evidence.message
        return Listed(ListingSummary("partial", expected, got, title, why), failure)
    if expected is not None and got < expected:
        why = f"YouTube counts {expected} videos and lists {got}: the others are hidden"
        return Listed(ListingSummary("short", expected, got, title, why))
    return Listed(ListingSummary("complete", expected, got, title))


def _is_cut(got: int, expected: int | None, held: int) -> bool:
    """Whether a listing that ended without an error ended too early.

    YouTube gives pages of 100 and counts hidden videos as well. A list that ends within a page came to its own end,
    unless much of it is missing; one that ends with a full page may have lost its continuation.
    """
    goal = held if expected is None else expected
    if got >= goal:
        return False
    return got % FIRST_PAGE == 0 or got < goal * _LEAST_SHARE


class _Sender:
    """Lines to the parent, in pages of 500."""

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
            self._attempt.emit("entries", {"videos": [plain(each) for each in self._page]})
            self.got += len(self._page)
            self._attempt.progress("list", self.got, self._expected)
            self._page = []


def _open(downloader: Downloader, playlist: str) -> Mapping[str, Any]:
    """The head of the listing; its entries are a generator that asks for pages as it is read."""
    address = f"https://www.youtube.com/playlist?list={playlist}"
    for _ in range(_MOST_HOPS):
        found = downloader.extract_info(address, download=False, ie_key="YoutubeTab", process=False)
        if isinstance(found, dict) and found.get("_type") == "url" and found.get("ie_key") == "YoutubeTab":
            address = str(found["url"])
            continue
        if isinstance(found, dict) and found.get("_type") == "playlist":
            return found
        break
    raise JobFailed("The playlist does not exist: its address leads to something else")


def _count(listing: Mapping[str, Any]) -> int | None:
    count = listing.get("playlist_count")
    return count if isinstance(count, int) else None


def _lines(entries: Iterable[Mapping[str, Any]]) -> Iterator[ListedVideo]:
    for entry in entries:
        video = entry.get("id")
        if isinstance(video, str) and len(video) == _VIDEO_ID_LENGTH:
            yield _line(video, entry)


def _line(video: str, entry: Mapping[str, Any]) -> ListedVideo:
    title, duration = entry.get("title"), entry.get("duration")
    return ListedVideo(
        video=video,
        title=None if not isinstance(title, str) or title.lower() in _PLACEHOLDERS else title,
        duration_seconds=int(duration) if isinstance(duration, int | float) else None,
        channel_id=entry.get("channel_id"),
        channel=entry.get("channel") or entry.get("uploader"),
    )


def _is_unchanged(known: Known, first: list[ListedVideo], expected: int | None) -> bool:
    """The same beginning and the same length. Without YouTube's own count, only a short list can be sure."""
    ids = tuple(each.video for each in first)
    here = known.first[:FIRST_PAGE]
    if not here or ids[: len(here)] != here:
        return False
    if len(first) < FIRST_PAGE:
        return len(here) == len(ids) == known.count
    return expected == known.count


def _short(got: int, expected: int | None) -> str:
    return f"Incomplete data received: {got} of {expected} lines"
