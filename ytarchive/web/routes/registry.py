"""Workers and their health."""

from __future__ import annotations

import time

from fastapi import APIRouter, Depends
from pydantic import TypeAdapter
from starlette.responses import Response

from ytarchive.web.answers import TheOffice, TheRegistry, document, only_known
from ytarchive.web.office import Office
from ytarchive.web.values import Heartbeat, Registered, Service

router = APIRouter(prefix="/api/v1/registry", tags=["registry"], dependencies=[Depends(only_known)])
_SERVICES = TypeAdapter(tuple[Service, ...])


@router.post("/register", response_model=Registered)
def register(registry: TheRegistry, told: Heartbeat) -> Response:
    """Say that a worker lives; again and again, every `every_seconds`."""
    return document(registry.beat(told, int(time.time())))


@router.get("/services", response_model=tuple[Service, ...])
def services(office: TheOffice, registry: TheRegistry) -> Response:
    """Every worker here and elsewhere: what it does, and whether it was heard of in time."""
    told = (*_local(office), *registry.services(int(time.time())))
    return Response(_SERVICES.dump_json(told), media_type="application/json")


def _local(office: Office) -> tuple[Service, ...]:
    return tuple(
        Service(
            name=f"slot-{worker.slot + 1}",
            where="local",
            state=worker.state,
            health="dead" if worker.state == "dead" else "healthy",
            last_heard_at=worker.last_heard_at,
            job=worker.job,
            jobs_done=worker.jobs_done,
            pid=worker.pid,
        )
        for worker in office.workers()
    )
