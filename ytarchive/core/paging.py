"""Answers that are read page by page: several lists, one behind the other, from one place in them to another."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


class NoSuchPlace(LookupError):
    """Nothing has that key any more: the lists have moved on since the page before."""


@dataclass(frozen=True, slots=True)
class Window:
    """What of each list is on this page. `next` is the place of the last of it; None: nothing comes after."""

    parts: dict[str, tuple[Any, ...]]
    next: str | None


def window(
    lists: Mapping[str, tuple[Any, ...]], key: Callable[[Any], str], after: str | None, limit: int
) -> Window:
    """At most `limit` of what comes after a place (`<list>:<key>`), or from the beginning on.

    `key` tells what is unique within a list. Raise `NoSuchPlace`.
    """
    names = list(lists)
    first, start = 0, 0
    if after is not None:
        name, _, wanted = after.partition(":")
        found = next((at for at, one in enumerate(lists.get(name, ())) if key(one) == wanted), None)
        if found is None:
            raise NoSuchPlace(after)
        first, start = names.index(name), found + 1
    parts: dict[str, tuple[Any, ...]] = dict.fromkeys(names, ())
    left, place = limit, None
    for name in names[first:]:
        begin = start if name == names[first] else 0
        parts[name] = lists[name][begin : begin + left]
        if parts[name]:
            left -= len(parts[name])
            place = f"{name}:{key(parts[name][-1])}"
        if begin + len(parts[name]) < len(lists[name]) or (not left and _any_after(lists, names, name)):
            return Window(parts, place)
    return Window(parts, None)


def _any_after(lists: Mapping[str, tuple[Any, ...]], names: list[str], name: str) -> bool:
    return any(lists[one] for one in names[names.index(name) + 1 :])
