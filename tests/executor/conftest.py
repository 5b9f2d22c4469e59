"""Stages that are closed at the end of a test."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from executor_stages import LocalStage, ModelStage, Stage


@pytest.fixture(params=["local", "model"])
def make_stage(request: pytest.FixtureRequest) -> Iterator[Callable[[int], Stage]]:
    """Stages of both kinds, closed at the end."""
    made: list[Stage] = []

    def make(slots: int) -> Stage:
        made.append(LocalStage(slots) if request.param == "local" else ModelStage(slots))
        return made[-1]

    yield make
    for stage in made:
        stage.executor.close()


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
