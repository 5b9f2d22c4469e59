"""Rows for the core: what is selected, in which order, and what each one tells."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from index_values import (
    ENGLISH,
    GERMAN,
    HD,
    NOW,
    SD,
    digest,
    failure,
    ids,
    item,
    keep,
    list_source,
    playlist,
    single,
)

from ytarchive.adapters.index import Index
from ytarchive.core.item import Metadata
from ytarchive.core.job import Job
from ytarchive.core.plan import Row


@pytest.fixture
def wanted(index: Index) -> Index:
    """Three wanted videos, none of them on disk."""
    index.apply_entries([single("one", "v1", "v2", "v3", priority=2)], NOW)
    return index


def the_row(index: Index, video: str, now: int = NOW) -> Row:
    """The row of a video, the same however it is asked for."""
    row = index.row(video, now)
    assert row is not None
    among = [candidate for candidate in index.candidates(now) if candidate.video == video]
    assert among in ([], [row])
    return row


def test_missing_video_tells_what_is_wanted(wanted: Index) -> None:
    assert the_row(wanted, "v1") == Row("v1", digest(HD), priority=2, entries=("one",))


def test_unwanted_video_has_no_row(wanted: Index) -> None:
    keep(wanted, "other")
    assert wanted.row("other", NOW) is None
    assert wanted.row("unheard-of", NOW) is None


def test_whole_item_with_its_target_is_settled(wanted: Index) -> None:
    keep(wanted, "v1")
    assert ids(wanted.candidates(NOW)) == ["v2", "v3"]
    assert wanted.settled(NOW) == {"": 1, "one": 1}
    row = the_row(wanted, "v1")
    assert (row.got, row.condition, row.facts) == (digest(HD), "whole", None)


def test_item_of_another_target_brings_its_facts(wanted: Index) -> None:
    made = item("v1", SD)
    wanted.record_item(made, dir_mtime_ns=1, late_due_at=None)
    row = the_row(wanted, "v1")
    assert (row.got, row.target, row.condition) == (digest(SD), digest(HD), "whole")
    assert row.facts is not None
    assert (row.facts.offered, row.facts.got) == (made.offered, made.got)
    assert (row.facts.captions, row.facts.roles) == (("en",), ("caption", "video"))


def test_accepted_item_is_settled(wanted: Index) -> None:
    keep(wanted, "v1", SD)
    wanted.record_failure("v1", "media", failure(), NOW, NOW + 60)
    wanted.accept("v1", digest(HD), NOW)
    assert "v1" not in ids(wanted.candidates(NOW))
    assert wanted.attempts("v1") == ()


def test_target_that_nobody_ever_wanted_is_not_accepted(wanted: Index) -> None:
    with pytest.raises(LookupError):
        wanted.accept("v1", "f" * 64, NOW)


def test_required_captions_that_are_missing_leave_a_candidate(index: Index) -> None:
    index.apply_entries([single("a", "v1", wish=GERMAN)], NOW)
    keep(index, "v1", GERMAN, captions_missing=("de",))
    assert the_row(index, "v1").condition == "partial"
    assert index.settled(NOW) == {"": 0, "a": 0}
    keep(index, "v1", GERMAN, captions_missing=("en",))
    assert list(index.candidates(NOW)) == []


def test_accepting_judges_required_captions_anew(index: Index) -> None:
    index.apply_entries([single("a", "v1", wish=SD)], NOW)
    keep(index, "v1", GERMAN, captions_missing=("de",))
    index.accept("v1", digest(SD), NOW)
    assert list(index.candidates(NOW)) == []
    index.apply_entries([single("a", "v1", wish=GERMAN)], NOW)
    index.accept("v1", digest(GERMAN), NOW)
    assert the_row(index, "v1").condition == "partial"


def test_damage_is_not_accepted(wanted: Index) -> None:
    keep(wanted, "v1", SD)
    wanted.mark_damaged("v1", "cut short")
    wanted.accept("v1", digest(HD), NOW)
    row = the_row(wanted, "v1")
    assert (row.condition, row.got, row.facts) == ("damaged", digest(SD), None)


def test_damaged_item_is_a_candidate_without_facts(wanted: Index) -> None:
    keep(wanted, "v1")
    wanted.mark_damaged("v1", "v1.mkv is 3 bytes short")
    row = the_row(wanted, "v1")
    assert (row.condition, row.got, row.facts) == ("damaged", digest(HD), None)
    assert "v1" in ids(wanted.candidates(NOW))
    assert wanted.damage("v1") == "v1.mkv is 3 bytes short"
    keep(wanted, "v1")
    assert wanted.damage("v1") is None
    assert "v1" not in ids(wanted.candidates(NOW))


def test_damaged_folder_that_was_never_recorded_becomes_known_by_its_shard(wanted: Index) -> None:
    wanted.mark_damaged("v1", "item.json cannot be read", shard="_", dir_mtime_ns=5)
    row = the_row(wanted, "v1")
    assert (row.condition, row.got) == ("damaged", None)
    assert wanted.known_in("_") == {"v1": (-1, 0)}  # as no folder is: every scan looks at it again


def test_damage_of_what_nobody_knows_is_nothing(wanted: Index) -> None:
    wanted.mark_damaged("v1", "why")
    assert the_row(wanted, "v1").condition == "none"


def test_forgotten_item_is_missing_again(wanted: Index) -> None:
    keep(wanted, "v1")
    wanted.forget_item("v1")
    assert the_row(wanted, "v1") == Row("v1", digest(HD), priority=2, entries=("one",), title="Title of v1")
    assert wanted.item_location("v1") is None


def test_running_job_is_told_until_it_ends(wanted: Index) -> None:
    keep(wanted, "v1")
    wanted.start_job(Job("job-1", "fetch", "v1"), NOW)
    assert the_row(wanted, "v1").running
    assert "v1" in ids(wanted.candidates(NOW))
    wanted.end_job("job-1", "done", None, None, NOW)
    assert not the_row(wanted, "v1").running
    assert "v1" not in ids(wanted.candidates(NOW))


def test_failed_attempts_are_told(wanted: Index) -> None:
    wanted.record_failure("v1", "captions:en", failure("SUBS_429", status=429), NOW, NOW + 5)
    assert the_row(wanted, "v1").code is None
    wanted.record_failure("v1", "media", failure("PRIVATE", "permanent"), NOW, NOW + 60)
    wanted.record_failure("v1", "media", failure("TIMEOUT"), NOW + 60, NOW + 90)
    row = the_row(wanted, "v1")
    assert (row.attempts, row.code, row.kind, row.next_due_at) == (2, "TIMEOUT", "transient", NOW + 90)


def test_captions_that_are_due_make_a_candidate(wanted: Index) -> None:
    keep(wanted, "v1", late_due_at=NOW + 100)
    assert "v1" not in ids(wanted.candidates(NOW + 99))
    assert "v1" in ids(wanted.candidates(NOW + 100))
    assert wanted.settled(NOW + 99)["one"] == 1
    assert wanted.settled(NOW + 100)["one"] == 0
    assert the_row(wanted, "v1", NOW + 100).late_due_at == NOW + 100
    wanted.postpone_look("v1", None)
    assert "v1" not in ids(wanted.candidates(NOW + 100))


def test_acknowledgement_holds_until_its_time(wanted: Index) -> None:
    wanted.acknowledge("v1", NOW + 10, "later", NOW)
    wanted.acknowledge("v2", None, "never", NOW)
    assert [the_row(wanted, video, NOW + 9).acknowledged for video in ("v1", "v2", "v3")] == [
        True,
        True,
        False,
    ]
    assert not the_row(wanted, "v1", NOW + 10).acknowledged
    wanted.withdraw("v2")
    assert not the_row(wanted, "v2").acknowledged


def test_scope_of_videos_is_the_whole_restricted_to_them(wanted: Index) -> None:
    keep(wanted, "v1")
    everything = list(wanted.candidates(NOW))
    assert list(wanted.candidates(NOW, videos={"v3", "v1", "stranger"})) == [
        row for row in everything if row.video == "v3"
    ]
    assert list(wanted.candidates(NOW, videos=())) == []


def test_scope_of_an_entry_is_the_whole_restricted_to_it(index: Index) -> None:
    index.apply_entries([playlist("a", order="listed"), single("b", "v1", "x")], NOW)
    list_source(index, "PL-a", ["v1", "v2"])
    everything = list(index.candidates(NOW))
    for entry in ("a", "b", "manual"):
        assert list(index.candidates(NOW, entry=entry)) == [row for row in everything if entry in row.entries]
    assert ids(index.candidates(NOW, entry="a", videos=["v2", "x"])) == ["v2"]


def test_rows_are_of_one_moment_whatever_is_written_while_they_are_read(wanted: Index) -> None:
    rows = wanted.candidates(NOW)
    first = next(rows)
    keep(wanted, "v2", SD)
    wanted.apply_entries([], NOW)
    assert ids([first, *rows]) == ["v1", "v2", "v3"]
    assert list(wanted.candidates(NOW)) == []


def test_rows_in_a_transaction_show_what_it_wrote(wanted: Index) -> None:
    with wanted.transaction():
        keep(wanted, "v1")
        seen = []
        for row in wanted.candidates(NOW):
            keep(wanted, "v3")
            seen.append(row.video)
    assert seen == ["v2", "v3"]


def test_every_change_that_rows_show_changes_the_revision(wanted: Index) -> None:
    changes: list[Callable[[], object]] = [
        lambda: wanted.apply_entries([single("one", "v1", "v2", "v3")], NOW),
        lambda: wanted.add_request("v9", SD, NOW),
        lambda: list_source(wanted, "PL-x", ["v1"]),
        lambda: list_source(wanted, "PL-x", []),
        lambda: keep(wanted, "v1", ENGLISH),
        lambda: wanted.accept("v1", digest(HD), NOW),
        lambda: wanted.mark_damaged("v1", "why"),
        lambda: wanted.forget_item("v1"),
        lambda: wanted.record_failure("v1", "media", failure(), NOW, NOW),
        lambda: wanted.retry_now(["v1"]),
        lambda: wanted.clear_failures("v1"),
        lambda: wanted.start_job(Job("job-1", "fetch", "v1"), NOW),
        lambda: wanted.end_job("job-1", "done", None, None, NOW),
        lambda: wanted.acknowledge("v1", None, "", NOW),
        lambda: wanted.withdraw("v1"),
        lambda: wanted.record_metadata("v1", Metadata("New title"), NOW),
        lambda: wanted.postpone_look("v1", NOW),
    ]
    revisions = [wanted.revision()]
    for change in changes:
        change()
        revisions.append(wanted.revision())
    assert revisions == sorted(set(revisions))


def test_what_rows_do_not_show_leaves_the_revision(wanted: Index) -> None:
    revision = wanted.revision()
    wanted.record_egress(replace(wanted.egress("guest"), rate=3.0))
    wanted.record_views([("tv", "a.mkv", "v1", 1, 2, "")])
    wanted.clear_failures("v1")
    wanted.withdraw("v1")
    wanted.archive_id = "abc"
    assert wanted.revision() == revision


def test_next_due_is_the_next_change_by_time_alone(wanted: Index) -> None:
    assert wanted.next_due_at(NOW) is None
    keep(wanted, "v1", late_due_at=NOW + 50)
    wanted.acknowledge("v2", NOW + 40, "", NOW)
    assert wanted.next_due_at(NOW) == NOW + 40
    assert wanted.next_due_at(NOW + 40) == NOW + 50
    assert wanted.next_due_at(NOW + 50) is None
