"""What a pass tells becomes numbers with names that stay few."""

from __future__ import annotations

import pytest
from measuring import NOON, Watch, metrics, needs_promtool, promtool, report, samples

from ytarchive.core.failure import Evidence, HttpExchange, verdict
from ytarchive.core.halts import Notice
from ytarchive.core.job import Event, Job, Permit
from ytarchive.core.plan import Action, Books, Decision, Ledger, Reason
from ytarchive.core.report import Ending, SourceReport
from ytarchive.errors import YtarchiveError
from ytarchive.metrics import METERS, NAMED_ENTRIES, Egress, Measured, Metrics


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def counted(watch: Watch) -> Metrics:
    return metrics(watch)


def ready(video: str) -> Decision:
    return Decision(video, "ready", Reason.MISSING, "digest", action=Action.FETCH)


def job(number: int, egress: str = "guest") -> Job:
    return Job(f"job-{number}", "fetch", "abcdefghijk", permit=Permit(egress))


def failure(code: str) -> object:
    return verdict(code, Evidence(stage="extract", message="no"))


def of(counted: Metrics) -> dict[tuple[str, tuple[str, ...]], float]:
    return samples(counted.text())


@needs_promtool
def test_metrics_before_and_after_a_pass_please_promtool(counted: Metrics) -> None:
    assert promtool("check", "metrics", text=counted.text()) == ""
    counted.started(job(1), ready("abcdefghijk"))
    counted.ended(Ending(ready("abcdefghijk"), "failed", job="job-1", failure=failure("BOT_CHECK")))  # type: ignore[arg-type]
    counted.exchanged([HttpExchange("player", "www.youtube.com", 429)])
    counted.passed(report(entries={'"Quoted" \\ \n entry': Books(have=1)}, open_items={"PRIVATE": 2}))
    counted.measured(Measured(engine="2026.10.26", quota_day="2026-11-23", quota_used=5, quota_left=95))
    assert promtool("check", "metrics", text=counted.text()) == ""


def test_every_meter_is_told_as_soon_as_something_happened(counted: Metrics) -> None:
    counted.listed(SourceReport("Cosmos", "PL1", "complete"))
    counted.started(job(1), ready("abcdefghijk"))
    counted.ended(Ending(ready("abcdefghijk"), "failed", job="job-1", failure=failure("BOT_CHECK")))  # type: ignore[arg-type]
    counted.exchanged([HttpExchange("player", "www.youtube.com", 200)])
    counted.passed(report(entries={"Cosmos": Books(have=1)}, open_items={"PRIVATE": 1}))
    counted.measured(Measured(engine="2026.10.26", egresses=(Egress("guest", False, 250.0),)))
    told = {name for name, _ in of(counted)}
    for meter in METERS:
        ending = "_count" if meter.kind == "histogram" else ""
        assert meter.name + ending in told
    assert not any(name.endswith("_created") for name in told)


def test_jobs_are_counted_by_how_they_end(counted: Metrics, watch: Watch) -> None:
    counted.planned(Ledger(actions=Ledger().actions.__class__({Action.FETCH: 3, Action.ACCEPT: 1})))
    counted.started(job(1), ready("abcdefghijk"))
    counted.started(job(2, "main"), ready("bbcdefghijk"))
    watch.time += 20
    running = of(counted)
    assert running["workqueue_depth", ()] == 1
    assert running["downloads_in_progress", ()] == 2
    assert running["workqueue_unfinished_work_seconds", ()] == 40
    assert running["slots", ("main", "busy")] == 1

    counted.progressed(Event("job-1", 1, "progress", {}))
    watch.time += 5
    counted.ended(Ending(ready("bbcdefghijk"), "failed", job="job-2", failure=failure("BOT_CHECK")))  # type: ignore[arg-type]
    assert of(counted)["last_progress_timestamp_seconds", ()] == NOON + 20
    counted.ended(Ending(ready("abcdefghijk"), "fetched", job="job-1", bytes=1000))
    counted.ended(Ending(ready("cbcdefghijk"), "accepted"))
    told = of(counted)
    assert told["downloads_total", ("fetched",)] == told["downloads_total", ("failed",)] == 1
    assert told["download_failures_total", ("BOT_CHECK",)] == 1
    assert told["throttled_total", ("main", "BOT_CHECK")] == 1
    assert told["download_bytes_total", ()] == 1000
    assert told["download_duration_seconds_sum", ()] == 50
    assert told["last_progress_timestamp_seconds", ()] == NOON + 25
    assert told["downloads_in_progress", ()] == told["slots", ("main", "busy")] == 0


def test_a_failure_that_is_no_fault_of_the_address_throttles_nothing(counted: Metrics) -> None:
    counted.started(job(1), ready("abcdefghijk"))
    counted.ended(Ending(ready("abcdefghijk"), "failed", job="job-1", failure=failure("PRIVATE")))  # type: ignore[arg-type]
    assert not [key for key in of(counted) if key[0] == "throttled_total"]


def test_requests_are_counted_by_what_they_ask_and_by_their_status(counted: Metrics) -> None:
    asked = [
        HttpExchange("media", "r1---sn.googlevideo.com", 206),
        HttpExchange("media", "r2---sn.googlevideo.com", 206),
        HttpExchange("player", "www.youtube.com", 0, error="Timeout"),
        HttpExchange("api", "www.googleapis.com", 99_999),
    ]
    counted.exchanged(asked)
    told = {key[1]: value for key, value in of(counted).items() if key[0] == "upstream_requests_total"}
    assert told == {("media", "206"): 2, ("player", "0"): 1, ("api", "0"): 1}


