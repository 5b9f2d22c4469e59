"""What a filter looks for in titles: plain words, and `/expressions/`.

Expressions run in RE2 (https://github.com/google/re2/wiki/Syntax), whose time is linear in the title, whatever the
expression: none can hang.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import lru_cache

import re2

from ytarchive.core.misread import Misread, shown
from ytarchive.core.text import printable

LONGEST = 500
EXPECTED = (
    f'a word such as trailer, or an expression such as "/part [0-9]+/i", of at most {LONGEST} characters'
)

_EXPRESSION_MEMORY_BYTES = 1 << 20
# Scripts that are written without spaces between words (Unicode's line-breaking classes SA and ID): Thai, Lao,
# Tibetan, Burmese, Khmer, Tai, Balinese, Javanese, kana, bopomofo, Chinese characters.
_WITHOUT_SPACES = re.compile(
    "[\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u1950-\u19ff\u1a20-\u1aaf\u1b00-\u1b7f\u2e80-\u2fdf\u3005-\u3007"
    "\u3021-\u312f\u31a0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua980-\ua9ff\uaa60-\uaadf\uf900-\ufaff"
    "\U0001aff0-\U0001b16f\U00020000-\U000323af]"
)
# Nobody sees them, and titles that differ by them alone are one: format characters and variation selectors.
_SELECTORS = frozenset(map(chr, range(0xFE00, 0xFE10)))


class Title:
    """A title as it is compared: folded for plain words, as UTF-8 for expressions; each made once, when needed."""

    __slots__ = ("_bytes", "_folded", "_text")

    def __init__(self, text: str) -> None:
        self._text = text
        self._folded: str | None = None
        self._bytes: bytes | None = None

    @property
    def folded(self) -> str:
        if self._folded is None:
            self._folded = _folded(self._text)
        return self._folded

    @property
    def utf8(self) -> bytes:
        if self._bytes is None:
            self._bytes = _utf8(self._text)
        return self._bytes


def first_found(terms: Iterable[str], title: Title) -> str | None:
    """The first of the terms that a title has, or None. Raise `Misread` for a term that `read` refuses."""
    return next((term for term in terms if _finder(term)(title)), None)


def read(term: str) -> str:
    """The term itself, when it can be looked for. Raise `Misread` when it cannot."""
    if len(term) > LONGEST:
        raise Misread(f"{len(term):,} characters", EXPECTED)
    if not term.strip() or not term.isprintable():
        raise Misread(shown(term), EXPECTED)
    _finder(term)
    return term


@lru_cache(maxsize=512)
def _finder(term: str) -> Callable[[Title], bool]:
    if not term.startswith("/"):
        word = _folded(term)
        if not word:
            raise Misread(shown(term), EXPECTED, "it has nothing that can be seen")
        return lambda title: _has_word(title.folded, word)
    search = _expression(term)
    return lambda title: search(title.utf8) is not None


def _has_word(title: str, word: str) -> bool:
    """Whether a word, or several with spaces between, stands in a title without being a part of a longer one."""
    at = title.find(word)
    while at >= 0:
        end = at + len(word)
        if not _are_joined(title, at) and not _are_joined(title, end):
            return True
        at = title.find(word, at + 1)
    return False


def _are_joined(title: str, at: int) -> bool:
    """Whether the characters before and at a place belong to one word."""
    return 0 < at < len(title) and _is_of_word(title[at - 1]) and _is_of_word(title[at])


def _is_of_word(character: str) -> bool:
    if character.isascii():
        return character.isalnum()
    is_letter = character.isalnum() or unicodedata.category(character)[0] == "M"
    return is_letter and not _WITHOUT_SPACES.match(character)


def _folded(text: str) -> str:
    """Without the differences that people do not mean: case, width, ligatures, accents in two characters, spaces."""
    if text.isascii():
        return " ".join(text.lower().split())
    seen = "".join(c for c in text if unicodedata.category(c) != "Cf" and c not in _SELECTORS)
    return " ".join(unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", seen).casefold()).split())


def _utf8(text: str) -> bytes:
    # Half a surrogate pair, which JSON can hold, has no UTF-8.
    return unicodedata.normalize("NFC", text).encode("utf-8", "replace")


def _expression(term: str) -> Callable[[bytes], object]:
    body, _, flags = term[1:].rpartition("/")
    if "/" not in term[1:]:
        raise Misread(shown(term), EXPECTED, "what begins with / is an expression, and ends with / or /i")
    if flags not in ("", "i"):
        raise Misread(shown(term), EXPECTED, "behind the last / there is nothing, or an i to ignore case")
    if not body:
        raise Misread(shown(term), EXPECTED, "there is nothing between the slashes")
    options = re2.Options()
    options.log_errors = False
    options.never_capture = True
    options.case_sensitive = not flags
    options.max_mem = _EXPRESSION_MEMORY_BYTES
    try:
        search: Callable[[bytes], object] = re2.compile(_utf8(body), options).search
    except re2.error as error:
        raise Misread(shown(term), EXPECTED, _cure(error.args[0])) from None
    return search


def _cure(reason: bytes) -> str:
    text = printable(reason.decode("utf-8", "replace"), 100)
    if text.startswith(("invalid perl operator", "invalid escape sequence")):
        text += " (there is no look-around and no back-reference; \\ before a letter needs to mean something)"
    return f"the expression cannot be read: {text}"
