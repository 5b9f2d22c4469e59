"""The two files of a work plan: whole, readable by anyone, and inert."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, ValidationError
from markdown_it import MarkdownIt

from ytarchive.adapters import work_plans
from ytarchive.core.failure_table import CODES
from ytarchive.core.halts import Halt, begun, notice
from ytarchive.core.work_plan import Acknowledged, BelowWish, OnlyCopy, OpenRow, Place, Tried, WorkPlan, draft
from ytarchive.core.work_plan_changes import compared, outlined
from ytarchive.core.work_plan_outline import outline
from ytarchive.core.work_plan_schema import json_schema
from ytarchive.core.work_plan_text import HEADER, to_markdown, to_yaml
from ytarchive.errors import YtarchiveError

NOW = 1_790_000_000
# The machine may be busy: a slow example is no failure.
patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=60)

hostile = st.one_of(
    st.text(st.characters(codec=None), max_size=60),
    st.sampled_from(
        (
            "| a | b",
            "`code` ``x`` \\`",
            "<script>alert(1)</script>",
            "[click](javascript:x) ![i](http://x/y.png)",
            "https://evil.example/ www.evil.example",
            "# heading",
            "- list",
            "yes",
            "1e3",
            "~",
            "key: value # comment",
            "*alias &anchor !tag %dir @at",
            "\u202egnp.exe\u2066",
            "\x1b[2J\x07",
            "a\\",
            " lead and trail ",
            "two  spaces",
            "word " * 60,
            "x" * 300,
            "\u2028\u2029\x85\ufeff",
            "\ud800",
        )
    ),
)
rows = st.builds(
    OpenRow,
    subject=st.one_of(st.sampled_from(("dQw4w9WgXcQ", "-abcdefghi_", "PL123")), hostile.filter(bool)),
    code=st.sampled_from(sorted(CODES)),
    attempts=st.integers(1, 99),
    first_at=st.integers(0, NOW),
    last_at=st.integers(0, NOW),
    next_at=st.none() | st.integers(0, 2 * NOW),
    about=st.sampled_from(("video", "source")),
    title=st.none() | hostile,
    entries=st.lists(hostile, max_size=3).map(tuple),
    status=st.none() | st.integers(400, 599),
    message=hostile,
    acknowledged=st.none() | st.builds(Acknowledged, hostile, st.none() | st.integers(0, NOW), st.booleans()),
    on_disk=st.booleans(),
    stage=hostile,
    tried=st.lists(
        st.builds(Tried, st.sampled_from(["PRIVATE", "X"]), st.integers(1, 9), *[st.integers(0, NOW)] * 2)
    ).map(tuple),
    places=st.lists(st.builds(Place, hostile, st.integers(1, 9), hostile), max_size=2).map(tuple),
    named_at=st.lists(st.builds(Place, hostile, st.integers(1, 9)), max_size=2).map(tuple),
)
copies = st.builds(
    OnlyCopy,
    video=hostile.filter(bool),
    title=st.none() | hostile,
    channel=st.none() | hostile,
    channel_id=st.none() | hostile,
    uploaded_on=st.none() | hostile,
    code=st.sampled_from(["PRIVATE", "REMOVED", "FROM_THE_FUTURE"]),
    gone_at=st.integers(0, NOW),
    confirmed_at=st.none() | st.integers(0, NOW),
    fetched_at=st.integers(0, NOW),
    bytes=st.integers(0, 1 << 50),
    damaged=st.booleans(),
    evidence=st.none() | hostile,
)
lesser = st.builds(
    BelowWish,
    video=hostile.filter(bool),
    title=st.none() | hostile,
    got=hostile,
    wished=st.none() | st.just("1080p"),
    cut=st.booleans(),
    because=st.none() | hostile,
    fetched_at=st.integers(0, NOW),
    next_look_at=st.none() | st.integers(0, 2 * NOW),
)
plans = st.builds(
    lambda some, held, file, low: draft(
        some, archive="a1b2", made_at=NOW, settings=file, only_copies=held, below_wish=low
    ),
    st.lists(rows, max_size=4),
    st.lists(copies, max_size=2),
    st.none() | hostile,
    st.lists(lesser, max_size=2),
)


SCHEMA = Draft202012Validator(json_schema(), format_checker=Draft202012Validator.FORMAT_CHECKER)


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def row(subject: str = "dQw4w9WgXcQ", code: str = "PRIVATE", title: str | None = None) -> OpenRow:
    return OpenRow(
        subject, code, 1, NOW - 60, NOW, NOW + 60, title=title, entries=("lectures",), message="Gone."
    )


@patient
@given(plans)
def test_yaml_reads_back_as_it_was_written(plan: WorkPlan) -> None:
    text = to_yaml(plan)

    assert work_plans.parse(text) == plan
    assert yaml.safe_load(text)["count"] == plan.count


@patient
@given(plans)
def test_yaml_is_as_its_schema_says(plan: WorkPlan) -> None:
    SCHEMA.validate(yaml.safe_load(to_yaml(plan)))


@patient
@given(plans)
def test_an_outline_says_what_the_plan_says(plan: WorkPlan) -> None:
    assert outline(to_yaml(plan)) == outlined(plan)


def test_an_outline_reads_titles_that_go_over_several_lines() -> None:
    title = "a title: that goes on " * 7 + "and ends"
    plan = draft([row(title=title)], archive="a1b2", made_at=NOW)
    assert "title: >-" in to_yaml(plan)
    assert outline(to_yaml(plan)) == outlined(plan)
    (known,) = outline(to_yaml(plan)).known.values()
    assert known.title == title


@patient
@given(plans)
def test_yaml_holds_nothing_that_a_terminal_or_an_editor_acts_on(plan: WorkPlan) -> None:
    assert not _acting(to_yaml(plan))
    assert not _acting(to_markdown(plan, compared(outlined(replace(plan, items=plan.items[1:])), plan)))


def _acting(text: str) -> list[str]:
    bad = {
        *map(chr, range(32)),
        "\x7f",
        "\x85",
        "\u2028",
        "\u2029",
        "\ufeff",
        *"\u200b\u200e\u200f\u202a\u202b\u202d\u202e\u2066",
    }
    return sorted((bad - {"\n"}) & set(text))


@patient
@given(st.lists(rows, min_size=1, max_size=4), st.lists(copies, max_size=2), st.lists(lesser, max_size=2))
@example([row(title="a | b ` c <b> [x](y)")], [], [])
def test_markdown_shows_hostile_text_and_nothing_else(
    some: list[OpenRow], held: list[OnlyCopy], low: list[BelowWish]
) -> None:
    plan = draft(some, archive="a1b2", made_at=NOW, settings="/<b>|`x`", only_copies=held, below_wish=low)
    before = draft([row("aaaaaaaaaaa", title="`gone` <b>")], archive="a1b2", made_at=NOW - 1)

    text = to_markdown(plan, compared(outlined(before), plan))
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text)

    assert {token.type for token in tokens} <= KNOWN_BLOCKS
    inline = [child for token in tokens for child in token.children or ()]
    assert {child.type for child in inline} <= {"text", "code_inline", "link_open", "link_close", "softbreak"}
    assert not [
        child for child in inline if child.type == "text" and re.search("evil|://|www|[<>`]", child.content)
    ]
    links = [str(child.attrGet("href")) for child in inline if child.type == "link_open"]
    assert all(link.startswith("https://www.youtube.com/") for link in links)
    lines, cells = 1 + 2 * len(plan.groups) + len(plan.items), 3 * len(plan.groups) + 6 * len(plan.items)
    assert sum(token.type == "tr_open" for token in tokens) == lines + bool(held) + len(held) + bool(
        low
    ) + len(low)
    assert sum(token.type == "td_open" for token in tokens) == cells + 7 * len(held) + 6 * len(low)


KNOWN_BLOCKS = {
    "inline",
    *(
        f"{name}_{side}"
        for name in ("heading", "paragraph", "bullet_list", "list_item")
        for side in ("open", "close")
    ),
    *(
        f"{name}_{side}"
        for name in ("table", "thead", "tbody", "tr", "th", "td")
        for side in ("open", "close")
    ),
}


def test_the_files_of_a_plan_look_like_this() -> None:
    told = OpenRow(
        "PLabcdef",
        "LIST_PRIVATE",
        2,
        NOW - 9000,
        NOW,
        None,
        about="source",
        entries=("cosmos",),
        status=403,
        acknowledged=Acknowledged("it was mine", NOW + 86_400),
    )
    waiting = OpenRow("UpComing001", "UPCOMING", 1, NOW, NOW, NOW + 3600, entries=("cosmos",))
    wanted = replace(
        row(title="Lecture 1: yes"),
        attempts=4,
        stage="extract",
        tried=(Tried("TIMEOUT", 3, NOW - 60, NOW - 20), Tried("PRIVATE", 1, NOW, NOW)),
        named_at=(Place("/m/lectures.yaml", 12),),
    )
    copy = OnlyCopy(
        video="OnlyCopy001",
        title="What was said",
        channel="Lectures",
        uploaded_on="2024-05-01",
        code="REMOVED",
        gone_at=NOW - 90_000,
        confirmed_at=NOW,
        fetched_at=NOW - 9_000_000,
        bytes=123_456,
    )
    lesser = [
        BelowWish(
            video="LessNow0001",
            title="New today",
            got="360p h264",
            wished="1080p",
            fetched_at=NOW - 3600,
            next_look_at=NOW + 82_800,
        ),
        BelowWish(
            video="LessEver001", got="360p h264", cut=True, because="SABR_ONLY", fetched_at=NOW - 9_000_000
        ),
    ]
    plan = draft(
        [wanted, told, waiting],
        archive="a1b2",
        made_at=NOW,
        settings="/etc/ytarchive/ytarchive.toml",
        only_copies=[copy],
        below_wish=lesser,
    )
    before = draft([row(code="GEO"), row("WasOpen0001", title="Had by now")], archive="a1b2", made_at=NOW - 9)
    changes = compared(outlined(before), plan)

    assert to_yaml(plan) == (Path(__file__).parent / "expected" / "work-plan.yaml").read_text(
        encoding="utf-8"
    )
    assert to_markdown(plan, changes) == (Path(__file__).parent / "expected" / "work-plan.md").read_text(
        encoding="utf-8"
    )


def test_markdown_tells_of_a_hundred_below_the_wish_and_counts_the_rest() -> None:
    lesser = [BelowWish(video=f"less{number:07d}", got="360p", fetched_at=NOW) for number in range(103)]

    text = to_markdown(draft([], archive="a1b2", made_at=NOW, below_wish=lesser))

    assert text.count("| `less") == 100
    assert "And 3 more." in text


def test_yaml_shows_what_is_hidden_even_if_nobody_cleaned_it() -> None:
    plan = draft([row()], archive="\u202ea1b2\U000e0001", made_at=NOW)
    plan = replace(plan, items=(replace(plan.items[0], title="word\u200b " * 60),))

    text = to_yaml(plan)

    assert 'archive: "\\u202ea1b2\\U000e0001"' in text
    assert "\u200b" not in text
    assert work_plans.parse(text) == plan


def test_an_empty_plan_says_that_nothing_is_open() -> None:
    plan = draft([], archive="a1b2", made_at=NOW)

    assert "Nothing is open" in to_markdown(plan)
    assert yaml.safe_load(to_yaml(plan)) == {
        "version": 1,
        "archive": "a1b2",
        "made_at": "2026-09-21T14:13:20Z",
        "count": 0,
        "owed": 0,
        "acknowledged": 0,
        "lost": 0,
        "notices": [],
        "groups": [],
        "items": [],
        "only_copies": [],
        "below_wish": [],
    }


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    plan = draft([row("aaaaaaaaaaa"), row("bbbbbbbbbbb", "GEO")], archive="a1b2", made_at=NOW)

    paths = work_plans.write(tmp_path / "state", plan)

    assert [path.name for path in paths] == ["work-plan.yaml", "work-plan.md"]
    assert work_plans.read(tmp_path / "state") == plan
    assert names_in(tmp_path / "state") == ["work-plan.md", "work-plan.yaml"]


def test_a_new_plan_replaces_the_old_one_and_what_a_crash_left(tmp_path: Path) -> None:
    work_plans.write(tmp_path, draft([row()], archive="a1b2", made_at=NOW))
    (tmp_path / ".work-plan.yaml.new").write_text("torn")

    work_plans.write(tmp_path, draft([], archive="a1b2", made_at=NOW + 1))

    assert work_plans.read(tmp_path) == draft([], archive="a1b2", made_at=NOW + 1)
    assert names_in(tmp_path) == ["work-plan.md", "work-plan.previous.yaml", "work-plan.yaml"]


def test_without_a_plan_there_is_none(tmp_path: Path) -> None:
    assert work_plans.read(tmp_path) is None
    assert work_plans.read(tmp_path / "missing") is None


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[1, 2]",
        b"version: 1\n",
        b"a: [",
        b"\xff\xfe",
        b"version: 1\nitems: [{code: 3}]\n",
        b"- " * 5000,
        b"\x00",
    ],
)
def test_a_file_that_is_no_work_plan_is_refused_with_a_cure(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "work-plan.yaml").write_bytes(content)

    with pytest.raises(YtarchiveError, match="not a work plan") as caught:
        work_plans.read(tmp_path)

    assert "reconcile --once" in str(caught.value.cure)


def test_a_plan_of_another_version_is_refused_by_its_version(tmp_path: Path) -> None:
    (tmp_path / "work-plan.yaml").write_text(HEADER + "version: 2\n")

    with pytest.raises(YtarchiveError, match="version 2, not 1"):
        work_plans.read(tmp_path)


def test_a_state_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file")

    with pytest.raises(YtarchiveError, match="cannot be written") as caught:
        work_plans.write(tmp_path / "state", draft([], archive="a1b2", made_at=NOW))

    assert caught.value.cure


def test_a_plan_whose_name_is_taken_is_told_and_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "work-plan.yaml").mkdir()

    with pytest.raises(YtarchiveError, match="cannot be written"):
        work_plans.write(tmp_path, draft([], archive="a1b2", made_at=NOW))
    with pytest.raises(YtarchiveError, match="cannot be read"):
        work_plans.read(tmp_path)

    assert names_in(tmp_path) == ["work-plan.yaml"]


def test_a_name_that_leads_elsewhere_is_replaced_and_not_followed(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_text("precious")
    (tmp_path / "work-plan.md").symlink_to(other)
    (tmp_path / ".work-plan.yaml.new").symlink_to(other)

    work_plans.write(tmp_path, draft([], archive="a1b2", made_at=NOW))

    assert other.read_text() == "precious"
    assert not (tmp_path / "work-plan.md").is_symlink()


def test_the_schema_refuses_what_is_no_work_plan() -> None:
    Draft202012Validator.check_schema(json_schema())
    good = yaml.safe_load(to_yaml(draft([row()], archive="a1b2", made_at=NOW)))
    SCHEMA.validate(good)
    for change in ({"version": 2}, {"count": "1"}, {"items": [{**good["items"][0], "code": "NO_SUCH"}]}):
        with pytest.raises(ValidationError):
            SCHEMA.validate({**good, **change})


def test_the_plan_of_before_is_kept_and_what_changed_is_told(tmp_path: Path) -> None:
    first = draft([row("aaaaaaaaaaa"), row("bbbbbbbbbbb", "GEO")], archive="a1b2", made_at=NOW)
    second = draft([row("bbbbbbbbbbb"), row("ccccccccccc", "GEO")], archive="a1b2", made_at=NOW + 9)

    work_plans.write(tmp_path, first)
    assert work_plans.changes(tmp_path, first).since is None
    assert "Since" not in (tmp_path / "work-plan.md").read_text()
    work_plans.write(tmp_path, second)

    changes = work_plans.changes(tmp_path, second)
    assert (changes.since, changes.until) == (NOW, NOW + 9)
    assert [(one.subject, one.after) for one in changes.new] == [("ccccccccccc", ("GEO",))]
    assert [(one.subject, one.before) for one in changes.gone] == [("aaaaaaaaaaa", ("PRIVATE",))]
    assert [(one.subject, one.before, one.after) for one in changes.changed] == [
        ("bbbbbbbbbbb", ("GEO",), ("PRIVATE",))
    ]
    assert "1 new, 1 open no more, 1 with another cause" in (tmp_path / "work-plan.md").read_text()
    work_plans.amend(tmp_path, replace(second, made_at=NOW + 10))
    assert work_plans.changes(tmp_path, second).since == NOW
    assert work_plans.read(tmp_path) == replace(second, made_at=NOW + 10)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe\x00",
        b"items:\n  - video: aaaaaaaaaaa\n",
        b"archive: a1b2\nmade_at: never\nitems: []\n",
        b'archive: other\nmade_at: "2026-09-21T14:13:20Z"\nitems:\n  - video: x\n    code: GEO\n',
    ],
)
def test_a_plan_of_before_that_is_none_or_of_another_archive_says_nothing(
    tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "work-plan.previous.yaml").write_bytes(content)
    plan = draft([row()], archive="a1b2", made_at=NOW)

    work_plans.amend(tmp_path, plan)

    assert work_plans.changes(tmp_path, plan).since is None


def test_what_is_no_plan_is_not_kept_as_the_one_of_before(tmp_path: Path) -> None:
    work_plans.write(tmp_path, draft([row()], archive="a1b2", made_at=NOW))
    work_plans.write(tmp_path, draft([], archive="a1b2", made_at=NOW + 1))
    (tmp_path / "work-plan.yaml").write_text("torn")

    work_plans.write(tmp_path, draft([], archive="a1b2", made_at=NOW + 2))

    assert work_plans.changes(tmp_path, draft([], archive="a1b2", made_at=NOW + 2)).since == NOW


@patient
@given(st.text(st.sampled_from('abc:->" \n\\019{}[]'), max_size=80))
def test_an_outline_is_taken_from_no_text_with_an_error(text: str) -> None:
    head = 'archive: a1b2\nmade_at: "2026-09-21T14:13:20Z"\nitems:\n'

    assert outline(text) is None
    assert outline(head + text) is not None


def test_many_changes_are_told_in_part(tmp_path: Path) -> None:
    some = [row(f"video{number:06}") for number in range(300)]
    work_plans.write(tmp_path, draft([], archive="a1b2", made_at=NOW))
    work_plans.write(tmp_path, draft(some, archive="a1b2", made_at=NOW + 1))

    text = (tmp_path / "work-plan.md").read_text()
    assert text.count("- new: `") == 100
    assert "200 more, which `ytarchive workplan diff` tells" in text


def test_an_outline_passes_over_what_it_does_not_understand() -> None:
    head = 'archive: a1b2\nmade_at: "2026-09-21T14:13:20Z"\n'
    torn = '  - video: aaaaaaaaaaa\n    title: "torn\n    code: GEO\n  - video: bbbbbbbbbbb\n'

    found = outline(head + "items:\n" + torn)

    assert found is not None
    assert {subject: (one.causes, one.title) for subject, one in found.known.items()} == {
        "aaaaaaaaaaa": (("GEO",), '"torn')
    }
    assert outline('made_at: "2026-09-21T14:13:20Z"\nitems:\n') is None


def test_what_pauses_downloads_stands_at_the_head_with_its_cure() -> None:
    halt = begun(Halt("engine"), "JS_FAIL", "n challenge solving failed", NOW)
    plan = draft([], archive="a1b2", made_at=NOW, notices=(notice(halt),))
    head = to_markdown(plan).split("Nothing is open")[0]
    assert "The engine seems to be broken: several videos met JS_FAIL" in head
    assert "ytarchive engine upgrade" in head
    assert yaml.safe_load(to_yaml(plan))["notices"][0]["actions"] == [
        {"what": "Upgrade the engine", "command": "ytarchive engine upgrade"}
    ]
