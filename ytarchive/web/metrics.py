"""The metrics on an address of their own, which may be open: nothing else is served there."""

from __future__ import annotations

from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from ytarchive.web.office import Office

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class MetricsApp:
    """`/metrics` and `/healthz`."""

    def __init__(self, office: Office) -> None:
        self._office = office

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._answer(scope)(scope, receive, send)

    def _answer(self, scope: Scope) -> Response:
        if scope["method"] not in ("GET", "HEAD"):
            return PlainTextResponse("only GET", 405, {"Allow": "GET, HEAD"})
        if scope["path"] == "/metrics":
            return Response(self._office.metrics(), media_type=CONTENT_TYPE)
        if scope["path"] == "/healthz":
            return PlainTextResponse("alive\n")
        return PlainTextResponse("only /metrics is here\n", 404)
