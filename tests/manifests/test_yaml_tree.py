"""YAML text as a tree with places: what is read, and every way in which it is refused."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ytarchive.core import yaml_tree
from ytarchive.core.yaml_tree import Mapping, Node, Refused, Scalar, Sequence, parse

patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def problems(text: str | bytes) -> list[str]:
    _, found = parse("a.yaml", text if isinstance(text, bytes) else text.encode())
    return [str(problem) for problem in found]


def plain(node: Node | None) -> object:
    """The tree without places."""
    if isinstance(node, Mapping):
        return {key.value: plain(value) for key, value in node.pairs}
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    return node.value if isinstance(node, Scalar) else node


@pytest.mark.parametrize(
    "word",
    ["12345678901", "no", "10:00", "1e5", "0x1F", "0o17", "1_000", "2020-01-01", "true", "-abc", "~x", ".5"],
)
def test_plain_scalars_stay_as_written(word: str) -> None:
    root, found = parse("a.yaml", f"- {word}\n".encode())
    assert (plain(root), found) == ([word], ())


def test_every_node_knows_its_line_and_column_in_characters() -> None:
    text = "a: 1\n'😀é': {b: [x, \"y\"]}\n"
    root, _ = parse("a.yaml", text.encode())
    assert isinstance(root, Mapping)
    (_, one), (key, inner) = root.pairs
    assert one == Scalar("1", 1, 4)
    assert key == Scalar("😀é", 2, 1, quoted=True)
    assert isinstance(inner, Mapping)
    assert inner[1:] == (2, 7)
    items = inner.pairs[0][1]
    assert items == Sequence((Scalar("x", 2, 12), Scalar("y", 2, 15, quoted=True)), 2, 11)


@pytest.mark.parametrize("text", ["", "\n", "# only a comment\n", "\ufeff", "---\n...\n", "%YAML 1.1\n---\n"])
def test_an_empty_file_has_no_root_or_a_null_one(text: str) -> None:
    root, found = parse("a.yaml", text.encode())
    assert found == ()
    assert root is None or (isinstance(root, Scalar) and root.is_null)


@pytest.mark.parametrize(
    ("text", "null"), [("~", True), ("null", True), ("''", False), ("'null'", False), ("x", False)]
)
def test_only_a_bare_word_for_nothing_is_null(text: str, null: bool) -> None:
    root, _ = parse("a.yaml", text.encode())
    assert isinstance(root, Scalar)
    assert root.is_null is null


def test_a_byte_order_mark_and_windows_line_ends_are_read() -> None:
    root, found = parse("a.yaml", b"\xef\xbb\xbfa: 1\r\nb: [2,\r\n  3]\r\n")
    assert (plain(root), found) == ({"a": "1", "b": ["2", "3"]}, ())


REFUSED = {
    "a: &x 1\nb: 2": [
        "a.yaml:1:4: found the anchor '&x', which is not read here; use a profile, or quote the text"
    ],
    "a: *x": ["a.yaml:1:4: found the alias '*x', which is not read here; use a profile, or quote the text"],
    "a: !!str 1": [
        "a.yaml:1:4: found the tag 'tag:yaml.org,2002:str', which is not read here; remove it, or quote the text"
    ],
    "a: &x [1]\nb: &y {c: !z 1}": [
        "a.yaml:1:4: found the anchor '&x', which is not read here; use a profile, or quote the text",
        "a.yaml:2:4: found the anchor '&y', which is not read here; use a profile, or quote the text",
        "a.yaml:2:11: found the tag '!z', which is not read here; remove it, or quote the text",
    ],
    "a: 1\nb: 2\na: 3": ["a.yaml:3:1: found the key 'a' twice; the first is at line 1, column 1"],
    'a: 1\n"a": [2]\na: {x: 3}': [
        "a.yaml:2:1: found the key 'a' twice; the first is at line 1, column 1",
        "a.yaml:3:1: found the key 'a' twice; the first is at line 1, column 1",
    ],
    "? [a, b]\n: 1": ["a.yaml:1:3: found a list as a key, expected a word; quote it if it is text"],
    "{a: b}: c": ["a.yaml:1:1: found a mapping as a key, expected a word; quote it if it is text"],
    "*a : 1": ["a.yaml:1:1: found the alias '*a', which is not read here; use a profile, or quote the text"],
    "a: 1\n---\nb: 2": [
        "a.yaml:2:1: found a second document (---), expected one; put it into a file of its own"
    ],
    "a:\n - channel: @veritasium\n": [
        "a.yaml:2:13: '@veritasium' cannot stand bare, because it begins with @: quote it: \"@veritasium\""
    ],
    "a: [@x, y]": ["a.yaml:1:5: '@x' cannot stand bare, because it begins with @: quote it: \"@x\""],
    "a: `x": ["a.yaml:1:4: '`x' cannot stand bare, because it begins with `: quote it: \"`x\""],
    "a: %x": ["a.yaml:1:4: '%x' cannot stand bare, because it begins with %: quote it: \"%x\""],
    "a:\n\t- b": ["a.yaml:2:1: found a tab, expected spaces: YAML is indented by spaces alone"],
    "a: b: c": ['a.yaml:1:5: found ": " where no key can stand: quote the text, or mend the indentation'],
    "a: 'x\nb": [
        "a.yaml:2:2: found the end of the file inside a quoted text, expected a closing quote "
        "(it began at line 1, column 4)"
    ],
    "a: [b": ["a.yaml:2:1: not YAML: did not find expected ',' or ']' (it began at line 1, column 4)"],
    "a: !e!y z": ["a.yaml:1:4: found a tag, which is not read here; remove it, or quote the text"],
    'a: "\\ud800"': ["a.yaml:1:7: not YAML: found invalid Unicode character escape code"],
    "%YAML 3.0\n---\na": ["a.yaml:1:1: not YAML: found incompatible YAML document"],
    "a: \x00": ["a.yaml:1:4: found the invisible character U+0000; remove it"],
    "a: 1\nb: x\x1by": ["a.yaml:2:5: found the invisible character U+001B; remove it"],
    "a: \ufeff": ["a.yaml:1:4: found the invisible character U+FEFF; remove it"],
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_no_plain_yaml_is_refused_at_its_place(text: str) -> None:
    assert problems(text) == REFUSED[text]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (
            b"a: 1\nb: \xff\n",
            "a.yaml:2:4: not UTF-8: found the byte 0xff at offset 8; save the file as UTF-8",
        ),
        (
            b"\xef\xbb\xbfa: \xe9",
            "a.yaml:1:4: not UTF-8: found the byte 0xe9 at offset 6; save the file as UTF-8",
        ),
        (
            "a: 1".encode("utf-16"),
            "a.yaml:1:1: not UTF-8: found the byte 0xff at offset 0; save the file as UTF-8",
        ),
    ],
)
def test_other_encodings_are_refused_with_the_offset(data: bytes, message: str) -> None:
    assert problems(data) == [message]


def test_a_file_beyond_the_size_is_refused() -> None:
    assert problems(b"#" * (yaml_tree.SIZE_CAP_BYTES + 1)) == [
        "a.yaml: larger than 16 MiB; split it into several files"
    ]


@pytest.mark.parametrize("inner", ["[" * 33, "{a: " * 33, "- " * 33, "? " * 33])
def test_nesting_beyond_the_cap_is_refused_at_its_place(inner: str) -> None:
    (problem,) = problems(inner)
    assert problem.endswith("nested more than 32 deep")
    assert problem.startswith("a.yaml:1:")


def test_nesting_up_to_the_cap_is_read() -> None:
    assert problems("[" * 32 + "]" * 32) == []


def test_too_many_values_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml_tree, "NODE_CAP", 10)
    assert problems("[" + "a, " * 9 + "]") == []
    assert problems("- a\n" * 10) == ["a.yaml:10:3: more than 10 values in one file; split it"]


def test_the_value_of_a_refused_key_is_dropped_and_the_rest_is_kept() -> None:
    root, _ = parse("a.yaml", b"a: 1\na: 2\n[x]: 3\nb: *c\n")
    assert isinstance(root, Mapping)
    assert [(key.value, value) for key, value in root.pairs] == [
        ("a", Scalar("1", 1, 4)),
        ("b", Refused(4, 4)),
    ]


@patient
@given(st.binary(max_size=200))
def test_any_bytes_end_in_a_tree_or_in_problems(data: bytes) -> None:
    root, found = parse("a.yaml", data)
    assert root is None or isinstance(root, Scalar | Mapping | Sequence | Refused)
    assert all(problem.file == "a.yaml" and problem.message for problem in found)


@patient
@given(st.text(alphabet=" \n\t-[]{}:,?*&!|>'\"%@`#~ab1.", max_size=60))
def test_any_text_of_yaml_signs_ends_in_a_tree_or_in_problems(text: str) -> None:
    root, found = parse("a.yaml", text.encode())
    assert found or root is None or plain(root) is not None
    lines = text.count("\n") + 1
    assert all(1 <= problem.line <= lines + 1 and problem.column >= 1 for problem in found)
