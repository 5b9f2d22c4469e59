"""Feeds over HTTP: one small request that tells whether there is something to list.

By urllib3: the first feed costs 0.05 s of processor time with it, and 0.07 to 0.1 s with `requests`; a pass in which
nothing changed is little more than this. It is imported when the first feed is read; each further one costs 2 ms.
"""

from __future__ import annotations

import os
import re
import threading
import time
import zlib
from collections.abc import Iterator
from contextlib import closing, suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urljoin, urlsplit

from ytarchive.core.failure import Evidence, HttpExchange, classify
from ytarchive.core.failure_texts import CAUSES, NO_CONNECTION
from ytarchive.core.feed import MOST_BYTES, NotAFeed, is_about, parse
from ytarchive.core.job import Event, Feed, Job, Network, Receipt
from ytarchive.core.misread import shown

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable

    from urllib3 import BaseHTTPResponse, PoolManager

HOST = "www.youtube.com"
_HOSTS = frozenset({HOST, "youtube.com", "m.youtube.com"})
"""Where a feed may lie: what asks for consent or for a login lies elsewhere, and is none."""
_QUERY = re.compile("channel_id=UC[A-Za-z0-9_-]{22}|playlist_id=[A-Za-z0-9_-]{12,64}")
_HEADERS = {"User-Agent": "ytarchive", "Accept": "application/atom+xml,text/xml", "Accept-Encoding": "gzip"}
_REDIRECTIONS = frozenset({301, 302, 303, 307, 308})
_MOST_REDIRECTIONS = 3
_BLOCK_BYTES = 64 * 1024
_GZIP = 31  # zlib's number for it
_AT_ONCE = 8
# Routers and proxies forget idle connections without a word; the next request would wait for its timeout.
_IDLE_SECONDS = 90.0


class FeedReader:
    """Reads feeds, on connections that threads share and that are kept for the next one.

    `timeout_seconds`: without a byte from the other side. `whole_seconds`: for one feed with its redirections.
    """

    def __init__(self, *, timeout_seconds: float = 20.0, whole_seconds: float = 60.0) -> None:
        self._timeout_seconds = timeout_seconds
        self._whole_seconds = whole_seconds
        self._lock = threading.Lock()
        self._ways: dict[tuple[str | None, ...], PoolManager] = {}
        self._used_at = time.monotonic()

    def read(self, job: Job, on_event: Callable[[Event], None], stop: threading.Event) -> Receipt:
        """Carry out a job of the kind `feed`. Trouble is a failure of the receipt, and never says that a list is gone.

        Raise `ValueError` for a subject that is no query of a feed.
        """
        del on_event  # a feed is too short to tell anything on the way
        if not _QUERY.fullmatch(job.subject):
            raise ValueError(f"found {shown(job.subject)}, expected channel_id=UC... or playlist_id=...")
        asking = _Asking(stop, self._timeout_seconds, time.monotonic() + self._whole_seconds)
        try:
            feed = self._feed(job, asking)
        except _Stopped:
            return Receipt(job.id, "cancelled", http=asking.exchanges())
        except _Failed as failed:
            failure = classify(failed.evidence(asking.exchanges()))
            return Receipt(job.id, "failed", failure=failure, http=asking.exchanges())
        return Receipt(job.id, "done", feed=feed, http=asking.exchanges())

    def close(self) -> None:
        """Close what is open. A feed that is read later opens it again."""
        with self._lock:
            for manager in self._ways.values():
                manager.clear()
            self._ways.clear()

    def _feed(self, job: Job, asking: _Asking) -> Feed:
        content = asking.content(self._way(job.network), f"https://{HOST}/feeds/videos.xml?{job.subject}")
        try:
            feed = parse(content)
        except NotAFeed as error:
            raise _Failed(str(error), "NotAFeed") from None
        if not is_about(feed, job.subject):
            found = shown(feed.playlist or feed.channel_id or "another channel")
            expected = job.subject.partition("=")[2]
            raise _Failed(f"found the feed of {found}, expected that of {expected}", "NotAFeed")
        return feed

    def _way(self, network: Network) -> PoolManager:
        proxy, authorities = _proxy_of(network), _authorities(network)
        way = (proxy, *authorities, network.source_address)
        with self._lock:
            idle = time.monotonic() - self._used_at > _IDLE_SECONDS
            self._used_at = time.monotonic()
            if way not in self._ways:
                self._ways[way] = _manager(proxy, _context(*authorities), network.source_address)
            elif idle:
                self._ways[way].clear()
            return self._ways[way]


