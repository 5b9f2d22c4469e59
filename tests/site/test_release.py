"""The release script refuses what is not fit before it does anything that takes long; the rest is its own to run."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """What the first checks look at."""
    shutil.copy(ROOT / "release", tmp_path / "release")
    (tmp_path / "ytarchive").mkdir()
    (tmp_path / "ytarchive" / "__init__.py").write_text('__version__ = "0.2.0"\n')
    (tmp_path / "CHANGELOG.md").write_text("# Changelog\n\n## [0.2.0] - 2026-12-01\n\n- New.\n")
    return tmp_path


def refused(checkout: Path, *options: str) -> tuple[int, str]:
    done = subprocess.run(
        ["bash", "release", *options], cwd=checkout, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stderr


def test_a_version_of_a_development_is_refused(checkout: Path) -> None:
    (checkout / "ytarchive" / "__init__.py").write_text('__version__ = "0.2.0.dev0"\n')
    code, told = refused(checkout)
    assert code == 1
    assert "0.2.0.dev0" in told
    assert "cure: set __version__" in told


@pytest.mark.parametrize("heading", ["## [0.1.0] - 2026-11-23", "## [0.2.0]", "## [Unreleased]"])
def test_a_changelog_without_the_version_and_its_date_is_refused(checkout: Path, heading: str) -> None:
    (checkout / "CHANGELOG.md").write_text(f"# Changelog\n\n{heading}\n")
    code, told = refused(checkout)
    assert code == 1
    assert "CHANGELOG.md" in told


def test_a_tree_with_changes_is_not_tagged(checkout: Path) -> None:
    subprocess.run(["git", "init", "-q"], cwd=checkout, check=True)
    code, told = refused(checkout, "--tag")
    assert code == 1
    assert "not committed" in told


def test_an_unknown_option_is_wrong_usage(checkout: Path) -> None:
    assert refused(checkout, "--publish")[0] == 64


def test_the_changelog_tells_of_this_version() -> None:
    package = (ROOT / "ytarchive" / "__init__.py").read_text()
    (version,) = re.findall(r'__version__ = "([^"]+)"', package)
    assert f"## [{version.removesuffix('.dev0')}]" in (ROOT / "CHANGELOG.md").read_text()
