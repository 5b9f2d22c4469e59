"""The folder of one attempt: `lease.json`, `parts.<fingerprint>/` for partial downloads, `out/` for what is whole."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ytarchive.core.codec import canonical, encode
from ytarchive.core.item import FileRecord, Role
from ytarchive.core.job import Job, Lease, start_of
from ytarchive.core.selection import Format

HASH_CHARACTERS = 10
_FINISHED_MODE = 0o444


@dataclass(frozen=True, slots=True)
class Staging:
    """Paths inside a staging folder that exists and belongs to this attempt alone."""

    folder: Path
    video: str

    @property
    def out(self) -> Path:
        return self.folder / "out"

    @property
    def work(self) -> Path:
        """What is made on the way."""
        return self.folder / "work"

    def open(self, job: Job) -> None:
        """Say who works here, then begin with an empty `out/`."""
        lease = Lease(job.id, os.getpgrp(), boot_id(), _began(os.getpgrp()))
        # Never half a lease: one that cannot be read keeps this folder from every later attempt.
        (self.folder / "lease.new").write_bytes(encode(lease))
        (self.folder / "lease.new").replace(self.folder / "lease.json")
        for folder in (self.out, self.work):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()

    def parts(self, fingerprint: str) -> Path:
        """The folder of partial downloads of exactly these formats; those of others are deleted."""
        mine = self.folder / f"parts.{fingerprint}"
        for other in self.folder.glob("parts.*"):
            if other != mine:
                shutil.rmtree(other, ignore_errors=True)
        mine.mkdir(exist_ok=True)
        return mine

    def discard_parts(self) -> None:
        for each in self.folder.glob("parts.*"):
            shutil.rmtree(each, ignore_errors=True)

    def close(self) -> None:
        """Leave nothing but what is to be committed, and the lease."""
        self.discard_parts()
        shutil.rmtree(self.work, ignore_errors=True)

    def publish(
        self,
        made: Path,
        suffix: str,
        role: Role,
        *,
        language: str | None = None,
        automatic: bool | None = None,
    ) -> FileRecord:
        """Move a verified file to `out/` under a name that no other content can have."""
        with made.open("rb") as content:
            digest = hashlib.file_digest(content, "sha256").hexdigest()
            size = os.fstat(content.fileno()).st_size
            os.fchmod(content.fileno(), _FINISHED_MODE)
        name = f"{self.video}.{digest[:HASH_CHARACTERS]}{suffix}"
        made.rename(self.out / name)
        return FileRecord(name, size, digest, role, language, automatic)

    def write(
        self,
        content: bytes,
        suffix: str,
        role: Role,
        *,
        language: str | None = None,
        automatic: bool | None = None,
    ) -> FileRecord:
        """As `publish`, for bytes."""
        made = self.work / "writing"
        made.unlink(missing_ok=True)
        made.write_bytes(content)
        return self.publish(made, suffix, role, language=language, automatic=automatic)


def fingerprint_of(formats: Iterable[Format], attempt_name: str) -> str:
    """What tells one set of encodes from another: a partial download is valid only under it.

    A format of which YouTube tells neither length nor time of the encode never matches another attempt.
    """
    identities = [
        [each.itag, each.language, each.track, each.clen, each.lmt]
        + ([] if each.clen or each.lmt else [attempt_name])
        for each in formats
    ]
    return hashlib.sha256(canonical(identities)).hexdigest()[:16]


def require_space(folder: Path, needed_bytes: int, min_free_bytes: int) -> None:
    """Raise `OSError` (ENOSPC) when so much cannot be written with `min_free_bytes` left over."""
    stat = os.statvfs(folder)
    free = stat.f_bavail * stat.f_frsize
    if needed_bytes + min_free_bytes > free:
        raise OSError(
            errno.ENOSPC,
            f"{os.strerror(errno.ENOSPC)}: {needed_bytes:,} bytes are needed and {min_free_bytes:,} must stay "
            f"free; {free:,} are free",
        )


def _began(pid: int) -> int:
    """When a process began, in ticks of the kernel's clock; 0 where the system does not say."""
    try:
        return start_of(Path(f"/proc/{pid}/stat").read_text(errors="replace"))
    except OSError:
        return 0


def boot_id() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""
