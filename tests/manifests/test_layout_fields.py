"""docs/manifest.md names every field of a library's layout, with its meaning."""

from pathlib import Path

from ytarchive.core.views import FIELDS, KEYWORDS

TEXT = (Path(__file__).parents[2] / "docs/manifest.md").read_text(encoding="utf-8")


def test_every_field_and_layout_is_told() -> None:
    for name, meaning in FIELDS.items():
        assert f"| `{{{name}}}` | {meaning} |" in TEXT
    assert all(f"`{word}`" in TEXT for word in KEYWORDS)
