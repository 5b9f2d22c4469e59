"""How a request of Google's client reaches the Data API: proxy, certificates, own address, limits, and the key.

The key is put into an address here, at the last moment, so that neither Google's client nor its errors and its log
ever hold it. One transport belongs to one thread: a shared one can hand out another thread's answer.
"""

from __future__ import annotations

import http.client
import os
import socket
import ssl
import threading
import time
import urllib.request
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import certifi
import httplib2
import socks

from ytarchive.core.job import Network

HOST = "youtube.googleapis.com"
TIMEOUT_SECONDS = 20.0
"""Without any byte from the other side."""
ANSWER_SECONDS = 60.0
ANSWER_CAP_BYTES = 32 * 1024 * 1024
"""Fifty videos with the longest descriptions are below 2 MiB."""
_BLOCK = 64 * 1024
_PROXIES = {
    "http": (socks.HTTP, True, 80),
    "socks4": (socks.SOCKS4, False, 1080),
    "socks4a": (socks.SOCKS4, True, 1080),
    "socks": (socks.SOCKS5, True, 1080),
    "socks5": (socks.SOCKS5, False, 1080),
    "socks5h": (socks.SOCKS5, True, 1080),
}


class CertificatesUnusable(Exception):
    """The certificates to trust cannot be read."""


class Route:
    """The way to the API: what `Network` and the environment say. Raise `CertificatesUnusable`.

    `pay` is called before each request that is sent, also when the connection had to be made again.
    """

    def __init__(self, network: Network) -> None:
        self.proxy = proxy_of(network)
        self.source = (network.source_address, 0) if network.source_address else None
        self.context = _context(_certificates(network))
        self.pay: Callable[[], None] = lambda: None

    def connect(self, host: str, port: int) -> socket.socket:
        if self.proxy is None:
            line = socket.create_connection((host, port), TIMEOUT_SECONDS, self.source)
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return line
        parts = urlsplit(self.proxy)
        if parts.scheme not in _PROXIES:
            raise socks.ProxyError(
                f"the Data API cannot be asked through a proxy of the kind {parts.scheme}://, expected http:// or socks5://"
            )
        kind, remote_names, usual_port = _PROXIES[parts.scheme]
        found: socket.socket = socks.create_connection(
            (host, port),
            TIMEOUT_SECONDS,
            self.source,
            kind,
            parts.hostname,
            parts.port or usual_port,
            remote_names,
            unquote(parts.username) if parts.username else None,
            unquote(parts.password) if parts.password else None,
        )
        return found


def proxy_of(network: Network) -> str | None:
    """The proxy for the API; `no_proxy` holds for that of the settings, too."""
    said = urllib.request.getproxies_environment()
    proxy = network.proxy or said.get("https") or said.get("all")
    if not proxy or urllib.request.proxy_bypass_environment(HOST, said):  # type: ignore[attr-defined]
        return None
    return proxy if "://" in proxy else f"http://{proxy}"


def _context(certificates: str) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=certificates)
    except OSError as error:
        why = error.strerror or "they are no certificates (PEM)"
        raise CertificatesUnusable(f"the certificates in {certificates} cannot be read: {why}") from None


def _certificates(network: Network) -> str:
    return network.ca_file or os.environ.get("SSL_CERT_FILE") or certifi.where()


class _Answer(http.client.HTTPResponse):
    """An answer that ends: within a time, and below a size. One that is too short is an error, as it is everywhere."""

    def read(self, amt: int | None = None) -> bytes:
        if amt is not None:
            return super().read(amt)
        late_at = time.monotonic() + ANSWER_SECONDS
        blocks, size = [], 0
        while block := self.read1(_BLOCK):
            blocks.append(block)
            size += len(block)
            if size > ANSWER_CAP_BYTES:
                raise http.client.HTTPException(f"an answer of more than {ANSWER_CAP_BYTES >> 20} MiB")
            if time.monotonic() > late_at:
                raise TimeoutError(f"an answer that is not whole after {ANSWER_SECONDS:.0f} s")
        if self.length:
            raise http.client.IncompleteRead(b"", self.length)
        blocks.append(super().read())
        return b"".join(blocks)


class _Line(http.client.HTTPSConnection):
    """A connection along a route; `httplib2` makes it, and hands over the route as what it calls `proxy_info`."""

    response_class = _Answer

    def __init__(self, host: str, *, timeout: float, proxy_info: Route) -> None:
        super().__init__(host, timeout=timeout, context=proxy_info.context)
        self._route = proxy_info

    def connect(self) -> None:
        line = self._route.connect(self.host, self.port)
        try:
            self.sock = self._route.context.wrap_socket(line, server_hostname=self.host)
        except BaseException:
            line.close()
            raise

    def request(self, *args: Any, **kwargs: Any) -> None:
        self._route.pay()
        super().request(*args, **kwargs)


class Transport(httplib2.Http):  # type: ignore[misc]  # httplib2 is not typed
    """What Google's client sends its requests through. It follows no redirection: the key goes to one host alone."""

    def __init__(self, route: Route) -> None:
        super().__init__(timeout=TIMEOUT_SECONDS, proxy_info=route)
        self.route = route
        self.key = ""
        self.follow_redirects = False

    def request(
        self,
        uri: str,
        method: str = "GET",
        body: Any = None,
        headers: Any = None,
        redirections: int = 0,
        connection_type: Any = _Line,
    ) -> Any:
        if urlsplit(uri).hostname != HOST:
            raise http.client.HTTPException(f"found an address of {urlsplit(uri).hostname}, expected {HOST}")
        keyed = f"{uri}{'&' if '?' in uri else '?'}key={quote(self.key, safe='')}"
        try:
            return super().request(keyed, method, body, headers, redirections, connection_type)
        except BaseException:
            self.close()  # what an answer that broke off left behind must not begin the next one
            raise

    def __del__(self) -> None:
        self.close()


class _Kept(threading.local):
    """The transport of this thread, and what it was made for."""

    transport: Transport | None = None
    made_for: object = None


_KEPT = _Kept()


def transport_for(network: Network) -> Transport:
    """This thread's transport; a new one when the way has changed. Raise `CertificatesUnusable`."""
    made_for = (network.source_address, proxy_of(network), _certificates(network))
    if _KEPT.transport is None or _KEPT.made_for != made_for:
        forget_connections()
        _KEPT.transport, _KEPT.made_for = Transport(Route(network)), made_for
    return _KEPT.transport


def forget_connections() -> None:
    """Close what this thread keeps open."""
    if _KEPT.transport is not None:
        _KEPT.transport.close()
    _KEPT.transport = _KEPT.made_for = None
