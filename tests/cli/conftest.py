"""Folders in which the command line is tried, with and without the stand-in for YouTube."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from cli_project import Project, plain_environment

from ytarchive.simulator.process import SimulatorProcess


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A folder without a network."""
    folder = tmp_path / "project"
    folder.mkdir()
    found = Project(folder, plain_environment(tmp_path))
    found.wish("version: 1\n")
    return found


@pytest.fixture(scope="session")
def youtube() -> Iterator[SimulatorProcess]:
    with SimulatorProcess(catalogue={"defaults": {"best": 360}}) as running:
        yield running


@pytest.fixture
def online(project: Project, youtube: SimulatorProcess) -> Project:
    """The same before the stand-in for YouTube, without limits."""
    project.write(
        "ytarchive.toml",
        "[limits]\nvideos_per_hour = 0\npause = 0\ndownloads = 2\nextractions = 2\n"
        "[archive]\nmin_free = 0\n"
        f'[network]\nproxy = "{youtube.proxy_url}"\nca_file = "{youtube.ca_path}"\n',
    )
    return project
