"""From failures to a work plan."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ytarchive.core.failure_table import CODES, RULES, policy
from ytarchive.core.work_plan import (
    Acknowledged,
    Next,
    OpenRow,
    Place,
    Tried,
    WorkPlan,
    WorkPlanItem,
    draft,
    unrecognised,
)

NOW = 1_790_000_000
# The machine may be busy: a slow example is no failure.
patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
VIDEOS = st.from_regex(r"[A-Za-z0-9_-]{11}", fullmatch=True)

rows = st.builds(
    OpenRow,
    VIDEOS,
    st.sampled_from(sorted(CODES)),
    st.integers(1, 9),
    st.just(NOW - 9000),
    st.just(NOW),
    next_at=st.none() | st.just(NOW + 60),
    entries=st.lists(st.sampled_from("abc"), max_size=2).map(tuple),
    acknowledged=st.none() | st.just(Acknowledged("known")),
)


def of(*some: OpenRow) -> WorkPlan:
    return draft(some, archive="a1b2", made_at=NOW)


def only(row: OpenRow) -> WorkPlanItem:
    return of(row).items[0]


ROW = OpenRow("dQw4w9WgXcQ", "PRIVATE", 1, NOW - 60, NOW, NOW + 86_400, entries=("lectures",))


@patient
@given(st.lists(rows, max_size=8))
def test_the_counts_add_up(some: list[OpenRow]) -> None:
    plan = of(*some)

    assert plan.count == len(some) == sum(group.count for group in plan.groups)
    assert plan.owed == sum(group.owed for group in plan.groups) == sum(item.owed for item in plan.items)
    assert plan.acknowledged == sum(group.acknowledged for group in plan.groups)
    assert [group.code for group in plan.groups] == list(dict.fromkeys(item.code for item in plan.items))


@patient
@given(st.lists(rows, max_size=6, unique_by=lambda row: row.subject), st.randoms(use_true_random=False))
def test_the_order_of_failures_makes_no_difference(some: list[OpenRow], chance: object) -> None:
    assert of(*some[::-1]) == of(*some)


def test_what_a_person_can_act_on_comes_first() -> None:
    plan = of(*(replace(ROW, code=code) for code in ("UPCOMING", "HTTP_5XX", "PRIVATE", "JS_FAIL", "GEO")))

    assert [group.kind for group in plan.groups] == ["user", "engine", "permanent", "transient", "wait"]


def test_what_only_time_settles_is_not_owed() -> None:
    plan = of(replace(ROW, code="UPCOMING"), replace(ROW, code="POLICY_MISS"))

    assert {item.code: item.owed for item in plan.items} == {"UPCOMING": False, "POLICY_MISS": True}


def test_what_is_acknowledged_is_not_owed_and_needs_no_action() -> None:
    known = replace(ROW, acknowledged=Acknowledged("the\x1b[2J uploader\u202e died"))
    plan = of(known)

    assert (plan.owed, plan.acknowledged) == (0, 1)
    assert plan.items[0].acknowledged == Acknowledged("the [2J uploader died")
    assert plan.groups[0].actions == ()


def test_a_command_names_the_video_as_the_shell_wants_it() -> None:
    actions = only(replace(ROW, subject="-a b;c")).actions

    assert actions[0].command == "ytarchive workplan ignore '-a b;c'"


def test_a_command_for_a_group_names_its_videos_or_when_they_are_many_its_cause() -> None:
    some = [replace(ROW, subject=f"video{number:06}") for number in range(21)]

    few, many = of(*some[:2]), of(*some)

    assert few.groups[0].actions[0].command == "ytarchive workplan ignore video000000 video000001"
    assert many.groups[0].actions[0].command == "ytarchive workplan ignore --cause PRIVATE"


def test_a_command_for_a_group_that_is_known_in_part_names_the_rest() -> None:
    known = replace(ROW, subject="aaaaaaaaaaa", acknowledged=Acknowledged())

    plan = of(known, replace(ROW, subject="bbbbbbbbbbb"))

    assert plan.groups[0].actions[0].command == "ytarchive workplan ignore bbbbbbbbbbb"


def test_an_edit_names_each_place_where_a_manifest_names_the_video() -> None:
    twice = replace(ROW, named_at=(Place("/m/a.yaml", 12), Place("/m/\x1b[2J.txt", 3)))

    edits = [action.edit for action in only(twice).actions if action.edit]

    assert edits == ["/m/a.yaml:12: remove dQw4w9WgXcQ", "/m/ [2J.txt:3: remove dQw4w9WgXcQ"]
    assert [action.edit for action in only(ROW).actions if action.edit] == []


def test_an_edit_of_an_entry_names_its_place_or_where_that_is_unknown_its_name() -> None:
    row = replace(ROW, code="MERGE_FAIL")
    placed = replace(row, places=(Place("/m/a.yaml", 4, "entry lectures"),))

    assert only(placed).actions[-1].edit == "/m/a.yaml:4, entry lectures: quality: {container: mkv}"
    assert only(row).actions[-1].edit == "entry lectures: quality: {container: mkv}"
    assert only(replace(row, entries=())).actions[-1].edit == "entry that wants it: quality: {container: mkv}"


def test_a_group_tells_few_edits_each_once_and_how_many_more_there_are() -> None:
    places = [Place("/m/a.yaml", line) for line in range(1, 6)]
    some = [
        replace(ROW, code="MERGE_FAIL", subject=f"video{n:06}", places=(places[n % 5],)) for n in range(9)
    ]

    told = [action for action in of(*some).groups[0].actions if "container" in action.what]

    assert [action.edit for action in told] == [
        "/m/a.yaml:1: quality: {container: mkv}",
        "/m/a.yaml:2: quality: {container: mkv}",
        "/m/a.yaml:3: quality: {container: mkv}",
        None,
    ]
    assert "2 more places" in told[-1].what


def test_a_command_for_one_video_is_told_with_the_first_of_many() -> None:
    some = [replace(ROW, code="POLICY_MISS", subject=name) for name in ("aaaaaaaaaaa", "bbbbbbbbbbb")]

    commands = [action.command for action in of(*some).groups[0].actions]

    assert "ytarchive explain aaaaaaaaaaa" in commands
    assert "ytarchive workplan accept-lower aaaaaaaaaaa bbbbbbbbbbb" in commands


def test_ids_that_look_like_options_are_named_behind_dashes() -> None:
    assert (
        only(replace(ROW, subject="--undo-this")).actions[0].command
        == "ytarchive workplan ignore -- --undo-this"
    )


def test_what_is_on_disk_is_not_given_up_as_lost() -> None:
    def commands(row: OpenRow) -> str:
        return " ".join(action.command or "" for action in only(row).actions)

    assert "workplan lost" in commands(ROW)
    assert "workplan lost" not in commands(replace(ROW, on_disk=True))
    assert only(replace(ROW, on_disk=True)).on_disk


def test_what_was_tried_is_told_since_this_trouble_began() -> None:
    before = Tried("DNS", 7, NOW - 9_000, NOW - 8_000)
    since = Tried("FROM_THE_FUTURE", 2, NOW - 9_000, NOW)

    item = only(replace(ROW, stage="extract", tried=(before, since)))

    assert item.tried == (replace(since, code="UNKNOWN"),)
    assert item.evidence.stage == "extract"
    assert only(ROW).evidence.stage is None


def test_an_edit_of_the_settings_names_their_file() -> None:
    rows = [replace(ROW, code="GEO"), replace(ROW, code="GEO", subject="bbbbbbbbbbb")]
    plan = draft(rows, archive="a1b2", made_at=NOW, settings="/etc/y\x1b.toml")

    edit = '/etc/y .toml, [network]: proxy = "http://HOST:PORT"'
    assert [plan.items[0].actions[0].edit, plan.groups[0].actions[0].edit] == [edit, edit]
    assert plan.groups[0].actions[0].command == "ytarchive workplan retry bbbbbbbbbbb dQw4w9WgXcQ"
    assert plan.settings == "/etc/y .toml"
    assert only(rows[0]).actions[0].edit == 'settings, [network]: proxy = "http://HOST:PORT"'


def test_what_works_for_videos_alone_is_not_told_of_lists() -> None:
    told = only(replace(ROW, code="POLICY_MISS", subject="PLx", about="source", entries=()))

    assert [action.command for action in told.actions if action.command] == ["ytarchive workplan ignore PLx"]


def test_what_is_lost_is_counted_apart_and_can_be_taken_back() -> None:
    lost = replace(ROW, acknowledged=Acknowledged("burnt", lost=True))
    known = replace(ROW, subject="bbbbbbbbbbb", acknowledged=Acknowledged())

    plan = of(lost, known)

    assert (plan.lost, plan.acknowledged, plan.owed, plan.groups[0].lost) == (1, 2, 0, 1)
    commands = [[action.command for action in item.actions] for item in plan.items]
    assert commands == [
        ["ytarchive workplan ignore --undo bbbbbbbbbbb"],
        ["ytarchive workplan lost --undo dQw4w9WgXcQ"],
    ]


def test_a_command_about_no_video_stays_as_it_is() -> None:
    plan = of(replace(ROW, code="DNS"), replace(ROW, code="DNS", subject="bbbbbbbbbbb"))

    assert "ytarchive doctor" in [action.command for action in plan.groups[0].actions]


@pytest.mark.parametrize(
    ("code", "looks", "next_at", "step"),
    [
        ("PRIVATE", 1, NOW + 1, "another look on another day, to confirm it: unconfirmed (1 of 3)"),
        ("PRIVATE", 3, NOW + 1, "another look, should it have come back"),
        ("GEO", 1, NOW + 1, "another look, should that have changed"),
        ("BOT_CHECK", 1, NOW + 1, "another try, once YouTube trusts the address again"),
        ("JS_FAIL", 1, NOW + 1, "another try, should a newer engine be there"),
        ("HTTP_5XX", 4, NOW + 1, "another try"),
        ("UPCOMING", 1, NOW + 1, "another look"),
        ("UPCOMING", 1, None, "nothing by itself"),
        ("HTTP_5XX", 1, NOW, "the next pass tries it"),
    ],
)
def test_the_next_step_is_told(code: str, looks: int, next_at: int | None, step: str) -> None:
    item = only(replace(ROW, code=code, attempts=9, looks=looks, next_at=next_at))

    assert (item.next.what, item.next.at) == (step, next_at)


def test_what_is_not_recognised_is_told_with_what_was_seen() -> None:
    odd = [replace(ROW, subject=f"odd{n:08}", code="UNKNOWN", message=f"odd {n}") for n in range(9)]
    plan = of(ROW, *odd)

    assert plan.items[-1].kind == "transient"
    assert unrecognised(plan) == tuple(f"odd{n:08}: odd {n}" for n in range(5))
    assert unrecognised(of(ROW)) == ()


def test_what_was_looked_for_often_enough_waits_for_a_person() -> None:
    miss = replace(ROW, code="POLICY_MISS")
    waits = policy("POLICY_MISS").waits
    assert waits is not None

    assert only(replace(miss, attempts=waits)).next.what == "another look"
    assert "waiting for you" in only(replace(miss, attempts=waits + 1)).next.what


def test_what_a_person_made_due_is_due_as_of_the_plan() -> None:
    assert only(replace(ROW, code="GEO", next_at=0)).next == Next("the next pass tries it", NOW)


def test_a_list_that_cannot_be_read_is_an_item_too() -> None:
    item = only(replace(ROW, subject="PLx", code="LIST_MISSING", about="source"))

    assert (item.video, item.source, item.subject) == (None, "PLx", "PLx")
    assert only(ROW).subject == "dQw4w9WgXcQ"


def test_text_from_the_network_is_cut_and_cleaned() -> None:
    item = only(replace(ROW, title="a\u202eb" * 400, message="x\n" * 900, status=403))

    assert item.title is not None
    assert len(item.title) == 200
    assert item.evidence.message.startswith("x x x")
    assert (len(item.evidence.message), item.evidence.status) == (300, 403)


def test_a_code_from_a_newer_version_is_shown_as_unknown() -> None:
    assert only(replace(ROW, code="FROM_THE_FUTURE")).code == "UNKNOWN"


def test_every_code_says_what_can_be_done_and_leaves_no_placeholder() -> None:
    for rule in RULES:
        assert len({cure.what for cure in rule.cures}) == len(rule.cures)
        for action in (
            *only(replace(ROW, code=rule.code)).actions,
            *of(replace(ROW, code=rule.code)).groups[0].actions,
        ):
            assert action.what
            assert "{video}" not in f"{action.command}{action.edit}"
            assert "{place}" not in f"{action.command}{action.edit}"
        assert rule.cures, rule.code
        assert policy(rule.code) is rule
