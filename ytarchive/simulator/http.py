"""HTTP/1.1 on a socket, as little as a stand-in needs: requests with a length, ranges, keep-alive, bodies in parts.

Written by hand because the simulator shares two cores with what is measured: `http.server` spends several times the
CPU on parsing headers with the email package.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from email.utils import formatdate
from http import HTTPStatus
from typing import Protocol
from urllib.parse import parse_qsl, unquote, urlsplit

_MAX_HEADER_BYTES = 65536
_MAX_BODY_BYTES = 16 << 20
PIECE_BYTES = 1 << 18


class BadRequest(Exception):
    """The peer does not speak HTTP/1.x in the way that is needed here."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request; `host` is the name it is addressed to, without a port, `path` is decoded.

    `query` has the last value of each parameter, `parameters` all of them in order. `peer` is the address that asks.
    """

    method: str
    scheme: str
    host: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes = b""
    keep_alive: bool = True
    parameters: tuple[tuple[str, str], ...] = ()
    peer: str = "127.0.0.1"

    def accepts_gzip(self) -> bool:
        """Whether the client can read gzip."""
        return "gzip" in self.headers.get("accept-encoding", "")


class Body(Protocol):
    """Content of known length of which any part can be had."""

    @property
    def length(self) -> int: ...
    def read(self, start: int, stop: int) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Bytes:
    """A body in memory."""

    content: bytes

    @property
    def length(self) -> int:
        """Return its size."""
        return len(self.content)

    def read(self, start: int, stop: int) -> bytes:
        """Return bytes `start` to `stop` (exclusive)."""
        return self.content if start == 0 and stop == len(self.content) else self.content[start:stop]


@dataclass(frozen=True, slots=True)
class Response:
    """One answer; `start` and `stop` are the part of the body that is sent."""

    status: int
    content_type: str
    body: Body
    headers: tuple[tuple[str, str], ...] = ()
    start: int = 0
    stop: int = field(default=-1)

    @property
    def end(self) -> int:
        """Return the end of what is sent."""
        return self.body.length if self.stop < 0 else self.stop

    def head(self, *, keep_alive: bool) -> bytes:
        """Return the status line and the headers."""
        lines = [
            f"HTTP/1.1 {self.status} {_phrase(self.status)}",
            f"Date: {formatdate(usegmt=True)}",  # RFC 9110, 6.6.1
            f"Content-Type: {self.content_type}",
            f"Content-Length: {self.end - self.start}",
            *(f"{name}: {value}" for name, value in self.headers),
            f"Connection: {'keep-alive' if keep_alive else 'close'}",
            "\r\n",
        ]
        return "\r\n".join(lines).encode("latin-1", "replace")

    def pieces(self, size: int = PIECE_BYTES) -> Iterator[bytes]:
        """Yield the body in pieces."""
        for at in range(self.start, self.end, size):
            yield self.body.read(at, min(at + size, self.end))


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"


_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


def ranged(
    request: Request, content_type: str, body: Body, headers: tuple[tuple[str, str], ...] = ()
) -> Response:
    """Answer with the part that `Range` asks for: 206, or 416 when it lies outside, or 200 without a valid one."""
    headers = (*headers, ("Accept-Ranges", "bytes"))
    found = _RANGE.fullmatch(request.headers.get("range", ""))
    if not found or found.group(0) == "bytes=-":
        return Response(200, content_type, body, headers)
    first, last = found.groups()
    if first:
        start, stop = int(first), min(int(last) + 1 if last else body.length, body.length)
    else:
        start, stop = max(0, body.length - int(last)), body.length
    if start >= body.length or start >= stop:
        return Response(
            416, "text/plain", Bytes(b""), (*headers, ("Content-Range", f"bytes */{body.length}"))
        )
    headers = (*headers, ("Content-Range", f"bytes {start}-{stop - 1}/{body.length}"))
    return Response(206, content_type, body, headers, start, stop)


class Stream:
    """Reads requests from a connection, plain or encrypted."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self._peer = str(connection.getpeername()[0])
        self._buffer = b""

    def read_request(self, scheme: str, host: str) -> Request | None:
        """Return the next request, None when the peer has closed the connection.

        `scheme` and `host` hold for requests in origin form; a proxied one (absolute form) and CONNECT name their own.
        """
        head = self._read_head()
        if head is None:
            return None
        try:
            start, _, rest = head.decode("latin-1").partition("\r\n")
            method, target, version = start.split(" ")
            headers = {}
            for line in rest.split("\r\n"):
                name, _, value = line.partition(":")
                headers[name.lower()] = value.strip()
            length = int(headers.get("content-length", "0") or 0)
        except ValueError as error:
            raise BadRequest(f"cannot read {head[:80]!r}") from error
        if not 0 <= length <= _MAX_BODY_BYTES or "transfer-encoding" in headers:
            raise BadRequest("only bodies with a reasonable Content-Length")
        body = self._read_exactly(length)
        keep_alive = version != "HTTP/1.0" and headers.get("connection", "").lower() != "close"
        if method == "CONNECT":
            return Request(method, "", target.rpartition(":")[0] or target, "", {}, headers, body, keep_alive)
        parts = urlsplit(target)
        if parts.netloc:
            scheme, host = parts.scheme, parts.hostname or ""
        pairs = tuple(parse_qsl(parts.query, keep_blank_values=True))
        path = unquote(parts.path) or "/"
        return Request(method, scheme, host, path, dict(pairs), headers, body, keep_alive, pairs, self._peer)

    def _read_head(self) -> bytes | None:
        while (end := self._buffer.find(b"\r\n\r\n")) < 0:
            if len(self._buffer) > _MAX_HEADER_BYTES:
                raise BadRequest("headers too large")
            received = self.connection.recv(65536)
            if not received:
                return None
            self._buffer += received
        head, self._buffer = self._buffer[:end], self._buffer[end + 4 :]
        return head

    def _read_exactly(self, length: int) -> bytes:
        while len(self._buffer) < length:
            received = self.connection.recv(65536)
            if not received:
                raise BadRequest("the body ended early")
            self._buffer += received
        body, self._buffer = self._buffer[:length], self._buffer[length:]
        return body
