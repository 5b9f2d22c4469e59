"""Errors as problem details (RFC 9457): what was found, what was expected, and the cure."""

from __future__ import annotations

import logging
import re
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.responses import Response

from ytarchive.core.misread import Misread
from ytarchive.errors import ArchiveError, BusyError, ConfigError, IndexDamaged, UsageError, YtarchiveError

MEDIA_TYPE = "application/problem+json"
RETRY_SECONDS = 5
_MOST_FAULTS = 20


class Fault(BaseModel):
    """One thing that is wrong with a request: where, and what."""

    where: str
    what: str


class Problem(BaseModel):
    """An error. `cure` says what to do about it, `faults` what is wrong with the request, part by part."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    cure: str | None = None
    faults: list[Fault] = []


class Refusal(Exception):
    """Raised by a route: an answer that is no success."""

    def __init__(self, status: int, detail: str, cure: str | None = None) -> None:
        super().__init__(detail)
        self.status, self.detail, self.cure = status, detail, cure


def problem(
    status: int,
    detail: str,
    *,
    cure: str | None = None,
    faults: list[Fault] | None = None,
    headers: dict[str, str] | None = None,
) -> Response:
    told = Problem(
        title=HTTPStatus(status).phrase, status=status, detail=detail, cure=cure, faults=faults or []
    )
    return Response(told.model_dump_json(exclude_none=True), status, headers=headers, media_type=MEDIA_TYPE)


def answer_with_problems(app: FastAPI) -> None:
    """Make every error of this application a problem document."""

    @app.exception_handler(Refusal)
    async def refused(_request: Request, error: Refusal) -> Response:
        return problem(error.status, error.detail, cure=error.cure)

    @app.exception_handler(YtarchiveError)
    async def told(_request: Request, error: YtarchiveError) -> Response:
        status = status_of(error)
        headers = {"Retry-After": str(RETRY_SECONDS)} if status == 503 else None
        return problem(status, error.message, cure=error.cure, headers=headers)

    @app.exception_handler(Misread)
    async def misread(_request: Request, error: Misread) -> Response:
        """What no schema can tell: a date that is in no calendar, an address of nothing."""
        return problem(422, _bounded(str(error)), cure=error.hint)

    @app.exception_handler(HTTPException)
    async def failed(request: Request, error: HTTPException) -> Response:
        detail = error.detail
        if error.status_code == 404:
            detail = f"nothing is at {request.url.path!r}"
        headers = dict(error.headers or {})
        if error.status_code == 405:
            taken = _methods(request)
            headers["Allow"] = ", ".join(taken) or headers.get("Allow", headers.get("allow", "GET"))
            headers.pop("allow", None)
            detail = f"{request.method} is not taken at {request.url.path!r}"
        return problem(error.status_code, detail, headers=headers)

    @app.exception_handler(Exception)
    async def crashed(request: Request, error: Exception) -> Response:
        logging.getLogger("ytarchive.web").error("%s %s", request.method, request.url.path, exc_info=error)
        return problem(
            500,
            "this is a bug of ytarchive",
            cure="report it with the lines of `ytarchive logs --component api`",
        )

    @app.exception_handler(RequestValidationError)
    async def invalid(_request: Request, error: RequestValidationError) -> Response:
        faults = [_fault(one) for one in error.errors()[:_MOST_FAULTS]]
        first = faults[0] if faults else Fault(where="request", what="invalid")
        return problem(422, f"{first.where}: {first.what}", faults=faults)


def status_of(error: YtarchiveError) -> int:
    """Not to be confused with the exit code: 503 passes by itself or is cured on the machine, 409 is not now."""
    match error:
        case UsageError():
            return 404 if _names_nothing(error) else 409
        case BusyError() | ArchiveError() | IndexDamaged() | ConfigError():
            return 503
        case _:
            return 502


def _methods(request: Request) -> list[str]:
    """Every method of this path; the router knows of one route only."""
    taken = set()
    for path, methods in request.app.openapi()["paths"].items():
        if re.fullmatch(re.sub(r"\\\{[a-z]+\\\}", "[^/]+", re.escape(path)), request.url.path):
            taken |= {method.upper() for method in methods}
    return sorted(taken | ({"HEAD"} if "GET" in taken else set()))


def _names_nothing(error: UsageError) -> bool:
    return error.message.startswith(
        ("no entry is called", "no profile is called", "no job is called", "not in the work plan")
    )


def _fault(error: dict[str, object]) -> Fault:
    place = error.get("loc", ())
    assert isinstance(place, tuple | list)
    where = ".".join(str(part) for part in place) or "request"
    return Fault(where=_bounded(where), what=_bounded(str(error.get("msg", "invalid"))))


def _bounded(text: str) -> str:
    """Text of a request may hold what UTF-8 cannot: half a pair of surrogates."""
    clean = text.encode("utf-8", errors="replace").decode()
    return clean if len(clean) <= 300 else clean[:299] + "…"
