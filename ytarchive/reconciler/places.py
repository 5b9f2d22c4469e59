"""Where in the manifests a wish stands, so that a person finds the line that an edit is about."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from ytarchive.core.desired import Entry
from ytarchive.core.work_plan import Place
from ytarchive.reconciler.world import World

_COMMENT = re.compile(r"(?:^|\s)#.*")
_ID = re.compile(r"(?<![A-Za-z0-9_-])[A-Za-z0-9_-]{11}(?![A-Za-z0-9_-])")
_LIST = re.compile(r"""videos_from:\s*["']?([^"'#]+)""")


class Places:
    """Entries by name, and the lines of their files, read as they are now and when they are first asked for.

    What cannot be read is known to nobody: the work plan does without.
    """

    def __init__(self, world: World) -> None:
        self._folder = world.settings.manifests.path
        self._entries = {entry.name: entry for entry in world.index.entries() if entry.file}
        self._lines: dict[str, dict[Path, dict[str, int]]] = {}

    def of(self, names: Iterable[str]) -> Iterator[Place]:
        """Each entry's place. The entry of a file's plain ids has no keys of its own: the file's defaults count."""
        for entry in self._known(names):
            file = str(self._folder / entry.file)
            if entry.kind == "videos" and entry.name == PurePosixPath(entry.file).stem:
                yield Place(file, 1, "under defaults")
            else:
                yield Place(file, entry.line, f"entry {entry.name}")

    def naming(self, video: str, names: Iterable[str]) -> Iterator[Place]:
        """Where the id of a video stands, of each entry that names its videos one by one."""
        for entry in self._known(names):
            if entry.kind == "videos" or entry.pins:
                for path, lines in self._lines_of(entry.file).items():
                    if line := lines.get(video):
                        yield Place(str(path), line)

    def _known(self, names: Iterable[str]) -> Iterator[Entry]:
        return (self._entries[name] for name in names if name in self._entries)

    def _lines_of(self, file: str) -> dict[Path, dict[str, int]]:
        """Where ids stand in a manifest, and in the list of ids that it may name."""
        known = self._lines.get(file)
        if known is None:
            manifest = self._folder / file
            text = self._text_of(manifest)
            lists = [manifest.parent / found[1].strip() for line in text if (found := _LIST.match(line))]
            known = {manifest: _ids_in(text), **{path: _ids_in(self._text_of(path)) for path in lists}}
            self._lines[file] = known
        return known

    @staticmethod
    def _text_of(path: Path) -> list[str]:
        try:
            if not path.is_file():
                return []
            return path.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            return []


def _ids_in(text: list[str]) -> dict[str, int]:
    """The first line of whatever looks like the id of a video, comments apart."""
    found: dict[str, int] = {}
    for number, line in enumerate(text, start=1):
        for id_ in _ID.findall(_COMMENT.sub("", line)):
            found.setdefault(id_, number)
    return found
