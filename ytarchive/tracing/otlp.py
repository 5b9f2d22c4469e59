"""Spans by OpenTelemetry's SDK, sent in batches from a thread of its own. Only imported when there is an endpoint."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import requests
from opentelemetry import context, trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Span, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from ytarchive.tracing import Attribute, Begun

_TIMEOUT_SECONDS = 3.0
_FLUSH_MILLISECONDS = 3_000
_PREFIX = "ytarchive."
_W3C = TraceContextTextMapPropagator()


class OtlpTracer:
    """Tells an OTLP receiver. One that does not answer loses spans, and holds nobody up."""

    def __init__(self, endpoint: str, version: str) -> None:
        # Its retries would fill the log with what matters to nobody but whoever looks for traces.
        logging.getLogger("opentelemetry").setLevel(logging.ERROR)
        session = requests.Session()
        session.trust_env = False  # the proxies of the environment are for YouTube
        exporter = OTLPSpanExporter(endpoint=_traces_at(endpoint), timeout=_TIMEOUT_SECONDS, session=session)
        resource = Resource.create({"service.name": "ytarchive", "service.version": version})
        self._provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("ytarchive", version)

    def begin(self, name: str, parent: str, attributes: dict[str, Attribute]) -> Begun:
        within = _W3C.extract({"traceparent": parent}) if parent else None
        made = self._tracer.start_span(name, context=within, kind=_kind(name), attributes=_named(attributes))
        return _Begun(self._tracer, made)

    def trace_id(self) -> str | None:
        known = trace.get_current_span().get_span_context()
        return trace.format_trace_id(known.trace_id) if known.is_valid else None

    def close(self) -> None:
        self._provider.force_flush(_FLUSH_MILLISECONDS)
        self._provider.shutdown()


class _Begun:
    def __init__(self, tracer: trace.Tracer, made: trace.Span) -> None:
        self._tracer, self._span = tracer, made
        self._context = trace.set_span_in_context(made)
        carrier: dict[str, str] = {}
        _W3C.inject(carrier, self._context)
        self.traceparent = carrier.get("traceparent", "")

    @contextmanager
    def current(self) -> Iterator[None]:
        token = context.attach(self._context)
        try:
            yield
        finally:
            context.detach(token)

    def rename(self, name: str) -> None:
        self._span.update_name(name)

    def tell(self, name: str, started_at: float, ended_at: float, *, error: str | None = None) -> None:
        part = self._tracer.start_span(name, context=self._context, start_time=_nanoseconds(started_at))
        _fail(part, error)
        part.end(_nanoseconds(max(started_at, ended_at)))

    def end(self, error: str | None = None, **attributes: Attribute) -> None:
        self._span.set_attributes(_named(attributes))
        _fail(self._span, error)
        self._span.end()


def _traces_at(endpoint: str) -> str:
    """Where traces go at a receiver; an address with a path is taken as it is."""
    return endpoint if urlsplit(endpoint).path.strip("/") else endpoint.rstrip("/") + "/v1/traces"


def _kind(name: str) -> SpanKind:
    return SpanKind.SERVER if name.startswith("api ") else SpanKind.INTERNAL


def _named(attributes: dict[str, Attribute]) -> dict[str, Attribute]:
    return {_PREFIX + name: value for name, value in attributes.items()}


def _fail(span: trace.Span | Span, error: str | None) -> None:
    if error is not None:
        span.set_status(StatusCode.ERROR, error)


def _nanoseconds(at: float) -> int:
    return int(at * 1_000_000_000)
