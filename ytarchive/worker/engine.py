"""yt-dlp in this process: a fresh instance per job, on connections that outlive it."""

from __future__ import annotations

import os
import socket
import time
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.request import getproxies

import yt_dlp.version
from yt_dlp.cookies import CookieLoadError
from yt_dlp.YoutubeDL import YoutubeDL

from ytarchive.core.cookie_file import SIGN_IN_MARK, SIZE_CAP_BYTES
from ytarchive.core.cookie_file import read as read_cookies
from ytarchive.core.job import Engine, Network
from ytarchive.core.text import printable
from ytarchive.errors import WorkerError
from ytarchive.worker.attempt import Attempt
from ytarchive.worker.evidence import JobFailed
from ytarchive.worker.extractors import YoutubeIE, YoutubeTabIE
from ytarchive.worker.options import engine_options

# Routers and proxies forget idle connections without a word; the next request would wait for its timeout.
_IDLE_SECONDS = 90.0
_MOST_WARNINGS = 50
_LONGEST_LINE = 500
# Pages of a list may be empty now and then, and every one of them may take a second try.
_MOST_IN_VAIN = 30


class _Logger:
    """What yt-dlp says: warnings are evidence, errors come as exceptions, the rest is for whoever reads the log."""

    def __init__(self, attempt: Attempt) -> None:
        self._attempt = attempt

    def debug(self, message: str) -> None:
        self._attempt.log("debug", _line(message), "yt-dlp")

    info = debug

    def error(self, message: str) -> None:
        self._attempt.log("debug", f"error: {_line(message)}", "yt-dlp")

    def warning(self, message: str) -> None:
        line = _line(message)
        if len(self._attempt.warnings) < _MOST_WARNINGS:
            self._attempt.warnings.append(line)
        self._attempt.log("warning", line, "yt-dlp")


def _line(message: object) -> str:
    return printable(str(message), _LONGEST_LINE)


LOOPBACK = "localhost,127.0.0.1,::1"


class Downloader(YoutubeDL):  # type: ignore[misc]  # yt-dlp is not typed
    """One job's `YoutubeDL`: every request is counted, and is a moment at which the job can stop."""

    def __init__(self, options: dict[str, Any], attempt: Attempt) -> None:
        self.attempt = attempt
        self.asked = 0
        self._in_vain = 0
        super().__init__(options, auto_init=False)
        # Instances, not classes: yt-dlp would otherwise load all its extractors to make them.
        self.add_info_extractor(YoutubeIE(self))
        self.add_info_extractor(YoutubeTabIE(self))

    @cached_property
    def proxies(self) -> dict[str, str]:
        """As yt-dlp has them; `network.proxy` leaves this machine out, and what `no_proxy` names."""
        proxies: dict[str, str] = dict(super().proxies)
        if self.params.get("proxy"):
            proxies["no"] = ",".join((LOOPBACK, getproxies().get("no", ""))).rstrip(",")
        return proxies

    def urlopen(self, req: Any) -> Any:
        self.attempt.check()
        self.asked += 1
        self._in_vain += 1
        if self._in_vain > _MOST_IN_VAIN and self.attempt.job.kind == "list":
            raise JobFailed(f"Incomplete data received: {_MOST_IN_VAIN} answers in a row without a line")
        url = req if isinstance(req, str) else req.url
        send = super().urlopen
        return self.attempt.http.send(url, lambda: send(req))

    def answered(self) -> None:
        """A line of a list was read: what was asked for since the last one was not in vain."""
        self._in_vain = 0


@dataclass(slots=True)
class _Connections:
    """What is kept between jobs of one network: yt-dlp's director (sessions, TLS), cookies, runtimes."""

    director: Any
    cookies: Any
    runtimes: Any
    has_cookies: bool = False
    used_at: float = field(default_factory=time.monotonic)

    @property
    def is_signed_out(self) -> bool:
        """YouTube took the cookies away: the next job begins with those of the file, and not as a silent guest."""
        return self.has_cookies and not any(cookie.name == SIGN_IN_MARK for cookie in self.cookies)


