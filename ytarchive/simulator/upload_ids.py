"""Ids of a computed channel's uploads: they tell whose they are, of which kind, and in which place.

Eleven characters hold 64 bits on YouTube; here they are a channel's key (38), the kind (2) and the number from the
oldest on (24), scrambled, so that ids look like ids and none is like the next.
"""

from __future__ import annotations

import base64
import binascii
from enum import StrEnum

from ytarchive.simulator.catalogue import digest

MOST_UPLOADS = 1 << 24
_MASK = 0xFFFFFFFF
_ROUNDS = (0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D, 0x27D4EB2F)


class UploadKind(StrEnum):
    """What an upload is; it decides in which lists and tabs it is shown. `MEMBERS` are videos for members only."""

    VIDEOS = "videos"
    SHORTS = "shorts"
    LIVE = "live"
    MEMBERS = "members"


KINDS = tuple(UploadKind)


def key_of(channel_id: str) -> int:
    """Return what stands for a channel in the ids of its uploads."""
    return int.from_bytes(digest(f"uploads/{channel_id}")[:5]) >> 2


def upload_id(key: int, kind: UploadKind, number: int) -> str:
    """Return the id of a channel's upload; numbers begin with 0, the oldest."""
    plain = (key << 26) | (KINDS.index(kind) << 24) | number
    left, right = plain >> 32, plain & _MASK
    for factor in _ROUNDS:
        left, right = right, left ^ _mixed(right, factor)
    return base64.urlsafe_b64encode(((left << 32) | right).to_bytes(8)).decode()[:11]


def read_upload_id(video_id: str) -> tuple[int, UploadKind, int] | None:
    """Return key, kind and number; any id has some, and only a key that is known means anything.

    None for an id of more than 64 bits, which no upload has.
    """
    try:
        content = base64.urlsafe_b64decode(f"{video_id}=")
    except (binascii.Error, ValueError):
        return None
    if len(content) != 8 or base64.urlsafe_b64encode(content).decode()[:11] != video_id:
        return None
    left, right = int.from_bytes(content[:4]), int.from_bytes(content[4:])
    for factor in reversed(_ROUNDS):
        left, right = right ^ _mixed(left, factor), left
    plain = (left << 32) | right
    return plain >> 26, KINDS[(plain >> 24) & 3], plain & (MOST_UPLOADS - 1)


def _mixed(half: int, factor: int) -> int:
    half = (half * factor) & _MASK
    half ^= half >> 15
    half = (half * 0x2C1B3C6D + factor) & _MASK
    return half ^ (half >> 13)
