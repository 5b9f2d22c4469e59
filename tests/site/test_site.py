"""The pages of docs/ build into a site without a warning, and say what the code says."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pytest
from write_troubleshooting import made

from ytarchive.adapters.manifest_files import load
from ytarchive.core.failure_table import RULES

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"


@pytest.mark.skipif(
    importlib.util.find_spec("mkdocs") is None, reason="mkdocs is not here: uv sync --group docs"
)
def test_the_site_builds_strictly_with_every_page_in_its_contents(tmp_path: Path) -> None:
    built = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert built.returncode == 0, built.stderr
    pages = {page.stem for page in tmp_path.glob("*.html")} - {"404", "search"}
    assert pages == {page.stem for page in DOCS.glob("*.md")}
    loaded = re.compile(r"<(?:script|link|img)[^>]+(?:src|href)=\"https?:")
    assert [page.name for page in tmp_path.glob("*.html") if loaded.search(page.read_text())] == []


def test_the_troubleshooting_page_tells_every_code_as_the_code_has_it() -> None:
    page = (DOCS / "troubleshooting.md").read_text(encoding="utf-8")

    assert page == made(), "run tests/site/write_troubleshooting.py"
    assert all(f"### {rule.code}\n" in page for rule in RULES)


@pytest.mark.parametrize("page", ["index.md", "tutorial.md"])
def test_the_manifests_of_a_page_are_valid(page: str, tmp_path: Path) -> None:
    examples = re.findall(r"```yaml\n(version: 1\n.*?)```", (DOCS / page).read_text(), re.DOTALL)
    assert examples

    for number, example in enumerate(examples):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "example.yaml").write_text(example)
        loaded = load(folder, interval_seconds=3600)
        assert loaded.problems == ()
        assert loaded.entries
