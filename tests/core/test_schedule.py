"""The order of work: priority, then single videos, then turns between entries; nothing lost, nothing twice."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from ytarchive.core.plan import Decision, Reason
from ytarchive.core.schedule import doubtful_last, in_turns

SINGLES = frozenset({"s0", "s1"})


def ready(video: str, entry: str, priority: int = 0) -> Decision:
    return Decision(video, "ready", Reason.MISSING, "t", priority=priority, entries=(entry,))


def sorted_rows(rows: list[tuple[int, str]]) -> list[Decision]:
    """Rows as the index gives them: priority falls, entries with single videos first, then entry by entry."""
    order = sorted(rows, key=lambda row: (-row[0], row[1] not in SINGLES, row[1]))
    return [ready(f"v{n}", entry, priority) for n, (priority, entry) in enumerate(order)]


rows = st.lists(st.tuples(st.integers(0, 2), st.sampled_from(["a", "b", "c", "s0", "s1"])), max_size=60)


@given(rows)
def test_every_decision_comes_out_exactly_once(rows: list[tuple[int, str]]) -> None:
    decisions = sorted_rows(rows)
    assert Counter(d.video for d in in_turns(decisions, SINGLES)) == Counter(d.video for d in decisions)


@given(rows)
def test_priority_never_rises_and_single_videos_come_first_within_it(rows: list[tuple[int, str]]) -> None:
    out = list(in_turns(sorted_rows(rows), SINGLES))
    for first, second in pairwise(out):
        assert (-first.priority, first.entries[0] not in SINGLES) <= (
            -second.priority,
            second.entries[0] not in SINGLES,
        )


@given(rows)
def test_each_entry_keeps_its_own_order(rows: list[tuple[int, str]]) -> None:
    decisions = sorted_rows(rows)
    out = list(in_turns(decisions, SINGLES))
    for entry in {d.entries[0] for d in decisions}:
        key = [d.video for d in decisions if d.entries[0] == entry]
        assert [d.video for d in out if d.entries[0] == entry] == key


@given(st.integers(1, 200), st.integers(1, 5))
def test_a_backfill_delays_another_entrys_new_video_by_at_most_one_slot(backlog: int, new: int) -> None:
    decisions = [ready(f"a{n}", "a") for n in range(backlog)] + [ready(f"b{n}", "b") for n in range(new)]
    out = [d.video for d in in_turns(decisions, frozenset())]
    assert out.index("b0") <= 1


def test_what_failed_by_more_than_its_own_fault_comes_after_all_others_longest_due_first() -> None:
    codes = {"v0": "BOT_CHECK", "v1": None, "v2": "UNKNOWN", "v3": "TIMEOUT", "v4": "PRIVATE"}
    due = {"v0": 9, "v2": 5, "v3": 7, "v4": 1}
    made = [replace(ready(video, "a"), code=code, due_at=due.get(video)) for video, code in codes.items()]

    order = [one.video for one in in_turns(sorted(made, key=doubtful_last), SINGLES)]

    assert order == ["v1", "v4", "v2", "v3", "v0"]