class EnginePool:
    """The only maker of `Downloader`s. Not for threads: one job at a time."""

    def __init__(self) -> None:
        self._pool: dict[tuple[object, ...], _Connections] = {}
        self._own_authority = os.environ.get("SSL_CERT_FILE")

    def open(self, attempt: Attempt) -> Downloader:
        """Raise yt-dlp's `CookieLoadError` when the job's cookies cannot be read."""
        network = attempt.job.network
        self._trust(network.ca_file or self._own_authority)
        key = _key(network)
        kept = self._pool.get(key)
        if kept is not None and (time.monotonic() - kept.used_at > _IDLE_SECONDS or kept.is_signed_out):
            kept.director.close()
            kept = self._pool.pop(key) and None
        if kept is None:
            kept = self._pool[key] = _connect(attempt)
        kept.used_at = time.monotonic()
        downloader = Downloader(_options(attempt), attempt)
        downloader.__dict__.update(
            _request_director=kept.director, cookiejar=kept.cookies, _js_runtimes=kept.runtimes
        )
        return downloader

    def _trust(self, authority: str | None) -> None:
        """For this process and its children, until the next job: certificates are no matter of an option."""
        if authority is None:
            os.environ.pop("SSL_CERT_FILE", None)
        else:
            os.environ["SSL_CERT_FILE"] = authority

    def release(self, attempt: Attempt) -> None:
        if kept := self._pool.get(_key(attempt.job.network)):
            kept.used_at = time.monotonic()

    def close(self) -> None:
        for kept in self._pool.values():
            with suppress(Exception):
                kept.director.close()
        self._pool.clear()


def engine_versions(folder: str | None = None) -> Engine:
    """Raise `WorkerError` when yt-dlp and its challenge solver come from different installations, or not from `folder`.

    A folder that lost a file may leave the import to the environment's own.
    """
    home = Path(yt_dlp.__file__).resolve().parents[1]
    if folder is not None and Path(folder).resolve() != home:
        raise WorkerError(
            f"yt-dlp was loaded from {home}, expected {folder}",
            cure="Go back with `ytarchive engine rollback`.",
        )
    try:
        import yt_dlp_ejs
    except ImportError:
        return Engine(yt_dlp.version.__version__)
    homes = {Path(module.__file__).resolve().parents[1] for module in (yt_dlp, yt_dlp_ejs)}
    if len(homes) > 1:
        raise WorkerError(
            f"yt-dlp and yt-dlp-ejs come from two places: {' and '.join(sorted(map(str, homes)))}",
            cure="Install both into one folder; an older yt-dlp does not work with a newer yt-dlp-ejs.",
        )
    return Engine(yt_dlp.version.__version__, yt_dlp_ejs.version)


def _options(attempt: Attempt, cookies: StringIO | None = None) -> dict[str, Any]:
    return engine_options(
        attempt.job.network,
        logger=_Logger(attempt),
        wait=attempt.wait,
        listing=attempt.job.kind == "list",
        from_start=attempt.job.may_record,
        cookies=cookies,
    )


def _connect(attempt: Attempt) -> _Connections:
    """A throw-away instance builds what the others share. Cookies are a copy in memory, and never written."""
    given = attempt.job.network.cookies_file
    cookies = StringIO(_cookies_of(given)) if given else None
    builder = Downloader(_options(attempt, cookies), attempt)
    director, jar = builder._request_director, builder.cookiejar
    _send_at_once(director, jar)
    return _Connections(director, jar, builder._js_runtimes, has_cookies=cookies is not None)


def _cookies_of(path: str) -> str:
    """YouTube's cookies in a file. Raise `CookieLoadError`, which tells nothing of what the file holds.

    yt-dlp would print lines that it does not understand.
    """
    try:
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK), "rb") as file:
            found = read_cookies(file.read(SIZE_CAP_BYTES + 1), time.time())
    except OSError as error:
        raise CookieLoadError(f"failed to load cookies: {error.strerror}") from None
    if found.trouble:
        raise CookieLoadError(f"failed to load cookies: {found.trouble}")
    return found.text


def _send_at_once(director: Any, cookies: Any) -> None:
    """urllib3 lets Nagle's algorithm work on connections through a proxy: 40 ms for every POST, on idle lines."""
    with suppress(Exception):
        session = director.handlers["Requests"]._get_instance(cookiejar=cookies, legacy_ssl_support=None)
        for adapter in session.adapters.values():
            adapter._pm_args["socket_options"] = [(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)]


def _key(network: Network) -> tuple[object, ...]:
    cookies: tuple[object, ...] = ()
    if network.cookies_file:
        cookies = (network.cookies_file,)  # also when it is not there: that is no guest
        with suppress(OSError):
            stat = Path(network.cookies_file).stat()
            cookies = (network.cookies_file, stat.st_mtime_ns, stat.st_size)
    return (network.proxy, network.ca_file, network.source_address, cookies)
