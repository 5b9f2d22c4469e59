"""Text from the network on its way into a column."""

from __future__ import annotations


def storable(text: str) -> str:
    """The same text without half characters (lone surrogates), which have no UTF-8."""
    return text.encode("utf-8", "replace").decode("utf-8")
