"""What is known of videos, playlists and channels, and asking YouTube anew."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from ytarchive.core.address import Address
from ytarchive.reconciler import (
    ChannelKnowledge,
    Knowledge,
    ListKnowledge,
    VideoKnowledge,
    ask,
    is_known,
    known,
)
from ytarchive.web.answers import ChannelId, PlaylistId, Proven, TheOffice, VideoId, document, only_known
from ytarchive.web.office import Office
from ytarchive.web.problems import Refusal

router = APIRouter(prefix="/api/v1/metadata", tags=["metadata"], dependencies=[Depends(only_known)])
Refresh = Annotated[bool, Query(description="Ask YouTube now, which needs the token")]
TAKEN_UP_SECONDS = 30.0


@router.get("/video/{video}", response_model=VideoKnowledge)
def video(office: TheOffice, proven: Proven, video: VideoId, refresh: Refresh = False) -> Response:
    """A video as it was last seen, with every title it had. 404 when nothing is known of it."""
    return _told(office, Address("video", video), proven, refresh=refresh)


@router.get("/playlist/{playlist}", response_model=ListKnowledge)
def playlist(office: TheOffice, proven: Proven, playlist: PlaylistId, refresh: Refresh = False) -> Response:
    """A playlist as it was last read. 404 when it never was."""
    return _told(office, Address("playlist", playlist), proven, refresh=refresh)


@router.get("/channel/{channel:path}", response_model=ChannelKnowledge)
def channel(office: TheOffice, proven: Proven, channel: ChannelId, refresh: Refresh = False) -> Response:
    """A channel as it was last seen, by its id, its `@handle`, `c/Name` or `user/Name`. 404 when it never was."""
    return _told(office, Address("channel", channel), proven, refresh=refresh)


def _told(office: Office, address: Address, proven: bool, *, refresh: bool) -> Response:
    if refresh and not proven:
        raise Refusal(401, "asking YouTube needs the token", "send it as `Authorization: Bearer ...`")
    found = _looked(office, address) if refresh else _cached(office, address)
    if not is_known(found):
        raise Refusal(404, f"nothing is known of the {address.kind} {address.id}", "ask with ?refresh=true")
    return document(found)


def _cached(office: Office, address: Address) -> Knowledge:
    with office.reading() as world:
        return known(world, address)


def _looked(office: Office, address: Address) -> Knowledge:
    return office.ask(lambda world: ask(world, address), timeout_seconds=TAKEN_UP_SECONDS)