class _Stopped(Exception):
    """Somebody wants the job stopped."""


class _Failed(Exception):
    """There is no feed: why, with the class name of the cause in words that the failure table knows."""

    def __init__(
        self, message: str, cause: str | None = None, *, number: int | None = None, status: int | None = None
    ) -> None:
        super().__init__(message)
        self.cause = cause
        self._number = number
        self._status = status

    def evidence(self, http: tuple[HttpExchange, ...]) -> Evidence:
        return Evidence("feed", str(self), self.cause, self._number, status=self._status, http=http)


class _Asking:
    """One feed while it is read: until when, and what was asked so far."""

    def __init__(self, stop: threading.Event, timeout_seconds: float, until: float) -> None:
        self._stop = stop
        self._timeout_seconds = timeout_seconds
        self._until = until
        self._log: list[HttpExchange] = []

    def exchanges(self) -> tuple[HttpExchange, ...]:
        return tuple(self._log)

    def content(self, manager: PoolManager, url: str) -> bytes:
        """What lies at an address or behind its redirections. Raise `_Failed`, `_Stopped`."""
        for _ in range(1 + _MOST_REDIRECTIONS):
            status, location, content = self._answer(manager, url)
            if status == 200:
                return content
            if status not in _REDIRECTIONS or not location:
                raise _Failed(f"HTTP Error {status}", status=status)
            url = urljoin(url, location)
            if urlsplit(url)[:2] not in [("https", host) for host in _HOSTS]:
                raise _Failed(
                    f"found a redirection to {shown(urlsplit(url).netloc)}, expected a feed", "NotAFeed"
                )
        raise _Failed(f"found more than {_MOST_REDIRECTIONS} redirections, expected a feed", "NotAFeed")

    def _answer(self, manager: PoolManager, url: str) -> tuple[int, str | None, bytes]:
        """Status, `location` and content; asked for again where the connection broke, which may have been an old one."""
        try:
            return self._asked(manager, url)
        except _Failed as failed:
            if CAUSES.get(failed.cause or "") != "RESET":
                raise
        return self._asked(manager, url)

    def _asked(self, manager: PoolManager, url: str) -> tuple[int, str | None, bytes]:
        from http.client import HTTPException

        from urllib3.exceptions import HTTPError

        self._check()
        began, read = time.monotonic(), bytearray()
        status, cause = 0, None
        try:
            with closing(
                manager.request(
                    "GET",
                    url,
                    headers=_HEADERS,
                    preload_content=False,
                    redirect=False,
                    retries=False,
                    timeout=self._timeout_seconds,
                )
            ) as response:
                if response.status == 200:
                    self._read(response, read)
                else:
                    _skip(response)
                status = response.status
                return status, response.headers.get("location"), _decoded(response, bytes(read))
        except (HTTPError, HTTPException, OSError) as error:
            trouble = _trouble(error)
            cause = trouble.cause
            raise trouble from None
        finally:
            seconds = round(time.monotonic() - began, 3)
            self._log.append(HttpExchange("feed", urlsplit(url).netloc, status, len(read), seconds, cause))

    def _read(self, response: BaseHTTPResponse, into: bytearray) -> None:
        """As it comes over the line, block by block: one that trickles is a moment to look at the clock."""
        while block := response.read1(_BLOCK_BYTES, decode_content=False):
            into += block
            self._check()
            if len(into) > MOST_BYTES:
                raise _Failed(f"found more than {MOST_BYTES} bytes, expected a feed", "NotAFeed")

    def _check(self) -> None:
        if self._stop.is_set():
            raise _Stopped
        if time.monotonic() > self._until:
            raise _Failed("the feed was not whole in time", "TimeoutError")


def _skip(response: BaseHTTPResponse) -> None:
    """A refusal's page is of no interest; reading a short one to its end keeps the connection."""
    with suppress(Exception):
        for _ in range(3):
            if not response.read1(_BLOCK_BYTES, decode_content=False):
                break


