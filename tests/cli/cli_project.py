"""The command line as people meet it: a folder, an environment, a process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nursery import the_nursery

TIMEOUT_SECONDS = 600  # for a machine that is busy with other things
_NOT_INHERITED = (
    "YTARCHIVE_",
    "XDG_CONFIG",
    "NO_COLOR",
    "COLUMNS",
    "http",
    "HTTP",
    "no_proxy",
    "NO_PROXY",
    "SSL_",
)


def plain_environment(home: Path) -> dict[str, str]:
    """The environment of a person without proxies, without settings, in UTC."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_NOT_INHERITED)}
    return {**kept, "HOME": str(home), "TZ": "UTC", "LC_ALL": "C.UTF-8", "TERM": "dumb"}


@dataclass(frozen=True)
class Project:
    """A folder with manifests in it, where `ytarchive` is run."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    def run(
        self, *arguments: str, environment: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        given = {**self.environment, **(environment or {})}
        if any(name.startswith("PYTHON") for name in environment or ()):
            done = self._run_anew(arguments, given)
        else:
            done = the_nursery().run(arguments, self.folder, given, TIMEOUT_SECONDS)
        assert "Traceback" not in done.stderr, done.stderr
        assert "this is a bug" not in done.stderr, done.stderr
        return done

    def _run_anew(
        self, arguments: Sequence[str], environment: Mapping[str, str]
    ) -> subprocess.CompletedProcess[str]:
        """What the interpreter itself is told holds for one that begins."""
        return subprocess.run(
            [sys.executable, "-m", "ytarchive", *arguments],
            cwd=self.folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_SECONDS,
            check=False,
        )

    def ok(self, *arguments: str) -> str:
        """What a command prints that must succeed."""
        done = self.run(*arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def json(self, *arguments: str, code: int = 0) -> Any:
        """The one document on standard output."""
        done = self.run(*arguments, "--json")
        assert done.returncode == code, done.stdout + done.stderr
        return json.loads(done.stdout)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "ytarchive", *arguments],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def wish(self, text: str) -> None:
        """Let this be the only manifest."""
        self.write("manifests/wishes.yaml", text)

    def files(self, below: str) -> list[str]:
        folder = self.folder / below
        return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
