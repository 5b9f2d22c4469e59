"""The manifest's table for people (Markdown) and for editors (JSON Schema), both made from its keys."""

from __future__ import annotations

from typing import Any

from ytarchive.core import manifest_keys as table
from ytarchive.core.kinds import Kind, ListOf, Schema
from ytarchive.core.manifest_keys import Key, Place, Section
from ytarchive.core.misread import one_of

_HEADS = ("key", "what is written", "default", "stands in", "merged", "this version", "meaning")
_LISTS: tuple[tuple[Place, str], ...] = (
    ("videos", "video"),
    ("playlists", "playlist"),
    ("channels", "channel"),
)


def json_schema() -> dict[str, Any]:
    """The schema of one manifest file (draft 7, which editors know best)."""
    lists = {place: _entries(place, address) for place, address in _LISTS}
    named = {"type": ["object", "null"], "additionalProperties": {"$ref": "#/definitions/profile"}}
    described = {place: meaning for place, _, meaning in table.SECTIONS}
    properties: dict[str, Any] = {
        "version": _property(table.VERSION),
        "defaults": _object(table.keys_of("defaults")),
        "profiles": named,
        "videos": lists["videos"],
        "videos_from": _property(table.VIDEOS_FROM),
        "playlists": lists["playlists"],
        "channels": lists["channels"],
    }
    for place, meaning in described.items():
        properties[place] = {**properties[place], "description": meaning}
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "ytarchive manifest",
        "type": ["object", "null"],
        "additionalProperties": False,
        "properties": properties,
        "definitions": {"profile": _object(table.keys_of("profiles"))},
    }


def _entries(place: Place, address: str) -> dict[str, Any]:
    entry = {**_object(table.keys_of(place)), "type": "object", "required": [address]}
    plain = dict(_scalar(table.BY_PATH[address].kind))
    return {"type": ["array", "null"], "items": {"anyOf": [plain, entry]}}


def _object(section: Section) -> dict[str, Any]:
    return {
        "type": ["object", "null"],
        "additionalProperties": False,
        "properties": {
            word: _property(inner) if isinstance(inner, Key) else _object(inner)
            for word, inner in section.items()
        },
    }


def _property(key: Key) -> dict[str, Any]:
    schema: dict[str, Any] = dict(_scalar(key.kind))
    supported = _supported(key)
    schema["description"] = key.meaning.replace("`", "") + (
        "" if supported == "yes" else f" This version: {supported}."
    )
    if key.default is not None:
        schema["default"] = _default(key)
    return schema


def _scalar(kind: Kind | ListOf) -> Schema:
    if isinstance(kind, ListOf):
        return {"type": ["array", "null"], "items": dict(kind.item.schema), "minItems": kind.least}
    return kind.schema


def _default(key: Key) -> object:
    assert key.default is not None
    if isinstance(key.default, tuple):
        return list(key.default)
    is_bare = isinstance(key.kind, Kind) and key.kind.bare
    return table.value_of(key, key.default) if is_bare else key.default


def reference_table() -> str:
    """The table of docs/manifest.md: one row a key, in the order of `KEYS`."""
    rows = [_HEADS, tuple("---" for _ in _HEADS)]
    rows.append(_row(table.VERSION, "the file"))
    rows.extend(
        (
            f"`{place}`",
            written,
            "empty",
            "the file",
            "",
            "yes",
            meaning,
        )
        for place, written, meaning in table.SECTIONS
    )
    rows.append(_row(table.VIDEOS_FROM, "the file"))
    rows.extend(_row(key, ", ".join(f"`{place}`" for place in key.where)) for key in table.KEYS)
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |\n" for row in rows)


def _row(key: Key, where: str) -> tuple[str, ...]:
    default = f"`{table.as_text(key.default)}`" if key.default is not None else key.unset
    where = "everywhere" if key.where == table.ANYWHERE else where
    return (f"`{key.path}`", key.kind.expected, default, where, _merging(key), _supported(key), key.meaning)


def _merging(key: Key) -> str:
    if key.path in table.IDENTITY or key.where == ("file",):
        return ""
    if isinstance(key.kind, ListOf):
        return "the list is replaced"
    return "key by key" if "." in key.path else "replaced"


def _supported(key: Key) -> str:
    if key.now is None:
        return "yes"
    words = [str(word).lower() if isinstance(word, bool) else str(word) for word in key.now]
    return f"only {one_of(words)}"
