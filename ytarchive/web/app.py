"""The application: every route behind its guards, every error a problem document, and its description."""

from __future__ import annotations

import threading
from collections.abc import Collection

import structlog
from fastapi import FastAPI
from fastapi.telemetry import TelemetryConfig

from ytarchive import __version__
from ytarchive.reconciler.logs import open_log
from ytarchive.web import description, reference
from ytarchive.web.attendant import Attendant
from ytarchive.web.guards import Guards, Rates
from ytarchive.web.keys import Keys
from ytarchive.web.office import Office
from ytarchive.web.page.routes import router as page_router
from ytarchive.web.problems import answer_with_problems
from ytarchive.web.registry import Registry
from ytarchive.web.routes import ROUTERS
from ytarchive.web.traced import Traced

# FastAPI brings telemetry of its own, which environment variables can switch on: it would tell what clients sent.
_NO_TELEMETRY: TelemetryConfig = {
    "tracing": False,
    "metrics": False,
    "logs": False,
    "operation_spans": False,
    "auto_configure": False,
}


def create_app(
    office: Office, *, keys: Keys, hosts: Collection[str] = (), rates: Rates | None = None
) -> FastAPI:
    """Routes find the daemon in `request.app.state.office`, the token's keys in `.keys`, and in `.closing` an event
    that is set when whoever waits should end."""
    app = FastAPI(
        title="ytarchive",
        version=__version__,
        description=description.INTRODUCTION,
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        redirect_slashes=False,
        telemetry=_NO_TELEMETRY,
    )
    app.state.office, app.state.keys, app.state.closing = office, keys, threading.Event()
    app.state.attendant = Attendant(office)
    app.state.registry, app.state.listeners = Registry(), 0
    app.state.log = open_log(office.settings, lambda: office.settings)
    for router in ROUTERS:
        app.include_router(router)
    app.include_router(page_router)
    app.include_router(reference.router)
    answer_with_problems(app)
    description.describe(app)
    app.add_middleware(Guards, keys=keys, hosts=hosts, rates=rates)
    if structlog.is_configured():
        app.add_middleware(Traced)
    return app
