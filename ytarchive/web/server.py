"""Listening: one thread that serves the Unix socket, the page's and the API's address, and that of the metrics."""

from __future__ import annotations

import asyncio
import os
import socket
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

import uvicorn
from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from ytarchive.errors import YtarchiveError
from ytarchive.web.app import create_app
from ytarchive.web.guards import Door, Rates
from ytarchive.web.keys import ready_token
from ytarchive.web.metrics import MetricsApp
from ytarchive.web.office import Office
from ytarchive.web.patience import ImpatientProtocol

socket_type = socket.socket
START_SECONDS = 10.0
END_SECONDS = 5.0
_BACKLOG = 128
_MOST_AT_ONCE = 256


class Server:
    """Serves an office. `socket` and `token` are paths in the state folder; no `listen`: the Unix socket alone.

    `url` is where the page is, with the port that was taken; known once it was started.
    """

    def __init__(
        self,
        office: Office,
        *,
        listen: str | None,
        metrics_listen: str | None = None,
        socket: Path,
        token: Path,
        rates: Rates | None = None,
    ) -> None:
        self._office, self._rates = office, rates
        self._listen, self._metrics_listen = listen, metrics_listen
        self._socket_path, self._token_path = socket, token
        self._servers: list[uvicorn.Server] = []
        self._sockets: list[socket_type] = []
        self._thread: threading.Thread | None = None
        self._app: FastAPI | None = None
        self.url: str | None = None
        self.metrics_url: str | None = None

    def start(self) -> None:
        """Return once it listens. Raise `YtarchiveError` when it cannot."""
        settings = self._office.settings.server
        given = settings.token_file
        keys = ready_token(given, own=False) if given else ready_token(self._token_path)
        app = self._app = create_app(self._office, keys=keys, hosts=settings.hosts, rates=self._rates)
        try:
            self._serve(app, "unix", _unix_socket(self._socket_path, 0o600))
            if self._listen:
                door = _door_of(self._listen)
                if door == "open" and given is None:
                    raise YtarchiveError(
                        f"server.listen: {self._listen} can be reached from other machines, and there is no token file",
                        cure="openssl rand -hex 32 > FILE, chmod 600 FILE, and name it in server.token_file",
                    )
                taken = _listening(self._listen, "server.listen")
                self._serve(app, door, taken)
                self.url = _url(taken)
            if self._metrics_listen:
                taken = _listening(self._metrics_listen, "server.metrics_listen")
                self._serve(MetricsApp(self._office), "open", taken)
                self.metrics_url = _url(taken)
            self._run()
            app.state.attendant.start()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End what is served, soon: who listens to events is told goodbye. May be called twice."""
        if self._app is not None:
            self._app.state.closing.set()
            self._app.state.attendant.stop()
        for server in self._servers:
            server.should_exit = True
        if self._thread is not None:
            self._thread.join(END_SECONDS)
            self._thread = None
        for taken in self._sockets:
            taken.close()
        self._sockets.clear()
        with suppress(OSError):
            self._socket_path.unlink()

    def _serve(self, app: ASGIApp, door: Door, taken: socket_type) -> None:
        self._sockets.append(taken)
        config = uvicorn.Config(
            _at_door(app, door),
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            ws="none",
            http=ImpatientProtocol,
            h11_max_incomplete_event_size=64 * 1024,
            limit_concurrency=_MOST_AT_ONCE,
            timeout_keep_alive=30,
            timeout_graceful_shutdown=2,
        )
        self._servers.append(uvicorn.Server(config))

    def _run(self) -> None:
        ready, failures = threading.Event(), list[BaseException]()

        async def serve() -> None:
            tasks = [
                asyncio.create_task(server.serve(sockets=[taken]))
                for server, taken in zip(self._servers, self._sockets, strict=True)
            ]
            while not all(server.started for server in self._servers) and not any(
                map(asyncio.Task.done, tasks)
            ):
                await asyncio.sleep(0.005)
            ready.set()
            await asyncio.gather(*tasks)

        def thread() -> None:
            try:
                asyncio.run(serve())
            except BaseException as error:
                failures.append(error)
            finally:
                ready.set()

        self._thread = threading.Thread(target=thread, name="web", daemon=True)
        self._thread.start()
        if not ready.wait(START_SECONDS) or failures:
            why = f": {failures[0]}" if failures else ""
            raise YtarchiveError(f"the web server did not start{why}", cure="look at the log, and report it")


def _at_door(app: ASGIApp, door: Door) -> ASGIApp:
    """Tell the application how a request came in: from the socket that took it, never from what it says."""

    async def at(scope: Scope, receive: Receive, send: Send) -> None:
        await app({**scope, "state": {**scope.get("state", {}), "door": door}}, receive, send)

    return at


def _door_of(listen: str) -> Door:
    """A Unix socket that somebody names may be opened by others, such as a proxy: it is like loopback."""
    if listen.startswith("unix:"):
        return "loopback"
    host = _host_and_port(listen)[0]
    if host == "localhost":
        return "loopback"
    try:
        return "loopback" if ip_address(host).is_loopback else "open"
    except ValueError:
        return "open"


def _listening(listen: str, key: str) -> socket_type:
    if listen.startswith("unix:"):
        return _unix_socket(Path(listen.removeprefix("unix:")), 0o660)
    host, port = _host_and_port(listen)
    last: OSError | None = None
    for family, address in _addresses(host, port, key):
        # Named as TCP, so that asyncio sends each piece at once: an answer else waits 40 ms for the client's system.
        taken = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        try:
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            taken.bind(address)
            taken.listen(_BACKLOG)
        except OSError as error:
            taken.close()
            last = error
        else:
            return taken
    why = last.strerror if last else "no address"
    raise YtarchiveError(
        f"{key}: {listen} cannot be listened on: {why}",
        cure=f"end what listens there (`ss -ltnp`), or set {key} to another port",
    )


def _addresses(host: str, port: int, key: str) -> Iterator[tuple[socket.AddressFamily, tuple[str, int]]]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError as error:
        raise YtarchiveError(
            f"{key}: {host} is no address of this machine: {error.strerror}", cure=f"set {key} to one"
        ) from None
    for family, _, _, _, address in found:
        yield family, (str(address[0]), int(address[1]))


def _unix_socket(path: Path, mode: int) -> socket_type:
    """A socket that only its owner (and with 0660 its group) can open, also in the moment when it is made."""
    taken = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and not stat.S_ISSOCK(path.lstat().st_mode):
            raise YtarchiveError(
                f"{path}: there is a file where the socket belongs", cure=f"move {path} away"
            )
        beside.unlink(missing_ok=True)
        os.fchmod(taken.fileno(), mode)
        with _short_name(beside) as name:
            taken.bind(name)
        taken.listen(_BACKLOG)
        beside.replace(path)
    except OSError as error:
        taken.close()
        raise YtarchiveError(
            f"{path}: the socket cannot be made: {error.strerror or error}",
            cure="put the state folder (state.path) on a local disk that this user may write",
        ) from None
    except BaseException:
        taken.close()
        raise
    return taken


@contextmanager
def _short_name(path: Path) -> Iterator[str]:
    """A name for the same place that fits into the 107 bytes of a socket's address, wherever the folder is."""
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)


def _host_and_port(listen: str) -> tuple[str, int]:
    parts = urlsplit(f"//{listen}")
    return parts.hostname or "", parts.port or 0


def _url(taken: socket_type) -> str | None:
    if taken.family == socket.AF_UNIX:
        return None
    host, port = taken.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
