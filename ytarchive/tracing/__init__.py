"""Traces of passes, jobs and requests for OpenTelemetry, where `tracing.endpoint` is set; otherwise nothing happens.

    with tracing_to(endpoint, version=__version__):
        with span("pass"):
            begun = begin("job", video="dQw4w9WgXcQ")       # ends elsewhere
            begun.tell("download", started_at, ended_at)    # what another process measured
            begun.end()

Nothing of opentelemetry is imported before `tracing_to` is given an endpoint. A span's attributes are ids, names and codes:
no text of others, and nothing secret.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import wraps
from typing import ParamSpec, Protocol, TypeVar

from ytarchive.errors import YtarchiveError

P = ParamSpec("P")
R = TypeVar("R")
Attribute = str | int | float | bool


class Begun(Protocol):
    """A span that was begun, and is ended once."""

    traceparent: str
    """What another process needs to know of it (W3C Trace Context); empty: nobody traces."""

    def current(self) -> AbstractContextManager[None]:
        """Until the block ends, what this thread begins belongs to this span."""

    def rename(self, name: str) -> None: ...

    def tell(self, name: str, started_at: float, ended_at: float, *, error: str | None = None) -> None:
        """A part of it that somebody else measured, in seconds since the epoch."""

    def end(self, error: str | None = None, **attributes: Attribute) -> None:
        """`error` is a code: what it was for did not succeed."""


class Tracer(Protocol):
    """Where spans are made."""

    def begin(self, name: str, parent: str, attributes: dict[str, Attribute]) -> Begun: ...
    def trace_id(self) -> str | None: ...
    def close(self) -> None: ...


class _Nothing:
    """A span that nobody sees."""

    traceparent = ""

    def current(self) -> AbstractContextManager[None]:
        return nullcontext()

    def rename(self, name: str) -> None: ...
    def tell(self, name: str, started_at: float, ended_at: float, *, error: str | None = None) -> None: ...
    def end(self, error: str | None = None, **attributes: Attribute) -> None: ...


NOTHING: Begun = _Nothing()
_tracer: Tracer | None = None


@contextmanager
def tracing_to(endpoint: str | None, *, version: str) -> Iterator[None]:
    """Send the spans of this process there until the block ends (OTLP over HTTP); None: trace nothing.

    Raise `YtarchiveError` where the packages for it are not installed.
    """
    global _tracer
    if endpoint is None:
        yield
        return
    try:
        from ytarchive.tracing.otlp import OtlpTracer
    except ImportError as error:
        raise YtarchiveError(
            f"tracing.endpoint is set, and the packages for tracing are not installed ({error.name})",
            cure="pip install 'ytarchive[tracing]', or remove tracing.endpoint",
        ) from None
    _tracer = tracer = OtlpTracer(endpoint, version)
    try:
        yield
    finally:
        _tracer = None
        tracer.close()


def is_on() -> bool:
    return _tracer is not None


def trace_id() -> str | None:
    """The trace that this thread works for, in hex; None: none."""
    return _tracer.trace_id() if _tracer is not None else None


def begin(name: str, *, parent: str = "", **attributes: Attribute) -> Begun:
    """Begin a span, below `parent` (a traceparent) or below what this thread works for."""
    return _tracer.begin(name, parent, attributes) if _tracer is not None else NOTHING


@contextmanager
def span(name: str, *, parent: str = "", **attributes: Attribute) -> Iterator[Begun]:
    """A span that ends with the block; an exception is its error."""
    begun = begin(name, parent=parent, **attributes)
    with begun.current():
        try:
            yield begun
        except BaseException as error:
            begun.end(type(error).__name__)
            raise
    begun.end()


def traced(name: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let each call of a function be a span."""

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        @wraps(function)
        def call(*args: P.args, **kwargs: P.kwargs) -> R:
            with span(name):
                return function(*args, **kwargs)

        return call

    return decorate
