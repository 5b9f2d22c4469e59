"""The listening socket: an HTTP proxy with TLS for the simulated hosts, and the plain endpoint for media and control.

One port does all three. A thread per connection: clients keep few connections open, and a thread makes pauses
(latency, throttling, stalls) trivial.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass

from ytarchive.simulator.counters import Counters
from ytarchive.simulator.faults import Fault, FaultKind
from ytarchive.simulator.http import PIECE_BYTES, BadRequest, Bytes, Request, Response, Stream

_FOREVER_SECONDS = 86400.0
_THROTTLE_SLICE_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Answer:
    """A response with what is needed to count it and to spoil its transmission."""

    kind: str
    video: str | None
    faults: tuple[Fault, ...]
    response: Response


class ConnectionBroken(Exception):
    """A fault has ended the connection."""


class Server:
    """Accepts connections until closed; `answer` is called from many threads."""

    def __init__(
        self,
        answer: Callable[[Request], Answer],
        is_simulated: Callable[[str], bool],
        tls: ssl.SSLContext,
        counters: Counters,
        port: int = 0,
    ) -> None:
        self._answer = answer
        self._is_simulated = is_simulated
        self._tls = tls
        self._counters = counters
        self._closing = threading.Event()
        self._connections: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", port), backlog=512)
        self.port: int = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._accept, name="simulator", daemon=True)

    def start(self) -> None:
        """Begin to accept connections."""
        self._thread.start()

    def close(self) -> None:
        """Stop listening and end every connection, also those in a stall."""
        self._closing.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        if self._thread.is_alive():
            self._thread.join(5)
        with self._lock:
            connections = list(self._connections)
        for connection in connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in threading.enumerate():
            if thread.name == f"simulator-{self.port}":
                thread.join(5)

    def _accept(self) -> None:
        while not self._closing.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            name = f"simulator-{self.port}"
            threading.Thread(target=self._serve, args=(connection,), name=name, daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with self._lock:
            self._connections.add(connection)
        try:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._serve_plain(connection)
        except (OSError, BadRequest, ConnectionBroken):
            pass  # the peer went away, speaks something else, or a fault has ended it
        finally:
            with self._lock:
                self._connections.discard(connection)
            connection.close()

    def _serve_plain(self, connection: socket.socket) -> None:
        stream = Stream(connection)
        counted = False
        while (request := stream.read_request("http", "127.0.0.1")) is not None:
            if not counted and not is_control(request):
                self._counters.connection()
                counted = True
            if request.method == "CONNECT":
                if self._is_simulated(request.host):
                    self._serve_tunnel(connection, request.host)
                else:
                    self._refuse(connection, request)
                return
            if request.host != "127.0.0.1" and not self._is_simulated(request.host):
                self._refuse(connection, request)
                return
            if not self._respond(connection, request):
                return

    def _serve_tunnel(self, connection: socket.socket, host: str) -> None:
        connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        encrypted = self._tls.wrap_socket(connection, server_side=True)
        with self._lock:
            self._connections.discard(connection)
            self._connections.add(encrypted)
        try:
            self._counters.handshake(resumed=bool(encrypted.session_reused))
            stream = Stream(encrypted)
            while (request := stream.read_request("https", host)) is not None:
                if not self._respond(encrypted, request):
                    return
        finally:
            with self._lock:
                self._connections.discard(encrypted)
            encrypted.close()

    def _refuse(self, connection: socket.socket, request: Request) -> None:
        self._counters.foreign(request.host)
        body = Bytes(f"{request.host} is not simulated\n".encode())
        response = Response(
            502, "text/plain", body, (("Proxy-Status", "simulator; error=destination_not_found"),)
        )
        connection.sendall(response.head(keep_alive=False) + body.content)

    def _respond(self, connection: socket.socket, request: Request) -> bool:
        """Answer one request; tell whether the connection stays open."""
        answer = self._answer(request)
        if is_control(request):
            content = answer.response.body.read(0, answer.response.body.length)
            connection.sendall(answer.response.head(keep_alive=request.keep_alive) + content)
            return request.keep_alive
        for fault in answer.faults:
            self._counters.fault(fault.kind)
        sender = _Sender(connection, request, answer, self._closing, self._counters)
        try:
            sender.send()
        finally:
            sender.count(0)
        return request.keep_alive


def is_control(request: Request) -> bool:
    """Tell whether a request is for the control URL, which is not counted."""
    return request.path.startswith("/__")


class _Sender:
    """Sends one response, with whatever is to go wrong on the way."""

    def __init__(
        self,
        connection: socket.socket,
        request: Request,
        answer: Answer,
        closing: threading.Event,
        counters: Counters,
    ) -> None:
        self._connection = connection
        self._request = request
        self._answer = answer
        self._response = answer.response
        self._values = {fault.kind: fault.value for fault in answer.faults}
        self._closing = closing
        self._counters = counters
        self._counted = False
        self._sent = 0

    def send(self) -> None:
        """Send the response; ConnectionBroken when a fault cuts it short."""
        values = self._values
        self._pause(values.get(FaultKind.LATENCY, 0) / 1000)
        content = self._response.end - self._response.start
        limit, ending = self._ending(content)
        if limit < 0:
            self.count(0)
            ending()
        head = self._response.head(keep_alive=self._request.keep_alive)
        if self._request.method == "HEAD" or not content:
            self._send_last(head, 0)
            return
        if limit == content and content <= PIECE_BYTES and FaultKind.THROTTLE not in values:
            self._send_last(
                head + self._response.body.read(self._response.start, self._response.end), content
            )
            return
        self._connection.sendall(head)
        self._send_body(limit, values.get(FaultKind.THROTTLE, 0))
        if limit != content:
            self.count(0)
            ending()

    def count(self, status: int) -> None:
        """Count the answer, once; status 0 says that it was broken off."""
        if not self._counted:
            self._counted = True
            request, answer = self._request, self._answer
            self._counters.served(answer.kind, request.host, request.path, answer.video, status, self._sent)

    def _send_last(self, content: bytes, counted_bytes: int) -> None:
        """Send what completes the answer; it is counted before the peer can know that it is complete."""
        self._sent += counted_bytes
        self.count(self._response.status)
        self._connection.sendall(content)

    def _ending(self, content: int) -> tuple[int, Callable[[], None]]:
        """Return how much of the body to send (-1: not even headers) and what to do then if that is not all."""
        values = self._values
        if FaultKind.RESET in values:
            wanted = int(values[FaultKind.RESET])
            return (min(wanted, content - 1) if wanted else -1), self._reset
        if FaultKind.TRUNCATE in values:
            return int(content * (values[FaultKind.TRUNCATE] or 0.5)), self._cut
        if FaultKind.STALL in values:
            return content // 2, self._stall
        return content, self._cut

    def _send_body(self, limit: int, bytes_per_second: float) -> None:
        piece = (
            max(1024, int(bytes_per_second * _THROTTLE_SLICE_SECONDS)) if bytes_per_second else PIECE_BYTES
        )
        whole = limit == self._response.end - self._response.start
        for content in self._response.pieces(piece):
            content = content[: limit - self._sent]
            if bytes_per_second:
                self._pause(len(content) / bytes_per_second)
            if whole and self._sent + len(content) == limit:
                self._send_last(content, len(content))
                return
            self._connection.sendall(content)
            self._sent += len(content)
            if self._sent >= limit:
                return

    def _pause(self, seconds: float) -> None:
        if seconds > 0 and self._closing.wait(seconds):
            raise ConnectionBroken

    def _stall(self) -> None:
        self._closing.wait(self._values[FaultKind.STALL] or _FOREVER_SECONDS)
        raise ConnectionBroken

    def _cut(self) -> None:
        raise ConnectionBroken

    def _reset(self) -> None:
        """Close with an RST instead of a FIN."""
        self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        raise ConnectionBroken
