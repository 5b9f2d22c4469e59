"""`ytarchive logs`: what was logged, filtered, followed, as text and as JSON."""

from __future__ import annotations

import json
import signal
import subprocess
from pathlib import Path

import pytest
from cli_project import Project

from ytarchive.adapters.log_store import LogStore
from ytarchive.core.log_record import Level, Record

HOUR = 3600
NOON = 1_760_000_400.0


@pytest.fixture
def store(project: Project) -> LogStore:
    store = LogStore(project.folder / "state" / "logs")
    levels: tuple[Level, ...] = ("debug", "info", "warning", "error")
    for number in range(8):
        store.append(
            Record(
                NOON + number * HOUR,
                levels[number % 4],
                "download" if number < 4 else "yt-dlp",
                f"line {number}\x1b[31m",
                job=f"job-{number % 2}",
                video="-abc123DEF4" if number == 6 else None,
                pass_number=1 + number // 4,
            )
        )
    return store


def shown(project: Project, *arguments: str) -> list[int]:
    lines = project.ok("logs", "--json", *arguments).splitlines()
    return [int(json.loads(line)["text"].split()[1][0]) for line in lines]


def test_lines_are_told_by_every_filter_the_newest_last(project: Project, store: LogStore) -> None:
    assert shown(project, "-n", "3") == [5, 6, 7]
    both = ("--component", "yt-dlp", "--component", "list")
    assert shown(project, "--level", "warning", *both, "--pass", "2", "--job", "job-0") == [6]
    assert shown(project, "--video", "-abc123DEF4", "--grep", "LINE") == [6]
    assert shown(project, "--since", "2025-10-09T11:00", "--until", "2025-10-09T13:30") == [2, 3, 4]


def test_text_is_one_line_each_and_steers_no_terminal(project: Project, store: LogStore) -> None:
    lines = project.ok("logs", "-n", "2").splitlines()
    assert lines[0] == "2025-10-09 15:00:00 warning yt-dlp    [-abc123DEF4 job-0] line 6 [31m"
    assert len(lines) == 2


def test_a_folder_without_a_log_shows_nothing_and_is_left_as_it_is(project: Project) -> None:
    assert project.ok("logs") == ""
    assert not (project.folder / "state").exists()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--since", "yesterday"), "expected a duration such as 2h, a date"),
        (("--video", "x"), "expected"),
    ],
)
def test_a_filter_that_means_nothing_is_refused(
    project: Project, arguments: tuple[str, str], told: str
) -> None:
    done = project.run("logs", *arguments)
    assert done.returncode == 64
    assert told in done.stderr


def follow(project: Project, *arguments: str) -> subprocess.Popen[str]:
    return project.start("logs", "-f", *arguments)


def test_following_shows_what_is_written_by_others_until_it_is_ended(
    project: Project, store: LogStore
) -> None:
    following = follow(project, "--level", "info", "-n", "1")
    assert following.stdout is not None
    assert "line 7" in following.stdout.readline()
    store.append(Record(NOON, "debug", "download", "not this one"))
    store.append(Record(NOON, "error", "download", "this one"))
    assert "this one" in following.stdout.readline()
    for path in Path(store.folder).iterdir():
        path.unlink()
    store.append(Record(NOON, "info", "download", "and after the files were removed"))
    assert "and after" in following.stdout.readline()
    following.send_signal(signal.SIGTERM)
    out, error = following.communicate()
    assert (following.returncode, out, error) == (0, "", "")
