"""What is written about manifests is true: tables, schema, examples and every block of YAML."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import write_reference

from ytarchive.adapters.manifest_files import load
from ytarchive.core import manifest_docs
from ytarchive.core import manifest_keys as table
from ytarchive.core.desired import Audio, CaptionWish, Entry, Quality, Target
from ytarchive.core.manifest import read
from ytarchive.core.manifests import Manifests, assemble
from ytarchive.core.yaml_tree import Mapping, Node, Scalar, Sequence, parse

ROOT = Path(__file__).parents[2]
DOCS = [ROOT / "docs/manifest.md", ROOT / "README.md"]
BLOCKS = [
    (f"{path.name}:{number}", block)
    for path in DOCS
    for number, block in enumerate(
        re.findall(r"^```yaml\n(.*?)^```$", path.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    )
]
EXAMPLES = [ROOT / "manifests", *(path for path in sorted((ROOT / "examples").iterdir()) if path.is_dir())]
SCHEMA = jsonschema.Draft7Validator(manifest_docs.json_schema())


def as_editor(node: Node | None) -> Any:
    """The document as an editor's YAML 1.2 reads it."""
    if isinstance(node, Mapping):
        return {key.value: as_editor(value) for key, value in node.pairs}
    if isinstance(node, Sequence):
        return [as_editor(item) for item in node.items]
    if not isinstance(node, Scalar) or node.is_null:
        return None
    if node.quoted:
        return node.value
    if re.fullmatch("[-+]?[0-9]+", node.value):
        return int(node.value)
    return {"true": True, "false": False}.get(node.value, node.value)


def editor_errors(text: str) -> list[str]:
    root, problems = parse("a.yaml", text.encode())
    assert problems == ()
    return [error.message for error in SCHEMA.iter_errors(as_editor(root))]


def test_the_docs_and_the_schema_are_what_the_code_says() -> None:
    for path, text in write_reference.made().items():
        assert path.read_text(encoding="utf-8") == text, "run tests/manifests/write_reference.py"


def test_every_key_is_a_row_of_the_docs() -> None:
    text = (ROOT / "docs/manifest.md").read_text(encoding="utf-8").partition(write_reference.BEGIN)[2]
    rows = re.findall(r"^\| `([a-z_.0-9]+)` \|", text, re.MULTILINE)
    assert [row for row in rows if row in table.BY_PATH] == list(table.BY_PATH)


@pytest.mark.parametrize(("name", "block"), BLOCKS, ids=[name for name, _ in BLOCKS])
def test_every_block_of_yaml_in_the_docs_is_a_valid_manifest(name: str, block: str) -> None:
    draft = read(name, block.encode())
    assert draft.problems == ()
    assert assemble([draft], {}).problems == ()
    assert editor_errors(block) == []


@pytest.mark.parametrize("folder", EXAMPLES, ids=lambda path: path.name)
def test_every_example_is_valid_for_the_program_and_for_an_editor(folder: Path) -> None:
    loaded = load(folder)
    assert (loaded.problems, loaded.warnings) == ((), ())
    assert bool(loaded.entries) is (folder.name != "manifests")
    for path in folder.glob("*.yaml"):
        assert editor_errors(path.read_text(encoding="utf-8")) == []


def test_the_starter_wants_nothing_and_every_line_in_it_can_be_used() -> None:
    text = (ROOT / "manifests/starter.yaml").read_text(encoding="utf-8")
    assert read("starter.yaml", text.encode()).entries == ()
    blocks = re.split(r"\n\n", text)[2:]
    used = "\n".join(
        line.removeprefix("# ")
        for block in blocks
        for line in block.splitlines()
        if re.match(r"# ( |- |[a-z_]+:(?: |$))", line) and "Built-in" not in line
    )
    draft = read("starter.yaml", used.replace("videos_from: videos.txt", "").encode())
    assert draft.problems == ()
    found = assemble([draft], {})
    assert found.problems == ()
    assert [entry.name for entry in found.entries] == [
        "starter",
        "aqz-KE-bpKQ",
        "My playlist",
        "@example",
        "UC0123456789abcdefghijkl",
    ]


