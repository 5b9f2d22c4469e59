"""The routes, one module for each of their subjects."""

from fastapi import APIRouter

from ytarchive.web.routes import health

ROUTERS: tuple[APIRouter, ...] = (health.router,)
