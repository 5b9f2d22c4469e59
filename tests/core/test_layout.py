"""Names in the library: valid everywhere, one component, never two ids on one name."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ytarchive.core.layout import (
    NAME_BYTES,
    clean_title,
    flat_name,
    flat_stem,
    folder_name_problem,
    frozen_stem,
    is_id,
    item_file_name,
    suffix_of,
)

ID = "dQw4w9WgXcQ"
ids = st.from_regex(r"[A-Za-z0-9_-]{11}", fullmatch=True)
suffixes = st.sampled_from([".mkv", ".en.vtt", ".zh-Hant-TW.json3", ".info.json", "." + "x" * 100])
hostile = st.sampled_from(
    [
        "..",
        "../../etc/passwd",
        "CON",
        "aux.txt",
        "COM¹.x",
        ".hidden",
        "a/b\\c",
        "x" * 300,
        "é" * 200,
        "\ud800",
        " ",
        "\u202e",
    ]
)
titles = st.one_of(st.text(max_size=80), st.text(min_size=200, max_size=400), hostile)
twins = st.integers(1, 99)


@given(titles, ids, suffixes, twins)
@example("e\u200b\u0301", ID, ".mkv", 1)  # what is taken out may bring together what composes
@example("<\u0338", ID, ".mkv", 1)
def test_any_title_gives_one_component_that_every_file_system_takes(
    title: str, video: str, suffix: str, twin: int
) -> None:
    name = flat_name(title, video, suffix, twin=twin)
    assert 0 < len(name.encode()) <= NAME_BYTES
    assert not set(name) & set('/\\:*?"<>|\0')
    assert not any(unicodedata.category(char) in ("Cc", "Cs", "Co", "Zl", "Zp") for char in name)
    assert not any(
        char in "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff" for char in name
    )
    assert name == unicodedata.normalize("NFC", name)
    assert name[0] not in ". "
    assert name[-1] not in ". "
    assert name.split(".")[0].rstrip().casefold() not in ("con", "prn", "aux", "nul", "com1", "com¹", "lpt9")


@given(titles, ids, suffixes, twins)
def test_any_title_keeps_its_id_and_suffix_and_its_stem_can_be_found_again(
    title: str, video: str, suffix: str, twin: int
) -> None:
    name = flat_name(title, video, suffix, twin=twin)
    mark = f" [{video}]" if twin == 1 else f" [{video}] ({twin})"
    assert name.endswith(mark + suffix)
    assert name == flat_name(title, video, suffix, twin=twin)
    assert frozen_stem(name, video) == name[: -len(suffix)]


@given(titles, titles, ids, ids, suffixes, suffixes)
def test_two_ids_never_share_a_name_also_where_case_does_not_count(
    one: str, other: str, left: str, right: str, first: str, second: str
) -> None:
    if left.casefold() != right.casefold():
        assert flat_name(one, left, first).casefold() != flat_name(other, right, second).casefold()


@given(titles, ids, suffixes)
def test_a_twin_has_a_name_of_its_own_for_ids_that_differ_by_case_alone(
    title: str, video: str, suffix: str
) -> None:
    first = flat_name(title, video, suffix)
    assert first.casefold() != flat_name(title, video.swapcase(), suffix, twin=2).casefold()


@given(titles)
def test_cleaning_a_clean_title_changes_nothing(title: str) -> None:
    assert clean_title(clean_title(title)) == clean_title(title)


@given(titles, ids)
def test_files_of_one_video_share_their_stem_whatever_their_suffix(title: str, video: str) -> None:
    assert flat_name(title, video, ".mkv") == flat_stem(title, video) + ".mkv"
    assert flat_name(title, video, ".zh-Hant-TW.json3") == flat_stem(title, video) + ".zh-Hant-TW.json3"


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Plain title", "Plain title [dQw4w9WgXcQ].mkv"),
        ('a/b\\c: "d" <e> f|g? h*', "a⧸b⧹c： ＂d＂ ＜e＞ f｜g？ h＊ [dQw4w9WgXcQ].mkv"),
        ("  many \t kinds\u2028of\u00a0space ", "many kinds of space [dQw4w9WgXcQ].mkv"),
        ("..", "_ [dQw4w9WgXcQ].mkv"),
        ("", "_ [dQw4w9WgXcQ].mkv"),
        ("...hidden", "hidden [dQw4w9WgXcQ].mkv"),
        ("nul.tar", "_nul.tar [dQw4w9WgXcQ].mkv"),
        ("NULL", "NULL [dQw4w9WgXcQ].mkv"),
        ("e\u0301", "é [dQw4w9WgXcQ].mkv"),
        ("\u202egpj.exe", "gpj.exe [dQw4w9WgXcQ].mkv"),
        ("bell\x07 tag\U000e0041 private\ue000 not\ufffe\ufdd0", "bell tag private not [dQw4w9WgXcQ].mkv"),
        ("family 👨\u200d👩\u200d👧", "family 👨\u200d👩\u200d👧 [dQw4w9WgXcQ].mkv"),
        ("می\u200cخواهم", "می\u200cخواهم [dQw4w9WgXcQ].mkv"),
    ],
)
def test_a_title_is_kept_readable(title: str, name: str) -> None:
    assert flat_name(title, ID, ".mkv") == name


def test_a_long_title_is_not_cut_inside_a_composed_sign() -> None:
    room = NAME_BYTES - len(f" [{ID}]") - 40
    inside_base = "x" * (room - 2) + "q\u0323\u0307\u0300"
    assert flat_stem(inside_base, ID) == "x" * (room - 2) + f" [{ID}]"
    inside_family = "x" * (room - 8) + "👨\u200d👩"
    assert flat_stem(inside_family, ID) == "x" * (room - 8) + f" [{ID}]"
    after_joiner = "x" * (room - 7) + "👨\u200d👩"
    assert flat_stem(after_joiner, ID) == "x" * (room - 7) + f" [{ID}]"
    only_marks = "\u0323\u0307" * 200
    assert flat_stem(only_marks, ID) == f"_ [{ID}]"


@pytest.mark.parametrize("video", ["", "..", "a/b", "a b", "ä", "x" * 65, "abc\n"])
def test_what_is_no_id_is_refused(video: str) -> None:
    assert not is_id(video)
    with pytest.raises(ValueError, match="not a video id"):
        flat_stem("title", video)


@pytest.mark.parametrize("suffix", ["", "mkv", ".", ".mkv.", ".a/b", ". x", ".é", "." + "x" * 200])
def test_what_is_no_suffix_is_refused(suffix: str) -> None:
    with pytest.raises(ValueError, match="not a file name suffix"):
        flat_name("title", ID, suffix)


@given(ids, st.from_regex(r"[0-9a-f]{64}", fullmatch=True), suffixes)
def test_the_suffix_of_an_items_file_is_read_back(video: str, sha256: str, suffix: str) -> None:
    assert suffix_of(item_file_name(video, sha256, suffix), video) == suffix


@pytest.mark.parametrize(
    "name",
    [
        "item.json",
        f"{ID}.mkv",
        f"{ID}.0123456789",
        f"{ID}.0123456789.",
        f"{ID}.0123456789./x",
        f"../{ID}.0123456789.mkv",
        f"{ID}.0123456789.mkv\n",
        f"{ID}.012345678G.mkv",
        "otherID1234.0123456789.mkv",
        f"{ID}.0123456789.{'x' * 200}",
    ],
)
def test_a_foreign_name_is_no_file_of_an_item(name: str) -> None:
    assert suffix_of(name, ID) is None


@pytest.mark.parametrize(
    "name", ["plain.mkv", "[dQw4w9WgXcQ].mkv", "x [dQw4w9WgXcQ]", "x [dQw4w9WgXcQ] 2.mkv", "x [other].mkv"]
)
def test_a_foreign_name_has_no_stem(name: str) -> None:
    assert frozen_stem(name, ID) is None


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("tv", None),
        ("Kids & co", None),
        ("", "empty"),
        ("x" * 200, "longer"),
        ("a/b", "write 'a⧸b'"),
        ("..", "a name"),
        ("end.", "write 'end'"),
    ],
)
def test_a_view_is_a_folder_that_every_file_system_takes(name: str, problem: str | None) -> None:
    found = folder_name_problem(name)
    assert found is None if problem is None else problem in (found or "")
