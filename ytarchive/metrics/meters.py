"""One table of everything that is measured: name, kind, meaning, labels and the values that labels take.

The collectors, docs/monitoring.md, the alert rules and the dashboard are held against it. No label ever holds a video, a
title, an address or free text: what nobody bounds would grow Prometheus without end.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

PREFIX = "ytarchive_"
PASS_RESULTS = ("converged", "owed", "stopped", "crashed")
LIST_RESULTS = ("read", "failed")
OUTCOMES = ("fetched", "updated", "captions", "looked", "excluded", "failed", "cancelled")
VIDEO_STATES = ("have", "ready", "running", "deferred", "blocked", "undecided", "excluded")
ITEM_STATES = ("whole", "partial", "damaged")
REMOVALS = ("quarantine", "delete")
HALTS = ("engine", "network", "disk")
WORKER_STATES = ("idle", "busy", "starting", "dead")
ANY_EGRESS = "any"
"""A free slot belongs to no egress yet."""


@dataclass(frozen=True, slots=True)
class Meter:
    """One metric, its name without the prefix. `known`: label values that are there, as 0, before anything happened,
    so that the first event is seen as an increase.
    """

    name: str
    kind: Literal["counter", "gauge", "histogram"]
    meaning: str
    labels: tuple[str, ...] = ()
    known: tuple[tuple[str, ...], ...] = ()
    buckets: tuple[float, ...] = field(default=())

    @property
    def full_name(self) -> str:
        return PREFIX + self.name


def _each(*values: str) -> tuple[tuple[str, ...], ...]:
    return tuple((value,) for value in values)


_PASSES = tuple((kind, result) for kind in ("all", "scoped") for result in PASS_RESULTS)
_LISTS = tuple(("list", result) for result in LIST_RESULTS)
_PASS_SECONDS = (1, 5, 15, 60, 300, 900, 3600, 4 * 3600, 12 * 3600, 24 * 3600, 7 * 24 * 3600)
_DOWNLOAD_SECONDS = (1, 5, 15, 30, 60, 120, 300, 900, 1800, 3600, 4 * 3600, 12 * 3600)

METERS: tuple[Meter, ...] = (
    Meter("build_info", "gauge", "Always 1; the labels tell the versions.", ("version", "yt_dlp_version")),
    Meter("engine_released_timestamp_seconds", "gauge", "Day on which the yt-dlp in use was released."),
    Meter(
        "config_last_reload_successful", "gauge", "Whether manifests and settings are valid (1), or one is not (0)."
    ),
    Meter(
        "reconcile_total",
        "counter",
        "Passes that ended, over `all` or `scoped` to an entry or videos, and readings of a `list`.",
        ("kind", "result"),
        (*_PASSES, *_LISTS),
    ),
    Meter(
        "reconcile_duration_seconds",
        "histogram",
        "How long passes took.",
        ("kind",),
        _each("all", "scoped"),
        _PASS_SECONDS,
    ),
    Meter(
        "last_success_timestamp_seconds",
        "gauge",
        "When a pass, or the reading of a list, last ended without an operational error; the daemon's start before its first one.",
        ("kind",),
    ),
    Meter("schedule_interval_seconds", "gauge", "How often lists are read that say nothing else."),
    Meter("next_due_timestamp_seconds", "gauge", "When there is work again that waits for a time; 0: unknown."),
    Meter("workqueue_depth", "gauge", "Videos that would be given to a worker now, were one free."),
    Meter(
        "workqueue_unfinished_work_seconds", "gauge", "Seconds that the jobs which run now have taken, together."
    ),
    Meter(
        "last_progress_timestamp_seconds",
        "gauge",
        "When a download last went on, or ended well; the start before the first one.",
    ),
    Meter("videos", "gauge", "Videos that the sources list, by their place in the books.", ("state",), _each(*VIDEO_STATES)),
    Meter("items", "gauge", "Items in the archive, by the condition of their files.", ("state",), _each(*ITEM_STATES)),
    Meter("entries", "gauge", "Entries of the manifests that have all they want (`ready`), or not.", ("state",), _each("ready", "waiting")),
    Meter("entry_ready", "gauge", "Whether an entry has all it wants; the first 200 entries by name.", ("entry",)),
    Meter("work_plans_open", "gauge", "Items of the work plan, by the code of their cause.", ("reason",)),
    Meter("downloads_total", "counter", "Jobs that ended.", ("outcome",), _each(*OUTCOMES)),
    Meter("download_failures_total", "counter", "Jobs that failed, by the code of their cause.", ("code",)),
    Meter("download_bytes_total", "counter", "Bytes that came into the archive."),
    Meter("download_duration_seconds", "histogram", "How long jobs took.", buckets=_DOWNLOAD_SECONDS),
    Meter("removals_total", "counter", "Items that passes took away, into quarantine or for good.", ("how",), _each(*REMOVALS)),
    Meter("removals_waiting", "gauge", "Items that would be taken away, and wait for a person's confirmation."),
    Meter("downloads_in_progress", "gauge", "Jobs that run now."),
    Meter(
        "upstream_requests_total",
        "counter",
        "Requests to YouTube and SponsorBlock by what they were for, and the HTTP status; code 0: no answer.",
        ("api", "code"),
    ),
    Meter("quota_units_used_total", "counter", "Units of the Data API that were spent."),
    Meter("quota_units_remaining", "gauge", "Units of the Data API that may still be spent today."),
    Meter("throttled_total", "counter", "Jobs that YouTube refused to an address.", ("egress", "reason")),
    Meter("circuit_open", "gauge", "Whether an egress rests because YouTube throttles it.", ("egress",)),
    Meter("egress_videos_per_hour", "gauge", "What an egress is trusted with; 0: no limit.", ("egress",)),
    Meter("halted", "gauge", "Whether trouble with the engine, the network or the disk pauses downloads.", ("cause",), _each(*HALTS)),
    Meter("scrub_failures_total", "counter", "Items that were found with files that no longer match their checksums."),
    Meter(
        "oldest_verified_timestamp_seconds",
        "gauge",
        "When the checksums of the item that waits longest were compared, or it was fetched; 0: there is no item.",
    ),
    Meter("archive_free_bytes", "gauge", "Room on the archive's disk."),
    Meter("archive_min_free_bytes", "gauge", "Room that stays free on it (archive.min_free)."),
    Meter("workers", "gauge", "Local workers by what they do.", ("state",), _each(*WORKER_STATES)),
    Meter("slots", "gauge", "Slots for downloads; a free one belongs to `any` egress.", ("egress", "state")),
)  # fmt: skip
