"""A text file of videos: one id or YouTube address a line, `#` begins a comment."""

from __future__ import annotations

import re

from ytarchive.core.address import parse_video
from ytarchive.core.manifest import capped
from ytarchive.core.misread import Misread
from ytarchive.core.yaml_tree import decode_text
from ytarchive.errors import Problem

# A "#" inside an address (a place in the video) is part of it; a comment stands apart.
_COMMENT = re.compile(r"(?:^|\s)#.*")


def read_ids(file: str, data: bytes) -> tuple[tuple[str, ...], tuple[Problem, ...]]:
    """The ids in the order of the file, each once, and every line that is none."""
    text, problem = decode_text(file, data)
    if problem:
        return (), (problem,)
    ids: dict[str, None] = {}
    problems: list[Problem] = []
    for number, line in enumerate(text.split("\n"), 1):
        written = (_COMMENT.sub("", line) if "#" in line else line).strip()
        if not written:
            continue
        try:
            ids[parse_video(written)] = None
        except Misread as misread:
            column = len(line) - len(line.lstrip()) + 1
            problems.append(Problem(file, number, column, str(misread)))
    return tuple(ids), capped(file, problems)
