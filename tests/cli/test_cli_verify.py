"""`verify` and `export` as a person runs them."""

from __future__ import annotations

import os

from cli_project import Project

from ytarchive.simulator import WELL_KNOWN

ORDINARY = WELL_KNOWN["ordinary"]
SMALL = "defaults: {quality: {max: 144p}, captions: {languages: []}, embed: []}\n"


def test_rot_is_told_fetched_again_and_forgotten(online: Project) -> None:
    online.wish(f"version: 1\n{SMALL}videos: [{ORDINARY}]\n")
    online.ok("reconcile", "--once")
    assert "All as it was stored." in online.ok("verify")
    assert "Nothing to verify." in online.ok("verify", "--due")
    (media,) = online.folder.glob(f"archive/videos/*/{ORDINARY}/*.mkv")
    stored = media.read_bytes()
    media.chmod(0o644)
    media.write_bytes(stored[:-9] + bytes([stored[-9] ^ 4]) + stored[-8:])
    os.utime(media, (0, 0))

    found = online.json("verify", ORDINARY, "--rate", "100MiB", code=3)

    assert [(one["video"], one["name"]) for one in found["damage"]] == [(ORDINARY, media.name)]
    assert online.json("reconcile", "--once")["report"]["done"]["updated"] == 1
    assert online.json("verify")["damage"] == []
    assert online.ok("export", "--download-archive") == f"youtube {ORDINARY}\n"
    assert f"  videos/{media.parent.parent.name}/{ORDINARY}/" in online.ok("export", "--checksums")


def test_wrong_uses_name_their_cure(project: Project) -> None:
    online = project
    online.ok("init")
    for arguments, told in (
        (("verify", ORDINARY), "not in the archive"),
        (("verify", "--due", ORDINARY), "leave out one"),
        (("verify", "--rate", "fast"), "a size"),
        (("export",), "--checksums or --download-archive"),
    ):
        done = online.run(*arguments)
        assert (done.returncode, told in done.stderr) == (64, True), done.stderr
