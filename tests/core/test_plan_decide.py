"""Decisions by scenario, the books that add up, and a plan that brings the world to rest."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ytarchive.core.desired import Quality, Target, target_digest, unite
from ytarchive.core.failure_table import CODES, policy
from ytarchive.core.item import Got
from ytarchive.core.plan import (
    BUCKETS,
    Action,
    Books,
    Decision,
    ItemFacts,
    Ledger,
    LeftOut,
    Reason,
    Row,
    decide,
)
from ytarchive.core.selection import Format, choose

NOW = 1000
TARGET = unite([Target(video=Quality(max=720))])
MARKED = unite([Target(video=Quality(max=720), marks=("sponsor",))])
BESIDE = unite([Target(video=Quality(max=720), sidecars=("thumbnail",))])
HD = Format("136", "video", label=720, codec="h264", fps=30)
FULL_HD = Format("137", "video", label=1080, codec="h264", fps=30)
SOUND = Format("140", "audio", audio_codec="aac", language_preference=10)
FACTS = {
    "answers": ItemFacts((HD, SOUND), Got(video=HD, sound=SOUND)),
    "lacks-marks": ItemFacts((HD, SOUND), Got(video=HD, sound=SOUND)),
    "lacks-thumbnail": ItemFacts((HD, SOUND), Got(video=HD, sound=SOUND)),
    "falls-short": ItemFacts((HD, FULL_HD, SOUND), Got(video=FULL_HD, sound=SOUND)),
}
SCENARIOS = yaml.safe_load((Path(__file__).parent / "decisions" / "scenarios.yaml").read_text())


# What is done besides to videos whose place in the books is settled.
BESIDES = (Action.EXAMINE, Action.LOOK_AGAIN, Action.MARK)


def decide_now(row: Row) -> Decision:
    return decide(row, NOW, lambda digest: {"BESIDE": BESIDE, "MARKED": MARKED}.get(digest, TARGET))


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario["what"])
def test_a_row_is_decided_as_the_scenario_says(scenario: dict[str, Any]) -> None:
    columns = {"target": "T", **scenario["row"]}
    if "facts" in columns:
        columns["facts"] = FACTS[columns["facts"]]
    columns["late"] = tuple(columns.get("late", ()))
    decision = decide_now(Row(video="v", **columns))
    assert {key: getattr(decision, key) for key in scenario["expect"]} == scenario["expect"]
    assert (decision.action is not None) == (decision.bucket == "ready" or decision.action in BESIDES)
    assert (decision.bucket == "undecided") == bool(columns.get("undecided"))


rows = st.builds(
    Row,
    video=st.uuids().map(str),
    target=st.just("T"),
    got=st.sampled_from([None, "T", "OLD"]),
    condition=st.sampled_from(["none", "whole", "partial", "damaged"]),
    running=st.booleans(),
    attempts=st.integers(0, 5),
    code=st.none() | st.sampled_from(sorted(CODES)),
    next_due_at=st.none() | st.integers(0, 2000),
    late=st.lists(
        st.sampled_from(["quality", "captions", "thumbnail", "recording", "marks"]), unique=True
    ).map(tuple),
    late_due_at=st.none() | st.integers(0, 2000),
    acknowledged=st.booleans(),
    entries=st.lists(st.sampled_from(["a", "b", "c"]), unique=True, min_size=1).map(tuple),
    facts=st.none() | st.sampled_from(sorted(FACTS.values(), key=repr)),
    undecided=st.booleans(),
).map(lambda row: replace(row, kind=policy(row.code).kind if row.code else None))


counts = st.dictionaries(st.sampled_from(["a", "b"]), st.integers(0, 9))


@given(st.lists(rows, max_size=30), counts, counts)
def test_the_books_add_up(rows: list[Row], settled: dict[str, int], excluded: dict[str, int]) -> None:
    """What filters leave out is counted by the index; the rows of it that are decided on change no book."""
    wanted, undecided = [[row for row in rows if row.undecided is flag] for flag in (False, True)]
    left_out = {"": LeftOut(sum(excluded.values()), len(undecided))} | {
        name: LeftOut(excluded.get(name, 0), sum(name in row.entries for row in undecided))
        for name in ("a", "b", "c")
    }
    ledger = Ledger.opened({**settled, "": sum(settled.values())}, left_out)
    decisions = [ledger.enter(decide_now(row)) for row in rows]
    assert ledger.total.wanted == len(wanted) + sum(settled.values())
    assert ledger.total.listed == len(rows) + sum(settled.values()) + sum(excluded.values())
    for name, books in ledger.entries.items():
        own = settled.get(name, 0) + sum(name in row.entries for row in wanted)
        out = excluded.get(name, 0) + sum(name in row.entries for row in undecided)
        assert (books.wanted, books.listed) == (own, own + out)
    for bucket in BUCKETS:
        extra = sum(settled.values()) if bucket == "have" else 0
        assert getattr(ledger.total, bucket) == extra + sum(d.bucket == bucket for d in decisions)
    assert ledger.owed == sum(d.owed for d in decisions)
    ready = sum(d.action not in (None, Action.EXAMINE) and d.bucket != "have" for d in decisions)
    assert ready == ledger.total.ready
    assert ledger.to_do == sum(d.action not in (None, Action.ACCEPT) for d in decisions)


@given(st.lists(rows, max_size=12), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(rows: list[Row], random: Any) -> None:
    mixed = list(rows)
    random.shuffle(mixed)
    by_video = {row.video: decide_now(row) for row in rows}
    assert {row.video: decide_now(row) for row in mixed} == by_video


@given(rows)
def test_nothing_is_attempted_before_its_time(row: Row) -> None:
    decision = decide_now(row)
    fetches = decision.action in (Action.FETCH, Action.UPDATE, Action.FETCH_BESIDE, Action.EXAMINE)
    if fetches and row.code is not None and not row.wish_changed:
        assert row.next_due_at is not None
        assert row.next_due_at <= NOW


@given(rows)
def test_carrying_out_the_plan_leaves_nothing_to_do(row: Row) -> None:
    """A model world: whatever the action, the item then answers the target, and the next decision is `have`."""
    decision = decide_now(row)
    if decision.bucket != "ready":
        return
    choice = choose((HD, SOUND), TARGET)
    assert choice is not None
    after = replace(row, condition="whole", got=row.target, code=None, kind=None, late_due_at=None)
    assert decide_now(after).bucket == "have"


@given(rows)
def test_an_undecided_video_is_examined_at_most_and_never_owed(row: Row) -> None:
    decision = decide_now(replace(row, undecided=True))
    assert (decision.bucket, decision.reason, decision.owed) == ("undecided", Reason.UNDECIDED, False)
    assert decision.action in (None, Action.EXAMINE)
    assert decide_now(replace(row, undecided=False)).action is not Action.EXAMINE


def test_books_count_what_is_listed_as_wanted_undecided_or_excluded() -> None:
    books = Books(have=1, ready=2, running=3, deferred=4, blocked=5, undecided=60, excluded=700)
    assert (books.wanted, books.listed) == (15, 775)


@given(rows)
def test_an_acknowledged_video_is_never_owed(row: Row) -> None:
    assert not decide_now(replace(row, acknowledged=True)).owed


def test_the_ledger_knows_the_next_time_anything_is_due() -> None:
    ledger = Ledger.opened({})
    late = Row("v1", "T", code="TIMEOUT", kind="transient", next_due_at=3000)
    soon = Row("v2", "T", code="UPCOMING", kind="wait", next_due_at=2000)
    captions = Row("v3", "T", got="T", condition="whole", late_due_at=2500)
    for row in (late, soon, captions, Row("v4", "T")):
        ledger.enter(decide_now(row))
    assert ledger.next_due_at == 2000
    assert ledger.codes == {"TIMEOUT": 1, "UPCOMING": 1}


def test_the_digest_of_a_target_is_what_the_index_compares() -> None:
    assert target_digest(TARGET) == target_digest(unite([TARGET, TARGET]))


def test_an_owed_list_brings_its_next_reading_if_that_is_known() -> None:
    ledger = Ledger.opened({})
    ledger.owe_source(None)
    assert (ledger.sources_owed, ledger.next_due_at) == (1, None)
    ledger.owe_source(500)
    ledger.owe_source(900)
    assert (ledger.sources_owed, ledger.next_due_at) == (3, 500)
