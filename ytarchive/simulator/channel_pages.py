"""Pages of channels: Home, Videos, Shorts, Live, Releases and Playlists, 30 entries a page, in the shapes of youtube.com.

Videos, Shorts, Live and Releases are grids of `richItemRenderer`, Playlists a `gridRenderer`; both hold
`lockupViewModel` (Shorts `shortsLockupViewModel`). Titles, URLs and the `params` of tabs are those of youtube.com; the
shapes follow what yt-dlp reads (`_extract_tab_renderers`, `_rich_entries`, `_grid_entries` of its `_tab.py`).

A tab without entries does not exist, and asking for it shows Home, which is how yt-dlp learns that a channel "does
not have a shorts tab". Assumptions: the pages of the Shorts tab have 30 entries as well (youtube.com's are longer),
and Releases hold `LOCKUP_CONTENT_TYPE_PLAYLIST`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from ytarchive.simulator.browse import SIGNED_OUT, alert, make_token
from ytarchive.simulator.channels import Channels, Profile
from ytarchive.simulator.entries import CLICK, Place, continuation, lockup, playlist_lockup, shorts_lockup
from ytarchive.simulator.relative_time import counted
from ytarchive.simulator.upload_ids import UploadKind
from ytarchive.simulator.world import World

Json = dict[str, Any]

TAB_PAGE_SIZE = 30
_TERMINATED = "This account has been terminated for a violation of YouTube's Terms of Service."
_PATH = re.compile(r"/(?:(?P<type>channel|c|user)/(?P<name>[^/]+)|(?P<handle>@[^/]+))(?:/(?P<tab>\w*))?/?")


@dataclass(frozen=True, slots=True)
class Tab:
    """A tab: the end of its URL, its title, what `browse` calls it, and what it shows."""

    name: str
    title: str
    params: str
    kinds: tuple[UploadKind, ...] = ()


_TABS = (
    Tab("featured", "Home", "EghmZWF0dXJlZPIGBAoCMgA="),
    Tab("videos", "Videos", "EgZ2aWRlb3PyBgQKAjoA", (UploadKind.VIDEOS, UploadKind.MEMBERS)),
    Tab("shorts", "Shorts", "EgZzaG9ydHPyBgUKA5oBAA==", (UploadKind.SHORTS,)),
    Tab("streams", "Live", "EgdzdHJlYW1z8gYECgJ6AA==", (UploadKind.LIVE,)),
    Tab("releases", "Releases", "EghyZWxlYXNlc_IGBQoDsgEA"),
    Tab("playlists", "Playlists", "EglwbGF5bGlzdHPyBgQKAkIA"),
)
_BY_NAME = {tab.name: tab for tab in _TABS}
_BY_PARAMS = {tab.params: tab for tab in _TABS}


@dataclass(frozen=True, slots=True)
class Address:
    """The channel and the tab that a path names, in the words of the path; "" is Home."""

    type: str
    name: str
    tab: str


def read_path(path: str) -> Address | None:
    """Return what a path of youtube.com names, None for one that is not a channel's."""
    found = _PATH.fullmatch(path)
    if not found:
        return None
    return Address(found["type"] or "handle", found["name"] or found["handle"], found["tab"] or "")


def find_channel(channels: Channels, address: Address) -> Profile | None:
    """Return the channel that has this address now."""
    find = {
        "channel": channels.by_id,
        "c": channels.by_custom,
        "user": channels.by_user,
        "handle": channels.by_handle,
    }
    return find[address.type](address.name)


def tab_of_params(params: str) -> str:
    """Return the tab that `browse` is asked for; Home for what is not known."""
    tab = _BY_PARAMS.get(unquote(params))
    return tab.name if tab else ""


def resolved(channels: Channels, url: str) -> Json | None:
    """Return the endpoint of a channel's URL, as `navigation/resolve_url` does; None where there is no channel."""
    address = read_path(unquote(urlsplit(url).path))
    profile = find_channel(channels, address) if address else None
    if profile is None or address is None:
        return None
    return {
        "responseContext": SIGNED_OUT,
        "endpoint": _endpoint(profile, _BY_NAME.get(address.tab, _TABS[0])),
    }


def channel_response(
    world: World, profile: Profile, tab_name: str, place: Place, *, short: bool = False
) -> Json:
    """Return the page of a tab, or of Home where there is no such tab; an alert for a terminated channel.

    `short` leaves out the continuation.
    """
    if profile.state == "terminated":
        return alert(_TERMINATED)
    shown = [tab for tab in _TABS if tab.name == "featured" or _subjects(world, profile, tab)]
    selected = next((tab for tab in shown if tab.name == tab_name), _TABS[0])
    url = f"https://www.youtube.com/channel/{profile.id}"
    return {
        "responseContext": SIGNED_OUT,
        "contents": {
            "twoColumnBrowseResultsRenderer": {
                "tabs": [
                    *(
                        _tab(world, profile, tab, place, short=short, selected=tab is selected)
                        for tab in shown
                    ),
                    _search_tab(profile),
                ]
            }
        },
        "header": {"pageHeaderRenderer": _header(world, profile)},
        "metadata": {
            "channelMetadataRenderer": {
                "title": profile.title,
                "description": profile.description,
                "externalId": profile.id,
                "channelUrl": url,
                "vanityChannelUrl": f"http://www.youtube.com/{profile.handle}",
                "ownerUrls": [f"http://www.youtube.com/{profile.handle}"],
                "rssUrl": f"https://www.youtube.com/feeds/videos.xml?channel_id={profile.id}",
                "avatar": {"thumbnails": [{"url": _avatar(profile), "width": 900, "height": 900}]},
                "isFamilySafe": True,
            }
        },
        "microformat": {
            "microformatDataRenderer": {
                "urlCanonical": url,
                "title": profile.title,
                "unlisted": False,
                "noindex": False,
            }
        },
    }


