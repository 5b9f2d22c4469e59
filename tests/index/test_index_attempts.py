"""Failures, what people said about them, jobs, and what was spent."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from index_values import HD, NOW, SD, digest, failure, keep, list_source, playlist, single

from ytarchive.adapters.index import Acknowledgement, Attempt, Index, JobRecord, OpenAttempt
from ytarchive.core.confirmation import LOOKS_OF_A_TOMBSTONE
from ytarchive.core.desired import Quality, Target
from ytarchive.core.egress import EgressState
from ytarchive.core.instant import DAY
from ytarchive.core.job import Job
from ytarchive.core.work_plan import Tried


def test_failures_of_a_part_are_counted_until_it_succeeds(index: Index) -> None:
    index.apply_entries([single("a", "v1", wish=SD)], NOW)
    assert index.record_failure("v1", "media", failure("TIMEOUT"), NOW, NOW + 60) == 1
    later = failure("HTTP_5XX", message="Error 503", status=503)
    assert index.record_failure("v1", "media", later, NOW + 30, NOW + 40) == 2
    assert index.record_failure("v1", "media", later, NOW + 60, NOW + 120) == 3
    assert index.record_failure("v1", "captions:en", failure("SUBS_429"), NOW, NOW + 60) == 1
    captions, media = index.attempts("v1")
    assert media == Attempt(
        "v1", "media", 3, "HTTP_5XX", "transient", "Error 503", 503, digest(SD), NOW, NOW + 60, NOW + 120
    )
    keep(index, "v1", SD)
    assert index.attempts("v1") == (captions,)
    index.clear_failures("v1")
    assert index.attempts("v1") == ()
    assert index.record_failure("v1", "media", later, NOW, NOW) == 1


def test_cleared_part_leaves_the_others(index: Index) -> None:
    for part in ("media", "captions:en", "captions:de"):
        index.record_failure("v1", part, failure(), NOW, NOW)
    index.clear_failures("v1", "captions:en")
    assert [attempt.part for attempt in index.attempts("v1")] == ["captions:de", "media"]


def test_open_attempts_are_those_of_wanted_videos_and_listed_sources(index: Index) -> None:
    index.apply_entries([playlist("a"), playlist("b"), single("c", "v1")], NOW)
    list_source(index, "PL-a", ["v1", "v2", "v3"])
    index.record_failure("v1", "media", failure("PRIVATE", "permanent", "Private video"), NOW, NOW + 60)
    index.record_failure("unwanted", "media", failure(), NOW, NOW)
    index.fail_listing("PL-b", failure("LIST_PRIVATE", "user", "This playlist is private"), NOW, NOW + 9)
    index.fail_listing("PL-gone", failure("LIST_MISSING"), NOW, NOW + 9)
    index.acknowledge("v1", None, "I know", NOW)
    assert list(index.open_attempts()) == [
        OpenAttempt(
            "PL-b", "listing", None, 1, "LIST_PRIVATE", "user", "This playlist is private", None,
            NOW, NOW, NOW + 9, 1, ("b",), have=False, stage="list",
        ),
        OpenAttempt(
            "v1", "media", "Title of v1", 1, "PRIVATE", "permanent", "Private video", None,
            NOW, NOW, NOW + 60, 1, ("c", "a"), have=False, acknowledgement=Acknowledgement("v1", None, "I know", NOW),
            stage="download",
        ),
    ]  # fmt: skip


def test_failure_of_an_upgrade_is_over_when_the_old_target_returns(index: Index) -> None:
    index.apply_entries([single("a", "v1", wish=SD)], NOW)
    keep(index, "v1", SD)
    index.apply_entries([single("a", "v1", wish=HD)], NOW)
    index.record_failure("v1", "media", failure("POLICY_MISS"), NOW, NOW)
    index.record_failure("v1", "captions:en", failure("SUBS_429"), NOW, NOW)
    assert [(open_.part, open_.have) for open_ in index.open_attempts()] == [
        ("captions:en", False),
        ("media", False),
    ]
    index.apply_entries([single("a", "v1", wish=SD)], NOW)
    assert [(open_.part, open_.have) for open_ in index.open_attempts()] == [("captions:en", True)]


def test_retry_makes_videos_and_sources_due_at_once(index: Index) -> None:
    index.apply_entries([playlist("a"), single("b", "v1", "v2")], NOW)
    index.record_failure("v1", "media", failure(), NOW, NOW + 999)
    index.record_failure("v1", "captions:en", failure(), NOW, NOW + 999)
    index.record_failure("v2", "media", failure(), NOW, NOW + 999)
    index.fail_listing("PL-a", failure(), NOW, NOW + 999)
    assert index.retry_now(["v1", "PL-a", "never failed"]) == 2
    assert {attempt.next_attempt_at for attempt in index.attempts("v1")} == {0}
    assert index.attempts("v2")[0].next_attempt_at == NOW + 999
    listing = index.listing("PL-a")
    assert listing is not None
    assert listing.next_due_at == 0


def test_acknowledgements_are_listed_and_replaced(index: Index) -> None:
    index.acknowledge("v2", NOW + 5, "later", NOW)
    index.acknowledge("v1", None, "half \ud800", NOW)
    index.acknowledge("v2", None, "never", NOW + 1)
    assert index.acknowledgements() == (
        Acknowledgement("v1", None, "half ?", NOW),
        Acknowledgement("v2", None, "never", NOW + 1),
    )
    assert Acknowledgement("v", NOW, "", NOW).holds(NOW - 1)
    assert not Acknowledgement("v", NOW, "", NOW).holds(NOW)


def test_jobs_are_told_newest_first(index: Index) -> None:
    index.start_job(Job("job-1", "fetch", "v1", attempt=2), NOW)
    index.start_job(Job("job-2", "list", "PL-a"), NOW)
    index.end_job("job-1", "failed", "TIMEOUT", "timed out", NOW + 9)
    assert index.jobs(10) == (
        JobRecord("job-2", "list", "PL-a", "running", 1, NOW),
        JobRecord("job-1", "fetch", "v1", "ended", 2, NOW, NOW + 9, "failed", "TIMEOUT", "timed out"),
    )
    assert [job.id for job in index.jobs(1)] == ["job-2"]
    assert index.job("job-1") == index.jobs()[1]
    assert index.job("job-3") is None


def test_jobs_of_a_dead_program_are_lost_when_the_next_one_opens(index_path: Path) -> None:
    with Index.open(index_path) as index:
        index.apply_entries([single("a", "v1")], NOW)
        index.start_job(Job("job-1", "fetch", "v1"), NOW)
        with Index.open(index_path, read_only=True) as reader:
            assert next(reader.candidates(NOW)).running
    with Index.open(index_path) as index:
        assert index.jobs(1)[0].outcome == "lost"
        assert not next(index.candidates(NOW)).running
        index.start_job(Job("job-2", "fetch", "v1"), NOW)
        assert index.abandon_jobs(NOW + 5) == 1
        assert index.abandon_jobs(NOW + 6) == 0
        assert index.jobs(1)[0] == JobRecord("job-2", "fetch", "v1", "ended", 1, NOW, NOW + 5, "lost")


def test_egress_is_remembered_and_a_new_one_is_trusted(index: Index) -> None:
    assert index.egress("home") == EgressState("home")
    state = replace(
        EgressState("home"), rate=1.5, spent=((NOW // 60, 2),), strikes=2, strike_code="BOT_CHECK"
    )
    index.record_egress(state)
    assert index.egress("home") == state


def test_old_jobs_are_forgotten_unless_they_run(index: Index) -> None:
    for number, at in enumerate((NOW, NOW, NOW + 10)):
        index.start_job(Job(f"job-{number}", "fetch", f"v{number}"), at)
    index.end_job("job-0", "done", None, None, NOW + 1)
    index.end_job("job-2", "done", None, None, NOW + 11)
    assert index.forget_jobs(NOW + 10) == 1
    assert {job.id for job in index.jobs()} == {"job-1", "job-2"}


def test_a_row_says_that_its_failure_was_met_for_another_wish(index: Index) -> None:
    index.apply_entries([single("a", "v1")], NOW)
    index.record_failure("v1", "media", failure(), NOW, NOW + 60)
    before = index.row("v1", NOW)
    assert before is not None
    assert not before.wish_changed
    index.add_request("v1", Target(video=Quality(max=4320)), NOW)
    after = index.row("v1", NOW)
    assert after is not None
    assert after.wish_changed


def test_looks_on_different_days_confirm_a_verdict_and_another_code_starts_again(index: Index) -> None:
    index.apply_entries([single("a", "v1", wish=SD)], NOW)

    def look(days: float, code: str = "PRIVATE") -> int:
        at = NOW + int(days * DAY)
        index.record_failure("v1", "media", failure(code, "permanent"), at, at + 60)
        row = index.row("v1", at)
        assert row is not None
        assert row.looks == index.attempts("v1")[0].looks
        return row.looks

    assert [look(0), look(0.1), look(1), look(1.2), look(2)] == [1, 1, 2, 2, 3]
    assert [look(3, "HTTP_5XX"), look(4), look(5)] == [1, 1, 2]
    index.clear_failures("v1", "media")
    assert look(6) == 1


def test_what_the_journal_knew_for_certain_is_not_confirmed_anew(index: Index) -> None:
    index.apply_entries([single("a", "v1", wish=SD)], NOW)
    index.restore_gone("v1", "PRIVATE", NOW - DAY)
    index.record_failure("v1", "media", failure("PRIVATE", "permanent"), NOW, NOW + 60)
    (attempt,) = index.attempts("v1")
    assert attempt.looks == LOOKS_OF_A_TOMBSTONE + 1


def test_a_list_that_is_missing_is_confirmed_by_other_days_as_well(index: Index) -> None:
    for hours in (0, 1, 2, 25, 50):
        at = NOW + hours * 3600
        index.fail_listing("PL-a", failure("LIST_MISSING", "permanent"), at, at)
    listing = index.listing("PL-a")
    assert listing is not None
    assert (listing.attempts, listing.looks) == (5, 3)
    list_source(index, "PL-a", ["v1"])
    listing = index.listing("PL-a")
    assert listing is not None
    assert listing.looks == 0


def test_an_open_failure_tells_what_its_jobs_ended_with(index: Index) -> None:
    index.apply_entries([single("a", "v1")], NOW)
    ends = (("TIMEOUT", 1), ("PRIVATE", 2), ("TIMEOUT", 3), (None, 4))
    for number, (code, at) in enumerate(ends):
        index.start_job(Job(f"job-{number}", "fetch", "v1"), NOW)
        index.end_job(f"job-{number}", "failed" if code else "cancelled", code, None, NOW + at)
    index.start_job(Job("job-other", "fetch", "v2"), NOW)
    index.end_job("job-other", "failed", "GEO", None, NOW)
    index.record_failure("v1", "media", failure(), NOW, NOW + 60)
    (found,) = index.open_attempts()
    assert found.tried == (Tried("TIMEOUT", 2, NOW + 1, NOW + 3), Tried("PRIVATE", 1, NOW + 2, NOW + 2))
