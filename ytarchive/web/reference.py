"""The OpenAPI document as a page for people: drawn here, since nothing may be loaded from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from ytarchive.web.description import INTRODUCTION
from ytarchive.web.page.answering import html

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Part:
    """A parameter, or a key of the body."""

    name: str
    where: str
    kind: str
    needed: bool


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path. `answers` are its own statuses, without those that every route has."""

    method: str
    path: str
    summary: str
    description: tuple[str, ...]
    parameters: tuple[Part, ...]
    body: tuple[Part, ...]
    answers: str


@router.get("/docs")
def page(request: Request) -> HTMLResponse:
    """Every route, by subject."""
    told: dict[str, list[Operation]] = {}
    for tag, operation in operations(request.app.openapi()):
        told.setdefault(tag, []).append(operation)
    return html("api.html", request, introduction=INTRODUCTION, groups=list(told.items()))


def operations(document: Mapping[str, Any]) -> Iterator[tuple[str, Operation]]:
    """The operations of an OpenAPI document with their subjects, in its order."""
    schemas = document["components"]["schemas"]
    for path, methods in document["paths"].items():
        for method, told in methods.items():
            words = told.get("description", told["summary"]).split("\n\n")
            yield (
                told["tags"][0],
                Operation(
                    method=method.upper(),
                    path=path,
                    summary=words[0],
                    description=tuple(words[1:]),
                    parameters=tuple(_parameter(one) for one in told.get("parameters", ())),
                    body=tuple(_body(told, schemas)),
                    answers=", ".join(status for status in told["responses"] if status < "300"),
                ),
            )


def _parameter(told: Mapping[str, Any]) -> Part:
    return Part(told["name"], told["in"], _kind(told["schema"]), told.get("required", False))


def _body(told: Mapping[str, Any], schemas: Mapping[str, Any]) -> Iterator[Part]:
    if "requestBody" not in told:
        return
    name = told["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
    schema = schemas[name]
    for key, value in schema["properties"].items():
        yield Part(key, "body", _kind(value), key in schema.get("required", ()))


def _kind(schema: Mapping[str, Any]) -> str:
    """`text`, `one of video, playlist`, `number`: enough to know what to send."""
    for several in ("anyOf", "oneOf"):
        if several in schema:
            kinds = [_kind(one) for one in schema[several] if one.get("type") != "null"]
            return " or ".join(dict.fromkeys(kinds))
    if "enum" in schema:
        return f"one of {', '.join(map(str, schema['enum']))}"
    if schema.get("type") == "array":
        return f"{_kind(schema.get('items', {}))}, may be repeated"
    words = {"string": "text", "integer": "whole number", "number": "number", "boolean": "true or false"}
    return words.get(schema.get("type", ""), "value")