def _decoded(response: BaseHTTPResponse, content: bytes) -> bytes:
    """Unpacked, a byte beyond the most that a feed may have at the utmost."""
    if response.headers.get("content-encoding", "identity") == "identity":
        return content
    try:
        unpacking = zlib.decompressobj(_GZIP)
        return unpacking.decompress(content, MOST_BYTES + 1)
    except zlib.error as error:
        raise _Failed(f"found what is not packed as it says ({error})", "NotAFeed") from None


def _proxy_of(network: Network) -> str | None:
    """The proxy for YouTube; what `no_proxy` names is asked directly, whoever said which proxy."""
    from urllib import request

    said = request.getproxies_environment()
    proxy = network.proxy or said.get("https") or said.get("all")
    if not proxy or request.proxy_bypass_environment(HOST, said):  # type: ignore[attr-defined]
        return None
    return proxy if "://" in proxy else f"http://{proxy}"


def _authorities(network: Network) -> tuple[str | None, str | None]:
    """A file and a folder of certificates to trust; neither: the usual ones."""
    if network.ca_file:
        return network.ca_file, None
    return os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR")


def _context(file: str | None, folder: str | None) -> ssl.SSLContext:
    from urllib3.util.ssl_ import create_urllib3_context

    if not file and not folder:
        from certifi import where

        file = where()
    context = create_urllib3_context()
    try:
        context.load_verify_locations(file or None, folder or None)
    except OSError as error:  # also what is no certificate
        message = f"found no certificates in {file or folder}: {error}"
        raise _Failed(message, "CertificateVerifyError") from None
    return context


def _manager(proxy: str | None, context: ssl.SSLContext, source_address: str | None) -> PoolManager:
    from urllib3 import PoolManager, ProxyManager, make_headers
    from urllib3.exceptions import HTTPError

    source = (source_address, 0) if source_address else None
    options: dict[str, Any] = {"maxsize": _AT_ONCE, "ssl_context": context, "source_address": source}
    if proxy is None:
        return PoolManager(**options)
    try:
        if proxy.startswith("socks"):
            from urllib3.contrib.socks import SOCKSProxyManager

            return SOCKSProxyManager(re.sub("^socks:", "socks5h:", proxy), **options)
        login = unquote(urlsplit(proxy).netloc.rpartition("@")[0])
        headers = make_headers(proxy_basic_auth=login) if login else None
        return ProxyManager(proxy, proxy_headers=headers, proxy_ssl_context=context, **options)
    except (HTTPError, ValueError) as error:
        raise _Failed(f"the proxy cannot be used: {type(error).__name__}", "ProxyError") from None


_AFTER_CONNECTING = frozenset(
    {"ConnectionResetError", "RemoteDisconnected", "BrokenPipeError", "ReadTimeoutError", "SSLEOFError"}
)
"""What urllib3 calls trouble with the proxy as well, though the far side is as likely."""


def _trouble(error: BaseException) -> _Failed:
    """What became of a request, from the chain of exceptions that urllib3 makes of one."""
    chain = tuple(_chain(error))
    names = [type(each).__name__ for each in chain]
    number = next((each.errno for each in reversed(chain) if isinstance(each, OSError) and each.errno), None)
    told = (
        next((name for name in names if CAUSES.get(name) == "TLS"), None)
        or next((name for name in names if name in _AFTER_CONNECTING), None)
        or next((name for each in chain for name in _families(each) if CAUSES.get(name) == "PROXY"), None)
        or next((name for name in reversed(names) if name in CAUSES), None)
        or next((name for name in names if name in NO_CONNECTION), names[-1])
    )
    return _Failed(str(error), told, number=number)


def _families(error: BaseException) -> Iterator[str]:
    """Its class and those that it descends from: PySocks has a class for each trouble with a proxy."""
    yield from (each.__name__ for each in type(error).__mro__)


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The exception and those that it wraps, outermost first."""
    seen: list[BaseException] = []
    waiting: list[object] = [error]
    while waiting:
        each = waiting.pop(0)
        if isinstance(each, BaseException) and each not in seen:
            seen.append(each)
            yield each
            waiting += (*each.args, each.__cause__, each.__context__)