def test_passes_are_counted_by_what_came_of_them(counted: Metrics, watch: Watch) -> None:
    counted.passed(report(next_due_at=NOON + 3600))
    watch.time += 600
    counted.passed(report(stopped="the disk is full", problems=("wishes.yaml:1:1: bad",)))
    counted.broke(YtarchiveError("not mounted?"))
    counted.broke(RuntimeError("a bug"))
    counted.broke(KeyboardInterrupt())
    told = of(counted)
    assert told["reconcile_total", ("all", "converged")] == 1
    assert told["reconcile_total", ("all", "stopped")] == 2
    assert told["reconcile_total", ("all", "crashed")] == 1
    assert told["reconcile_duration_seconds_sum", ("all",)] == 120
    assert told["last_success_timestamp_seconds", ("all",)] == NOON + 60
    assert told["config_last_reload_successful", ()] == 0
    assert told["next_due_timestamp_seconds", ()] == 0
    counted.reloaded(())
    assert of(counted)["config_last_reload_successful", ()] == 1


def test_a_pass_over_one_entry_leaves_the_books_of_all_others(counted: Metrics) -> None:
    counted.passed(report(entries={"Cosmos": Books(have=3), "Nova": Books(have=2, blocked=1)}))
    counted.passed(report(entries={"Nova": Books(have=3)}, scoped=True))
    told = of(counted)
    assert told["videos", ("have",)] == 5
    assert (told["entry_ready", ("Cosmos",)], told["entry_ready", ("Nova",)]) == (1, 0)
    assert told["reconcile_total", ("scoped", "converged")] == 1


def test_a_pass_that_never_came_to_its_books_leaves_those_of_before(counted: Metrics) -> None:
    counted.passed(report(entries={"Cosmos": Books(have=3)}))
    counted.passed(report(stopped="the archive is not mounted?"))
    told = of(counted)
    assert (told["videos", ("have",)], told["entry_ready", ("Cosmos",)]) == (3, 1)


def test_an_entry_is_ready_when_all_is_here_and_its_lists_can_be_read(counted: Metrics) -> None:
    entries = {
        "Cosmos": Books(have=3),
        "Chan": Books(have=1),
        "Channel": Books(have=1),
        "Late": Books(deferred=1),
    }
    counted.listed(SourceReport("Chan/live", "channel:UC1/live", "failed", code="THROTTLED", failure="no"))
    counted.passed(report(entries=entries))
    told = of(counted)
    assert {key[1][0]: value for key, value in told.items() if key[0] == "entry_ready"} == {
        "Cosmos": 1,
        "Chan": 0,
        "Channel": 1,
        "Late": 0,
    }
    assert (told["entries", ("ready",)], told["entries", ("waiting",)]) == (2, 2)
    counted.listed(SourceReport("Chan/live", "channel:UC1/live", "complete"))
    counted.passed(report(entries=entries))
    assert of(counted)["entry_ready", ("Chan",)] == 1


def test_labels_stay_few_whatever_a_manifest_says_and_forget_what_left(counted: Metrics) -> None:
    many = {f"entry {number:04}": Books(have=1) for number in range(1000)}
    counted.passed(report(entries=many, open_items={"PRIVATE": 2, "GEO_BLOCKED": 1}))
    told = of(counted)
    assert sum(key[0] == "entry_ready" for key in told) == NAMED_ENTRIES
    assert told["entries", ("ready",)] == 1000
    counted.passed(report(entries={"entry 0999": Books(have=1)}, open_items={"PRIVATE": 1}))
    told = of(counted)
    assert [key[1] for key in told if key[0] == "entry_ready"] == [("entry 0999",)]
    assert {key[1]: value for key, value in told.items() if key[0] == "work_plans_open"} == {("PRIVATE",): 1}


def test_a_halt_is_told_as_long_as_it_lasts(counted: Metrics) -> None:
    counted.passed(report(notices=(Notice("disk", "The disk is full.", NOON),)))
    assert (of(counted)["halted", ("disk",)], of(counted)["halted", ("engine",)]) == (1, 0)
    counted.passed(report())
    assert of(counted)["halted", ("disk",)] == 0


def test_units_of_the_api_are_counted_over_days_and_from_the_first_look(counted: Metrics) -> None:
    for day, used in (("2026-11-22", 500), ("2026-11-22", 800), ("2026-11-23", 30), ("2026-11-23", 40)):
        counted.measured(
            Measured(engine="2026.10.26", quota_day=day, quota_used=used, quota_left=10_000 - used)
        )
    told = of(counted)
    assert (told["quota_units_used_total", ()], told["quota_units_remaining", ()]) == (340, 9960)


def test_another_engine_replaces_the_one_before(counted: Metrics) -> None:
    counted.measured(Measured(engine="2026.10.26"))
    counted.measured(Measured(engine="2026.11.20.232926"))
    told = of(counted)
    assert [key[1] for key in told if key[0] == "build_info"] == [("0.1.0", "2026.11.20.232926")]
    assert told["engine_released_timestamp_seconds", ()] == 1_795_132_800
    counted.measured(Measured(engine="odd"))
    assert of(counted)["engine_released_timestamp_seconds", ()] == 0


def test_what_a_scrub_finds_is_counted_once(counted: Metrics) -> None:
    for corrupt in (2, 3, 1, 2):
        counted.measured(Measured(engine="0", corrupt_items=corrupt, oldest_verified_at=NOON))
    told = of(counted)
    assert told["scrub_failures_total", ()] == 2
    assert told["oldest_verified_timestamp_seconds", ()] == NOON
