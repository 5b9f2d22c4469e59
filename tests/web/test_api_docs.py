"""docs/api.md names every route, parameter and key, and nothing that is not there; /docs draws them."""

from __future__ import annotations

import re
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel
from web_office import Client

from ytarchive.web import values
from ytarchive.web.problems import Fault, Problem

TEXT = (Path(__file__).parents[2] / "docs/api.md").read_text(encoding="utf-8")
NAMED = {*re.findall(r"[A-Za-z0-9_]+", TEXT)}
ROUTE = re.compile(r"`(GET|POST|DELETE) (/[^`]*)`")


@pytest.fixture(scope="module")
def document(client: Client) -> dict[str, Any]:
    told: dict[str, Any] = client.get("/openapi.json").json()
    return told


def test_every_route_is_named_and_no_other(document: dict[str, Any]) -> None:
    there = {(method.upper(), path) for path, methods in document["paths"].items() for method in methods}
    assert {*ROUTE.findall(TEXT)} == there


def test_every_parameter_is_named(document: dict[str, Any]) -> None:
    operations = [one for methods in document["paths"].values() for one in methods.values()]
    names = {part["name"] for one in operations for part in one.get("parameters", ())}
    assert {name for name in names if name not in NAMED and name.lower() not in TEXT.lower()} == set()


def test_every_status_is_named(document: dict[str, Any]) -> None:
    operations = [one for methods in document["paths"].values() for one in methods.values()]
    assert {
        status for one in operations for status in one["responses"] if status >= "400" and status not in TEXT
    } == set()


@pytest.mark.parametrize(
    "value",
    [
        Fault,
        Problem,
        *(
            one
            for one in vars(values).values()
            if isinstance(one, type) and one.__module__ == values.__name__
        ),
    ],
    ids=lambda value: value.__name__,
)
def test_every_key_is_named(value: type) -> None:
    if issubclass(value, BaseModel):
        keys = {*value.model_fields}
    else:
        assert is_dataclass(value)
        keys = {
            field.name for field in fields(value) if field.name in value.__annotations__
        }  # not inherited ones
    assert keys - NAMED == set()


def test_the_page_of_the_api_names_every_route_and_loads_nothing_from_elsewhere(
    client: Client, document: dict[str, Any]
) -> None:
    page = client.get("/docs").text
    assert {path for path in document["paths"] if path not in page} == set()
    assert re.findall(r"(?:src|href)=\"(?!/)[^\"#]", page) == []
