"""A library is walked without leaving it, and media of strangers are looked into without harm."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.adopt import tiny_media
from ytarchive.adapters.foreign import Inspectors, inspecting, walk


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return tiny_media(tmp_path_factory.mktemp("media"))


@pytest.fixture(scope="module")
def inspectors() -> Iterator[Inspectors]:
    with Inspectors() as all_:
        yield all_


def test_a_walk_stays_below_its_root_and_passes_by_what_it_is_told(tmp_path: Path) -> None:
    root = tmp_path / "old"
    (root / "b" / "c").mkdir(parents=True)
    (root / "ours").mkdir()
    for name in ("b/c/z.mkv", "b/a.mkv", "a.mkv", "ours/secret.mkv", "b/note.txt"):
        (root / name).write_bytes(b"x")
    (tmp_path / "outside.mkv").write_bytes(b"x")
    (root / "loop").symlink_to(root)
    (root / "out.mkv").symlink_to(tmp_path / "outside.mkv")

    found = walk(root, without=[root / "ours", tmp_path / "nowhere"])

    assert [one.path for one in found.files] == ["a.mkv", "b/a.mkv", "b/c/z.mkv"]
    assert [one.path for one in found.others] == ["b/note.txt"]
    assert sorted(one.path for one in found.passed) == ["loop", "ours", "out.mkv"]


def test_folders_without_end_come_to_an_end(tmp_path: Path) -> None:
    deep = tmp_path
    for _ in range(70):
        deep = deep / "d"
    deep.mkdir(parents=True)
    (deep / "a.mkv").touch()

    found = walk(tmp_path)

    assert found.files == []
    assert [one.why for one in found.passed] == ["it lies too deep"]


def test_a_file_is_what_its_content_says(inspectors: Inspectors, media: bytes, tmp_path: Path) -> None:
    path = tmp_path / "no suffix"
    path.write_bytes(media)
    read: list[int] = []

    found = inspectors.inspect(path, digest=True, on_read=read.append)

    assert (found.problem, found.codec, found.audio_codec, found.height) == (None, "h264", "aac", 36)
    assert (
        found.sha256
        == subprocess.run(["sha256sum", path], capture_output=True, text=True, check=True).stdout[:64]
    )
    assert sum(read) == found.bytes == len(media)


def test_a_file_that_ends_before_its_container_says_is_cut(inspectors: Inspectors, tmp_path: Path) -> None:
    path = tmp_path / "cut.mp4"
    whole = tiny_media(tmp_path, seconds=6)
    path.write_bytes(whole[: len(whole) * 3 // 5])

    assert (inspectors.inspect(path).problem or "").startswith("it is cut: the last packet is at")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "no media that can be read"),
        (b"\0" * 5000, "no media that can be read"),
        (b"#EXTM3U\n#EXTINF:2,\nhttp://127.0.0.1:9/a.ts\n#EXT-X-ENDLIST\n", "no media that can be read"),
        (b"ffconcat version 1.0\nfile /etc/passwd\n", "no media that can be read"),
    ],
    ids=["empty", "zeros", "playlist", "concat"],
)
def test_what_is_no_media_or_would_lead_elsewhere_is_refused(
    inspectors: Inspectors, tmp_path: Path, content: bytes, why: str
) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(content)

    assert why in (inspectors.inspect(path).problem or "")


def test_a_playlist_that_is_called_media_asks_nobody(inspectors: Inspectors, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        address = f"http://127.0.0.1:{server.getsockname()[1]}/a.ts"
        path = tmp_path / "a.mp4"
        path.write_text(f"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n{address}\n#EXT-X-ENDLIST\n")

        assert inspectors.inspect(path).problem
        with pytest.raises(BlockingIOError):
            server.accept()


def test_what_is_no_regular_file_is_never_waited_for(inspectors: Inspectors, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.mp4")
    (tmp_path / "link.mp4").symlink_to(tmp_path / "pipe.mp4")

    assert inspectors.inspect(tmp_path / "pipe.mp4").problem == "it is not a regular file"
    assert "cannot be opened" in (inspectors.inspect(tmp_path / "link.mp4").problem or "")
    assert "cannot be opened" in (inspectors.inspect(tmp_path / "nothing.mp4").problem or "")


STANDS_IN = """
import sys
for line in sys.stdin: {act}
"""


@pytest.mark.parametrize(
    ("act", "why"),
    [
        ("import os; os.kill(os.getpid(), 11)", "crashed"),
        ("print('nonsense', flush=True)", "crashed"),
        ("import time; time.sleep(60)", "nothing came of it in 1 s"),
    ],
    ids=["a crash", "nonsense", "silence"],
)
def test_a_file_that_ends_or_hangs_what_reads_it_is_told_and_the_next_is_read(
    act: str, why: str, media: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(media)
    real = inspecting.COMMAND
    monkeypatch.setattr(inspecting, "COMMAND", (sys.executable, "-c", STANDS_IN.format(act=act)))
    with Inspectors(patience_seconds=1.0) as all_:
        first = all_.inspect(path)
        monkeypatch.setattr(inspecting, "COMMAND", real)
        with Inspectors() as others:
            assert others.inspect(path).problem is None

    assert why in (first.problem or "")


def test_who_waits_for_an_inspection_is_told_when_all_is_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = tmp_path / "begun"
    os.mkfifo(begun)
    act = f"open({str(begun)!r}, 'w').close(); import time; time.sleep(60)"
    monkeypatch.setattr(inspecting, "COMMAND", (sys.executable, "-c", STANDS_IN.format(act=act)))
    found = []
    all_ = Inspectors()
    waiting = threading.Thread(target=lambda: found.append(all_.inspect(tmp_path / "a.mp4")))
    waiting.start()
    begun.read_bytes()  # the question has arrived
    all_.stop()
    waiting.join()
    all_.close()

    assert [one.problem for one in found] == ["what reads media crashed over it"]
