"""How the disk may differ from what was left on it, and what follows: nobody is to wonder what becomes of a file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ytarchive.core.instant import Instant

DriftKind = Literal["missing", "cut", "unreadable", "corrupt", "deleted", "moved", "view"]
MEANINGS: dict[DriftKind, str] = {
    "missing": "a file that item.json names is not there",
    "cut": "a file has not the size that item.json names",
    "unreadable": "item.json is not there, or makes no sense",
    "corrupt": "a file is not what was stored, by its checksum",
    "deleted": "its folder is not there",
    "moved": "it lay somewhere else in the archive, and was put back",
    "view": "a name in the library is not there",
}
"""An archive that is not there at all ("not mounted?") is no drift of a video: nothing is read or written then."""


@dataclass(frozen=True, slots=True)
class Drift:
    """One way in which a video's files are not as they were left. `told` says what was seen, `follows` what comes of it.

    `at` is when it was noticed; None: just now. `is_over`: it was, and was made good since.
    """

    kind: DriftKind
    told: str
    follows: str
    at: Instant | None = None
    is_over: bool = False


def follows(
    kind: DriftKind, *, is_wanted: bool, is_gone: bool, respects: bool = False, was_sought: bool = False
) -> str:
    """What comes of a drift. `is_gone`: YouTube has the video no more; `respects`: deletions by people are.

    `was_sought`: it was looked for in the rest of the archive, and is not there.
    """
    if kind == "moved":
        return "it is where it belongs again; nothing is downloaded"
    if kind == "view":
        return "it stays away, as when_deleted_locally says" if respects else "the next pass makes it again"
    if kind == "deleted" and respects:
        return "it is not fetched again, as when_deleted_locally says; `ytarchive download` asks for it"
    if not is_wanted:
        return "no entry wants it, so it is left as it is"
    if is_gone:
        return "YouTube has it no more: what is left stays, and the work plan tells what to do"
    if kind == "corrupt":
        return "the next pass downloads it again; the damaged copy stays until that is verified"
    if was_sought:
        return "it was looked for in the rest of the archive, by id and checksum; the next pass downloads it again"
    return "the next pass looks for it in the rest of the archive, by id and checksum, and else downloads it again"
