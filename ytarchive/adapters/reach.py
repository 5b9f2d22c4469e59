"""Whether YouTube can be reached from here: names, TLS and time, on the way that settings and environment say."""

from __future__ import annotations

import socket
from contextlib import closing
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from ytarchive.adapters.data_api.transport import Route, proxy_of
from ytarchive.core.job import Network

HOST = "www.youtube.com"
_PORT = 443
_TIMEOUT_SECONDS = 15.0
# Meant for such questions: an empty answer, which costs nothing.
_QUESTION = (
    f"HEAD /generate_204 HTTP/1.1\r\nHost: {HOST}\r\nUser-Agent: ytarchive\r\nConnection: close\r\n\r\n"
)
_MOST_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Reached:
    """A handshake that succeeded. `date` is the far side's time (seconds since the epoch), when it tells it."""

    protocol: str
    issuer: str
    date: float | None


def name_to_resolve(network: Network) -> str:
    """The host whose address this machine has to know: the proxy's, where there is one."""
    proxy = proxy_of(network)
    return (urlsplit(proxy).hostname if proxy else None) or HOST


def resolve(host: str) -> tuple[str, ...]:
    """The addresses of a host. Raise `OSError`."""
    found = socket.getaddrinfo(host, _PORT, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(each[4][0]) for each in found))


def reach(network: Network) -> Reached:
    """Shake hands with YouTube and ask for the time.

    Raise `OSError` (`ssl.SSLError` is one, and so are the proxy's), or `CertificatesUnusable`.
    """
    route = Route(network)
    with closing(route.connect(HOST, _PORT)) as line:
        line.settimeout(_TIMEOUT_SECONDS)
        with route.context.wrap_socket(line, server_hostname=HOST) as secure:
            certificate = secure.getpeercert() or {}
            protocol = secure.version() or "TLS"
            secure.sendall(_QUESTION.encode())
            return Reached(protocol, _issuer(certificate), _date(_head(secure)))


def _head(line: socket.socket) -> bytes:
    read = bytearray()
    while b"\r\n\r\n" not in read and len(read) < _MOST_BYTES and (block := line.recv(4096)):
        read += block
    return bytes(read)


def _date(head: bytes) -> float | None:
    for header in head.decode("latin-1").split("\r\n"):
        name, _, value = header.partition(":")
        if name.lower() == "date":
            try:
                return parsedate_to_datetime(value.strip()).timestamp()
            except (ValueError, TypeError):
                return None
    return None


def _issuer(certificate: Any) -> str:
    names = {key: value for part in certificate.get("issuer", ()) for key, value in part}
    return str(names.get("organizationName") or names.get("commonName") or "an unnamed authority")
