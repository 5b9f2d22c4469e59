"""The `list` methods: which parameters they take, what they find, and how they page."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ytarchive.simulator.channels import Profile
from ytarchive.simulator.data_api.channels import CHANNEL_PARTS, PLAYLIST_PARTS, ShownChannel, ShownPlaylist
from ytarchive.simulator.data_api.errors import google_error, youtube_error
from ytarchive.simulator.data_api.paging import Page
from ytarchive.simulator.data_api.resources import (
    ITEM_PARTS,
    VIDEO_PARTS,
    Item,
    Shown,
    is_hidden,
    item_id,
    playlist_of_item,
    resource,
)
from ytarchive.simulator.playlists import Playlist
from ytarchive.simulator.upload_ids import UploadKind
from ytarchive.simulator.world import World

Json = dict[str, Any]
_MOST_IDS = 50
_MOST_RESULTS = 50
_DEFAULT_RESULTS = 5
_COMMON = frozenset(
    [
        "part",
        "maxResults",
        "pageToken",
        "hl",
        "onBehalfOfContentOwner",
        "key",
        "alt",
        "fields",
        "prettyPrint",
        "quotaUser",
        "$.xgafv",
    ]
)
PUBLIC_KINDS = (UploadKind.VIDEOS, UploadKind.SHORTS, UploadKind.LIVE)


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a method: its parameters, each with all its values, and the world that it is about."""

    world: World
    parameters: Mapping[str, Sequence[str]]

    def one(self, name: str) -> str:
        """Return the last value of a parameter, "" without one."""
        return (self.parameters.get(name) or ("",))[-1]

    def several(self, name: str) -> list[str]:
        """Return all values of a parameter, which may be repeated or joined by commas (reference), each once."""
        values = (value.strip() for values in self.parameters.get(name, ()) for value in values.split(","))
        return list(dict.fromkeys(filter(None, values)))

    def page(self, of: str) -> Page:
        """Return the page that is asked for of a list."""
        return Page(of, self.one("pageToken"), self._size())

    def _size(self) -> int:
        text = self.one("maxResults") or str(_DEFAULT_RESULTS)
        if not text.isascii() or not text.isdigit() or int(text) > _MOST_RESULTS:
            message = f"Invalid value '{text}'. Values must be within the range: [0, {_MOST_RESULTS}]"
            raise youtube_error(400, "invalidParameter", message, "global", "maxResults")
        return int(text)


@dataclass(frozen=True, slots=True)
class Method:
    """What a method takes. `owner` are the parts that only an owner may ask for."""

    parts: frozenset[str]
    filters: tuple[str, ...]
    answer: Callable[[Call, str, frozenset[str]], Json]
    owner: frozenset[str] = frozenset()

    def __call__(self, call: Call) -> Json:
        """Return the response; raise `ApiError` for parameters that make no sense."""
        self._refuse_unknown(call)
        return self.answer(call, self._filter(call), self._wanted(call))

    def _refuse_unknown(self, call: Call) -> None:
        """Refuse names that no method has, and those that only this stand-in does not know (videoId, chart, mine)."""
        for name in call.parameters:
            if name not in _COMMON and name not in self.filters:  # seen
                message = (
                    f'Invalid JSON payload received. Unknown name "{name}": Cannot bind query parameter. '
                    f"Field '{name}' could not be found in request message."
                )
                raise google_error(400, "badRequest", message)

    def _wanted(self, call: Call) -> frozenset[str]:
        wanted = call.several("part")
        if not wanted:  # seen
            raise youtube_error(400, "required", "Required parameter: part", "global", "part")
        for part in wanted:
            if part in self.owner:  # assumed
                raise google_error(403, "forbidden", f"The part {part} is for the owner alone.")
            if part not in self.parts and part != "id":  # seen
                raise youtube_error(400, "unknownPart", f"'{part}'", "youtube.part", "part")
        return frozenset(wanted)

    def _filter(self, call: Call) -> str:
        given = [name for name in self.filters if call.several(name)]
        if not given:  # seen
            message = f"No filter selected. Expected one of: {', '.join(self.filters)}"
            raise youtube_error(400, "missingRequiredParameter", message, "youtube.parameter", "parameters.")
        if len(given) > 1:  # the reason is in the reference
            message = f"Incompatible parameters specified in the request: {', '.join(given)}"
            raise youtube_error(400, "incompatibleParameters", message, "youtube.parameter", "parameters.")
        if len(call.several("id")) > _MOST_IDS:  # seen
            message = "The request specifies an invalid filter parameter."
            raise youtube_error(400, "invalidFilters", message, "youtube.parameter", "parameters.")
        return given[0]


