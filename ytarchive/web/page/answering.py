"""How pages are answered: drawn, with the headers that keep what is foreign in them inert, and errors as pages too."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse
from fastapi.routing import APIRoute

from ytarchive.errors import YtarchiveError
from ytarchive.web.keys import COOKIE, Keys
from ytarchive.web.office import Office
from ytarchive.web.page import drawing
from ytarchive.web.page.failing import HEADLINES, status_of

SECURITY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = {
    "Content-Security-Policy": SECURITY,
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


def office_of(request: Request) -> Office:
    office: Office = request.app.state.office
    return office


def html(template: str, request: Request, *, status: int = 200, **values: object) -> HTMLResponse:
    """One drawn page. What it shows is of this moment, and nobody's but the reader's."""
    common = {
        "archive": office_of(request).archive_id,
        "path": request.url.path,
        "signed_in": is_signed_in(request),
    }
    return HTMLResponse(drawing.draw(template, **common, **values), status, HEADERS)


def keys_of(request: Request) -> Keys:
    keys: Keys = request.app.state.keys
    return keys


def is_signed_in(request: Request) -> bool:
    return keys_of(request).is_session(request.cookies.get(COOKIE, ""))


def failure(request: Request, status: int, what: str, cure: str | None = None) -> HTMLResponse:
    """An error as a page."""
    headline = HEADLINES.get(status, HEADLINES[500])
    return html("error.html", request, status=status, headline=headline, what=what, cure=cure)


class PageRoute(APIRoute):
    """A route whose errors are pages."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        answer = super().get_route_handler()

        async def answered(request: Request) -> Response:
            try:
                return await answer(request)
            except YtarchiveError as error:
                return failure(request, status_of(error), error.message, error.cure)
            except RequestValidationError:
                return failure(
                    request, 422, "The address has a part that cannot be read.", "start from the overview"
                )
            except HTTPException as error:
                return failure(request, error.status_code, str(error.detail))

        return answered
