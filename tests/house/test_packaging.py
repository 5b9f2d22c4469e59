"""What matters is pinned, in both places that installers read, without addresses."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
CONSTRAINTS = [
    line
    for line in (ROOT / "constraints.txt").read_text().splitlines()
    if line.strip() and not line.lstrip().startswith("#")
]
EXACT = ("yt-dlp", "yt-dlp-ejs", "deno", "av", "imageio-ffmpeg", "apsw", "pip")


@pytest.mark.parametrize("name", EXACT)
def test_what_reads_youtube_media_and_the_index_is_pinned_exactly(name: str) -> None:
    pins = [line for line in PROJECT["project"]["dependencies"] if re.match(rf"{name}==", line)]
    assert pins == [f"{name}=={version(name)}"]
    assert pins[0] in [line.split(" ;")[0] for line in CONSTRAINTS]


def test_uv_and_pip_read_the_same_constraints() -> None:
    assert PROJECT["tool"]["uv"]["constraint-dependencies"] == CONSTRAINTS


def test_constraints_hold_versions_and_no_address() -> None:
    for line in CONSTRAINTS:
        assert re.fullmatch(r"[a-z0-9._-]+==[0-9A-Za-z.+]+( ; .+)?", line), line


def test_the_lock_file_with_its_addresses_stays_untracked() -> None:
    assert "uv.lock" in (ROOT / ".gitignore").read_text().splitlines()
