"""Playlist pages and their continuations, in the shapes of youtube.com.

Two layouts: since June 2026 entries are `lockupViewModel` items followed by a `continuationItemViewModel`; before,
they were `playlistVideoRenderer` items in a `playlistVideoListRenderer`. A third, `page-header`, is the newer one with
what channel pages have had since 2024 at their head, a `pageHeaderRenderer`, and without the sidebar: that playlists
come to this as well is an assumption. The page behind a URL hides unavailable
videos; asking `browse` for `VL<id>` with `wgYCCAA=` shows them (yt-dlp's `_reload_with_unavailable_videos`).

A channel's lists of uploads have no unavailable videos at all.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from ytarchive.simulator.catalogue import Catalogue, Channel
from ytarchive.simulator.entries import CLICK, Place, byline, continuation, lockup, renderer
from ytarchive.simulator.playlists import PAGE_SIZE, Playlist
from ytarchive.simulator.wellknown import CHANGES

Json = dict[str, Any]

SHOW_UNAVAILABLE = "wgYCCAA="
SIGNED_OUT: Json = {"mainAppWebResponseContext": {"loggedOut": True}}


@dataclass(frozen=True, slots=True)
class View:
    """How a list is looked at. `layout` is `lockup`, `renderer` or `page-header`; `unavailable` shows what is gone.

    `short` leaves out the continuation, as YouTube sometimes does: the list seems to end. `place` is when it is looked at.
    """

    catalogue: Catalogue
    place: Place
    owner: Channel
    layout: str
    unavailable: bool
    short: bool = False
    signed_in: bool = False

    @property
    def context(self) -> Json:
        """Return what answers say of who asks."""
        return {"mainAppWebResponseContext": {"loggedOut": not self.signed_in}}


def playlist_response(playlist: Playlist | None, view: View) -> Json:
    """Return the first page: header data and up to 100 entries, or the alert of a list that cannot be seen."""
    if playlist is None:
        return alert("The playlist does not exist.")
    if playlist.private:
        return alert("This playlist is private.")
    entries = _listed(playlist, view)
    tab = {"tabRenderer": _tab(playlist, _page(playlist.id, entries, 0, view), view.layout)}
    hidden = len(playlist.entries) - len(entries)
    return {
        "responseContext": view.context,
        "contents": {"twoColumnBrowseResultsRenderer": {"tabs": [tab]}},
        **({"alerts": [_hidden_alert()]} if hidden else {}),
        "metadata": {
            "playlistMetadataRenderer": {"title": playlist.title, "description": playlist.description}
        },
        "microformat": {
            "microformatDataRenderer": {
                "urlCanonical": f"https://www.youtube.com/playlist?list={playlist.id}",
                "title": playlist.title,
                "unlisted": playlist.unlisted,
                "noindex": playlist.unlisted,
            }
        },
        **_head(playlist, view),
    }


def continuation_response(playlist: Playlist, offset: int, view: View) -> Json:
    """Return the next 100 entries."""
    items = _page(playlist.id, _listed(playlist, view), offset, view)
    action = {"continuationItems": items, "targetId": playlist.id}
    return {
        "responseContext": view.context,
        "onResponseReceivedActions": [
            {"clickTrackingParams": CLICK, "appendContinuationItemsAction": action}
        ],
    }


def empty_continuation() -> Json:
    """Return the answer that has lost its items: yt-dlp calls it "Incomplete data received"."""
    return {"responseContext": SIGNED_OUT, "trackingParams": CLICK}


def make_token(playlist_id: str, offset: int, *, unavailable: bool) -> str:
    """Return an opaque continuation token; real ones are of like length."""
    content = f"{playlist_id}|{offset}|{int(unavailable)}|{'s' * 96}"
    return "4qmFsg" + base64.urlsafe_b64encode(content.encode()).decode()


def read_token(token: str) -> tuple[str, int, bool]:
    """Return playlist id, offset, and whether unavailable videos are shown; ValueError for a foreign token."""
    try:
        content = base64.urlsafe_b64decode(token.removeprefix("4qmFsg")).decode()
    except binascii.Error as error:
        raise ValueError("not a token of this simulator") from error
    playlist_id, offset, unavailable, _ = content.split("|")
    return playlist_id, int(offset), unavailable == "1"


def _listed(playlist: Playlist, view: View) -> Sequence[str]:
    """Return the entries that are shown. Computed facts never hide a video, so only changed ones are looked at."""
    is_uploads = playlist.id.startswith("UU") and not isinstance(playlist.entries, tuple)
    if view.unavailable or is_uploads or not (view.catalogue.changes or isinstance(playlist.entries, tuple)):
        return playlist.entries
    return [found for found in playlist.entries if not _is_hidden(found, view.catalogue)]


def _is_hidden(video_id: str, catalogue: Catalogue) -> bool:
    if video_id not in catalogue.changes and video_id not in CHANGES:
        return False
    video = catalogue.video(video_id)
    return video is not None and video.case.is_hidden_in_listings


def _page(playlist_id: str, entries: Sequence[str], offset: int, view: View) -> list[Json]:
    render = renderer if view.layout == "renderer" else lockup
    videos = [view.catalogue.video(found) for found in entries[offset : offset + PAGE_SIZE]]
    items = [
        render(video, replace(view.place, index=offset + at, playlist_id=playlist_id))
        for at, video in enumerate(videos)
        if video is not None
    ]
    if offset + PAGE_SIZE < len(entries) and not view.short:
        token = make_token(playlist_id, offset + PAGE_SIZE, unavailable=view.unavailable)
        items.append(continuation(token, view_model=view.layout != "renderer"))
    return items


def _tab(playlist: Playlist, items: list[Json], layout: str) -> Json:
    if not items:
        items = [{"messageRenderer": {"text": {"simpleText": "No videos in this playlist yet"}}}]
    elif layout == "renderer":
        items = [
            {"playlistVideoListRenderer": {"contents": items, "playlistId": playlist.id, "isEditable": False}}
        ]
    section = {"itemSectionRenderer": {"contents": items, "trackingParams": CLICK}}
    return {
        "selected": True,
        "content": {"sectionListRenderer": {"contents": [section], "targetId": playlist.id}},
        "trackingParams": CLICK,
    }


def _head(playlist: Playlist, view: View) -> Json:
    """Title, owner and count: in a sidebar, or in the header."""
    if view.layout != "page-header":
        return {"sidebar": {"playlistSidebarRenderer": {"items": _sidebar(playlist, view.owner)}}}
    count = len(playlist.entries) + playlist.hidden
    owner = {"avatarStack": {"avatarStackViewModel": {"text": {"content": f"by {view.owner.name}"}}}}
    texts = (
        "Playlist",
        f"{count:,} video{'' if count == 1 else 's'}" if count else "No videos",
        "1,234 views",
    )
    rows = [
        {"metadataParts": [owner]},
        {"metadataParts": [{"text": {"content": text}} for text in texts]},
    ]
    content = {
        "pageHeaderViewModel": {
            "title": {"dynamicTextViewModel": {"text": {"content": playlist.title}}},
            "metadata": {"contentMetadataViewModel": {"metadataRows": rows, "delimiter": " • "}},
        }
    }
    return {"header": {"pageHeaderRenderer": {"pageTitle": playlist.title, "content": content}}}


def _sidebar(playlist: Playlist, owner: Channel) -> list[Json]:
    count = len(playlist.entries) + playlist.hidden
    number: Json = (
        {"runs": [{"text": f"{count:,}"}, {"text": " video" if count == 1 else " videos"}]}
        if count
        else {"simpleText": "No videos"}
    )
    privacy = {"metadataBadgeRenderer": {"icon": {"iconType": "PRIVACY_UNLISTED"}, "label": "Unlisted"}}
    primary = {
        "title": {"runs": [{"text": playlist.title}]},
        "stats": [
            number,
            {"simpleText": "1,234 views"},
            {"runs": [{"text": "Last updated on "}, {"text": "Nov 3, 2026"}]},
        ],
        **({"badges": [privacy]} if playlist.unlisted else {}),
    }
    secondary = {"videoOwner": {"videoOwnerRenderer": {"title": byline(owner)}}}
    return [
        {"playlistSidebarPrimaryInfoRenderer": primary},
        {"playlistSidebarSecondaryInfoRenderer": secondary},
    ]


def alert(text: str) -> Json:
    """Return the page of what cannot be seen."""
    return {
        "responseContext": SIGNED_OUT,
        "alerts": [{"alertRenderer": {"type": "ERROR", "text": {"runs": [{"text": text}]}}}],
    }


def _hidden_alert() -> Json:
    return {
        "alertWithButtonRenderer": {"type": "INFO", "text": {"simpleText": "Unavailable videos are hidden"}}
    }