def test_examples_name_the_schema_where_it_is() -> None:
    for path in [*(ROOT / "manifests").glob("*.yaml"), *(ROOT / "examples").glob("[!d]*/*.yaml")]:
        first = path.read_text(encoding="utf-8").splitlines()[0]
        schema = first.removeprefix("# yaml-language-server: $schema=")
        assert (path.parent / schema).resolve() == ROOT / "docs/manifest.schema.json"


def test_the_lecture_archive_has_three_thousand_videos_with_captions_in_two_languages() -> None:
    entries = {entry.name: entry for entry in load(ROOT / "examples/lectures").entries}
    assert len(entries["lectures"].videos) == 3000
    assert [wish.language for wish in entries["lectures"].wish.captions] == ["en", "de"]


def test_the_schema_is_a_schema_and_bound_in_the_editor() -> None:
    jsonschema.Draft7Validator.check_schema(manifest_docs.json_schema())
    bound = json.loads((ROOT / ".vscode/settings.json").read_text(encoding="utf-8"))["yaml.schemas"]
    assert (ROOT / next(iter(bound))).is_file()


GOOD = [
    "",
    "version: 1",
    "videos: [12345678901, -wtIMTCHWuI, {video: 12345678901, name: 7}]",
    "defaults: {quality: {fps: any, codecs_only: true}, captions: {keep_looking: 1h30m}, priority: -5}",
    "defaults: {quality: {fps: 24}, captions: , embed: }\nprofiles: {x: , y: {}}\nplaylists:",
    "channels: ['@one', {channel: UC-lHJZR3Gqxm24_Vd_AJ5Yw, include: [live], where: {since: 2020-01-01, duration: 2m..}}]",
    "defaults: {where: {title: {match: ['/a|b/i', 2024], not: [x]}, kinds: [shorts]}, keep: {last: 3, max_age: 60d}}",
]
WRONG = [
    "version: 2",
    "video: []",
    "defaults: {quality: {max: 1080}}",
    "defaults: {quality: {max: 100p}}",
    "defaults: {quality: {fps: '60'}}",
    "defaults: {name: x}",
    "defaults: {embed: [tag]}",
    "defaults: {captions: {keep_looking: 30, languages: en}}",
    "profiles: {x: {profile: best}}",
    "videos: [{name: x}]",
    "videos: [{video: dQw4w9WgXcQ, interval: 6h}]",
    "playlists: {a: b}",
    "channels: ['@one', {name: x}]",
    "playlists: [{playlist: PLrAXtmErZgOeiKm4sgNOknGvNjby9efdf, include: [videos]}]",
    "videos: [{video: dQw4w9WgXcQ, where: {live: skip}}]",
    "defaults: {where: {since: 2020, duration: 3h}}",
    "defaults: {keep: {last: 0}, include: []}",
]


@pytest.mark.parametrize("text", GOOD)
def test_what_the_program_takes_an_editor_takes(text: str) -> None:
    assert read("a.yaml", text.encode()).problems == ()
    assert editor_errors(text) == []


@pytest.mark.parametrize("text", WRONG)
def test_what_an_editor_refuses_the_program_refuses(text: str) -> None:
    assert read("a.yaml", text.encode()).problems != ()
    assert editor_errors(text) != []


def test_the_built_in_values_are_those_of_the_core() -> None:
    wish = Manifests().wish()
    assert (wish.video, wish.sound) == (Quality(), Audio())
    assert wish.captions == (CaptionWish("en"),)
    assert (wish.container, wish.live) == (Target().container, Target().live)
    entry = Entry("x", "playlist", "x", wish)
    values = table.built_in_values()
    assert (values["priority"][1], values["order"][1]) == (entry.priority, entry.order)


def test_every_key_of_the_table_has_a_meaning_and_a_default_that_this_version_acts_on() -> None:
    for key in table.KEYS:
        assert key.meaning.endswith(".")
        if key.default is not None and key.now is not None:
            default = table.value_of(key, key.default)
            items = default if isinstance(default, tuple) else (default,)
            assert set(items) <= set(key.now)
