"""Who a channel is, and which playlists it has: what stands behind `channel:`, `playlists:` and `releases:`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from yt_dlp.utils import DownloadCancelled

from ytarchive.core.failure import classify
from ytarchive.core.job import ListedPlaylist, ListingSummary
from ytarchive.core.listing import is_cut
from ytarchive.worker.engine import Downloader
from ytarchive.worker.evidence import JobFailed, gather
from ytarchive.worker.opening import (
    TAB_PAGE,
    Listed,
    Opened,
    channel_told,
    open_channel,
    open_tab,
    require_channel,
)

MOST_PLAYLISTS = 5000
"""A receipt must fit in one line."""
_MOST_SHELVES = 20
_CHANNEL_ID = re.compile(r"UC[0-9A-Za-z_-]{22}")
# A mix has no end, and a channel is no playlist.
_PLAYLIST_ID = re.compile(r"(?!RD|UC)[0-9A-Za-z_-]{12,}")


def read_channel(downloader: Downloader) -> Listed:
    """One page of a channel, whichever tab it shows. Raise what yt-dlp raises, or `JobFailed`."""
    address = downloader.attempt.job.subject.partition(":")[2]
    by_id = _CHANNEL_ID.fullmatch(address) is not None
    path = quote(unquote(address), safe="@/")
    found: Mapping[str, Any] = {}
    try:
        found = open_channel(downloader, f"channel/{path}/videos" if by_id else f"{path}/videos")
    except DownloadCancelled:
        raise
    except Exception:
        # Without the tab that was asked for, the page is still the channel's.
        if downloader.attempt.seen.channel is None:
            raise
    channel = channel_told(downloader, found)
    if channel is None:
        raise JobFailed("The channel does not exist: its address leads to something else")
    if by_id:
        require_channel(channel, address)
    return Listed(ListingSummary("complete", None, 0, channel.title, channel=channel))


def read_catalogue(downloader: Downloader) -> Listed:
    """The playlists on a tab of a channel, each once; a channel without the tab has none."""
    attempt = downloader.attempt
    kind, _, channel = attempt.job.subject.partition(":")
    found: dict[str, ListedPlaylist] = {}
    title, failure = None, None
    try:
        opened = open_tab(downloader, f"{channel}/{kind}")
        title = opened.title
        for playlist in _playlists(downloader, opened, f"{channel}/{kind}"):
            found.setdefault(playlist.playlist, playlist)
            if len(found) > MOST_PLAYLISTS:
                raise JobFailed(f"Incomplete data received: more than {MOST_PLAYLISTS} playlists")
    except DownloadCancelled:
        raise
    except Exception as error:
        failure = classify(gather(error, attempt))
        if failure.code == "NO_TAB" and not found:
            return Listed(ListingSummary("complete", None, 0))
        if title is None and not found:
            raise
    if failure is None and is_cut(len(found), None, attempt.job.held, TAB_PAGE):
        short = f"Incomplete data received: {len(found)} of {attempt.job.held} playlists"
        failure = classify(gather(JobFailed(short), attempt))
    playlists = tuple(found.values())[:MOST_PLAYLISTS]
    return Listed(
        ListingSummary(
            "partial" if failure else "complete",
            None,
            len(playlists),
            title,
            failure.evidence.message if failure else None,
            playlists=playlists,
        ),
        failure,
    )


def _playlists(downloader: Downloader, opened: Opened, tab: str) -> Iterator[ListedPlaylist]:
    """The lines of the tab, and of the shelves that it leads to: a shelf shows its beginning alone."""
    shelves: list[str] = []
    for entry in opened.entries:
        yield from _playlist(entry)
        shelves += _shelf(entry, tab)
    for shelf in list(dict.fromkeys(shelves))[:_MOST_SHELVES]:
        for entry in open_tab(downloader, shelf).entries:
            yield from _playlist(entry)


def _playlist(entry: Mapping[str, Any]) -> Iterator[ListedPlaylist]:
    playlist, title, count = entry.get("id"), entry.get("title"), entry.get("video_count")
    if entry.get("ie_key") == "YoutubeTab" and isinstance(playlist, str) and _PLAYLIST_ID.fullmatch(playlist):
        yield ListedPlaylist(
            playlist, title if isinstance(title, str) else None, count if isinstance(count, int) else None
        )


def _shelf(entry: Mapping[str, Any], tab: str) -> Iterator[str]:
    """`UC.../playlists?...` of an entry that leads to more of this very tab."""
    address = urlsplit(str(entry.get("url") or ""))
    kind = tab.partition("/")[2]
    if entry.get("id") is None and address.query and address.path.endswith(f"/{kind}"):
        yield f"{tab}?{address.query}"
