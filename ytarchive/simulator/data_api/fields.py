"""The `fields` parameter: `items(id,snippet(title,thumbnails/*)),nextPageToken`, and which names there are.

The grammar is in the reference: commas between fields, `a/b` for b within a, `a(b,c)` for several within a, and `*`
for all. A name that the resource does not have is an error (the rule is in the reference; its body was seen for
other Google APIs). The names are those of the API's discovery document.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from ytarchive.simulator.data_api.errors import ApiError, youtube_error

Json = dict[str, Any]
Selection = dict[str, Any]
"""Field -> the selection within it; empty means all of it."""

_TOKEN = re.compile(r"[A-Za-z][A-Za-z0-9_]*|[*/(),]")


def select(content: Json, fields: str, method: str) -> Json:
    """Return the part of a response that `fields` names; raise `ApiError` when it cannot be understood."""
    if not fields:
        return content
    selection = _selection(fields)
    _check(selection, _SCHEMAS[method])
    picked: Json = _pick(content, selection)
    return picked


def _pick(content: Any, selection: Selection) -> Any:
    if isinstance(content, list):
        return [_pick(value, selection) for value in content]
    if not isinstance(content, dict) or not selection or selection.get("*") == {}:
        return content
    every = selection.get("*")
    picked = {}
    for name, value in content.items():
        within = selection.get(name, every)
        if within is None or (within and not isinstance(value, dict | list)):
            continue
        found = _pick(value, within)
        if found != {} or not within:
            picked[name] = found
    return picked


def _check(selection: Selection, schema: Selection) -> None:
    for name, within in selection.items():
        if name != "*" and name not in schema:
            raise _invalid(name)
        if name != "*":
            _check(within, schema[name])
        elif within and not any(_fits(within, inner) for inner in schema.values()):
            raise _invalid(next(iter(within)))


def _fits(selection: Selection, schema: Selection) -> bool:
    return all(name == "*" or name in schema for name in selection)


@lru_cache(maxsize=256)
def _selection(fields: str) -> Selection:
    tokens = _TOKEN.findall(fields)
    if "".join(tokens) != re.sub(r"\s", "", fields):
        raise _invalid(fields)
    tokens.append("")
    found, rest = _read(tokens, 0, fields)
    if tokens[rest]:
        raise _invalid(fields)
    return found


def _read(tokens: list[str], at: int, fields: str) -> tuple[Selection, int]:
    """Read fields between commas; return them and where they end."""
    found: Selection = {}
    while True:
        at = _read_path(tokens, at, found, fields)
        if tokens[at] != ",":
            return found, at
        at += 1


def _read_path(tokens: list[str], at: int, into: Selection, fields: str) -> int:
    name = tokens[at]
    if not name or name in "/(),":
        raise _invalid(fields)
    at += 1
    whole = name in into and not into[name]
    within: Selection = into.get(name, {})
    if tokens[at] == "/":
        at = _read_path(tokens, at + 1, within, fields)
    elif tokens[at] == "(":
        inner, at = _read(tokens, at + 1, fields)
        if tokens[at] != ")":
            raise _invalid(fields)
        at += 1
        within |= inner
    else:
        whole = True
    into[name] = {} if whole else within
    return at


def _invalid(what: str) -> ApiError:
    message = f"Invalid field selection {what}"
    return youtube_error(400, "invalidParameter", message, "global", "fields")


_THUMBNAIL = "url,width,height"
_THUMBNAILS = f"thumbnails({','.join(f'{name}({_THUMBNAIL})' for name in ('default', 'medium', 'high', 'standard', 'maxres'))})"
_LOCALIZED = "localized(title,description)"
_ITEMS = {
    "playlistItems": (
        "snippet(publishedAt,channelId,title,description,channelTitle,playlistId,position,resourceId(kind,videoId),"
        f"videoOwnerChannelId,videoOwnerChannelTitle,{_THUMBNAILS}),contentDetails(videoId,startAt,endAt,note,"
        "videoPublishedAt),status/privacyStatus"
    ),
    "videos": (
        f"snippet(publishedAt,channelId,title,description,{_THUMBNAILS},channelTitle,tags,categoryId,"
        f"liveBroadcastContent,defaultLanguage,{_LOCALIZED},defaultAudioLanguage),contentDetails(duration,dimension,"
        "definition,caption,licensedContent,regionRestriction(allowed,blocked),contentRating(ytRating,mpaaRating),"
        "projection,hasCustomThumbnail),status(uploadStatus,failureReason,rejectionReason,privacyStatus,publishAt,"
        "license,embeddable,publicStatsViewable,madeForKids,selfDeclaredMadeForKids,containsSyntheticMedia),"
        "statistics(viewCount,likeCount,dislikeCount,favoriteCount,commentCount),player(embedHtml,embedHeight,"
        "embedWidth),topicDetails(topicIds,relevantTopicIds,topicCategories),recordingDetails(recordingDate),"
        "liveStreamingDetails(actualStartTime,actualEndTime,scheduledStartTime,scheduledEndTime,concurrentViewers,"
        "activeLiveChatId),localizations,paidProductPlacementDetails/hasPaidProductPlacement"
    ),
    "channels": (
        f"snippet(title,description,customUrl,publishedAt,{_THUMBNAILS},defaultLanguage,{_LOCALIZED},country),"
        "contentDetails/relatedPlaylists(likes,favorites,uploads,watchHistory,watchLater),statistics(viewCount,"
        "commentCount,subscriberCount,hiddenSubscriberCount,videoCount),topicDetails(topicIds,topicCategories),"
        "status(privacyStatus,isLinked,longUploadsStatus,madeForKids,selfDeclaredMadeForKids),"
        "brandingSettings(channel(title,description,keywords,country),image/bannerExternalUrl),"
        "contentOwnerDetails(contentOwner,timeLinked),localizations"
    ),
    "playlists": (
        f"snippet(publishedAt,channelId,title,description,{_THUMBNAILS},channelTitle,defaultLanguage,"
        f"{_LOCALIZED},tags,thumbnailVideoId),status(privacyStatus,podcastStatus),contentDetails/itemCount,"
        "player/embedHtml,localizations"
    ),
}
_RESPONSE = (
    "kind,etag,eventId,visitorId,nextPageToken,prevPageToken,tokenPagination,"
    "pageInfo(totalResults,resultsPerPage),items(kind,etag,id,{})"
)
_SCHEMAS: dict[str, Selection] = {
    method: _selection(_RESPONSE.format(items)) for method, items in _ITEMS.items()
}
