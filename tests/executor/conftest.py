"""Stages that are closed at the end of a test."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from executor_stages import LocalStage, ModelStage, Stage, ThreadStage

_KINDS: dict[str, Callable[[int], Stage]] = {
    "local": LocalStage,
    "model": ModelStage,
    "threads": ThreadStage,
}


@pytest.fixture(params=_KINDS)
def make_stage(request: pytest.FixtureRequest) -> Iterator[Callable[[int], Stage]]:
    """Stages of every kind, closed at the end."""
    made: list[Stage] = []

    def make(slots: int) -> Stage:
        made.append(_KINDS[request.param](slots))
        return made[-1]

    yield make
    for stage in made:
        stage.close()


@pytest.fixture
def threads() -> Iterator[Callable[..., ThreadStage]]:
    """Stages of threads, closed at the end."""
    made: list[ThreadStage] = []

    def make(*args: int, **named: object) -> ThreadStage:
        made.append(ThreadStage(*args, **named))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for stage in made:
        stage.close()


@pytest.fixture
def local() -> Iterator[Callable[..., LocalStage]]:
    """Stages of real processes, closed at the end."""
    made: list[LocalStage] = []

    def make(*args: int, **named: object) -> LocalStage:
        made.append(LocalStage(*args, **named))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for stage in made:
        stage.executor.close()
