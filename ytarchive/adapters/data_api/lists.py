"""Lists of the Data API: a playlist page by page, who a channel is, and which playlists it has."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from ytarchive.adapters.data_api.calls import Caller, Trouble
from ytarchive.adapters.data_api.reading import (
    CHANNEL_FIELDS,
    ITEM_FIELDS,
    PLAYLIST_FIELDS,
    TITLE_FIELDS,
    Page,
    channel_of,
    page_of,
    playlists_of,
    title_of,
)
from ytarchive.core.codec import plain
from ytarchive.core.failure import Evidence, Failure, classify
from ytarchive.core.job import Job, Known, ListedPlaylist, ListedVideo, ListingSummary
from ytarchive.core.listing import KNOWN_IN_A_ROW, is_cut
from ytarchive.core.quota import PAGE, cost
from ytarchive.core.sources import is_newest_first, upload_kind

EVENT_LINES = 500
EMPTY_PAGES_IN_A_ROW = 3
"""A list of uploads leaves hidden videos out of its pages, so that one may be empty; not so many after each other."""
SPARE_PAGES = 10
"""Pages are at least half full, but for so many."""
MOST_PAGES_UNTOLD = 20_000
"""Of a list whose length YouTube does not tell."""

Send = Callable[[str, dict[str, Any]], None]


@dataclass(frozen=True, slots=True)
class Listed:
    """How a listing went: the summary, and why it ended before its end, if it did."""

    summary: ListingSummary
    failure: Failure | None = None


def read_playlist(caller: Caller, job: Job, send: Send) -> Listed:
    """Send the lines as events. Raise `Trouble` when nothing could be read; a listing that breaks off is `partial`."""
    pages = _pages(caller, job.subject)
    first = next(pages)
    if job.known is not None and is_unchanged(job.known, first):
        return Listed(_summary("unchanged", first.expected, len(first.lines)))
    reading = _Reading(job, first, send)
    try:
        reading.add(first)
        while not reading.is_at_known:
            page = next(pages, None)
            if page is None:
                return reading.ended(_title(caller, job.subject))
            reading.add(page)
    except Trouble as trouble:
        return reading.broke_off(trouble.failure)
    return reading.reached_known()


class _Reading:
    """What was read of a list so far, on its way to the parent in pieces of 500 lines."""

    def __init__(self, job: Job, first: Page, send: Send) -> None:
        known = job.known if job.reach == "head" else None
        self.is_at_known = False
        self._recent = frozenset(known.recent) if known else frozenset()
        self._in_a_row = 0
        self._expected = first.expected
        self._held = job.held
        self._send = send
        self._lines: list[ListedVideo] = []
        self._got = 0
        self._reached = 0

    def add(self, page: Page) -> None:
        """Take a page; of one that reaches what is known, the lines up to there."""
        for line in page.lines:
            self._lines.append(line)
            self._got += 1
            self._in_a_row = self._in_a_row + 1 if line.video in self._recent else 0
            if self._in_a_row >= KNOWN_IN_A_ROW:
                self.is_at_known = True
                break
        self._reached = max(self._reached, page.reached)
        if len(self._lines) >= EVENT_LINES:
            self._flush()

    def ended(self, title: str | None) -> Listed:
        """The list has no further page."""
        self._flush()
        expected, got = self._expected, self._got
        if is_cut(max(got, self._reached), expected, self._held, PAGE):
            goal = self._held if expected is None else expected
            why = f"Incomplete data received: {got} of {goal} lines"
            return Listed(_summary("partial", expected, got, title, why), classify(Evidence("list", why)))
        if expected is not None and got < expected:
            why = f"YouTube counts {expected} videos and lists {got}: the others are hidden"
            return Listed(_summary("short", expected, got, title, why))
        return Listed(_summary("complete", expected, got, title))

    def broke_off(self, failure: Failure) -> Listed:
        self._flush()
        why = failure.evidence.message or failure.code
        return Listed(_summary("partial", self._expected, self._got, why=why), failure)

    def reached_known(self) -> Listed:
        self._flush()
        return Listed(_summary("head", self._expected, self._got))

    def _flush(self) -> None:
        for start in range(0, len(self._lines), EVENT_LINES):
            lines = self._lines[start : start + EVENT_LINES]
            data = {"videos": [plain(line) for line in lines], "expected": self._expected}
            self._send("entries", {key: value for key, value in data.items() if value is not None})
        self._lines = []


def _summary(
    completeness: Any, expected: int | None, got: int, title: str | None = None, why: str | None = None
) -> ListingSummary:
    return ListingSummary(completeness, expected, got, title, why, via="api")


def is_unchanged(known: Known, first: Page) -> bool:
    """Whether a first page is the beginning of what is known, and the list as long as that."""
    ids = tuple(line.video for line in first.lines)
    is_whole = first.token is None
    if known.first[: len(ids)] != ids or (len(known.first) > len(ids) if is_whole else not ids):
        return False
    length = len(ids) if first.expected is None and is_whole else first.expected
    return length == known.count


def _pages(caller: Caller, playlist: str) -> Iterator[Page]:
    """Every page, the first as a look. A list that leads in circles, or on and on, raises `Trouble`."""
    kind = upload_kind(playlist)
    token: str | None = None
    seen: set[object] = set()
    tokens: set[str] = set()
    number = empty = most = 0
    while True:
        page = caller.ask(
            "playlistItems",
            "listing" if number else "look",
            lambda answer: page_of(answer, playlist, kind),
            part="snippet,contentDetails,status",
            playlistId=playlist,
            maxResults=PAGE,
            pageToken=token,
            fields=ITEM_FIELDS,
        )
        number += 1
        if number == 1:
            most = _most_pages(page.expected)
        empty = 0 if not seen.issuperset(page.keys) else empty + 1
        if page.lines and empty:
            raise _astray(caller, f"page {number} shows what came before")
        seen.update(page.keys)
        yield page
        token = page.token
        if token is None:
            return
        if token in tokens or empty > EMPTY_PAGES_IN_A_ROW or number >= most:
            raise _astray(caller, f"page {number} leads to another one, and nowhere")
        tokens.add(token)


def _most_pages(expected: int | None) -> int:
    return MOST_PAGES_UNTOLD if expected is None else 2 * cost(expected) + SPARE_PAGES


def _astray(caller: Caller, what: str) -> Trouble:
    return caller.trouble(f"the list does not end: {what}", cause="NotAnAnswer")


def _title(caller: Caller, playlist: str) -> str | None:
    """What the list is called, which its pages do not tell. Lists of uploads are called after their channel."""
    if is_newest_first(playlist):
        return None
    try:
        return caller.ask(
            "playlists",
            "listing",
            lambda answer: title_of(answer, playlist),
            part="snippet",
            id=playlist,
            fields=TITLE_FIELDS,
        )
    except Trouble:
        return None  # the list itself was read


def read_channel(caller: Caller, address: str) -> Listed:
    """Who a channel is: `UC...`, `@handle` or `user/Name`. Raise `Trouble` when there is none."""
    by: dict[str, str] = {}
    if address.startswith("@"):
        by = {"forHandle": address}
    elif address.startswith("user/"):
        by = {"forUsername": address.removeprefix("user/")}
    elif address.startswith("UC"):
        by = {"id": address}
    else:
        raise caller.trouble(f"the Data API has no addresses like {address}", cause="NotInTheApi")
    facts = caller.ask(
        "channels",
        "look",
        lambda answer: channel_of(answer, id_=by.get("id"), handle=by.get("forHandle")),
        part="snippet",
        fields=CHANNEL_FIELDS,
        **by,
    )
    if facts is None:
        raise caller.trouble(
            f"channelNotFound: the Data API shows no channel {address}", cause="channelNotFound"
        )
    return Listed(ListingSummary("complete", None, 0, facts.title, via="api", channel=facts))


def read_playlists(caller: Caller, channel_id: str) -> Listed:
    """The playlists of a channel, in its order. Raise `Trouble` when nothing could be read."""
    found: dict[str, ListedPlaylist] = {}
    expected = token = failure = None
    tokens: set[str] = set()
    while True:
        try:
            page = caller.ask(
                "playlists",
                "listing" if tokens else "look",
                lambda answer: playlists_of(answer, channel_id),
                part="snippet,contentDetails",
                channelId=channel_id,
                maxResults=PAGE,
                pageToken=token,
                fields=PLAYLIST_FIELDS,
            )
        except Trouble as trouble:
            if not tokens:
                raise
            failure = trouble.failure
            break
        before = len(found)
        found.update((each.playlist, each) for each in page.playlists)
        expected, token = page.expected if expected is None else expected, page.token
        if token is None:
            break
        if token in tokens or len(found) == before:
            failure = _astray(caller, "its pages repeat").failure
            break
        tokens.add(token)
    return _catalogue(tuple(found.values()), expected, failure)


def _catalogue(
    playlists: tuple[ListedPlaylist, ...], expected: int | None, failure: Failure | None
) -> Listed:
    got = len(playlists)
    why = None if failure is None else failure.evidence.message
    if failure is None and is_cut(got, expected, 0, PAGE):
        why = f"Incomplete data received: {got} of {expected} lines"
        failure = classify(Evidence("list", why))
    completeness: Any = "complete" if failure is None else "partial"
    summary = ListingSummary(completeness, expected, got, why=why, via="api", playlists=playlists)
    return Listed(summary, failure)
