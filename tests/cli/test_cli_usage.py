"""What a person may type that is wrong, and what everything costs that needs no archive."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import jsonschema
import pytest
from cli_project import Project

from ytarchive import __version__
from ytarchive.cli.app import SECTIONS

COMMANDS = [name for commands in SECTIONS.values() for name in commands]
HEAVY = {"pydantic", "rich", "apsw", "yaml", "yt_dlp", "av", "trustme", "tomllib"}


@pytest.mark.parametrize(
    "arguments", [["--help"], ["plan", "--help"], ["workplan", "ignore", "--help"], ["--version"]]
)
def test_help_is_answered_without_importing_what_the_work_needs(
    project: Project, arguments: list[str]
) -> None:
    code = (
        "import sys\nbefore = set(sys.modules)\nimport ytarchive.__main__ as program\n"
        f"assert program.run({arguments!r}) == 0\n"
        f"print(sorted({HEAVY!r} & (set(sys.modules) - before)), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=project.environment, capture_output=True, text=True, check=True
    )
    assert done.stderr.strip() == "[]"
    assert "ytarchive" in done.stdout


def test_help_names_every_command_and_the_exit_codes(project: Project) -> None:
    told = project.ok("--help")
    assert all(f"  {command} " in told for command in COMMANDS)
    assert all(f" {code} " in told for code in ("0", "1", "3", "64", "70", "75", "78", "130"))


def test_no_arguments_tell_what_there_is(project: Project) -> None:
    assert "reconcile" in project.ok()


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(project: Project, command: str) -> None:
    assert f"Usage: ytarchive {command}" in project.ok(command, "--help")


def test_versions_are_those_of_what_works(project: Project) -> None:
    first, engine, ffmpeg = project.ok("--version").splitlines()
    assert first == f"ytarchive {__version__}"
    assert engine.split()[:2] == ["yt-dlp", version("yt-dlp")]
    assert re.fullmatch(r"ffmpeg [0-9]+\.[0-9.]+\S*", ffmpeg)
    assert list(json.loads(project.ok("--version", "--json"))) == ["ytarchive", "yt_dlp", "ffmpeg"]


def test_an_ffmpeg_that_is_too_old_is_not_the_one_that_is_named(project: Project, tmp_path: Path) -> None:
    old = tmp_path / "programs" / "ffmpeg"
    old.parent.mkdir()
    old.write_text("#!/bin/sh\necho ffmpeg version 5.1.6-0+deb12u1 Copyright\n")
    old.chmod(0o755)
    done = project.run("--version", environment={"PATH": f"{old.parent}:{project.environment['PATH']}"})

    assert done.returncode == 0
    assert "5.1.6" not in done.stdout


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["reconcil"], "'reconcile'"),
        (["--jsom", "status"], "'--json'"),
        (["status", "--jsom"], "'--json'"),
        (["workplan", "ignor"], "'ignore'"),
        (["reconcile", "--once", "--max-wait", "soon"], "a duration such as"),
        (["reconcile", "--once", "--max-wait", "5 minutes"], "did you mean 5m?"),
        (["reconcile", "--full"], "--metrics-file and --even-last-copies are for one pass"),
        (["explain"], "Missing argument"),
        (["explain", "dQw4w9WgXc"], "this has 10"),
        (["explain", "https://example.org/watch?v=dQw4w9WgXcQ"], "not a host of YouTube's"),
        (["explain", "one", "two"], "expected a video"),
        (["download", "@handle"], "name it in a manifest"),
        (["download", "--profile"], "requires an argument"),
        (["workplan", "ignore", "--until", "2001-01-01", "--all"], "a date in the future"),
        (["workplan", "ignore", "--until", "sometime", "--all"], "a duration such as"),
        (["workplan", "list", "--cause", "PRIVAT"], "did you mean PRIVATE?"),
        (["reconcile", "--once", "--plan", "absent.json"], "absent.json"),
        (["show", "nobody"], "no entry is called 'nobody'"),
        (["show"], "Missing argument"),
        (["demo", "--directory", "manifests"], "no demo made it"),
    ],
)
def test_wrong_usage_is_told_with_what_was_expected(
    project: Project, arguments: list[str], told: str
) -> None:
    done = project.run(*arguments)
    assert (done.returncode, done.stdout) == (64, "")
    assert told in done.stderr
    assert done.stderr.startswith("error: ")


def test_a_plan_file_that_is_none_is_refused(project: Project) -> None:
    project.write("plan.json", '{"version": 1}')
    done = project.run("reconcile", "--once", "--plan", "plan.json")
    assert done.returncode == 64
    assert "not a saved plan" in done.stderr


def test_common_options_may_stand_before_and_after_the_command(project: Project) -> None:
    before = project.run("--json", "--manifests", "manifests", "validate")
    after = project.run("validate", "--json", "--manifests", "manifests")
    assert before.stdout == after.stdout
    assert json.loads(after.stdout)["valid"] is True


def test_a_missing_settings_file_is_exit_78(project: Project) -> None:
    done = project.run("--config", "absent.toml", "status")
    assert done.returncode == 78
    assert "absent.toml" in done.stderr


def test_a_settings_file_that_is_a_folder_is_exit_78(project: Project) -> None:
    done = project.run("--config", "manifests", "status")
    assert done.returncode == 78
    assert "manifests" in done.stderr


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads every file")
def test_an_unreadable_settings_file_is_exit_78(project: Project) -> None:
    project.write("ytarchive.toml", "").chmod(0)
    assert project.run("status").returncode == 78


def test_an_unknown_setting_is_exit_78_with_a_near_miss(project: Project) -> None:
    project.write("ytarchive.toml", "[limits]\nvideos_per_hours = 1\n")
    done = project.run("validate")
    assert done.returncode == 78
    assert "ytarchive.toml:2" in done.stderr
    assert "videos_per_hour" in done.stderr


def test_a_missing_manifests_folder_is_exit_78(project: Project) -> None:
    done = project.run("plan", "--manifests", "absent")
    assert done.returncode == 78
    assert "absent" in done.stderr
    assert "cure:" in done.stderr


def test_every_problem_of_every_manifest_is_told_at_once(project: Project) -> None:
    project.wish("version: 1\nvideo: [dQw4w9WgXcQ]\n")
    project.write("manifests/second.yaml", "version: 1\nvideos: [short]\nplaylists: 7\n")
    done = project.run("validate")
    assert done.returncode == 78
    assert all(place in done.stderr for place in ("wishes.yaml:2:1", "second.yaml:2:10", "second.yaml:3:12"))
    answer = project.json("validate", code=78)
    assert answer["valid"] is False
    assert len(answer["problems"]) == 3
    assert {"file", "line", "column", "message"} == set(answer["problems"][0])


def test_valid_manifests_are_counted(project: Project) -> None:
    project.wish("version: 1\nvideos: [dQw4w9WgXcQ]\nplaylists: [PLrAXtmErZgOeiKm4sgNOknGvNjby9efdf]\n")
    assert "Valid: 2 entries" in project.ok("validate")
    assert project.json("validate")["entries"] == ["wishes", "PLrAXtmErZgOeiKm4sgNOknGvNjby9efdf"]


def test_schema_accepts_what_validate_accepts(project: Project) -> None:
    schema = json.loads(project.ok("schema"))
    jsonschema.Draft7Validator.check_schema(schema)
    jsonschema.validate({"version": 1, "videos": ["dQw4w9WgXcQ"]}, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"version": 1, "video": []}, schema)


def test_show_names_the_place_of_each_value(project: Project) -> None:
    project.wish("version: 1\ndefaults: {quality: {max: 720p}}\nvideos: [dQw4w9WgXcQ]\n")
    values = {value["key"]: value for value in project.json("show", "wishes")["values"]}
    assert values["quality.max"]["value"] == "720p"
    assert "wishes.yaml:2" in values["quality.max"]["origin"]
    assert values["media"]["origin"] == "built-in"
    assert "quality.max" in project.ok("show", "wishes")


def test_init_makes_a_valid_beginning_and_leaves_it_alone_the_second_time(
    tmp_path: Path, project: Project
) -> None:
    fresh = Project(tmp_path / "fresh", project.environment)
    fresh.folder.mkdir()
    made = fresh.json("init")
    assert (fresh.folder / "archive/.ytarchive/archive.json").is_file()
    assert len(made["made"]) == 5
    assert json.loads((fresh.folder / "manifests/manifest.schema.json").read_text()) == json.loads(
        fresh.ok("schema")
    )
    starter = fresh.folder / "manifests/starter.yaml"
    starter.write_text("version: 1\nvideos: [dQw4w9WgXcQ]\n")
    again = fresh.json("init")
    assert again == {"archive": made["archive"], "made": []}
    assert "dQw4w9WgXcQ" in starter.read_text()
    assert "Valid: 1 entry" in fresh.ok("validate")


def test_the_starter_is_a_valid_manifest_without_an_entry(project: Project) -> None:
    (project.folder / "manifests/wishes.yaml").unlink()
    project.ok("init")
    assert "Valid: 0 entries" in project.ok("validate")


def test_the_starter_that_init_writes_is_the_repository_s() -> None:
    root = Path(__file__).parents[2]
    ours, theirs = (root / name for name in ("ytarchive/cli/starter.yaml", "manifests/starter.yaml"))
    assert ours.read_text().splitlines()[1:] == theirs.read_text().splitlines()[1:]


def test_doctor_finds_this_machine_fit(project: Project) -> None:
    project.write("ytarchive.toml", "[archive]\nmin_free = 0\n")
    answer = project.json("doctor")
    statuses = {check["name"]: check["status"] for check in answer["checks"]}
    assert answer["ok"] is True
    assert {"python", "engine", "deno", "ffmpeg", "av", "settings", "manifests", "state folder"} <= set(
        statuses
    )
    assert {"archive", "free space", "archive writable", "rename", "long names", "hard links"} <= set(
        statuses
    )
    assert "failed" not in statuses.values()
    assert not (project.folder / "archive").exists()


def test_doctor_exits_1_and_names_the_cure_of_what_is_missing(project: Project) -> None:
    project.write("ytarchive.toml", '[archive]\nmin_free = "900TB"\n')
    project.wish("version: 1\nvideo: []\n")
    done = project.run("doctor")
    assert done.returncode == 1
    assert "900 TB must stay free" in done.stdout
    assert "cure: free some space" in done.stdout
    assert "wishes.yaml:2:1" in done.stdout
    assert "2 checks failed." in done.stdout


def test_completion_offers_commands_options_and_entries(project: Project) -> None:
    project.wish("version: 1\nvideos: [{video: dQw4w9WgXcQ, name: Never}]\n")

    def complete(*words: str) -> list[str]:
        asked = {
            "_YTARCHIVE_COMPLETE": "bash_complete",
            "COMP_WORDS": " ".join(words),
            "COMP_CWORD": str(len(words) - 1),
        }
        lines = project.run(environment=asked).stdout.split()
        return [line.partition(",")[2] for line in lines]

    assert "reconcile" in complete("ytarchive", "rec")
    assert "--max-wait" in complete("ytarchive", "reconcile", "--")
    assert complete("ytarchive", "show", "Nev") == ["Never"]
    assert complete("ytarchive", "plan", "--entry", "Nev") == ["Never"]
    assert "PRIVATE" in complete("ytarchive", "workplan", "list", "--cause", "priv")


def test_the_completion_script_is_for_this_program(project: Project) -> None:
    script = project.run(environment={"_YTARCHIVE_COMPLETE": "bash_source"})
    assert "_YTARCHIVE_COMPLETE=bash_complete" in script.stdout


def test_a_full_disk_behind_standard_output_is_an_error_without_traceback(project: Project) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "ytarchive", "schema"],
            cwd=project.folder,
            env=project.environment,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr.startswith("error: ")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", ["schema", "validate", "--help"])
def test_a_reader_that_went_away_is_no_error_to_tell(project: Project, command: str) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as gone:
        done = subprocess.run(
            [sys.executable, "-m", "ytarchive", command],
            cwd=project.folder,
            env=project.environment,
            stdout=gone,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert (done.returncode, done.stderr) == (130, "")


def test_closed_standard_streams_do_not_end_in_the_database(project: Project) -> None:
    command = f"{sys.executable} -m ytarchive plan --no-refresh 0<&- 1>&- 2>&-; echo $?"
    done = subprocess.run(
        ["sh", "-c", command],
        cwd=project.folder,
        env=project.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip() == "0"
    assert (project.folder / "state/index.sqlite").read_bytes().startswith(b"SQLite format 3\0")


def test_arguments_that_are_no_text_are_refused_like_any_other(project: Project) -> None:
    done = subprocess.run(
        [sys.executable.encode(), b"-m", b"ytarchive", b"explain", b"\xff\x1b[31m-\x07"],
        cwd=project.folder,
        env=project.environment,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 64
    assert b"\x1b" not in done.stderr
    assert b"Traceback" not in done.stderr


def test_a_bug_is_exit_70_and_its_traceback_goes_to_a_file(project: Project) -> None:
    project.write("hidden/apsw.py", "raise ZeroDivisionError('planted')\n")
    done = subprocess.run(
        [sys.executable, "-m", "ytarchive", "status"],
        cwd=project.folder,
        env={**project.environment, "PYTHONPATH": str(project.folder / "hidden")},
        capture_output=True,
        text=True,
        check=False,
    )
    (kept,) = (project.folder / "state/crashes").iterdir()
    assert done.returncode == 70
    assert done.stderr.splitlines() == [
        "error: this is a bug in ytarchive (ZeroDivisionError)",
        f"  cure: please report it with the file {kept}",
    ]
    assert "planted" in kept.read_text()
    assert __version__ in kept.read_text()


def test_a_state_folder_that_cannot_be_made_is_an_error_of_the_machine(project: Project) -> None:
    project.write("state", "a file where a folder should be")
    done = project.run("plan", "--no-refresh")
    assert done.returncode == 1
    assert "state" in done.stderr
    assert "cure:" in done.stderr
