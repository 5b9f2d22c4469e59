"""Read the videos of a playlist, page by page and never as a whole: 100,000 lines take no more memory than 500."""

from __future__ import annotations

import time
from itertools import chain, islice

from yt_dlp.utils import DownloadCancelled

from ytarchive.core.failure import Failure, classify
from ytarchive.core.filters import VideoKind
from ytarchive.core.job import Known, ListedVideo, ListingSummary
from ytarchive.core.listing import KNOWN_IN_A_ROW, is_cut
from ytarchive.core.sources import kind_of, upload_kind, upload_tab
from ytarchive.worker.channels import read_catalogue, read_channel
from ytarchive.worker.engine import Downloader
from ytarchive.worker.evidence import JobFailed, gather
from ytarchive.worker.lines import Sender, lines_of
from ytarchive.worker.opening import Listed, Opened, open_playlist, open_tab

# What YouTube says of a channel's list of videos, shorts or streams that it does not keep.
_NO_LIST = frozenset({"LIST_MISSING", "LIST_UNVIEWABLE", "CHANNEL_404"})


def read_listing(downloader: Downloader) -> Listed:
    """Read the job's source. Raise when nothing could be read; a listing that ends short is `partial`."""
    downloader.attempt.stage = "list"
    kind = kind_of(downloader.attempt.job.subject)
    if kind == "channel":
        return read_channel(downloader)
    if kind == "catalogue":
        return read_catalogue(downloader)
    return _read_videos(downloader)


def _read_videos(downloader: Downloader) -> Listed:
    """Send the lines as events."""
    attempt = downloader.attempt
    job = attempt.job
    opened = _open_videos(downloader, job.subject)
    if opened is None:
        return Listed(ListingSummary("complete", None, 0))
    title, expected = opened.title, opened.expected
    lines = lines_of(opened.entries, int(time.time()), _kind(downloader))
    first = list(islice(lines, opened.page))
    if job.known is not None and _is_unchanged(job.known, first, expected, opened.page):
        return Listed(ListingSummary("unchanged", expected, len(first), title))
    sender = Sender(attempt, expected)
    head = _Head(job.known if job.reach == "head" else None)
    failure = None
    try:
        for line in chain(first, lines):
            sender.add(line)
            if head.ends_with(line):
                break
    except DownloadCancelled:
        raise
    except Exception as error:
        failure = classify(gather(error, attempt))
    sender.flush()
    if failure is None and head.is_over:
        return Listed(ListingSummary("head", expected, sender.got, title))
    if failure is None and is_cut(sender.got, expected, job.held, opened.page):
        failure = classify(gather(JobFailed(_short(sender.got, expected)), attempt))
    return Listed(_ended(sender.got, expected, title, failure), failure)


def _open_videos(downloader: Downloader, playlist: str) -> Opened | None:
    """The list, or the tab that shows the same where a channel has no such list; None: it has neither."""
    attempt = downloader.attempt
    try:
        return open_playlist(downloader, playlist)
    except DownloadCancelled:
        raise
    except Exception as error:
        tab = upload_tab(playlist)
        if tab is None or classify(gather(error, attempt)).code not in _NO_LIST:
            raise
    attempt.warnings.clear()
    asked = len(attempt.http)
    try:
        return open_tab(downloader, tab)
    except DownloadCancelled:
        raise
    except Exception as error:
        if classify(gather(error, attempt, since=asked)).code != "NO_TAB":
            raise
    return None


def _kind(downloader: Downloader) -> VideoKind | None:
    """What the list says of all its videos, if the answer is not about another list of the channel's."""
    playlist, told = downloader.attempt.job.subject, downloader.attempt.seen.lists
    return upload_kind(playlist) if not told or playlist in told else None


class _Head:
    """Where a look at the beginning of a list ends: after enough known videos in a row."""

    def __init__(self, known: Known | None) -> None:
        self._known = None if known is None else frozenset(known.recent)
        self._in_a_row = 0

    @property
    def is_over(self) -> bool:
        return self._in_a_row >= KNOWN_IN_A_ROW

    def ends_with(self, line: ListedVideo) -> bool:
        if self._known is not None:
            self._in_a_row = self._in_a_row + 1 if line.video in self._known else 0
        return self.is_over


def _ended(got: int, expected: int | None, title: str | None, failure: Failure | None) -> ListingSummary:
    if failure is not None:
        why = _short(got, expected) if expected is not None and got < expected else failure.evidence.message
        return ListingSummary("partial", expected, got, title, why)
    if expected is not None and got < expected:
        why = f"YouTube counts {expected} videos and lists {got}: the others are hidden"
        return ListingSummary("short", expected, got, title, why)
    return ListingSummary("complete", expected, got, title)


def _is_unchanged(known: Known, first: list[ListedVideo], expected: int | None, page: int) -> bool:
    """The same beginning and the same length. Without YouTube's own count, only a short list can be sure."""
    ids = tuple(each.video for each in first)
    here = known.first[:page]
    if not here or ids[: len(here)] != here:
        return False
    if len(first) < page:
        return len(here) == len(ids) == known.count
    return expected == known.count


def _short(got: int, expected: int | None) -> str:
    return f"Incomplete data received: {got} of {expected} lines"
