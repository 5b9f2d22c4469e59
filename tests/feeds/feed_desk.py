"""YouTube's end of a line that answers what a test wants, through a proxy as a person would have one."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Self

import trustme

from ytarchive.adapters.feeds import FeedReader
from ytarchive.core.job import Job, Network, Receipt

PATIENCE_SECONDS = 30
QUERY = "playlist_id=UULFabcdefghijklmnopqrstuv"

Answer = Callable[[ssl.SSLSocket, str], None]


def plain(body: bytes, status: str = "200 OK", **headers: str) -> Answer:
    """An answer with a correct length."""

    def answer(line: ssl.SSLSocket, _: str) -> None:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        lines = "".join(f"{name}: {value}\r\n" for name, value in named.items())
        line.sendall(f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{lines}\r\n".encode() + body)

    return answer


def raw(data: bytes) -> Answer:
    """These bytes, after which the line is closed."""

    def answer(line: ssl.SSLSocket, _: str) -> None:
        line.sendall(data)
        raise ConnectionError

    return answer


class Line:
    """A proxy (HTTP and SOCKS5) behind which every host answers with `answers`, one after the other, then the last.

    `asked` are the request lines, `greetings` what was said to the proxy.
    """

    def __init__(self, folder: Path, *answers: Answer) -> None:
        authority = trustme.CA()
        self.ca_file = folder / "ca.pem"
        authority.cert_pem.write_to_path(str(self.ca_file))
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("www.youtube.com", "youtube.com").configure_cert(self._context)
        self._answers = list(answers)
        self.asked: list[str] = []
        self.greetings: list[bytes] = []
        self._server = socket.create_server(("127.0.0.1", 0))
        self._threads: list[threading.Thread] = []
        self._lines: list[socket.socket] = []
        self.address = f"127.0.0.1:{self._server.getsockname()[1]}"
        self._start(self._accept)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for line in (self._server, *self._lines):
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
            line.close()
        for thread in self._threads:
            thread.join(PATIENCE_SECONDS)

    def network(self, scheme: str = "http", login: str = "") -> Network:
        return Network(proxy=f"{scheme}://{login}{self.address}", ca_file=str(self.ca_file))

    def _start(self, life: Callable[..., None], *arguments: object) -> None:
        self._threads.append(threading.Thread(target=life, args=arguments, daemon=True))
        self._threads[-1].start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                line, _ = self._server.accept()
                self._lines.append(line)
                self._start(self._serve, line)

    def _serve(self, line: socket.socket) -> None:
        with suppress(OSError), line:
            if line.recv(1, socket.MSG_PEEK) == b"\x05":
                self._greet_socks(line)
            else:
                self.greetings.append(_until_blank(line))
                line.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            with self._context.wrap_socket(line, server_side=True) as secure:
                self._lines.append(secure)
                while request := _until_blank(secure):
                    self.asked.append(request.decode().partition("\r\n")[0])
                    answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
                    answer(secure, self.asked[-1])

    def _greet_socks(self, line: socket.socket) -> None:
        line.recv(2 + line.recv(2)[1])
        line.sendall(b"\x05\x00")
        asked = line.recv(262)
        self.greetings.append(asked)
        line.sendall(b"\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x00")


def _until_blank(line: socket.socket) -> bytes:
    data = b""
    while not data.endswith(b"\r\n\r\n"):
        block = line.recv(4096)
        if not block:
            return b""
        data += block
    return data


@contextmanager
def reader(**options: float) -> Iterator[FeedReader]:
    found = FeedReader(**options)
    try:
        yield found
    finally:
        found.close()


def read(network: Network, query: str = QUERY, **options: float) -> Receipt:
    """One feed, read from the beginning."""
    with reader(**options) as found:
        return found.read(Job("job", "feed", query, network=network), _unheard, threading.Event())


def _unheard(event: object) -> None:
    raise AssertionError(f"nobody expects {event}")


def code_of(receipt: Receipt) -> str | None:
    return receipt.failure.code if receipt.failure else None
