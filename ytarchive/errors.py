"""What can go wrong in a way that a person is told about: one line of what, one line of cure.

Every error that reaches the command line is a `YtarchiveError`; anything else is a bug (exit 70).
"""

from __future__ import annotations

from dataclasses import dataclass


class YtarchiveError(Exception):
    """An operational error: `message` says what was found where, `cure` says what to do about it."""

    exit_code = 1

    def __init__(self, message: str, *, cure: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.cure = cure


class UsageError(YtarchiveError):
    """The command line asks for something that does not exist."""

    exit_code = 64


class BusyError(YtarchiveError):
    """Another instance holds the archive."""

    exit_code = 75


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault in a manifest or in the settings, at a place a person can open in an editor.

    `line` and `column` count from 1; 0 means that the whole file is meant.
    """

    file: str
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        return f"{place}: {self.message}"


class ConfigError(YtarchiveError):
    """Manifests or settings are invalid; `problems` holds every fault of every file."""

    exit_code = 78

    def __init__(self, problems: tuple[Problem, ...], *, cure: str | None = None) -> None:
        super().__init__("\n".join(str(problem) for problem in problems), cure=cure)
        self.problems = problems


class ArchiveError(YtarchiveError):
    """The archive cannot be used as it is found: not mounted, not ours, read-only, full."""


class IndexDamaged(YtarchiveError):
    """The index is damaged or of another version; it can be rebuilt from disk."""


class WorkerError(YtarchiveError):
    """A worker process died, wrote garbage, or could not be started."""
