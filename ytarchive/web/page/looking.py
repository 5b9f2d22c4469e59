"""Looking for videos on the page: by words, or among those of one entry; and how an entry and its lists stand."""

from __future__ import annotations

from dataclasses import dataclass

from ytarchive.adapters.index import Listing, VideoLine
from ytarchive.core.desired import Entry
from ytarchive.core.failure_table import policy
from ytarchive.core.plan import Books
from ytarchive.reconciler import World, followed
from ytarchive.web.office import Office
from ytarchive.web.page.failing import NotThere
from ytarchive.web.page.overview import books_of

FOUND_AT_MOST = 50
ON_A_PAGE = 50


@dataclass(frozen=True, slots=True)
class Line:
    """A video in a list. `state` is the word of its condition (a style too), `told` the words for people."""

    video: VideoLine
    state: str
    told: str


@dataclass(frozen=True, slots=True)
class EntryList:
    """A list that an entry follows, as it was last read; `listing` is None when it never was."""

    name: str
    source: str
    listing: Listing | None


@dataclass(frozen=True, slots=True)
class EntryView:
    """One entry: where its manifest says so, its books, its lists and one page of its videos."""

    entry: Entry
    books: Books | None
    lists: tuple[EntryList, ...]
    lines: tuple[Line, ...]
    page: int
    has_more: bool


def search(world: World, text: str) -> tuple[tuple[Line, ...], bool]:
    """What is found, and whether there is more than that."""
    found = world.index.search(text, FOUND_AT_MOST + 1)
    return tuple(map(line, found[:FOUND_AT_MOST])), len(found) > FOUND_AT_MOST


def entry(office: Office, world: World, name: str, page: int) -> EntryView:
    known = require(world, name)
    found = world.index.entry_videos(name, ON_A_PAGE + 1, (page - 1) * ON_A_PAGE)
    lists = tuple(
        EntryList(due.name, due.source.source, world.index.listing(due.source.source))
        for due in followed(world, name)
        if due.source.kind not in ("videos", "pins")
    )
    books = books_of(office, world).entries.get(name)
    lines = tuple(map(line, found[:ON_A_PAGE]))
    return EntryView(known, books, lists, lines, page, len(found) > ON_A_PAGE)


def require(world: World, name: str) -> Entry:
    """The entry of this name. Raise `NotThere` when there is none."""
    known = next((one for one in world.index.entries() if one.name == name), None)
    if known is None:
        raise NotThere("no entry has this name", cure="the overview lists all of them")
    return known


def line(video: VideoLine) -> Line:
    """The first of these that is true of it says how it stands."""
    state, told = _standing(video)
    return Line(video, state, told)


def _standing(video: VideoLine) -> tuple[str, str]:
    if video.is_running:
        return "running", "at work"
    if video.condition == "whole":
        return "have", "here"
    if video.condition == "partial":
        return "deferred", "here, captions are missing"
    if video.condition == "damaged":
        return "blocked", "damaged"
    if video.outcome == "excluded":
        return "out", f"left out by {video.rule}" if video.rule else "left out"
    if video.code and video.is_wanted:
        held = policy(video.code).kind in ("permanent", "user", "engine")
        return "blocked" if held else "deferred", video.code
    if video.outcome == "undecided":
        return "deferred", "undecided"
    return ("ready", "to be fetched") if video.is_wanted else ("out", "not wanted")