def listing(kind: str, items: list[Json], total: int, size: int, tokens: Mapping[str, str]) -> Json:
    """Return the envelope of a list."""
    return {
        "kind": f"youtube#{kind}ListResponse",
        "etag": "",
        **tokens,
        "items": items,
        "pageInfo": {"totalResults": total, "resultsPerPage": size},
    }


def _playlist_items(call: Call, chosen: str, wanted: frozenset[str]) -> Json:
    if chosen == "id":
        found = [item for identity in call.several("id") if (item := _find_item(call.world, identity))]
        page, total, length = call.page("playlistItems"), len(found), len(found)
        items = list(page.cut(found))
    else:
        playlist = _readable(call.world, call.one("playlistId"))
        page, length = call.page(playlist.id), len(playlist.entries)
        total = length + playlist.hidden
        items = _items(call.world, playlist, page.offset, page.size)
    shown = [resource("playlistItem", item.id, item, ITEM_PARTS, wanted) for item in items]
    return listing("playlistItem", shown, total, page.size, page.tokens(length))


def _readable(world: World, playlist_id: str) -> Playlist:
    """Return a list; raise `ApiError` when there is none or it is private (messages seen, reasons in the reference)."""
    playlist = world.playlist(playlist_id)
    domain = "youtube.playlistItem"
    if playlist is None:
        message = (
            "The playlist identified with the request's <code>playlistId</code> parameter cannot be found."
        )
        raise youtube_error(404, "playlistNotFound", message, domain, "playlistId")
    if playlist.private:
        message = "The request is not properly authorized to retrieve the specified playlist."
        raise youtube_error(403, "playlistItemsNotAccessible", message, domain, "playlistId")
    return playlist


def _items(world: World, playlist: Playlist, offset: int, size: int) -> list[Item]:
    owner = world.owner_of(playlist)
    repeats = _repeats(playlist)
    videos = [world.video(video_id) for video_id in playlist.entries[offset : offset + size]]
    return [
        Item(playlist, owner, video, at, repeats.get(at, 0))
        for at, video in enumerate(videos, offset)
        if video is not None
    ]


_REPEATS: dict[str, tuple[Sequence[str], dict[int, int]]] = {}


def _repeats(playlist: Playlist) -> dict[int, int]:
    """Return which positions hold a video that came before, and how often it did; computed lists and uploads have none."""
    entries = playlist.entries
    if playlist.id.startswith("UU") or not isinstance(entries, tuple):
        return {}
    known = _REPEATS.get(playlist.id)
    if known is None or known[0] is not entries:
        seen: dict[str, int] = {}
        repeats = {}
        for at, video_id in enumerate(entries):
            if video_id in seen:
                repeats[at] = seen[video_id]
            seen[video_id] = seen.get(video_id, 0) + 1
        if len(_REPEATS) > 64:
            _REPEATS.clear()
        known = _REPEATS[playlist.id] = (entries, repeats)
    return known[1]


def _find_item(world: World, identity: str) -> Item | None:
    playlist_id = playlist_of_item(identity)
    playlist = world.playlist(playlist_id) if playlist_id else None
    if playlist is None or playlist.private:
        return None
    repeats = _repeats(playlist)
    for at, video_id in enumerate(playlist.entries):
        if item_id(playlist.id, video_id, repeats.get(at, 0)) == identity:
            return next(iter(_items(world, playlist, at, 1)), None)
    return None


