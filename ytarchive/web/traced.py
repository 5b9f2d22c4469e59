"""A line of the log and a span for each request, below the span that the client names in `traceparent`."""

from __future__ import annotations

import time
from collections.abc import Callable

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ytarchive import tracing

_ENDLESS = "/api/v1/events"


class Traced:
    """ASGI middleware. Both are named after the route, and never after the address that was asked for.

    Looking is logged for those who debug; what changes something, or goes wrong here, for everybody.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] == _ENDLESS:
            await self._app(scope, receive, send)
            return
        status, method = 500, scope["method"]

        async def watch(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        begun = tracing.begin(f"api {method}", parent=_parent(scope))
        began_at = time.monotonic()
        with begun.current():
            try:
                await self._app(scope, receive, watch)
            finally:
                route = getattr(scope.get("route"), "path", "")
                begun.rename(f"api {method} {route}".strip())
                begun.end(f"HTTP {status}" if status >= 500 else None, status=status, route=route)
                took = round(time.monotonic() - began_at, 3)
                _log(method, status)(f"{method} {route or 'unknown'}: {status}", status=status, seconds=took)


def _log(method: str, status: int) -> Callable[..., object]:
    log = structlog.get_logger("api")
    if status >= 500:
        return log.error  # type: ignore[no-any-return]
    return log.debug if method in ("GET", "HEAD") else log.info  # type: ignore[no-any-return]


def _parent(scope: Scope) -> str:
    found = next((value for name, value in scope["headers"] if name == b"traceparent"), b"")
    return bytes(found).decode("ascii", errors="replace")[:100]
