"""What a person wrote and could not be read: what was found, what was expected, and the near miss."""

from __future__ import annotations

from collections.abc import Iterable

_LONGEST_SHOWN = 60
_LONGEST_COMPARED = 64


class Misread(ValueError):
    """A text that is not what its place asks for. `hint` is a cure or a near miss, when there is one."""

    def __init__(self, found: str, expected: str, hint: str | None = None) -> None:
        super().__init__(f"found {found}, expected {expected}" + (f"; {hint}" if hint else ""))
        self.found = found
        self.expected = expected
        self.hint = hint


def shown(text: str) -> str:
    """The text in quotes, on one line, safe to print: control and bidirectional characters escaped, long ones cut."""
    if not text:
        return "nothing"
    cut = text if len(text) <= _LONGEST_SHOWN else text[: _LONGEST_SHOWN - 1] + "…"
    return "'" + "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in cut) + "'"


def near_miss(word: str, known: Iterable[str]) -> str | None:
    """The known word that was most likely meant, or None."""
    from difflib import get_close_matches

    by_fold = {name.casefold(): name for name in known}
    folded = word.casefold().replace("-", "_")[:_LONGEST_COMPARED]
    if folded in by_fold:
        return by_fold[folded]
    close = get_close_matches(folded, by_fold, n=1, cutoff=0.6)
    return by_fold[close[0]] if close else None


def did_you_mean(word: str, known: Iterable[str]) -> str | None:
    """The hint of an unknown word: "did you mean quality?"."""
    meant = near_miss(word, known)
    return f"did you mean {meant}?" if meant else None


def one_of(words: Iterable[str]) -> str:
    """`("a", "b", "c")` gives "a, b or c"."""
    *most, last = words
    return f"{', '.join(most)} or {last}" if most else last
