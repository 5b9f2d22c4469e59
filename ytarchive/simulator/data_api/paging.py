"""Pages of a list and the tokens between them.

A real token is protobuf in base64 (seen: `EAAaBlBUOkNESQ`, which holds `PT:` and the offset 50) and is not promised to
stay so. Assumed here: a token belongs to its list, and one of another list is refused as `invalidPageToken`.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from ytarchive.simulator.catalogue import digest
from ytarchive.simulator.data_api.errors import ApiError, youtube_error

Entry = TypeVar("Entry")
_PREFIX = b"\x10\x00\x1a"
_MARK = b"PT:"


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of a list is asked for. `of` names the list that tokens belong to."""

    of: str
    token: str
    size: int

    @property
    def offset(self) -> int:
        """Return where the page begins; raise `ApiError` for a token that is not one of this list."""
        return _read(self.of, self.token) if self.token else 0

    def cut(self, entries: Sequence[Entry]) -> Sequence[Entry]:
        """Return the entries on the page."""
        return entries[self.offset : self.offset + self.size]

    def tokens(self, length: int) -> dict[str, str]:
        """Return the tokens of the pages beside this one, in a list of `length`."""
        found = {}
        if self.size and self.offset + self.size < length:
            found["nextPageToken"] = _make(self.of, self.offset + self.size)
        if self.offset:
            found["prevPageToken"] = _make(self.of, max(0, self.offset - self.size))
        return found


def _make(of: str, offset: int) -> str:
    content = _MARK + base64.b64encode(offset.to_bytes(4) + digest(of)[:5])
    return base64.urlsafe_b64encode(_PREFIX + bytes([len(content)]) + content).decode().rstrip("=")


def _read(of: str, token: str) -> int:
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), b"-_", validate=True)
        content = base64.b64decode(raw.partition(_MARK)[2], validate=True)
    except (binascii.Error, ValueError) as error:
        raise _invalid() from error
    offset = int.from_bytes(content[:4])
    if _make(of, offset) != token:
        raise _invalid()
    return offset


def _invalid() -> ApiError:
    return youtube_error(
        400,
        "invalidPageToken",
        "The request specifies an invalid page token.",
        "youtube.parameter",
        "pageToken",
    )
