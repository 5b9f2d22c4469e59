"""Write what is made from the code: the tables of docs/, and the JSON Schema. Run it after a change of a table.

.venv/bin/python tests/manifests/write_reference.py
"""

from __future__ import annotations

import json
from pathlib import Path

from ytarchive.core import manifest_docs, setting_keys

DOCS = Path(__file__).parents[2] / "docs"
BEGIN = "<!-- table: made by tests/manifests/write_reference.py -->\n"
END = "<!-- end of table -->\n"


def made() -> dict[Path, str]:
    """Every file with the text that it should have."""
    schema = json.dumps(manifest_docs.json_schema(), indent=2, ensure_ascii=False) + "\n"
    return {
        DOCS / "manifest.md": _with_table(DOCS / "manifest.md", manifest_docs.reference_table()),
        DOCS / "settings.md": _with_table(DOCS / "settings.md", setting_keys.reference_table()),
        DOCS / "manifest.schema.json": schema,
    }


def _with_table(path: Path, table: str) -> str:
    before, _, rest = path.read_text(encoding="utf-8").partition(BEGIN)
    return f"{before}{BEGIN}\n{table}\n{END}{rest.partition(END)[2]}"


if __name__ == "__main__":
    for path, text in made().items():
        path.write_text(text, encoding="utf-8")
