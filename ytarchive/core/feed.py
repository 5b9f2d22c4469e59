"""What a feed of YouTube's says: the newest 15 videos of a list, for one cheap request.

A feed tells that something is new, and never that something is gone.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element, ParseError, TreeBuilder

from ytarchive.core.address import VIDEO_PATTERN
from ytarchive.core.filters import VideoKind
from ytarchive.core.instant import Instant, from_iso
from ytarchive.core.job import Feed, VideoDetails
from ytarchive.core.misread import Misread, shown

MOST_BYTES = 2 * 1024 * 1024
"""A real one has less than 100 kB; descriptions are the most of it."""

_MOST_ELEMENTS = 20_000
"""A real one has some 300; a tree of as many as fit into the bytes would fill memory."""
_VIDEO = re.compile(VIDEO_PATTERN)
_PLAYLIST = re.compile("[A-Za-z0-9_-]{12,64}")
_CHANNEL = re.compile("(?:UC)?([A-Za-z0-9_-]{22})")
_CHANNEL_PAGE = re.compile("/channel/(UC[A-Za-z0-9_-]{22})")
_HTML = re.compile(rb"\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL)
_SNIFFED_BYTES = 1024
_EXPECTED = "an Atom feed of YouTube's"
_LAST_INSTANT = 253_402_214_400  # 9999-12-31: nothing later can be written


class NotAFeed(Misread):
    """What came in place of a feed: what it was, what was expected."""


def parse(content: bytes) -> Feed:
    """The videos in the feed's order, each once; raise `NotAFeed` for anything else than a feed.

    Every part of it may be missing but the ids of videos: an entry without one is passed over. Text is kept as it
    came.
    """
    root = _root(content)
    entries = _all(root, "entry")
    videos: dict[str, VideoDetails] = {}
    for entry in entries:
        if video := _video(entry):
            videos.setdefault(video, _details(video, entry))
    if entries and not videos:
        raise NotAFeed(f"{len(entries)} entries of which none has a video's id", _EXPECTED)
    return Feed(
        tuple(videos.values()),
        title=_text(root, "title"),
        channel_id=_channel_id(root),
        playlist=_playlist(root),
    )


def fingerprint(feed: Feed) -> str:
    """What changes when there is something to list: SHA-256 of the ids in their order.

    Views and `updated` change at every request. A title may change as well, but the feed itself tells the new one,
    and a listing would find nothing else.
    """
    return hashlib.sha256("\n".join(each.video for each in feed.videos).encode()).hexdigest()


def is_about(feed: Feed, query: str) -> bool:
    """Whether a feed is the one that was asked for as `channel_id=UC...` or `playlist_id=...`.

    What it does not say of itself it is not held to; then its videos' channel tells, if the list is a channel's own.
    """
    kind, _, asked = query.partition("=")
    if kind == "playlist_id" and feed.playlist is not None:
        return feed.playlist == asked
    channel = asked if kind == "channel_id" else _owner(asked)
    if channel is None:
        return True
    told = {feed.channel_id} if feed.channel_id else {each.channel_id for each in feed.videos}
    return told <= {channel, None}


class _SmallTree(TreeBuilder):
    """Gives up before the tree is large."""

    def __init__(self) -> None:
        super().__init__()
        self._elements = 0

    def start(self, tag: str, attributes: dict[str, str], /) -> Element:
        self._elements += 1
        if self._elements > _MOST_ELEMENTS:
            raise NotAFeed(f"XML of more than {_MOST_ELEMENTS} elements", _EXPECTED)
        return super().start(tag, attributes)


def _root(content: bytes) -> Element:
    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import DefusedXMLParser

    if len(content) > MOST_BYTES:
        raise NotAFeed(f"{len(content)} bytes", f"{_EXPECTED} of at most {MOST_BYTES}")
    if not content.strip():
        raise NotAFeed("nothing", _EXPECTED)
    if _HTML.match(content[:_SNIFFED_BYTES]):
        raise NotAFeed("an HTML page", _EXPECTED)
    try:
        parser = DefusedXMLParser(target=_SmallTree(), forbid_dtd=True)
        parser.feed(content)
        root: Element = parser.close()
    except NotAFeed:
        raise
    except DefusedXmlException as error:
        raise NotAFeed(f"XML with definitions ({type(error).__name__})", _EXPECTED) from None
    except (ParseError, LookupError, ValueError) as error:  # the latter two: encodings that are not known
        raise NotAFeed(f"no XML ({str(error)[:80]})", _EXPECTED) from None
    if _name(root) != "feed":
        raise NotAFeed(f"XML of {shown(_name(root))}", _EXPECTED)
    return root


def _name(element: Element) -> str:
    """Without its namespace."""
    return element.tag.rpartition("}")[2]


def _all(parent: Element, name: str) -> list[Element]:
    return [child for child in parent if _name(child) == name]


def _texts(parent: Element, *path: str) -> Iterator[str]:
    """The texts that are not blank at the end of a path of names."""
    name, *rest = path
    for child in _all(parent, name):
        if rest:
            yield from _texts(child, *rest)
        elif child.text and not child.text.isspace():
            yield child.text


def _text(parent: Element, *path: str) -> str | None:
    return next(_texts(parent, *path), None)


def _links(parent: Element) -> Iterator[str]:
    yield from (link.get("href", "") for link in _all(parent, "link") if link.get("rel") == "alternate")


def _video(entry: Element) -> str | None:
    told = (*_texts(entry, "videoId"), *(text.rpartition(":")[2] for text in _texts(entry, "id")))
    return next((text.strip() for text in told if _VIDEO.fullmatch(text.strip())), None)


def _details(video: str, entry: Element) -> VideoDetails:
    return VideoDetails(
        video,
        title=_text(entry, "title") or _text(entry, "group", "title"),
        description=_text(entry, "group", "description"),
        channel=_text(entry, "author", "name"),
        channel_id=_channel_id(entry),
        published_at=_instant(_text(entry, "published")),
        kind=_kind(entry),
    )


def _kind(entry: Element) -> VideoKind | None:
    """Shorts are linked as such; of anything else the feed does not say what it is."""
    return "shorts" if any("/shorts/" in link for link in _links(entry)) else None


def _channel_id(element: Element) -> str | None:
    """YouTube leaves the UC away in the head of a feed."""
    for text in _texts(element, "channelId"):
        if found := _CHANNEL.fullmatch(text.strip()):
            return f"UC{found[1]}"
    for text in (*_texts(element, "author", "uri"), *_links(element)):
        if found := _CHANNEL_PAGE.search(text):
            return found[1]
    return None


def _playlist(root: Element) -> str | None:
    ids = (text.partition("yt:playlist:")[2] for text in _texts(root, "id"))
    told = (text.strip() for text in (*_texts(root, "playlistId"), *ids))
    return next((text for text in told if _PLAYLIST.fullmatch(text)), None)


def _owner(playlist: str) -> str | None:
    """The channel whose uploads a list holds, by its name: UU and UULF and the like stand in place of the UC."""
    if not playlist.startswith("UU"):
        return None
    tail = playlist[-22:]
    return f"UC{tail}" if len(playlist) in (24, 26) else None


def _instant(text: str | None) -> Instant | None:
    """When, or None for what is no date or none of this era."""
    try:
        moment = from_iso((text or "").strip())
    except (ValueError, OverflowError):
        return None
    return moment if isinstance(moment, int) and 0 <= moment < _LAST_INSTANT else None
