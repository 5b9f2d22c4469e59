"""`python -m ytarchive.worker.inspection`: looks into media files that somebody else made, and hashes them.

A line of JSON asks for each: {"path": the path's bytes in hex, "digest": whether to hash}. The answer is lines
{"read": bytes} while it lasts, and one with the `Inspection`. Files are hostile: ffmpeg may only use demuxers that
read nothing but the one file (a playlist would name others, or addresses), and a crash ends this process alone.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
import sys
from dataclasses import replace
from typing import IO, Any

import av
from av.error import FFmpegError

from ytarchive.core.codec import encode
from ytarchive.core.inspection import Inspection
from ytarchive.worker.verify import codecs_of, ends_of, pictures_of

CHUNK_BYTES = 4 * 1024 * 1024
TELL_BYTES = 64 * 1024 * 1024
LONGEST_TAG = 500
_DEMUXERS = "matroska,webm,mov,mp4,m4a,3gp,3g2,mj2,ogg,mp3,flac,wav,aac,avi,flv,mpegts"
_EXACT = ("matroska", "mov", "ogg", "flac", "wav")
"""Of these the container itself tells how long it lasts; of others ffmpeg guesses by the bitrate."""
_HDR_TRANSFERS = (16, 18)  # ISO/IEC 23091-4: SMPTE ST 2084 (PQ), ARIB STD-B67 (HLG)


def main() -> int:
    """Answer until the input ends."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what libraries print is no answer
    av.logging.set_level(None)
    for line in sys.stdin.buffer:
        asked = json.loads(line)
        path = bytes.fromhex(asked["path"])
        answers.write(encode(_inspected(path, digest=asked["digest"], answers=answers)) + b"\n")
        answers.flush()
    return 0


def _inspected(path: bytes, *, digest: bool, answers: IO[bytes]) -> Inspection:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        return Inspection(0, problem=f"it cannot be opened: {error.strerror}")
    with os.fdopen(descriptor, "rb") as file:
        before = os.fstat(descriptor)
        if not stat.S_ISREG(before.st_mode):
            return Inspection(0, problem="it is not a regular file")
        found = look(file, before.st_size)
        if not digest or found.problem:
            return found
        try:
            found = replace(found, sha256=_hash(file, answers))
        except OSError as error:
            return replace(found, problem=f"it cannot be read: {error.strerror}")
        after = os.fstat(descriptor)
        if (after.st_size, after.st_mtime_ns) != (before.st_size, before.st_mtime_ns):
            return replace(found, problem="it changed while it was read", sha256=None)
        return found


def look(file: IO[bytes], size: int) -> Inspection:
    """What a file is by its content, and whether it has all that its container announces."""
    only = {"format_whitelist": _DEMUXERS, "protocol_whitelist": "pipe"}
    try:
        with av.open(file, mode="r", container_options=only, metadata_errors="replace") as container:
            found = _describe(container, size)
            ends = ends_of(container, found.duration_seconds)
            return replace(found, problem=_problem(container.format.name, found, ends))
    except (FFmpegError, ValueError, OverflowError, MemoryError, OSError) as error:
        reason = getattr(error, "strerror", None) or error
        return Inspection(size, problem=f"it is no media that can be read: {reason}"[:300])


def _problem(form: str, found: Inspection, ends: dict[str, float]) -> str | None:
    if not ends:
        return "there is neither picture nor sound in it"
    lasts = found.duration_seconds
    if lasts is None:
        return "it does not tell how long it lasts: it was never finished"
    last = max(ends.values())
    if form.startswith(_EXACT) and last < lasts - max(1.0, 0.02 * lasts):
        return f"it is cut: the last packet is at {last:.1f} s of {lasts:.1f} s"
    if empty := sorted(kind for kind, end in ends.items() if end <= 0.0):
        return f"there is not one packet of {' and '.join(empty)} in it"
    return None


def _describe(container: av.container.InputContainer, size: int) -> Inspection:
    codecs = codecs_of(container)
    picture = next(iter(pictures_of(container)), None)
    sound = next(iter(container.streams.audio), None)
    rate = picture.average_rate if picture is not None else None
    return Inspection(
        bytes=size,
        duration_seconds=round(container.duration / av.time_base, 3) if container.duration else None,
        width=picture.codec_context.width if picture is not None else None,
        height=picture.codec_context.height if picture is not None else None,
        fps=round(float(rate), 3) if rate else None,
        codec=codecs.get("video"),
        audio_codec=codecs.get("audio"),
        hdr=picture is not None and int(picture.codec_context.color_trc) in _HDR_TRANSFERS,
        language=_language(sound.metadata if sound is not None else {}),
        bitrate_kbps=round(container.bit_rate / 1000, 1) if container.bit_rate else None,
        tags=_tags({**(sound.metadata if sound is not None else {}), **container.metadata}),
    )


def _tags(metadata: dict[str, Any]) -> dict[str, str]:
    """Of Ogg they are at the stream."""
    return {str(key).lower()[:80]: str(value)[:LONGEST_TAG] for key, value in metadata.items()}


def _language(metadata: dict[str, Any]) -> str | None:
    told = str(metadata.get("language", ""))
    return told if told.isascii() and told.isalpha() and told != "und" and len(told) <= 8 else None


def _hash(file: IO[bytes], answers: IO[bytes]) -> str:
    """SHA-256 of the whole file, telling how far it is."""
    digest, read, told = hashlib.sha256(), 0, 0
    file.seek(0)
    while chunk := file.read(CHUNK_BYTES):
        digest.update(chunk)
        read += len(chunk)
        if read - told >= TELL_BYTES:
            _tell(answers, read - told)
            told = read
    _tell(answers, read - told)
    return digest.hexdigest()


def _tell(answers: IO[bytes], size: int) -> None:
    answers.write(b'{"read":%d}\n' % size)
    answers.flush()


if __name__ == "__main__":
    sys.exit(main())
