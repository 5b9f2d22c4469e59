"""Hostile and broken files, each in a process of its own: exit 78, no signal, no traceback, and soon."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ytarchive.core.yaml_tree import SIZE_CAP_BYTES

LOAD = """
import resource, sys
from pathlib import Path
from ytarchive.adapters.manifest_files import load
from ytarchive.errors import ConfigError
resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))
try:
    load(Path(sys.argv[1]), Path(sys.argv[2]))
except ConfigError as error:
    print(error)
    sys.exit(error.exit_code)
"""
LAUGHS = "a0: &a0 [lol]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12))
DEEP = 4_000_000

CORPUS: dict[str, tuple[bytes, str]] = {
    "deep lists": (b"[" * DEEP, "nested more than 32 deep"),
    "deep mappings": (b"{a: " * DEEP, "nested more than 32 deep"),
    "deep blocks": (b"- " * DEEP, "nested more than 32 deep"),
    "deep keys": (b"? " * DEEP, "nested more than 32 deep"),
    "a flight of stairs": (b"".join(b" " * n + b"a:\n" for n in range(3000)), "nested more than 32 deep"),
    "billion laughs": (LAUGHS.encode(), "found the anchor '&a0', which is not read here"),
    "a tag that makes an object": (b"!!python/object/apply:os.system ['exit 3']", "found the tag"),
    "a merge key": (b"defaults: {<<: {media: audio}}", "found the merge key <<"),
    "too many values": (b"[" + b"a," * 1_001_000 + b"]", "more than 1,000,000 values"),
    "one huge key": (b"x" * 1000 + b"y" * 8_000_000 + b": 1", ""),
    "one huge value": (b"videos: ['" + b"v" * 15_000_000 + b"']", "expected a video"),
    "a huge list of rubbish": (b"videos:\n" + b"- x\n" * 50_000, "49,900 more problems in this file"),
    "many unknown keys": (
        b"".join(b"k%d: 1\n" % n for n in range(30_000)),
        "29,900 more problems in this file",
    ),
    "the same key for ever": (b"a: 1\n" * 50_000, "found the key 'a' twice"),
    "a huge comment": (b"#" * (SIZE_CAP_BYTES + 1), "larger than 16 MiB"),
    "a sparse giant": (b"", "larger than 16 MiB"),
    "nul bytes": (b"\0" * 100_000, "found the invisible character U+0000"),
    "random bytes": (bytes(range(256)) * 4, "not UTF-8: found the byte 0x80 at offset 128"),
    "utf-16": ("videos: []".encode("utf-16"), "not UTF-8"),
    "latin-1": ("videos: [\xe9]".encode("latin-1"), "not UTF-8: found the byte 0xe9 at offset 9"),
    "a lone surrogate": (b"a: \xed\xa0\x80", "not UTF-8"),
    "an escaped surrogate": (b'a: "\\ud800"', "not YAML"),
    "two documents": (b"videos: []\n---\nvideos: []\n", "found a second document"),
    "a long line of brackets": (b"]" * 1_000_000, "not YAML"),
    "a quote without end": (b"videos: '" + b"x\n" * 100_000, "expected a closing quote"),
    "quotes and colons": (b'"' * 100_001, ""),
    "a long number": (b"defaults: {priority: " + b"9" * 100_000 + b"}", "expected a whole number"),
    "a long duration": (b"defaults: {interval: " + b"1s" * 100_000 + b"}", "expected a duration"),
    "escape sequences": (b'videos: ["\\e[31mred\\a\\u202e"]', "found '\\x1b[31mred\\x07\\u202e'"),
}


@pytest.mark.parametrize("name", CORPUS)
def test_hostile_files_are_refused_and_nothing_dies(name: str, tmp_path: Path) -> None:
    data, message = CORPUS[name]
    folder = tmp_path / "manifests"
    folder.mkdir()
    (folder / "x.yaml").write_bytes(data)
    if name == "a sparse giant":
        os.truncate(folder / "x.yaml", 1 << 40)
    # Not measured: what runs here is measured elsewhere, and measuring makes big files slow.
    environ = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    ended = subprocess.run(
        [sys.executable, "-c", LOAD, str(folder), str(tmp_path / "state")],
        capture_output=True,
        text=True,
        timeout=60,
        env=environ,
    )
    assert (ended.returncode, ended.stderr) == (78, "")
    assert message in ended.stdout
    assert ended.stdout.startswith(f"{folder}/x.yaml")
    assert all(line.isprintable() for line in ended.stdout.splitlines())
    assert len(ended.stdout) < 100_000
    assert not (tmp_path / "state").exists()
