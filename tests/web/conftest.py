from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from web_office import Client, SmallOffice, offline, served, settings_in


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallOffice]:
    folder: Path = tmp_path_factory.mktemp("office")
    (folder / "manifests").mkdir()
    (folder / "manifests" / "wanted.yaml").write_text(
        "version: 1\nvideos:\n  - dQw4w9WgXcQ\n  - jNQXAC9IVRw\n"
    )
    office = SmallOffice(settings_in(folder))
    yield office
    office.close()


@pytest.fixture(scope="module")
def client(office: SmallOffice) -> Iterator[Client]:
    with served(office) as (_, client):
        yield client


@pytest.fixture(scope="module")
def offline_client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """Of an API of its own that wants one video, and whose workers reach nobody: for any number of requests."""
    folder: Path = tmp_path_factory.mktemp("offline")
    (folder / "manifests").mkdir()
    (folder / "manifests" / "wanted.yaml").write_text("version: 1\nvideos:\n  - dQw4w9WgXcQ\n")
    office = SmallOffice(settings_in(folder), offline)
    with served(office) as (_, client):
        yield client
    office.close()
