"""What is drawn: numbers, tables, progress. The observer is fed by hand, the terminal is a string."""

from __future__ import annotations

import io
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from ytarchive.cli import words
from ytarchive.cli.app import Invocation
from ytarchive.cli.output import Column, Screen, as_json, console_on
from ytarchive.cli.progress import Drawing, Lines
from ytarchive.cli.reports import draw_books, draw_decisions, draw_pass
from ytarchive.cli.tally import Tally
from ytarchive.core.failure import Evidence, Failure
from ytarchive.core.job import Event, Job
from ytarchive.core.plan import Action, Books, Decision, Ledger, Reason
from ytarchive.core.report import AccountReport, Done, Ending, PassReport, SourceReport
from ytarchive.core.work_plan import Seen

ESCAPES = re.compile("\x1b\\[[0-9;?]*[A-Za-z]")
HOSTILE = "[bold]red[/bold] \x1b[31m [/] \u202e tcefrep 長い題名"
DECISION = Decision(
    video="dQw4w9WgXcQ",
    bucket="ready",
    reason=Reason.MISSING,
    target="t",
    action=Action.FETCH,
    title=HOSTILE,
    entries=("Talks",),
)
PRIVATE = Failure("PRIVATE", "permanent", Evidence("extract", "No video formats found!"))
UPCOMING = Failure("UPCOMING", "wait", Evidence("extract", "Premieres in 2 hours"))
UNKNOWN = Failure("UNKNOWN", "transient", Evidence("extract", "something \x1b[31m odd"))


def screen_of(width: int | None = None, *, json: bool = False) -> tuple[Screen, io.StringIO]:
    """A screen whose console writes into a string: a terminal of that width, or none."""
    screen = Screen(Invocation(json=json))
    written = io.StringIO()
    if width is None:
        screen.console = console_on(written, color=True)
    else:
        screen.console = Console(
            file=written, force_terminal=True, width=width, height=12, markup=False, emoji=False
        )
    return screen, written


def planned(number: int) -> Ledger:
    ledger = Ledger()
    for _ in range(number):
        ledger.enter(DECISION)
    return ledger


@pytest.mark.parametrize(
    ("bytes_", "told"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (9_949, "9.9 kB"),
        (9_951, "10 kB"),
        (999_499, "999 kB"),
        (999_500, "1.0 MB"),
        (34_000_000, "34 MB"),
        (1_500_000_000_000, "1.5 TB"),
        (5 * 10**18, "5,000 PB"),
    ],
)
def test_sizes_have_three_digits_at_most(bytes_: int, told: str) -> None:
    assert words.size(bytes_) == told


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (0, "0 s"),
        (0.44, "0.4 s"),
        (12, "12 s"),
        (99, "99 s"),
        (100, "2 min"),
        (3600, "1 h"),
        (3900, "1 h 05 min"),
        (47.6 * 3600, "47 h 36 min"),
        (72 * 3600, "3 d"),
        (75 * 3600, "3 d 3 h"),
        (40 * 86400, "40 d"),
    ],
)
def test_spans_have_two_units_at_most(seconds: float, told: str) -> None:
    assert words.span(seconds) == told


def test_countdowns_read_like_a_clock() -> None:
    assert [words.countdown(seconds) for seconds in (-1, 7, 750, 3723)] == [
        "0:00",
        "0:07",
        "12:30",
        "1:02:03",
    ]


def test_times_are_told_from_now() -> None:
    assert words.when(1000, 1000) == "now"
    assert words.when(1000 + 7200, 1000).startswith("in 2 h (1970-01-01 ")
    assert words.when(1000, 1180).startswith("3 min ago (")


@given(st.text())
def test_whatever_is_printed_keeps_its_line_and_moves_nothing(text: str) -> None:
    cleaned = words.clean(text)
    assert cleaned.count("\n") == text.count("\n")
    assert all(character.isprintable() or character in "\n\u200c\u200d" for character in cleaned)


def test_json_stays_json_and_cannot_steer_a_terminal() -> None:
    import json

    text = as_json(Seen("\x1b[31m \u202e \x9b \ud800 é", 200))
    told = json.loads(text)
    assert (told["message"], told["status"]) == ("\x1b[31m \u202e \x9b \ud800 é", 200)
    assert "é" in text
    assert not {"\x1b", "\u202e", "\x9b", "\ud800"} & set(text)


