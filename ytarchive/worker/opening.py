"""The head of a list: its title and count, whose it is, and its entries, which ask for pages as they are read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from yt_dlp.utils import DownloadCancelled

from ytarchive.core.failure import Failure, classify
from ytarchive.core.job import ChannelFacts, ListingSummary
from ytarchive.worker.engine import Downloader
from ytarchive.worker.evidence import JobFailed, gather
from ytarchive.worker.whose import is_about

PLAYLIST_PAGE = 100
TAB_PAGE = 30
MOST_LINES = 1_000_000
_MOST_HOPS = 3
_NOT_THERE = frozenset({"CHANNEL_404", "LIST_MISSING"})
_MOST_REPEATED = 5


@dataclass(slots=True)
class Listed:
    """How a listing went: the summary, and why it ended before its end, if it did."""

    summary: ListingSummary
    failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """A list whose lines can be read once, in pages of `page`. `expected` is YouTube's count."""

    title: str | None
    expected: int | None
    entries: Iterable[Mapping[str, Any]]
    page: int


def open_playlist(downloader: Downloader, playlist: str) -> Opened:
    """Raise what yt-dlp raises, or `JobFailed` when there is no such list or the answer is about another one."""
    found = _open(downloader, f"https://www.youtube.com/playlist?list={playlist}")
    told = downloader.attempt.seen.lists
    if not is_about(playlist, told):
        raise JobFailed(
            f"The answer tells of another list: {playlist} was asked for, and {min(told)} was answered"
        )
    return _opened(downloader, found, PLAYLIST_PAGE, downloader.attempt.seen.count)


def open_tab(downloader: Downloader, tab: str) -> Opened:
    """A tab of a channel, such as `UC.../videos`. Raise as `open_playlist`, also when the channel has no such tab."""
    found = open_channel(downloader, f"channel/{tab}")
    told = channel_told(downloader, found)
    require_channel(told, tab.partition("/")[0])
    return _opened(downloader, found, TAB_PAGE, None)  # the header counts the videos of all tabs


def open_channel(downloader: Downloader, path: str) -> Mapping[str, Any]:
    """A page of a channel. Raise what yt-dlp raises, or `JobFailed`: whatever it calls a channel that is not there."""
    try:
        return _open(downloader, f"https://www.youtube.com/{path}")
    except DownloadCancelled:
        raise
    except Exception as error:
        if classify(gather(error, downloader.attempt)).code not in _NOT_THERE:
            raise
        raise JobFailed("The channel does not exist") from error


def channel_told(downloader: Downloader, found: Mapping[str, Any]) -> ChannelFacts | None:
    """Whose page was answered."""
    channel = found.get("channel_id")
    if downloader.attempt.seen.channel is not None or not isinstance(channel, str):
        return downloader.attempt.seen.channel
    title, handle = found.get("channel"), found.get("uploader_id")
    return ChannelFacts(
        channel,
        title if isinstance(title, str) else None,
        handle if isinstance(handle, str) and handle.startswith("@") else None,
    )


def require_channel(told: ChannelFacts | None, channel: str) -> None:
    """Raise `JobFailed` when a page is about another channel than the one of this id."""
    if told is not None and told.id != channel:
        raise JobFailed(
            f"The answer tells of another list: channel {channel} was asked for, and {told.id} was answered"
        )


def _open(downloader: Downloader, address: str) -> Mapping[str, Any]:
    for _ in range(_MOST_HOPS):
        found = downloader.extract_info(address, download=False, ie_key="YoutubeTab", process=False)
        if isinstance(found, dict) and found.get("_type") == "url" and found.get("ie_key") == "YoutubeTab":
            address = str(found["url"])
            continue
        if isinstance(found, dict) and found.get("_type") == "playlist":
            return found
        break
    raise JobFailed("The playlist does not exist: its address leads to something else")


def _opened(downloader: Downloader, found: Mapping[str, Any], page: int, header_count: int | None) -> Opened:
    title, count = found.get("title"), found.get("playlist_count")
    return Opened(
        title=title if isinstance(title, str) else None,
        expected=count if isinstance(count, int) else header_count,
        entries=_bounded(downloader, found.get("entries") or ()),
        page=page,
    )


def _bounded(downloader: Downloader, entries: Iterable[Any]) -> Iterator[Mapping[str, Any]]:
    """The entries of a list that ends. Raise `JobFailed` for one that goes round in circles.

    A page that was seen before may be there twice; a list of which most was seen before has no end.
    """
    page: list[str] = []
    pages: set[int] = set()
    repeated, got, asked = 0, 0, downloader.asked
    for entry in entries:
        if not isinstance(entry, dict):
            continue
        if downloader.asked != asked:
            asked, key = downloader.asked, hash(tuple(page))
            page = []
            repeated += key in pages
            pages.add(key)
            if repeated > _MOST_REPEATED + 3 * len(pages):
                raise JobFailed(f"Incomplete data received: after {got} lines the list only repeats itself")
        page.append(str(entry.get("id")))
        got += 1
        downloader.answered()
        if got > MOST_LINES:
            raise JobFailed(f"Incomplete data received: the list does not end after {MOST_LINES} lines")
        yield entry
    if downloader.attempt.seen.looped:
        raise JobFailed(f"Incomplete data received: after {got} lines the list leads back to where it was")
