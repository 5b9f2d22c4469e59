"""Words and expressions in titles: whole words in every script, and no expression that hangs or is noisy."""

from __future__ import annotations

import subprocess
import sys
import timeit
import unicodedata

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ytarchive.core.misread import Misread
from ytarchive.core.title_match import LONGEST, Title, first_found, read

FOUND = [
    ("physics", "Physics"),
    ("PHYSICS", "quantum physics, explained"),
    ("physics", "bio-physics"),
    ("physics", "physics_lecture_01"),
    ("quantum physics", "Quantum   physics for all"),
    ("café", "CAFÉ noir"),
    ("café", "cafe\u0301 noir"),
    ("cafe\u0301", "Café"),
    ("straße", "STRASSE"),
    ("fi", "ﬁ 1"),
    ("abc", "ＡＢＣ 2"),
    ("physics", "phy\u200bsics"),
    ("week", "this\xa0week"),
    ("❤", "❤\ufe0f forever"),
    ("#shorts", "Look#shorts"),
    ("c++", "Modern C++20"),
    ("2024", "The best of 2024!"),
    ("!", "Wow!"),
    ("猫", "黒猫の動画"),
    ("動画", "黒猫の動画"),
    ("vtuber", "人気VTuberの配信"),
    ("ข่าว", "ดูข่าวเช้านี้"),
    ("ｶﾒﾗ", "新しいカメラ"),
    ("привет", "Привет, мир"),
    ("Straße", "die straße"),
    ("ab", "xab ab"),
    ("/part [0-9]+/", "Film, part 12"),
    ("/^part/i", "PART 1"),
    ("/a/b/", "x a/b y"),
    ("/é/", "e\u0301"),
    (r"/\pL{7}/", "größere"),
    ("/x/", "\ud800x"),
]
MISSING = [
    ("physics", "metaphysics"),
    ("physics", "physicsx"),
    ("art", "party start"),
    ("quantum physics", "quantum metaphysics"),
    ("physics", ""),
    ("कल", "सकल"),
    ("का", "किका"),
    ("क", "कि"),
    ("мир", "мирный"),
    ("고양이", "고양이는"),
    ("#shorts", "#shortsale"),
    ("/part [0-9]+/", "Part 12"),
    ("/^part/i", "A part"),
]


@pytest.mark.parametrize(("term", "title"), FOUND)
def test_a_term_is_found_in_a_title(term: str, title: str) -> None:
    assert first_found([read(term)], Title(title)) == term


@pytest.mark.parametrize(("term", "title"), MISSING)
def test_a_part_of_a_word_is_not_the_word(term: str, title: str) -> None:
    assert first_found([read(term)], Title(title)) is None


def test_the_first_of_the_terms_that_is_there_is_told() -> None:
    title = Title("Cats and dogs, part 2")
    assert first_found(("birds", "/PART/i", "dogs"), title) == "/PART/i"
    assert first_found((), title) is None


@pytest.mark.parametrize(
    ("term", "message"),
    [
        ("", "found nothing"),
        ("   ", "found '   '"),
        ("a\nb", r"found 'a\nb'"),
        ("\ufe0f", "it has nothing that can be seen"),
        ("x" * (LONGEST + 1), "found 501 characters"),
        ("/physics", "what begins with / is an expression, and ends with / or /i"),
        ("/", "what begins with / is an expression, and ends with / or /i"),
        ("//", "there is nothing between the slashes"),
        ("//i", "there is nothing between the slashes"),
        ("/x/im", "behind the last / there is nothing, or an i to ignore case"),
        ("/(a/", "the expression cannot be read: missing ): (a"),
        ("/[z-a]/", "the expression cannot be read: invalid character class range: z-a"),
        ("/(?<!x)y/", "there is no look-around and no back-reference"),
        (r"/(a)\1/", "there is no look-around and no back-reference"),
        ("/((a{1,100}){1,100}){1,100}/", "the expression cannot be read"),
        (r"/(\pL{1,900}x){1}(\pL{1,900}y)(\pL{1,900}z)/", "the expression cannot be read"),
    ],
)
def test_what_cannot_be_looked_for_is_misread_with_a_cure(term: str, message: str) -> None:
    with pytest.raises(Misread) as misread:
        read(term)
    assert message in str(misread.value)
    assert str(misread.value).isprintable()
    assert "expected a word such as trailer" in str(misread.value)


def test_the_longest_term_is_read() -> None:
    for term in ("x" * LONGEST, f"/{'x' * (LONGEST - 2)}/"):
        assert first_found([read(term)], Title("x" * LONGEST)) == term


HOSTILE = ["/(a+)+$/", "/^(a|aa)+$/", "/(a|a?)+b$/", "/(.*)*b$/", "/^a*a*a*a*a*a*a*a*a*a*b/", "/([a-z]+)*=/i"]


@pytest.mark.parametrize("term", HOSTILE)
def test_a_hostile_expression_takes_time_that_grows_as_the_title_does(term: str) -> None:
    """Backtracking would take 2**10,000 steps; a title twice as long takes about twice as long."""

    def seconds(length: int) -> float:
        title = Title("a" * length + "!")
        search = timeit.Timer(lambda: first_found([term], title))
        return min(search.repeat(repeat=5, number=5))

    read(term)
    assert first_found([term], Title("a" * 10_000 + "!")) is None
    assert seconds(20_000) < 20 * seconds(10_000)


def test_an_expression_that_is_refused_or_grows_big_writes_nothing_to_the_terminal() -> None:
    code = (
        "from ytarchive.core.misread import Misread\n"
        "from ytarchive.core.title_match import Title, first_found, read\n"
        "for term in ('/(a/', '/a{2000}/', '/(((a{1,30}){1,30}){1,30})/'):\n"
        "    try:\n"
        "        read(term)\n"
        "    except Misread:\n"
        "        pass\n"
        "first_found([read('/[a-q][^u-z]{300}x/')], Title('abcdefghijklmnop' * 5000))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "")


WORDS = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=8)


@given(st.lists(WORDS, min_size=1, max_size=4), st.sampled_from([" ", "  ", " - ", "!", ". ", "\u3000"]))
def test_every_word_of_a_title_is_found_however_it_is_written(words: list[str], between: str) -> None:
    title = between.join(words)
    for word in words:
        for written in (word, unicodedata.normalize("NFD", word), unicodedata.normalize("NFKC", word)):
            assume(read_or_none(written))
            assert first_found([written], Title(title)) == written
    assert first_found([words[0]], Title(title.upper())) or words[0].upper().casefold() != words[0].casefold()


def read_or_none(term: str) -> str | None:
    try:
        return read(term)
    except Misread:
        return None


@given(
    st.text(st.characters(exclude_categories=()), max_size=12), st.text(st.characters(exclude_categories=()))
)
def test_any_text_is_a_term_or_misread_and_any_title_can_be_searched(term: str, title: str) -> None:
    for written in (term, f"/{term}/", f"/{term}/i"):
        if read_or_none(written):
            assert first_found([written], Title(title)) in (written, None)


@given(st.text(st.characters(categories=["L", "N", "P", "Z", "S"]), min_size=1, max_size=8))
def test_a_term_is_found_in_the_title_that_is_nothing_else(term: str) -> None:
    assume(not term.startswith("/") and read_or_none(term))
    assert first_found([term], Title(term)) == term
