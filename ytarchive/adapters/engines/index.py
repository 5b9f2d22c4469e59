"""What the package index has, through pip: its own resolver, with the configuration that a person gave it.

No address of an index is written anywhere, and none is told.
"""

from __future__ import annotations

import json
import os
import re
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ytarchive.adapters.child import Ended, run_child
from ytarchive.core.engines import normal, solver_of, version_key
from ytarchive.core.evidence import short_message
from ytarchive.errors import YtarchiveError

ASK_SECONDS = 180.0
INSTALL_SECONDS = 600.0
# How the index is reached is the person's business; what is installed, and where, is ours.
_OURS = (
    "PIP_CONSTRAINT",
    "PIP_DRY_RUN",
    "PIP_LOG",
    "PIP_NO_BINARY",
    "PIP_ONLY_BINARY",
    "PIP_PREFIX",
    "PIP_QUIET",
    "PIP_REPORT",
    "PIP_REQUIREMENT",
    "PIP_REQUIRE_VIRTUALENV",
    "PIP_ROOT",
    "PIP_TARGET",
    "PIP_USER",
    "PIP_VERBOSE",
)
_PIP = (sys.executable, "-P", "-m", "pip", "--no-input", "--disable-pip-version-check", "--retries", "2")
# Wheels alone: nothing of a package is run while it is installed.
_INSTALL = ("install", "--no-deps", "--only-binary", ":all:", "--no-user", "--ignore-installed", "--quiet")
_STAYS = "the engine in use stays as it is"


class IndexTrouble(YtarchiveError):
    """The package index does not answer, or has not what was asked for."""


@dataclass(frozen=True, slots=True)
class Release:
    """A release of yt-dlp, and the exact yt-dlp-ejs that it was made for."""

    version: str
    solver: str


def find_release(version: str | None) -> Release:
    """The newest release that fits this Python, or a certain one. Raise `IndexTrouble`."""
    wanted = f"yt-dlp=={version}" if version else "yt-dlp"
    with tempfile.TemporaryDirectory(prefix="ytarchive-") as folder:
        report = Path(folder, "report.json")
        ended = _pip(["--dry-run", "--report", str(report), wanted], ASK_SECONDS)
        if ended.code != 0:
            raise _trouble(ended, wanted)
        found, requirements = _metadata(report)
    solver = solver_of(requirements)
    if solver is None:
        raise IndexTrouble(
            f"yt-dlp {found} names no exact yt-dlp-ejs, which solves YouTube's challenges; {_STAYS}",
            cure="choose a newer version: `ytarchive engine upgrade` takes the newest",
        )
    return Release(normal(found), solver)


def install(release: Release, folder: Path) -> None:
    """Put both packages, and nothing else, into an empty folder. Raise `IndexTrouble`."""
    wanted = (f"yt-dlp=={release.version}", f"yt-dlp-ejs=={release.solver}")
    ended = _pip(["--no-compile", "--target", str(folder), *wanted], INSTALL_SECONDS)
    if ended.code != 0:
        raise _trouble(ended, " and ".join(wanted))


def _pip(arguments: Sequence[str], seconds: float) -> Ended:
    environment = {name: value for name, value in os.environ.items() if name not in _OURS}
    return run_child([*_PIP, *_INSTALL, *arguments], seconds=seconds, environment=environment)


def _metadata(report: Path) -> tuple[str, list[str]]:
    """The version and the requirements of the one package in pip's report (format 1)."""
    try:
        data: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
        metadata = data["install"][0]["metadata"]
        return str(metadata["version"]), [str(line) for line in metadata.get("requires_dist") or ()]
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise IndexTrouble(
            f"pip's report cannot be understood ({error!r}); {_STAYS}",
            cure="upgrade ytarchive, and with it pip",
        ) from None


def _trouble(ended: Ended, wanted: str) -> IndexTrouble:
    said = ended.complaints
    if "No module named pip" in said:
        return IndexTrouble(
            f"pip is not installed beside ytarchive; {_STAYS}",
            cure="install ytarchive again: it brings everything that it needs",
        )
    if "Could not install packages" in said:
        return IndexTrouble(
            f"{wanted} cannot be installed: {_why(ended)}; {_STAYS}",
            cure="free some space for the state folder and for temporary files, and let ytarchive write there",
        )
    versions = re.search(r"\(from versions: ([^)]*)\)", said)
    if versions and versions[1].strip() not in ("", "none"):
        known = [each.strip() for each in versions[1].split(",")]
        newest = max((each for each in known if "dev" not in each), key=version_key, default=known[-1])
        return IndexTrouble(
            f"the package index has no {wanted} for this Python; the newest that it has is {newest}; {_STAYS}",
            cure="name a version that exists: `python -m pip index versions yt-dlp` lists them",
        )
    return IndexTrouble(
        f"the package index gave no {wanted}: {_why(ended)}; {_STAYS}",
        cure="check the network and pip's configuration (`python -m pip config list`), then try again",
    )


def _why(ended: Ended) -> str:
    """The line that tells most, without addresses."""
    lines = [line.strip() for line in ended.complaints.splitlines() if line.strip()]
    for sign in ("connection broken by", "ERROR: Could not install", "ERROR:", ""):
        found = [line for line in lines if sign in line]
        if found:
            told = re.search(r"connection broken by '(\w+)", found[0])
            text = f"no connection ({told[1]})" if told else found[0].removeprefix("ERROR: ")
            return short_message(re.sub(r"(?:https?|file)://\S+", "the index", text), 300).rstrip(".")
    return f"pip ended with {ended.code} and said nothing"
