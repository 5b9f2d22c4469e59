"""Why an attempt failed, and what follows from it: one table, from evidence to code, kind and policy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ytarchive.core.instant import Instant

Kind = Literal["permanent", "transient", "user", "engine", "wait"]


@dataclass(frozen=True, slots=True)
class HttpExchange:
    """One request of an attempt, without query or credentials. `status` 0: no answer (see `error`)."""

    purpose: Literal["watch", "player", "browse", "media", "caption", "thumbnail", "other"]
    host: str
    status: int
    bytes: int = 0
    seconds: float = 0.0
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """What an attempt saw, strongest first: playability of each client, HTTP log, causes, text.

    `message` is the engine's text without control characters, at most 500 characters. `cause` is the class
    name of the innermost exception, `error_number` its errno. `real_formats` counts formats with an address.
    """

    stage: Literal["list", "extract", "select", "download", "merge", "verify", "captions", "commit", "worker"]
    message: str = ""
    cause: str | None = None
    error_number: int | None = None
    expected: bool = False
    status: int | None = None
    playability: tuple[tuple[str, str, str], ...] = ()  # (client, status, reason)
    http: tuple[HttpExchange, ...] = ()
    offered: int = 0
    real_formats: int = 0
    drm_formats: int = 0
    live_status: str | None = None
    availability: str | None = None
    release_at: Instant | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """A verdict. `until` is a known time to wait for (a premiere), else the policy of the code decides."""

    code: str
    kind: Kind
    evidence: Evidence
    until: Instant | None = None
