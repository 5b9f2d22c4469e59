"""The lines that a worker and its parent exchange: one JSON object each, its `type` beside the value's own keys.

Parent to worker: `job` (a `Job`), `cancel` (`job`: its id), `quit`.
Worker to parent: `hello` first, then `event` (an `Event`) while a job runs, and one `receipt` (a `Receipt`).
A line ends with a newline and has at most 4 MiB. A `type` that the reader does not know is skipped, so that
either side may be newer than the other within one version.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from ytarchive.core.codec import MalformedValue, decode, plain
from ytarchive.core.job import LINE_CAP_BYTES, PROTOCOL, Event, Job, Receipt


@dataclass(frozen=True, slots=True)
class Hello:
    """A worker's first line: the version of the protocol, of yt-dlp and of its challenge solver, and its pid."""

    engine: str
    ejs: str | None
    pid: int
    protocol: int = PROTOCOL


@dataclass(frozen=True, slots=True)
class Cancel:
    """Stop this job: it ends with the receipt `cancelled`, and what was downloaded stays for a next attempt."""

    job: str


@dataclass(frozen=True, slots=True)
class Quit:
    """Finish the running job, then exit."""


Message = Hello | Job | Cancel | Quit | Event | Receipt

_KINDS: dict[str, type[Message]] = {
    "hello": Hello,
    "job": Job,
    "cancel": Cancel,
    "quit": Quit,
    "event": Event,
    "receipt": Receipt,
}
_TYPES = {kind: name for name, kind in _KINDS.items()}


class LineTooLong(ValueError):
    """A message above the cap of a line; whoever sends it must send less."""


def encode_message(message: Message) -> bytes:
    """One line with its newline. Raise `LineTooLong` above 4 MiB. Half characters, which YouTube has, become `?`."""
    data = {"type": _TYPES[type(message)], **plain(message)}
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    line = text.encode("utf-8", errors="replace") + b"\n"
    if len(line) > LINE_CAP_BYTES:
        raise LineTooLong(
            f"a {_TYPES[type(message)]} of {len(line)} bytes; at most {LINE_CAP_BYTES} fit in a line"
        )
    return line


def decode_message(line: bytes) -> Message | None:
    """The message of a line, or None for a `type` that this version does not know.

    Raise `MalformedValue` for what is not a JSON object with a `type`, or lacks what its type needs.
    """
    kind = _KINDS.get(_type_of(line))
    return None if kind is None else decode(kind, line)


def _type_of(line: bytes) -> str:
    try:
        data: Any = json.loads(line)
    except (ValueError, RecursionError):
        raise MalformedValue("the line: not JSON") from None
    if not isinstance(data, dict) or not isinstance(data.get("type"), str):
        raise MalformedValue("the line: not an object with a type")
    name: str = data["type"]
    return name