def tab_continuation(
    world: World, profile: Profile, tab_name: str, offset: int, place: Place, *, short: bool = False
) -> Json:
    """Return the next page of a tab."""
    tab = _BY_NAME.get(tab_name, _TABS[0])
    items = _items(world, profile, tab, offset, place, short=short)
    action = {"continuationItems": items, "targetId": f"browse-feed{profile.id}{tab.name}"}
    return {
        "responseContext": SIGNED_OUT,
        "onResponseReceivedActions": [
            {"clickTrackingParams": CLICK, "appendContinuationItemsAction": action}
        ],
    }


def _subjects(world: World, profile: Profile, tab: Tab) -> Sequence[str]:
    """Return what a tab shows: ids of videos or of lists."""
    if tab.kinds:
        return world.channels.uploads(profile.id, tab.kinds, world.catalogue)
    lists = {"releases": profile.releases, "playlists": profile.playlists}.get(tab.name, ())
    found = ((each, world.playlist(each)) for each in lists)
    return [each for each, playlist in found if playlist and not (playlist.private or playlist.unlisted)]


def _items(world: World, profile: Profile, tab: Tab, offset: int, place: Place, *, short: bool) -> list[Json]:
    subjects = _subjects(world, profile, tab)
    items = [_item(world, tab, each, place) for each in subjects[offset : offset + TAB_PAGE_SIZE]]
    if tab.name != "playlists":
        items = [{"richItemRenderer": {"content": each, "trackingParams": CLICK}} for each in items]
    if offset + TAB_PAGE_SIZE < len(subjects) and not short:
        token = make_token(f"{profile.id}/{tab.name}", offset + TAB_PAGE_SIZE, unavailable=False)
        items.append(continuation(token, view_model=False))
    return items


def _item(world: World, tab: Tab, subject: str, place: Place) -> Json:
    if not tab.kinds:
        playlist = world.playlist(subject)
        assert playlist is not None
        count = len(playlist.entries) + playlist.hidden
        first = playlist.entries[0] if playlist.entries else None
        return playlist_lockup(subject, playlist.title, count, first)
    video = world.video(subject)
    assert video is not None
    return shorts_lockup(video) if tab.name == "shorts" else lockup(video, place)


def _tab(world: World, profile: Profile, tab: Tab, place: Place, *, short: bool, selected: bool) -> Json:
    found: Json = {"endpoint": _endpoint(profile, tab), "title": tab.title, "trackingParams": CLICK}
    if selected:
        items = _items(world, profile, tab, 0, place, short=short) if tab.name != "featured" else []
        found |= {"selected": True, "content": _content(tab, items)}
    return {"tabRenderer": found}


def _content(tab: Tab, items: list[Json]) -> Json:
    if tab.name == "featured":
        return {"sectionListRenderer": {"contents": [], "trackingParams": CLICK}}
    if tab.name == "playlists":
        section = {"itemSectionRenderer": {"contents": [{"gridRenderer": {"items": items}}]}}
        return {"sectionListRenderer": {"contents": [section], "trackingParams": CLICK}}
    return {"richGridRenderer": {"contents": items, "trackingParams": CLICK}}


def _search_tab(profile: Profile) -> Json:
    endpoint = {
        "commandMetadata": {"webCommandMetadata": {"url": f"/{profile.handle}/search"}},
        "browseEndpoint": {"browseId": profile.id, "params": "EgZzZWFyY2jyBgQKAloA"},
    }
    return {"expandableTabRenderer": {"endpoint": endpoint, "title": "Search", "selected": False}}


def _endpoint(profile: Profile, tab: Tab) -> Json:
    url = {"url": f"/{profile.handle}/{tab.name}", "webPageType": "WEB_PAGE_TYPE_CHANNEL", "rootVe": 3611}
    return {
        "clickTrackingParams": CLICK,
        "commandMetadata": {"webCommandMetadata": url | {"apiUrl": "/youtubei/v1/browse"}},
        "browseEndpoint": {
            "browseId": profile.id,
            "params": tab.params,
            "canonicalBaseUrl": f"/{profile.handle}",
        },
    }


def _header(world: World, profile: Profile) -> Json:
    """Return the head of the page: handle, subscribers (rounded as on the page), and how many videos there are."""
    videos = len(world.channels.uploads(profile.id, videos=world.catalogue))
    texts = (profile.handle, f"{_rounded(profile.subscribers)} subscribers", counted(videos, "video"))
    rows = [
        {"metadataParts": [{"text": {"content": texts[0]}}]},
        {"metadataParts": [{"text": {"content": text}} for text in texts[1:]]},
    ]
    return {
        "pageTitle": profile.title,
        "content": {
            "pageHeaderViewModel": {
                "title": {"dynamicTextViewModel": {"text": {"content": profile.title}}},
                "metadata": {"contentMetadataViewModel": {"metadataRows": rows, "delimiter": " • "}},
            }
        },
    }


def _rounded(number: int) -> str:
    for size, letter in ((1_000_000, "M"), (1000, "K")):
        if number >= size:
            return f"{number / size:.3g}{letter}"
    return str(number)


def _avatar(profile: Profile) -> str:
    return f"https://yt3.googleusercontent.com/{profile.id}=s900-c-k-c0x00ffffff-no-rj"
