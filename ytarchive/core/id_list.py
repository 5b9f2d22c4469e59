"""A text file of videos: one id or YouTube address a line, `#` begins a comment."""

from __future__ import annotations

from ytarchive.core.address import parse_video
from ytarchive.core.manifest import Problems
from ytarchive.core.misread import Misread
from ytarchive.core.yaml_tree import decode_text
from ytarchive.errors import Problem


def read_ids(file: str, data: bytes) -> tuple[tuple[str, ...], tuple[Problem, ...]]:
    """The ids in the order of the file, each once, and every line that is none."""
    text, problem = decode_text(file, data)
    if problem:
        return (), (problem,)
    ids: dict[str, None] = {}
    problems = Problems(file)
    for number, line in enumerate(text.split("\n"), 1):
        # What follows "#" in an address is only a place on the page.
        written = line.partition("#")[0].strip()
        if not written:
            continue
        try:
            ids[parse_video(written)] = None
        except Misread as misread:
            problems.add(number, len(line) - len(line.lstrip()) + 1, str(misread))
    return tuple(ids), problems.told()
