"""An index in a folder of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ytarchive.adapters.index import Index


@pytest.fixture
def index_path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "index.sqlite"


@pytest.fixture
def index(index_path: Path) -> Iterator[Index]:
    with Index.open(index_path) as opened:
        yield opened
