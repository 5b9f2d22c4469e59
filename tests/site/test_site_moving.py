"""The guides for moving here say what manifests take: whole examples, and the keys in their tables."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from ytarchive.adapters.manifest_files import load

PAGE = Path(__file__).parents[2] / "docs" / "moving.md"
KEYS = "quality|audio|captions|embed|sidecars|where|keep|library|include|sponsorblock|interval|media|when_[a-z_]+"


def examples() -> Iterator[str]:
    """Indented blocks that are manifests."""
    for block in re.findall(r"(?:^    .*\n)+", PAGE.read_text(encoding="utf-8"), re.MULTILINE):
        text = re.sub("^    ", "", block, flags=re.MULTILINE)
        if text.startswith("version: 1"):
            yield text


def keys_in_tables() -> Iterator[str]:
    """What stands in the right column as `key: value`, unless it only names values with dots."""
    for row in re.findall(r"^\|.*\|(.*)\|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE):
        yield from (
            code
            for code in re.findall(r"`([^`]+)`", row)
            if re.match(f"(?:{KEYS}): ", code) and "..." not in code
        )


def test_every_whole_example_is_a_valid_manifest(tmp_path: Path) -> None:
    found = list(examples())
    assert len(found) == 4
    for number, text in enumerate(found):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "lost.txt").write_text("dQw4w9WgXcQ\n")
        (folder / "example.yaml").write_text(text)
        assert load(folder, interval_seconds=3600).problems == ()


def test_every_key_in_the_tables_is_one_of_a_channel(tmp_path: Path) -> None:
    found = sorted({*keys_in_tables()})
    assert len(found) > 30
    lines = (f'  - {{channel: "@a{number:03}", name: n{number}, {key}}}' for number, key in enumerate(found))
    (tmp_path / "all.yaml").write_text("\n".join(["version: 1", "channels:", *lines]) + "\n")
    assert load(tmp_path, interval_seconds=3600).problems == ()
