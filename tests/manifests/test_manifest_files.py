"""Manifests from disk: what is found, what is refused, and the last good copies."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path

import pytest

from ytarchive.adapters.manifest_files import COPIES_NAME, Loaded, load
from ytarchive.core.desired import Audio
from ytarchive.core.yaml_tree import SIZE_CAP_BYTES
from ytarchive.errors import ConfigError, UsageError

A, B, C = "dQw4w9WgXcQ", "jNQXAC9IVRw", "-wtIMTCHWuI"
LIST = "PLrAXtmErZgOeiKm4sgNOknGvNjby9efdf"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "manifests"
    folder.mkdir()
    return folder


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state" / "manifests"


def write(folder: Path, **files: str) -> None:
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")


def videos(loaded: Loaded) -> dict[str, tuple[str, ...]]:
    return {entry.name: entry.videos for entry in loaded.entries}


def refused(folder: Path, last_good: Path | None = None) -> list[str]:
    """The problems, their file relative to the folder."""
    with pytest.raises(ConfigError) as error:
        load(folder, last_good)
    assert error.value.exit_code == 78
    assert error.value.cure
    return [str(problem).removeprefix(f"{folder}/") for problem in error.value.problems]


# --- what is found


def test_all_manifests_below_the_folder_are_read_and_hidden_ones_are_not(folder: Path) -> None:
    write(folder, b=f"videos: [{A}]")
    (folder / "sub" / "deeper").mkdir(parents=True)
    (folder / "sub" / "deeper" / "c.yml").write_text(f"videos: [{B}]", encoding="utf-8")
    (folder / "D.YAML").write_text(f"videos: [{C}]", encoding="utf-8")
    for hidden in (".x.yaml", ".git/y.yaml", "notes.txt", "z.yaml.bak"):
        (folder / hidden).parent.mkdir(exist_ok=True)
        (folder / hidden).write_text("{{{", encoding="utf-8")
    loaded = load(folder)
    assert videos(loaded) == {"D": (C,), "b": (A,), "c": (B,)}
    assert [entry.file for entry in loaded.entries] == ["D.YAML", "b.yaml", "sub/deeper/c.yml"]
    assert (loaded.problems, loaded.fell_back, loaded.warnings) == ((), (), ())


def test_linked_files_and_folders_are_read_once_and_loops_end(folder: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    write(elsewhere, x=f"videos: [{A}]")
    (folder / "linked").symlink_to(elsewhere)
    (folder / "y.yaml").symlink_to(elsewhere / "y.txt")
    (elsewhere / "y.txt").write_text(f"videos: [{B}]", encoding="utf-8")
    (elsewhere / "loop").symlink_to(folder)
    (folder / "again").symlink_to(elsewhere)
    assert sorted(videos(load(folder))) == ["x", "y"]


def test_a_folder_of_manifests_without_an_entry_is_fine(folder: Path, state: Path) -> None:
    write(folder, a="# nothing yet\n", b="version: 1\n")
    loaded = load(folder, state)
    assert (loaded.entries, loaded.problems, loaded.warnings) == ((), (), ())


def test_an_empty_folder_is_fine_and_says_so(folder: Path, state: Path) -> None:
    loaded = load(folder, state)
    assert loaded.entries == ()
    assert loaded.warnings == (f"no manifest (*.yaml, *.yml) in {folder}",)
    assert not state.exists()


def test_what_show_and_download_need_is_there(folder: Path) -> None:
    write(
        folder,
        a=f"profiles: {{tv: {{media: audio}}}}\nplaylists: [{{playlist: {LIST}, name: X, profile: tv}}]",
    )
    loaded = load(folder, interval_seconds=60, interval_origin="ytarchive.toml")
    origins = {origin.key: (origin.value, origin.origin) for origin in loaded.origins("X")}
    assert origins["media"] == ("audio", "profile tv (a.yaml:1:24)")
    assert origins["interval"] == ("1m", "ytarchive.toml")
    assert loaded.profiles == ("1080p", "720p", "audio", "best", "tv")
    assert loaded.wish("tv").audio == Audio()
    assert loaded.wish().audio is None
    with pytest.raises(UsageError, match="no entry is called 'x'") as error:
        loaded.origins("x")
    assert error.value.cure == "did you mean X?"
    with pytest.raises(UsageError, match="no profile is called 'radio'"):
        loaded.wish("radio")


# --- what is refused


def test_a_missing_folder_is_told_with_its_cure(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no such folder") as error:
        load(tmp_path / "nowhere", tmp_path / "state")
    assert error.value.exit_code == 78
    assert "--manifests" in str(error.value.cure)


def test_a_file_instead_of_the_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "m").touch()
    with pytest.raises(ConfigError, match="this folder cannot be read: Not a directory"):
        load(tmp_path / "m")


def test_what_is_no_plain_file_is_refused_without_waiting(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "folder.yaml").mkdir()
    os.mkfifo(folder / "fifo.yaml")
    (folder / "broken.yaml").symlink_to("nowhere.yaml")
    (folder / "loop.yaml").symlink_to("loop.yaml")
    (folder / "device.yaml").symlink_to("/dev/null")
    (folder / "good.yaml").touch()
    with socket.socket(socket.AF_UNIX) as listening:
        monkeypatch.chdir(folder)  # the path of a socket is short
        listening.bind("socket.yaml")
        problems = refused(folder)
    assert problems == [
        "broken.yaml: this manifest cannot be read: there is no such file, or it is a symbolic link to nothing",
        "device.yaml: this manifest cannot be read: it is a device, expected a file",
        "fifo.yaml: this manifest cannot be read: it is a FIFO, expected a file",
        "folder.yaml: this manifest cannot be read: it is a folder, expected a file",
        "loop.yaml: this manifest cannot be read: Too many levels of symbolic links",
        "socket.yaml: this manifest cannot be read: it is a socket, expected a file",
    ]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_unreadable_files_and_folders_are_told(folder: Path) -> None:
    write(folder, a=f"videos: [{A}]")
    (folder / "a.yaml").chmod(0)
    (folder / "sub").mkdir(mode=0)
    try:
        assert refused(folder) == [
            "a.yaml: this manifest cannot be read: the user who runs ytarchive may not read it",
            "sub: this folder cannot be read: the user who runs ytarchive may not read it",
        ]
    finally:
        (folder / "sub").chmod(0o700)


def close(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the system refuse to list a folder, as it does for users that are not root."""
    scandir = os.scandir

    def refusing(path: Path) -> object:
        if Path(path) == folder:
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr("os.scandir", refusing)


