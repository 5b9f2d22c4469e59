"""What a worker is started with besides its command: the engine that is in force at that moment."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Protocol

from ytarchive.core.engines import BUILT_IN


@dataclass(frozen=True, slots=True)
class Outfit:
    """`arguments` follow the command; `keeps` are descriptors that the worker holds open for as long as it lives."""

    engine: str = BUILT_IN
    arguments: tuple[str, ...] = ()
    keeps: tuple[int, ...] = ()


class Engines(Protocol):
    """Where workers get their engine. Called from every thread of the pool."""

    def in_force(self) -> str:
        """The engine that the next worker would get; asked before each job, so it has to be quick."""
        ...

    def lend(self) -> AbstractContextManager[Outfit]:
        """The outfit for one worker, which takes over what it keeps."""
        ...


class OnlyBuiltIn:
    """The environment's own yt-dlp, and no other."""

    def in_force(self) -> str:
        return BUILT_IN

    @contextmanager
    def lend(self) -> Iterator[Outfit]:
        yield Outfit()
