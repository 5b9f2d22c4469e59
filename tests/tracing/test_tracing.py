"""Spans: sent to a receiver where one is set, and nothing at all where none is."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
import time
from concurrent.futures import Future
from typing import Any

import pytest
from otlp_receiver import receiving

from ytarchive import tracing
from ytarchive.adapters.clock import SystemClock
from ytarchive.adapters.executor import OnEvent
from ytarchive.core.failure import Evidence, verdict
from ytarchive.core.job import Event, Job, Receipt
from ytarchive.errors import YtarchiveError
from ytarchive.reconciler.crew import Crew, Message
from ytarchive.tracing import begin, span, tracing_to
from ytarchive.web.traced import Traced

SILENT = """
import sys
import ytarchive.__main__, ytarchive.cli.reconcile, ytarchive.cli.logged, ytarchive.reconciler.logs
from ytarchive.tracing import begin, is_on, span, trace_id, tracing_to
with tracing_to(None, version="1"), span("pass") as found:
    begin("job").end()
    assert (is_on(), trace_id(), found.traceparent) == (False, None, "")
loaded = lambda: {name.partition(".")[2].partition(".")[0] for name in sys.modules if name.startswith("opentelemetry")}
assert loaded() == set(), loaded()
import ytarchive.daemon  # FastAPI needs OpenTelemetry's interfaces, whoever traces
assert not loaded() & {"sdk", "exporter", "proto"}, loaded()
"""


def test_nothing_of_opentelemetry_is_imported_while_tracing_is_off() -> None:
    done = subprocess.run([sys.executable, "-c", SILENT], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_spans_are_received_below_one_another_with_times_errors_and_no_text_of_errors() -> None:
    with receiving() as receiver:
        with tracing_to(receiver.url, version="1"):
            assert tracing.is_on()
            with span("pass") as whole:
                trace = tracing.trace_id()
                begun = begin("job", job="job-1")
                begun.tell("download", 100.5, 101.25)
                with pytest.raises(ValueError, match="secret"), begun.current(), span("commit"):
                    raise ValueError("a secret text")
                begun.end("PRIVATE", outcome="failed")
            assert whole.traceparent.split("-")[1] == trace
            elsewhere = begin("job", parent=whole.traceparent)
            elsewhere.end()
        assert not tracing.is_on()
    assert receiver.paths == {"/v1/traces"}
    first, second = receiver.named("job")
    passed, download, commit = (receiver.one(name) for name in ("pass", "download", "commit"))
    assert {one.trace for one in receiver.spans} == {trace}
    assert {first.parent, second.parent} == {passed.id}
    assert (download.parent, commit.parent) == (first.id, first.id)
    assert (download.began_at, download.ended_at) == (100_500_000_000, 101_250_000_000)
    assert (first.error, commit.error, passed.error) == ("PRIVATE", "ValueError", None)
    assert first.attributes == {"ytarchive.job": "job-1", "ytarchive.outcome": "failed"}


def test_a_receiver_that_is_not_there_holds_nobody_up() -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        endpoint = f"http://127.0.0.1:{nobody.getsockname()[1]}/otlp/traces"
        began = time.monotonic()
        with tracing_to(endpoint, version="1"), span("pass"):
            pass
    assert time.monotonic() - began < 30


def test_missing_packages_are_an_error_with_its_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "ytarchive.tracing.otlp", raising=False)
    monkeypatch.setitem(sys.modules, "opentelemetry", None)
    with pytest.raises(YtarchiveError, match="not installed") as raised, tracing_to("http://h", version="1"):
        pass
    assert "pip install 'ytarchive[tracing]'" in (raised.value.cure or "")


class _Worker:
    """An executor whose worker tells its stages, and fails."""

    def __init__(self, on_event: OnEvent) -> None:
        self.tell = on_event

    def submit(self, job: Job) -> Future[Receipt]:
        assert len(job.traceparent) == 55
        future: Future[Receipt] = Future()
        for data in (
            {"name": "extract", "started_at": 1.0, "ended_at": 2.0},
            {"name": "download", "started_at": 2, "ended_at": 1},
            {"name": ["x"], "started_at": "yesterday"},
        ):
            self.tell(Event(job.id, 1, "span", data))
        self.tell(Event(job.id, 2, "progress", {}))
        future.set_result(Receipt(job.id, "failed", verdict("AGE", Evidence("extract"))))
        return future

    def cancel(self, job_id: str) -> None: ...
    def close(self) -> None: ...

    def free_slots(self) -> int:
        return 1


def test_a_job_is_a_span_with_its_stages_and_what_comes_of_it_is_taken_within() -> None:
    taken: list[tuple[Message, str | None]] = []
    with receiving() as receiver, tracing_to(receiver.url, version="1"):
        crew = Crew(_Worker, None, SystemClock())
        with span("pass"):
            crew.submit(
                Job("job-1", "fetch", "dQw4w9WgXcQ"),
                lambda message: taken.append((message, tracing.trace_id())),
            )
        while len(taken) < 2:  # after the pass, as between the passes of a daemon
            crew.attend(1)
        assert tracing.trace_id() is None
        crew.close()
    job = receiver.one("job")
    assert (job.parent, job.error) == (receiver.one("pass").id, "AGE")
    assert {one.name for one in receiver.spans if one.parent == job.id} == {"extraction", "download"}
    assert receiver.one("download").ended_at == receiver.one("download").began_at
    assert {trace for _, trace in taken} == {job.trace}
    assert not any(isinstance(message, Event) and message.kind == "span" for message, _ in taken)


def test_a_request_is_a_span_named_after_its_route_below_the_client_s() -> None:
    class Route:
        path = "/api/v1/videos/{video}"

    async def app(scope: Any, receive: Any, send: Any) -> None:
        scope["route"] = Route()
        await send({"type": "http.response.start", "status": 503, "headers": []})

    async def ask(path: str, traceparent: bytes) -> None:
        async def send(message: Any) -> None: ...

        scope = {"type": "http", "method": "GET", "path": path, "headers": [(b"traceparent", traceparent)]}
        await Traced(app)(scope, send, send)  # type: ignore[arg-type]

    with receiving() as receiver:
        with tracing_to(receiver.url, version="1"):
            asyncio.run(ask("/api/v1/videos/x", f"00-{'ab' * 16}-{'cd' * 8}-01".encode()))
            asyncio.run(ask("/api/v1/events", b""))
            asyncio.run(ask("/", b"\xff garbage"))
        asyncio.run(ask("/", b""))
    named, other = receiver.named("api GET /api/v1/videos/{video}")
    assert (named.trace, named.parent, named.error) == ("ab" * 16, "cd" * 8, "HTTP 503")
    assert named.attributes["ytarchive.status"] == "503"
    assert other.parent == ""