def _videos(call: Call, chosen: str, wanted: frozenset[str]) -> Json:
    """What is private, deleted or unknown is left out. All that are asked for come at once (reference)."""
    found = [call.world.video(video_id) for video_id in call.several(chosen)]
    shown = [
        Shown(video, call.world.endpoint) for video in found if video is not None and not is_hidden(video)
    ]
    items = [resource("video", one.video.id, one, VIDEO_PARTS, wanted) for one in shown]
    return listing("video", items, len(items), len(items), {})


def _channels(call: Call, chosen: str, wanted: frozenset[str]) -> Json:
    """Answer for ids, a handle with or without its `@`, or an old user name.

    Channels are in no particular order, terminated ones are missing, and without any there is no `items` (seen).
    """
    channels = call.world.channels
    match chosen:
        case "forHandle":
            found = [channels.by_handle(f"@{call.one(chosen).strip().lstrip('@')}")]
        case "forUsername":
            found = [channels.by_user(call.one(chosen).strip())]
        case _:
            found = [channels.by_id(channel_id) for channel_id in sorted(call.several(chosen))]
    public = [profile for profile in found if profile is not None and profile.state == "public"]
    page = call.page("channels")
    items = []
    for profile in page.cut(public):
        shown = ShownChannel(profile, len(channels.uploads(profile.id, PUBLIC_KINDS, call.world.catalogue)))
        items.append(resource("channel", profile.id, shown, CHANNEL_PARTS, wanted))
    found_list = listing("channel", items, len(public), page.size, page.tokens(len(public)))
    if not items:
        del found_list["items"]
    return found_list


def _playlists(call: Call, chosen: str, wanted: frozenset[str]) -> Json:
    """Answer for ids, where private ones are missing, or for a channel's public playlists (reference)."""
    if chosen == "channelId":
        channel_id = call.one(chosen)
        found = list(_owner(call.world, channel_id).playlists)
        of = f"playlists/{channel_id}"
    else:
        channel_id, found, of = "", call.several(chosen), "playlists"
    known = [
        playlist for list_id in found if (playlist := call.world.playlist(list_id)) and not playlist.private
    ]
    public = [playlist for playlist in known if not (channel_id and playlist.unlisted)]
    page = call.page(of)
    items = []
    for playlist in page.cut(public):
        shown = ShownPlaylist(call.world, playlist, call.world.owner_of(playlist))
        items.append(resource("playlist", playlist.id, shown, PLAYLIST_PARTS, wanted))
    return listing("playlist", items, len(public), page.size, page.tokens(len(public)))


def _owner(world: World, channel_id: str) -> Profile:
    """Return a channel whose playlists are asked for; the reasons of refusals are in the reference, not the bodies."""
    profile = world.channels.by_id(channel_id)
    if profile is None:
        message = "Channel not found."
        raise youtube_error(404, "channelNotFound", message, "youtube.playlist", "channelId")
    if profile.state != "public":
        message = "The channel specified in the <code>channelId</code> parameter has been suspended."
        raise youtube_error(403, "channelSuspended", message, "youtube.playlist", "channelId")
    return profile


METHODS: Mapping[str, Method] = {
    "playlistItems": Method(frozenset(ITEM_PARTS), ("id", "playlistId"), _playlist_items),
    "videos": Method(
        frozenset(VIDEO_PARTS)
        | {"localizations", "paidProductPlacementDetails", "recordingDetails", "topicDetails"},
        ("id",),
        _videos,
        owner=frozenset({"fileDetails", "processingDetails", "suggestions"}),
    ),
    "channels": Method(
        frozenset(CHANNEL_PARTS) | {"contentOwnerDetails", "localizations", "topicDetails"},
        ("id", "forHandle", "forUsername"),
        _channels,
        owner=frozenset({"auditDetails"}),
    ),
    "playlists": Method(frozenset(PLAYLIST_PARTS) | {"localizations"}, ("id", "channelId"), _playlists),
}
"""Name in the path -> the method."""
