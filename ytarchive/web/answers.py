"""What routes have in common: the office, the ids they take, and values as JSON."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Path, Query, Request
from fastapi.exceptions import RequestValidationError
from starlette.responses import Response

from ytarchive.adapters.log_store import LogStore
from ytarchive.core.amounts import DURATION_OR_0
from ytarchive.core.codec import adapter
from ytarchive.core.misread import Misread, shown
from ytarchive.core.paging import NoSuchPlace, Window, window
from ytarchive.errors import BusyError
from ytarchive.reconciler import World
from ytarchive.web.office import Office
from ytarchive.web.problems import Refusal
from ytarchive.web.registry import Registry

VIDEO_PATTERN = r"^[A-Za-z0-9_-]{11}$"
PLAYLIST_PATTERN = r"^[A-Za-z0-9_-]{2,64}$"
CHANNEL_PATTERN = r"^(UC[A-Za-z0-9_-]{22}|@[A-Za-z0-9._-]{3,30}|(c|user)/[A-Za-z0-9._-]{1,100})$"
JOB_PATTERN = r"^job-[0-9a-f]{1,32}$"


def the_office(request: Request) -> Office:
    office: Office = request.app.state.office
    return office


TheOffice = Annotated[Office, Depends(the_office)]


def the_log(request: Request) -> LogStore:
    log: LogStore = request.app.state.log
    return log


def the_registry(request: Request) -> Registry:
    registry: Registry = request.app.state.registry
    return registry


TheLog = Annotated[LogStore, Depends(the_log)]
TheRegistry = Annotated[Registry, Depends(the_registry)]


def is_proven(request: Request) -> bool:
    """Whether this came with the token, or by the owner's socket: what only looks like reading may ask for it."""
    return bool(getattr(request.state, "proven", False))


Proven = Annotated[bool, Depends(is_proven)]
_MUCH = threading.BoundedSemaphore(2)
MUCH_SECONDS = 10.0


@contextmanager
def reading_much(office: Office) -> Iterator[World]:
    """For answers over everything: two at a time, so that many of them cannot fill the memory. Raise `BusyError`."""
    if not _MUCH.acquire(timeout=MUCH_SECONDS):
        raise BusyError("others ask for much at this moment", cure="try again in a moment")
    try:
        with office.reading() as world:
            yield world
    finally:
        _MUCH.release()


VideoId = Annotated[str, Path(pattern=VIDEO_PATTERN, description="The id of a video")]
PlaylistId = Annotated[str, Path(pattern=PLAYLIST_PATTERN, description="The id of a playlist")]
ChannelId = Annotated[
    str, Path(pattern=CHANNEL_PATTERN, description="The id of a channel, or its @handle, c/Name or user/Name")
]
EntryName = Annotated[str, Path(min_length=1, max_length=200, description="The name of an entry")]
JobId = Annotated[str, Path(pattern=JOB_PATTERN, description="The id of a job")]


def only_known(request: Request) -> None:
    """Refuse parameters that a route does not have: a filter that is misspelt would else filter nothing."""
    route = request.scope["route"]
    known = {field.alias for field in route.dependant.query_params}
    unknown = [name for name in request.query_params if name not in known]
    if unknown:
        told = ", ".join(sorted(known)) or "none"
        fault = {"loc": ("query", unknown[0][:60]), "msg": f"there is no such parameter; there are: {told}"}
        raise RequestValidationError([fault])


def document(value: object, status: int = 200, **headers: str) -> Response:
    """A value as JSON, as `--json` prints it."""
    return Response(adapter(type(value)).dump_json(value), status, headers, "application/json")


PLACE_PATTERN = r"^[a-z_]{1,20}:[^\x00-\x1f\x7f]{1,200}$"
After = Annotated[
    str | None, Query(max_length=230, pattern=PLACE_PATTERN, description="`next` of the page before")
]
Limit = Annotated[int, Query(ge=1, le=5000)]
PAGE = 500


def page_of(
    lists: Mapping[str, tuple[Any, ...]], key: Callable[[Any], str], after: str | None, limit: int
) -> Window:
    """One page of these lists. 410 when the place after which to read on is gone."""
    try:
        return window(lists, key, after, limit)
    except NoSuchPlace:
        raise Refusal(
            410, "what the page before ended with is not there any more", "read again from the beginning"
        ) from None


def moment(text: str, now: int, *, ahead: bool) -> int:
    """A duration from `now`, `ahead` or before it, or a moment of its own. Raise `Misread`."""
    if text[-1] == "Z":
        try:
            return int(datetime.fromisoformat(text).timestamp())
        except (ValueError, OverflowError):
            raise Misread(shown(text), "a moment such as 2026-11-23T14:05:00Z") from None
    seconds: int = DURATION_OR_0.parse(text)
    return now + seconds if ahead else now - seconds
