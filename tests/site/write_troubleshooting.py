"""Write the codes of docs/troubleshooting.md from the table of failures. Run it after a change of the table.

.venv/bin/python tests/site/write_troubleshooting.py
"""

from __future__ import annotations

from pathlib import Path

from ytarchive.core.failure_table import RULES, Cure, Rule

PAGE = Path(__file__).parents[2] / "docs" / "troubleshooting.md"
BEGIN = "<!-- codes: made by tests/site/write_troubleshooting.py -->\n"
END = "<!-- end of codes -->\n"
BLANKS = {"{video}": "VIDEO", "{place}": "ENTRY", "{named}": "MANIFEST"}


def made() -> str:
    """The page as it should be."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    codes = "\n".join(_section(rule) for rule in RULES)
    return f"{before}{BEGIN}\n{codes}\n{END}{rest.partition(END)[2]}"


def _section(rule: Rule) -> str:
    cures = "".join(f"- {_line(cure)}\n" for cure in rule.cures)
    return f"### {rule.code}\n\n{rule.meaning} (`{rule.kind}`)\n\n{cures}"


def _line(cure: Cure) -> str:
    ways = [_named(way) for way in (cure.edit, cure.command) if way]
    return f"{cure.what}{': ' if ways else ''}{', then '.join(f'`{way}`' for way in ways)}"


def _named(way: str) -> str:
    for blank, name in BLANKS.items():
        way = way.replace(blank, name)
    return way


if __name__ == "__main__":
    PAGE.write_text(made(), encoding="utf-8")
