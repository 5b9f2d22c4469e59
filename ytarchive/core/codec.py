"""Values that cross a border (a file, a pipe, a row) as JSON, and back as the same frozen dataclasses.

Canonical form: sorted keys, no white space, UTF-8. Unknown keys are ignored when reading, so that an older
program reads what a newer one wrote within one format.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

T = TypeVar("T")


class MalformedValue(ValueError):
    """Bytes that are not the JSON of the asked type; the message names the first field that is wrong."""


_adapters: dict[type[Any], TypeAdapter[Any]] = {}


def adapter(kind: type[T]) -> TypeAdapter[T]:
    """The reader and writer of a type, made once: making one costs a hundred times more than using it."""
    known = _adapters.get(kind)
    if known is None:
        known = _adapters[kind] = TypeAdapter(kind)
    return known


def plain(value: object) -> Any:
    """The value as JSON-ready dicts, lists and scalars (instants as ISO text)."""
    return adapter(type(value)).dump_python(value, mode="json")


def encode(value: object) -> bytes:
    """The canonical JSON of a dataclass value, one line, without a newline."""
    return canonical(plain(value))


def canonical(data: Any) -> bytes:
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def decode(kind: type[T], data: bytes | str) -> T:
    """Raise `MalformedValue` for anything that is not the JSON of `kind`."""
    try:
        value: T = adapter(kind).validate_json(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "the document"
        raise MalformedValue(f"{place}: {first['msg']}") from None
    return value


def digest(value: object) -> str:
    """SHA-256 of the canonical JSON, in hex: two values are the same wish exactly when this is the same."""
    return hashlib.sha256(encode(value)).hexdigest()
