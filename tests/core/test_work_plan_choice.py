"""Which items somebody means."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ytarchive.core.work_plan import Acknowledged, OnlyCopy, OpenRow, WorkPlan, draft
from ytarchive.core.work_plan_choice import Choice, chosen, narrowed

NOW = 1_790_000_000
DAY = 86_400


def plan_of(*rows: OpenRow) -> WorkPlan:
    return draft(rows, archive="a1b2", made_at=NOW)


def row(subject: str, code: str = "PRIVATE", age: int = 0, **more: object) -> OpenRow:
    return OpenRow(subject, code, 1, NOW - age, NOW, **more)  # type: ignore[arg-type]


PLAN = plan_of(
    row("a", "GEO", 9 * DAY, entries=("x", "y")),
    row("b", "PRIVATE", 3 * DAY, entries=("y",)),
    row("c", "PRIVATE", DAY, entries=("x",), acknowledged=Acknowledged(lost=True)),
)


def names(choice: Choice) -> str:
    return "".join(item.subject for item in chosen(PLAN, choice)[0])


def test_filters_hold_together() -> None:
    assert names(Choice()) == "acb"
    assert names(Choice(causes={"PRIVATE"})) == "cb"
    assert names(Choice(entry="x")) == "ac"
    assert names(Choice(open_before=NOW - 2 * DAY)) == "ab"
    assert names(Choice(open_after=NOW - 2 * DAY)) == "c"
    assert names(Choice(causes={"PRIVATE"}, open_before=NOW - 2 * DAY, entry="y")) == "b"
    assert names(Choice(subjects=("b", "a"), entry="x")) == "a"


def test_an_item_of_just_that_age_is_older_and_not_newer() -> None:
    assert names(Choice(open_before=NOW - 3 * DAY)) == "ab"
    assert names(Choice(open_after=NOW - 3 * DAY)) == "c"


def test_names_that_are_not_there_are_told_once() -> None:
    assert chosen(PLAN, Choice(subjects=("z", "a", "z")))[1] == ("z",)
    assert chosen(PLAN, Choice(subjects=("b",), entry="x")) == ((), ())


def test_nothing_is_not_everything() -> None:
    assert Choice().says_nothing
    assert not Choice().is_filter
    for choice in (Choice(subjects=("a",)), Choice(everything=True), Choice(open_after=0)):
        assert not choice.says_nothing


def test_a_narrowed_plan_tells_of_nothing_that_is_no_item() -> None:
    copy = OnlyCopy(video="x", code="PRIVATE", gone_at=NOW, fetched_at=NOW, bytes=1)
    plan = draft([], archive="a1b2", made_at=NOW, only_copies=[copy])

    assert narrowed(plan, ()).only_copies == ()


@given(st.sets(st.sampled_from("abc")))
def test_a_narrowed_plan_counts_what_it_holds(kept: set[str]) -> None:
    plan = narrowed(PLAN, [item for item in PLAN.items if item.subject in kept])

    assert {item.subject for item in plan.items} == kept
    assert plan.count == len(kept) == sum(group.count for group in plan.groups)
    assert plan.owed == len(kept - {"c"}) == sum(group.owed for group in plan.groups)
    assert plan.lost == plan.acknowledged == len(kept & {"c"}) == sum(group.lost for group in plan.groups)
    assert all(group.count for group in plan.groups)
    assert narrowed(PLAN, PLAN.items) == PLAN
