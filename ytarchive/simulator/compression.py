"""gzip bodies made from parts: what never changes is compressed once and reused in every response.

DEFLATE blocks end at byte boundaries after a full flush and may then be concatenated, so a body costs only the
compression of what is particular to it, plus a checksum over the whole. youtube.com would use Brotli for clients
that accept it; gzip needs no library and weighs about the same here.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import dataclass

_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
_END = b"\x03\x00"  # an empty final block


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a body and its DEFLATE form."""

    plain: bytes
    deflated: bytes


def part(plain: bytes, *, level: int = 1) -> Part:
    """Compress one piece so that it can stand anywhere in a body."""
    deflate = zlib.compressobj(level, zlib.DEFLATED, -15)
    return Part(plain, deflate.compress(plain) + deflate.flush(zlib.Z_FULL_FLUSH))


def gzipped(parts: Iterable[Part]) -> bytes:
    """Join pieces into one gzip member."""
    checksum = length = 0
    blocks = [_HEADER]
    for piece in parts:
        checksum = zlib.crc32(piece.plain, checksum)
        length += len(piece.plain)
        blocks.append(piece.deflated)
    blocks += [_END, checksum.to_bytes(4, "little"), (length & 0xFFFFFFFF).to_bytes(4, "little")]
    return b"".join(blocks)
