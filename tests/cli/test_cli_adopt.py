"""`adopt` as a person runs it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli_project import Project

from benchmarks.adopt import stamped, tiny_media

ID, CUT = "dQw4w9WgXcQ", "jNQXAC9IVRw"


@pytest.fixture
def old(project: Project, tmp_path: Path) -> Path:
    folder = tmp_path / "old"
    folder.mkdir()
    media = tiny_media(folder)
    (folder / "tiny.mp4").rename(folder / "Home.mp4")
    (folder / f"A \x1b[31mtalk [{ID}].mp4").write_bytes(stamped(media, ID))
    (folder / f"Cut [{CUT}].mp4").write_bytes(media[:2500])
    (folder / "done.txt").write_text(f"youtube {ID}\nyoutube aaaaaaaaaaa\n")
    return folder


def test_a_library_is_adopted_told_and_left_alone_the_second_time(project: Project, old: Path) -> None:
    project.wish(f"version: 1\nvideos: [{ID}]\n")
    told = project.json("adopt", str(old), "--dry-run", "--download-archive", str(old / "done.txt"))
    done = project.run("adopt", str(old), "--quiet")
    again = project.json("adopt", str(old), code=3)

    assert (told["adopted"], told["not_found"], told["dry_run"]) == (2, ["aaaaaaaaaaa"], True)
    assert done.returncode == 3
    assert "Adopted: 1 video" in done.stdout
    assert "left Home.mp4: nothing tells which video it is" in done.stdout
    assert f"left Cut [{CUT}].mp4: there is not one packet of audio in it" in done.stdout
    assert "\x1b" not in done.stdout + json.dumps(told)
    assert (again["adopted"], again["here"], again["lost"], again["linked"]) == (0, 1, 1, 0)


def test_wrong_uses_of_adopt_name_their_cure(project: Project, old: Path) -> None:
    for arguments, code, cure in (
        ((str(old), "--move", "--copy"), 64, "name one of them"),
        ((str(old), "--database", str(old / "Home.mp4"), "--dry-run"), 64, "a database of TubeSync"),
    ):
        done = project.run("adopt", *arguments)
        assert (done.returncode, cure in done.stderr) == (code, True), done.stderr
