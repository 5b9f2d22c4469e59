"""What was last known of the manifests, so that a file that vanishes or breaks takes nothing away by itself."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ytarchive.reconciler.world import World

_FACT = "manifests_in_force"


@dataclass(frozen=True, slots=True)
class InForce:
    """The entries of each file; those of files that are not there any more (`gone`); and how many problems there are."""

    files: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    gone: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    problems: int = 0


def note(world: World) -> None:
    """Remember which file names which entries. What a file named that is gone is remembered until a person says so.

    An entry that another file names by now is not lost.
    """
    before = read(world)
    files: dict[str, list[str]] = {}
    for entry in world.loaded.entries:
        files.setdefault(entry.file, []).append(entry.name)
    named = {entry.name for entry in world.loaded.entries}
    gone = {}
    for file, names in {**before.gone, **before.files}.items():
        lost = tuple(name for name in names if name not in named)
        if lost and not (world.settings.manifests.path / file).exists():
            gone[file] = lost
    told = {file: tuple(names) for file, names in files.items()}
    _remember(world, InForce(told, gone, len(world.loaded.problems)))


def note_problems(world: World, number: int) -> None:
    """The manifests cannot be in force as they are on disk: what they wanted before still is."""
    _remember(world, replace(read(world), problems=number))


def accept(world: World) -> None:
    """A person says that the files that are gone were meant to go."""
    _remember(world, replace(read(world), gone={}))


def read(world: World) -> InForce:
    """Nothing, for an index that is new."""
    told = json.loads(world.index.recall(_FACT) or "{}")
    files, gone = (
        {file: tuple(names) for file, names in told.get(key, {}).items()} for key in ("files", "gone")
    )
    return InForce(files, gone, told.get("problems", 0))


def _remember(world: World, known: InForce) -> None:
    if known != read(world):
        told = {"files": dict(known.files), "gone": dict(known.gone), "problems": known.problems}
        world.index.remember(_FACT, json.dumps(told))
