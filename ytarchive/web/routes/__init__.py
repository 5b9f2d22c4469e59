"""The routes, one module for each of their subjects."""

from fastapi import APIRouter

from ytarchive.web.routes import (
    archive,
    events,
    health,
    jobs,
    knowledge,
    logs,
    passes,
    quarantine,
    registry,
    storage,
    work_plan,
)

ROUTERS: tuple[APIRouter, ...] = (
    health.router,
    archive.router,
    knowledge.router,
    jobs.router,
    passes.router,
    work_plan.router,
    quarantine.router,
    storage.router,
    registry.router,
    logs.router,
    events.router,
)
