"""Whose list or page an answer is: what it says of itself, to be held against what was asked for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from ytarchive.core.job import ChannelFacts

_CHANNEL = re.compile(r"UC[0-9A-Za-z_-]{22}")
_HANDLE = re.compile(r"/(@[^/?#]+)")
_LIST = re.compile(r"[?&]list=([0-9A-Za-z_-]+)")
# A channel's own lists have its id behind two, or four, letters.
_OWN = re.compile(r"(?:UU(?:LF|SH|LV|MO)?|UC)([0-9A-Za-z_-]{22})")


def channel_in(data: dict[str, Any]) -> ChannelFacts | None:
    """Who a channel's page is about; None: the answer is no such page."""
    told = (data.get("metadata") or {}).get("channelMetadataRenderer") or {}
    address = str(told.get("channelUrl") or "")
    found = _CHANNEL.fullmatch(str(told.get("externalId") or "")) or _CHANNEL.search(address)
    if found is None:
        return None
    return ChannelFacts(
        id=found[0],
        title=_text(told.get("title")),
        handle=next(_handles(told), None),
        description=_text(told.get("description")),
    )


def lists_in(data: dict[str, Any]) -> set[str]:
    """The ids of the lists that an answer says it shows; none where it does not say."""
    microformat = (data.get("microformat") or {}).get("microformatDataRenderer") or {}
    header = (data.get("header") or {}).get("playlistHeaderRenderer") or {}
    found = _LIST.findall(str(microformat.get("urlCanonical") or ""))
    return {each for each in (*found, header.get("playlistId")) if isinstance(each, str) and each}


def is_about(playlist: str, lists: set[str]) -> bool:
    """Whether an answer is about a list. One that does not say is believed; a channel's own lists are one family."""
    return not lists or any(_family(each) == _family(playlist) for each in lists)


def _family(playlist: str) -> str:
    own = _OWN.fullmatch(playlist)
    return own[1] if own else playlist.removeprefix("PL")


def _handles(told: dict[str, Any]) -> Iterator[str]:
    for address in (told.get("vanityChannelUrl"), *(told.get("ownerUrls") or ())):
        if found := _HANDLE.search(unquote(str(address or ""))):
            yield found[1]


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
