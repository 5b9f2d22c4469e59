"""What happens, as it happens: server-sent events."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query, Request
from starlette.responses import Response, StreamingResponse

from ytarchive.core.instant import to_iso
from ytarchive.reconciler.happenings import Happening
from ytarchive.web.answers import TheOffice, only_known
from ytarchive.web.office import Office
from ytarchive.web.problems import problem

router = APIRouter(prefix="/api/v1", tags=["events"], dependencies=[Depends(only_known)])
LOOK_SECONDS = 0.2
ALIVE_SECONDS = 15.0
MOST_LISTENERS = 64
_EVENT = {
    "type": "object",
    "required": ["id", "event", "data"],
    "properties": {"id": {"type": "string"}, "event": {"type": "string"}, "data": {"type": "string"}},
}
_STREAM: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/event-stream": {"schema": _EVENT}}, "description": "events"}
}


@router.get("/events", response_class=StreamingResponse, responses={**_STREAM})
async def events(
    request: Request,
    office: TheOffice,
    since: Annotated[
        int | None, Query(ge=0, le=2**53, description="Begin behind this number; else now")
    ] = None,
    seconds: Annotated[float, Query(ge=0, le=86_400, description="End after so long")] = 86_400,
    last_event_id: Annotated[str | None, Header(max_length=20)] = None,
) -> Response:
    """Jobs that begin, advance and end, lists, notes, passes. `event` is its kind, `id` its number, `data` JSON.

    The last 1,000 are kept: who comes back with `Last-Event-ID` (or `since`) misses nothing of these. After a restart of
    the daemon numbers begin anew.
    """
    state = request.app.state
    if state.listeners >= MOST_LISTENERS:
        return problem(503, f"{MOST_LISTENERS} listen already", headers={"Retry-After": "30"})
    begin = since
    if begin is None and last_event_id is not None and last_event_id.isascii() and last_event_id.isdigit():
        begin = int(last_event_id)
    newest = _newest(office)
    if begin is None or begin > newest:
        begin = newest if begin is None else 0
    return StreamingResponse(_told(request, office, begin, seconds), media_type="text/event-stream")


def _newest(office: Office) -> int:
    kept = office.happenings.since(0)
    return kept[-1].id if kept else 0


async def _told(request: Request, office: Office, begin: int, seconds: float) -> AsyncIterator[bytes]:
    state, last = request.app.state, begin
    loop = asyncio.get_running_loop()
    ends_at = loop.time() + seconds
    spoken_at = loop.time()
    state.listeners += 1
    try:
        yield b"retry: 2000\n\n"
        while not state.closing.is_set():
            news = office.happenings.since(last)
            for one in news:
                yield _event(one)
            if news:
                last, spoken_at = news[-1].id, loop.time()
            elif loop.time() - spoken_at > ALIVE_SECONDS:
                spoken_at = loop.time()
                yield b": alive\n\n"
            if loop.time() >= ends_at:
                return
            await asyncio.sleep(min(LOOK_SECONDS, max(0.0, ends_at - loop.time())))
    finally:
        state.listeners -= 1


def _event(one: Happening) -> bytes:
    told = {"at": to_iso(one.at), "text": one.text, **one.data}
    text = json.dumps(told, ensure_ascii=True, default=str)
    return f"id: {one.id}\nevent: {one.kind}\ndata: {text}\n\n".encode()
