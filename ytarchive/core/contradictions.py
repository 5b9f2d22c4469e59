"""Values that are good by themselves and cannot hold together: nothing would ever be wanted.

They may stand at different places, so each problem names both; it is told at the stronger one, which is the one that
was written with the other in force.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from ytarchive.core.manifest import Given
from ytarchive.core.misread import one_of
from ytarchive.core.profiles import Layer, Layers, place_of

Holding = Mapping[str, tuple[Layer, Given]]
"""The value that holds for each path, with the layer that it came from."""


class Contradiction(NamedTuple):
    """What is wrong, and where it is told."""

    layer: Layer
    given: Given
    message: str


def contradictions(layers: Layers, holding: Holding) -> Iterator[Contradiction]:
    """Every contradiction between the values that hold for one entry."""
    for path, other, find in _FINDERS:
        message = find(holding)
        if message:
            one, two = holding[path], holding[other]
            layer, given = one if layers.index(one[0]) >= layers.index(two[0]) else two
            yield Contradiction(layer, given, message)


def _quality(holding: Holding) -> str | None:
    least, most = _values(holding, "quality.min", "quality.max")
    if least is None or most is None or least <= most:
        return None
    return (
        f"quality: found a min of {_told(holding, 'quality.min')} above the max of {_told(holding, 'quality.max')}, "
        "expected min at or below max"
    )


def _days(holding: Holding) -> str | None:
    since, until = _values(holding, "where.since", "where.until")
    if since is None or until is None or since < until:
        return None
    return (
        f"where: found a since of {_told(holding, 'where.since')} that is not before the until of "
        f"{_told(holding, 'where.until')}, expected since before until"
    )


def _streams(holding: Holding) -> str | None:
    kinds, live = _values(holding, "where.kinds", "where.live")
    left = {"only": {"live"}, "skip": {"videos", "shorts"}}.get(live)
    if not kinds or left is None or left & set(kinds):
        return None
    return (
        f"where: found kinds of {_told(holding, 'where.kinds')} with live of {_told(holding, 'where.live')}, which no "
        "video is, expected one of them alone"
    )


def _parts(holding: Holding) -> str | None:
    """A channel whose parts hold nothing of the kinds that are wanted."""
    kinds, include = _values(holding, "where.kinds", "include")
    if not kinds or not include or {*kinds, "releases", "playlists"} & set(include):
        return None
    return (
        f"where.kinds: found {_told(holding, 'where.kinds')} with an include of {_told(holding, 'include')}, which "
        f"holds none of them; add {one_of(kinds)} to include"
    )


def _title(holding: Holding) -> str | None:
    match, avoid = _values(holding, "where.title.match", "where.title.not")
    if not match or not avoid or set(match) - set(avoid):
        return None
    return (
        f"where.title: found a match of {_told(holding, 'where.title.match')} and all of it in not, "
        f"{_told(holding, 'where.title.not')}; remove what is in both from one of them"
    )


_FINDERS = (
    ("quality.min", "quality.max", _quality),
    ("where.since", "where.until", _days),
    ("where.kinds", "where.live", _streams),
    ("where.kinds", "include", _parts),
    ("where.title.match", "where.title.not", _title),
)


def _values(holding: Holding, *paths: str) -> tuple[Any, ...]:
    return tuple(holding[path][1].value if path in holding else None for path in paths)


def _told(holding: Holding, path: str) -> str:
    layer, given = holding[path]
    return f"{given.text} ({place_of(layer, given)})"
