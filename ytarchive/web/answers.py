"""What routes have in common: the office, the ids they take, and values as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from fastapi import Depends, Path, Request
from fastapi.exceptions import RequestValidationError
from pydantic import TypeAdapter
from starlette.responses import Response

from ytarchive.core.codec import adapter
from ytarchive.reconciler import World
from ytarchive.web.office import Office

VIDEO_PATTERN = r"^[A-Za-z0-9_-]{11}$"
PLAYLIST_PATTERN = r"^[A-Za-z0-9_-]{2,64}$"
JOB_PATTERN = r"^job-[0-9a-f]{1,32}$"
LONGEST_NAME = 200


def the_office(request: Request) -> Office:
    office: Office = request.app.state.office
    return office


TheOffice = Annotated[Office, Depends(the_office)]


def reading(office: TheOffice) -> Iterator[World]:
    """The archive and the index for one request."""
    with office.reading() as world:
        yield world


VideoId = Annotated[str, Path(pattern=VIDEO_PATTERN, description="The id of a video")]
PlaylistId = Annotated[str, Path(pattern=PLAYLIST_PATTERN, description="The id of a playlist")]
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


def documents(kind: TypeAdapter[list[object]], values: list[object]) -> Response:
    """Several values of one kind."""
    return Response(kind.dump_json(values), media_type="application/json")
