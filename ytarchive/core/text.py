"""Text from the network, made safe for people's eyes: a terminal, a log line, a work plan."""

from __future__ import annotations

import unicodedata

_ELLIPSIS = "…"
# Control, format (bidirectional overrides, zero width), surrogate, private use, unassigned, line and paragraph.
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
# Joiners that scripts and emoji need; they reorder and hide nothing.
_JOINERS = frozenset({"\u200c", "\u200d"})
_MARKS_IN_A_ROW = 4


def printable(text: str, limit: int) -> str:
    """One line of at most `limit` (>= 1) characters, without anything that moves, hides or reorders text.

    Control characters and line ends become spaces, white space is joined and trimmed. Bidirectional and zero-width
    characters go, also the joiners where they join nothing, and stacks of combining marks are cut. What is
    too long ends in an ellipsis. Printing twice is printing once.
    """
    if text.isascii() and text.isprintable() and len(text) <= limit and "  " not in text:
        return text.strip()
    line = " ".join("".join(_visible(text[: limit * 8 + 64])).split())
    if len(line) <= limit:
        return line
    return line[: limit - 1].rstrip() + _ELLIPSIS


def _visible(text: str) -> list[str]:
    kept: list[str] = []
    marks = 0
    for character in text:
        category = unicodedata.category(character)
        marks = marks + 1 if category in ("Mn", "Me") else 0
        if marks > _MARKS_IN_A_ROW:
            continue
        if character in _JOINERS:
            if kept and kept[-1] not in _JOINERS and not kept[-1].isspace():
                kept.append(character)
        elif category == "Cc" or category in ("Zl", "Zp"):
            kept.append(" ")
        elif category not in _INVISIBLE:
            kept.append(character)
    return kept
