"""A span for each request, below the one that the client names in `traceparent`."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ytarchive import tracing

_ENDLESS = "/api/v1/events"


class Traced:
    """ASGI middleware. A span is named after the route, and never after the address that was asked for."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] == _ENDLESS or not tracing.is_on():
            await self._app(scope, receive, send)
            return
        status = 500

        async def watch(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        begun = tracing.begin(f"api {scope['method']}", parent=_parent(scope))
        try:
            with begun.current():
                await self._app(scope, receive, watch)
        finally:
            route = getattr(scope.get("route"), "path", "")
            begun.rename(f"api {scope['method']} {route}".strip())
            begun.end(f"HTTP {status}" if status >= 500 else None, status=status, route=route)


def _parent(scope: Scope) -> str:
    found = next((value for name, value in scope["headers"] if name == b"traceparent"), b"")
    return bytes(found).decode("ascii", errors="replace")[:100]
