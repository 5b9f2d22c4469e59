"""The outline of a work plan out of its YAML: what a comparison needs, without reading all of it as YAML.

A parser of YAML takes a minute for 100,000 items. This reads the lines that `work_plan_text.to_yaml` writes, and what it
does not know it passes over: the worst that an edited file can do is to make a comparison say less.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator

from ytarchive.core.instant import from_iso
from ytarchive.core.work_plan_changes import Known, Outline


def outline(text: str) -> Outline | None:
    """What this YAML says; None when it is no work plan of ours."""
    lines = iter(text.split("\n"))
    head = _head(lines)
    try:
        archive, made_at = head["archive"], from_iso(head["made_at"])
    except (KeyError, ValueError, OverflowError):
        return None
    assert isinstance(made_at, int)
    causes, titles = defaultdict[str, set[str]](set), dict[str, str]()
    for item in _items(lines):
        subject = item.get("video", item.get("source"))
        if subject is not None and "code" in item:
            causes[subject].add(item["code"])
            titles[subject] = item.get("title", "")
    known = {
        subject: Known(tuple(sorted(codes)), titles[subject] or None) for subject, codes in causes.items()
    }
    return Outline(archive, made_at, known)


def _head(lines: Iterator[str]) -> dict[str, str]:
    """The keys at the top, up to that of the items."""
    found: dict[str, str] = {}
    for line in lines:
        key, colon, value = line.partition(":")
        if key == "items":
            break
        if colon and key.isidentifier():
            found[key] = _scalar(value.strip())
    return found


_KEYS = frozenset({"video", "source", "title", "code"})


def _items(lines: Iterator[str]) -> Iterator[dict[str, str]]:
    item: dict[str, str] = {}
    folded: str | None = None
    for line in lines:
        if line[:1] not in ("", " "):
            break  # the next key of the document
        if folded is not None and line.startswith("      "):
            item[folded] = f"{item[folded]} {line.strip()}".lstrip()
            continue
        folded = None
        if line.startswith("  - "):
            yield item
            item = {}
        elif not (line.startswith("    ") and line[4:5].isalpha()):
            continue
        key, _, value = line[4:].partition(": ")
        if key in _KEYS:
            if value == ">-":
                folded, value = key, ""
            item[key] = _scalar(value)
    yield item


def _scalar(written: str) -> str:
    if not written.startswith('"'):
        return written
    try:
        return str(json.loads(written))
    except ValueError:
        return written