@pytest.mark.parametrize("width", [40, 80, 120, 200])
def test_a_table_fits_the_terminal_and_shortens_only_wide_columns(width: int) -> None:
    screen, written = screen_of(width)
    draw_decisions(screen, [DECISION, replace(DECISION, title="短" * 100)], 0, most=None)
    lines = ESCAPES.sub("", written.getvalue()).splitlines()
    assert max(cell_len(line.rstrip()) for line in lines) <= width
    assert all("dQw4w9WgXcQ" in line for line in lines[1:])
    assert ("Entry" in lines[0]) is (width >= 100)


def test_away_from_a_terminal_lines_are_whole_and_plain() -> None:
    screen, written = screen_of()
    screen.table(
        [Column("Name", wide=True), Column("Size", right=True)], [["x" * 300, 12], ["[bold]b[/]", 1234]]
    )
    lines = written.getvalue().splitlines()
    assert lines[1] == "x" * 300 + "     12"
    assert lines[2] == "[bold]b[/]" + " " * 292 + "1,234"
    assert "\x1b" not in written.getvalue()


def test_the_books_end_with_each_video_once() -> None:
    screen, written = screen_of()
    draw_books(screen, Books(have=3, blocked=1), {"B": Books(have=2), "A": Books(have=2, blocked=1)})
    lines = [line.split() for line in written.getvalue().splitlines()]
    assert [line[0] for line in lines] == ["Entry", "A", "B", "each"]
    assert lines[-1][-6:] == ["4", "3", "0", "0", "0", "1"]


def test_more_decisions_than_fit_are_counted() -> None:
    screen, written = screen_of()
    assert draw_decisions(screen, [DECISION] * 12, 0, most=10) == 12
    assert "… and 2 more (-v shows all)" in written.getvalue()


def test_an_account_in_trouble_is_told_once_with_its_cure_and_asks_by_its_name() -> None:
    screen, written = screen_of()
    trouble = AccountReport("main", "COOKIES_ROTATED", "auth.main: they are rotated.", "export them again")
    draw_pass(screen, PassReport(0, 1, planned(1), Done(), accounts=(trouble,)), now=1)
    draw_decisions(screen, [replace(DECISION, identity="main")], 0, most=10)
    assert written.getvalue().count("auth.main: they are rotated.\n  cure: export them again\n") == 1
    assert "as main; not here yet" in written.getvalue()


def test_lines_tell_each_event_once_and_nothing_else() -> None:
    screen, written = screen_of()
    lines = Lines(screen)
    job = Job("job-1", "fetch", DECISION.video)
    lines.note("an orphan \x1b[31m adopted")
    lines.listing("Talks", 100, 200)
    lines.listed(SourceReport("Talks", "PL", "complete", 200, 200, added=2))
    lines.listed(SourceReport("Bad", "PL", "failed", failure="TIMEOUT: no answer"))
    lines.planned(planned(3))
    lines.started(job, DECISION)
    lines.progressed(Event("job-1", 1, "progress", {"phase": "download", "done_bytes": 5}))
    lines.ended(Ending(DECISION, "fetched", job="job-1", bytes=1234))
    lines.ended(Ending(DECISION, "failed", failure=PRIVATE))
    lines.ended(Ending(DECISION, "failed", failure=UPCOMING))
    lines.ended(Ending(DECISION, "failed", failure=UNKNOWN))
    told = written.getvalue().splitlines()
    assert told[0] == "note: an orphan [31m adopted"
    assert told[1:4] == [
        "listed Talks: 200 listed, 2 new",
        "listed Bad: could not be listed: TIMEOUT: no answer",
        "3 videos to do",
    ]
    assert told[4].startswith('[1/3] fetched dQw4w9WgXcQ "[bold]red[/bold]')
    assert told[4].endswith(" 1.2 kB")
    assert told[5].endswith("PRIVATE: The uploader made the video private.")
    assert told[6].startswith("[3/3] waits ")
    assert told[7].startswith("[4/4] failed ")
    assert told[7].endswith("UNKNOWN: something [31m odd")
    assert len(told) == 8