def test_a_folder_that_cannot_be_read_is_a_problem_unless_its_copies_stand_in(
    folder: Path, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(folder, a=f"videos: [{A}]")
    (folder / "closed").mkdir()
    write(folder / "closed", x=f"videos: [{C}]")
    before = load(folder, state)
    close(folder / "closed", monkeypatch)
    told = ["closed: this folder cannot be read: the user who runs ytarchive may not read it"]
    assert refused(folder) == told
    after = load(folder, state)
    assert (after.entries, after.fell_back) == (before.entries, ("closed/x.yaml",))
    (state / COPIES_NAME).unlink()
    assert refused(folder, state) == told


def test_an_oversized_file_is_refused_without_being_read_whole(folder: Path) -> None:
    with (folder / "big.yaml").open("wb") as file:
        file.truncate(SIZE_CAP_BYTES * 1000)
    assert refused(folder) == ["big.yaml: larger than 16 MiB; split it into several files"]


def test_names_that_cannot_be_printed_are_refused(folder: Path) -> None:
    (folder / "a\x1b[31m.yaml").touch()
    Path(os.fsdecode(os.fsencode(folder) + b"/\xff.yaml")).touch()
    problems = refused(folder)
    assert problems == [
        "\\udcff.yaml: found a file name with unprintable characters; rename the file",
        "a\\x1b[31m.yaml: found a file name with unprintable characters; rename the file",
    ]


def test_all_problems_of_all_files_are_told_at_once(folder: Path) -> None:
    write(
        folder,
        a="videos: [x]\nvideo: 1",
        b=f"playlists: [{{playlist: {LIST}, name: same}}]",
        c=f"playlists: [{{playlist: {LIST}, name: same}}]",
        d="defaults: {profile: nope}",
    )
    assert [problem.partition(": ")[0] for problem in refused(folder)] == [
        "a.yaml:1:10",
        "a.yaml:2:1",
        "c.yaml:1:66",
        "d.yaml:1:21",
    ]


def test_what_a_broken_file_may_have_defined_is_not_missed_in_others(folder: Path) -> None:
    write(folder, profiles="profiles: {tv: {}", b="defaults: {profile: tv}")
    assert [problem.partition(":")[0] for problem in refused(folder)] == ["profiles.yaml"]


# --- lists of videos


def test_a_list_beside_its_manifest_is_read(folder: Path) -> None:
    (folder / "sub").mkdir()
    (folder / "sub" / "lectures.yaml").write_text("videos_from: lists/ids.txt", encoding="utf-8")
    (folder / "sub" / "lists").mkdir()
    (folder / "sub" / "lists" / "ids.txt").write_text(f"{A}\n{B}\n", encoding="utf-8")
    assert videos(load(folder)) == {"lectures": (A, B)}


def test_a_hundred_thousand_ids_are_read(folder: Path) -> None:
    ids = [f"{number:011}" for number in range(100_000)]
    write(folder, plain="videos:\n" + "".join(f"  - {one}\n" for one in ids), listed="videos_from: ids.txt")
    (folder / "ids.txt").write_text("\n".join(ids), encoding="utf-8")
    loaded = load(folder)
    assert videos(loaded) == {"plain": tuple(ids), "listed": tuple(ids)}


def test_problems_of_a_list_are_told_in_the_list(folder: Path) -> None:
    write(folder, a="videos_from: ids.txt")
    (folder / "ids.txt").write_text(f"{A}\nnope\n", encoding="utf-8")
    (problem,) = refused(folder)
    assert problem.startswith("ids.txt:2:1: found 'nope', expected a video")


def test_a_list_that_is_missing_or_outside_is_told_where_it_is_named(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text(A, encoding="utf-8")
    (folder / "out.txt").symlink_to(tmp_path / "secret.txt")
    (folder / "fifo.txt").parent.mkdir(exist_ok=True)
    os.mkfifo(folder / "fifo.txt")
    write(
        folder,
        a="videos_from: none.txt",
        b="\nvideos_from: out.txt",
        c="videos_from: fifo.txt",
        d="videos_from: .",
    )
    beside = "expected a text file beside the manifest"
    assert refused(folder) == [
        "a.yaml:1:14: videos_from: none.txt cannot be read: there is no such file, or it is a symbolic link to "
        f"nothing, {beside}",
        f"b.yaml:2:14: videos_from: out.txt cannot be read: it lies outside of {folder}, {beside}",
        f"c.yaml:1:14: videos_from: fifo.txt cannot be read: it is a FIFO, expected a file, {beside}",
        "d.yaml:1:14: videos_from: found '.', expected the path of a text file beside the manifest, such as lectures.txt",
    ]


# --- the last good copies


def test_a_broken_manifest_leaves_its_last_good_copy_in_force(folder: Path, state: Path) -> None:
    write(folder, a=f"videos: [{A}]", b=f"videos: [{B}]")
    before = load(folder, state)
    write(folder, a=f"videos: [{A}, broken]")
    after = load(folder, state)
    assert after.entries == before.entries
    assert after.fell_back == ("a.yaml",)
    (problem,) = after.problems
    assert str(problem).startswith(f"{folder}/a.yaml:1:23: video: found 'broken'")
    # Others go on; the copies follow them, and the broken one is still there at the next start.
    write(folder, b=f"videos: [{B}, {C}]")
    assert videos(load(folder, state)) == {"a": (A,), "b": (B, C)}
    write(folder, b="[")
    assert videos(load(folder, state)) == {"a": (A,), "b": (B, C)}
    write(folder, a=f"videos: [{C}]", b="")
    mended = load(folder, state)
    assert (videos(mended), mended.problems, mended.fell_back) == ({"a": (C,)}, (), ())


def test_without_a_folder_for_copies_nothing_stands_in_and_nothing_is_written(
    folder: Path, state: Path
) -> None:
    write(folder, a=f"videos: [{A}]")
    load(folder, state)
    before = (state / COPIES_NAME).read_bytes()
    write(folder, a=f"videos: [{B}]")
    load(folder)
    assert (state / COPIES_NAME).read_bytes() == before
    assert [path.name for path in folder.iterdir()] == ["a.yaml"]
    write(folder, a="videos: [x]")
    assert len(refused(folder)) == 1


def test_a_new_broken_manifest_has_no_copy_and_is_refused(folder: Path, state: Path) -> None:
    write(folder, a=f"videos: [{A}]")
    load(folder, state)
    before = (state / COPIES_NAME).read_bytes()
    write(folder, a=f"videos: [{B}]", b="videos: [x]")
    (problem,) = refused(folder, state)
    assert problem.startswith("b.yaml:1:10")
    assert (state / COPIES_NAME).read_bytes() == before


def test_a_list_stands_in_with_its_manifest(folder: Path, state: Path) -> None:
    write(folder, a="videos_from: ids.txt")
    (folder / "ids.txt").write_text(f"{A}\n{B}\n", encoding="utf-8")
    load(folder, state)
    (folder / "ids.txt").write_text("nope\n", encoding="utf-8")
    broken = load(folder, state)
    assert (videos(broken), broken.fell_back) == ({"a": (A, B)}, ("a.yaml",))
    (folder / "ids.txt").unlink()
    gone = load(folder, state)
    assert (videos(gone), gone.fell_back) == ({"a": (A, B)}, ("a.yaml",))
    assert "ids.txt cannot be read" in gone.problems[0].message


def test_a_vanished_manifest_is_wanted_no_more(folder: Path, state: Path) -> None:
    write(folder, a=f"videos: [{A}]", b=f"videos: [{B}]")
    load(folder, state)
    (folder / "a.yaml").unlink()
    loaded = load(folder, state)
    assert (videos(loaded), loaded.problems, loaded.fell_back) == ({"b": (B,)}, (), ())
    (folder / "b.yaml").write_text("[", encoding="utf-8")
    assert videos(load(folder, state)) == {"b": (B,)}


def test_an_emptied_folder_keeps_the_copies(folder: Path, state: Path) -> None:
    write(folder, a=f"videos: [{A}]")
    load(folder, state)
    (folder / "a.yaml").unlink()
    assert load(folder, state).entries == ()
    write(folder, a="[")
    assert videos(load(folder, state)) == {"a": (A,)}


def test_a_profile_that_others_need_stands_in_when_it_vanishes_or_changes_its_name(
    folder: Path, state: Path
) -> None:
    write(folder, profiles="profiles: {tv: {media: audio}}", a=f"defaults: {{profile: tv}}\nvideos: [{A}]")
    before = load(folder, state)
    write(folder, profiles="profiles: {telly: {media: audio}}")
    renamed = load(folder, state)
    assert (renamed.entries, renamed.fell_back) == (before.entries, ("profiles.yaml",))
    assert "profile: found 'tv', which no file defines" in renamed.problems[0].message
    (folder / "profiles.yaml").unlink()
    vanished = load(folder, state)
    assert (vanished.entries, vanished.fell_back) == (before.entries, ("profiles.yaml",))


def test_a_new_file_that_clashes_with_an_old_one_is_refused(folder: Path, state: Path) -> None:
    write(folder, a=f"videos: [{A}]")
    load(folder, state)
    (folder / "a.yml").write_text(f"videos: [{B}]", encoding="utf-8")
    assert refused(folder, state) == [
        "a.yml:1:10: the entry 'a' is already defined at a.yaml:1; give one of them another name"
    ]


def test_a_changed_file_that_clashes_falls_back_and_a_good_new_one_counts(folder: Path, state: Path) -> None:
    write(folder, a=f"videos: [{{video: {A}, name: one}}]", b=f"videos: [{{video: {B}, name: two}}]")
    load(folder, state)
    write(folder, b=f"videos: [{{video: {B}, name: one}}]", c=f"videos: [{C}]")
    loaded = load(folder, state)
    assert (videos(loaded), loaded.fell_back) == ({"one": (A,), "two": (B,), "c": (C,)}, ("b.yaml",))
    assert len(loaded.problems) == 1


def test_a_copy_that_an_older_version_found_good_does_not_stand_in(folder: Path, state: Path) -> None:
    write(folder, a=f"videos: [{A}]")
    load(folder, state)
    copies = json.loads((state / COPIES_NAME).read_bytes())
    copies["copies"][0]["text"] = "videos: [{video: dQw4w9WgXcQ, author: main}]"
    (state / COPIES_NAME).write_text(json.dumps(copies), encoding="utf-8")
    write(folder, a="[")
    assert [problem.partition(": ")[0] for problem in refused(folder, state)] == ["a.yaml:2:1"]


@pytest.mark.parametrize("damage", [b"", b"{", b'{"copies": 1}', b"\xff" * 100])
def test_damaged_copies_are_a_warning_and_are_made_again(folder: Path, state: Path, damage: bytes) -> None:
    write(folder, a=f"videos: [{A}]")
    load(folder, state)
    good = (state / COPIES_NAME).read_bytes()
    (state / COPIES_NAME).write_bytes(damage)
    loaded = load(folder, state)
    assert videos(loaded) == {"a": (A,)}
    assert loaded.warnings[0].startswith("the last good copies of the manifests cannot be read")
    assert (state / COPIES_NAME).read_bytes() == good


def test_copies_that_cannot_be_written_are_a_warning(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    write(folder, a=f"videos: [{A}]")
    loaded = load(folder, tmp_path / "file" / "manifests")
    assert videos(loaded) == {"a": (A,)}
    assert any("cannot be written" in warning for warning in loaded.warnings)


def test_nothing_is_written_when_nothing_changed_and_no_file_is_left_over(folder: Path, state: Path) -> None:
    write(folder, a="\ufeff# é\r\nvideos_from: ids.txt\r\n")
    (folder / "ids.txt").write_bytes(f"\ufeff{A}\r\n".encode())
    load(folder, state)
    before = (state / COPIES_NAME).stat()
    load(folder, state)
    after = (state / COPIES_NAME).stat()
    assert (before.st_mtime_ns, before.st_ino) == (after.st_mtime_ns, after.st_ino)
    assert [path.name for path in state.iterdir()] == [COPIES_NAME]
