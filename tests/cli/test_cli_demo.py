"""The demo, as a person runs it first."""

from __future__ import annotations

import resource

from cli_project import Project

CPU_SECONDS = 60
"""A minute on two cores has twice as many; the processor's time does not depend on what else the machine does."""


def cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def test_the_demo_goes_as_designed_and_can_be_looked_at(project: Project) -> None:
    before = cpu_seconds()
    told = project.ok("demo")
    assert cpu_seconds() - before < CPU_SECONDS
    assert "14 downloaded" in told
    assert "Nothing to download, nothing to change" in told
    assert all(code in told for code in ("PRIVATE (1)", "GEO (1)", "MEMBERS (1)"))
    assert "The demo went as designed" in told
    assert "├── library/" in told
    assert "\x1b" not in told
    looked = project.json("--config", "ytarchive-demo/ytarchive.toml", "status")
    assert looked["books"] == {
        "have": 14,
        "ready": 0,
        "running": 0,
        "deferred": 2,
        "blocked": 2,
        "undecided": 0,
        "excluded": 0,
    }
    assert (
        len(
            [
                name
                for name in project.files("ytarchive-demo/archive/library")
                if name.endswith((".mkv", ".opus"))
            ]
        )
        == 15
    )
    kept = project.json("demo", "--keep")
    assert kept["first"]["done"]["fetched"] == 0


def test_without_its_extra_the_demo_names_the_cure(project: Project) -> None:
    project.write("hidden/trustme.py", "raise ModuleNotFoundError('no', name='trustme')\n")
    done = project.run("demo", environment={"PYTHONPATH": str(project.folder / "hidden")})
    assert done.returncode == 1
    assert "trustme" in done.stderr
    assert "uv run --extra demo ytarchive demo" in done.stderr


def test_the_demo_leaves_a_folder_alone_that_is_not_its_own(project: Project) -> None:
    mine = project.write("mine/letter.txt", "dear")
    done = project.run("demo", "--directory", "mine")
    assert (done.returncode, mine.read_text(), project.files("mine")) == (64, "dear", ["letter.txt"])