def test_a_long_wait_is_a_line_and_a_pause_between_downloads_is_none() -> None:
    import time

    screen, written = screen_of()
    lines = Lines(screen)
    now = int(time.time())
    lines.waiting(now + 5, "pause between downloads")
    lines.waiting(now + 500, "limit of 250 videos an hour")
    lines.waiting(now + 500, "limit of 250 videos an hour")
    assert written.getvalue().count("\n") == 1
    assert "limit of 250 videos an hour" in written.getvalue()


@pytest.mark.parametrize("width", [80, 120])
def test_rows_fit_the_terminal_and_show_bytes_speed_and_time_left(width: int) -> None:
    screen, written = screen_of(width)
    drawing = Drawing(screen.console, clock=iter(range(100_000)).__next__)
    drawing.planned(planned(5))
    for number, data in enumerate(
        (
            {"phase": "extract", "done_bytes": 0},
            {
                "phase": "download",
                "done_bytes": 7_500_000,
                "total_bytes": 30_000_000,
                "bytes_per_second": 3.2e6,
                "eta_seconds": 15,
            },
            {"phase": "download", "done_bytes": 7_500_000, "total_bytes": None, "bytes_per_second": 1e6},
            {"phase": "download", "done_bytes": "many", "total_bytes": -1, "bytes_per_second": True},
            {"phase": "\x1b[31mnew", "done_bytes": 1},
        )
    ):
        job = Job(f"job-{number}", "fetch", DECISION.video)
        drawing.started(job, DECISION)
        drawing.progressed(Event(job.id, 1, "progress", data))
    drawing.progressed(Event("another", 1, "progress", {"done_bytes": 1}))
    drawing.listing("Talks", 300, 4999)
    screen.console.print(drawing.get_renderable())
    told = ESCAPES.sub("", written.getvalue())
    assert max(cell_len(line) for line in told.splitlines()) <= width
    assert all(
        part in told
        for part in (
            "25%",
            "7.5 MB/30 MB",
            "3.2 MB/s",
            "0:15",
            "looking up",
            "300 of 4,999",
            "0 of 5",
            "4.2 MB/s",
        )
    )
    assert "\x1b[31mnew" not in written.getvalue()


def test_more_rows_than_lines_are_counted() -> None:
    screen, written = screen_of(80)
    drawing = Drawing(screen.console)
    for number in range(20):
        drawing.started(Job(f"job-{number}", "fetch", DECISION.video), DECISION)
    screen.console.print(drawing.get_renderable())
    assert "… and 12 more" in written.getvalue()


@pytest.mark.parametrize("width", [40, 80, 120])
def test_what_has_ended_is_one_line_each(width: int) -> None:
    screen, written = screen_of(width)
    with Drawing(screen.console) as drawing:
        drawing.note("n" * 300)
        drawing.listed(SourceReport("Talks", "PL", "unchanged", got=7))
        drawing.ended(Ending(DECISION, "fetched", bytes=12_345_678))
        drawing.ended(Ending(DECISION, "updated"))
        drawing.ended(Ending(DECISION, "cancelled"))
        drawing.ended(Ending(replace(DECISION, title=None), "failed", failure=PRIVATE))
        drawing.ended(Ending(DECISION, "failed", failure=UPCOMING))
        drawing.waiting(2**33, "limit")
    told = [line.strip() for line in ESCAPES.sub("", written.getvalue()).replace("\r", "\n").splitlines()]
    for mark, number in (("✓", 3), ("✗", 1), ("·", 3)):
        assert len([line for line in told if line.startswith(f"{mark} ")]) == number
    assert all(cell_len(line) <= width for line in told)
    assert any(line.endswith("12 MB") for line in told)


def test_the_time_left_follows_the_pace() -> None:
    tally = Tally(started_at=100.0, ready=10)
    tally.end(Ending(DECISION, "fetched"))
    tally.end(Ending(DECISION, "failed"))
    tally.end(Ending(DECISION, "cancelled"))
    assert tally.eta_seconds(120.0) is None
    tally.end(Ending(DECISION, "fetched"))
    tally.end(Ending(DECISION, "fetched", failure=UPCOMING))
    assert (tally.ended, tally.eta_seconds(120.0)) == (4, 30.0)
