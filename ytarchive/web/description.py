"""The OpenAPI document: what FastAPI derives from the routes, and what holds for all of them."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from ytarchive.web.problems import MEDIA_TYPE, Problem

INTRODUCTION = (
    "What the archive holds and lacks, and what people may ask of it. Over loopback, reading needs no token and "
    "writing does; beyond loopback everything does. Errors are problem details (RFC 9457)."
)
_ALWAYS = {
    "400": "the host is not served here, or the request is none",
    "401": "the token is missing or wrong",
    "403": "the request comes from another page",
    "429": "too many requests",
}
_WRITING = {
    "408": "the body did not arrive in time",
    "413": "the body is too large",
    "415": "the body is no JSON",
}
_API = {
    "404": "there is no such thing",
    "409": "that is not possible as things are",
    "410": "it was there, and is no more",
    "422": "the request is not valid",
    "502": "it was tried, and failed",
    "503": "the archive or the index cannot be used now",
}


def describe(app: FastAPI) -> None:
    """Make `app.openapi()` tell the whole truth, once."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _document(app: FastAPI) -> dict[str, Any]:
    told = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
    schemas = told.setdefault("components", {}).setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    made = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(made.pop("$defs", {}))
    schemas["Problem"] = made
    told["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    for path, operations in told["paths"].items():
        for method, operation in operations.items():
            _complete(path, method, operation)
    return told


def _complete(path: str, method: str, operation: dict[str, Any]) -> None:
    is_api = path.startswith("/api/")
    texts = _ALWAYS | (_API if is_api else {})
    if "requestBody" in operation:
        texts = texts | _WRITING
    for status, text in texts.items():
        operation["responses"][status] = {
            "description": text,
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
    if is_api:
        operation["security"] = [{"token": []}] if method not in ("get", "head") else [{}, {"token": []}]
