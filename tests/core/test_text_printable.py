"""Text from the network, for people's eyes."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ytarchive.core.text import printable

# The machine may be busy: a slow example is no failure.
patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

texts = st.text(st.characters(codec=None), max_size=80)


@patient
@given(texts, st.integers(1, 60))
@example("\u200d", 5)
@example("a \u200d b", 5)
@example("e" + "\u0301" * 50, 9)
@example("a\u202eb\x1b[31mc\u2066d\ufeff", 60)
@example("ab cd", 3)
@example("  ", 4)
def test_nothing_remains_that_moves_hides_or_reorders(text: str, limit: int) -> None:
    shown = printable(text, limit)

    assert len(shown) <= limit
    assert shown == shown.strip()
    assert "  " not in shown
    for character in shown:
        assert character in "\u200c\u200d" or unicodedata.category(character) not in (
            "Cc",
            "Cf",
            "Cs",
            "Co",
            "Cn",
            "Zl",
            "Zp",
        )
    shown.encode()


@patient
@given(texts, st.integers(1, 60))
def test_printing_twice_is_printing_once(text: str, limit: int) -> None:
    shown = printable(text, limit)

    assert printable(shown, limit) == shown


@patient
@given(st.text(st.characters(categories=("L", "N", "P", "S")), max_size=40))
def test_what_people_write_stays_as_it_is(text: str) -> None:
    assert printable(text, 40) == text


@pytest.mark.parametrize(
    ("text", "limit", "shown"),
    [
        ("Cosmos: a journey", 40, "Cosmos: a journey"),
        ("  two\t words\r\nand\u2028more ", 40, "two words and more"),
        ("\x1b]0;owned\x07title", 40, "]0;owned title"),
        ("abc\u202egnp.exe", 40, "abcgnp.exe"),
        ("zero\u200bwidth", 40, "zerowidth"),
        ("👩\u200d👩\u200d👧 family", 40, "👩\u200d👩\u200d👧 family"),
        ("می\u200cخواهم", 40, "می\u200cخواهم"),
        ("naïve é", 40, "naïve é"),
        ("long enough to cut", 9, "long eno…"),
        ("cut at a space", 5, "cut…"),
        ("é" * 3, 2, "é…"),
        ("half\ud800", 40, "half"),
        ("x" * 100_000, 3, "xx…"),
        ("", 3, ""),
    ],
)
def test_a_text_is_shown_as(text: str, limit: int, shown: str) -> None:
    assert printable(text, limit) == shown
