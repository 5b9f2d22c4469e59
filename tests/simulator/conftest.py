"""A running simulator, a plain HTTP client for it, and the real yt-dlp pointed at it."""

from __future__ import annotations

import gzip
import http.client
import json
import os
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import imageio_ffmpeg
import pytest
import yt_dlp

from ytarchive.simulator import Simulator


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    with Simulator() as youtube:
        yield youtube


@pytest.fixture
def youtube(simulator: Simulator) -> Simulator:
    """A simulator without faults that counts from zero."""
    simulator.remove_faults()
    simulator.reset_counters()
    return simulator


@dataclass(frozen=True)
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Client:
    """Speaks HTTP to the simulator as a browser behind a proxy would; one connection per host, kept alive."""

    def __init__(self, youtube: Simulator) -> None:
        self._address = urlsplit(youtube.proxy_url)
        self._context = ssl.create_default_context(cafile=youtube.ca_path)
        self._connections: dict[str, http.client.HTTPConnection] = {}

    def request(
        self, method: str, url: str, *, body: Any = None, headers: dict[str, str] | None = None
    ) -> Reply:
        parts = urlsplit(url)
        connection = self._connect(parts.scheme, parts.netloc)
        content = None if body is None else json.dumps(body).encode()
        try:
            direct = parts.scheme == "https" or parts.netloc == self._address.netloc
            target = f"{parts.path}?{parts.query}" if direct else url
            connection.request(method, target, content, headers or {})
            response = connection.getresponse()
            received = response.read()
        except (OSError, http.client.HTTPException):
            self.close()
            raise
        found = {name.lower(): value for name, value in response.getheaders()}
        if found.get("content-encoding") == "gzip":
            received = gzip.decompress(received)
        return Reply(response.status, found, received)

    def get(self, url: str, **headers: str) -> Reply:
        return self.request(
            "GET", url, headers={name.replace("_", "-"): value for name, value in headers.items()}
        )

    def player(self, video_id: str, client: str = "TVHTML5") -> Any:
        body = {"videoId": video_id, "context": {"client": {"clientName": client}}}
        return self.request("POST", "https://www.youtube.com/youtubei/v1/player", body=body).json

    def _connect(self, scheme: str, netloc: str) -> http.client.HTTPConnection:
        if netloc not in self._connections:
            host, port = self._address.hostname or "", self._address.port
            if scheme == "https":
                secure = http.client.HTTPSConnection(host, port, context=self._context, timeout=10)
                secure.set_tunnel(netloc, 443)
                self._connections[netloc] = secure
            else:
                self._connections[netloc] = http.client.HTTPConnection(host, port, timeout=10)
        return self._connections[netloc]

    def close(self) -> None:
        for connection in self._connections.values():
            connection.close()
        self._connections.clear()


@pytest.fixture
def client(youtube: Simulator) -> Iterator[Client]:
    found = Client(youtube)
    yield found
    found.close()


Extract = Callable[..., Any]


class _Silent:
    def debug(self, message: str) -> None: ...
    def info(self, message: str) -> None: ...
    def warning(self, message: str) -> None: ...
    def error(self, message: str) -> None: ...


@pytest.fixture
def extract(youtube: Simulator, monkeypatch: pytest.MonkeyPatch) -> Extract:
    """Call yt-dlp's API in this process: quicker than its command line, and its exceptions can be looked at."""
    for name, value in youtube.environment().items():
        monkeypatch.setenv(name, value)

    def extract(url: str, *, process: bool = True, **params: Any) -> Any:
        options: dict[str, Any] = {
            "compat_opts": ["no-certifi"],
            "logger": _Silent(),
            "cachedir": False,
            "extractor_args": {"youtube": {"skip": ["hls", "dash"], "raise_incomplete_data": ["true"]}},
            "extractor_retries": 0,
            "extract_flat": True,
            "ffmpeg_location": imageio_ffmpeg.get_ffmpeg_exe(),
            **params,
        }
        with yt_dlp.YoutubeDL(options) as downloader:
            found = downloader.extract_info(url, download=False, process=process)
            if found and "entries" in found:
                found["entries"] = list(found["entries"])
            return found

    return extract


@pytest.fixture
def yt_dlp_command(youtube: Simulator, tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run yt-dlp's own command line in an empty directory."""

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [
            sys.executable,
            "-m",
            "yt_dlp",
            "--ignore-config",
            "--no-cache-dir",
            "--compat-options",
            "no-certifi",
        ]
        command += ["--ffmpeg-location", imageio_ffmpeg.get_ffmpeg_exe(), *arguments]
        environment = {**os.environ, **youtube.environment()}
        return subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120, check=False
        )

    return run
