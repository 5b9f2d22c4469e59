"""Laws: merging goes by key, order means nothing, uniqueness holds, and no text raises anything."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ytarchive.core import manifest_keys as table
from ytarchive.core.codec import encode
from ytarchive.core.kinds import ListOf
from ytarchive.core.manifest import Draft, Given, read
from ytarchive.core.manifests import assemble
from ytarchive.core.misread import Misread
from ytarchive.core.profiles import Layer, merged

patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

VIDEO, LIST = "dQw4w9WgXcQ", "PLrAXtmErZgOeiKm4sgNOknGvNjby9efdf"

# A value for each key that this version acts on, as it is written.
WRITTEN: dict[str, list[str]] = {
    "media": ["video", "audio"],
    "quality.max": ["best", "1080p", "480p"],
    "quality.min": ["144p", "360p"],
    "quality.fallback": ["[any]", "[]", "[720p, any]"],
    "quality.codecs": ["[h264]", "[av1, vp9]"],
    "quality.fps": ["30", "any"],
    "captions.languages": ["[en, de]", "[]"],
    "captions.automatic": ["never", "also"],
    "captions.required": ["true", "false"],
    "embed": ["[]", "[tags]"],
    "sidecars": ["[thumbnail, description]"],
    "priority": ["-3", "7"],
    "library.name": ["Films", "TV"],
    "where.since": ["2019-01-01", "2020-02-29"],
    "where.until": ["2021-01-01"],
    "where.duration": ["2m..", "..3h"],
    "where.kinds": ["[videos]", "[videos, shorts]"],
    "where.live": ["want", "skip"],
    "where.languages": ["[en, de]"],
    "keep.last": ["1", "30"],
    "keep.max_age": ["30d"],
    "suspend": ["true", "false"],
}
LAYER = st.fixed_dictionaries({}, optional={path: st.sampled_from(texts) for path, texts in WRITTEN.items()})


def as_yaml(layer: dict[str, str]) -> str:
    """A layer as a mapping in flow style, its dotted paths as inner mappings."""
    inner: dict[str, dict[str, str]] = {}
    for path, text in layer.items():
        section, _, key = path.rpartition(".")
        inner.setdefault(section, {})[key] = text
    words = [f"{key}: {text}" for key, text in inner.pop("", {}).items()]
    for section, keys in inner.items():
        words.append(f"{section}: {{{', '.join(f'{key}: {text}' for key, text in keys.items())}}}")
    return f"{{{', '.join(words)}}}"


@patient
@given(LAYER, LAYER, LAYER)
def test_the_strongest_layer_that_says_a_key_decides_it(
    profile: dict[str, str], defaults: dict[str, str], own: dict[str, str]
) -> None:
    inner = as_yaml(own)[1:-1]
    text = (
        f"profiles: {{p: {as_yaml(profile)}}}\n"
        f"defaults: {as_yaml({**defaults, 'profile': 'p'})}\n"
        f"playlists: [{{playlist: {LIST}, name: x{', ' if inner else ''}{inner}}}]\n"
    )
    draft = read("a.yaml", text.encode())
    assert draft.problems == ()
    found = assemble([draft], {})
    expected = {**profile, **defaults, **own}
    shown = {origin.key: origin.value for origin in found.origins("x")}
    assert {path: shown[path] for path in expected} == expected
    # One layer that says all of it at once asks for the same.
    flat = read(
        "a.yaml",
        f"playlists: [{{playlist: {LIST}, name: x, {as_yaml(expected)[1:-1]}}}]\n".replace(
            ", }", "}"
        ).encode(),
    )
    (one,), (two,) = assemble([flat], {}).entries, found.entries
    assert replace(one, line=0) == replace(two, line=0)


OPTIONS = st.dictionaries(
    st.sampled_from(sorted(table.BY_PATH)), st.builds(Given, st.integers(0, 5), st.just("x"))
)


@patient
@given(OPTIONS, OPTIONS, OPTIONS)
def test_merging_is_associative_idempotent_and_has_an_identity(a: Any, b: Any, c: Any) -> None:
    def values(*layers: Any) -> dict[str, Given]:
        return {
            path: given for path, (_, given) in merged(tuple(Layer("x", layer) for layer in layers)).items()
        }

    assert values(values(a, b), c) == values(a, values(b, c)) == values(a, b, c)
    assert values(a, a) == a == values({}, a) == values(a, {})


NAMES = st.lists(st.sampled_from(["a", "b", "Ä", "c d"]), max_size=5)


@patient
@given(st.lists(NAMES, min_size=1, max_size=3), st.randoms())
def test_names_are_unique_or_a_problem_and_the_order_of_files_means_nothing(
    files: list[list[str]], random: Any
) -> None:
    drafts: list[Draft] = []
    for number, names in enumerate(files):
        items = "".join(f"  - {{playlist: {LIST}, name: '{name}'}}\n" for name in names)
        drafts.append(read(f"{number}.yaml", f"playlists:\n{items}".encode()))
    found = assemble(drafts, {})
    every = [name for names in files for name in names]
    assert len({entry.name for entry in found.entries}) == len(found.entries) == len(set(every))
    assert len(found.problems) == len(every) - len(set(every))
    random.shuffle(drafts)
    assert assemble(drafts, {}) == found


KEYS = sorted({word for path in table.BY_PATH for word in path.split(".")})
TOP = ["version", "defaults", "profiles", "videos", "videos_from", "playlists", "channels"]
WORDS = st.one_of(
    st.sampled_from(
        [
            VIDEO,
            LIST,
            "720p",
            "best",
            "[en]",
            "6h",
            "true",
            "{}",
            "[]",
            "null",
            "@x",
            "'@handle'",
            "2020-01-01",
            "[/(a/]",
            "2m..",
            "3",
            "*a",
            "&a x",
            "!t x",
        ]
    ),
    st.text(max_size=8),
)
MAPPINGS = st.recursive(
    WORDS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]"),
        st.dictionaries(st.sampled_from(KEYS + TOP), inner, max_size=4).map(
            lambda pairs: f"{{{', '.join(f'{key}: {value}' for key, value in pairs.items())}}}"
        ),
    ),
    max_leaves=12,
)


@patient
@given(
    st.one_of(
        st.text(max_size=100),
        MAPPINGS,
        st.dictionaries(st.sampled_from(TOP), MAPPINGS).map(
            lambda pairs: "".join(f"{key}: {value}\n" for key, value in pairs.items())
        ),
    )
)
def test_any_text_gives_entries_or_problems(text: str) -> None:
    draft = read("a.yaml", text.encode("utf-8", "surrogatepass"))
    found = assemble([draft], {})
    for problem in (*draft.problems, *found.problems):
        assert problem.message.isprintable()
    if not draft.problems and not found.problems:
        for entry in found.entries:
            assert encode(entry)
            assert found.origins(entry.name)


@patient
@given(st.sampled_from(sorted(table.BY_PATH)), st.text(max_size=30), st.booleans())
def test_any_text_of_any_key_is_a_value_or_is_misread(path: str, text: str, quoted: bool) -> None:
    kind = table.BY_PATH[path].kind
    scalar = kind.item if isinstance(kind, ListOf) else kind
    try:
        value = scalar.parse(text, quoted=quoted)
    except Misread as misread:
        message = str(misread)
        assert message.isprintable()
        assert "expected" in message
    else:
        assert hash(value) is not None
