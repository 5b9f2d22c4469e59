"""A program run to its end or to a limit: it, and all that it started, are gone afterwards."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import IO

_MOST_BYTES = 4 * 1024 * 1024
# How long a killed program may take to leave the kernel: one that hangs in a dead mount never does.
_REAP_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Ended:
    """How it ended: `code` is None when it took longer than it was given, or could not be started."""

    code: int | None
    out: str
    complaints: str

    @property
    def last_words(self) -> str:
        return (self.complaints.strip().splitlines() or [""])[-1].strip()


def run_child(
    command: Sequence[str],
    *,
    seconds: float,
    environment: Mapping[str, str] | None = None,
    keeps: Sequence[int] = (),
) -> Ended:
    """Run a program without input in a session of its own. Its output goes to files, so that no grandchild that
    holds a pipe can keep us waiting."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as complaints:
        try:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=complaints,
                start_new_session=True,
                env=environment,
                pass_fds=keeps,
            )
        except OSError as error:
            return Ended(None, "", f"{command[0]}: {error.strerror}")
        try:
            code = process.wait(seconds)
        except subprocess.TimeoutExpired:
            return Ended(None, _text(out), f"it did not end within {seconds:g} seconds")
        finally:
            # Before the leader is reaped, or right after: what it started must not outlive it.
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            with suppress(subprocess.TimeoutExpired):
                process.wait(_REAP_SECONDS)
        return Ended(code, _text(out), _text(complaints))


def _text(file: IO[bytes]) -> str:
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - _MOST_BYTES))
    return file.read(_MOST_BYTES).decode(errors="replace")
