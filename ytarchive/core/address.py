"""What a person may write for a video, a playlist or a channel: an id, or any address of YouTube's.

Strict: other hosts, ports, users and unknown paths are refused, so that nothing else is ever asked for. All
functions raise `Misread`, which says what was found and what was expected.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, NamedTuple
from urllib.parse import parse_qsl, unquote, urlsplit

from ytarchive.core.misread import Misread, shown

AddressKind = Literal["video", "playlist", "channel"]

VIDEO_PATTERN = "[A-Za-z0-9_-]{11}"
EXPECTED_VIDEO = (
    "a video: 11 letters, digits, - or _, or a YouTube address such as https://youtu.be/dQw4w9WgXcQ"
)
EXPECTED_PLAYLIST = "a playlist: an id that begins with PL, UU, FL or OLAK5uy_, or its YouTube address"
EXPECTED_CHANNEL = 'a channel: "@handle", an id of UC and 22 more characters, or its YouTube address'
EXPECTED_ANY = "a YouTube address, or the id of a video, a playlist or a channel"

_VIDEO = re.compile(VIDEO_PATTERN)
# Real lists have 16 to 41 more characters; the lower bound is loose, as YouTube promises none.
_PLAYLIST = re.compile("(?:PL|UU|FL|EC|PU|OLAK5uy_|RDCLAK5uy_)[A-Za-z0-9_-]{6,62}")
_CHANNEL_ID = re.compile("UC[A-Za-z0-9_-]{22}")
# 3 to 30 letters and digits of any script, with _ - . and the middle dot inside (YouTube's rule for handles).
_HANDLE = re.compile(r"@[\w.·-]{3,30}")
_VANITY = re.compile(r"[\w.·-]{1,100}")
_LOOKS_LIKE_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://|[^/?#]*\.[a-z]+(?:[/?#:]|$)", re.IGNORECASE)
_LONGEST = 2048

_HOSTS = frozenset(
    f"{prefix}youtube.com" for prefix in ("", "www.", "m.", "music.", "gaming.", "kids.", "tv.")
) | {"www.youtube-nocookie.com", "youtube-nocookie.com"}
_SHORT_HOSTS = frozenset({"youtu.be", "www.youtu.be"})
_VIDEO_PATHS = frozenset({"shorts", "live", "embed", "v", "e"})
_TABS = frozenset(
    {"videos", "shorts", "streams", "live", "playlists", "featured", "releases", "podcasts", "courses"}
    | {"community", "posts", "about", "search"}
)
_ODD_LISTS = {
    "RD": "a mix (RD...) is made anew for each viewer; save its videos as a playlist",
    "UL": "a mix (UL...) is made anew for each viewer; save its videos as a playlist",
    "TL": "a queue (TL...) lives for some hours only; save its videos as a playlist",
    "WL": "Watch Later has one id for everybody and is visible to its owner alone; save its videos in a private playlist, and "
    "follow that with auth",
    "LL": "liked videos have one id for everybody and are visible to their owner alone; save them in a private playlist, and "
    "follow that with auth",
    "LM": "liked music has one id for everybody and is visible to its owner alone; save it in a private playlist, and follow "
    "that with auth",
}


@dataclass(frozen=True, slots=True)
class Address:
    """`id` is a video id, a playlist id, or for a channel `UC...`, `@handle`, `c/Name` or `user/Name`."""

    kind: AddressKind
    id: str


class _Seen(NamedTuple):
    """What an address names, not validated yet."""

    video: str | None = None
    playlist: str | None = None
    channel: str | None = None


def parse_video(text: str) -> str:
    """The id of the video. Of an address that names a video in a playlist, the video."""
    text = text.strip()
    if _VIDEO.fullmatch(text):
        return text
    seen = _seen(text, EXPECTED_VIDEO)
    if seen.video is not None:
        return _video(text, seen.video)
    raise _refusal(text, EXPECTED_VIDEO, seen)


def parse_playlist(text: str) -> str:
    """The id of the playlist. Of an address that names a video in a playlist, the playlist."""
    text = text.strip()
    if _PLAYLIST.fullmatch(text):
        return text
    seen = _seen(text, EXPECTED_PLAYLIST)
    if seen.playlist is not None:
        return _playlist(text, seen.playlist)
    raise _refusal(text, EXPECTED_PLAYLIST, seen)


def parse_channel(text: str) -> str:
    """`UC...`, `@handle`, `c/Name` or `user/Name`; a tab at the end of an address is of no matter."""
    text = text.strip()
    seen = _seen(text, EXPECTED_CHANNEL)
    if seen.channel is not None:
        return _channel(text, seen.channel)
    raise _refusal(text, EXPECTED_CHANNEL, seen)


def parse_any(text: str) -> Address:
    """Whatever it names. An address with both a video and a playlist names the video that it plays."""
    text = text.strip()
    if _VIDEO.fullmatch(text):
        return Address("video", text)
    seen = _seen(text, EXPECTED_ANY)
    if seen.video is not None:
        return Address("video", _video(text, seen.video))
    if seen.playlist is not None:
        return Address("playlist", _playlist(text, seen.playlist))
    if seen.channel is not None:
        return Address("channel", _channel(text, seen.channel))
    raise Misread(shown(text), EXPECTED_ANY)


def _seen(text: str, expected: str) -> _Seen:
    if len(text) > _LONGEST:
        raise Misread(f"{len(text):,} characters", expected)
    if text.startswith("@") or _CHANNEL_ID.fullmatch(text):
        return _Seen(channel=text)
    if _LOOKS_LIKE_ADDRESS.match(text):
        return _read_address(text, expected)
    if _VIDEO.fullmatch(text):
        return _Seen(video=text)
    if _PLAYLIST.fullmatch(text) or text in _ODD_LISTS or _is_odd_list(text):
        return _Seen(playlist=text)
    return _Seen()


def _is_odd_list(text: str) -> bool:
    return text[:2] in _ODD_LISTS and re.fullmatch("[A-Za-z0-9_-]{12,64}", text) is not None


def _read_address(text: str, expected: str) -> _Seen:
    if any(c.isspace() or not c.isprintable() for c in text):
        raise Misread(shown(text), expected, "an address has no spaces or invisible characters")
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise Misread(shown(text), expected, "it is not a valid address") from None
    if parts.scheme not in {"http", "https"}:
        raise Misread(shown(text), expected, f"{shown(parts.scheme)} is not http or https")
    if host not in _HOSTS | _SHORT_HOSTS:
        raise Misread(shown(text), expected, f"{shown(host)} is not a host of YouTube's")
    if port is not None or "@" in parts.netloc:
        raise Misread(shown(text), expected, "an address of YouTube's has no port and no user")
    words = [unquote(word) for word in parts.path.split("/") if word]
    query = dict(reversed(parse_qsl(parts.query)))  # the first of several counts, as on the site
    return _read_path(text, expected, ["v", *words] if host in _SHORT_HOSTS else words, query)


def _read_path(text: str, expected: str, words: list[str], query: dict[str, str]) -> _Seen:
    playlist = query.get("list")
    match words:
        case [] | ["watch"]:
            return _Seen(video=query.get("v"), playlist=playlist)
        case ["embed", "videoseries"] | ["playlist"]:
            return _Seen(playlist=playlist)
        case ["watch", video]:
            return _Seen(video=video, playlist=playlist)
        case [first, video] if first in _VIDEO_PATHS:
            return _Seen(video=video, playlist=playlist)
        case [handle, *tab] if handle.startswith("@") and _is_tab(tab):
            return _Seen(channel=handle)
        case ["channel", channel, *tab] if _is_tab(tab):
            return _Seen(channel=channel)
        case [("c" | "user") as kind, name, *tab] if _is_tab(tab):
            return _Seen(channel=f"{kind}/{name}")
        case ["clip" | "post" | "hashtag" | "results" | "feed" | "source", *_]:
            raise Misread(shown(text), expected, f"YouTube's /{words[0]} pages are not archived")
        case _:
            raise Misread(shown(text), expected, "its path is not one that YouTube is known to use")


def _is_tab(words: list[str]) -> bool:
    return not words or (len(words) == 1 and words[0] in _TABS)


def _video(text: str, video: str) -> str:
    if _VIDEO.fullmatch(video):
        return video
    raise Misread(
        shown(text),
        EXPECTED_VIDEO,
        f"the id {shown(video)} has {len(video)} characters of 11, or others than those",
    )


def _playlist(text: str, playlist: str) -> str:
    if _PLAYLIST.fullmatch(playlist):
        return playlist
    odd = _ODD_LISTS.get(playlist[:2]) if playlist in _ODD_LISTS or _is_odd_list(playlist) else None
    raise Misread(shown(text), EXPECTED_PLAYLIST, odd or f"{shown(playlist)} is not the id of a playlist")


def _channel(text: str, channel: str) -> str:
    vanity = channel.partition("/")[2]
    if _CHANNEL_ID.fullmatch(channel) or _HANDLE.fullmatch(channel) or _VANITY.fullmatch(vanity):
        return channel
    raise Misread(shown(text), EXPECTED_CHANNEL, f"{shown(channel)} is not the handle or id of a channel")


def _refusal(text: str, expected: str, seen: _Seen) -> Misread:
    kinds = [("video", seen.video), ("playlist", seen.playlist), ("channel", seen.channel)]
    named = [kind for kind, word in kinds if word is not None]
    hint = f"that is a {named[0]}" if named else None
    if hint is None and re.fullmatch("[A-Za-z0-9_-]+", text) and expected is EXPECTED_VIDEO:
        hint = f"an id has 11 characters, this has {len(text)}"
    return Misread(shown(text), expected, hint)
