"""A daemon in a process of its own, in front of the stand-in for YouTube."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from nursery import Started, the_nursery

from ytarchive.simulator import Simulator
from ytarchive.simulator.process import SimulatorProcess

T = TypeVar("T")
PATIENCE_SECONDS = 120.0  # for a machine that is busy with other things
SMALL = "{max: 144p, codecs: [vp9], container: webm}"
SETTINGS = {
    "limits.videos_per_hour": 0,
    "limits.pause": 0,
    "limits.downloads": 2,
    "limits.extractions": 2,
    "archive.min_free": 0,
    "server.listen": "127.0.0.1:0",
}


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


HASTY = (str(Path(__file__).with_name("hasty_daemon.py")),)
RECONCILE = ("-m", "ytarchive", "reconcile")


@dataclass
class Daemon:
    """`ytarchive reconcile` in a folder with `manifests`, `archive` and `state` below it."""

    folder: Path
    environment: dict[str, str]
    program: tuple[str, ...] = RECONCILE
    place: tuple[str, str] | None = None  # where it was, and its token, for when the state folder is away
    process: subprocess.Popen[bytes] | Started = field(init=False)

    def start(self, *, wait: bool = True) -> None:
        with (self.folder / "daemon.log").open("ab") as log:
            if self.program == RECONCILE:
                self.process = the_nursery().start(RECONCILE[2:], self.folder, self.environment, log, log)
            else:
                self.process = subprocess.Popen(
                    [sys.executable, *self.program],
                    cwd=self.folder,
                    env=self.environment,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                )
        if wait:
            self.until(self._is_ready)

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def root(self) -> Path:
        return self.folder / "archive"

    @property
    def state(self) -> Path:
        return self.folder / "state"

    @property
    def socket(self) -> Path:
        return self.state / "daemon.sock"

    @property
    def token(self) -> str:
        if self.place:
            return self.place[1]
        return (self.state / "token").read_text().strip()

    @property
    def whereabouts(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.state / "daemon.json").read_text())
        return found

    @property
    def url(self) -> str:
        if self.place:
            return self.place[0]
        return str(self.whereabouts["url"])

    @property
    def cpu_seconds(self) -> float:
        """What it has used so far."""
        told = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")

    @contextmanager
    def without(self, folder: Path) -> Iterator[None]:
        """While this is entered, one of its folders is elsewhere."""
        self.place = self.url, self.token
        away = folder.rename(folder.with_name(f"{folder.name}-elsewhere"))
        try:
            yield
        finally:
            self.until(lambda: self._is_back(away, folder))
            self.place = None

    def _is_back(self, away: Path, folder: Path) -> bool:
        """What was made in its place meanwhile, such as a log, goes."""
        with suppress(OSError):
            shutil.rmtree(folder, ignore_errors=True)
            away.rename(folder)
        return not away.exists()

    @property
    def log(self) -> str:
        return (self.folder / "daemon.log").read_text(errors="replace")

    def manifest(self, text: str, name: str = "wanted.yaml") -> None:
        """Write it as editors do: beside it, then renamed into place."""
        folder = self.folder / "manifests"
        folder.mkdir(exist_ok=True)
        temporary = folder / f".{name}.new"
        temporary.write_text(f"version: 1\n{text}")
        temporary.replace(folder / name)

    def want(self, *videos: str) -> None:
        """Want these videos, small ones, without anything beside them."""
        listed = "".join(f"  - {json.dumps(video)}\n" for video in videos)
        beside = "  captions: {languages: []}\n  sidecars: []\n"
        self.manifest(f"defaults:\n  quality: {SMALL}\n{beside}videos:\n{listed}")

    def committed(self) -> set[str]:
        return {path.parent.name for path in self.root.glob("videos/*/*/item.json")}

    def until(self, true: Callable[[], T | None], seconds: float = PATIENCE_SECONDS) -> T:
        """What it answers, once that is something; fails with the daemon's log when it never is."""
        end = time.monotonic() + seconds
        while not (answer := true()):
            assert time.monotonic() < end, f"it never was so:\n{self.log}"
            time.sleep(0.02)
        return answer

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A command of `ytarchive` beside it."""
        done = the_nursery().run(arguments, self.folder, self.environment, 600)
        assert "Traceback" not in done.stderr, done.stderr
        return done

    def signal(self, number: int) -> None:
        os.kill(self.pid, number)

    def stop(self) -> int:
        """Ask it to end, and wait for that; its exit code."""
        self.signal(signal.SIGTERM)
        return self.ended()

    def kill(self) -> None:
        self.signal(signal.SIGKILL)
        self.process.wait()

    def ended(self) -> int:
        try:
            return self.process.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"it does not end:\n{self.log}") from None

    def _is_ready(self) -> bool:
        assert self.process.poll() is None, f"the daemon ended with {self.process.returncode}:\n{self.log}"
        with suppress(OSError, ValueError, KeyError, HTTPException):
            return self.whereabouts["pid"] == self.pid and self.get("/readyz").status == 200
        return False

    def get(self, path: str, *, token: bool = True) -> Answer:
        """What is served over TCP."""
        return self.ask("GET", path, token=token)

    def ask(self, method: str, path: str, body: object = None, *, token: bool = True) -> Answer:
        place = urlsplit(self.url)
        connection = HTTPConnection(str(place.hostname), place.port, timeout=PATIENCE_SECONDS)
        headers = {"Authorization": f"Bearer {self.token}"} if token else {}
        if body is not None:
            headers["Content-Type"] = "application/json"
        try:
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            return Answer(answer.status, answer.read())
        finally:
            connection.close()


def make_daemon(
    folder: Path, simulator: Simulator | SimulatorProcess, settings: Mapping[str, object] | None = None
) -> Daemon:
    """A daemon that was not started yet. `settings` are keys of docs/settings.md with values as in TOML."""
    folder.mkdir(parents=True, exist_ok=True)
    given = {
        **SETTINGS,
        "network.proxy": simulator.proxy_url,
        "network.ca_file": str(simulator.ca_path),
        **(settings or {}),
    }
    (folder / "ytarchive.toml").write_text(
        "".join(f"{key} = {json.dumps(value)}\n" for key, value in given.items())
    )
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.lower().startswith(
            ("ytarchive_", "xdg_config", "http", "no_proxy", "ssl_", "notify_", "watchdog_")
        )
    }
    daemon = Daemon(folder, {**kept, "HOME": str(folder), "TZ": "UTC", "TERM": "dumb"})
    if not (folder / "manifests").exists():
        daemon.manifest("")
    return daemon


@contextmanager
def running_daemon(
    folder: Path, simulator: Simulator | SimulatorProcess, settings: Mapping[str, object] | None = None
) -> Iterator[Daemon]:
    """A daemon that is ready; it has ended when this is left, whatever happened."""
    daemon = make_daemon(folder, simulator, settings)
    daemon.start()
    try:
        yield daemon
    finally:
        if daemon.process.poll() is None:
            daemon.signal(signal.SIGTERM)
            try:
                daemon.process.wait(60)
            except subprocess.TimeoutExpired:
                daemon.kill()


def downloading(daemon: Daemon) -> bool:
    """Whether bytes of a video have come."""
    return any(path.stat().st_size for path in daemon.root.glob(".ytarchive/staging/*/parts.*/*"))


def descendants(pid: int) -> set[int]:
    """Every process below this one."""
    found: set[int] = set()
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            if parent == pid:
                child = int(folder.name)
                found |= {child} | descendants(child)
    return found


def alive(pids: set[int]) -> set[int]:
    return {pid for pid in pids if Path(f"/proc/{pid}/stat").exists() and not _is_zombie(pid)}


def _is_zombie(pid: int) -> bool:
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    return True
