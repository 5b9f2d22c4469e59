"""The observer that counts. A scrape reads memory alone: whatever costs time is measured at the end of a pass."""

from __future__ import annotations

import threading
from collections import Counter as Tally
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import prometheus_client
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest

from ytarchive.core.evidence import HttpExchange
from ytarchive.core.failure_table import policy
from ytarchive.core.identity import GUEST
from ytarchive.core.instant import Instant
from ytarchive.core.job import Event, Job
from ytarchive.core.plan import Books, Decision, Ledger
from ytarchive.core.removal import Removal
from ytarchive.core.report import Ending, PassReport, SourceReport
from ytarchive.errors import YtarchiveError
from ytarchive.metrics.meters import (
    ANY_EGRESS,
    HALTS,
    ITEM_STATES,
    METERS,
    VIDEO_STATES,
    WORKER_STATES,
    Meter,
)

NAMED_ENTRIES = 200
CONTENT_TYPE = prometheus_client.CONTENT_TYPE_PLAIN_0_0_4
_RESULTS = {0: "converged", 1: "stopped", 3: "owed"}

prometheus_client.disable_created_metrics()  # type: ignore[no-untyped-call]


@dataclass(frozen=True, slots=True)
class Egress:
    """An address as an identity. `videos_per_hour` is what it is trusted with; None: no limit."""

    name: str
    is_open: bool
    videos_per_hour: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What only the archive and its index tell, looked up at the end of a pass.

    `engine` is yt-dlp's version, `items` counts by condition, `workers` by state; `corrupt_items` are those that a scrub found. Units of the Data API are None where it is not used.
    """

    engine: str
    items: Mapping[str, int] = field(default_factory=dict)
    free_bytes: int = 0
    min_free_bytes: int = 0
    interval_seconds: int = 0
    egresses: tuple[Egress, ...] = ()
    quota_day: str = ""
    quota_used: int | None = None
    quota_left: int | None = None
    workers: Mapping[str, int] = field(default_factory=dict)
    slots: int = 0
    oldest_verified_at: Instant | None = None
    corrupt_items: int = 0


class Metrics:
    """Collectors in a registry of their own. One thread tells it what happens; any thread reads `text`.

    `now` gives seconds since the epoch. `last_success_at` is what "last success" says before the first pass of a process
    that runs for long: its start, or what it remembers.
    """

    def __init__(
        self, version: str, now: Callable[[], float], *, last_success_at: Instant | None = None
    ) -> None:
        self._version = version
        self._now = now
        self._registry = CollectorRegistry(auto_describe=False)
        self._process = CollectorRegistry(auto_describe=False)
        ProcessCollector(registry=self._process)
        self._counters: dict[str, Counter] = {}
        self._gauges: dict[str, Gauge] = {}
        self._histograms: dict[str, Histogram] = {}
        for meter in METERS:
            self._register(meter)
        self._lock = threading.Lock()
        self._running: dict[str, tuple[str, float]] = {}
        self._slots = 0
        self._unread: dict[str, str] = {}
        self._quota: tuple[str, int] | None = None
        self._corrupt: int | None = None
        self._depth = 0
        self._told: dict[str, set[str]] = {}
        self._engine: str | None = None
        self._gauges["workqueue_unfinished_work_seconds"].set_function(self._unfinished_seconds)
        self._set("config_last_reload_successful", 1)  # nothing starts without manifests that hold
        self._set("last_progress_timestamp_seconds", now())
        self._set("circuit_open", 0, GUEST)
        if last_success_at is not None:
            self._set("last_success_timestamp_seconds", last_success_at, "all")

    def text(self, *, of_process: bool = True) -> bytes:
        """Everything in Prometheus' text format; `of_process`: with memory and CPU of this process."""
        return generate_latest(self._registry) + (generate_latest(self._process) if of_process else b"")

    # What an observer of passes is told (`ytarchive.reconciler.Observer`)

    def note(self, text: str) -> None: ...
    def told(self, event: Event, video: str) -> None: ...
    def listing(self, entry: str, got: int, expected: int | None) -> None: ...

    def listed(self, report: SourceReport) -> None:
        self._add("reconcile_total", 1, "list", "failed" if report.code else "read")
        if report.code:
            self._unread[report.source] = report.entry
        else:
            self._unread.pop(report.source, None)
            self._set("last_success_timestamp_seconds", self._now(), "list")

    def planned(self, ledger: Ledger) -> None:
        self._queued(ledger.to_do)

    def started(self, job: Job, decision: Decision) -> None:  # noqa: ARG002 - as observers are told
        with self._lock:
            self._running[job.id] = (job.permit.egress, self._now())
        self._tell_running()
        self._queued(self._depth - 1)

    def progressed(self, event: Event) -> None:  # noqa: ARG002 - as observers are told
        self._set("last_progress_timestamp_seconds", self._now())

    def ended(self, end: Ending) -> None:
        with self._lock:
            egress, began = self._running.pop(end.job or "", (end.decision.identity, None))
        if end.job is None:
            return
        self._tell_running()
        self._add("downloads_total", 1, end.outcome)
        self._add("download_bytes_total", end.bytes)
        if began is not None:
            self._histograms["download_duration_seconds"].observe(max(0.0, self._now() - began))
        if end.failure is None:
            self._set("last_progress_timestamp_seconds", self._now())
            return
        rule = policy(end.failure.code)
        self._add("download_failures_total", 1, rule.code)
        if rule.charged_to == "egress":
            self._add("throttled_total", 1, egress, rule.code)

    def removed(self, removal: Removal) -> None:
        """An item was taken away."""
        self._add("removals_total", 1, removal.how)

    def waiting(self, until: int, why: str) -> None:  # noqa: ARG002 - as observers are told
        self._set("next_due_timestamp_seconds", until)

    def exchanged(self, http: Iterable[HttpExchange]) -> None:
        """Requests that a job made."""
        for (purpose, status), count in Tally((one.purpose, one.status) for one in http).items():
            self._add("upstream_requests_total", count, purpose, _status(status))

    def reloaded(self, problems: tuple[str, ...]) -> None:
        """Manifests were read again."""
        self._set("config_last_reload_successful", not problems)

    def passed(self, report: PassReport) -> None:
        kind = "scoped" if report.scoped else "all"
        self._add("reconcile_total", 1, kind, _RESULTS[report.exit_code])
        self._histograms["reconcile_duration_seconds"].labels(kind).observe(
            max(0, report.ended_at - report.started_at)
        )
        self.reloaded(report.problems)
        self._set("next_due_timestamp_seconds", report.next_due_at or 0)
        if report.exit_code != 1:
            self._set("last_success_timestamp_seconds", report.ended_at, kind)
        self._only("work_plans_open", report.open_items)
        if not report.scoped:
            self._set("removals_waiting", len(report.removals.waiting) if report.removals else 0)
        for name in HALTS:
            self._set("halted", any(one.name == name for one in report.notices), name)
        if not report.scoped and (report.ledger.entries or not report.stopped):  # else it never came to books
            self._queued(report.ledger.to_do)
            self._tell_books(report.ledger)

    # What else is told

    def broke(self, error: BaseException) -> None:
        """A pass ended with an error instead of a report; one that was interrupted counts for nothing."""
        if isinstance(error, Exception):
            result = "stopped" if isinstance(error, YtarchiveError) else "crashed"
            self._add("reconcile_total", 1, "all", result)

    def measured(self, measured: Measured) -> None:
        """Told at the start, and after each pass."""
        self._of_engine(measured.engine)
        self._set("schedule_interval_seconds", measured.interval_seconds)
        for state in ITEM_STATES:
            self._set("items", measured.items.get(state, 0), state)
        self._set("archive_free_bytes", measured.free_bytes)
        self._set("archive_min_free_bytes", measured.min_free_bytes)
        for egress in measured.egresses:
            self._set("circuit_open", egress.is_open, egress.name)
            self._set("egress_videos_per_hour", egress.videos_per_hour or 0, egress.name)
        if measured.quota_used is not None and measured.quota_left is not None:
            self._spent(measured.quota_day, measured.quota_used)
            self._set("quota_units_remaining", measured.quota_left)
        for state in WORKER_STATES:
            self._set("workers", measured.workers.get(state, 0), state)
        self._set("oldest_verified_timestamp_seconds", measured.oldest_verified_at or 0)
        if self._corrupt is not None:
            self._add("scrub_failures_total", max(0, measured.corrupt_items - self._corrupt))
        self._corrupt = measured.corrupt_items
        self._slots = measured.slots
        self._tell_running()

    # Writing down

    def _register(self, meter: Meter) -> None:
        name, about, labels = meter.full_name, meter.meaning, meter.labels
        metric: Counter | Gauge | Histogram
        if meter.kind == "counter":
            metric = self._counters[meter.name] = Counter(name, about, labels, registry=self._registry)
        elif meter.kind == "gauge":
            metric = self._gauges[meter.name] = Gauge(name, about, labels, registry=self._registry)
        else:
            metric = self._histograms[meter.name] = Histogram(
                name, about, labels, registry=self._registry, buckets=meter.buckets
            )
        for values in meter.known:
            metric.labels(*values)

    def _set(self, name: str, value: float, *labels: str) -> None:
        gauge = self._gauges[name]
        (gauge.labels(*labels) if labels else gauge).set(value)

    def _add(self, name: str, count: float, *labels: str) -> None:
        counter = self._counters[name]
        (counter.labels(*labels) if labels else counter).inc(count)

    def _only(self, name: str, values: Mapping[str, float]) -> None:
        """Set a gauge of one label, and forget the label's other values."""
        gauge = self._gauges[name]
        for value in self._told.get(name, set()) - values.keys():
            gauge.remove(value)
        for value, number in values.items():
            gauge.labels(value).set(number)
        self._told[name] = set(values)

    def _queued(self, depth: int) -> None:
        self._depth = max(0, depth)
        self._set("workqueue_depth", self._depth)

    def _tell_books(self, ledger: Ledger) -> None:
        for state in VIDEO_STATES:
            self._set("videos", getattr(ledger.total, state), state)
        unread = set(self._unread.values())
        ready = {name: _is_ready(books, name, unread) for name, books in sorted(ledger.entries.items())}
        self._set("entries", sum(ready.values()), "ready")
        self._set("entries", len(ready) - sum(ready.values()), "waiting")
        self._only("entry_ready", dict(tuple(ready.items())[:NAMED_ENTRIES]))

    def _tell_running(self) -> None:
        with self._lock:
            busy = Tally(egress for egress, _ in self._running.values())
        self._set("downloads_in_progress", busy.total())
        seen = self._told.setdefault("slots", set())
        seen.update(busy)
        for egress in seen:
            self._set("slots", busy[egress], egress, "busy")
        self._set("slots", max(0, self._slots - busy.total()), ANY_EGRESS, "free")

    def _unfinished_seconds(self) -> float:
        now = self._now()
        with self._lock:
            return sum(max(0.0, now - began) for _, began in self._running.values())

    def _of_engine(self, engine: str) -> None:
        if engine != self._engine:
            self._gauges["build_info"].clear()
            self._engine = engine
        self._set("build_info", 1, self._version, engine)
        self._set("engine_released_timestamp_seconds", _released_at(engine))

    def _spent(self, day: str, units: int) -> None:
        """The quota's book begins anew each day; what is counted here is what was spent since the first look at it."""
        if self._quota is not None:
            before = self._quota[1] if self._quota[0] == day else 0
            self._add("quota_units_used_total", max(0, units - before))
        self._quota = (day, units)


def _is_ready(books: Books, entry: str, unread: set[str]) -> bool:
    """Whether all is here that it wants, and its lists could be read; a part of a channel is named after a slash."""
    missing = books.ready + books.running + books.deferred + books.blocked
    return not missing and not any(name == entry or name.startswith(f"{entry}/") for name in unread)


def _status(status: int) -> str:
    return str(status) if 100 <= status <= 599 else "0"


def _released_at(engine: str) -> float:
    """yt-dlp's versions are days: 2026.10.26, and of a nightly 2026.10.26.232926; 0 for anything else."""
    try:
        year, month, day = (int(part) for part in engine.split(".")[:3])
        return datetime(year, month, day, tzinfo=UTC).timestamp()
    except ValueError:
        return 0.0
