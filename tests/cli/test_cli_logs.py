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
from ytarchive.simulator import WELL_KNOWN
from ytarchive.simulator.process import SimulatorProcess

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


SMALL = "defaults: {quality: {max: 144p}, captions: {languages: []}, embed: []}\n"
TOKEN, KEY, COOKIE = (
    "c4nary-token-0123456789",
    "AIzaC4naryKeyOfTheDataApi0123456789abcd",
    "c4nary.value-of-a-cookie",
)


def test_a_pass_is_found_in_the_log_with_its_jobs_and_videos_and_without_secrets(
    online: Project, youtube: SimulatorProcess
) -> None:
    fine, gone = WELL_KNOWN["ordinary"], WELL_KNOWN["private"]
    youtube.set_playlist("PLcommandLineLog", [fine])
    online.wish(
        f"version: 1\n{SMALL}videos: [{gone}]\nplaylists:\n  - {{playlist: PLcommandLineLog, name: One, auth: main}}\n"
    )
    online.write("state/token", TOKEN)
    online.write("key", KEY)
    cookies = online.write(
        "cookies.txt",
        "# Netscape HTTP Cookie File\n"
        f".youtube.com\tTRUE\t/\tTRUE\t2100000000\tLOGIN_INFO\t{COOKIE}\n"
        f".youtube.com\tTRUE\t/\tTRUE\t2100000000\tSAPISID\t{COOKIE}\n",
    )
    cookies.chmod(0o600)
    settings = (online.folder / "ytarchive.toml").read_text()
    online.write(
        "ytarchive.toml",
        f'{settings}[auth.main]\ncookies_file = "cookies.txt"\n[youtube]\napi_key_file = "key"\n[log]\nlevel = "debug"\n',
    )

    done = online.run("reconcile", "--once")
    assert done.returncode == 3, done.stdout + done.stderr

    lines = [json.loads(line) for line in online.ok("logs", "--json").splitlines()]
    assert {line["pass"] for line in lines} == {1}
    (listed,) = [line for line in lines if line["component"] == "list"]
    assert (listed["entry"], listed["data"]["got"]) == ("One", 1)
    ends = {line["video"]: line for line in lines if "outcome" in line.get("data", {})}
    assert ends[fine]["data"]["outcome"] == "fetched"
    assert (ends[gone]["level"], ends[gone]["data"]["code"]) == ("warning", "PRIVATE")
    assert lines[-1]["component"] == "pass"
    assert lines[-1]["data"]["blocked"] + lines[-1]["data"]["deferred"] == 1

    jobs = {line["video"]: line["job"] for line in lines if line["component"] == "download"}
    said = [line for line in lines if line["component"] == "yt-dlp" and line.get("video") == fine]
    assert {line["job"] for line in said} == {jobs[fine]}
    assert {line["entry"] for line in said} == {"One"}
    assert any("Downloading webpage" in line["text"] for line in said)

    written = [path for path in online.folder.rglob("*") if path.is_file() and path.name not in OWN]
    assert len(written) > 10
    for secret in (TOKEN, KEY, COOKIE):
        holding = [path for path in written if secret.encode() in path.read_bytes()]
        assert holding == [], f"{secret} was written"
        assert secret not in done.stdout + done.stderr


OWN = ("token", "key", "cookies.txt")
