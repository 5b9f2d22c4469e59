"""Whether it lives, whether it is ready, and how it is."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends
from starlette.responses import PlainTextResponse, Response

from ytarchive.web.answers import TheOffice, only_known
from ytarchive.web.metrics import CONTENT_TYPE
from ytarchive.web.problems import problem

router = APIRouter(tags=["health"], dependencies=[Depends(only_known)])
_TEXT: dict[int | str, dict[str, Any]] = {200: {"content": {"text/plain": {"schema": {"type": "string"}}}}}


@router.get("/healthz", response_class=PlainTextResponse, responses={**_TEXT})
async def alive() -> Response:
    """Whether the daemon answers at all."""
    return PlainTextResponse("alive\n")


@router.get(
    "/readyz", response_class=PlainTextResponse, responses={**_TEXT, 503: {"description": "not ready"}}
)
async def ready(office: TheOffice) -> Response:
    """Whether index, archive and manifests are there. How fresh the archive is, an alert tells."""
    missing = office.health().not_ready
    if missing:
        return problem(503, "; ".join(missing), headers={"Retry-After": "1"})
    return PlainTextResponse("ready\n")


@router.get("/metrics", response_class=PlainTextResponse, responses={**_TEXT})
async def metrics(office: TheOffice) -> Response:
    """The metrics, in Prometheus' text format."""
    return Response(office.metrics(), media_type=CONTENT_TYPE)
